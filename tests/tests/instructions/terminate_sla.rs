use flashback::events::{SlaTerminated, WindowSettled};
use flashback_core::sla::{SlaState, WindowResult};
use flashback_core::units::DAY;
use flashback_sdk::instruction::ProposeSlaArgs;
use flashback_tests::prelude::*;

/// An active SLA of so many daily windows.
fn of_windows(windows: u16) -> World {
    active(|args| args.request.windows = windows)
}

/// An active SLA as reserved, but for that.
fn active(change: impl Fn(&mut ProposeSlaArgs)) -> World {
    let mut world = World::with_market();
    let mut args = reservation();
    change(&mut args);
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world
}

/// Every seat reports the window as met, and it is settled.
fn serves(world: &mut World, window: u16) {
    let terms = world.terms();
    world.reports(window, [Some(met(&terms)); 3]);
    world.wait_until_settleable(window);
    world.anyone().settles().succeeds();
}

#[test]
fn the_consumer_ends_it_with_the_window_after_the_current_one() {
    let mut world = of_windows(10);
    serves(&mut world, 0);
    serves(&mut world, 1);
    // Window 1 settles in the middle of window 2.
    let before = world.sla().body;
    let receipt = world.consumer().terminates().succeeds();
    let event = receipt.event::<SlaTerminated>();
    assert_eq!((event.sla, event.by), (world.sla_address(), key(CONSUMER)));
    assert_eq!((event.end_before, event.end_after), (10, 4));
    let after = world.sla().body;
    assert_eq!((after.progress.end, after.progress.state()), (4, Ok(SlaState::Active)));
    assert_eq!((after.terms, after.money, after.seats), (before.terms, before.money, before.seats));
    assert!(receipt.events::<WindowSettled>().is_empty());
}

#[test]
fn the_rest_is_refunded_when_the_last_window_settles() {
    let mut world = of_windows(10);
    world.wait(Timestamp(world.terms().start));
    world.consumer().terminates().succeeds();
    let (terms, mut spent) = (world.terms(), 0);
    // Tenths of 6,826,666 atoms, and half a percent of each to the treasury and to three oracles.
    for (window, due, protocol_fee) in [(0, 682_666, 3_413), (1, 682_667, 3_413)] {
        assert_eq!(world.sla().body.money.refundable, 0);
        world.reports(window, [Some(met(&terms)); 3]);
        world.wait_until_settleable(window);
        let settled = world.anyone().settles().succeeds().event::<WindowSettled>();
        assert_eq!((settled.due, settled.paid, settled.ended), (due, due, window == 1));
        assert_eq!((settled.protocol_fee, settled.oracle_fee), (protocol_fee, 1_137));
        spent += due + protocol_fee + 3 * 1_137;
    }
    let body = world.sla().body;
    let rest = world.chain.tokens(&world.escrow()).0 - spent;
    assert_eq!((body.money.refundable, body.money.unallocated), (rest, 0));
    assert_eq!(body.progress.state(), Ok(SlaState::Ended));
    world.anyone().asserts_escrow_solvent().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER).0, PURSE.0 - spent);
    // No later window is ever due.
    world.wait_until_settleable(9);
    world.anyone().settles().is_refused(CoreError::NothingDue);
}

#[test]
fn the_current_window_is_the_clocks() {
    let mut world = of_windows(10);
    let start = world.terms().start;
    let day = i64::from(DAY);
    // Before the first window begins, that is the first one.
    for (time, end) in [
        (start - 3_600, 1),
        (start - 1, 1),
        (start, 2),
        (start + day - 1, 2),
        (start + day, 3),
        (start + day + day / 2 - 1, 3),
    ] {
        world.wait(Timestamp(time));
        let event = world.clone().consumer().terminates().succeeds().event::<SlaTerminated>();
        assert_eq!(event.end_after, end, "at {}", time - start);
    }
}

#[test]
fn its_delegate_ends_it_for_the_consumer_and_a_stranger_does_not() {
    let mut world = active(|args| args.delegate = key("delegate"));
    for name in [STRANGER, OTHER_PROVIDER, PAYOUT, RENT_PAYER, DEPLOYER, GUARDIAN, ARBITER] {
        let attempt = world.consumer().terminates();
        attempt.signed_by(keypair(name), key(CONSUMER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.consumer().terminates();
    attempt.unsigned_by(key(CONSUMER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.consumer().terminates();
    let receipt = attempt.signed_by(keypair("delegate"), key(CONSUMER)).succeeds();
    let event = receipt.event::<SlaTerminated>();
    assert_eq!((event.by, event.end_after), (key("delegate"), 1));

    // Without a delegate, nobody is one.
    let mut world = of_windows(4);
    let attempt = world.consumer().terminates();
    attempt.signed_by(keypair("delegate"), key(CONSUMER)).is_refused(CoreError::Unauthorized);
}

#[test]
fn an_end_only_moves_earlier() {
    let mut world = of_windows(20);
    let day = u64::from(DAY);
    world.wait(Timestamp(world.terms().start));
    assert_eq!(world.provider().terminates().succeeds().event::<SlaTerminated>().end_after, 8);
    world.provider().terminates().is_refused(CoreError::EndNotEarlier);
    let event = world.consumer().terminates().succeeds().event::<SlaTerminated>();
    assert_eq!((event.end_before, event.end_after), (8, 2));
    // Later the consumer's end would be later, and so would the provider's.
    world.wait_secs(day);
    for _ in 0..2 {
        world.consumer().terminates().is_refused(CoreError::EndNotEarlier);
        world.provider().terminates().is_refused(CoreError::EndNotEarlier);
    }
    assert_eq!(world.sla().body.progress.end, 2);
}

#[test]
fn the_last_windows_are_too_late_to_end_it_earlier() {
    let mut world = of_windows(4);
    serves(&mut world, 0);
    world.clone().consumer().terminates().succeeds();
    serves(&mut world, 1);
    // In the third of four windows, the one after is the last.
    world.consumer().terminates().is_refused(CoreError::EndNotEarlier);
}

#[test]
fn after_an_unmeasured_window_it_ends_with_the_current_one() {
    let mut world = of_windows(10);
    serves(&mut world, 0);
    // The current window is the fourth: two silent ones are due and settle first.
    world.wait_until_settleable(2);
    let receipt = world.consumer().terminates().succeeds();
    let settled = receipt.events::<WindowSettled>();
    let results: Vec<_> = settled.iter().map(|event| (event.window, event.result)).collect();
    let unmeasured = WindowResult::Unmeasured.code();
    assert_eq!(results, [(1, unmeasured), (2, unmeasured)]);
    let event = receipt.event::<SlaTerminated>();
    assert_eq!((event.end_before, event.end_after), (10, 4));

    // Once served again, it is the one after.
    let mut world = of_windows(10);
    world.wait_until_settleable(0);
    serves(&mut world, 1);
    assert_eq!(world.consumer().terminates().succeeds().event::<SlaTerminated>().end_after, 4);
}

#[test]
fn after_a_blocked_window_either_party_ends_it_with_the_current_one() {
    let mut world = of_windows(10);
    let terms = world.terms();
    world.reports(0, [Some(inconclusive(&terms)); 3]);
    world.wait_until_settleable(0);
    let mut by_provider = world.clone();
    for receipt in
        [world.consumer().terminates().succeeds(), by_provider.provider().terminates().succeeds()]
    {
        assert_eq!(receipt.event::<WindowSettled>().result, WindowResult::Blocked.code());
        let event = receipt.event::<SlaTerminated>();
        assert_eq!((event.end_before, event.end_after), (10, 2));
    }
}

#[test]
fn a_window_that_the_silence_ended_it_with_stays_its_end() {
    let mut world = of_windows(10);
    world.wait_until_settleable(2);
    // Three silent windows end it as they settle.
    world.consumer().terminates().is_refused(CoreError::StateInvalid);
    world.anyone().settles().succeeds();
    assert_eq!(world.sla().body.progress.end, 3);
    world.consumer().terminates().is_refused(CoreError::StateInvalid);
    world.provider().terminates().is_refused(CoreError::StateInvalid);
}

#[test]
fn only_an_active_sla_is_terminated() {
    for mut world in [World::with_proposed_sla(), World::with_agreed_sla(), World::with_ended_sla()]
    {
        world.consumer().terminates().is_refused(CoreError::StateInvalid);
        world.provider().terminates().is_refused(CoreError::StateInvalid);
    }
}

#[test]
fn a_pause_or_a_donation_stops_no_termination() {
    let mut world = of_windows(10);
    let escrow = world.escrow();
    world.guardian().pauses(7 * DAY).succeeds();
    world.anyone().donates(escrow, Atoms(5)).succeeds();
    world.consumer().terminates().succeeds();
    serves(&mut world, 0);
    assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Ended));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn accounts_must_belong_together() {
    let mut world = of_windows(10);
    world.other_provider().registers().succeeds();
    let (provider, sla) = (world.provider_address(), world.sla_address());
    let other = address::provider(&key(OTHER_PROVIDER));
    for signer in [CONSUMER, OTHER_PROVIDER] {
        let attempt = world.consumer().terminates().signed_by(keypair(signer), key(CONSUMER));
        attempt.with(other, provider).is_refused(ErrorCode::ConstraintHasOne);
    }
    for (other, own) in [(world.unit_address(), provider), (provider, sla)] {
        let attempt = world.consumer().terminates().with(other, own);
        attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
    world.consumer().terminates().read_only(sla).is_refused(ErrorCode::ConstraintMut);
}
