//! What tells two transactions of the same instructions and blockhash apart: limits that are a little higher by chance.
//!
//! The same instructions under the same blockhash are the same transaction, which lands once. Two that pay the same, made
//! by two processes within one slot, would both be told that they had landed.

use std::hash::{BuildHasher, RandomState};

use super::COMPUTE_UNITS_MAX;
use super::limits::{DATA_PAGE, LOADED_DATA_MAX, Simulation};

/// Compute units that are added at most.
const COMPUTE_UNITS: u32 = 1_023;

/// What is added to the limits of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Salt {
    /// 0 to 1,023.
    compute_units: u32,
    /// Less than a page.
    data_bytes: u32,
}

impl Salt {
    /// None, for several who sign apart what has to be the same.
    pub const NONE: Self = Self { compute_units: 0, data_bytes: 0 };
    /// The highest: what costs as much as any other, or more.
    pub const MOST: Self = Self { compute_units: COMPUTE_UNITS, data_bytes: DATA_PAGE - 1 };

    /// One of 33 million.
    pub fn random() -> Self {
        // Keyed by the system's randomness, once a thread, and by a count.
        Self::from_bits(RandomState::new().hash_one(std::process::id()))
    }

    fn from_bits(bits: u64) -> Self {
        let [low, high] = [bits & u64::from(u32::MAX), bits >> 32];
        let below = |number: u64, end: u32| u32::try_from(number % u64::from(end)).unwrap_or(0);
        Self { compute_units: below(low, COMPUTE_UNITS + 1), data_bytes: below(high, DATA_PAGE) }
    }

    /// The most compute units that a transaction may use, by what its simulation used.
    pub fn compute_unit_limit(self, simulation: &Simulation) -> u32 {
        let limit = simulation.compute_unit_limit().saturating_add(self.compute_units);
        limit.min(COMPUTE_UNITS_MAX)
    }

    /// The most bytes of accounts that it may load, by what its simulation loaded.
    pub fn data_limit(self, simulation: &Simulation) -> u32 {
        simulation.data_limit().saturating_add(self.data_bytes).min(LOADED_DATA_MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn limits(salt: Salt, compute_units: u64, loaded_data: u32) -> (u32, u32) {
        let loaded_data = Some(loaded_data);
        let simulation = Simulation { compute_units, loaded_data, ..Simulation::default() };
        (salt.compute_unit_limit(&simulation), salt.data_limit(&simulation))
    }

    #[test]
    fn it_only_adds_and_not_more_than_a_transaction_may_ask_for() {
        assert_eq!(limits(Salt::NONE, 10_000, 40_000), (14_000, 65_536));
        assert_eq!(limits(Salt::MOST, 10_000, 40_000), (15_023, 98_303));
        let most = (COMPUTE_UNITS_MAX, LOADED_DATA_MAX);
        assert_eq!(limits(Salt::MOST, u64::from(COMPUTE_UNITS_MAX), LOADED_DATA_MAX), most);
        assert_eq!(Salt::from_bits(0), Salt::NONE);
        assert_eq!(Salt::from_bits(u64::MAX), Salt::MOST);
        assert_eq!(Salt::from_bits(1 << 32 | 1_024), Salt { compute_units: 0, data_bytes: 1 });
    }

    #[test]
    fn it_is_another_one_every_time() {
        let salts: BTreeSet<_> = (0..100).map(|_| limits(Salt::random(), 0, 0)).collect();
        // One of 33 million each: that three of them coincide with others is as good as impossible.
        assert!(salts.len() > 97, "{}", salts.len());
    }
}
