//! Sending a transaction: once, until it is confirmed, has failed, or can no longer land.

use std::time::{Duration, Instant};

use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::config::{
    RpcSendTransactionConfig, RpcSimulateTransactionConfig, RpcTransactionConfig,
};
use solana_sdk::hash::Hash;
use solana_sdk::instruction::Instruction;
use solana_sdk::message::Message;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Signature, Signer};
use solana_sdk::transaction::{Transaction, TransactionError};
use tokio::time::sleep;

use crate::error::{Error, Failure, Result};

/// The most bytes of a transaction.
pub const TRANSACTION_MAX_BYTES: usize = 1_232;
/// The most compute units of a transaction.
const COMPUTE_UNITS_MAX: u32 = 1_400_000;
/// Loaded account data is paid for in pages of this many bytes.
const DATA_PAGE: u32 = 32 * 1024;
/// The most loaded account data that a simulation may report.
const LOADED_DATA_MAX: u32 = 64 * 1024 * 1024;
/// How often an unconfirmed transaction is sent again.
const REBROADCAST: Duration = Duration::from_secs(2);
/// How long the server may be unreachable before a sent transaction's fate counts as unknown: longer than a
/// blockhash lives.
const PATIENCE: Duration = Duration::from_secs(120);

/// Any signer that can cross threads.
pub type AnySigner = dyn Signer + Send + Sync;

/// A confirmed, successful transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Of the transaction.
    pub signature: Signature,
    /// The slot that it landed in.
    pub slot: u64,
    /// What its simulation used.
    pub compute_units: u64,
    /// The logs of its simulation.
    pub logs: Vec<String>,
}

/// What a simulation says a transaction needs.
struct Needs {
    compute_units: u64,
    loaded_data: Option<u32>,
    logs: Vec<String>,
}

/// Sends instructions as one transaction and waits until it is confirmed. See [`crate::Flashback::send`].
pub(crate) async fn send(
    rpc: &RpcClient,
    payer: &AnySigner,
    instructions: &[Instruction],
    signers: &[&AnySigner],
) -> Result<Receipt> {
    let needs = simulate(rpc, &payer.pubkey(), instructions).await?;
    let budgeted = with_budget(instructions, needs.compute_unit_limit(), needs.data_limit());
    let (transaction, last_valid_height) = sign(rpc, payer, &budgeted, signers).await?;
    let slot = broadcast(rpc, &transaction, last_valid_height).await?;
    let signature = signature_of(&transaction);
    Ok(Receipt { signature, slot, compute_units: needs.compute_units, logs: needs.logs })
}

impl Needs {
    fn compute_unit_limit(&self) -> u32 {
        let limit = self.compute_units.saturating_mul(11).div_ceil(10);
        u32::try_from(limit).unwrap_or(COMPUTE_UNITS_MAX).min(COMPUTE_UNITS_MAX)
    }

    fn data_limit(&self) -> u32 {
        let bytes = self.loaded_data.unwrap_or(LOADED_DATA_MAX);
        let generous = bytes.saturating_add(bytes.div_ceil(10));
        generous.div_ceil(DATA_PAGE).saturating_mul(DATA_PAGE).min(LOADED_DATA_MAX)
    }
}

fn with_budget(instructions: &[Instruction], units: u32, data: u32) -> Vec<Instruction> {
    let mut all = vec![
        ComputeBudgetInstruction::set_compute_unit_limit(units),
        ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(data),
    ];
    all.extend_from_slice(instructions);
    all
}

/// The budget's own instructions come first: what the caller counts begins after them.
const BUDGET_INSTRUCTIONS: u8 = 2;

/// Decodes a failure, counting the caller's instructions only.
fn failed(error: &TransactionError, logs: &[String]) -> Error {
    let mut failure = Failure::decode(error, logs);
    failure.instruction = failure.instruction.and_then(|i| i.checked_sub(BUDGET_INSTRUCTIONS));
    failure.into()
}

async fn simulate(rpc: &RpcClient, payer: &Pubkey, instructions: &[Instruction]) -> Result<Needs> {
    let budgeted = with_budget(instructions, COMPUTE_UNITS_MAX, LOADED_DATA_MAX);
    let transaction = Transaction::new_unsigned(Message::new(&budgeted, Some(payer)));
    check_size(&transaction)?;
    let config = RpcSimulateTransactionConfig {
        sig_verify: false,
        replace_recent_blockhash: true,
        commitment: Some(rpc.commitment()),
        ..Default::default()
    };
    let result = rpc.simulate_transaction_with_config(&transaction, config).await?.value;
    let logs = result.logs.unwrap_or_default();
    if let Some(error) = result.err {
        return Err(failed(&error.into(), &logs));
    }
    Ok(Needs {
        compute_units: result.units_consumed.unwrap_or(u64::from(COMPUTE_UNITS_MAX)),
        loaded_data: result.loaded_accounts_data_size,
        logs,
    })
}

fn check_size(transaction: &Transaction) -> Result<()> {
    // One byte counts the signatures, of 64 bytes each.
    let signatures = usize::from(transaction.message.header.num_required_signatures);
    let bytes = 1 + 64 * signatures + transaction.message_data().len();
    if bytes > TRANSACTION_MAX_BYTES { Err(Error::TransactionTooLarge { bytes }) } else { Ok(()) }
}

/// Signs with a recent blockhash; also returns the last block height at which the transaction can land.
async fn sign(
    rpc: &RpcClient,
    payer: &AnySigner,
    instructions: &[Instruction],
    signers: &[&AnySigner],
) -> Result<(Transaction, u64)> {
    let mut used = None;
    loop {
        let (blockhash, last_valid_height) =
            rpc.get_latest_blockhash_with_commitment(rpc.commitment()).await?;
        if used == Some(blockhash) {
            sleep(Duration::from_millis(100)).await;
            continue;
        }
        let transaction = sign_with(payer, instructions, signers, blockhash)?;
        // The same instructions under the same blockhash are the same transaction, which lands once only.
        let statuses = rpc.get_signature_statuses(&[signature_of(&transaction)]).await?.value;
        if statuses.into_iter().flatten().next().is_none() {
            return Ok((transaction, last_valid_height));
        }
        used = Some(blockhash);
    }
}

fn sign_with(
    payer: &AnySigner,
    instructions: &[Instruction],
    signers: &[&AnySigner],
    blockhash: Hash,
) -> Result<Transaction> {
    let message = Message::new_with_blockhash(instructions, Some(&payer.pubkey()), &blockhash);
    let mut transaction = Transaction::new_unsigned(message);
    let needed = usize::from(transaction.message.header.num_required_signatures);
    let mut present: Vec<&dyn Signer> = vec![payer];
    for key in transaction.message.account_keys.iter().take(needed).skip(1) {
        let signer = signers.iter().find(|signer| signer.pubkey() == *key);
        present.push(*signer.ok_or(Error::SignerMissing { key: *key })?);
    }
    let signed = transaction.try_sign(&present, blockhash);
    signed.map_err(|error| Error::Signing(Box::new(error)))?;
    Ok(transaction)
}

fn signature_of(transaction: &Transaction) -> Signature {
    transaction.signatures.first().copied().unwrap_or_default()
}

/// Sends until confirmed; returns the slot. The transaction never changes, so it can take effect only once.
async fn broadcast(
    rpc: &RpcClient,
    transaction: &Transaction,
    last_valid_height: u64,
) -> Result<u64> {
    let signature = signature_of(transaction);
    // The simulation was the preflight.
    let config = RpcSendTransactionConfig {
        skip_preflight: true,
        max_retries: Some(0),
        ..Default::default()
    };
    let mut refused = match rpc.send_transaction_with_config(transaction, config).await {
        Ok(_) => None,
        // It may have arrived although the answer did not.
        Err(error) if is_network(&error) => None,
        Err(error) => Some(error),
    };
    let mut sent_at = Instant::now();
    let mut heard_at = Instant::now();
    let mut pause = Duration::from_millis(25);
    loop {
        // The height is read before the status: a transaction missing after it has passed cannot land.
        let progress = progress(rpc, &signature).await;
        match progress {
            Ok((_, Some(Ok(slot)))) => return Ok(slot),
            Ok((_, Some(Err(error)))) => {
                return Err(failed(&error, &landed_logs(rpc, &signature).await));
            }
            Ok((height, None)) => {
                if let Some(error) = refused.take() {
                    return Err(error.into());
                }
                if height > last_valid_height {
                    return Err(Error::Expired { signature });
                }
                heard_at = Instant::now();
            }
            Err(reason) if heard_at.elapsed() > PATIENCE => {
                return Err(Error::Unknown { signature, reason: Box::new(reason) });
            }
            Err(_) => {}
        }
        if sent_at.elapsed() >= REBROADCAST {
            // Whatever the server says: only the status tells whether it landed.
            let _ = rpc.send_transaction_with_config(transaction, config).await;
            sent_at = Instant::now();
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(Duration::from_millis(500));
    }
}

/// A landed transaction's slot, or its error.
type Landed = std::result::Result<u64, TransactionError>;

/// The block height, and what became of a transaction if it is confirmed.
async fn progress(
    rpc: &RpcClient,
    signature: &Signature,
) -> std::result::Result<(u64, Option<Landed>), ClientError> {
    let commitment = CommitmentConfig::confirmed();
    let height = rpc.get_block_height_with_commitment(commitment).await?;
    let status =
        rpc.get_signature_statuses(&[*signature]).await?.value.into_iter().flatten().next();
    let confirmed = status.filter(|status| status.satisfies_commitment(commitment));
    Ok((height, confirmed.map(|status| status.err.map_or(Ok(status.slot), Err))))
}

type ClientError = solana_rpc_client_api::client_error::Error;

async fn landed_logs(rpc: &RpcClient, signature: &Signature) -> Vec<String> {
    let config = RpcTransactionConfig {
        commitment: Some(CommitmentConfig::confirmed()),
        max_supported_transaction_version: Some(0),
        ..Default::default()
    };
    let landed = rpc.get_transaction_with_config(signature, config).await.ok();
    let meta = landed.and_then(|landed| landed.transaction.meta);
    meta.and_then(|meta| Option::from(meta.log_messages)).unwrap_or_default()
}

fn is_network(error: &ClientError) -> bool {
    use solana_rpc_client_api::client_error::ErrorKind;
    use solana_rpc_client_api::request::RpcError;
    matches!(
        error.kind(),
        ErrorKind::Io(_)
            | ErrorKind::Reqwest(_)
            | ErrorKind::Middleware(_)
            | ErrorKind::RpcError(RpcError::RpcRequestError(_))
    )
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        if let Some(failure) = error.get_transaction_error() {
            return Failure::decode(&failure, &[]).into();
        }
        if is_network(&error) {
            return Self::Network(Box::new(error));
        }
        Self::Rpc(Box::new(error))
    }
}

#[cfg(test)]
mod tests;
