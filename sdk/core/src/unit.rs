//! A data unit beside its SLAs: announced maintenance, listing priority, and its end and its provider's.

use crate::error::{CoreError, Result};
use crate::math::mul_div_floor;
use crate::params::DURATION_MAX_SECS;
use crate::sla::SlaTerms;
use crate::stake::Stake;
use crate::units::{Atoms, DAY, Gib, Seconds, Timestamp};

/// How long ahead maintenance is announced (fixed): 24 hours.
pub const NOTICE_SECS: u32 = DAY;
/// In what time a boost halves (fixed): 7 days.
pub const BOOST_HALVES_SECS: u32 = 7 * DAY;

/// What a unit can hold, and what is reserved of it: never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// All of it.
    pub total: Gib,
    /// Reserved by SLAs that were agreed and not given back.
    pub taken: Gib,
}

impl Capacity {
    /// What can still be reserved.
    pub fn free(self) -> Gib {
        Gib(self.total.0.saturating_sub(self.taken.0))
    }

    /// Takes capacity for an SLA.
    ///
    /// # Errors
    /// [`CoreError::CapacityInsufficient`] if less is free; [`CoreError::ArithmeticOverflow`].
    pub fn take(self, gib: Gib) -> Result<Capacity> {
        let taken = self.taken.0.checked_add(gib.0).ok_or(CoreError::ArithmeticOverflow)?;
        if taken > self.total.0 {
            return Err(CoreError::CapacityInsufficient);
        }
        Ok(Capacity { taken: Gib(taken), ..self })
    }

    /// Gives back what an SLA had taken.
    ///
    /// # Errors
    /// [`CoreError::AmountBelowZero`] if less is taken.
    pub fn give_back(self, gib: Gib) -> Result<Capacity> {
        let taken = self.taken.0.checked_sub(gib.0).ok_or(CoreError::AmountBelowZero)?;
        Ok(Capacity { taken: Gib(taken), ..self })
    }

    /// Changes the whole.
    ///
    /// # Errors
    /// [`CoreError::CapacityZero`]; [`CoreError::CapacityTaken`] below what is reserved.
    pub fn resize(self, total: Gib) -> Result<Capacity> {
        if total.0 == 0 {
            return Err(CoreError::CapacityZero);
        }
        if total < self.taken {
            return Err(CoreError::CapacityTaken);
        }
        Ok(Capacity { total, ..self })
    }
}

/// Announced maintenance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// When it begins; the epoch if none was announced.
    pub starts_at: Timestamp,
    /// How long it lasts.
    pub secs: Seconds,
}

/// Announces the next maintenance of a unit that was listed at `listed_at`: `known` are the last that has begun
/// and the next, and so is what is returned.
///
/// It is at most one `part`-th of the time since the one before began (or the listing), so that all of them
/// together are at most that part of the unit's time.
///
/// # Errors
/// [`CoreError::MaintenanceInvalid`] if it is empty, too long, less than [`NOTICE_SECS`] ahead, or beyond the longest
/// SLA;
/// [`CoreError::MaintenancePending`] while another one is to come.
pub fn announce(
    known: [Maintenance; 2],
    next: Maintenance,
    listed_at: Timestamp,
    part: u16,
    now: Timestamp,
) -> Result<[Maintenance; 2]> {
    let [_, before] = known;
    if before.starts_at > now {
        return Err(CoreError::MaintenancePending);
    }
    let rest = next.starts_at.since(before.starts_at.max(listed_at));
    let needed = u64::from(next.secs.0).saturating_mul(u64::from(part));
    // What no SLA of today reaches would only keep others from being announced.
    let horizon = now.after(u64::from(DURATION_MAX_SECS))?;
    let timely = (now.after(u64::from(NOTICE_SECS))?..=horizon).contains(&next.starts_at);
    if next.secs.0 == 0 || needed > rest || !timely {
        return Err(CoreError::MaintenanceInvalid);
    }
    Ok([before, next])
}

/// Seconds of one maintenance that an SLA excuses: those within its windows, as far as its quota (one n-th of its
/// time, rounded down) is not used up by `used` seconds of earlier ones.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] for times that no clock shows.
pub fn excused(terms: &SlaTerms, maintenance: &Maintenance, used: Seconds) -> Result<Seconds> {
    let (start, end) = (terms.window_start(0)?, terms.window_start(terms.windows)?);
    let quota = mul_div_floor(end.since(start), 1, u64::from(terms.maintenance_part))?;
    let ends = maintenance.starts_at.after(u64::from(maintenance.secs.0))?.min(end);
    let within = ends.since(maintenance.starts_at.max(start));
    let left = quota.saturating_sub(u64::from(used.0));
    u32::try_from(within.min(left)).map(Seconds).map_err(|_| CoreError::ArithmeticOverflow)
}

/// A unit's listing priority: atoms burnt, which halve every 7 days, falling evenly in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Boost {
    /// Atoms as of `at`.
    pub atoms: Atoms,
    /// When the present 7 days began.
    pub at: Timestamp,
}

impl Boost {
    /// The priority at `now`, in atoms, rounded down.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] never for times of this millennium.
    pub fn value(&self, now: Timestamp) -> Result<Atoms> {
        let halved = self.halved(now)?;
        let span = u64::from(BOOST_HALVES_SECS).saturating_mul(2);
        let left = span.saturating_sub(now.since(halved.at));
        mul_div_floor(halved.atoms.0, left, span).map(Atoms)
    }

    /// The boost with that many atoms burnt more, of which it is worth as many at once (rounded down). Boosting
    /// often slows no decay: it stays in step with the first.
    ///
    /// # Errors
    /// [`CoreError::ZeroAmount`], [`CoreError::ArithmeticOverflow`].
    pub fn burn(&self, burnt: Atoms, now: Timestamp) -> Result<Boost> {
        let burnt = burnt.non_zero()?;
        let halved = self.halved(now)?;
        if halved.atoms == Atoms::ZERO {
            return Ok(Boost { atoms: burnt, at: now });
        }
        let span = u64::from(BOOST_HALVES_SECS).saturating_mul(2);
        let left = span.saturating_sub(now.since(halved.at));
        let atoms = halved.atoms.plus(Atoms(mul_div_floor(burnt.0, span, left)?))?;
        Ok(Boost { atoms, at: halved.at })
    }

    /// Brought forward by whole halvings.
    fn halved(&self, now: Timestamp) -> Result<Boost> {
        let times = mul_div_floor(now.since(self.at), 1, u64::from(BOOST_HALVES_SECS))?;
        let shift = u32::try_from(times).unwrap_or(u32::MAX);
        let atoms = Atoms(self.atoms.0.checked_shr(shift).unwrap_or(0));
        let at = self.at.after(times.saturating_mul(u64::from(BOOST_HALVES_SECS)))?;
        Ok(Boost { atoms, at })
    }
}

/// Checks that a unit is gone: closing, and its last SLA folded and given back.
///
/// # Errors
/// [`CoreError::UnitInUse`].
pub fn check_gone(closing: bool, live_slas: u32) -> Result<()> {
    if closing && live_slas == 0 { Ok(()) } else { Err(CoreError::UnitInUse) }
}

/// Checks that a provider can be closed: no unit, no SLA, and all its stake withdrawn.
///
/// # Errors
/// [`CoreError::ProviderInUse`].
pub fn check_exit(units: u32, live_slas: u32, stake: &Stake) -> Result<()> {
    let gone = units == 0 && live_slas == 0 && stake.owed()? == Atoms::ZERO;
    if gone { Ok(()) } else { Err(CoreError::ProviderInUse) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WEEK: i64 = 604_800;

    fn at(starts_at: i64, secs: u32) -> Maintenance {
        Maintenance { starts_at: Timestamp(starts_at), secs: Seconds(secs) }
    }

    #[test]
    fn no_more_is_taken_than_there_is() {
        let unit = Capacity { total: Gib(10), taken: Gib(0) };
        let full = unit.take(Gib(4)).and_then(|unit| unit.take(Gib(6))).unwrap();
        assert_eq!(full, Capacity { total: Gib(10), taken: Gib(10) });
        assert_eq!((unit.free(), full.free()), (Gib(10), Gib(0)));
        assert_eq!(unit.take(Gib(4)).map(Capacity::free), Ok(Gib(6)));
        assert_eq!(full.take(Gib(1)), Err(CoreError::CapacityInsufficient));
        assert_eq!(full.take(Gib(u64::MAX)), Err(CoreError::ArithmeticOverflow));
        assert_eq!(full.give_back(Gib(10)), Ok(unit));
        assert_eq!(full.give_back(Gib(11)), Err(CoreError::AmountBelowZero));
        assert_eq!(full.resize(Gib(9)), Err(CoreError::CapacityTaken));
        assert_eq!(full.resize(Gib(11)).map(|unit| unit.total), Ok(Gib(11)));
        assert_eq!(unit.resize(Gib(0)), Err(CoreError::CapacityZero));
    }

    #[test]
    fn maintenance_is_announced_a_day_ahead_and_within_its_part() {
        let none = [Maintenance::default(); 2];
        let announce = |known, next, now| announce(known, next, Timestamp(0), 60, Timestamp(now));
        let invalid = Err(CoreError::MaintenanceInvalid);
        assert_eq!(
            announce(none, at(600_000, 10_000), 513_600),
            Ok([at(0, 0), at(600_000, 10_000)])
        );
        assert_eq!(announce(none, at(600_000, 10_001), 513_600), invalid);
        assert_eq!(announce(none, at(600_000, 10_000), 513_601), invalid);
        assert_eq!(announce(none, at(600_000, 0), 0), invalid);
        let listed = |at_time| {
            super::announce(none, at(600_000, 100), Timestamp(at_time), 60, Timestamp(0)).is_ok()
        };
        assert!(listed(594_000) && !listed(594_001), "a hundred sixtieths since the listing");
        let known = [at(0, 0), at(600_000, 10_000)];
        let pending = Err(CoreError::MaintenancePending);
        assert_eq!(announce(known, at(900_000, 5_000), 599_999), pending);
        assert_eq!(announce(known, at(900_000, 5_001), 600_000), invalid);
        let next = at(900_000, 5_000);
        assert_eq!(announce(known, next, 600_000), Ok([at(600_000, 10_000), next]));
    }

    #[test]
    fn an_sla_excuses_what_lies_within_it_up_to_its_quota() {
        let mut terms: SlaTerms = bytemuck::Zeroable::zeroed();
        (terms.start, terms.window_secs, terms.windows, terms.maintenance_part) =
            (1_000, 600, 10, 60);
        let excused = |starts_at, secs, used| excused(&terms, &at(starts_at, secs), Seconds(used));
        assert_eq!(excused(2_000, 90, 0), Ok(Seconds(90)));
        assert_eq!(excused(2_000, 500, 0), Ok(Seconds(100)), "a sixtieth of 6,000 seconds");
        assert_eq!(excused(2_000, 90, 30), Ok(Seconds(70)));
        assert_eq!(excused(2_000, 90, 200), Ok(Seconds(0)));
        assert_eq!(excused(950, 90, 0), Ok(Seconds(40)));
        assert_eq!(excused(6_950, 90, 0), Ok(Seconds(50)));
        assert_eq!(excused(7_000, 90, 0), Ok(Seconds(0)));
    }

    #[test]
    fn a_boost_halves_every_week() {
        let boost = Boost::default().burn(Atoms(1_000), Timestamp(5)).unwrap();
        let value = |after| boost.value(Timestamp(5 + after)).unwrap().0;
        assert_eq!([0, WEEK / 2, WEEK, 2 * WEEK, 10 * WEEK].map(value), [1_000, 750, 500, 250, 0]);
        let more = boost.burn(Atoms(300), Timestamp(5 + WEEK / 2)).unwrap();
        assert_eq!(more.value(Timestamp(5 + WEEK / 2)), Ok(Atoms(1_050)));
        assert_eq!(more, Boost { atoms: Atoms(1_400), at: Timestamp(5) });
        assert_eq!(boost.burn(Atoms(0), Timestamp(5)), Err(CoreError::ZeroAmount));
    }

    proptest! {
        #[test]
        fn boosting_often_slows_no_decay(atoms in 1u64..1 << 50, steps in prop::collection::vec(0i64..WEEK, 0..20)) {
            let alone = Boost { atoms: Atoms(atoms), at: Timestamp(0) };
            let (mut often, mut now, mut burnt) = (alone, 0, 0u64);
            for step in steps {
                now += step;
                let before = often.value(Timestamp(now)).unwrap().0;
                often = often.burn(Atoms(1), Timestamp(now)).unwrap();
                burnt += 1;
                prop_assert!(often.value(Timestamp(now)).unwrap().0 <= before + 2);
                prop_assert!(often.value(Timestamp(now)).unwrap().0 <= alone.value(Timestamp(now)).unwrap().0 + 2 * burnt);
            }
        }

        #[test]
        fn maintenance_is_never_more_than_its_part(part in 20u16..100, tries in prop::collection::vec((0i64..2_000_000, 1u32..20_000), 0..40)) {
            let (mut known, mut now, mut all) = ([Maintenance::default(); 2], 0, 0u64);
            for (ahead, secs) in tries {
                let next = at(now + ahead, secs);
                if let Ok(after) = announce(known, next, Timestamp(0), part, Timestamp(now)) {
                    known = after;
                    all += u64::from(secs);
                    prop_assert!(all * u64::from(part) <= u64::try_from(next.starts_at.0).unwrap());
                    now = next.starts_at.0;
                }
            }
        }
    }

    #[test]
    fn units_and_providers_go_when_nothing_hangs_on_them() {
        assert_eq!(check_gone(true, 0), Ok(()));
        assert_eq!(check_gone(true, 1), Err(CoreError::UnitInUse));
        assert_eq!(check_gone(false, 0), Err(CoreError::UnitInUse));
        let mut stake = Stake::default();
        assert_eq!(check_exit(0, 0, &stake), Ok(()));
        assert_eq!(check_exit(1, 0, &stake), Err(CoreError::ProviderInUse));
        assert_eq!(check_exit(0, 1, &stake), Err(CoreError::ProviderInUse));
        stake.bond(Atoms(1)).unwrap();
        stake.unbond(Atoms(1), Timestamp(9)).unwrap();
        assert_eq!(check_exit(0, 0, &stake), Err(CoreError::ProviderInUse), "it is slashable yet");
    }
}
