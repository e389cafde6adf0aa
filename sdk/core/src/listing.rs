//! How offers are compared, and in what order they are listed.

use core::cmp::Reverse;

use crate::math::mul_div_ceil;
use crate::reputation::SCORE_MAX_MILLI;
use crate::units::{Atoms, PricePerGibMonth};

/// A price for the quality that its unit has shown: atoms per GiB per 30 days that a unit of the full score would have to
/// ask to be as good a bargain. The lower, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PricePerQuality(pub u64);

impl PricePerQuality {
    /// Behind all others: of units that have shown no quality at all.
    pub const LAST: PricePerQuality = PricePerQuality(u64::MAX);

    /// `price · 100,000 / score`, rounded up; [`PricePerQuality::LAST`] for a score of zero, and beyond 64 bits.
    ///
    /// `score_milli` is the unit's score as of now, in thousandths of a point: see [`crate::reputation::Score::at`].
    pub fn of(price: PricePerGibMonth, score_milli: u32) -> PricePerQuality {
        let scaled = mul_div_ceil(price.0, u64::from(SCORE_MAX_MILLI), u64::from(score_milli));
        scaled.map_or(Self::LAST, PricePerQuality)
    }
}

/// A listed unit's place: the best bargain first, among equals the one with the higher priority, then by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Its price for its quality.
    pub price_per_quality: PricePerQuality,
    /// Its priority as of now: see [`crate::unit::Boost::value`].
    pub priority: Reverse<Atoms>,
    /// Its address.
    pub address: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(price: u64, score_milli: u32) -> u64 {
        PricePerQuality::of(PricePerGibMonth(price), score_milli).0
    }

    #[test]
    fn by_hand() {
        assert_eq!(of(20_000, 100_000), 20_000);
        assert_eq!(of(20_000, 50_000), 40_000);
        assert_eq!(of(20_000, 99_999), 20_001, "20,000.2 rounded up");
        assert_eq!(of(1, 3), 33_334);
        assert_eq!(of(0, 1), 0);
    }

    #[test]
    fn no_quality_and_no_number_rank_last() {
        assert_eq!(of(0, 0), u64::MAX);
        assert_eq!(of(1, 0), PricePerQuality::LAST.0);
        assert_eq!(of(u64::MAX, 99_999), u64::MAX);
        assert_eq!(of(u64::MAX, 100_000), u64::MAX);
        assert!(PricePerQuality(u64::MAX - 1) < PricePerQuality::LAST);
    }

    proptest! {
        #[test]
        fn dearer_or_worse_ranks_no_better(
            price in 0u64..1 << 40,
            more in 0u64..1 << 20,
            score in 1..=SCORE_MAX_MILLI,
            less in 0..SCORE_MAX_MILLI,
        ) {
            prop_assert!(of(price, score) <= of(price + more, score));
            prop_assert!(of(price, score) <= of(price, score.saturating_sub(less)));
            prop_assert!(of(price, score) >= price);
        }
    }

    #[test]
    fn bargains_come_first_then_priority_then_address() {
        let rank = |price, priority, address| Rank {
            price_per_quality: PricePerQuality(price),
            priority: Reverse(Atoms(priority)),
            address: [address; 32],
        };
        let ordered = [rank(1, 0, 9), rank(2, 7, 8), rank(2, 6, 0), rank(2, 6, 1), rank(3, 99, 0)];
        let mut shuffled = ordered;
        shuffled.reverse();
        shuffled.sort();
        assert_eq!(shuffled, ordered);
    }
}
