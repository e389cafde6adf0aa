//! What oracles submit: honest records and forged ones, each in a way that can be proven or not.

use std::collections::BTreeMap;

use flashback_core::hash::{Digest, Sha256, SoftwareSha256};
use flashback_core::quality::NOT_PROMISED;
use flashback_core::records::{
    Kind, Outcome, Record, Series, Start, Tree, TreeBuilder, encode_leaf,
};
use flashback_core::sla::{Commitment, SlaTerms, commitment};
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_tests::measured;
use flashback_tests::records::Records;
use solana_sdk::pubkey::Pubkey;

/// How the service was in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// As promised, and no better.
    Met,
    /// A fifth better than promised.
    Excellent,
    /// That many percent slower than promised.
    Slow(u32),
    /// Up in all but that many probes.
    Down(u32),
    /// Up, but that many of its operations of each kind failed.
    Failing(u32),
    /// It could not be told.
    Unknown,
    /// Nobody looked but for the first probes.
    Unwatched,
}

/// What is wrong with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// The aggregate is not that of its records.
    Aggregate,
    /// Records lie outside their slices of the window.
    OutsideSlice,
    /// The records are another oracle's.
    Foreign,
    /// Nobody ever sees records.
    Withheld,
}

/// Whose submission of which window: SLA, its start (a closed SLA's address may be used again), window, oracle.
pub type Place = (Pubkey, i64, u16, Pubkey);

/// A submission with what stands behind it.
#[derive(Clone)]
pub struct Filed {
    pub flaw: Flaw,
    records: Records,
    /// What foreign records are bound to.
    context: Digest,
}

/// All that anybody meant to submit.
#[derive(Clone, Default)]
pub struct Archive(BTreeMap<Place, Vec<Filed>>);

impl Archive {
    /// Keeps what is about to be submitted.
    pub fn offer(&mut self, place: Place, filed: Filed) {
        self.0.entry(place).or_default().push(filed);
    }

    /// What the chain has the commitment of.
    pub fn of(&self, place: &Place, committed: &Commitment) -> Option<&Filed> {
        self.0.get(place)?.iter().find(|filed| filed.commitment(place.2) == *committed)
    }
}

impl Filed {
    /// A submission of a service, with a flaw.
    pub fn new(place: &Place, terms: &SlaTerms, service: Service, flaw: Flaw) -> Self {
        let (sla, _, window, oracle) = *place;
        let series = |oracle: Pubkey, stretch: u32| {
            Series::new(
                oracle.to_bytes(),
                sla.to_bytes(),
                Timestamp(terms.start),
                window,
                Seconds(terms.window_secs * stretch),
                terms.probes,
            )
            .expect("a series")
        };
        let own = series(oracle, 1);
        let bound = match flaw {
            Flaw::Foreign => series(Pubkey::new_from_array([7; 32]), 1),
            Flaw::OutsideSlice => series(oracle, 2),
            _ => own,
        };
        let records = records(bound, terms, service);
        let rows = rows(&records.tree);
        let mut aggregate = *records.tree.aggregate();
        if flaw == Flaw::Aggregate {
            aggregate = measured::slow(terms, 7);
            aggregate.latency_sum_us += 1;
        }
        let tree = Tree::published::<SoftwareSha256>(own, rows, aggregate).expect("a tree");
        let context = bound.context::<SoftwareSha256>();
        Self { flaw, records: Records { tree, ..records }, context }
    }

    fn commitment(&self, window: u16) -> Commitment {
        let report = self.report(window);
        commitment::<SoftwareSha256>(&report.aggregate, &report.root)
    }

    /// The submission.
    pub fn report(&self, window: u16) -> SubmitReportArgs {
        let mut report = self.records.report(window);
        if self.flaw == Flaw::Withheld {
            report.root = [9; 32];
        }
        report
    }

    fn leaves(&self) -> u32 {
        self.records.tree.series().shape().leaves()
    }

    /// The encoded path that opens a leaf.
    pub fn opening(&self, leaf: u32) -> Option<Vec<u8>> {
        (leaf < self.leaves()).then(|| self.records.opening(leaf))
    }

    /// The encoded path that should prove it wrong, whether it does or not.
    pub fn accusation(&self, leaf: u32) -> Vec<u8> {
        let records = &self.records;
        let leaf = leaf.min(self.leaves() - 1);
        if self.flaw != Flaw::Foreign {
            return records.accusation(leaf);
        }
        let bytes = &records.leaves[usize::try_from(leaf).expect("a leaf")];
        let hash = SoftwareSha256::hash(&[&[4], bytes]);
        let (index, bound_index) = (leaf, leaf);
        let start = Start::Foreign { index, context: self.context, bound_index, records: hash };
        let proof = records.tree.accuse(start).expect("a proof");
        proof.encode(records.tree.series()).expect("an encoding")
    }
}

fn rows(tree: &Tree) -> Vec<Vec<flashback_core::records::Node>> {
    let shape = *tree.series().shape();
    let row = |height| {
        let nodes = 0..shape.nodes(height);
        nodes.map(|position| *tree.node(height, position).expect("a node")).collect()
    };
    (0..=shape.height()).map(row).collect()
}

/// Records of every probe of a window.
fn records(series: Series, terms: &SlaTerms, service: Service) -> Records {
    let shape = *series.shape();
    let mut builder = TreeBuilder::<SoftwareSha256>::new(series);
    let mut leaves = Vec::new();
    for index in 0..shape.leaves() {
        let rounds = shape.leaf_rounds(index).expect("a leaf");
        let found: Vec<Record> = rounds
            .flat_map(|round| {
                probes(series.slice(round).expect("a slice").start, round, terms, service)
            })
            .collect();
        let bytes = encode_leaf(&series, index, &found).expect("records");
        builder.push_encoded(&bytes).expect("a leaf");
        leaves.push(bytes);
    }
    Records { tree: builder.finish().expect("a tree"), leaves }
}

/// One probing round.
fn probes(at: Timestamp, round: u32, terms: &SlaTerms, service: Service) -> Vec<Record> {
    match service {
        Service::Down(failed) if round < failed => {
            return vec![Record::plain(at, Kind::Availability, Outcome::Failed)];
        }
        Service::Failing(failed) if round < failed => {
            let failed = [Kind::Latency, Kind::Upload, Kind::Download];
            let up = Record::plain(at, Kind::Availability, Outcome::Ok);
            let failed = failed.map(|kind| Record::plain(at, kind, Outcome::Failed));
            return [up].into_iter().chain(failed).collect();
        }
        Service::Unknown => {
            return vec![Record::plain(at, Kind::Availability, Outcome::Inconclusive)];
        }
        Service::Unwatched if round > 1 => return vec![],
        _ => {}
    }
    let (latency_percent, speed_percent) = match service {
        Service::Excellent => (80, 120),
        Service::Slow(percent) => (100 + percent, 100),
        // What does not fail is slow.
        Service::Failing(_) => (110, 100),
        _ => (100, 100),
    };
    let promised = |figure: u32, percent: u32| {
        if figure == NOT_PROMISED { 1_000 } else { figure.min(1_000_000) / 100 * percent }
    };
    let upload = promised(terms.upload_kib_s, speed_percent) * 1_024;
    let download = promised(terms.download_kib_s, speed_percent) * 1_024;
    vec![
        Record::plain(at, Kind::Availability, Outcome::Ok),
        Record::latency(at, promised(terms.latency_us, latency_percent)),
        Record::upload(at, upload, 1_000_000),
        Record::download(at, download, 1_000_000),
    ]
}
