//! Who has what before and after the guides, and what core says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use flashback_sdk::account::Sla;
use flashback_sdk::{Flashback, address};
use solana_account_decoder_client_types::{UiAccountEncoding, UiDataSliceConfig};
use solana_rpc_client_api::config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_sdk::pubkey::Pubkey;
use tokio::sync::mpsc::UnboundedSender;

use super::life;

/// What each SLA's oracles report, window by window, in ms of latency; by the consumer's number of it.
pub const REPORTS: [(u64, &[Option<u32>]); 3] =
    [(1, &[Some(80), Some(110), Some(80)]), (11, &[Some(80), Some(120), None]), (12, &[Some(80)])];
const TERMINATED: u64 = 12;

/// Who takes part in the guides.
pub struct Cast {
    pub consumer: Pubkey,
    pub newcomer: Pubkey,
    pub provider: Pubkey,
    pub oracles: Vec<Pubkey>,
}

/// Everybody's FLASH, in atoms, wallets and stakes; and FLASH in existence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    pub consumer: i128,
    pub newcomer: i128,
    pub provider: i128,
    pub oracles: i128,
    pub treasury: i128,
    pub supply: i128,
}

pub async fn holdings(client: &Flashback, cast: &Cast) -> Holdings {
    let tokens = async |account: Pubkey| i128::from(client.tokens(&account).await.unwrap().0);
    let mint = client.mint().await.unwrap();
    let wallet = async |key: Pubkey| tokens(address::token_account(&key, &mint)).await;
    let (provider, newcomer) = (cast.provider, cast.newcomer);
    let staked = async |owner: Pubkey| tokens(address::stake_vault(&owner)).await;
    let mut oracles = 0;
    for key in &cast.oracles {
        oracles += wallet(*key).await + staked(address::oracle(key)).await;
    }
    let supply = client.rpc().get_token_supply(&mint).await.unwrap();
    Holdings {
        consumer: wallet(cast.consumer).await,
        newcomer: wallet(newcomer).await + staked(address::provider(&newcomer)).await,
        provider: wallet(provider).await + staked(address::provider(&provider)).await,
        oracles,
        treasury: tokens(address::treasury()).await,
        supply: supply.amount.parse().unwrap(),
    }
}

/// The addresses of all accounts of the program.
pub async fn accounts(client: &Flashback) -> BTreeSet<Pubkey> {
    let account_config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        data_slice: Some(UiDataSliceConfig { offset: 0, length: 0 }),
        ..RpcAccountInfoConfig::default()
    };
    let config = RpcProgramAccountsConfig { account_config, ..RpcProgramAccountsConfig::default() };
    let accounts = client.rpc().get_program_ui_accounts_with_config(&address::PROGRAM, config);
    accounts.await.unwrap().into_iter().map(|(address, _)| address).collect()
}

/// Keeps each SLA as it was when its committee had been seated, until it is aborted.
pub async fn notes(client: Flashback, consumer: Pubkey, noted: UnboundedSender<(u64, Sla)>) {
    let mut seen = BTreeSet::new();
    loop {
        for (id, _) in REPORTS {
            let sla = client.find::<Sla>(&address::sla(&consumer, id)).await.ok().flatten();
            if let Some(sla) = sla.filter(|sla| sla.body.terms.start > 0)
                && seen.insert(id)
            {
                noted.send((id, sla)).unwrap();
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What everybody has once the guides' SLAs have come to what core says.
pub fn expected(before: Holdings, seated: &BTreeMap<u64, Sla>) -> Holdings {
    let mut after = before;
    for (id, latencies) in REPORTS {
        let sla = seated.get(&id).unwrap_or_else(|| panic!("SLA {id} was never active"));
        let end = life::lived(&sla.body, latencies, id == TERMINATED);
        let came = life::came_to(&sla.body, &end);
        after.consumer += came.consumer;
        *(if id == 1 { &mut after.newcomer } else { &mut after.provider }) += came.provider;
        after.oracles += came.oracles;
        after.treasury += came.treasury;
        after.supply -= came.burnt;
    }
    after
}

/// Nothing is left where the guides' SLAs had their money.
pub async fn check_escrows_are_gone(client: &Flashback, consumer: &Pubkey) {
    let escrows = REPORTS.map(|(id, _)| address::escrow(&address::sla(consumer, id)));
    assert_eq!(client.rpc().get_multiple_accounts(&escrows).await.unwrap(), [None, None, None]);
}
