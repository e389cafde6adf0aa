//! What a transaction needs and does, by simulating it.

use solana_account::Account;
use solana_account_decoder_client_types::UiAccount;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::config::{
    RpcSimulateTransactionAccountsConfig, RpcSimulateTransactionConfig,
};
use solana_rpc_client_api::response::RpcSimulateTransactionResult;
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;
use solana_sdk::transaction::VersionedTransaction;
use solana_transaction_status_client_types::UiTransactionEncoding;

use super::message::{self, Draft};
use super::{COMPUTE_UNITS_MAX, failed};
use crate::error::Result;

/// Loaded account data is paid for in pages of this many bytes.
pub(super) const DATA_PAGE: u32 = 32 * 1024;
/// Compute units in which the program says why it refuses.
const REFUSAL_UNITS: u64 = 3_000;
/// The most loaded account data that a transaction may ask for.
pub(super) const LOADED_DATA_MAX: u32 = 64 * 1024 * 1024;

/// What a transaction would do.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    /// Compute units that it uses.
    pub compute_units: u64,
    /// Bytes of accounts that it loads, if the server says so.
    pub loaded_data: Option<u32>,
    /// What it costs, in lamports: signatures and priority.
    pub fee: u64,
    /// What it logs.
    pub logs: Vec<String>,
    /// The accounts that it may write, as they are and as they would be, as far as the server tells.
    pub changes: Vec<AccountChange>,
    /// Those of which the server does not tell what becomes: they may change or not.
    pub untold: Vec<Pubkey>,
    /// All that it may write.
    pub(super) writable: Vec<Pubkey>,
}

/// An account before and after a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// Its address.
    pub address: Pubkey,
    /// As it is; `None`: there is none.
    pub before: Option<Account>,
    /// As it would be; `None`: there would be none.
    pub after: Option<Account>,
}

impl Simulation {
    /// A tenth more than it used, and what a refusal takes: what changes after the simulation is told as what it is.
    pub(super) fn compute_unit_limit(&self) -> u32 {
        let limit =
            self.compute_units.saturating_mul(11).div_ceil(10).saturating_add(REFUSAL_UNITS);
        u32::try_from(limit).unwrap_or(COMPUTE_UNITS_MAX).min(COMPUTE_UNITS_MAX)
    }

    /// A tenth more than it loaded, in whole pages.
    pub(super) fn data_limit(&self) -> u32 {
        let bytes = self.loaded_data.unwrap_or(LOADED_DATA_MAX);
        let generous = bytes.saturating_add(bytes.div_ceil(10));
        generous.div_ceil(DATA_PAGE).saturating_mul(DATA_PAGE).min(LOADED_DATA_MAX)
    }

    fn new(result: RpcSimulateTransactionResult, changes: Vec<AccountChange>) -> Self {
        Self {
            compute_units: result.units_consumed.unwrap_or(u64::from(COMPUTE_UNITS_MAX)),
            loaded_data: result.loaded_accounts_data_size,
            fee: result.fee.unwrap_or_default(),
            logs: result.logs.unwrap_or_default(),
            changes,
            untold: vec![],
            writable: vec![],
        }
    }
}

/// Simulates a draft with a recent blockhash and no signatures.
pub(super) async fn simulate(rpc: &RpcClient, payer: &Pubkey, draft: &Draft) -> Result<Simulation> {
    let message = draft.message(payer, Hash::default())?;
    let writable = message::writable(&message);
    let before = rpc.get_multiple_accounts_with_commitment(&writable, rpc.commitment()).await?;
    let signatures = vec![Signature::default(); message::required(&message).len()];
    let transaction = VersionedTransaction { signatures, message };
    let result = run(rpc, &transaction, &writable, true, draft.prefix()).await?;
    let told = result.accounts.as_deref().unwrap_or_default();
    let (changes, untold) = compare(&writable, &before.value, told);
    Ok(Simulation { untold, writable, ..Simulation::new(result, changes) })
}

/// What becomes of accounts, and those of which a server does not tell: its answer is missing, short or undecodable.
fn compare(
    writable: &[Pubkey],
    before: &[Option<Account>],
    told: &[Option<UiAccount>],
) -> (Vec<AccountChange>, Vec<Pubkey>) {
    let (mut changes, mut untold) = (vec![], vec![]);
    for (index, address) in writable.iter().enumerate() {
        let after = match told.get(index) {
            // There would be none.
            Some(None) => Some(None),
            Some(Some(account)) => account.to_account().map(Some),
            None => None,
        };
        match (before.get(index), after) {
            (Some(before), Some(after)) => {
                changes.push(AccountChange { address: *address, before: before.clone(), after });
            }
            _ => untold.push(*address),
        }
    }
    (changes, untold)
}

/// Simulates a transaction as it was signed.
pub(super) async fn simulate_signed(
    rpc: &RpcClient,
    transaction: &VersionedTransaction,
    prefix: u8,
) -> Result<Simulation> {
    let result = run(rpc, transaction, &[], false, prefix).await?;
    Ok(Simulation::new(result, vec![]))
}

async fn run(
    rpc: &RpcClient,
    transaction: &VersionedTransaction,
    accounts: &[Pubkey],
    replace_blockhash: bool,
    prefix: u8,
) -> Result<RpcSimulateTransactionResult> {
    let accounts = (!accounts.is_empty()).then(|| RpcSimulateTransactionAccountsConfig {
        encoding: Some(solana_account_decoder_client_types::UiAccountEncoding::Base64),
        addresses: accounts.iter().map(Pubkey::to_string).collect(),
    });
    let config = RpcSimulateTransactionConfig {
        sig_verify: !replace_blockhash,
        replace_recent_blockhash: replace_blockhash,
        commitment: Some(rpc.commitment()),
        encoding: Some(UiTransactionEncoding::Base64),
        accounts,
        ..Default::default()
    };
    let result = rpc.simulate_transaction_with_config(transaction, config).await?.value;
    match &result.err {
        Some(error) => {
            let logs = result.logs.unwrap_or_default();
            Err(failed(&error.clone().into(), &logs, prefix))
        }
        None => Ok(result),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use solana_account_decoder_client_types::{UiAccountData, UiAccountEncoding};

    #[test]
    fn what_the_server_does_not_tell_is_not_taken_for_unchanged() {
        let [kept, closed, garbled, missing] = [(); 4].map(|()| Pubkey::new_unique());
        let account = Account { lamports: 5, ..Account::default() };
        let ui = |data: &str| UiAccount {
            lamports: 7,
            data: UiAccountData::Binary(data.to_owned(), UiAccountEncoding::Base64),
            owner: Pubkey::default().to_string(),
            executable: false,
            rent_epoch: 0,
            space: None,
        };
        let writable = [kept, closed, garbled, missing];
        let before = vec![Some(account.clone()); 4];
        let told = [Some(ui("AQ==")), None, Some(ui("no base 64"))];
        let (changes, untold) = compare(&writable, &before, &told);
        let after: Vec<_> = changes
            .iter()
            .map(|change| (change.address, change.after.as_ref().map(|after| after.lamports)))
            .collect();
        assert_eq!(after, [(kept, Some(7)), (closed, None)]);
        assert_eq!(untold, [garbled, missing]);
        assert_eq!(compare(&writable, &before, &[]), (vec![], writable.to_vec()));
        assert_eq!(compare(&[kept], &[], &[None]), (vec![], vec![kept]));
    }
}
