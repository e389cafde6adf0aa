//! Scores against exact rates, computed in floating point here.

use crate::reputation::{SCORE_MAX_MILLI, Score, points_breached_milli, points_met_milli};
use crate::units::{DAY, MONTH, PPM_ONE, Ppm, Seconds, Timestamp};
use proptest::prelude::*;

/// Points after so long without data: ten a month towards fifty.
fn decayed(points: f64, secs: i64) -> f64 {
    let moved = 10.0 * secs as f64 / f64::from(MONTH);
    if points > 50.0 { (points - moved).max(50.0) } else { (points + moved).min(50.0) }
}

proptest! {
    #[test]
    fn decay_is_ten_points_a_month_from_both_sides(milli in 0..=SCORE_MAX_MILLI, secs in 0i64..20_000_000) {
        let at = Score { milli, updated_at: 7 }.at(Timestamp(7 + secs)).unwrap();
        let exact = decayed(f64::from(milli) / 1_000.0, secs) * 1_000.0;
        prop_assert!((f64::from(at.milli) - exact).abs() < 1.001, "{at:?} {exact}");
        // Above and below are mirror images.
        let mirrored = Score { milli: SCORE_MAX_MILLI - milli, updated_at: 7 };
        prop_assert_eq!(SCORE_MAX_MILLI - mirrored.at(Timestamp(7 + secs)).unwrap().milli, at.milli);
    }

    #[test]
    fn of_two_scores_the_better_stays_the_better(
        a in 0..=SCORE_MAX_MILLI, b in 0..=SCORE_MAX_MILLI, points in -20_000i32..20_000, more in 0i32..20_000, secs in 0i64..10_000_000,
    ) {
        let of = |milli, points| {
            let folded = Score { milli, updated_at: 0 }.fold(points, Timestamp(secs)).unwrap();
            prop_assert!(folded.milli <= SCORE_MAX_MILLI);
            Ok(folded.milli)
        };
        prop_assert!(of(a.min(b), points)? <= of(a.max(b), points)?, "a better past");
        // Folding nothing keeps time that moved no whole thousandth, so compare with a thousandth.
        let more = of(a, points.saturating_add(more))?;
        prop_assert!(of(a, points)? <= more, "better data");
    }

    #[test]
    fn points_folded_at_once_or_one_by_one_are_the_same_within_bounds(points in prop::collection::vec(-900i32..900, 0..20)) {
        // Far from 0 and 100, where nothing is cut off.
        let start = Score::start(Timestamp(9));
        let one_by_one = points.iter().fold(start, |score, points| score.fold(*points, Timestamp(9)).unwrap());
        let at_once = start.fold(points.iter().sum(), Timestamp(9)).unwrap();
        prop_assert_eq!(one_by_one, at_once);
    }

    #[test]
    fn a_window_moves_a_score_by_two_or_three_points_a_day(secs in 4u32..=7 * DAY, shortfall in 1..=PPM_ONE, excellent: bool) {
        let days = f64::from(secs) / f64::from(DAY);
        let near = |points: i32, exact: f64| (f64::from(points) - exact).abs() < 1.0;
        let met = if excellent { 3_000.0 } else { 2_000.0 } * days;
        prop_assert!(near(points_met_milli(excellent, Seconds(secs)).unwrap(), met));
        let breached = if shortfall > PPM_ONE / 2 { -3_000.0 } else { -2_000.0 } * days;
        prop_assert!(near(points_breached_milli(Ppm(shortfall), Seconds(secs)).unwrap(), breached));
    }
}
