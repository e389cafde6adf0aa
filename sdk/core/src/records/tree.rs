//! Building the tree, and opening it.

use core::marker::PhantomData;

use super::leaf::{encode_leaf, leaf_digest, leaf_sums, records_digest};
use super::proof::{Proof, Start};
use super::sums::Packed;
use super::{NODE, Series};
use crate::error::{CoreError, Result};
use crate::hash::{Digest, Sha256};
use crate::quality::Aggregate;
use crate::sla::{Commitment, commitment};

/// A leaf or an inner node: its hash, and the sums that are claimed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The hash.
    pub digest: Digest,
    /// The sums over the records below.
    pub sums: Aggregate,
}

/// The hash of a node over two children, of so many rounds each.
pub(super) fn node_digest<H: Sha256>(
    left: &Node,
    left_rounds: u32,
    right: &Node,
    right_rounds: u32,
) -> Result<Digest> {
    let left_sums = Packed::new(&left.sums, left_rounds)?;
    let right_sums = Packed::new(&right.sums, right_rounds)?;
    Ok(H::hash(&[NODE, &left.digest, &right.digest, left_sums.bytes(), right_sums.bytes()]))
}

/// Builds a tree from one leaf after the other and keeps no records, only a node for each.
pub struct TreeBuilder<H> {
    series: Series,
    context: Digest,
    leaves: Vec<Node>,
    hash: PhantomData<H>,
}

impl<H: Sha256> TreeBuilder<H> {
    /// A builder for the series' tree.
    pub fn new(series: Series) -> Self {
        let context = series.context::<H>();
        Self { series, context, leaves: Vec::new(), hash: PhantomData }
    }

    /// Adds the next leaf's records, by round and within a round by kind. A leaf may be empty.
    ///
    /// # Errors
    /// As [`encode_leaf`]: [`CoreError::ProofInvalid`] after the last leaf.
    pub fn push(&mut self, records: &[super::Record]) -> Result<()> {
        let bytes = encode_leaf(&self.series, self.index(), records)?;
        self.push_encoded(&bytes)
    }

    /// Adds the next leaf as it was encoded before.
    ///
    /// # Errors
    /// As [`super::decode_leaf`]: [`CoreError::ProofInvalid`] after the last leaf.
    pub fn push_encoded(&mut self, bytes: &[u8]) -> Result<()> {
        let index = self.index();
        let sums = leaf_sums(&self.series, index, bytes)?;
        let digest = leaf_digest::<H>(&self.context, index, &records_digest::<H>(bytes));
        self.leaves.push(Node { digest, sums });
        Ok(())
    }

    /// The index of the next leaf.
    fn index(&self) -> u32 {
        u32::try_from(self.leaves.len()).unwrap_or(u32::MAX)
    }

    /// The tree. Leaves that were not added are empty: nothing was attempted in their rounds.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] never, for records that were accepted.
    pub fn finish(mut self) -> Result<Tree> {
        while self.index() < self.series.shape().leaves() {
            self.push_encoded(&[])?;
        }
        let mut rows = vec![self.leaves];
        for height in 1..=self.series.shape().height() {
            let below = rows.last().map(Vec::as_slice).unwrap_or_default();
            rows.push(parents::<H>(&self.series, height, below)?);
        }
        let top = *rows.last().and_then(|row| row.first()).ok_or(CoreError::ProofInvalid)?;
        Tree::published::<H>(self.series, rows, top.sums)
    }
}

/// The nodes at `height` over those one below it.
fn parents<H: Sha256>(series: &Series, height: u32, below: &[Node]) -> Result<Vec<Node>> {
    let shape = series.shape();
    let child_height = height.saturating_sub(1);
    let mut position = 0u32;
    below
        .chunks(2)
        .map(|children| match children {
            [left, right] => {
                let left_rounds = shape.rounds_under(child_height, position);
                let right_rounds = shape.rounds_under(child_height, position.saturating_add(1));
                position = position.saturating_add(2);
                let digest = node_digest::<H>(left, left_rounds, right, right_rounds)?;
                Ok(Node { digest, sums: left.sums.plus(&right.sums)? })
            }
            // Without a sibling it moves up.
            [only] => Ok(*only),
            _ => Err(CoreError::ProofInvalid),
        })
        .collect()
}

/// A tree without its records: what an oracle keeps to open leaves, and an auditor to accuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    series: Series,
    /// The nodes by height, leaves first.
    rows: Vec<Vec<Node>>,
    aggregate: Aggregate,
    root: Digest,
}

impl Tree {
    /// A tree as its oracle published it, believed in nothing: the nodes by height, leaves first (one without a
    /// sibling stands in the row above again), and the aggregate that was submitted with it.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if these are not the rows of the series' shape.
    pub fn published<H: Sha256>(
        series: Series,
        rows: Vec<Vec<Node>>,
        aggregate: Aggregate,
    ) -> Result<Self> {
        let shape = series.shape();
        let lengths = rows.iter().map(|row| u32::try_from(row.len()).unwrap_or(u32::MAX));
        if !lengths.eq((0..=shape.height()).map(|height| shape.nodes(height))) {
            return Err(CoreError::ProofInvalid);
        }
        let top = rows.last().and_then(|row| row.first()).ok_or(CoreError::ProofInvalid)?;
        let root = series.root::<H>(&top.digest);
        Ok(Self { series, rows, aggregate, root })
    }

    /// Whose records of which window.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// The root to submit.
    pub fn root(&self) -> Digest {
        self.root
    }

    /// The aggregate to submit: the sums over all records.
    pub fn aggregate(&self) -> &Aggregate {
        &self.aggregate
    }

    /// What the chain stores of the submission.
    pub fn commitment<H: Sha256>(&self) -> Commitment {
        commitment::<H>(&self.aggregate, &self.root)
    }

    /// The node at that place, leaves being at height 0.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if there is none.
    pub fn node(&self, height: u32, position: u32) -> Result<&Node> {
        let place = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
        self.rows
            .get(place(height))
            .and_then(|row| row.get(place(position)))
            .ok_or(CoreError::ProofInvalid)
    }

    /// Opens leaf `index`, of which `bytes` are the encoded records.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if there is no such leaf.
    pub fn open(&self, index: u32, bytes: &[u8]) -> Result<Proof> {
        self.climb(Start::Leaf { index, records: bytes.to_vec() })
    }

    /// Opens leaf `index` where it turned out to be bound to another series or index.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if there is no such leaf.
    pub fn open_foreign(
        &self,
        index: u32,
        context: Digest,
        bound_index: u32,
        records: Digest,
    ) -> Result<Proof> {
        self.climb(Start::Foreign { index, context, bound_index, records })
    }

    /// Opens an inner node.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if there is no such node, or it just moved up.
    pub fn open_node(&self, height: u32, position: u32) -> Result<Proof> {
        let below = height.checked_sub(1).ok_or(CoreError::ProofInvalid)?;
        let left = position.checked_mul(2).ok_or(CoreError::ProofInvalid)?;
        let children =
            Box::new([*self.node(below, left)?, *self.node(below, left.saturating_add(1))?]);
        self.climb(Start::Node { height, position, children })
    }

    /// The proof that the path from a leaf is good for: from its topmost node that the children do not add up
    /// to, or else from the leaf itself, as `leaf` opens it.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if there is no such leaf.
    pub fn accuse(&self, leaf: Start) -> Result<Proof> {
        let (_, index) = leaf.place();
        for height in (1..=self.series.shape().height()).rev() {
            let position = index.checked_shr(height).unwrap_or(0);
            let Ok(proof) = self.open_node(height, position) else {
                continue;
            };
            if !proof.adds_up() {
                return Ok(proof);
            }
        }
        self.climb(leaf)
    }

    /// The path from a start.
    fn climb(&self, start: Start) -> Result<Proof> {
        let shape = self.series.shape();
        let (height, mut position) = start.place();
        let claimed =
            if shape.is_top(height) { self.aggregate } else { self.node(height, position)?.sums };
        let mut siblings = Vec::new();
        for height in height..shape.height() {
            if let Some(sibling) = shape.sibling(height, position) {
                siblings.push(*self.node(height, sibling)?);
            }
            position >>= 1;
        }
        Ok(Proof { start, claimed, siblings })
    }
}
