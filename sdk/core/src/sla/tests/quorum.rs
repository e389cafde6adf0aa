//! P8: while fewer than a majority of a committee lie, no measured window is worse for the provider than
//! an honest oracle reported, and with nobody absent none is better either.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Away,
    Honest,
    Liar,
}
use Role::{Away, Honest, Liar};

/// Every assignment of roles to that many seats with fewer than a majority of liars.
fn assignments(seats: u8) -> Vec<Vec<Role>> {
    let minority = usize::from(seats / 2);
    (0..3u32.pow(u32::from(seats)))
        .map(|code| {
            (0..u32::from(seats))
                .map(|seat| {
                    [Away, Honest, Liar][usize::try_from(code / 3u32.pow(seat) % 3).unwrap()]
                })
                .collect::<Vec<_>>()
        })
        .filter(|roles| roles.iter().filter(|role| **role == Liar).count() <= minority)
        .collect()
}

/// Settles one window and compares it with what the honest oracles saw.
fn judge(world: &World, roles: &[Role], honest: &[u32], lies: &[Act]) {
    let mut world = world.clone();
    let acts: Vec<Act> = roles
        .iter()
        .enumerate()
        .map(|(seat, role)| match role {
            Away => Absent,
            Honest => Measures(honest[seat]),
            Liar => lies[seat],
        })
        .collect();
    let outcome = world.window(&acts);
    if !matches!(outcome.result, WindowResult::Met | WindowResult::Breached) {
        return;
    }
    let seen = || roles.iter().zip(honest).filter(|(role, _)| **role == Honest).map(|(_, s)| *s);
    let (best, worst) = (seen().min().unwrap(), seen().max().unwrap());
    let shortfall = outcome.shortfall.0;
    assert!(shortfall <= worst, "worse than any honest report: {acts:?} {outcome:?}");
    assert!(roles.contains(&Away) || shortfall >= best, "better than all: {acts:?} {outcome:?}");
}

#[test]
fn no_minority_of_liars_moves_a_measured_window_beyond_the_honest_reports() {
    let pictures: [[u32; SEATS_MAX]; 5] = [
        [0; SEATS_MAX],
        [300_000; SEATS_MAX],
        [1_000_000; SEATS_MAX],
        [100_000, 200_000, 300_000, 400_000, 500_000],
        [900_000, 1, 700_000, 0, 1_000_000],
    ];
    let lies = [Measures(0), Measures(250_000), Measures(650_000), Measures(1_000_000), Abstains];
    for seats in [3, 5] {
        let world = World::of(seats);
        for roles in assignments(seats) {
            let liars: Vec<usize> = (0..roles.len()).filter(|seat| roles[*seat] == Liar).collect();
            let ways = lies.len().pow(u32::try_from(liars.len()).unwrap());
            for way in 0..ways {
                let mut said = [Absent; SEATS_MAX];
                for (digit, seat) in (0u32..).zip(&liars) {
                    said[*seat] = lies[way / lies.len().pow(digit) % lies.len()];
                }
                for honest in &pictures {
                    judge(&world, &roles, honest, &said);
                }
            }
        }
    }
}

/// What a window leaves the provider with: what it is paid, less its penalty.
fn net(outcome: &WindowOutcome) -> i64 {
    i64::try_from(outcome.paid.0).unwrap() - i64::try_from(outcome.penalty.0).unwrap()
}

/// What it would be left with if every oracle reported that.
fn agreed_on(world: &World, shortfall: u32) -> i64 {
    let seats = usize::from(world.sla.terms.seats);
    net(&world.clone().window(&[Measures(shortfall); SEATS_MAX][..seats]))
}

#[test]
fn no_minority_of_liars_costs_the_provider_more_than_the_worst_honest_report() {
    let honest = [600_000, 0, 150_000, 1_000_000, 20_000];
    let lies = [Measures(0), Measures(1_000_000), Abstains, Absent, Voided];
    for seats in [3, 5] {
        let world = World::of(seats);
        for roles in assignments(seats) {
            let seen = || roles.iter().zip(honest).filter(|(role, _)| **role == Honest);
            for lie in lies {
                let acts: Vec<Act> = roles
                    .iter()
                    .zip(honest)
                    .map(|(role, seen)| match role {
                        Away => Absent,
                        Honest => Measures(seen),
                        Liar => lie,
                    })
                    .collect();
                let outcome = world.clone().window(&acts);
                match outcome.result {
                    WindowResult::Unmeasured => {
                        assert_eq!(net(&outcome), 1_000, "{acts:?}");
                    }
                    // The one outcome that a minority can bring about: it takes an absence as well.
                    WindowResult::Blocked => {
                        assert!(roles.contains(&Away) && lie == Abstains, "{acts:?}");
                        assert_eq!(net(&outcome), 500);
                    }
                    WindowResult::Met | WindowResult::Breached => {
                        let worst = seen().map(|(_, seen)| seen).max().unwrap();
                        assert!(net(&outcome) >= agreed_on(&world, worst), "{acts:?}");
                        if acts.iter().all(|act| matches!(act, Measures(_))) {
                            let best = seen().map(|(_, seen)| seen).min().unwrap();
                            assert!(net(&outcome) <= agreed_on(&world, best), "{acts:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn nor_does_it_whatever_the_arbiter_leaves_out_and_whoever_is_proven_wrong() {
    let honest = [600_000, 0, 150_000, 1_000_000, 20_000];
    let mut settled = 0;
    for seats in [3u8, 5] {
        let world = World::of(seats);
        for roles in assignments(seats) {
            for lie in [0, 1_000_000] {
                let mut world = world.clone();
                for (seat, role) in roles.iter().enumerate() {
                    let act = match role {
                        Away => Absent,
                        Honest => Measures(honest[seat]),
                        Liar => Measures(lie),
                    };
                    world.reports(seat, act);
                }
                let now = world.sla.terms.report_closes(0).unwrap();
                let (round, _) = world.sla.contest(now).unwrap();
                for turned in 0..1u8 << seats {
                    for proven in [false, true] {
                        let (mut world, mut round) = (world.clone(), round);
                        let dispute = world.sla.open_dispute(&mut round, Party::Consumer, now);
                        if let Ok(contest) = dispute {
                            let upheld = Ruling::Upheld { turned };
                            let (sla, consumer) = (&mut world.sla, Party::Consumer);
                            if sla
                                .rule_dispute(&mut round, &contest, consumer, upheld, now)
                                .is_err()
                            {
                                continue;
                            }
                        } else if turned > 0 {
                            continue;
                        }
                        for (seat, role) in roles.iter().enumerate() {
                            if proven && *role == Liar {
                                let oracle = &mut world.oracles[seat];
                                world.sla.void_contested(&mut round, seat, oracle, true).unwrap();
                            }
                        }
                        let later = world.sla.terms.settles_at(0).unwrap();
                        let outcome = world
                            .sla
                            .settle_round(&mut round, Holders::of(u8::MAX), later)
                            .unwrap();
                        settled += 1;
                        let seen = roles.iter().zip(honest).filter(|(role, _)| **role == Honest);
                        let worst = seen.map(|(_, seen)| seen).max();
                        match outcome.result {
                            WindowResult::Unmeasured => assert_eq!(net(&outcome), 1_000),
                            WindowResult::Blocked => panic!("nobody was kept from measuring"),
                            _ => assert!(
                                net(&outcome) >= agreed_on(&World::of(seats), worst.unwrap())
                            ),
                        }
                    }
                }
            }
        }
    }
    assert!(settled > 1_000, "{settled}");
}

#[test]
fn a_window_is_measured_exactly_when_a_majority_measured() {
    for seats in [3u8, 5] {
        let acts = [Absent, Abstains, Measures(400_000), Voided];
        for code in 0..4usize.pow(u32::from(seats)) {
            let round: Vec<Act> =
                (0..u32::from(seats)).map(|seat| acts[code / 4usize.pow(seat) % 4]).collect();
            let count = |wanted: Act| round.iter().filter(|act| **act == wanted).count();
            let majority = usize::from(seats / 2 + 1);
            let expected = if count(Measures(400_000)) >= majority {
                WindowResult::Breached
            } else if count(Measures(400_000)) + count(Abstains) >= majority {
                WindowResult::Blocked
            } else {
                WindowResult::Unmeasured
            };
            assert_eq!(World::of(seats).window(&round).result, expected, "{round:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn nor_do_any_figures(
        five: bool,
        pick: prop::sample::Index,
        honest in prop::array::uniform5(0u32..=1_000_000),
        lies in prop::array::uniform5(0u32..=1_000_000),
    ) {
        let seats = if five { 5 } else { 3 };
        let roles = assignments(seats);
        judge(&World::of(seats), &roles[pick.index(roles.len())], &honest, &lies.map(Measures));
    }
}
