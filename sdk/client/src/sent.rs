//! Several transactions, one after another: what took effect, what failed and what was not tried.

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
}

impl Sent {
    /// Whether nothing failed.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.untried.is_empty()
    }

    /// The receipts, if nothing failed.
    ///
    /// # Errors
    /// The failure that ended it, else the first one. What took effect stays so, but its receipts are lost: look at the
    /// fields where they matter.
    pub fn complete(mut self) -> Result<Vec<Receipt>> {
        let ended = self.failures.iter().position(|(_, error)| !error.is_of_one_transaction());
        if self.failures.is_empty() {
            return Ok(self.receipts);
        }
        Err(self.failures.swap_remove(ended.unwrap_or(0)).1)
    }
}

/// Sends batches in their order. One that is refused because `nothing` was left of it to do is passed over: somebody was
/// faster.
pub(crate) async fn send_all(batches: Vec<Batch>, nothing: Option<CoreError>) -> Sent {
    let mut sent = Sent::default();
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
