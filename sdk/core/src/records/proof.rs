//! A path from one place of a tree to the committed root, and what it proves.

use super::Series;
use super::leaf::{leaf_digest, leaf_sums, records_digest};
use super::shape::{DIGEST_BYTES, PROOF_BYTES_MAX};
use super::sums::{Packed, packed_bytes};
use super::tree::{Node, node_digest};
use crate::error::{CoreError, Result};
use crate::hash::{Digest, Sha256};
use crate::quality::{AGGREGATE_SIZE, Aggregate};
use crate::sla::{Commitment, commitment};

/// What is wrong with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fraud {
    /// A leaf's records are not in the one encoding.
    LeafMalformed,
    /// A leaf is bound to another oracle, SLA, window or index.
    LeafForeign,
    /// A leaf holds a record of a time outside its slice of the window.
    LeafOutsideSlice,
    /// A leaf's records (height 0) or a node's children do not add up to the sums claimed for it.
    SumMismatch {
        /// Of the leaf or node.
        height: u32,
    },
    /// The topmost node's children (the records, if it is a leaf) do not add up to the submitted aggregate.
    RootMismatch,
}

impl Fraud {
    /// Its code in events: from 1; 4 for sums that do not add up, at whatever height.
    pub const fn code(self) -> u8 {
        match self {
            Self::LeafMalformed => 1,
            Self::LeafOutsideSlice => 2,
            Self::LeafForeign => 3,
            Self::SumMismatch { .. } => 4,
            Self::RootMismatch => 5,
        }
    }
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// A leaf and its encoded records.
    Leaf {
        /// The leaf.
        index: u32,
        /// Its records, raw: they may be malformed.
        records: Vec<u8>,
    },
    /// A leaf that is bound to something else.
    Foreign {
        /// The leaf, by its position in the tree.
        index: u32,
        /// The context that it is bound to.
        context: Digest,
        /// The index that it is bound to.
        bound_index: u32,
        /// The hash of its records.
        records: Digest,
    },
    /// An inner node and its two children.
    Node {
        /// Its height above the leaves.
        height: u32,
        /// Its position at that height.
        position: u32,
        /// Left and right.
        children: Box<[Node; 2]>,
    },
}

impl Start {
    /// Height and position.
    pub(super) fn place(&self) -> (u32, u32) {
        match *self {
            Self::Leaf { index, .. } | Self::Foreign { index, .. } => (0, index),
            Self::Node { height, position, .. } => (height, position),
        }
    }
}

/// A path from one place of a tree to its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The place and what it holds.
    pub start: Start,
    /// The sums claimed for the place: those in its parent, or the submitted aggregate if it is the topmost.
    pub claimed: Aggregate,
    /// The siblings on the way up; none where a node just moves up.
    pub siblings: Vec<Node>,
}

const LEAF_START: u8 = 0;
const FOREIGN_START: u8 = 1;
/// A node start is this plus its height.
const NODE_START: u8 = 2;

impl Proof {
    /// The proof's one encoding. Little-endian: the start's kind as a byte (0 leaf, 1 foreign leaf, 2 + height a
    /// node) and its position as u16; the claimed sums (packed, or the aggregate whole if the start is the
    /// topmost); each sibling's hash and packed sums, from below; then the leaf's records, or the foreign leaf's
    /// context, index and hash of records, or the node's children as siblings are.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if the proof does not fit the series' shape or has sums that no records have.
    pub fn encode(&self, series: &Series) -> Result<Vec<u8>> {
        let shape = series.shape();
        let (height, mut position) = self.start.place();
        let code = match &self.start {
            Start::Leaf { .. } => Some(LEAF_START),
            Start::Foreign { .. } => Some(FOREIGN_START),
            Start::Node { .. } => u8::try_from(height).ok().and_then(|h| h.checked_add(NODE_START)),
        };
        let mut bytes = vec![code.ok_or(CoreError::ProofInvalid)?];
        let short = u16::try_from(position).map_err(|_| CoreError::ProofInvalid)?;
        bytes.extend_from_slice(&short.to_le_bytes());
        if shape.is_top(height) {
            bytes.extend_from_slice(&self.claimed.encode());
        } else {
            let rounds = shape.rounds_under(height, position);
            bytes.extend_from_slice(Packed::new(&self.claimed, rounds)?.bytes());
        }
        let mut write = |node: &Node, rounds: u32| -> Result<()> {
            bytes.extend_from_slice(&node.digest);
            bytes.extend_from_slice(Packed::new(&node.sums, rounds)?.bytes());
            Ok(())
        };
        let mut siblings = self.siblings.iter();
        for height in height..shape.height() {
            if let Some(sibling) = shape.sibling(height, position) {
                let node = siblings.next().ok_or(CoreError::ProofInvalid)?;
                write(node, shape.rounds_under(height, sibling))?;
            }
            position >>= 1;
        }
        if siblings.next().is_some() {
            return Err(CoreError::ProofInvalid);
        }
        match &self.start {
            Start::Leaf { records, .. } => bytes.extend_from_slice(records),
            Start::Foreign { context, bound_index, records, .. } => {
                bytes.extend_from_slice(context);
                bytes.extend_from_slice(&bound_index.to_le_bytes());
                bytes.extend_from_slice(records);
            }
            Start::Node { height, position, children } => {
                let [left, right] = children.as_ref();
                let (left_rounds, right_rounds) = child_rounds(series, *height, *position)?;
                write(left, left_rounds)?;
                write(right, right_rounds)?;
            }
        }
        Ok(bytes)
    }

    /// The proof of its encoding.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] unless the bytes are as [`Proof::encode`] writes them, [`PROOF_BYTES_MAX`] at most.
    pub fn decode(series: &Series, bytes: &[u8]) -> Result<Self> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(CoreError::ProofInvalid);
        }
        let shape = series.shape();
        let mut rest = Reader(bytes);
        let [code] = rest.array()?;
        let start_position = u32::from(u16::from_le_bytes(rest.array()?));
        let start_height = u32::from(code.saturating_sub(NODE_START));
        if start_height > shape.height() || start_position >= shape.nodes(start_height) {
            return Err(CoreError::ProofInvalid);
        }
        let claimed = if shape.is_top(start_height) {
            Aggregate::decode(&rest.array::<AGGREGATE_SIZE>()?)?
        } else {
            rest.sums(shape.rounds_under(start_height, start_position))?
        };
        let mut position = start_position;
        let mut siblings = Vec::new();
        for height in start_height..shape.height() {
            if let Some(sibling) = shape.sibling(height, position) {
                siblings.push(rest.node(shape.rounds_under(height, sibling))?);
            }
            position >>= 1;
        }
        let (height, position, index) = (start_height, start_position, start_position);
        let start = match code {
            LEAF_START => {
                let records = core::mem::take(&mut rest.0).to_vec();
                Start::Leaf { index, records }
            }
            FOREIGN_START => Start::Foreign {
                index,
                context: rest.array()?,
                bound_index: u32::from_le_bytes(rest.array()?),
                records: rest.array()?,
            },
            _ => {
                let (left, right) = child_rounds(series, height, position)?;
                let children = Box::new([rest.node(left)?, rest.node(right)?]);
                Start::Node { height, position, children }
            }
        };
        if !rest.0.is_empty() {
            return Err(CoreError::ProofInvalid);
        }
        Ok(Self { start, claimed, siblings })
    }

    /// Follows the path to the committed root and judges its start. `None`: nothing is wrong there.
    ///
    /// # Errors
    /// [`CoreError::ProofInvalid`] if the path does not fit the series' shape, does not lead to the commitment,
    /// or does not add up above its start.
    pub fn examine<H: Sha256>(
        &self,
        series: &Series,
        committed: &Commitment,
    ) -> Result<Option<Fraud>> {
        let (aggregate, root) = self.climb::<H>(series)?;
        if commitment::<H>(&aggregate, &root) != *committed {
            return Err(CoreError::ProofInvalid);
        }
        let (height, _) = self.start.place();
        let mismatch = if series.shape().is_top(height) {
            Fraud::RootMismatch
        } else {
            Fraud::SumMismatch { height }
        };
        match &self.start {
            Start::Leaf { index, records } => match leaf_sums(series, *index, records) {
                Ok(sums) => Ok((sums != self.claimed).then_some(mismatch)),
                Err(CoreError::RecordMalformed) => Ok(Some(Fraud::LeafMalformed)),
                Err(CoreError::RecordOutsideSlice) => Ok(Some(Fraud::LeafOutsideSlice)),
                Err(error) => Err(error),
            },
            Start::Foreign { index, context, bound_index, .. } => {
                let own = bound_index == index && *context == series.context::<H>();
                Ok((!own).then_some(Fraud::LeafForeign))
            }
            Start::Node { .. } => Ok((!self.adds_up()).then_some(mismatch)),
        }
    }

    /// Whether a node's children add up to what is claimed for it. Of leaves this says nothing.
    pub(super) fn adds_up(&self) -> bool {
        match &self.start {
            Start::Node { children, .. } => {
                let [left, right] = children.as_ref();
                left.sums.plus(&right.sums) == Ok(self.claimed)
            }
            Start::Leaf { .. } | Start::Foreign { .. } => true,
        }
    }

    /// The aggregate and the root that the path leads to.
    fn climb<H: Sha256>(&self, series: &Series) -> Result<(Aggregate, Digest)> {
        let invalid = CoreError::ProofInvalid;
        let shape = series.shape();
        let (start_height, mut position) = self.start.place();
        if start_height > shape.height() || position >= shape.nodes(start_height) {
            return Err(invalid);
        }
        let mut node = Node { digest: self.start_digest::<H>(series)?, sums: self.claimed };
        let mut siblings = self.siblings.iter();
        for height in start_height..shape.height() {
            if let Some(sibling_position) = shape.sibling(height, position) {
                let sibling = siblings.next().ok_or(invalid)?;
                let own_rounds = shape.rounds_under(height, position);
                let sibling_rounds = shape.rounds_under(height, sibling_position);
                let digest = if position < sibling_position {
                    node_digest::<H>(&node, own_rounds, sibling, sibling_rounds)?
                } else {
                    node_digest::<H>(sibling, sibling_rounds, &node, own_rounds)?
                };
                node = Node { digest, sums: node.sums.plus(&sibling.sums).map_err(|_| invalid)? };
            }
            position >>= 1;
        }
        if siblings.next().is_some() {
            return Err(invalid);
        }
        Ok((node.sums, series.root::<H>(&node.digest)))
    }

    fn start_digest<H: Sha256>(&self, series: &Series) -> Result<Digest> {
        match &self.start {
            Start::Leaf { index, records } => {
                let records = records_digest::<H>(records);
                Ok(leaf_digest::<H>(&series.context::<H>(), *index, &records))
            }
            Start::Foreign { context, bound_index, records, .. } => {
                Ok(leaf_digest::<H>(context, *bound_index, records))
            }
            Start::Node { height, position, children } => {
                let [left, right] = children.as_ref();
                let (left_rounds, right_rounds) = child_rounds(series, *height, *position)?;
                node_digest::<H>(left, left_rounds, right, right_rounds)
            }
        }
    }
}

/// Whether an encoded proof shows that the submission of that commitment is wrong, and how.
///
/// # Errors
/// [`CoreError::ProofInvalid`] if it is no path to the commitment; [`CoreError::NoFraud`] if nothing is wrong where
/// it starts.
pub fn prove_fraud<H: Sha256>(
    series: &Series,
    committed: &Commitment,
    proof: &[u8],
) -> Result<Fraud> {
    Proof::decode(series, proof)?.examine::<H>(series, committed)?.ok_or(CoreError::NoFraud)
}

/// Checks that an encoded proof opens leaf `index` of the submission of that commitment, and that nothing is
/// wrong with it. Returns what the leaf's records add up to.
///
/// # Errors
/// [`CoreError::ProofInvalid`] if it opens something else or shows a fraud.
pub fn verify_opening<H: Sha256>(
    series: &Series,
    committed: &Commitment,
    index: u32,
    proof: &[u8],
) -> Result<Aggregate> {
    let proof = Proof::decode(series, proof)?;
    let opens = matches!(proof.start, Start::Leaf { index: opened, .. } if opened == index);
    if !opens || proof.examine::<H>(series, committed)?.is_some() {
        return Err(CoreError::ProofInvalid);
    }
    Ok(proof.claimed)
}

/// How many rounds lie under each child of an inner node.
pub(super) fn child_rounds(series: &Series, height: u32, position: u32) -> Result<(u32, u32)> {
    let invalid = CoreError::ProofInvalid;
    let below = height.checked_sub(1).ok_or(invalid)?;
    let left = position.checked_mul(2).ok_or(invalid)?;
    let right = series.shape().sibling(below, left).ok_or(invalid)?;
    Ok((series.shape().rounds_under(below, left), series.shape().rounds_under(below, right)))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(CoreError::ProofInvalid)?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| CoreError::ProofInvalid)
    }

    fn sums(&mut self, rounds: u32) -> Result<Aggregate> {
        Packed::read(self.take(packed_bytes(rounds))?, rounds)
    }

    fn node(&mut self, rounds: u32) -> Result<Node> {
        Ok(Node { digest: self.array::<DIGEST_BYTES>()?, sums: self.sums(rounds)? })
    }
}
