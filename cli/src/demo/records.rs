//! What an oracle records of a window: generated probes, and the Merkle-sum tree that it publishes over them.

use flashback_core::Result;
use flashback_core::hash::SoftwareSha256;
use flashback_core::quality::Aggregate;
use flashback_core::records::{
    Kind, Outcome, Record, Series, Start, Tree, TreeBuilder, encode_leaf,
};
use flashback_core::units::Timestamp;

use super::scenario::{PROBES, Report, Submission, offer};

/// A service as an oracle meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Well above the promise.
    Excellent,
    /// As promised.
    Ordinary,
    /// Its first byte comes later than promised, by so many percent.
    Slow(u32),
    /// So many percent of the probes find it down.
    Down(u32),
    /// Its bucket is closed to the oracles.
    Refused,
}

/// Bytes of a transfer.
const TRANSFER: u32 = 1 << 20;
/// How far a sample strays from the mean to either side, in thousandths.
const SPREAD: u32 = 50;

impl Service {
    /// Latency and speeds, in percent of the promise.
    fn percent(self) -> (u32, u32) {
        match self {
            Self::Excellent => (70, 130),
            Self::Slow(percent) => (100 + percent, 105),
            Self::Ordinary | Self::Down(_) | Self::Refused => (95, 105),
        }
    }

    fn outcome(self, chance: &mut Chance) -> Outcome {
        match self {
            Self::Down(percent) if chance.below(100) < percent => Outcome::Failed,
            Self::Refused => Outcome::Inconclusive,
            _ => Outcome::Ok,
        }
    }

    /// One probing round that begins at `at`: a probe of every kind that measures.
    fn probes(self, at: Timestamp, chance: &mut Chance) -> Vec<Record> {
        let promise = offer().thresholds;
        let outcome = self.outcome(chance);
        if outcome != Outcome::Ok {
            let kinds = [Kind::Availability, Kind::Latency, Kind::Upload, Kind::Download];
            return kinds.map(|kind| Record::plain(at, kind, outcome)).to_vec();
        }
        let (latency, speed) = self.percent();
        let latency_us = chance.around(promise.latency_us / 100 * latency);
        let upload = chance.around(promise.upload_kib_s / 100 * speed);
        let download = chance.around(promise.download_kib_s / 100 * speed);
        let micros = |kib_s: u32| (TRANSFER >> 10) * 1_000_000 / kib_s;
        vec![
            Record::plain(at, Kind::Availability, Outcome::Ok),
            Record::latency(at, latency_us),
            Record::upload(at, TRANSFER, micros(upload)),
            Record::download(at, TRANSFER, micros(download)),
        ]
    }
}

impl Submission {
    /// The aggregate that is submitted, without a tree; `None` for no report.
    pub fn aggregate(&self) -> Result<Option<Aggregate>> {
        match self.report() {
            Report::None => Ok(None),
            Report::Honest(service)
            | Report::Lie { claimed: service, .. }
            | Report::Baseless(service) => self.sums(service).map(Some),
        }
    }

    /// What its records of a service add up to.
    fn sums(&self, service: Service) -> Result<Aggregate> {
        let mut chance = Chance::of(self);
        let mut sums = Aggregate::EMPTY;
        for _ in 0..PROBES {
            for record in service.probes(Timestamp(0), &mut chance) {
                record.count_into(&mut sums)?;
            }
        }
        Ok(sums)
    }

    /// The records that it publishes with its report; `None` if there are none.
    pub fn records(&self, series: Series) -> Result<Option<Records>> {
        match self.report() {
            Report::None | Report::Baseless(_) => Ok(None),
            Report::Honest(service) => Records::new(series, service, Chance::of(self)).map(Some),
            Report::Lie { recorded, claimed } => {
                let records = Records::new(series, recorded, Chance::of(self))?;
                records.claiming(self.sums(claimed)?).map(Some)
            }
        }
    }
}

/// An oracle's records of a window.
pub struct Records {
    tree: Tree,
    leaves: Vec<Vec<u8>>,
}

impl Records {
    fn new(series: Series, service: Service, mut chance: Chance) -> Result<Self> {
        let mut builder = TreeBuilder::<SoftwareSha256>::new(series);
        let mut leaves = vec![];
        for leaf in 0..series.shape().leaves() {
            let mut records = vec![];
            for round in series.shape().leaf_rounds(leaf)? {
                records.extend(service.probes(series.slice(round)?.start, &mut chance));
            }
            let bytes = encode_leaf(&series, leaf, &records)?;
            builder.push_encoded(&bytes)?;
            leaves.push(bytes);
        }
        Ok(Self { tree: builder.finish()?, leaves })
    }

    /// The same records under an aggregate that they do not add up to.
    fn claiming(self, aggregate: Aggregate) -> Result<Self> {
        let series = *self.tree.series();
        let shape = *series.shape();
        let row = |height| {
            let nodes = 0..shape.nodes(height);
            nodes.map(|position| self.tree.node(height, position).copied()).collect()
        };
        let rows = (0..=shape.height()).map(row).collect::<Result<_>>()?;
        let tree = Tree::published::<SoftwareSha256>(series, rows, aggregate)?;
        Ok(Self { tree, leaves: self.leaves })
    }

    /// The root of their tree.
    pub fn root(&self) -> [u8; 32] {
        self.tree.root()
    }

    /// The encoded path that opens a leaf.
    pub fn opening(&self, leaf: u32) -> Result<Vec<u8>> {
        self.tree.open(leaf, self.leaf(leaf))?.encode(self.tree.series())
    }

    /// The encoded path, from a leaf upwards, that proves the submission wrong.
    pub fn accusation(&self, leaf: u32) -> Result<Vec<u8>> {
        let start = Start::Leaf { index: leaf, records: self.leaf(leaf).to_vec() };
        self.tree.accuse(start)?.encode(self.tree.series())
    }

    fn leaf(&self, leaf: u32) -> &[u8] {
        let leaf = usize::try_from(leaf).ok().and_then(|leaf| self.leaves.get(leaf));
        leaf.map(Vec::as_slice).unwrap_or_default()
    }
}

/// Numbers that look like chance and are the same in every run (SplitMix64): no two seats ever see quite the same.
struct Chance(u64);

impl Chance {
    fn of(submission: &Submission) -> Self {
        let Submission { sla, window, seat } = submission;
        Self((sla.number() << 32) | (u64::from(*window) << 8) | u64::from(*seat))
    }

    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((z ^ (z >> 31)) % u64::from(n)).unwrap_or_default()
    }

    /// A value around a mean.
    fn around(&mut self, mean: u32) -> u32 {
        mean * (1_000 - SPREAD + self.below(2 * SPREAD + 1)) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use flashback_core::records::{Fraud, prove_fraud, verify_opening};
    use flashback_core::sla::commitment;
    use flashback_core::units::{DAY, Seconds};

    use super::*;
    use crate::demo::scenario::{LEAF, LIAR, PRETENDER, Sla, WEEK};

    fn series(window: u16) -> Series {
        Series::new([1; 32], [2; 32], Timestamp(1_000), window, Seconds(DAY), PROBES).unwrap()
    }

    #[test]
    fn every_honest_report_is_what_its_published_records_add_up_to() {
        for sla in Sla::ALL {
            for (window, seat) in (0..WEEK).flat_map(|k| (0..3).map(move |seat| (k, seat))) {
                let submission = Submission { sla, window, seat };
                if !matches!(submission.report(), Report::Honest(_)) {
                    continue;
                }
                let records = submission.records(series(window)).unwrap().unwrap();
                assert_eq!(submission.aggregate().unwrap(), Some(*records.tree.aggregate()));
                let committed = records.tree.commitment::<SoftwareSha256>();
                let opening = records.opening(LEAF).unwrap();
                let opened =
                    verify_opening::<SoftwareSha256>(&series(window), &committed, LEAF, &opening);
                assert!(opened.is_ok(), "{submission:?}");
            }
        }
    }

    #[test]
    fn the_lie_is_proven_by_one_path_and_the_pretence_has_none() {
        let records = LIAR.records(series(LIAR.window)).unwrap().unwrap();
        let claimed = LIAR.aggregate().unwrap().unwrap();
        let committed = commitment::<SoftwareSha256>(&claimed, &records.root());
        let proof = records.accusation(LEAF).unwrap();
        let fraud = prove_fraud::<SoftwareSha256>(&series(LIAR.window), &committed, &proof);
        assert_eq!(fraud, Ok(Fraud::RootMismatch));
        assert!(PRETENDER.records(series(PRETENDER.window)).unwrap().is_none());
        assert!(PRETENDER.aggregate().unwrap().is_some());
    }
}
