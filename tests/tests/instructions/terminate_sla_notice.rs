//! A provider ends an SLA with a notice of seven whole windows and seven days.

use flashback::events::{SlaTerminated, WindowSettled};
use flashback_core::sla::SlaState;
use flashback_core::units::DAY;
use flashback_tests::prelude::*;

/// An active SLA of so many windows of that length, at a unit that is probed often enough for it.
fn of_windows(windows: u16, window_secs: u32, probe_interval_secs: u32) -> World {
    let mut unit = listing();
    unit.offer.probe_interval_secs = probe_interval_secs;
    let mut world = World::initialized().and_market(STAKE, unit);
    let mut args = reservation();
    (args.request.windows, args.request.window_secs) = (windows, window_secs);
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world
}

fn daily(windows: u16) -> World {
    of_windows(windows, DAY, 60)
}

/// Where the provider ends it at a time; nothing of it stays.
fn end_at(world: &World, time: i64) -> u16 {
    let mut world = world.clone();
    world.wait(Timestamp(time));
    world.provider().terminates().succeeds().event::<SlaTerminated>().end_after
}

#[test]
fn seven_whole_days_follow_the_current_one() {
    let mut world = daily(20);
    let start = world.terms().start;
    let before = world.sla().body;
    world.wait(Timestamp(start));
    let receipt = world.provider().terminates().succeeds();
    let event = receipt.event::<SlaTerminated>();
    assert_eq!((event.sla, event.by), (world.sla_address(), key(PROVIDER)));
    // Window 0 is the current one.
    assert_eq!((event.end_before, event.end_after), (20, 8));
    let after = world.sla().body;
    assert_eq!((after.progress.end, after.progress.state()), (8, Ok(SlaState::Active)));
    assert_eq!((after.terms, after.money, after.seats), (before.terms, before.money, before.seats));
}

#[test]
fn the_notice_begins_at_the_clock() {
    let world = daily(20);
    let (start, day) = (world.terms().start, i64::from(DAY));
    // Seven days from an hour before the start reach into the seventh window; an hour of them is not its own.
    assert_eq!(end_at(&world, start - 3_600), 7);
    assert_eq!(end_at(&world, start - 1), 7);
    assert_eq!(end_at(&world, start), 8);
    // A second later they reach into the eighth, which is the last as it is.
    assert_eq!(end_at(&world, start + 1), 8);
    assert_eq!(end_at(&world, start + day - 1), 8);
    assert_eq!(end_at(&world, start + day), 9);
}

#[test]
fn short_windows_take_seven_days() {
    let world = of_windows(300, 3_600, 60);
    let start = world.terms().start;
    assert_eq!(end_at(&world, start), 168);
    assert_eq!(end_at(&world, start + 1), 169);
    assert_eq!(end_at(&world, start + 3_599), 169);
    assert_eq!(end_at(&world, start - 3_600), 167);
}

#[test]
fn long_windows_take_seven_of_them() {
    let world = of_windows(20, 7 * DAY, 600);
    let (start, week) = (world.terms().start, 7 * i64::from(DAY));
    assert_eq!(end_at(&world, start), 8);
    assert_eq!(end_at(&world, start + week - 1), 8);
    assert_eq!(end_at(&world, start + week), 9);
}

#[test]
fn what_remains_within_the_notice_is_served() {
    for (windows, earlier) in [(8, false), (9, true)] {
        let mut world = daily(windows);
        world.wait(Timestamp(world.terms().start));
        let attempt = world.provider().terminates();
        if earlier {
            attempt.succeeds();
        } else {
            attempt.is_refused(CoreError::EndNotEarlier);
        }
    }
}

#[test]
fn the_notice_is_paid_and_the_rest_refunded() {
    let mut world = daily(12);
    let deposit = world.chain.tokens(&world.escrow()).0;
    world.wait(Timestamp(world.terms().start));
    world.provider().terminates().succeeds();
    let terms = world.terms();
    let (mut paid, mut fees) = (0, 0);
    for window in 0..8 {
        assert_eq!(world.sla().body.money.refundable, 0);
        world.reports(window, [Some(met(&terms)); 3]);
        world.wait_until_settleable(window);
        let settled = world.anyone().settles().succeeds().event::<WindowSettled>();
        assert_eq!((settled.paid, settled.ended), (terms.due(window).unwrap().0, window == 7));
        paid += settled.paid;
        fees += settled.protocol_fee + 3 * settled.oracle_fee;
    }
    // Eight of twelve days of 8,192,000 atoms.
    assert_eq!(paid, 5_461_333);
    let money = world.sla().body.money;
    assert_eq!((money.earned, money.refundable), (paid, deposit - paid - fees));
    assert_eq!(money.unallocated, 0);
    world.anyone().asserts_escrow_solvent().succeeds();
    world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT), Atoms(paid));
}

#[test]
fn breaches_within_the_notice_cost_what_they_cost() {
    let mut world = daily(12);
    world.wait(Timestamp(world.terms().start));
    world.provider().terminates().succeeds();
    let terms = world.terms();
    world.reports(0, [Some(down(&terms)); 3]);
    world.wait_until_settleable(0);
    let settled = world.anyone().settles().succeeds().event::<WindowSettled>();
    assert_eq!((settled.paid, settled.refunded), (0, settled.due));
    assert_eq!(settled.penalty, 2 * settled.due);
}

#[test]
fn only_the_providers_authority_gives_notice() {
    let mut world = daily(20);
    let until = world.chain.now().after(600).unwrap();
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    world.other_provider().registers().succeeds();
    for name in [OPERATOR, PAYOUT, OTHER_PROVIDER, STRANGER, DEPLOYER] {
        let attempt = world.provider().terminates();
        attempt.signed_by(keypair(name), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.provider().terminates();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn silence_does_not_shorten_the_providers_notice() {
    let mut world = daily(20);
    world.wait_until_settleable(0);
    // Window 0 settles as unmeasured; window 1 is the current one.
    let receipt = world.provider().terminates().succeeds();
    assert_eq!(receipt.event::<SlaTerminated>().end_after, 9);
}
