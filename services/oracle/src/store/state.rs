//! How far a window's report has come.

use flashback_core::hash::{Digest, SoftwareSha256};
use flashback_core::quality::Aggregate;
use flashback_core::records::Series;
use flashback_core::sla::{Commitment, commitment};
use flashback_core::units::{Seconds, Timestamp};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::key::WindowKey;

/// What is known of a window before it is probed: enough to build and publish its tree when the SLA itself is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Whose records: the oracle's authority.
    pub oracle: Pubkey,
    /// The window's length.
    pub window_secs: Seconds,
    /// Its probing rounds.
    pub rounds: u32,
    /// When its report phase ends: from then on its records are published.
    pub report_closes: Timestamp,
}

/// What is reported of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The sums over its records.
    pub aggregate: Aggregate,
    /// The root of its tree.
    pub root: Digest,
}

impl Submission {
    /// What the chain keeps of it.
    pub fn commitment(&self) -> Commitment {
        commitment::<SoftwareSha256>(&self.aggregate, &self.root)
    }
}

/// Where a window stands.
///
/// ```text
/// open ──► closed ◄──► sent ──► landed
///   └────────┴──────────────► missed
/// ```
///
/// A transaction is written down before it is sent. It lands, or it can no longer land: only then is the window closed
/// again, and another may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Records are added.
    Open,
    /// Its tree is built, and no record is added any more.
    Closed,
    /// Its report was signed, and may have been sent.
    Sent {
        /// Of the transaction.
        signature: Signature,
        /// The last block height at which it can land.
        last_valid_block_height: u64,
    },
    /// Its report is on chain.
    Landed {
        /// Of the transaction.
        signature: Signature,
        /// The slot in which it landed.
        slot: u64,
    },
    /// It will not be reported.
    Missed {
        /// Why.
        why: String,
    },
}

impl State {
    /// Its code in the store.
    pub(super) const fn code(&self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Closed => 1,
            Self::Sent { .. } => 2,
            Self::Landed { .. } => 3,
            Self::Missed { .. } => 4,
        }
    }

    /// What it is called.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Sent { .. } => "sent",
            Self::Landed { .. } => "landed",
            Self::Missed { .. } => "missed",
        }
    }

    /// Whether nothing will become of it any more.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Landed { .. } | Self::Missed { .. })
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open | Self::Closed => f.write_str(self.name()),
            Self::Sent { signature, .. } => write!(f, "sent in {signature}"),
            Self::Landed { signature, slot } => write!(f, "landed in {signature} in slot {slot}"),
            Self::Missed { why } => write!(f, "missed ({why})"),
        }
    }
}

/// A window as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which.
    pub key: WindowKey,
    /// As it was opened.
    pub opening: Opening,
    /// What is reported of it, once it is closed.
    pub submission: Option<Submission>,
    /// Where it stands.
    pub state: State,
    /// Whether its records were rolled up and deleted.
    pub rolled_up: bool,
}

impl Window {
    /// Whose records of which window.
    ///
    /// # Errors
    /// As [`Series::new`], for an opening that no terms gave.
    pub fn series(&self) -> flashback_core::Result<Series> {
        self.opening.series(&self.key)
    }
}

impl Opening {
    /// The series of that window's records.
    ///
    /// # Errors
    /// As [`Series::new`], for an opening that no terms gave.
    pub fn series(&self, key: &WindowKey) -> flashback_core::Result<Series> {
        Series::new(
            self.oracle.to_bytes(),
            key.life.sla.to_bytes(),
            key.life.start,
            key.window,
            self.window_secs,
            self.rounds,
        )
    }

    /// When that window is over.
    ///
    /// # Errors
    /// As [`Opening::series`].
    pub fn ends(&self, key: &WindowKey) -> flashback_core::Result<Timestamp> {
        self.series(key)?.window_start().after(u64::from(self.window_secs.0))
    }
}
