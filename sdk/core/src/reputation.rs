//! Points and scores of units and oracles.
//!
//! A score lies between 0 and 100 points, starts at 50 and moves 10 points a month towards 50 when no
//! data comes. It is stored in thousandths of a point.

use crate::error::{CoreError, Result};
use crate::math::mul_div_floor;
use crate::units::{DAY, MONTH, Ppm, Seconds, Timestamp};

/// The highest score, in thousandths of a point.
pub const SCORE_MAX_MILLI: u32 = 100_000;
/// The score without data, in thousandths of a point.
pub const SCORE_START_MILLI: u32 = 50_000;
/// How far a score moves towards the start in 30 days without data, in thousandths of a point.
const DECAY_PER_MONTH_MILLI: u32 = 10_000;
/// A shortfall beyond which a breach costs 3 points rather than 2.
const HALF: Ppm = Ppm(500_000);

borsh_type! {
    /// A score and when it was last brought up to date.
    pub struct Score {
        /// Thousandths of a point, 0 to 100,000.
        pub milli: u32,
        /// Unix seconds of the last update.
        pub updated_at: i64,
    }
}

impl Score {
    /// A new score of 50 points.
    pub fn start(now: Timestamp) -> Score {
        Score { milli: SCORE_START_MILLI, updated_at: now.0 }
    }

    /// The score of a new unit: at most the start, and at most its provider's, so that no new unit launders a bad
    /// score.
    pub fn of_new_unit(provider_milli: u32, now: Timestamp) -> Score {
        Score { milli: provider_milli.min(SCORE_START_MILLI), updated_at: now.0 }
    }

    /// The score at `now`: decayed 10 points per 30 days towards 50.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] never for times of this millennium.
    pub fn at(&self, now: Timestamp) -> Result<Score> {
        let idle = now.since(Timestamp(self.updated_at));
        let moved = mul_div_floor(u64::from(DECAY_PER_MONTH_MILLI), idle, u64::from(MONTH))?;
        let moved = u32::try_from(moved).unwrap_or(u32::MAX);
        let milli = if self.milli > SCORE_START_MILLI {
            self.milli.saturating_sub(moved).max(SCORE_START_MILLI)
        } else {
            self.milli.saturating_add(moved).min(SCORE_START_MILLI)
        };
        if milli == SCORE_START_MILLI {
            return Ok(Score { milli, updated_at: self.updated_at.max(now.0) });
        }
        // Only the time that moved whole thousandths is used up, so that asking often stops no decay.
        let used =
            mul_div_floor(u64::from(moved), u64::from(MONTH), u64::from(DECAY_PER_MONTH_MILLI))?;
        Ok(Score { milli, updated_at: Timestamp(self.updated_at).after(used)?.0 })
    }

    /// The score at `now` with points folded in, held between 0 and 100.
    ///
    /// # Errors
    /// As [`Score::at`].
    pub fn fold(&self, points_milli: i32, now: Timestamp) -> Result<Score> {
        let decayed = self.at(now)?;
        if points_milli == 0 {
            return Ok(decayed);
        }
        let milli = decayed.milli.saturating_add_signed(points_milli).min(SCORE_MAX_MILLI);
        // New data ends the idle time.
        Ok(Score { milli, updated_at: self.updated_at.max(now.0) })
    }
}

/// A unit's points for a met window, in thousandths: 2, or 3 if excellent, scaled by window / 1 day.
pub fn points_met_milli(excellent: bool, window: Seconds) -> Result<i32> {
    scaled(if excellent { 3_000 } else { 2_000 }, window)
}

/// A unit's points for a breached window, in thousandths: −2, or −3 beyond half, scaled by window / 1 day.
pub fn points_breached_milli(shortfall: Ppm, window: Seconds) -> Result<i32> {
    scaled(if shortfall > HALF { 3_000 } else { 2_000 }, window).map(i32::saturating_neg)
}

fn scaled(milli: u64, window: Seconds) -> Result<i32> {
    let points = mul_div_floor(milli, u64::from(window.0), u64::from(DAY))?;
    i32::try_from(points).map_err(|_| CoreError::ArithmeticOverflow)
}

/// A provider's score: the mean over all units that it has had, rounded down; the start without any. Thousandths.
pub fn mean_milli(sum_milli: u64, units: u32) -> u32 {
    let mean = sum_milli.checked_div(u64::from(units));
    mean.and_then(|mean| u32::try_from(mean).ok()).unwrap_or(SCORE_START_MILLI)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_new_unit_launders_no_score() {
        let now = Timestamp(7);
        assert_eq!(mean_milli(0, 0), 50_000);
        assert_eq!(mean_milli(99_999 + 10_000, 2), 54_999);
        let new = |milli| Score::of_new_unit(milli, now);
        assert_eq!(new(12_000), Score { milli: 12_000, updated_at: 7 });
        assert_eq!(new(54_999), Score { milli: 50_000, updated_at: 7 });
    }

    proptest! {
        #[test]
        fn scores_stay_in_range_and_decay_moves_towards_the_start(milli in 0..=SCORE_MAX_MILLI, points: i32, idle in 0i64..1 << 40) {
            let score = Score { milli, updated_at: 0 };
            let later = score.at(Timestamp(idle)).unwrap();
            prop_assert!(later.milli.abs_diff(SCORE_START_MILLI) <= milli.abs_diff(SCORE_START_MILLI));
            prop_assert_eq!(later.milli > SCORE_START_MILLI, milli > SCORE_START_MILLI && later.milli != SCORE_START_MILLI);
            prop_assert!(score.fold(points, Timestamp(idle)).unwrap().milli <= SCORE_MAX_MILLI);
        }

        #[test]
        fn asking_often_stops_no_decay(milli in 0..=SCORE_MAX_MILLI, steps in proptest::collection::vec(1i64..5_000, 1..300)) {
            let score = Score { milli, updated_at: 0 };
            let mut now = 0;
            let often = steps.iter().fold(score, |score, step| { now += step; score.at(Timestamp(now)).unwrap() });
            let once = score.at(Timestamp(now)).unwrap();
            prop_assert!(often.milli.abs_diff(once.milli) <= 1, "{often:?} {once:?}");
        }

        #[test]
        fn folding_nothing_is_only_time(milli in 0..=SCORE_MAX_MILLI, steps in proptest::collection::vec(1i64..5_000, 1..300)) {
            let score = Score { milli, updated_at: 0 };
            let mut now = 0;
            let mut folded = score;
            let mut asked = score;
            for step in &steps {
                now += step;
                folded = folded.fold(0, Timestamp(now)).unwrap();
                asked = asked.at(Timestamp(now)).unwrap();
                prop_assert_eq!(folded, asked);
            }
            prop_assert!(folded.milli.abs_diff(score.at(Timestamp(now)).unwrap().milli) <= 1);
        }

        #[test]
        fn time_never_runs_backwards(milli in 0..=SCORE_MAX_MILLI, back in 0i64..1_000_000) {
            let score = Score { milli, updated_at: 1_000_000 };
            prop_assert_eq!(score.at(Timestamp(1_000_000 - back)).unwrap(), score);
            prop_assert!(score.fold(1, Timestamp(1_000_000 - back)).unwrap().updated_at == 1_000_000);
        }
    }

    #[test]
    fn by_hand() {
        let day = Seconds(DAY);
        assert_eq!(points_met_milli(false, day), Ok(2_000));
        assert_eq!(points_met_milli(true, Seconds(DAY / 2)), Ok(1_500));
        assert_eq!(points_breached_milli(Ppm(500_000), day), Ok(-2_000));
        assert_eq!(points_breached_milli(Ppm(500_001), day), Ok(-3_000));
        let month = i64::from(MONTH);
        let score = |milli| Score { milli, updated_at: 0 };
        assert_eq!(score(80_000).at(Timestamp(month)).unwrap().milli, 70_000);
        assert_eq!(score(55_000).at(Timestamp(month)).unwrap().milli, 50_000);
        assert_eq!(score(45_000).at(Timestamp(month / 2)).unwrap().milli, 50_000);
        // A thousandth decays in 259.2 seconds. Folding nothing leaves the rest of the time; folding points ends it.
        assert_eq!(score(80_000).fold(0, Timestamp(259)), Ok(score(80_000)));
        let once = Score { milli: 79_999, updated_at: 259 };
        assert_eq!(score(80_000).fold(0, Timestamp(500)), Ok(once));
        assert_eq!(once.fold(0, Timestamp(519)).map(|s| s.milli), Ok(79_998));
        let ended = Score { milli: 80_001, updated_at: 259 };
        assert_eq!(score(80_000).fold(1, Timestamp(259)), Ok(ended));
        let ended = Score { milli: 79_998, updated_at: 500 };
        assert_eq!(score(80_000).fold(-1, Timestamp(500)), Ok(ended));
        assert_eq!(score(50_000).fold(2_000, Timestamp(0)).unwrap().milli, 52_000);
        assert_eq!(score(1_000).fold(-2_000, Timestamp(0)).unwrap().milli, 0);
        assert_eq!(score(99_000).fold(i32::MAX, Timestamp(0)).unwrap().milli, 100_000);
    }
}
