//! Several transactions, one after another: what took effect, what failed and what was not tried.

use std::collections::BTreeSet;

use flashback_core::CoreError;
use solana_sdk::pubkey::Pubkey;

use crate::error::{Error, Result};
use crate::prepared::Prepared;
use crate::send::Receipt;

/// One of several transactions that do the same to different SLAs. It depends on none of the others.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The SLAs that it is about, in the order of its instructions.
    pub slas: Vec<Pubkey>,
    /// What sends it.
    pub prepared: Prepared,
}

/// Transactions that do the same to different SLAs, to be sent in any order, and what they leave out.
#[derive(Debug, Default)]
pub struct Batches {
    /// The transactions. Empty if there is nothing to do.
    pub batches: Vec<Batch>,
    /// Why the accounts that do not decode are in none of them: one each, with its address. They are of a layout that this
    /// SDK does not know, or not what they were taken for; there may be something to do of them.
    pub skipped: Vec<Error>,
}

impl Batches {
    /// An account that several searches found is skipped once.
    pub(crate) fn new(batches: Vec<Batch>, skipped: Vec<Error>) -> Self {
        let mut told = BTreeSet::new();
        let skipped = skipped.into_iter().filter(|error| told.insert(error.to_string()));
        Self { batches, skipped: skipped.collect() }
    }
}

/// What became of several transactions, each of which takes effect whole or not at all.
///
/// A transaction that failed for reasons of its own ([`Error::is_of_one_transaction`]) does not keep the others from being
/// sent. Any other error ends it: the transactions behind it are `untried`, and have had no effect.
#[derive(Debug, Default)]
#[must_use = "some of it may have failed: see `complete`"]
pub struct Sent {
    /// Of those that took effect, in the order in which they were sent.
    pub receipts: Vec<Receipt>,
    /// Those that failed, in that order, and why. None has had an effect, but for one whose error is
    /// [`Error::Unknown`]: that one may still take effect, and is the last.
    pub failures: Vec<(Batch, Error)>,
    /// Those that were not sent, because the last failure would have met them too, or left open what it did.
    pub untried: Vec<Batch>,
    /// Why accounts that do not decode were left out: as [`Batches::skipped`].
    pub skipped: Vec<Error>,
}

impl Sent {
    /// Whether nothing failed, and nothing was left out.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.untried.is_empty() && self.skipped.is_empty()
    }

    /// The receipts, if nothing failed and nothing was left out.
    ///
    /// # Errors
    /// The failure that ended it, else the first one; else why the first account was left out. What took effect stays so, but its receipts are lost: look at the
    /// fields where they matter.
    pub fn complete(mut self) -> Result<Vec<Receipt>> {
        let ended = self.failures.iter().position(|(_, error)| !error.is_of_one_transaction());
        if !self.failures.is_empty() {
            return Err(self.failures.swap_remove(ended.unwrap_or(0)).1);
        }
        match self.skipped.into_iter().next() {
            Some(why) => Err(why),
            None => Ok(self.receipts),
        }
    }
}

/// Sends batches in their order. One that is refused because `nothing` was left of it to do is passed over: somebody was
/// faster.
pub(crate) async fn send_all(batches: Batches, nothing: Option<CoreError>) -> Sent {
    let Batches { batches, skipped } = batches;
    let mut sent = Sent { skipped, ..Sent::default() };
    let mut batches = batches.into_iter();
    while let Some(batch) = batches.next() {
        match batch.prepared.send().await {
            Ok(receipt) => sent.receipts.push(receipt),
            Err(error) if nothing.is_some() && error.core() == nothing => {}
            Err(error) => {
                let goes_on = error.is_of_one_transaction();
                sent.failures.push((batch, error));
                if !goes_on {
                    sent.untried = batches.collect();
                    break;
                }
            }
        }
    }
    sent
}
