//! The parameter table: every figure that the Config's authority may move, with default, hard bounds and reason.
//!
//! No change touches the terms of an SLA: each copies what it needs when it is proposed. Four figures are no terms and
//! count at once, for whoever acts from then on: `min_stake` (listing, agreeing, joining and staying in the registry),
//! `unbonding_secs` (unstaking), `acceptance_secs` (proposing), `maintenance_part` (announcing; what an SLA excuses is
//! by its terms).

use crate::error::{CoreError, Result};
use crate::money::RefundCurve;
use crate::units::{ATOMS_PER_FLASH, DAY};

macro_rules! param_table {
    ($($(#[doc = $doc:literal])* $name:ident: $ty:ident = $default:expr, $min:expr, $max:expr, $unit:literal, $reason:literal;)*) => {
        borsh_type! {
            /// The protocol's parameters. Each field's bounds and reason stand in [`TABLE`].
            pub struct Params {
                $(
                    #[doc = $reason]
                    #[doc = concat!("\n\nUnit: ", $unit, "; default ", stringify!($default), "; bounds ", stringify!($min), " to ", stringify!($max), ".")]
                    pub $name: $ty,
                )*
                /// How a shortfall becomes a refund: see [`RefundCurve`].
                pub refund_curve: RefundCurve,
            }
        }

        impl Default for Params {
            fn default() -> Self {
                Self { $($name: $default,)* refund_curve: RefundCurve::DEFAULT }
            }
        }

        /// Every numeric parameter with its default and hard bounds.
        pub const TABLE: &[ParamRow] = &[$(ParamRow {
            name: stringify!($name),
            unit: $unit,
            default: $default as u64,
            min: $min as u64,
            max: $max as u64,
            reason: $reason,
        },)*];

        impl Params {
            /// Checks every parameter against its hard bounds, and that an offer may demand as many probes as a
            /// judgement needs.
            ///
            /// # Errors
            /// [`CoreError::ParamOutOfBounds`] or [`CoreError::RefundCurveInvalid`].
            pub fn check(&self) -> Result<()> {
                $(
                    if !($min..=$max).contains(&self.$name) {
                        return Err(CoreError::ParamOutOfBounds);
                    }
                )*
                if u32::from(self.min_samples) > self.probes_max {
                    return Err(CoreError::ParamOutOfBounds);
                }
                self.refund_curve.check()
            }

            /// The values in the order of [`TABLE`].
            pub fn values(&self) -> Vec<u64> {
                vec![$(u64::from(self.$name),)*]
            }

            /// Sets the parameter of that name in [`TABLE`], within its hard bounds.
            ///
            /// # Errors
            /// [`CoreError::ParamOutOfBounds`], also for a name that [`TABLE`] does not have; nothing changes then.
            pub fn set(&mut self, name: &str, value: u64) -> Result<()> {
                match name {
                    $(stringify!($name) => {
                        let value = value.try_into().map_err(|_| CoreError::ParamOutOfBounds)?;
                        if !($min..=$max).contains(&value) {
                            return Err(CoreError::ParamOutOfBounds);
                        }
                        self.$name = value;
                    })*
                    _ => return Err(CoreError::ParamOutOfBounds),
                }
                Ok(())
            }
        }
    };
}

/// One row of the parameter table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamRow {
    /// The field's name in [`Params`].
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its default.
    pub default: u64,
    /// The least value that the program accepts.
    pub min: u64,
    /// The largest value that the program accepts.
    pub max: u64,
    /// Why it exists and why it is bounded so.
    pub reason: &'static str,
}

#[allow(
    clippy::as_conversions,
    reason = "constants of at most 64 bits, widened in a const context"
)]
mod table {
    use super::*;

    param_table! {
        protocol_fee_bps: u16 = 50, 0, 500, "bps of what is paid out", "Funds the treasury, on top of the price; above 5 % the market would leave.";
        oracle_fee_bps: u16 = 50, 0, 500, "bps of the due, shared by the committee", "What measuring earns, on top of the price.";
        oracle_fee_min: u64 = 1_000, 0, 10 * ATOMS_PER_FLASH, "atoms per submission", "Pays an oracle's transaction for small SLAs.";
        min_stake: u64 = 1_000 * ATOMS_PER_FLASH, ATOMS_PER_FLASH, 10_000_000 * ATOMS_PER_FLASH, "atoms", "Least bonded stake of a provider or oracle: an identity has to cost something.";
        cover_bps: u16 = 2_000, 100, 10_000, "bps of an SLA's price", "The largest sum of penalties of an SLA, reserved from free stake.";
        penalty_multiple: u8 = 2, 1, 10, "times the due", "Penalty of a window that failed wholly.";
        penalty_consumer_bps: u16 = 7_000, 5_000, 10_000, "bps of a penalty", "The consumer's share; the rest is burnt, so that a consumer that is its own provider loses.";
        absence_bps: u16 = 5_000, 0, 10_000, "bps of the due", "What silent oracles owe the consumer of an unmeasured window.";
        fraud_min: u64 = ATOMS_PER_FLASH, 10_000, 100_000 * ATOMS_PER_FLASH, "atoms", "Least slash of a submission proven wrong.";
        bond_bps: u16 = 1_000, 100, 10_000, "bps of a window's due and penalty", "Bond of a dispute.";
        bond_min: u64 = ATOMS_PER_FLASH, 10_000, 10_000 * ATOMS_PER_FLASH, "atoms", "Least bond of a dispute or a challenge.";
        z_milli: u16 = 1_645, 0, 4_000, "thousandths of a standard deviation", "Confidence before failures count: 1.645 is 95 %, one-sided.";
        min_samples: u16 = 20, 1, 1_000, "conclusive samples per metric", "Fewer say nothing: the submission is an abstention.";
        probes_max: u32 = 2_016, 20, 6_144, "probes per window", "The most probes an offer may demand of each seat: a week's at five minutes.";
        uptime_full_breach_ppm: u32 = 10_000, 100, 1_000_000, "ppm of probes", "Excess failure rate that counts as no service at all.";
        errors_full_breach_ppm: u32 = 10_000, 100, 1_000_000, "ppm of operations", "Excess error rate that counts as no service at all.";
        access_delay_secs: u32 = 3_600, 0, 7 * DAY, "seconds", "From seating to the first window: time to seal credentials to the committee.";
        acceptance_secs: u32 = DAY, 3_600, 30 * DAY, "seconds", "How long a proposal waits for the provider.";
        unbonding_secs: u32 = 30 * DAY, 7 * DAY, 90 * DAY, "seconds", "Unstaking takes this long and stays slashable.";
        maintenance_part: u16 = 60, 20, 10_000, "one n-th of an SLA's time", "Announced maintenance at most.";
    }
}
pub use table::{Params, TABLE};

/// Bytes of encoded [`Params`].
pub const PARAMS_SIZE: usize = 9 * 2 + 1 + 4 * 8 + 6 * 4 + 4 * 2;

/// The longest window, in seconds (fixed).
pub const WINDOW_MAX_SECS: u32 = 7 * DAY;
/// The longest SLA, in seconds (fixed): a leap year.
pub const DURATION_MAX_SECS: u32 = 366 * DAY;
/// The default of the shortest window a deployment allows, in seconds (set once, at `initialize`).
pub const WINDOW_MIN_SECS_DEFAULT: u32 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_lie_within_the_hard_bounds() {
        Params::default().check().unwrap();
        for (row, value) in TABLE.iter().zip(Params::default().values()) {
            assert_eq!(row.default, value, "{}", row.name);
            assert!(row.min <= row.default && row.default <= row.max, "{}", row.name);
            assert!(!row.reason.is_empty());
        }
    }

    #[test]
    fn each_is_set_by_its_name_within_its_bounds() {
        for (index, row) in TABLE.iter().enumerate() {
            for bound in [row.min, row.max] {
                let mut params = Params::default();
                params.set(row.name, bound).unwrap();
                let mut expected = Params::default().values();
                expected[index] = bound;
                assert_eq!(params.values(), expected, "{}", row.name);
            }
            let beyond = [row.min.checked_sub(1), row.max.checked_add(1), Some(u64::MAX)];
            for value in beyond.into_iter().flatten() {
                let mut params = Params::default();
                let refused = params.set(row.name, value);
                assert_eq!(refused, Err(CoreError::ParamOutOfBounds), "{}", row.name);
                assert_eq!(params, Params::default());
            }
        }
        assert_eq!(Params::default().set("cover", 2_000), Err(CoreError::ParamOutOfBounds));
    }

    #[cfg(feature = "borsh")]
    #[test]
    fn the_encoded_size_is_as_declared() {
        assert_eq!(borsh::to_vec(&Params::default()).unwrap().len(), PARAMS_SIZE);
    }

    #[test]
    fn what_an_offer_may_demand_fits_a_provable_tree() {
        let row = TABLE.iter().find(|row| row.name == "probes_max").unwrap();
        assert_eq!(row.max, u64::from(crate::records::ROUNDS_MAX));
    }

    #[test]
    fn each_bound_is_enforced() {
        let beyond: &[fn(&mut Params)] = &[
            |p| p.protocol_fee_bps = 501,
            |p| p.oracle_fee_bps = 501,
            |p| p.oracle_fee_min = 10_000_001,
            |p| p.min_stake = 999_999,
            |p| p.cover_bps = 99,
            |p| p.cover_bps = 10_001,
            |p| p.penalty_multiple = 0,
            |p| p.penalty_multiple = 11,
            |p| p.penalty_consumer_bps = 4_999,
            |p| p.absence_bps = 10_001,
            |p| p.fraud_min = 9_999,
            |p| p.fraud_min = 100_000 * ATOMS_PER_FLASH + 1,
            |p| p.bond_bps = 99,
            |p| p.bond_min = 0,
            |p| p.z_milli = 4_001,
            |p| p.min_samples = 0,
            |p| p.probes_max = 19,
            |p| p.probes_max = 6_145,
            |p| p.uptime_full_breach_ppm = 99,
            |p| p.errors_full_breach_ppm = 1_000_001,
            |p| p.access_delay_secs = 7 * DAY + 1,
            |p| p.acceptance_secs = 3_599,
            |p| p.unbonding_secs = 7 * DAY - 1,
            |p| p.maintenance_part = 19,
        ];
        for (index, change) in beyond.iter().enumerate() {
            let mut params = Params::default();
            change(&mut params);
            assert_eq!(params.check(), Err(CoreError::ParamOutOfBounds), "case {index}");
        }
        let at: &[fn(&mut Params)] = &[
            |p| p.fraud_min = 10_000,
            |p| p.fraud_min = 100_000 * ATOMS_PER_FLASH,
            |p| p.probes_max = 20,
            |p| p.probes_max = 6_144,
        ];
        for (index, change) in at.iter().enumerate() {
            let mut params = Params::default();
            change(&mut params);
            assert_eq!(params.check(), Ok(()), "bound {index}");
        }
        let starved = Params { min_samples: 100, probes_max: 99, ..Params::default() };
        assert_eq!(starved.check(), Err(CoreError::ParamOutOfBounds));
        let mut params = Params::default();
        params.refund_curve.x2_bps = params.refund_curve.x1_bps;
        assert_eq!(params.check(), Err(CoreError::RefundCurveInvalid));
    }
}
