//! A contested window comes to what it would have come to uncontested, as long as nothing was turned or voided.

use flashback::events::WindowContested;
use flashback_core::sla::{SlaBody, SlaState, SlaTerms};
use flashback_tests::prelude::*;

use super::super::contests::*;

/// What seats 1 and 2 report beside seat 0, which reports from its records so many failed probes of 24.
#[derive(Clone, Copy)]
struct Window {
    failed: u32,
    others: [Option<Report>; 2],
}

fn slow_by_12(terms: &SlaTerms) -> flashback_core::quality::Aggregate {
    slow(terms, 12)
}

const MET: Window = Window { failed: 0, others: [Some(met), Some(met)] };

/// Met with and without dissent and absences, breached a little and wholly, unmeasured, and blocked.
const WINDOWS: [Window; 9] = [
    MET,
    Window { failed: 0, others: [Some(excellent), Some(down)] },
    Window { failed: 0, others: [Some(slow_by_7), None] },
    Window { failed: 0, others: [Some(slow_by_4), Some(slow_by_7)] },
    Window { failed: 3, others: [Some(slow_by_12), Some(slow_by_7)] },
    Window { failed: 4, others: [Some(down), Some(down)] },
    Window { failed: 0, others: [None, None] },
    Window { failed: 0, others: [Some(inconclusive), None] },
    Window { failed: 0, others: [Some(inconclusive), Some(inconclusive)] },
];

fn submits(world: &mut World, k: u16, window: Window) {
    world.wait_until_reports(k);
    let terms = world.terms();
    let own = world.records(0, k, window.failed).report(k);
    world.seat(0).submits(own).succeeds();
    for (seat, report) in [1, 2].into_iter().zip(window.others) {
        if let Some(report) = report {
            world.seat(seat).reports(k, report(&terms)).succeeds();
        }
    }
}

/// A challenge of seat 0, which it answers: the bond is its own.
fn contests(world: &mut World, k: u16, window: Window) {
    world.wait_until_challenges(k);
    world.anyone().challenges(k, 0, 5).succeeds();
    let proof = world.records(0, k, window.failed).opening(5);
    world.anyone().opens_leaf(k, 0, 5, proof).succeeds();
    world.anyone().asserts_escrow_solvent().succeeds();
}

/// The SLA without that many bonds that seat 0 earned.
fn without_bonds(world: &World, bonds: u64) -> SlaBody {
    let mut body = world.sla().body;
    body.seats.fees[0] -= bonds * BOND;
    body
}

#[test]
fn at_once() {
    let start = active(hourly(), reservation());
    for (case, window) in WINDOWS.into_iter().enumerate() {
        println!("case {case}");
        let mut plain = start.clone();
        submits(&mut plain, 0, window);
        let mut contested = plain.clone();
        contests(&mut contested, 0, window);
        plain.wait_until_settleable(0);
        plain.anyone().settles().succeeds();
        contested.wait_until_settleable(0);
        contested.anyone().settles_round(0).succeeds();
        assert_eq!(without_bonds(&contested, 1), plain.sla().body);
        assert_all_solvent(&mut contested);
    }
}

/// The last one ends the SLA, and everything that is left is given back.
#[test]
fn at_the_end() {
    let mut args = reservation();
    args.request.windows = 1;
    let start = active(hourly(), args);
    for (case, window) in WINDOWS.into_iter().enumerate() {
        println!("case {case}");
        let mut plain = start.clone();
        submits(&mut plain, 0, window);
        let mut contested = plain.clone();
        contests(&mut contested, 0, window);
        assert_eq!(contested.sla().body.progress.state(), Ok(SlaState::Ended));
        plain.wait_until_settleable(0);
        plain.anyone().settles().succeeds();
        contested.wait_until_settleable(0);
        contested.anyone().settles_round(0).succeeds();
        assert_eq!(without_bonds(&contested, 1), plain.sla().body);
        assert_eq!(plain.sla().body.money.unallocated, 0);
        assert_all_solvent(&mut contested);
    }
}

/// Every window contested, and every round settled only after the end, the last one first.
#[test]
fn long_after() {
    let mut args = reservation();
    args.request.windows = 8;
    let mut plain = active(hourly(), args);
    let mut contested = plain.clone();
    let order = [0, 4, 6, 1, 3, 8, 5, 2];
    let windows = || (0..).zip(order.map(|case: usize| WINDOWS[case]));
    for (k, window) in windows() {
        submits(&mut plain, k, window);
        submits(&mut contested, k, window);
        contests(&mut contested, k, window);
    }
    plain.wait_until_settleable(7);
    plain.anyone().settles().succeeds();
    contested.wait_until_settleable(7);
    assert_eq!(contested.sla().body.progress.open_rounds, 8);
    for (k, _) in windows().collect::<Vec<_>>().into_iter().rev() {
        contested.anyone().settles_round(k).succeeds();
        contested.anyone().asserts_escrow_solvent().succeeds();
    }
    assert_eq!(without_bonds(&contested, 8), plain.sla().body);
    assert_all_solvent(&mut contested);
}

/// Three unmeasured windows running end the SLA, contested or not, at the same time.
#[test]
fn a_contest_buys_nobody_an_exit_and_delays_none() {
    let silent = WINDOWS[6];
    let mut plain = active(hourly(), reservation());
    let mut contested = plain.clone();
    let mut ended = vec![];
    for k in 0..3 {
        submits(&mut plain, k, silent);
        submits(&mut contested, k, silent);
        contested.wait_until_challenges(k);
        let receipt = contested.anyone().challenges(k, 0, 5).succeeds();
        ended.push(receipt.event::<WindowContested>().ended);
        let proof = contested.records(0, k, 0).opening(5);
        contested.anyone().opens_leaf(k, 0, 5, proof).succeeds();
    }
    assert_eq!(ended, [false, false, true]);
    plain.wait_until_settleable(2);
    plain.anyone().settles().succeeds();
    contested.wait_until_settleable(2);
    for k in [1, 0, 2] {
        contested.anyone().settles_round(k).succeeds();
    }
    let body = without_bonds(&contested, 3);
    assert_eq!(body, plain.sla().body);
    assert_eq!((body.progress.state(), body.progress.end), (Ok(SlaState::Ended), 3));
    assert_all_solvent(&mut contested);
}
