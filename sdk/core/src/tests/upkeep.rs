//! Boosts and maintenance over time.

use crate::sla::SlaTerms;
use crate::unit::{BOOST_HALVES_SECS, Boost, Maintenance, announce, excused};
use crate::units::{Atoms, DAY, Seconds, Timestamp};
use proptest::prelude::*;

const WEEK: i64 = BOOST_HALVES_SECS as i64;

/// What atoms burnt at once are worth so long after: a half for each whole week, falling evenly in between.
fn worth(atoms: u64, secs: i64) -> f64 {
    let weeks = secs.div_euclid(WEEK);
    let into = secs.rem_euclid(WEEK) as f64 / WEEK as f64;
    atoms as f64 / 2f64.powi(i32::try_from(weeks).unwrap()) * (1.0 - into / 2.0)
}

proptest! {
    #[test]
    fn a_boost_is_worth_what_its_decay_says(atoms in 1u64..1 << 50, secs in 0i64..20 * WEEK) {
        let boost = Boost::default().burn(Atoms(atoms), Timestamp(1_000)).unwrap();
        let value = boost.value(Timestamp(1_000 + secs)).unwrap().0 as f64;
        prop_assert!(value <= worth(atoms, secs) + 1e-3 * (1.0 + value), "never more");
        // Each halving rounds down, and the last step once more.
        prop_assert!(value >= worth(atoms, secs) * (1.0 - 1e-9) - 2.0, "{value} {}", worth(atoms, secs));
    }

    #[test]
    fn boosting_in_pieces_buys_nothing_that_boosting_at_once_would_not(
        pieces in prop::collection::vec((0i64..2 * WEEK, 1u64..1 << 40), 1..12),
        later in 0i64..6 * WEEK,
    ) {
        let (mut boost, mut now, mut burnt) = (Boost::default(), 1_000, Vec::new());
        for (wait, atoms) in pieces {
            now += wait;
            let before = boost.value(Timestamp(now)).unwrap().0;
            boost = boost.burn(Atoms(atoms), Timestamp(now)).unwrap();
            let after = boost.value(Timestamp(now)).unwrap().0;
            // It is worth at once what was burnt, within the roundings of both values.
            prop_assert!(after <= before + atoms + 1 && after + 2 >= before + atoms, "{before} + {atoms} = {after}");
            burnt.push((now, atoms));
        }
        // Several boosts are never worth more than each by itself: joining the first one's week gains nothing.
        let then = now + later;
        let apart: f64 = burnt.iter().map(|(at, atoms)| worth(*atoms, then - at)).sum();
        let value = boost.value(Timestamp(then)).unwrap().0 as f64;
        prop_assert!(value <= apart * (1.0 + 1e-9) + 1.0, "{value} {apart}");
    }

    #[test]
    fn splitting_a_boost_at_one_moment_is_no_gain(a in 1u64..1 << 50, b in 1u64..1 << 50, first in 1u64..1 << 50, wait in 0i64..3 * WEEK) {
        let boost = Boost { atoms: Atoms(first), at: Timestamp(0) };
        let now = Timestamp(wait);
        let once = boost.burn(Atoms(a + b), now).unwrap();
        let twice = boost.burn(Atoms(a), now).unwrap().burn(Atoms(b), now).unwrap();
        prop_assert!(twice.atoms <= once.atoms && once.atoms.0 <= twice.atoms.0 + 1);
        prop_assert_eq!(twice.at, once.at);
    }

    #[test]
    fn an_sla_excuses_at_most_its_quota_and_only_what_lies_within_it(
        part in 20u16..=200, windows in 1u16..30, quarter in 1u32..=DAY / 4,
        plans in prop::collection::vec((0i64..40 * 86_400, 0u32..200_000), 0..12),
    ) {
        let mut terms: SlaTerms = bytemuck::Zeroable::zeroed();
        (terms.start, terms.window_secs, terms.windows, terms.maintenance_part) = (5 * 86_400, 4 * quarter, windows, part);
        let whole = i64::from(4 * quarter) * i64::from(windows);
        let (begins, ends) = (terms.start, terms.start + whole);
        let mut used = 0u32;
        for (starts_at, secs) in plans {
            let maintenance = Maintenance { starts_at: Timestamp(starts_at), secs: Seconds(secs) };
            let granted = excused(&terms, &maintenance, Seconds(used)).unwrap().0;
            let overlap = (starts_at + i64::from(secs)).min(ends) - starts_at.max(begins);
            let quota = whole / i64::from(part) - i64::from(used);
            prop_assert_eq!(i64::from(granted), overlap.max(0).min(quota));
            used += granted;
        }
        prop_assert!(i64::from(used) * i64::from(part) <= whole);
    }

    #[test]
    fn what_is_announced_is_a_day_ahead_and_replaces_nothing_to_come(
        listed in 0i64..1_000_000, part in 20u16..200, plans in prop::collection::vec((0i64..400_000, 0i64..3_000_000, 0u32..50_000), 0..20),
    ) {
        let mut known = [Maintenance::default(); 2];
        let mut now = listed;
        let mut accepted: Vec<Maintenance> = Vec::new();
        for (wait, ahead, secs) in plans {
            now += wait;
            let next = Maintenance { starts_at: Timestamp(now + ahead), secs: Seconds(secs) };
            let to_come = accepted.last().is_some_and(|last| last.starts_at.0 > now);
            let since = accepted.last().map_or(listed, |last| last.starts_at.0);
            let fits = i128::from(secs) * i128::from(part) <= i128::from(next.starts_at.0 - since);
            let valid = !to_come && fits && ahead >= i64::from(DAY) && secs > 0;
            match announce(known, next, Timestamp(listed), part, Timestamp(now)) {
                Ok(announced) => {
                    prop_assert!(valid);
                    // The one before is remembered: an SLA may still have to excuse it.
                    prop_assert_eq!(announced, [known[1], next]);
                    known = announced;
                    accepted.push(next);
                }
                Err(_) => prop_assert!(!valid),
            }
        }
    }
}
