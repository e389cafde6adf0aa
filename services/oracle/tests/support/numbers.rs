//! Deterministic numbers, and records made of them.

use std::ops::Range;

use flashback_core::records::{Kind, Outcome, Record, Series};
use flashback_core::units::Timestamp;

/// SplitMix64.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn small(&mut self, n: u32) -> u32 {
        u32::try_from(self.below(u64::from(n))).unwrap()
    }

    pub fn record(&mut self, slice: &Range<Timestamp>, kind: Kind) -> Record {
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

    /// Random records of a whole window, by round and kind.
    pub fn records(&mut self, series: &Series) -> Vec<(u32, Record)> {
        let mut records = Vec::new();
        for round in 0..series.shape().rounds() {
            let slice = series.slice(round).unwrap();
            for kind in Kind::ALL {
                if self.below(3) > 0 {
                    records.push((round, self.record(&slice, kind)));
                }
            }
        }
        records
    }
}
