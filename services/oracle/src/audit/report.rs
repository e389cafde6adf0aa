//! What an audit found and did.

use flashback_core::records::Fraud;
use flashback_core::sla::{Commitment, SlaTerms};
use flashback_core::units::{Atoms, Timestamp};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::verdict::{Published, Verdict};
use crate::key::WindowKey;

/// The audit of one SLA at one time.
#[derive(Clone, Debug)]
pub struct Report {
    /// The Sla's address.
    pub sla: Pubkey,
    /// Its terms.
    pub terms: SlaTerms,
    /// When it was audited, by the chain's clock.
    pub at: Timestamp,
    /// The submissions that can still be contested, by window and seat.
    pub seats: Vec<SeatReport>,
}

/// The audit of one submission.
#[derive(Clone, Debug)]
pub struct SeatReport {
    /// Of which window.
    pub window: WindowKey,
    /// The seat.
    pub seat: u8,
    /// Its oracle's authority.
    pub oracle: Pubkey,
    /// Where the oracle publishes, as the chain has it.
    pub records_url: String,
    /// What the chain has of the submission.
    pub committed: Commitment,
    /// What was published.
    pub published: Published,
    /// What that shows.
    pub verdict: Verdict,
    /// What was done about it.
    pub action: Action,
}

/// What was done about a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing is to be done.
    None,
    /// The policy does not go that far.
    LeftToOthers,
    /// Its bond is more than the policy still allows.
    BondTooLarge {
        /// What the challenge would take.
        bond: Atoms,
    },
    /// It was challenged before, by whoever, and the challenge is open.
    ChallengedBefore {
        /// The leaf.
        leaf: u32,
    },
    /// The window's challenge phase is over.
    TooLate,
    /// Somebody else was first.
    VoidedByOthers,
    /// Proven wrong, here.
    Proved {
        /// What was wrong.
        fraud: Fraud,
        /// Of the transaction.
        signature: Signature,
    },
    /// Challenged, here.
    Challenged {
        /// The leaf.
        leaf: u32,
        /// What it took.
        bond: Atoms,
        /// Of the transaction.
        signature: Signature,
    },
    /// It should have been done, and failed.
    Failed(String),
}
