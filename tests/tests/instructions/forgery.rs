//! Records that lie: trees built by the rules that core documents, with hashing and packing of their own.

use flashback_core::hash::{Digest, Sha256, SoftwareSha256};
use flashback_core::params::Params;
use flashback_core::quality::Aggregate;
use flashback_core::records::{Kind, Node, Outcome, Record, Series, Tree, encode_leaf, leaf_sums};
use flashback_tests::prelude::*;
use flashback_tests::records::Records;

use super::contests::*;

/// Honest records, to be bent.
#[derive(Clone)]
pub struct Forgery {
    series: Series,
    leaves: Vec<Vec<u8>>,
    nodes: Vec<Node>,
    lies: Vec<(u32, u32, Aggregate)>,
    aggregate: Option<Aggregate>,
}

impl Forgery {
    /// Of these records.
    pub fn of(records: &Records) -> Self {
        let (series, leaves) = (*records.tree.series(), records.leaves.clone());
        let nodes = (0..)
            .zip(&leaves)
            .map(|(index, bytes)| Node {
                digest: leaf_digest(&series.context::<SoftwareSha256>(), index, bytes),
                sums: leaf_sums(&series, index, bytes).expect("honest records"),
            })
            .collect();
        Self { series, leaves, nodes, lies: vec![], aggregate: None }
    }

    /// Whose records of which window they pretend to be.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// The records of a leaf, encoded.
    pub fn leaf(&self, index: u32) -> &[u8] {
        &self.leaves[at(index)]
    }

    /// With other bytes in a leaf, of which it claims the honest sums all the same.
    pub fn with_leaf(mut self, index: u32, bytes: Vec<u8>) -> Self {
        let context = self.series.context::<SoftwareSha256>();
        self.nodes[at(index)].digest = leaf_digest(&context, index, &bytes);
        self.leaves[at(index)] = bytes;
        self
    }

    /// With a leaf bound to another series or index.
    pub fn bound_to(mut self, index: u32, other: &Series, other_index: u32) -> Self {
        let context = other.context::<SoftwareSha256>();
        self.nodes[at(index)].digest = leaf_digest(&context, other_index, self.leaf(index));
        self
    }

    /// With other sums claimed for a place, a leaf being at height 0; what lies above adds them up.
    pub fn claiming(mut self, height: u32, position: u32, sums: Aggregate) -> Self {
        self.lies.push((height, position, sums));
        self
    }

    /// With another aggregate submitted than all of it adds up to.
    pub fn submitting(mut self, aggregate: Aggregate) -> Self {
        self.aggregate = Some(aggregate);
        self
    }

    /// The records, with the forged tree.
    pub fn records(self) -> Records {
        let shape = *self.series.shape();
        let lie = |row: &mut Vec<Node>, height: u32| {
            for (_, position, sums) in self.lies.iter().filter(|(at, ..)| *at == height) {
                row[at(*position)].sums = *sums;
            }
        };
        let mut rows = vec![self.nodes.clone()];
        lie(&mut rows[0], 0);
        for height in 1..=shape.height() {
            let children = rows.last().expect("a row").chunks(2);
            let mut row = (0..)
                .zip(children)
                .map(|(position, children)| match children {
                    [left, right] => self.parent(height, position, left, right),
                    // Without a sibling it moves up.
                    alone => alone[0],
                })
                .collect();
            lie(&mut row, height);
            rows.push(row);
        }
        let top = rows.last().expect("a row")[0].sums;
        let aggregate = self.aggregate.unwrap_or(top);
        let tree = Tree::published::<SoftwareSha256>(self.series, rows, aggregate);
        Records { tree: tree.expect("rows of the shape"), leaves: self.leaves }
    }

    fn parent(&self, height: u32, position: u32, left: &Node, right: &Node) -> Node {
        let packed = |node: &Node, side| {
            packed(&node.sums, rounds_under(&self.series, height - 1, 2 * position + side))
        };
        let (left_sums, right_sums) = (packed(left, 0), packed(right, 1));
        let parts: [&[u8]; 5] = [&[1], &left.digest, &right.digest, &left_sums, &right_sums];
        let sums = left.sums.plus(&right.sums).expect("sums");
        Node { digest: SoftwareSha256::hash(&parts), sums }
    }
}

fn at(index: u32) -> usize {
    usize::try_from(index).expect("an index")
}

/// `H(0, context, index, H(4, records))`.
fn leaf_digest(context: &Digest, index: u32, records: &[u8]) -> Digest {
    let records = records_digest(records);
    SoftwareSha256::hash(&[&[0], context, &index.to_le_bytes(), &records])
}

/// `H(4, records)`.
pub fn records_digest(records: &[u8]) -> Digest {
    SoftwareSha256::hash(&[&[4], records])
}

/// Probing rounds below a node.
fn rounds_under(series: &Series, height: u32, position: u32) -> u32 {
    let shape = series.shape();
    let last = ((position + 1) << height).min(shape.leaves()) - 1;
    let first = shape.leaf_rounds(position << height).expect("a leaf").start;
    shape.leaf_rounds(last).expect("a leaf").end - first
}

/// Sums in as many bits as so many rounds can need: two more for counts of operations, 32 more for sums.
fn packed(sums: &Aggregate, rounds: u32) -> Vec<u8> {
    let count = u32::BITS - rounds.leading_zeros();
    let counts = [sums.attempts, sums.probes_total, sums.probes_ok].map(|one| (one, count));
    let operations = [sums.ops_total, sums.ops_ok].map(|one| (one, count + 2));
    let samples =
        [sums.latency_count, sums.upload_count, sums.download_count].map(|one| (one, count));
    let totals = [sums.latency_sum_us, sums.upload_sum_kib_s, sums.download_sum_kib_s];
    let figures = counts.into_iter().chain(operations).chain(samples);
    let figures = figures
        .map(|(value, width)| (u64::from(value), width))
        .chain(totals.map(|total| (total, count + 32)));
    let mut bits = vec![];
    for (value, width) in figures {
        assert!(value < 1 << width, "so many rounds cannot have {value}");
        bits.extend((0..width).map(|bit| u8::from(value >> bit & 1 == 1)));
    }
    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | bit)).collect()
}

/// With window 0 reported by seat 0 as `forge` bends its records and honestly by the others, in its challenge phase; and
/// seat 0's records. Each window has 24 probes.
pub fn forged(forge: impl FnOnce(Forgery) -> Forgery) -> (World, Records) {
    let mut world = active(hourly(), reservation());
    let records = submits_forged(&mut world, 0, forge);
    for seat in [1, 2] {
        let honest = world.records(seat, 0, 0).report(0);
        world.seat(seat).submits(honest).succeeds();
    }
    world.wait_until_challenges(0);
    (world, records)
}

/// Seat 0 reports a window likewise.
pub fn submits_forged(
    world: &mut World,
    window: u16,
    forge: impl FnOnce(Forgery) -> Forgery,
) -> Records {
    world.wait_until_reports(window);
    let records = forge(Forgery::of(&world.records(0, window, 0))).records();
    world.seat(0).submits(records.report(window)).succeeds();
    records
}

/// With an aggregate of a service that never failed, though a record says otherwise; and seat 0's records.
pub fn embellished() -> (World, Records) {
    forged(|honest| {
        let aggregate = *honest.clone().records().tree.aggregate();
        let failed = failure(honest.series(), 5);
        let sums = leaf_sums(honest.series(), 5, &failed).expect("records");
        honest.with_leaf(5, failed).claiming(0, 5, sums).submitting(aggregate)
    })
}

/// A lie about leaf 5, which its records do not add up to.
pub fn lies_about_leaf_5(honest: Forgery) -> Forgery {
    let failed = failure(honest.series(), 5);
    honest.with_leaf(5, failed)
}

/// With seat 0's oracle proven a liar about window 0, where silence costs nothing: all of its cover was against fraud,
/// and is used up.
pub fn uncovered() -> World {
    let mut world = World::initialized();
    world.deployer().sets_params(Params { absence_bps: 0, ..Params::default() }).succeeds();
    world = world.and_market(STAKE, hourly());
    world.consumer().reserves().succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let records = submits_forged(&mut world, 0, lies_about_leaf_5);
    world.anyone().proves_fraud(None, 0, records.accusation(5)).succeeds();
    assert_eq!(world.oracle_account(&world.sla().seats[0]).stake.covered, 0);
    world
}

/// The records of a leaf whose probe found the service down.
pub fn failure(series: &Series, index: u32) -> Vec<u8> {
    let round = series.shape().leaf_rounds(index).expect("a leaf").start;
    let time = series.slice(round).expect("a slice").start;
    let record = Record::plain(time, Kind::Availability, Outcome::Failed);
    encode_leaf(series, index, &[record]).expect("records")
}

#[test]
fn without_a_lie_it_is_the_honest_tree() {
    let world = active(hourly(), reservation());
    let honest = world.records(0, 0, 3);
    assert_eq!(Forgery::of(&honest).records().tree, honest.tree);
    let world = World::with_active_sla();
    let honest = world.records(1, 2, 1_000);
    assert_eq!(Forgery::of(&honest).records().tree, honest.tree);
}
