//! An oracle's records of one window, the Merkle-sum tree over them, and what proves it wrong.
//!
//! The tree is Merkle's (R. C. Merkle, "A digital signature based on a conventional encryption function",
//! CRYPTO '87) with sums in its nodes, after G. Maxwell's proof of liabilities (2013), in the form that binds
//! both children's sums (K. Chalkias et al., "Distributed auditing proofs of liabilities", 2020).
//!
//! A window of `w` seconds has `n` probing rounds; round `r` owns the seconds from `⌊w·r/n⌋` up to
//! `⌊w·(r+1)/n⌋` after the window's start, and holds at most one record of each [`Kind`]. One round is one
//! leaf, or [`Shape::rounds_per_leaf`] rounds where that keeps paths short enough. Position is the index.
//!
//! | hash | over |
//! | --- | --- |
//! | context | `H(3, oracle, sla, SLA's start i64, window u16, n u32)` |
//! | leaf | `H(0, context, index u32, H(4, records))` |
//! | node | `H(1, left hash, right hash, left sums, right sums)` |
//! | root | `H(2, n u32, topmost hash)` |
//!
//! Integers are little-endian. The first byte keeps the kinds of hash apart; since the leaf count follows from
//! `n`, which the root binds, every path has one possible length. A node without a sibling moves up unchanged:
//! nothing is duplicated. Sums are packed into as many bits as a subtree of that many rounds can need, so that
//! sums which no records can have do not exist. The submission commits to its aggregate and the root
//! ([`commitment`](crate::sla::commitment)).
//!
//! A proof climbs from one place, a leaf or a node, to the root: it carries the sums that the tree claims for
//! the place and the siblings above. Everything above must add up to the aggregate, or the proof is refused;
//! so whoever holds a forged tree starts where it is wrong first, seen from the root ([`Tree::accuse`]). What
//! the place itself holds then tells [`Fraud`]. What nobody can open, because the committed hash has no such
//! preimage or one too large for a transaction, the oracle cannot open either: that is what challenges are for.

mod digests;
mod leaf;
mod proof;
mod record;
mod shape;
mod sums;
mod tree;

pub use digests::records_digest;
pub use leaf::{decode_leaf, encode_leaf, leaf_sums};
pub use proof::{Fraud, Proof, Start, prove_fraud, verify_opening};
pub use record::{Kind, Outcome, RECORD_BYTES_MAX, ROUND_BYTES_MAX, Record};
pub use shape::{PROOF_BYTES_MAX, ROUNDS_MAX, Shape, TRANSACTION_BYTES};
pub use tree::{Node, Tree, TreeBuilder};

use crate::error::{CoreError, Result};
use crate::hash::{Digest, Sha256};
use crate::math::mul_div_floor;
use crate::params::WINDOW_MAX_SECS;
use crate::units::{Seconds, Timestamp};

const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];
const ROOT: &[u8] = &[2];
const CONTEXT: &[u8] = &[3];
const RECORDS: &[u8] = &[4];

/// Whose records of which window: what every leaf is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    oracle: [u8; 32],
    sla: [u8; 32],
    sla_start: Timestamp,
    window: u16,
    window_secs: Seconds,
    window_start: Timestamp,
    shape: Shape,
}

impl Series {
    /// The series of `oracle`'s records of one window: `sla_start` and `window_secs` are the SLA's terms, and
    /// so is `rounds`, the number of probes that each seat attempts in a window. The SLA's start is bound in
    /// so that an SLA that reuses a closed one's address replays nothing.
    ///
    /// # Errors
    /// [`CoreError::WindowLengthInvalid`] above seven days; [`CoreError::RoundsInvalid`] unless rounds are 1 to
    /// [`ROUNDS_MAX`] and at least a second long; [`CoreError::ArithmeticOverflow`] for a start that no clock shows.
    pub fn new(
        oracle: [u8; 32],
        sla: [u8; 32],
        sla_start: Timestamp,
        window: u16,
        window_secs: Seconds,
        rounds: u32,
    ) -> Result<Self> {
        if window_secs.0 > WINDOW_MAX_SECS {
            return Err(CoreError::WindowLengthInvalid);
        }
        if rounds > window_secs.0 {
            return Err(CoreError::RoundsInvalid);
        }
        let shape = Shape::of(rounds)?;
        // At most 604,800 · 65,535.
        let offset = u64::from(window_secs.0).saturating_mul(u64::from(window));
        let window_start = sla_start.after(offset)?;
        window_start.after(u64::from(record::OFFSET_MAX))?;
        Ok(Self { oracle, sla, sla_start, window, window_secs, window_start, shape })
    }

    /// How many leaves the tree has, and how high it is.
    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// When the window begins.
    #[inline]
    pub fn window_start(&self) -> Timestamp {
        self.window_start
    }

    /// The seconds of probing round `round`, the end excluded: part `round` of the window by cumulative floors.
    ///
    /// # Errors
    /// [`CoreError::RoundsInvalid`] if the window has no such round.
    pub fn slice(&self, round: u32) -> Result<core::ops::Range<Timestamp>> {
        if round >= self.shape.rounds() {
            return Err(CoreError::RoundsInvalid);
        }
        Ok(self.boundary(round)?..self.boundary(round.saturating_add(1))?)
    }

    /// When the slice of that round begins, or the window ends if there is no such round.
    fn boundary(&self, round: u32) -> Result<Timestamp> {
        let (window, rounds) = (u64::from(self.window_secs.0), u64::from(self.shape.rounds()));
        self.window_start.after(mul_div_floor(window, u64::from(round), rounds)?)
    }

    /// The hash that stands in each leaf for everything but its index and records.
    pub fn context<H: Sha256>(&self) -> Digest {
        H::hash(&[
            CONTEXT,
            &self.oracle,
            &self.sla,
            &self.sla_start.0.to_le_bytes(),
            &self.window.to_le_bytes(),
            &self.shape.rounds().to_le_bytes(),
        ])
    }

    /// The tree's root above its topmost node.
    fn root<H: Sha256>(&self, top: &Digest) -> Digest {
        H::hash(&[ROOT, &self.shape.rounds().to_le_bytes(), top])
    }
}

#[cfg(test)]
mod tests;
