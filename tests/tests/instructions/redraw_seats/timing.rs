//! When a seat can be redrawn, and from when its newcomer counts.

use flashback::events::WindowSettled;
use flashback_core::params::Params;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{CreateUnitArgs, InitializeArgs};

use super::*;

/// Some oracle that has no seat.
fn spare(world: &World) -> Pubkey {
    let seats = world.sla().seats;
    let entries = world.registry().entries;
    entries.iter().find(|entry| !seats.contains(&entry.oracle)).unwrap().oracle
}

#[test]
fn nobody_redraws_before_the_draws_hash_exists() {
    let mut world = left();
    world.anyone().arms_redraw(1).succeeds();
    let somebody = spare(&world);
    redraw(&mut world, &[(1, somebody)], None).is_refused(CoreError::DrawNotReady);
    world.chain.wait_slots(8);
    // In the draw slot itself, its hash does not exist yet.
    redraw(&mut world, &[(1, somebody)], None).is_refused(CoreError::DrawNotReady);
    world.chain.wait_slots(1);
    world.anyone().redraws(None).succeeds();
}

#[test]
fn nobody_redraws_after_the_draws_hash_is_forgotten_until_it_is_armed_anew() {
    let mut world = drawn();
    let newcomer = world.newcomers()[0];
    world.chain.wait_slots(511);
    world.clone().anyone().redraws(None).succeeds();
    world.chain.wait_slots(1);
    redraw(&mut world, &[(1, newcomer)], None).is_refused(CoreError::DrawLapsed);
    passes(&mut world, 0, &[1]);
    arm(&mut world, 1);
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!(event.after, world.sla().seats[1]);
    assert_eq!(world.sla().body.progress.draw_number, 2);
    is_in_step(&mut world);
}

#[test]
fn a_newcomer_counts_from_the_first_window_that_begins_an_access_delay_later() {
    // Half an hour into window 0, and an hour before window 1, and a second less.
    for (before, first) in [(84_600, 1), (3_600, 1), (3_599, 2)] {
        let mut world = left();
        let second = world.terms().window_start(1).unwrap().0;
        world.wait(Timestamp(second - before - 10));
        world.anyone().arms_redraw(1).succeeds();
        world.wait(Timestamp(second - before));
        let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
        assert_eq!(event.first_window, first, "{before} s before window 1");
        assert_eq!(world.sla().body.seats.first_window[..3], [0, first, 0]);
    }
}

#[test]
fn an_end_that_came_nearer_can_make_it_too_late() {
    let mut world = left();
    let second = world.terms().window_start(1).unwrap().0;
    world.wait(Timestamp(second - 3_610));
    world.anyone().arms_redraw(1).succeeds();
    // It ends with window 1.
    world.consumer().terminates().succeeds();
    world.wait(Timestamp(second - 3_600));
    world.clone().anyone().redraws(None).succeeds();
    world.wait(Timestamp(second - 3_599));
    world.anyone().redraws(None).is_refused(CoreError::RedrawTooLate);
}

/// An SLA of twenty windows of 40 seconds, so short that a draw outlasts some.
pub(super) fn short() -> World {
    let mut world = World::new();
    let params = Params { access_delay_secs: 0, ..Params::default() };
    let args = InitializeArgs { window_min_secs: 40, params, ..settings() };
    world.deployer().initializes_with(args).succeeds();
    world.deployer().appoints_certifier().succeeds();
    let mut unit: CreateUnitArgs = listing();
    (unit.offer.min_duration_secs, unit.offer.probe_interval_secs) = (1, 2);
    let mut world = world.and_market(STAKE, unit);
    let mut request = reservation().request;
    (request.window_secs, request.windows) = (40, 20);
    world.consumer().reserves_with(ProposeSlaArgs { request, ..reservation() }).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world
}

/// The same, whose seat 1 is to be redrawn now.
fn short_and_drawn() -> World {
    let mut world = short();
    world.seat(1).leaves().succeeds();
    arm(&mut world, 1);
    world
}

#[test]
fn no_seat_is_redrawn_while_reports_are_open_or_contests_begin() {
    let mut world = short_and_drawn();
    let start = world.terms().start;
    world.wait(Timestamp(start + 39));
    world.clone().anyone().redraws(None).succeeds();
    for time in [start + 40, start + 50, start + 59] {
        world.wait(Timestamp(time));
        world.anyone().redraws(None).is_refused(CoreError::RedrawNotNow);
    }
    // The window is settled first, with the leaver's absence in it.
    world.wait(Timestamp(start + 60));
    let receipt = world.anyone().redraws(None).succeeds();
    assert_eq!(receipt.event::<WindowSettled>().window, 0);
    let event = receipt.event::<SeatRedrawn>();
    assert_eq!((event.points, event.first_window), (-1, 2));
    assert!(event.absence > 0);
    is_in_step(&mut world);
}

#[test]
fn nothing_is_redrawn_once_the_sla_has_ended() {
    let mut world = short_and_drawn();
    let start = world.terms().start;
    // Three silent windows end it: the third is due 140 s after the start.
    world.wait(Timestamp(start + 139));
    world.anyone().redraws(None).is_refused(CoreError::RedrawNotNow);
    world.wait(Timestamp(start + 140));
    world.anyone().redraws(None).is_refused(CoreError::StateInvalid);
    world.anyone().settles().succeeds();
    world.anyone().redraws(None).is_refused(CoreError::StateInvalid);
}

#[test]
fn who_was_replaced_reports_no_more_and_its_seat_has_a_whole_new_run() {
    let mut world = missed();
    arm(&mut world, 1);
    world.anyone().redraws(None).succeeds();
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    for window in 3..6 {
        passes(&mut world, window, &[1]);
    }
    world.anyone().settles().succeeds();
    // It counts from window 4: it missed two.
    assert_eq!(world.sla().body.seats.missed[1], 2);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    assert!(world.chain.now() > world.terms().window_start(6).unwrap());
    passes(&mut world, 6, &[1]);
    // The third comes too late: no newcomer could measure a window.
    world.wait_secs(u64::from(DAY) / 4);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawTooLate);
}
