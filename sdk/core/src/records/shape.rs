//! The tree's shape, which follows from the number of rounds, and what of it fits a transaction.

use super::record::ROUND_BYTES_MAX;
use super::sums::packed_bytes;
use crate::error::{CoreError, Result};
use crate::quality::AGGREGATE_SIZE;

/// The largest transaction: an IPv6 packet of 1,280 bytes less its headers.
pub const TRANSACTION_BYTES: usize = 1_232;

/// Bytes of a transaction around its instruction's data, at most: two signatures and their count; the version,
/// the header, eight addresses and their count, the blockhash; a compute budget instruction (program, no
/// accounts, five bytes of data); the instruction's program, eight accounts, their count and the data's length;
/// no lookup table.
const ENVELOPE_BYTES: usize =
    (1 + 2 * 64) + (1 + 3 + 1 + 8 * 32 + 32) + 1 + (1 + 1 + 1 + 5) + (1 + 1 + 8 + 2) + 1;
/// Bytes of an instruction's data around the proof, at most: the discriminator, the proof's length, and 20 bytes
/// for the other arguments (window, seat).
const ARGUMENT_BYTES: usize = 8 + 4 + 20;

/// The largest encoded proof: what one transaction has room for.
pub const PROOF_BYTES_MAX: usize = TRANSACTION_BYTES - ENVELOPE_BYTES - ARGUMENT_BYTES;

/// The most rounds of a window whose every path with its leaf fits a transaction.
///
/// A path has a hash of 32 bytes and sums of 14 to 31 bytes a level, so this bound cannot be moved far: the
/// hashes alone of ten million leaves would fill a transaction.
pub const ROUNDS_MAX: u32 = 6_144;

/// Bytes of a hash.
pub(super) const DIGEST_BYTES: usize = 32;
/// What a proof begins with: the kind of its start and a position.
pub(super) const START_BYTES: usize = 3;
/// A foreign leaf's preimage: context, index, hash of the records.
pub(super) const FOREIGN_BYTES: usize = 2 * DIGEST_BYTES + 4;
/// More rounds would not fit a leaf, whatever the path.
const ROUNDS_PER_LEAF_MAX: u32 = 16;

/// How a window's rounds are spread over the leaves of a tree, and how high that tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    rounds: u32,
    rounds_per_leaf: u32,
    leaves: u32,
    height: u32,
}

impl Shape {
    /// The shape of a tree over `rounds` rounds: the fewest rounds share a leaf that keep every path with its
    /// leaf within [`PROOF_BYTES_MAX`] (one up to 4,096 rounds, three beyond).
    ///
    /// # Errors
    /// [`CoreError::RoundsInvalid`] for no rounds or more than [`ROUNDS_MAX`].
    pub fn of(rounds: u32) -> Result<Self> {
        if rounds == 0 || rounds > ROUNDS_MAX {
            return Err(CoreError::RoundsInvalid);
        }
        (1..=ROUNDS_PER_LEAF_MAX)
            .map(|rounds_per_leaf| Self::with(rounds, rounds_per_leaf))
            .find(|shape| shape.proof_bytes() <= PROOF_BYTES_MAX)
            .ok_or(CoreError::RoundsInvalid)
    }

    fn with(rounds: u32, rounds_per_leaf: u32) -> Self {
        let leaves = rounds.div_ceil(rounds_per_leaf.max(1));
        // ⌈log₂ leaves⌉.
        let height = u32::BITS.saturating_sub(leaves.saturating_sub(1).leading_zeros());
        Self { rounds, rounds_per_leaf, leaves, height }
    }

    /// Probing rounds of the window.
    #[inline]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Rounds that share a leaf (the last leaf may hold fewer).
    #[inline]
    pub fn rounds_per_leaf(&self) -> u32 {
        self.rounds_per_leaf
    }

    /// Leaves of the tree.
    #[inline]
    pub fn leaves(&self) -> u32 {
        self.leaves
    }

    /// Height of the topmost node above the leaves; zero if there is one leaf.
    #[inline]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Nodes at that height, counting those that moved up: `⌈leaves / 2^height⌉`.
    pub fn nodes(&self, height: u32) -> u32 {
        let width = 1u64.checked_shl(height).unwrap_or(u64::MAX);
        u32::try_from(u64::from(self.leaves).div_ceil(width.max(1))).unwrap_or(u32::MAX)
    }

    /// Whether the node at that place is the topmost.
    #[inline]
    pub(super) fn is_top(&self, height: u32) -> bool {
        height >= self.height
    }

    /// The rounds of leaf `index`, the last excluded.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if the tree has no such leaf.
    pub fn leaf_rounds(&self, index: u32) -> Result<core::ops::Range<u32>> {
        if index >= self.leaves {
            return Err(CoreError::ProofInvalid);
        }
        Ok(self.first_round(0, index)..self.first_round(0, index.saturating_add(1)))
    }

    /// How many rounds lie under a node.
    pub(super) fn rounds_under(&self, height: u32, position: u32) -> u32 {
        let end = self.first_round(height, position.saturating_add(1));
        end.saturating_sub(self.first_round(height, position))
    }

    /// The first round under a node, or the number of rounds beyond the last one.
    fn first_round(&self, height: u32, position: u32) -> u32 {
        let leaf = u64::from(position).checked_shl(height).unwrap_or(u64::MAX);
        let round = leaf.saturating_mul(u64::from(self.rounds_per_leaf));
        u32::try_from(round).unwrap_or(u32::MAX).min(self.rounds)
    }

    /// The sibling of the node at that place, if it has one and does not just move up.
    pub(super) fn sibling(&self, height: u32, position: u32) -> Option<u32> {
        let sibling = position ^ 1;
        (sibling < self.nodes(height)).then_some(sibling)
    }

    /// The most bytes of a proof that starts at a leaf.
    fn proof_bytes(&self) -> usize {
        let claimed =
            if self.height == 0 { AGGREGATE_SIZE } else { packed_bytes(self.rounds_per_leaf) };
        let records = usize::try_from(self.rounds_per_leaf)
            .unwrap_or(usize::MAX)
            .saturating_mul(ROUND_BYTES_MAX);
        // The leftmost leaf has a sibling at every height, and none is wider.
        (0..self.height)
            .map(|height| DIGEST_BYTES.saturating_add(packed_bytes(self.rounds_under(height, 0))))
            .fold(START_BYTES, usize::saturating_add)
            .saturating_add(claimed)
            .saturating_add(records.max(FOREIGN_BYTES))
    }
}
