//! What a document shows about the report that the chain has.

use std::collections::BTreeSet;

use flashback_core::hash::SoftwareSha256;
use flashback_core::records::{
    Fraud, Proof, Series, Start, Tree, TreeBuilder, leaf_sums, prove_fraud, records_digest,
};
use flashback_core::sla::{Commitment, commitment};
use flashback_core::{CoreError, Result};

use super::document::{Document, rows};

/// Leaves that are bound to something else are tried against everything known this often; beyond, they are withheld.
const FOREIGN_TRIES_MAX: usize = 32;

/// What a document shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The records are those that were reported.
    Agrees,
    /// They prove that the report is wrong.
    Wrong(Proven),
    /// They are not those that were reported, or are not all there: the oracle has to open a leaf on chain.
    Withheld(Withheld),
}

/// A proof that the program accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// What is wrong.
    pub fraud: Fraud,
    /// The smallest proof, encoded.
    pub proof: Vec<u8>,
}

/// Records that were not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Why they count as withheld.
    pub why: String,
    /// The leaves that are not known to be as they were reported: one of them is to be challenged. None: any leaf.
    pub doubtful: Vec<u32>,
}

impl Withheld {
    /// Of all leaves.
    pub(crate) fn whole(why: impl Into<String>) -> Self {
        Self { why: why.into(), doubtful: Vec::new() }
    }
}

impl Document {
    /// Judges the report of `committed`, of which `series` tells whose and what it is, by this document.
    ///
    /// `known` are other series that a leaf may have been taken from: those of the same SLA's other windows and seats,
    /// above all. A leaf that is bound to one of them, or to another index, is proven foreign.
    pub fn check(&self, committed: &Commitment, series: &Series, known: &[Series]) -> Judgement {
        match self.judge(committed, series, known) {
            Ok(judgement) => judgement,
            // Only what the document says can be refused on the way.
            Err(error) => Judgement::Withheld(Withheld::whole(format!("malformed: {error}"))),
        }
    }

    fn judge(
        &self,
        committed: &Commitment,
        series: &Series,
        known: &[Series],
    ) -> Result<Judgement> {
        if let Some(why) = self.is_of_something_else(series) {
            return Ok(Judgement::Withheld(Withheld::whole(why)));
        }
        let own_tree = build(series, &self.leaves);
        if let Ok(tree) = &own_tree {
            if tree.commitment::<SoftwareSha256>() == *committed {
                return Ok(Judgement::Agrees);
            }
            // The tree is right, and what was reported beside it is not.
            let claimed = self.aggregate.into();
            if commitment::<SoftwareSha256>(&claimed, &tree.root()) == *committed {
                let claiming = Tree::published::<SoftwareSha256>(*series, rows(tree)?, claimed)?;
                if let Some(proven) = self.smallest_proof(&claiming, committed)? {
                    return Ok(Judgement::Wrong(proven));
                }
            }
        }
        let Some(rows) = self.node_rows() else {
            let why = match own_tree {
                Ok(_) => "the leaves lead to another root than was reported".to_owned(),
                Err(error) => format!("a leaf is wrong in itself, and no nodes are given: {error}"),
            };
            return Ok(Judgement::Withheld(Withheld::whole(why)));
        };
        let tree = Tree::published::<SoftwareSha256>(*series, rows, self.aggregate.into());
        let Some(tree) = tree.ok().filter(|t| t.commitment::<SoftwareSha256>() == *committed)
        else {
            let why = "neither the leaves nor the nodes lead to what was reported";
            return Ok(Judgement::Withheld(Withheld::whole(why)));
        };
        if let Some(proven) = self.smallest_proof(&tree, committed)? {
            return Ok(Judgement::Wrong(proven));
        }
        let doubtful = self.unmatched(&tree)?;
        if let Some(proven) = self.foreign_leaf(&tree, committed, known, &doubtful)? {
            return Ok(Judgement::Wrong(proven));
        }
        let why = match doubtful.is_empty() {
            true => "the nodes do not lead from the leaves to the root".to_owned(),
            false => format!("{} leaves are not those that were reported", doubtful.len()),
        };
        Ok(Judgement::Withheld(Withheld { why, doubtful }))
    }

    fn is_of_something_else(&self, series: &Series) -> Option<String> {
        let shape = series.shape();
        let named = Series::new(
            self.oracle.to_bytes(),
            self.sla.to_bytes(),
            flashback_core::units::Timestamp(self.sla_start),
            self.window,
            flashback_core::units::Seconds(self.window_secs),
            self.rounds,
        );
        if named != Ok(*series) {
            return Some("the document is of another oracle, SLA or window".into());
        }
        let leaves = u32::try_from(self.leaves.len()).unwrap_or(u32::MAX);
        (leaves != shape.leaves())
            .then(|| format!("the document has {leaves} of {} leaves", shape.leaves()))
    }

    /// Of all proofs that the tree and these leaves give, the smallest that holds.
    fn smallest_proof(&self, tree: &Tree, committed: &Commitment) -> Result<Option<Proven>> {
        let mut smallest = None;
        let mut seen = BTreeSet::new();
        for (index, records) in (0u32..).zip(&self.leaves) {
            let proof = tree.accuse(Start::Leaf { index, records: records.clone() })?;
            let accused = match &proof.start {
                // Whole subtrees lead to the same wrong node.
                Start::Node { height, position, .. } => seen.insert((*height, *position)),
                _ => leaf_sums(tree.series(), index, records) != Ok(proof.claimed),
            };
            if accused {
                keep_smaller(&mut smallest, tree, committed, &proof);
            }
        }
        Ok(smallest)
    }

    /// The leaves whose hash in the tree is not that of the records given for them.
    fn unmatched(&self, tree: &Tree) -> Result<Vec<u32>> {
        let mut unmatched = Vec::new();
        for (index, records) in (0u32..).zip(&self.leaves) {
            let digest = records_digest::<SoftwareSha256>(records);
            let digest = tree.series().leaf_digest::<SoftwareSha256>(index, &digest);
            if tree.node(0, index)?.digest != digest {
                unmatched.push(index);
            }
        }
        Ok(unmatched)
    }

    /// A proof that one of these leaves is bound to another series or index, if it is one that is known.
    fn foreign_leaf(
        &self,
        tree: &Tree,
        committed: &Commitment,
        known: &[Series],
        unmatched: &[u32],
    ) -> Result<Option<Proven>> {
        let own = tree.series();
        let mut smallest = None;
        for index in unmatched.iter().copied().take(FOREIGN_TRIES_MAX) {
            let place = usize::try_from(index).unwrap_or(usize::MAX);
            let Some(leaf) = self.leaves.get(place) else { continue };
            let records = records_digest::<SoftwareSha256>(leaf);
            let digest = tree.node(0, index)?.digest;
            let elsewhere = (0..own.shape().leaves()).map(|bound| (own, bound));
            let others = known.iter().map(|series| (series, index));
            let bound = elsewhere.chain(others).find(|(series, bound)| {
                series.leaf_digest::<SoftwareSha256>(*bound, &records) == digest
            });
            if let Some((series, bound)) = bound {
                let context = series.context::<SoftwareSha256>();
                let proof = tree.open_foreign(index, context, bound, records)?;
                keep_smaller(&mut smallest, tree, committed, &proof);
            }
        }
        Ok(smallest)
    }
}

/// The tree that these leaves give.
fn build(series: &Series, leaves: &[Vec<u8>]) -> Result<Tree> {
    let mut builder = TreeBuilder::<SoftwareSha256>::new(*series);
    for leaf in leaves {
        builder.push_encoded(leaf)?;
    }
    builder.finish()
}

/// Keeps a proof if it holds, by the program's own rule, and none before is as small.
fn keep_smaller(smallest: &mut Option<Proven>, tree: &Tree, committed: &Commitment, proof: &Proof) {
    let Ok(bytes) = proof.encode(tree.series()) else { return };
    if smallest.as_ref().is_some_and(|proven| proven.proof.len() <= bytes.len()) {
        return;
    }
    let proven: std::result::Result<Fraud, CoreError> =
        prove_fraud::<SoftwareSha256>(tree.series(), committed, &bytes);
    if let Ok(fraud) = proven {
        *smallest = Some(Proven { fraud, proof: bytes });
    }
}
