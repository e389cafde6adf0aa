//! An oracle's records of a window, and the submission that goes with them.

use flashback_core::hash::SoftwareSha256;
use flashback_core::quality::Aggregate;
use flashback_core::records::{
    Kind, Outcome, Record, Series, Start, Tree, TreeBuilder, encode_leaf,
};
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::instruction::SubmitReportArgs;
use solana_sdk::pubkey::Pubkey;

use crate::World;

/// Records with their tree.
#[derive(Clone, Debug)]
pub struct Records {
    /// The tree over the leaves.
    pub tree: Tree,
    /// The leaves, encoded.
    pub leaves: Vec<Vec<u8>>,
}

impl Records {
    /// Records of every agreed probe of a window, as promised, but for the first `failed` probes, which found the
    /// service down. They are bound to `oracle`, by authority.
    pub fn of(world: &World, oracle: &Pubkey, window: u16, failed: u32) -> Self {
        let terms = world.terms();
        let series = Series::new(
            oracle.to_bytes(),
            world.sla_address().to_bytes(),
            Timestamp(terms.start),
            window,
            Seconds(terms.window_secs),
            terms.probes,
        )
        .expect("a series");
        let shape = *series.shape();
        let mut builder = TreeBuilder::<SoftwareSha256>::new(series);
        let mut leaves = Vec::new();
        for index in 0..shape.leaves() {
            let rounds = shape.leaf_rounds(index).expect("a leaf");
            let records: Vec<Record> = rounds
                .flat_map(|round| {
                    let at = series.slice(round).expect("a slice").start;
                    probes(at, round < failed, &terms)
                })
                .collect();
            let bytes = encode_leaf(&series, index, &records).expect("records");
            builder.push_encoded(&bytes).expect("a leaf");
            leaves.push(bytes);
        }
        Self { tree: builder.finish().expect("a tree"), leaves }
    }

    /// The same records, submitted with an aggregate that they do not add up to.
    pub fn with_aggregate(self, aggregate: Aggregate) -> Self {
        let (series, shape) = (*self.tree.series(), *self.tree.series().shape());
        let rows = (0..=shape.height())
            .map(|height| {
                let nodes = 0..shape.nodes(height);
                nodes.map(|position| *self.tree.node(height, position).expect("a node")).collect()
            })
            .collect();
        let tree = Tree::published::<SoftwareSha256>(series, rows, aggregate).expect("a tree");
        Self { tree, ..self }
    }

    /// The submission.
    pub fn report(&self, window: u16) -> SubmitReportArgs {
        SubmitReportArgs { window, aggregate: *self.tree.aggregate(), root: self.tree.root() }
    }

    /// The encoded path that opens a leaf.
    pub fn opening(&self, leaf: u32) -> Vec<u8> {
        let bytes = &self.leaves[usize::try_from(leaf).expect("a leaf")];
        let proof = self.tree.open(leaf, bytes).expect("a leaf");
        proof.encode(self.tree.series()).expect("a proof")
    }

    /// The encoded path that proves the submission wrong, if anything on the way from that leaf does.
    pub fn accusation(&self, leaf: u32) -> Vec<u8> {
        let records = self.leaves[usize::try_from(leaf).expect("a leaf")].clone();
        let proof = self.tree.accuse(Start::Leaf { index: leaf, records }).expect("a proof");
        proof.encode(self.tree.series()).expect("a proof")
    }
}

/// One probing round: every kind of probe, each exactly as promised, or a service that is down.
fn probes(at: Timestamp, failed: bool, terms: &flashback_core::sla::SlaTerms) -> Vec<Record> {
    if failed {
        return vec![Record::plain(at, Kind::Availability, Outcome::Failed)];
    }
    // One second for a transfer of a second's worth.
    let second = |kib_s: u32| (kib_s.min(1 << 21) * 1_024, 1_000_000);
    let (upload, upload_us) = second(terms.upload_kib_s);
    let (download, download_us) = second(terms.download_kib_s);
    vec![
        Record::plain(at, Kind::Availability, Outcome::Ok),
        Record::latency(at, terms.latency_us),
        Record::upload(at, upload, upload_us),
        Record::download(at, download, download_us),
    ]
}

impl World {
    /// Honest records of a seat's oracle, in which the first `failed` probes failed.
    pub fn records(&self, seat: usize, window: u16, failed: u32) -> Records {
        Records::of(self, &self.sla().seats[seat], window, failed)
    }
}
