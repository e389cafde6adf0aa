//! The program's history, as an RPC server tells it.

use std::result::Result as StdResult;

use serde_json::json;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::client_error::Error as ClientError;
use solana_rpc_client_api::config::{RpcSignaturesForAddressConfig, RpcTransactionConfig};
use solana_rpc_client_api::request::RpcRequest;
use solana_rpc_client_api::response::RpcConfirmedTransactionStatusWithSignature;
use solana_sdk::signature::Signature;
use solana_transaction_status_client_types::{
    TransactionConfirmationStatus as Status, UiTransactionEncoding,
};

use super::Observed;
use super::cursor::Cursor;
use crate::address;
use crate::error::{Error, Result};
use crate::event;

/// The most signatures that a server lists at once.
const PAGE: usize = 1_000;
/// How many are asked for first: nearly always enough to see whether there is anything new.
const FIRST_PAGE: usize = 100;
/// The last line of a log that was cut.
const TRUNCATED: &str = "Log truncated";

/// A confirmed transaction of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub slot: u64,
    pub signature: Signature,
    pub failed: bool,
}

/// A reading of the history from its newest transaction backwards, page by page.
#[derive(Default)]
pub(super) struct Scan {
    /// Confirmed transactions, newest first.
    entries: Vec<Entry>,
    /// The oldest transaction read so far.
    oldest: Option<Signature>,
    /// Whether it has come to the oldest transaction that a cursor remembers.
    anchored: bool,
}

impl Scan {
    /// What it has read, newest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Reads one more page; true if it has come back to where a cursor stands, or to the beginning of the history.
    pub async fn read_page(&mut self, rpc: &RpcClient, cursor: &Cursor) -> Result<bool> {
        let limit = if self.oldest.is_none() { FIRST_PAGE } else { PAGE };
        let newest_read = self.entries.first().map(|entry| entry.slot);
        let newest_known = cursor.newest().map(|(slot, _)| slot).max(newest_read);
        let page = signatures(rpc, self.oldest, limit, newest_known).await?;
        let mut oldest_slot = u64::MAX;
        for (entry, is_confirmed) in &page {
            self.oldest = Some(entry.signature);
            oldest_slot = entry.slot;
            self.anchored |= cursor.anchor() == Some((entry.slot, entry.signature));
            if *is_confirmed {
                self.entries.push(*entry);
            }
        }
        let is_short = page.len() < limit;
        Ok(page.is_empty() || oldest_slot < cursor.floor() || is_short && self.anchored)
    }

    /// Checks that nothing can be missing between the cursor and what was read.
    pub fn check(&self, cursor: &Cursor) -> Result<()> {
        match cursor.anchor() {
            Some((_, signature)) if !self.anchored => Err(Error::HistoryGone { signature }),
            _ => Ok(()),
        }
    }

    /// What is newer than the transaction where a cursor stands, and what is older, of the same slot.
    pub fn around(&self, cursor: &Cursor) -> (&[Entry], &[Entry]) {
        let Some((slot, signature)) = cursor.newest() else { return (&self.entries, &[]) };
        let at = self.entries.iter().position(|entry| entry.signature == signature);
        let (newer, rest) = self.entries.split_at(at.unwrap_or(self.entries.len()));
        let of_slot = rest.iter().take_while(|entry| entry.slot == slot).count();
        (newer, rest.get(..of_slot).unwrap_or_default())
    }
}

/// The newest confirmed transaction; `None` if there is none.
pub(super) async fn newest(rpc: &RpcClient) -> Result<Option<Entry>> {
    let page = signatures(rpc, None, FIRST_PAGE, None).await?;
    Ok(page.into_iter().find(|(_, is_confirmed)| *is_confirmed).map(|(entry, _)| entry))
}

/// A transaction by its signature.
pub(super) async fn find(rpc: &RpcClient, signature: &Signature) -> Result<Entry> {
    let statuses = rpc.get_signature_statuses_with_history(&[*signature]).await?.value;
    let status = statuses.into_iter().flatten().next();
    let status = status.filter(|found| found.satisfies_commitment(CommitmentConfig::confirmed()));
    let status = status.ok_or(Error::HistoryGone { signature: *signature })?;
    Ok(Entry { slot: status.slot, signature: *signature, failed: status.err.is_some() })
}

/// A page of the history, newest first, and of each transaction whether it is confirmed.
async fn signatures(
    rpc: &RpcClient,
    before: Option<Signature>,
    limit: usize,
    newest_known: Option<u64>,
) -> StdResult<Vec<(Entry, bool)>, ClientError> {
    let config = RpcSignaturesForAddressConfig {
        before: before.map(|signature| signature.to_string()),
        until: None,
        limit: Some(limit),
        commitment: Some(CommitmentConfig::confirmed()),
        // A server that lags behind refuses, instead of telling an older history.
        min_context_slot: newest_known,
    };
    let params = json!([address::PROGRAM.to_string(), config]);
    let listed: Vec<RpcConfirmedTransactionStatusWithSignature> =
        rpc.send(RpcRequest::GetSignaturesForAddress, params).await?;
    let entries = listed.into_iter().filter_map(|listed| {
        let entry = Entry {
            slot: listed.slot,
            signature: listed.signature.parse().ok()?,
            failed: listed.err.is_some(),
        };
        // Agave lists none that is not; surfpool does.
        let is_confirmed = listed.confirmation_status != Some(Status::Processed);
        Some((entry, is_confirmed))
    });
    Ok(entries.collect())
}

/// A transaction's events in order, with an error in place of each that cannot be told. What failed has none.
pub(super) async fn events(rpc: &RpcClient, entry: &Entry) -> Result<Vec<Result<Observed>>> {
    let Entry { slot, signature, failed } = *entry;
    if failed {
        return Ok(vec![]);
    }
    // Only its logs are read, and they are the same in every version and encoding.
    let config = RpcTransactionConfig {
        encoding: Some(UiTransactionEncoding::Base64),
        commitment: Some(CommitmentConfig::confirmed()),
        max_supported_transaction_version: Some(u8::MAX),
    };
    let landed = rpc.get_transaction_with_config(&signature, config).await?;
    let logs: Option<Vec<String>> =
        landed.transaction.meta.and_then(|meta| Option::from(meta.log_messages));
    let is_whole = logs.as_ref().is_some_and(|logs| !logs.iter().any(|line| line == TRUNCATED));
    let decoded = event::from_logs(&logs.unwrap_or_default()).into_iter().enumerate();
    let mut events: Vec<_> = decoded
        .map(|(index, event)| match event {
            Ok(event) => Ok(Observed { signature, slot, index, event }),
            Err(reason) => Err(Error::EventUndecoded { signature, index, reason }),
        })
        .collect();
    if !is_whole {
        events.push(Err(Error::LogsTruncated { signature }));
    }
    Ok(events)
}
