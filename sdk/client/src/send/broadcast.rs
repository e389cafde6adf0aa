//! Sending a signed transaction until its fate is known.

use std::time::{Duration, Instant};

use solana_commitment_config::{CommitmentConfig, CommitmentLevel};
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::config::{RpcSendTransactionConfig, RpcTransactionConfig};
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;
use solana_sdk::transaction::{TransactionError, VersionedTransaction};
use tokio::time::sleep;

use super::options::Pace;
use super::{is_network, nonce, signature_of};
use crate::error::{Error, Result};

/// How long the server may be unreachable before a sent transaction's fate counts as unknown: longer than a
/// blockhash lives.
const PATIENCE: Duration = Duration::from_secs(120);
/// Blocks for which a blockhash is valid.
const BLOCKHASH_BLOCKS: u64 = 150;

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It took effect in this slot.
    Landed(u64),
    /// It landed, and failed.
    Failed(TransactionError),
    /// It did not land, and cannot any more.
    Gone,
}

/// Until when a transaction can land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// Up to a block height.
    Blockhash {
        /// The last one.
        last_valid_height: u64,
    },
    /// While a nonce stands at this value.
    Nonce {
        /// The nonce account.
        account: Pubkey,
        /// What it was signed with.
        value: Hash,
    },
}

impl Lifetime {
    /// Of a blockhash of unknown age: if it is valid at this height, it expires after so many blocks at most.
    pub fn unknown(height: u64) -> Self {
        Self::Blockhash { last_valid_height: height.saturating_add(BLOCKHASH_BLOCKS) }
    }

    /// Whether it is over, and the confirmed slot in which that was seen. What is confirmed is not rolled back.
    async fn over(&self, rpc: &RpcClient) -> Result<(bool, u64)> {
        match self {
            Self::Blockhash { last_valid_height } => {
                let commitment = CommitmentConfig::confirmed();
                let now = rpc.get_epoch_info_with_commitment(commitment).await?;
                Ok((now.block_height > *last_valid_height, now.absolute_slot))
            }
            Self::Nonce { account, value } => {
                let (slot, standing) = nonce::read(rpc, account).await?;
                Ok((standing.is_none_or(|(_, now)| now != *value), slot))
            }
        }
    }
}

/// Sends until it is confirmed. The transaction never changes, so it takes effect once at most.
///
/// # Errors
/// [`Error::Rpc`] if the server refused to take it; [`Error::Unknown`] if the server stopped answering.
pub(super) async fn broadcast(
    rpc: &RpcClient,
    transaction: &VersionedTransaction,
    lifetime: &Lifetime,
    pace: &Pace,
) -> Result<Fate> {
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
    let (mut sent_at, mut heard_at) = (Instant::now(), Instant::now());
    let mut pause = pace.first_pause;
    loop {
        match fate(rpc, &signature, lifetime).await {
            Ok(Some(fate)) => return Ok(fate),
            Ok(None) => {
                if let Some(error) = refused.take() {
                    return Err(error.into());
                }
                heard_at = Instant::now();
            }
            Err(reason) if heard_at.elapsed() > PATIENCE => {
                return Err(Error::Unknown { signature, reason: Box::new(reason) });
            }
            Err(_) => {}
        }
        if sent_at.elapsed() >= pace.rebroadcast {
            // Whatever the server says: only the status tells whether it landed.
            let _ = rpc.send_transaction_with_config(transaction, config).await;
            sent_at = Instant::now();
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(pace.longest_pause);
    }
}

/// What became of a transaction; `None`: not known yet.
async fn fate(rpc: &RpcClient, signature: &Signature, lifetime: &Lifetime) -> Result<Option<Fate>> {
    // In this order: what is missing after its lifetime was over cannot land.
    let (over, slot) = lifetime.over(rpc).await?;
    let wanted = at_least_confirmed(rpc.commitment());
    let answer = rpc.get_signature_statuses(&[*signature]).await?;
    if let Some(status) = answer.value.into_iter().flatten().next() {
        let settled = status.satisfies_commitment(wanted);
        return Ok(settled.then(|| status.err.map_or(Fate::Landed(status.slot), Fate::Failed)));
    }
    // A server that lags behind the one that was asked before does not know yet.
    if !over || answer.context.slot < slot {
        return Ok(None);
    }
    // The cache of statuses forgets in minutes; a process can sleep for longer.
    let history = rpc.get_signature_statuses_with_history(&[*signature]).await?;
    match history.value.into_iter().flatten().next() {
        Some(status) if status.satisfies_commitment(wanted) => {
            Ok(Some(status.err.map_or(Fate::Landed(status.slot), Fate::Failed)))
        }
        Some(_) => Ok(None),
        None => Ok(Some(Fate::Gone)),
    }
}

/// What is only processed can still be dropped.
fn at_least_confirmed(commitment: CommitmentConfig) -> CommitmentConfig {
    match commitment.commitment {
        CommitmentLevel::Finalized => commitment,
        _ => CommitmentConfig::confirmed(),
    }
}

/// The logs of a transaction that landed; none if the server does not tell.
pub(super) async fn landed_logs(rpc: &RpcClient, signature: &Signature) -> Vec<String> {
    let config = RpcTransactionConfig {
        commitment: Some(CommitmentConfig::confirmed()),
        max_supported_transaction_version: Some(0),
        ..Default::default()
    };
    let landed = rpc.get_transaction_with_config(signature, config).await.ok();
    let meta = landed.and_then(|landed| landed.transaction.meta);
    meta.and_then(|meta| Option::from(meta.log_messages)).unwrap_or_default()
}
