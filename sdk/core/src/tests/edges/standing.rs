//! Stakes, scores, boosts, maintenance and exits.

use super::*;
use crate::reputation::{SCORE_MAX_MILLI, Score, points_breached_milli, points_met_milli};
use crate::sla::SlaTerms;
use crate::stake::{Stake, UNBONDING_SLOTS, Unbonding};
use crate::unit::{Boost, Maintenance, announce, check_exit, check_gone, excused};
use crate::units::{Ppm, Seconds, Timestamp};

/// Stakes at the edges, valid ones and not.
fn edge_stakes() -> impl Iterator<Item = Stake> {
    U64.into_iter().flat_map(|bonded| {
        U64.into_iter().flat_map(move |covered| {
            U64.into_iter().map(move |amount| {
                let mut unbonding = [Unbonding::default(); UNBONDING_SLOTS];
                unbonding[1] = Unbonding { amount, release_at: 0 };
                unbonding[3] = Unbonding { amount, release_at: i64::MAX };
                Stake { bonded, covered, unbonding }
            })
        })
    })
}

#[test]
fn stakes() {
    type Deed = fn(&mut Stake, u64, i64) -> Result<()>;
    type Right = fn(&Stake, &Stake, u64) -> bool;
    let deeds: [(Deed, Right); 8] = [
        (|s, a, _| s.bond(Atoms(a)), |b, s, a| s.bonded - b.bonded == a),
        (|s, a, _| s.cover(Atoms(a)), |b, s, a| s.covered - b.covered == a),
        (|s, a, _| s.release(Atoms(a)), |b, s, a| b.covered - s.covered == a),
        (
            |s, a, _| s.take_covered(Atoms(a)),
            |b, s, a| b.covered - s.covered == a && b.bonded - s.bonded == a,
        ),
        (|s, a, _| s.take_free(Atoms(a)), |b, s, a| b.bonded - s.bonded == a && a <= b.free().0),
        (
            |s, a, t| s.unbond(Atoms(a), Timestamp(t)).map(drop),
            |b, s, a| b.bonded - s.bonded == a && s.unbonding[0].amount == a && a > 0,
        ),
        (
            |s, _, t| s.withdraw_unbonded(Timestamp(t)).map(drop),
            |b, s, _| b.bonded == s.bonded && s.unbonding[3].amount == 0,
        ),
        (
            |s, a, _| s.slash_uncovered(Atoms(a)).map(drop),
            |b, s, _| b.covered == s.covered && s.bonded >= s.covered.min(b.bonded),
        ),
    ];
    for before in edge_stakes() {
        let owed = [before.bonded, before.unbonding[1].amount, before.unbonding[3].amount];
        assert_eq!(before.owed(), atoms(Some(owed.into_iter().map(wide).sum())));
        assert_eq!(before.check().is_ok(), before.covered <= before.bonded);
        assert_eq!(before.free().0, before.bonded.saturating_sub(before.covered));
        for amount in U64 {
            for time in TIMES {
                for (index, (deed, right)) in deeds.iter().enumerate() {
                    let mut after = before;
                    match deed(&mut after, amount, time) {
                        Ok(()) => {
                            let kept = before.check().is_err() || after.check().is_ok();
                            let right = kept && right(&before, &after, amount);
                            assert!(right, "deed {index} {amount}: {before:?} {after:?}");
                        }
                        Err(_) => {
                            assert_eq!(after, before, "deed {index}: a refusal changes nothing")
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn scores() {
    for milli in [0, 1, 50_000, SCORE_MAX_MILLI, u32::MAX] {
        for updated_at in TIMES {
            for now in TIMES {
                let score = Score { milli, updated_at };
                let started = Score::start(Timestamp(now));
                assert_eq!((started.milli, started.updated_at), (50_000, now));
                for points in [i32::MIN, -1, 0, 1, i32::MAX] {
                    let (at, folded) =
                        (score.at(Timestamp(now)), score.fold(points, Timestamp(now)));
                    if let Ok(at) = at {
                        assert!(at.milli.abs_diff(50_000) <= milli.abs_diff(50_000));
                        assert!(at.updated_at >= updated_at, "time never runs backwards");
                    }
                    if let (Ok(folded), true) = (folded, milli <= SCORE_MAX_MILLI) {
                        assert!(folded.milli <= SCORE_MAX_MILLI && folded.updated_at >= updated_at);
                    }
                    // In a clock's range nothing fails.
                    let clock = 0..1 << 40;
                    let real = clock.contains(&now) && clock.contains(&updated_at);
                    assert!(!real || (at.is_ok() && folded.is_ok()));
                }
            }
        }
    }
    for secs in U32 {
        for excellent in [false, true] {
            let exact = wide(secs) * if excellent { 3_000 } else { 2_000 } / 86_400;
            let met = points_met_milli(excellent, Seconds(secs));
            assert_eq!(met.map(|points| wide(points.unsigned_abs())), Ok(exact));
        }
        for shortfall in U32 {
            let exact = wide(secs) * if shortfall > 500_000 { 3_000 } else { 2_000 } / 86_400;
            let breached = points_breached_milli(Ppm(shortfall), Seconds(secs)).unwrap();
            assert_eq!((breached <= 0, wide(breached.unsigned_abs())), (true, exact));
        }
    }
}

#[test]
fn maintenance() {
    for starts_at in TIMES {
        for secs in U32 {
            for now in TIMES {
                let next = Maintenance { starts_at: Timestamp(starts_at), secs: Seconds(secs) };
                for part in U16 {
                    for listed_at in TIMES {
                        let known = [Maintenance::default(); 2];
                        let said =
                            announce(known, next, Timestamp(listed_at), part, Timestamp(now));
                        if let Ok(said) = said {
                            let ahead = i128::from(starts_at) - i128::from(now);
                            assert!(secs > 0 && ahead >= 86_400);
                            assert_eq!(said, [known[1], next]);
                        }
                    }
                    let mut terms: SlaTerms = bytemuck::Zeroable::zeroed();
                    (terms.start, terms.window_secs) = (now, secs);
                    (terms.windows, terms.maintenance_part) = (part, part);
                    for used in U32 {
                        let said = excused(&terms, &next, Seconds(used));
                        // The most that there is to excuse, in wide figures.
                        let (start, whole) = (i128::from(now), i128::from(secs) * i128::from(part));
                        let ends = (i128::from(starts_at) + i128::from(secs)).min(start + whole);
                        let within = (ends - i128::from(starts_at).max(start)).max(0);
                        let quota =
                            whole.checked_div(part.into()).map(|q| (q - i128::from(used)).max(0));
                        match said {
                            Ok(said) => {
                                assert_eq!(Some(i128::from(said.0)), quota.map(|q| q.min(within)));
                            }
                            Err(error) => {
                                let beyond = i128::from(starts_at) + i128::from(secs)
                                    > i128::from(i64::MAX)
                                    || start + whole > i128::from(i64::MAX);
                                assert!(error == OVERFLOW && (part == 0 || beyond));
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn boosts_and_exits() {
    for amount in U64 {
        for at in TIMES {
            for now in TIMES {
                let boost = Boost { atoms: Atoms(amount), at: Timestamp(at) };
                if let Ok(value) = boost.value(Timestamp(now)) {
                    assert!(value.0 <= amount, "it only falls");
                    assert!(now > at || value.0 == amount, "and not before it was bought");
                }
                for burnt in U64 {
                    match boost.burn(Atoms(burnt), Timestamp(now)) {
                        Ok(more) => {
                            let value = more.value(Timestamp(now)).unwrap().0;
                            let before = boost.value(Timestamp(now)).unwrap().0;
                            let exact = wide(before) + wide(burnt);
                            assert!(wide(value) <= exact + 1 && wide(value) + 2 >= exact);
                        }
                        Err(CoreError::ZeroAmount) => assert_eq!(burnt, 0),
                        Err(error) => assert_eq!(error, OVERFLOW),
                    }
                }
            }
        }
    }
    for count in U32 {
        assert_eq!(check_gone(true, count).is_ok(), count == 0);
        assert_eq!(check_gone(false, count), Err(CoreError::UnitInUse));
        for stake in edge_stakes().step_by(7) {
            let gone = count == 0 && stake.owed() == Ok(Atoms::ZERO);
            assert_eq!(check_exit(count, 0, &stake).is_ok(), gone);
            assert_eq!(check_exit(0, count, &stake).is_ok(), gone);
        }
    }
}
