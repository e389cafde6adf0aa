//! A consumer that is served keeps to the shortest duration that was offered: no reservation of a window buys another
//! try at the committee.

use flashback::events::SlaTerminated;
use flashback_core::sla::{Offer, WindowResult};
use flashback_core::units::DAY;
use flashback_sdk::instruction::{CreateUnitArgs, ProposeSlaArgs};
use flashback_tests::actors::same_unit;
use flashback_tests::prelude::*;

/// A market whose unit is offered for so many days at least.
fn market(days: u32) -> World {
    let offer = Offer { min_duration_secs: days * DAY, ..listing().offer };
    World::initialized().and_market(STAKE, CreateUnitArgs { offer, ..listing() })
}

/// Reserves so many windows of that length there, and has the committee seated.
fn reserved(mut world: World, windows: u16, window_secs: u32) -> World {
    let mut args = ProposeSlaArgs { delegate: key("delegate"), ..reservation() };
    (args.request.windows, args.request.window_secs) = (windows, window_secs);
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world
}

/// An active SLA of ten daily windows, of which five are the shortest duration.
fn of_five_at_least() -> World {
    reserved(market(5), 10, DAY)
}

/// Where the consumer ends it at this time; nothing of it stays.
fn end_at(world: &World, time: i64) -> u16 {
    let mut world = world.clone();
    world.wait(Timestamp(time));
    world.consumer().terminates().succeeds().event::<SlaTerminated>().end_after
}

/// Has a window pass as met.
fn serves(world: &mut World, window: u16) {
    let met = met(&world.terms());
    world.reports(window, [Some(met); 3]);
    world.wait_until_settleable(window);
}

#[test]
fn it_ends_no_earlier_than_that() {
    let mut world = of_five_at_least();
    assert_eq!(world.terms().min_windows, 5);
    let (start, day) = (world.terms().start, i64::from(DAY));
    // As soon as it is seated, and in the first window.
    for time in [start - 3_600, start - 1, start, start + day - 1] {
        assert_eq!(end_at(&world, time), 5, "at {}", time - start);
    }
    for window in 0..3 {
        serves(&mut world, window);
    }
    // In the fourth window the one after is the fifth; from the fifth on, it is as ever.
    for (time, end) in [(4 * day - 1, 5), (4 * day, 6), (4 * day + day / 2 - 1, 6)] {
        assert_eq!(end_at(&world, start + time), end, "at {time}");
    }
    world.consumer().terminates().succeeds();
    assert_eq!(world.sla().body.progress.end, 5);
    world.consumer().terminates().is_refused(CoreError::EndNotEarlier);
}

#[test]
fn whoever_reserves_the_shortest_duration_keeps_to_it() {
    let mut world = reserved(market(5), 5, DAY);
    world.consumer().terminates().is_refused(CoreError::EndNotEarlier);
    let attempt = world.consumer().terminates();
    let attempt = attempt.signed_by(keypair("delegate"), key(CONSUMER));
    attempt.is_refused(CoreError::EndNotEarlier);
    serves(&mut world, 0);
    world.consumer().terminates().is_refused(CoreError::EndNotEarlier);
    assert_eq!(world.sla().body.progress.end, 5);
}

#[test]
fn a_part_of_a_window_is_a_window() {
    // Windows of sixteen hours.
    for (days, windows) in [(1, 2), (2, 3), (5, 8)] {
        let mut world = reserved(market(days), 12, DAY / 3 * 2);
        assert_eq!(world.terms().min_windows, windows);
        let event = world.consumer().terminates().succeeds().event::<SlaTerminated>();
        assert_eq!((event.end_before, event.end_after), (12, windows));
    }
}

#[test]
fn who_is_not_served_may_go() {
    for (report, result) in [
        (None, WindowResult::Unmeasured),
        (Some(inconclusive as fn(&_) -> _), WindowResult::Blocked),
    ] {
        let mut world = of_five_at_least();
        let terms = world.terms();
        world.reports(0, [report.map(|of| of(&terms)); 3]);
        world.wait_until_settleable(0);
        // In the second window, and by the delegate too.
        let mut others = world.clone();
        let receipt = world.consumer().terminates().succeeds();
        assert_eq!(world.sla().body.progress.last_result, result.code());
        let event = receipt.event::<SlaTerminated>();
        assert_eq!((event.end_before, event.end_after), (10, 2));
        let attempt = others.consumer().terminates();
        attempt.signed_by(keypair("delegate"), key(CONSUMER)).succeeds();
        assert_eq!(others.sla().body.progress.end, 2);
    }
}

#[test]
fn after_a_breach_it_goes_as_early_as_anybody() {
    let mut world = of_five_at_least();
    let down = down(&world.terms());
    world.reports(0, [Some(down); 3]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    assert_eq!(world.sla().body.progress.last_result, WindowResult::Breached.code());
    let event = world.consumer().terminates().succeeds().event::<SlaTerminated>();
    // With the window after the current one, which is the second.
    assert_eq!(event.end_after, 3);
}

#[test]
fn once_served_again_it_stays_as_long() {
    let mut world = of_five_at_least();
    world.wait_until_settleable(0);
    serves(&mut world, 1);
    let event = world.consumer().terminates().succeeds().event::<SlaTerminated>();
    assert_eq!((world.sla().body.progress.unmeasured, event.end_after), (1, 5));
}

#[test]
fn the_duration_is_that_of_the_offer_of_the_day() {
    let mut world = of_five_at_least();
    for days in [1, 20] {
        let mut args = same_unit();
        args.offer.min_duration_secs = days * DAY;
        world.provider().updates_unit(args).succeeds();
    }
    assert_eq!(world.terms().min_windows, 5);
    let event = world.consumer().terminates().succeeds().event::<SlaTerminated>();
    assert_eq!(event.end_after, 5);
}

#[test]
fn the_providers_notice_is_another_matter() {
    let mut world = reserved(market(12), 20, DAY);
    world.wait(Timestamp(world.terms().start));
    let mut by_consumer = world.clone();
    let event = by_consumer.consumer().terminates().succeeds().event::<SlaTerminated>();
    assert_eq!(event.end_after, 12);
    // Seven windows after the current one, the first.
    let event = world.provider().terminates().succeeds().event::<SlaTerminated>();
    assert_eq!(event.end_after, 8);
    world.consumer().terminates().is_refused(CoreError::EndNotEarlier);
}
