use super::leaf::{leaf_digest, records_digest};
use super::sums::{Packed, packed_bytes};
use super::tree::node_digest;
use super::*;
use crate::hash::SoftwareSha256 as H;
use crate::quality::Aggregate;
use crate::sla::{Commitment, commitment};
use proptest::prelude::*;

mod encodings;
mod frauds;
mod honest;
mod sizes;
mod trees;

const ORACLE: [u8; 32] = [7; 32];
const SLA: [u8; 32] = [9; 32];
const START: Timestamp = Timestamp(1_700_000_000);

fn series_of(rounds: u32, window_secs: u32) -> Series {
    Series::new(ORACLE, SLA, START, 3, Seconds(window_secs), rounds).unwrap()
}

/// A day of probes every five minutes.
fn day() -> Series {
    series_of(288, 86_400)
}

/// Deterministic numbers (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn small(&mut self, n: u32) -> u32 {
        u32::try_from(self.below(u64::from(n))).unwrap()
    }

    fn record(&mut self, slice: &core::ops::Range<Timestamp>, kind: Kind) -> Record {
        let time = slice.start.after(self.below(slice.end.since(slice.start))).unwrap();
        match (self.below(4), kind) {
            (0, _) => Record::plain(time, kind, Outcome::Failed),
            (1, _) => Record::plain(time, kind, Outcome::Inconclusive),
            (_, Kind::Latency) => Record::latency(time, self.small(u32::MAX)),
            (_, Kind::Upload) => Record::upload(time, 1 + self.small(1 << 20), 250 + self.small(9)),
            (_, Kind::Download) => Record::download(time, u32::MAX, 1_000 + self.small(1_000_000)),
            _ => Record::plain(time, kind, Outcome::Ok),
        }
    }

    /// Random records of leaf `index`.
    fn leaf(&mut self, series: &Series, index: u32) -> Vec<Record> {
        let mut records = Vec::new();
        for round in series.shape().leaf_rounds(index).unwrap() {
            let slice = series.slice(round).unwrap();
            for kind in Kind::ALL {
                if self.below(3) > 0 {
                    records.push(self.record(&slice, kind));
                }
            }
        }
        records
    }

    fn leaves(&mut self, series: &Series) -> Vec<Vec<u8>> {
        (0..series.shape().leaves())
            .map(|index| encode_leaf(series, index, &self.leaf(series, index)).unwrap())
            .collect()
    }

    /// Sums that so many rounds could claim.
    fn sums(&mut self, rounds: u32) -> Aggregate {
        let mut bytes: Vec<u8> =
            (0..packed_bytes(rounds)).map(|_| self.next().to_le_bytes()[0]).collect();
        let mut unused = 0;
        loop {
            if let Ok(sums) = Packed::read(&bytes, rounds) {
                return sums;
            }
            unused += 1;
            *bytes.last_mut().unwrap() &= 0xff >> unused;
        }
    }
}

fn honest(series: &Series, leaves: &[Vec<u8>]) -> Tree {
    let mut builder = TreeBuilder::<H>::new(*series);
    for leaf in leaves {
        builder.push_encoded(leaf).unwrap();
    }
    builder.finish().unwrap()
}

/// Every place that a path can start at: leaves, and nodes that have two children.
fn places(shape: &Shape) -> Vec<(u32, u32)> {
    let nodes = (0..=shape.height()).flat_map(|h| (0..shape.nodes(h)).map(move |p| (h, p)));
    nodes.filter(|(h, p)| *h == 0 || shape.sibling(h - 1, 2 * p).is_some()).collect()
}

fn leaf_start(index: u32, leaves: &[Vec<u8>]) -> Start {
    Start::Leaf { index, records: leaves[usize::try_from(index).unwrap()].clone() }
}

/// What the proof, sent as bytes, proves.
fn judged(tree: &Tree, proof: &Proof) -> Result<Fraud> {
    let bytes = proof.encode(tree.series()).unwrap();
    assert!(bytes.len() <= PROOF_BYTES_MAX);
    assert_eq!(Proof::decode(tree.series(), &bytes).as_ref(), Ok(proof));
    prove_fraud::<H>(tree.series(), &tree.commitment::<H>(), &bytes)
}
