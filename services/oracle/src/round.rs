//! One round of probes.
//!
//! The oracle keeps one object of its own in the consumer's bucket, its *resident*: a secret name, bytes that
//! follow from a secret seed, so that they can be checked without being kept.
//!
//! | record | when | probe | ok |
//! | --- | --- | --- | --- |
//! | availability | every round | HEAD of the resident | it is there |
//! | latency | every round with a resident | GET of 4 KiB of it at a secret offset | the right bytes; time to the first |
//! | upload | transfer rounds | PUT of a fresh object | stored; time to the answer |
//! | download | after an upload that was ok | GET of the whole of it | the right bytes; time from first to last |
//! | operation | transfer rounds that replaced a resident | DELETE of the former | deleted |
//! | operation | rounds that read a canary | GET of it | the right SHA-256 |
//!
//! * A round without a resident is a transfer round; its upload stands for its availability if it fails, else the
//!   HEAD after it. When the budget allows no upload either, availability is inconclusive.
//! * A resident that is not found is given up; the next transfer or the next round makes a new one.
//! * A transfer round that reads a canary deletes the former resident without a record: one record of a kind.
//! * What counts as what is [`Why::outcome`]. HEAD's answers have no body: where one is refused, the cause is that
//!   of the latency probe's answer with the same status.
//! * A canary that was never read right by this oracle may never have been there: not found or wrong, it is
//!   inconclusive.
//! * While the oracle's own side is unwell ([`Witness`]), figures and silence are inconclusive. An answer stays
//!   what it is.
//! * No request begins outside the round's slice; nothing is tried twice.
//! * Bytes are made and compared outside what is timed. Rounds that wait for their turn do so before.
//!
//! An object is written down before it is put and struck out after it is deleted, so that whatever happens,
//! [`clean_up`] finds it.

mod content;
mod probe;
mod recorder;
mod witness;

use std::collections::BTreeSet;

use flashback_core::records::Record;
use tokio::sync::Semaphore;

pub use content::{RANGE_BYTES, Resident};
pub use probe::{clean_up, probe};
pub use recorder::{Recorder, RecorderError};
pub use witness::{AllWell, Lag, Network, Witness};

use crate::clock::Clock;
use crate::credentials::Canary;
use crate::target::{Target, Why};

/// The size of the objects that are moved, in bytes, unless configured.
pub const OBJECT_BYTES: u32 = 1_024 * 1_024;

/// What a round works with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The storage.
    pub target: &'a Target,
    /// The SLA's canaries, as the schedule counts them.
    pub canaries: &'a [Canary],
    /// The chain's time.
    pub clock: &'a dyn Clock,
    /// How the oracle's own side is.
    pub witness: &'a dyn Witness,
    /// Where records go.
    pub recorder: &'a dyn Recorder,
    /// How many rounds may run at once, of all targets.
    pub turns: &'a Semaphore,
    /// The size of the objects that are moved, in bytes; at least 1.
    pub object_bytes: u32,
}

/// What passes from round to round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The oracle's object in the bucket.
    pub resident: Option<Resident>,
    /// The keys of canaries that were read right before.
    pub proven: BTreeSet<String>,
    /// How many bytes the rest of the window may move. Only whole objects count: a round's range always may.
    pub bytes_left: u64,
}

/// One record, and why it is not ok.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    /// The record.
    pub record: Record,
    /// Why it is not ok.
    pub why: Option<Why>,
}

/// What a round came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundResult {
    /// The round's records, in the order in which they were kept; none if it could not begin in its slice.
    pub probes: Vec<Probed>,
    /// Bytes of objects that were sent or asked for.
    pub bytes: u64,
}

/// Why a round stopped: not the provider.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The recorder failed; what it has, it has.
    #[error("the round's records could not be kept: {0}")]
    Recorder(#[from] RecorderError),
    /// The oracle is shutting down.
    #[error("the oracle is shutting down")]
    Closing,
}
