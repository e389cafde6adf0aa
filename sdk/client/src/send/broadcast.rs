//! Sending a signed transaction until its fate is known.

use std::time::{Duration, Instant};

use solana_commitment_config::{CommitmentConfig, CommitmentLevel};
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::config::{RpcSendTransactionConfig, RpcTransactionConfig};
use solana_sdk::signature::Signature;
use solana_sdk::transaction::{TransactionError, VersionedTransaction};
use tokio::time::sleep;

use super::in_flight::Lifetime;
use super::options::Pace;
use super::{is_network, nonce, signature_of};
use crate::error::{Error, Result};

/// How long the server may be unreachable before a sent transaction's fate counts as unknown: longer than a
/// blockhash lives.
const PATIENCE: Duration = Duration::from_secs(120);
/// Slots by which what servers say of one transaction may lie apart.
const MARGIN_SLOTS: u64 = 32;
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

impl Lifetime {
    /// Of a blockhash of unknown age, which may be as new as the newest block that the server has seen.
    pub(super) async fn unknown(rpc: &RpcClient) -> Result<Self> {
        let newest = rpc.get_block_height_with_commitment(CommitmentConfig::processed()).await?;
        let blocks = BLOCKHASH_BLOCKS.saturating_add(MARGIN_SLOTS);
        Ok(Self::Blockhash { last_valid_height: newest.saturating_add(blocks) })
    }

    /// Whether it certainly is over in a slot, having been seen to be over in an earlier one. A nonce is advanced by the
    /// transaction itself, and the account may show that before the status does.
    fn certainly_over(&self, since: u64, slot: u64) -> bool {
        match self {
            Self::Blockhash { .. } => true,
            Self::Nonce { .. } => slot >= since.saturating_add(MARGIN_SLOTS),
        }
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

/// Sends until it is confirmed, or all of its lifetimes are over. The transaction never changes, so it takes effect once
/// at most.
///
/// # Errors
/// [`Error::Rpc`] if the server refused to take it, and it did not land; [`Error::Unknown`] if the server stopped answering.
pub(super) async fn broadcast(
    rpc: &RpcClient,
    transaction: &VersionedTransaction,
    lifetimes: &[Lifetime],
    pace: &Pace,
) -> Result<Fate> {
    let signature = signature_of(transaction);
    // The simulation was the preflight.
    let config = RpcSendTransactionConfig {
        skip_preflight: true,
        max_retries: Some(0),
        ..Default::default()
    };
    let refused = match rpc.send_transaction_with_config(transaction, config).await {
        Ok(_) => None,
        // It may have arrived although the answer did not.
        Err(error) if is_network(&error) => None,
        Err(error) if is_malformed(&error) => return Err(error.into()),
        // It may have been passed on all the same: only its fate tells.
        Err(error) => Some(error),
    };
    let mut inquiry = Inquiry::new(rpc, signature, lifetimes);
    let mut sent_at = Instant::now();
    let mut pause = pace.first_pause;
    loop {
        match inquiry.ask().await? {
            Some(Fate::Gone) => {
                return refused.map_or(Ok(Fate::Gone), |error| Err(error.into()));
            }
            Some(fate) => return Ok(fate),
            None => {}
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

/// Waits for what becomes of a transaction that was sent before, perhaps; `None`: its nonce still stands, and it may land
/// at any time.
///
/// # Errors
/// [`Error::Unknown`] if the server stopped answering; [`Error::Network`], [`Error::Rpc`].
pub(super) async fn awaited(
    rpc: &RpcClient,
    signature: Signature,
    lifetime: &Lifetime,
    pace: &Pace,
) -> Result<Option<Fate>> {
    let mut inquiry = Inquiry::new(rpc, signature, std::slice::from_ref(lifetime));
    let mut pause = pace.first_pause;
    loop {
        if let Some(fate) = inquiry.ask().await? {
            return Ok(Some(fate));
        }
        if matches!(lifetime, Lifetime::Nonce { .. }) && !lifetime.over(rpc).await?.0 {
            return Ok(None);
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(pace.longest_pause);
    }
}

/// Asking for a transaction's fate again and again.
struct Inquiry<'a> {
    rpc: &'a RpcClient,
    signature: Signature,
    /// It can land until all of these are over.
    lifetimes: &'a [Lifetime],
    /// The slot in which they were first seen to be over.
    over_since: Option<u64>,
    heard_at: Instant,
}

impl<'a> Inquiry<'a> {
    fn new(rpc: &'a RpcClient, signature: Signature, lifetimes: &'a [Lifetime]) -> Self {
        Self { rpc, signature, lifetimes, over_since: None, heard_at: Instant::now() }
    }

    /// What became of it; `None`: not known yet. A server that does not answer is borne with for [`PATIENCE`].
    async fn ask(&mut self) -> Result<Option<Fate>> {
        let Self { rpc, signature, lifetimes, .. } = *self;
        match fate(rpc, &signature, lifetimes, &mut self.over_since).await {
            Ok(known) => {
                self.heard_at = Instant::now();
                Ok(known)
            }
            Err(reason) if self.heard_at.elapsed() > PATIENCE => {
                Err(Error::Unknown { signature, reason: Box::new(reason) })
            }
            Err(_) => Ok(None),
        }
    }
}

/// Whether all of them are over, and the latest slot in which that was seen.
async fn all_over(rpc: &RpcClient, lifetimes: &[Lifetime]) -> Result<(bool, u64)> {
    let (mut all, mut latest) = (true, 0);
    for lifetime in lifetimes {
        let (over, slot) = lifetime.over(rpc).await?;
        all &= over;
        latest = latest.max(slot);
    }
    Ok((all, latest))
}

/// What became of a transaction; `None`: not known yet.
async fn fate(
    rpc: &RpcClient,
    signature: &Signature,
    lifetimes: &[Lifetime],
    over_since: &mut Option<u64>,
) -> Result<Option<Fate>> {
    // In this order: what is missing after its lifetime was over cannot land.
    let (over, slot) = all_over(rpc, lifetimes).await?;
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
    let since = *over_since.get_or_insert(slot);
    if !lifetimes.iter().all(|lifetime| lifetime.certainly_over(since, answer.context.slot)) {
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

/// What became of a transaction that may have been sent before; `None`: the server knows nothing of it.
///
/// # Errors
/// [`Error::Network`], [`Error::Rpc`].
pub(super) async fn earlier_fate(rpc: &RpcClient, signature: &Signature) -> Result<Option<Fate>> {
    let known = rpc.get_signature_statuses_with_history(&[*signature]).await?;
    let status = known.value.into_iter().flatten().next();
    let wanted = at_least_confirmed(rpc.commitment());
    let status = status.filter(|status| status.satisfies_commitment(wanted));
    Ok(status.map(|status| status.err.map_or(Fate::Landed(status.slot), Fate::Failed)))
}

/// Whether the server says that this is no transaction, or not signed: then no server takes it.
pub(super) fn is_malformed(error: &super::ClientError) -> bool {
    use solana_rpc_client_api::client_error::ErrorKind;
    use solana_rpc_client_api::request::RpcError;
    /// JSON-RPC's code for invalid parameters, and Solana's for a signature that does not verify.
    const CODES: [i64; 2] = [-32_602, -32_003];
    match error.kind() {
        ErrorKind::RpcError(RpcError::RpcResponseError { code, .. }) => CODES.contains(code),
        _ => false,
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
