//! Fixing a draw for a seat that is to be given to another oracle.

mod refusals;
mod timing;

use flashback::events::{RedrawArmed, WindowSettled};
use flashback_core::sla::{Progress, SlaBody, VACANT};
use flashback_core::units::DAY;
use flashback_sdk::instruction::{ProposeSlaArgs, arm_redraw};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;

use super::leave_registry::is_removed;

/// An SLA of eight daily windows, agreed.
fn agreed() -> World {
    let mut world = World::with_market();
    let mut request = reservation().request;
    request.windows = 8;
    world.consumer().reserves_with(ProposeSlaArgs { request, ..reservation() }).succeeds();
    world
}

/// An SLA of eight daily windows, its committee of three just seated.
pub(super) fn serving() -> World {
    let mut world = agreed();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world
}

/// Has every seat but the silent ones report a window as met, and waits until it can be settled.
pub(super) fn passes(world: &mut World, window: u16, silent: &[usize]) {
    let report = met(&world.terms());
    world.wait_until_reports(window);
    for seat in (0..3).filter(|seat| !silent.contains(seat)) {
        if world.sla().body.seats.counts(seat, window) {
            world.seat(seat).reports(window, report).succeeds();
        }
    }
    world.wait_until_settleable(window);
}

/// The number of an oracle of this world.
pub(super) fn number(authority: &Pubkey) -> usize {
    (0..20).find(|index| key(&oracle_name(*index)) == *authority).unwrap()
}

/// Has an oracle that has left join the registry again, which takes 1,000 slots.
pub(super) fn returns(world: &mut World, authority: &Pubkey) {
    let index = number(authority);
    is_removed(world, index);
    world.oracle(index).joins_registry().succeeds();
}

/// Whose seat 1 nobody holds: the oracle drawn for it had no stake free.
pub(super) fn vacant() -> World {
    let mut world = agreed();
    world.wait_until_draw();
    let drawn = world.drawn();
    world.oracle(number(&drawn[1])).unstakes(STAKE).succeeds();
    world.anyone().seats_committee().succeeds();
    world
}

/// The oracle of whose seat 1 has left the registry.
pub(super) fn left() -> World {
    let mut world = serving();
    world.seat(1).leaves().succeeds();
    world
}

/// Whose seat 1 reported what its records do not add up to, which was proven.
pub(super) fn voided() -> World {
    let mut world = serving();
    world.wait_until_reports(0);
    let records = world.records(1, 0, 0).with_aggregate(down(&world.terms()));
    world.seat(1).submits(records.report(0)).succeeds();
    world.anyone().proves_fraud(None, 1, records.accusation(0)).succeeds();
    world.wait_until_settleable(0);
    world
}

/// Whose seat 1 was silent, and had to pay from its cover, as it had no other stake.
pub(super) fn cover_used() -> World {
    let mut world = serving();
    let authority = world.sla().seats[1];
    let free = world.oracle_account(&authority).stake.free();
    world.seat(1).unstakes(free).succeeds();
    passes(&mut world, 0, &[1, 2]);
    world.anyone().settles().succeeds();
    world.anyone().collects_absence(1).succeeds();
    world
}

/// Whose seat 1 was silent for three windows running.
pub(super) fn missed() -> World {
    let mut world = serving();
    for window in 0..3 {
        passes(&mut world, window, &[1]);
    }
    world
}

/// Arms a redraw of seat 1, and checks that a draw is fixed for it and nothing else changes.
fn is_armed_for(mut world: World, reason: u8) {
    let slot = world.chain.slot();
    let now = world.chain.now();
    let before = world.sla();
    let mut settled = before.body;
    while settled.settle_next(now).unwrap().is_some() {}
    let receipt = world.anyone().arms_redraw(1).succeeds();

    let progress = Progress {
        redraw_seats: 0b010,
        draw_number: 1,
        draw_slot: slot + 8,
        deadline: now.0,
        ..settled.progress
    };
    let sla = world.sla();
    assert_eq!(sla.body, SlaBody { progress, ..settled });
    assert_eq!(sla.seats, before.seats);
    let event = receipt.event::<RedrawArmed>();
    assert_eq!((event.sla, event.seat, event.reason), (world.sla_address(), 1, reason));
    assert_eq!((event.draw_number, event.draw_slot, event.waiting), (1, slot + 8, 0b010));
}

#[test]
fn a_seat_that_nobody_holds() {
    let world = vacant();
    let sla = world.sla();
    assert_eq!((sla.seats[1], sla.body.seats.first_window[1]), (Pubkey::default(), VACANT));
    is_armed_for(world, 1);
}

#[test]
fn a_seat_whose_oracle_left_the_registry() {
    is_armed_for(left(), 2);
}

#[test]
fn a_seat_whose_oracle_was_taken_out_of_the_registry() {
    let mut world = serving();
    let authority = world.sla().seats[1];
    world.certifier().revokes(SubjectKind::Oracle, authority).succeeds();
    // What ended is its certificate: it serves until anyone takes it out.
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    world.anyone().evicts(&authority).succeeds();
    is_armed_for(world, 2);
}

#[test]
fn a_seat_whose_submission_was_proven_wrong() {
    is_armed_for(voided(), 3);
}

#[test]
fn a_seat_that_did_not_open_its_records() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 0).succeeds();
    world.wait_secs(u64::from(DAY));
    world.anyone().expires_challenge(0, 1, 0).succeeds();
    world.wait_until_settleable(1);
    is_armed_for(world, 3);
}

#[test]
fn a_seat_whose_cover_an_absence_used() {
    let world = cover_used();
    assert_eq!(world.sla().body.seats.shares_used, [0, 1, 0, 0, 0]);
    is_armed_for(world, 4);
}

#[test]
fn a_seat_that_was_silent_for_three_windows_running() {
    let mut world = missed();
    world.clone().anyone().settles().succeeds();
    // Settling the third of them comes first, here or by anyone.
    let receipt = world.anyone().arms_redraw(1).succeeds();
    assert_eq!(receipt.event::<WindowSettled>().window, 2);
    is_armed_for(missed(), 5);
}

#[test]
fn a_seat_whose_oracle_left_and_whose_entry_is_gone() {
    let mut world = left();
    let authority = world.sla().seats[1];
    is_removed(&mut world, number(&authority));
    is_armed_for(world, 2);
}

#[test]
fn a_pause_stops_no_redraw() {
    let mut world = left();
    world.guardian().pauses(7 * DAY).succeeds();
    is_armed_for(world, 2);
}

#[test]
fn several_seats_wait_for_one_draw() {
    let mut world = serving();
    for seat in 0..3 {
        world.seat(seat).leaves().succeeds();
    }
    let slot = world.chain.slot();
    for (seat, waiting) in [(2, 0b100), (0, 0b101), (1, 0b111)] {
        let event = world.anyone().arms_redraw(seat).succeeds().event::<RedrawArmed>();
        assert_eq!((event.seat, event.waiting), (seat, waiting));
        assert_eq!((event.draw_number, event.draw_slot), (1, slot + 8));
    }
}
