//! Trees and documents of a liar. It exists in tests only.

use flashback_core::hash::SoftwareSha256 as H;
use flashback_core::quality::Aggregate;
use flashback_core::records::{
    Fraud, Node, Series, Shape, Tree, encode_leaf, leaf_sums, prove_fraud, records_digest,
};
use flashback_core::units::Seconds;
use flashback_oracle::audit::{Verdict, judge};
use flashback_oracle::key::WindowKey;
use flashback_oracle::publication::Document;
use flashback_oracle::store::Opening;
use flashback_oracle::window::Closed;

use crate::support::numbers::Numbers;
use crate::support::{life, opening};

/// What every oracle has: a window, as it was opened, and its series.
pub struct Case {
    pub key: WindowKey,
    pub opening: Opening,
    pub series: Series,
}

impl Case {
    pub fn new(rounds: u32, window_secs: u32) -> Self {
        let key = life(9).window(3);
        let opening = Opening { window_secs: Seconds(window_secs), ..opening(&key, rounds) };
        Self { key, opening, series: opening.series(&key).unwrap() }
    }

    pub fn closed(&self, numbers: &mut Numbers) -> Closed {
        Closed::of(&self.series, &numbers.records(&self.series)).unwrap()
    }

    pub fn document(&self, tree: &Tree, leaves: &[Vec<u8>]) -> Document {
        Document::of(tree, leaves.to_vec(), &self.key, &self.opening, vec![])
    }

    /// The document with the tree's nodes.
    pub fn laid_open(&self, tree: &Tree, leaves: &[Vec<u8>]) -> Document {
        self.document(tree, leaves).with_nodes(tree).unwrap()
    }
}

/// Judges the report of a tree by a document, through its bytes.
pub fn judged(tree: &Tree, document: &Document, known: &[Series]) -> Verdict {
    let bytes = document.to_bytes().unwrap();
    judge(&Ok(bytes), &tree.commitment::<H>(), tree.series(), known)
}

/// Which fraud a document proves: by a proof that the program's own rule accepts.
pub fn proven(tree: &Tree, document: &Document, known: &[Series]) -> Fraud {
    match judged(tree, document, known) {
        Verdict::Wrong(proven) => {
            let accepted = prove_fraud::<H>(tree.series(), &tree.commitment::<H>(), &proven.proof);
            assert_eq!(accepted, Ok(proven.fraud));
            proven.fraud
        }
        other => panic!("{other:?}"),
    }
}

/// The leaves' nodes; leaves that are wrong in themselves claim nothing.
pub fn leaf_nodes(series: &Series, leaves: &[Vec<u8>]) -> Vec<Node> {
    (0..)
        .zip(leaves)
        .map(|(index, bytes)| Node {
            digest: series.leaf_digest::<H>(index, &records_digest::<H>(bytes)),
            sums: leaf_sums(series, index, bytes).unwrap_or(Aggregate::EMPTY),
        })
        .collect()
}

/// A tree over these leaves with these lies: the sums claimed for places by height and position, whatever lies below.
/// Nodes above add up what is claimed below them.
pub fn forged(series: &Series, mut leaves: Vec<Node>, lies: &[(u32, u32, Aggregate)]) -> Tree {
    let shape = series.shape();
    let lie = |row: &mut Vec<Node>, height: u32| {
        for (_, position, sums) in lies.iter().filter(|(h, ..)| *h == height) {
            row[usize::try_from(*position).unwrap()].sums = *sums;
        }
    };
    lie(&mut leaves, 0);
    let mut rows = vec![leaves];
    for height in 1..=shape.height() {
        let mut row: Vec<Node> = (0..)
            .zip(rows.last().unwrap().chunks(2))
            .map(|(position, children)| {
                let [left, right] = children else { return children[0] };
                let digest = series.node_digest::<H>(height, position, [left, right]).unwrap();
                Node { digest, sums: left.sums.plus(&right.sums).unwrap() }
            })
            .collect();
        lie(&mut row, height);
        rows.push(row);
    }
    let aggregate = rows.last().unwrap()[0].sums;
    Tree::published::<H>(*series, rows, aggregate).unwrap()
}

/// Sums that so many rounds can claim: those of random records, of the leaves from `leaf` on.
pub fn sums(numbers: &mut Numbers, series: &Series, leaf: u32, leaves: u32) -> Aggregate {
    let shape = series.shape();
    let until = (leaf + leaves).min(shape.leaves());
    let records = numbers.records(series);
    (leaf..until).fold(Aggregate::EMPTY, |sum, index| {
        let rounds = shape.leaf_rounds(index).unwrap();
        let own: Vec<_> = records
            .iter()
            .filter(|(round, _)| rounds.contains(round))
            .map(|(_, record)| *record)
            .collect();
        let bytes = encode_leaf(series, index, &own).unwrap();
        sum.plus(&leaf_sums(series, index, &bytes).unwrap()).unwrap()
    })
}

/// Every place that a lie can stand at: leaves, and nodes that have two children.
pub fn places(shape: &Shape) -> Vec<(u32, u32)> {
    let nodes = (0..=shape.height()).flat_map(|h| (0..shape.nodes(h)).map(move |p| (h, p)));
    nodes.filter(|(h, p)| *h == 0 || 2 * p + 1 < shape.nodes(h - 1)).collect()
}
