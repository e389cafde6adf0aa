//! The hashes of leaves and nodes, for whoever follows a tree that is not its own.

use super::leaf;
use super::proof::child_rounds;
use super::tree::{self, Node};
use super::{Result, Series};
use crate::hash::{Digest, Sha256};

/// The hash that stands in a leaf for its encoded records, whatever these bytes are.
pub fn records_digest<H: Sha256>(bytes: &[u8]) -> Digest {
    leaf::records_digest::<H>(bytes)
}

impl Series {
    /// The hash of a leaf that is bound to this series and that index, of records with that [`records_digest`].
    pub fn leaf_digest<H: Sha256>(&self, index: u32, records: &Digest) -> Digest {
        leaf::leaf_digest::<H>(&self.context::<H>(), index, records)
    }

    /// The hash of the node at that place over its two children, with the sums that are claimed for them.
    ///
    /// # Errors
    /// [`crate::CoreError::ProofInvalid`] if no node with two children stands there, or for sums that so many rounds
    /// cannot have.
    pub fn node_digest<H: Sha256>(
        &self,
        height: u32,
        position: u32,
        children: [&Node; 2],
    ) -> Result<Digest> {
        let [left, right] = children;
        let (left_rounds, right_rounds) = child_rounds(self, height, position)?;
        tree::node_digest::<H>(left, left_rounds, right, right_rounds)
    }
}
