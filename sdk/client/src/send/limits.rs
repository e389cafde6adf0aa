//! What a transaction needs and does, by simulating it.

use solana_account::Account;
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
const DATA_PAGE: u32 = 32 * 1024;
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
    /// The accounts that it may write, as they are and as they would be.
    pub changes: Vec<AccountChange>,
    /// Their addresses, which are known even if the server does not tell what becomes of them.
    pub(super) writable: Vec<Pubkey>,
}

/// An account before and after a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// Its address.
    pub address: Pubkey,
    /// As it is; `None`: there is none.
    pub before: Option<Account>,
    /// As it would be.
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
    let after: Vec<Option<Account>> = match &result.accounts {
        Some(accounts) => accounts.iter().map(|account| account.as_ref()?.to_account()).collect(),
        None => vec![],
    };
    let before = before.value.into_iter();
    let changes = writable.iter().zip(before).zip(after);
    let changes = changes.map(|((address, before), after)| AccountChange {
        address: *address,
        before,
        after,
    });
    let simulation = Simulation::new(result.clone(), changes.collect());
    Ok(Simulation { writable, ..simulation })
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
