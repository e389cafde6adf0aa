use flashback::events::WindowSettled;
use flashback_core::quality::Aggregate;
use flashback_core::sla::{SlaState, SlaTerms, WindowResult};
use flashback_tests::prelude::*;

/// Settles window 0 with these submissions; checks it against core and returns what the chain says.
fn settled(submissions: [Option<fn(&SlaTerms) -> Aggregate>; 3]) -> (World, WindowSettled) {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    world.reports(0, submissions.map(|submission| submission.map(|report| report(&terms))));
    world.wait_until_settleable(0);
    let mut body = world.sla().body;
    let expected = body.settle_next(world.chain.now()).unwrap().unwrap();

    let event = world.anyone().settles().succeeds().event::<WindowSettled>();
    assert_eq!(world.sla().body, body);
    assert_eq!((event.sla, event.window), (world.sla_address(), 0));
    assert_eq!((event.result, event.shortfall_ppm), (expected.result.code(), expected.shortfall.0));
    assert_eq!((event.due, event.paid), (expected.due.0, expected.paid.0));
    assert_eq!((event.refunded, event.penalty), (expected.refunded.0, expected.penalty.0));
    assert_eq!(
        (event.protocol_fee, event.oracle_fee),
        (expected.protocol_fee.0, expected.oracle_fee.0)
    );
    assert_eq!((event.measured, event.absence), (expected.measured, expected.absence.0));
    assert_eq!((event.ended, event.returned), (expected.ended, expected.returned.0));
    world.anyone().asserts_escrow_solvent().succeeds();
    (world, event)
}

fn seven_percent_slow(terms: &SlaTerms) -> Aggregate {
    slow(terms, 7)
}

/// A quarter of 2,730,666 atoms, rounded down.
const DUE: u64 = 682_666;

#[test]
fn a_met_window_is_paid_in_full() {
    let (world, event) = settled([Some(met), Some(excellent), Some(down)]);
    assert_eq!(event.result, WindowResult::Met.code());
    assert_eq!((event.due, event.paid, event.refunded, event.penalty), (DUE, DUE, 0, 0));
    assert_eq!((event.protocol_fee, event.oracle_fee, event.measured), (3_413, 1_137, 3));
    let body = world.sla().body;
    assert_eq!((body.money.earned, body.seats.fees), (DUE, [1_137, 1_137, 1_137, 0, 0]));
    assert_eq!(body.progress.points_milli, 2_000);
    assert_eq!(body.seats.points, [1, 1, 1, 0, 0]);
}

#[test]
fn a_breached_window_is_paid_in_part() {
    let breach = Some(seven_percent_slow as fn(&SlaTerms) -> Aggregate);
    let (world, event) = settled([breach, Some(met), breach]);
    assert_eq!((event.result, event.shortfall_ppm), (WindowResult::Breached.code(), 350_000));
    // Refund at a shortfall of 35 %: 10 % + 15/40 of 50 % = 28.75 %.
    assert_eq!((event.paid, event.refunded), (486_399, 196_267));
    assert_eq!(event.penalty, DUE * 2 * 350_000 / 1_000_000);
    let body = world.sla().body;
    assert_eq!((body.money.penalty_owed, body.money.refundable), (event.penalty, 196_267));
    assert_eq!(body.progress.points_milli, -2_000);
}

#[test]
fn a_penalty_is_at_most_the_cover() {
    let (world, event) = settled([Some(down), Some(down), None]);
    assert_eq!((event.shortfall_ppm, event.paid, event.refunded), (1_000_000, 0, DUE));
    assert_eq!(event.penalty, world.terms().cover);
    assert_eq!(world.sla().body.progress.points_milli, -3_000);
}

#[test]
fn silent_oracles_cost_the_provider_nothing() {
    let (world, event) = settled([None, Some(down), None]);
    assert_eq!(event.result, WindowResult::Unmeasured.code());
    assert_eq!((event.paid, event.refunded, event.penalty), (DUE, 0, 0));
    assert_eq!((event.absence, event.measured), (DUE / 2, 1));
    let seats = world.sla().body.seats;
    assert_eq!(seats.absence_owed.iter().sum::<u64>(), DUE / 2);
    assert_eq!(seats.absence_owed[1], 0);
    assert_eq!((seats.points, seats.missed), ([-1, 1, -1, 0, 0], [1, 0, 1, 0, 0]));
}

#[test]
fn a_blocked_window_is_halved() {
    let (world, event) = settled([Some(inconclusive), Some(inconclusive), Some(down)]);
    assert_eq!(event.result, WindowResult::Blocked.code());
    assert_eq!((event.paid, event.refunded, event.penalty), (DUE / 2, DUE / 2, 0));
    assert_eq!(world.sla().body.progress.blocked, 1);
}

#[test]
fn three_silent_windows_end_the_sla() {
    let mut world = World::with_active_sla();
    world.wait_until_settleable(3);
    let events = world.anyone().settles().succeeds().events::<WindowSettled>();
    let windows: Vec<_> = events.iter().map(|event| (event.window, event.ended)).collect();
    assert_eq!(windows, [(0, false), (1, false), (2, true)]);
    assert!(events[2].returned > DUE);
    let body = world.sla().body;
    assert_eq!((body.progress.state(), body.money.unallocated), (Ok(SlaState::Ended), 0));
    assert_eq!(body.money.earned, events.iter().map(|event| event.paid).sum::<u64>());
}

#[test]
fn nothing_is_settled_before_its_time_or_twice() {
    let mut world = World::with_active_sla();
    let settles_at = world.terms().settles_at(0).unwrap();
    world.anyone().settles().is_refused(CoreError::NothingDue);
    world.wait(Timestamp(settles_at.0 - 1));
    world.anyone().settles().is_refused(CoreError::NothingDue);
    world.wait(settles_at);
    world.anyone().settles().succeeds();
    world.anyone().settles().is_refused(CoreError::NothingDue);
    World::with_agreed_sla().anyone().settles().is_refused(CoreError::NothingDue);
    World::with_ended_sla().anyone().settles().is_refused(CoreError::NothingDue);
}

#[test]
fn other_accounts_are_no_slas() {
    let mut world = World::with_active_sla();
    let sla = world.sla_address();
    world.wait_until_settleable(0);
    let cases = [
        (world.provider_address(), ErrorCode::AccountDiscriminatorMismatch),
        (address::registry(), ErrorCode::AccountDiscriminatorMismatch),
        (world.escrow(), ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, error) in cases {
        world.anyone().settles().with(account, sla).is_refused(error);
    }
    world.anyone().settles().read_only(sla).is_refused(ErrorCode::ConstraintMut);
}
