//! The bytes of an object, from a seed.

use std::ops::Range;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::schedule::Seed;

/// How much of the resident a latency probe reads, in bytes; all of a smaller one.
pub const RANGE_BYTES: u32 = 4 * 1_024;

const BLOCK: u64 = 32;

/// An object of the oracle's own.
///
/// Its bytes are blocks of 32: SHA-256 of the seed and the block's number (u64, little-endian), the last cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Its key in the bucket.
    pub key: String,
    /// What its bytes follow from.
    pub content: Seed,
    /// How many it has.
    pub bytes: u32,
}

impl Resident {
    /// All its bytes.
    pub fn content(&self) -> Bytes {
        self.part(0..u64::from(self.bytes))
    }

    /// The bytes of a range within it.
    pub fn part(&self, range: Range<u64>) -> Bytes {
        let mut bytes = Vec::new();
        for block in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            let digest = Sha256::new()
                .chain_update(self.content.0)
                .chain_update(block.to_le_bytes())
                .finalize();
            for (at, byte) in (block * BLOCK..).zip(digest) {
                if range.contains(&at) {
                    bytes.push(byte);
                }
            }
        }
        bytes.into()
    }

    /// The range that a latency probe reads: anywhere, by the round's seed.
    pub fn range(&self, seed: Seed) -> Range<u64> {
        let length = RANGE_BYTES.min(self.bytes);
        let [a, b, c, d, e, f, g, h, ..] = seed.0;
        // Of 2⁶⁴ numbers: no offset is favoured by more than one part in 2³².
        let places = u64::from(self.bytes - length) + 1;
        let start = u64::from_le_bytes([a, b, c, d, e, f, g, h]) % places;
        start..start + u64::from(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resident(seed: u8, bytes: u32) -> Resident {
        Resident { key: "key".into(), content: Seed([seed; 32]), bytes }
    }

    #[test]
    fn seeds_make_bytes_that_do_not_repeat() {
        let (one, other) = (resident(1, 1_000).content(), resident(2, 1_000).content());
        assert_eq!(one, resident(1, 1_000).content());
        assert_eq!(one.len(), 1_000);
        assert_eq!(one, resident(1, 2_000).content().slice(..1_000));
        let blocks: std::collections::BTreeSet<&[u8]> =
            one.chunks(32).chain(other.chunks(32)).collect();
        assert_eq!(blocks.len(), 64);
    }

    proptest! {
        #[test]
        fn a_range_is_a_part_of_the_whole(bytes in 1_u32..20_000, seed in any::<[u8; 32]>()) {
            let resident = resident(3, bytes);
            let range = resident.range(Seed(seed));
            prop_assert_eq!(range.end - range.start, u64::from(bytes.min(RANGE_BYTES)));
            prop_assert!(range.end <= u64::from(bytes));
            let whole = resident.content();
            prop_assert_eq!(resident.part(range.clone()), whole.slice(range.start as usize..range.end as usize));
        }
    }
}
