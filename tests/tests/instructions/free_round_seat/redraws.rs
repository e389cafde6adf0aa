//! A seat that is redrawn while windows of its oracle are contested.

use flashback::events::{RoundSeatFreed, SeatRedrawn, SubmissionVoided};
use flashback_tests::prelude::*;

use super::super::contests::*;

/// With a redraw of seat 0 ready, whose oracle has left.
fn ready(mut world: World) -> World {
    world.seat(0).leaves().succeeds();
    world.anyone().arms_redraw(0).succeeds();
    world.wait_until_draw();
    world
}

#[test]
fn the_open_round_is_given() {
    let mut world = ready(disputed());
    world.anyone().redraws(None).is_refused(CoreError::NotClosable);
    let (sla, round, none) = (world.sla_address(), world.round_address(0), world.round_address(1));
    let attempt = world.anyone().redraws(Some(0));
    attempt.with(none, round).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let attempt = world.anyone().redraws(Some(0));
    attempt.with(sla, round).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    world.anyone().redraws(Some(0)).succeeds();
}

#[test]
fn with_two_rounds_open_the_oracle_serves_on() {
    let mut world = disputed_twice();
    world.seat(0).leaves().succeeds();
    world.anyone().arms_redraw(0).is_refused(CoreError::RoundOpen);
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.anyone().settles_round(0).succeeds();
    world.anyone().arms_redraw(0).succeeds();
    world.wait_until_draw();
    // The other one keeps the cover.
    world.anyone().redraws(None).is_refused(CoreError::NotClosable);
    world.anyone().redraws(Some(0)).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let leaver = world.sla().seats[0];
    let event = world.anyone().redraws(Some(1)).succeeds().event::<SeatRedrawn>();
    // What it earned in the settled one is paid at once.
    assert_eq!((event.before, event.fees, event.points), (leaver, FEE, 1));
    assert_eq!(world.round(1).body.covers[0], FRAUD_COVER + ABSENCE_COVER);
    assert_all_solvent(&mut world);
}

#[test]
fn a_settled_round_keeps_nothing_more() {
    // Seat 2 has left; its accounts keep the round of window 0 open.
    let mut world = disputed();
    redraw(&mut world, 2, Some(0));
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    let leaver = world.sla().seats[0];
    let event = redraw(&mut world, 0, Some(0));
    assert_eq!((event.fees, event.released), (FEE, FRAUD_COVER + ABSENCE_COVER));
    assert_eq!(world.oracle_account(&leaver).stake.covered, 0);
    assert_eq!(world.round(0).body.covers[0], 0);
    world.anyone().frees_round_seat(0, 0).is_refused(CoreError::AlreadyReleased);
    world.anyone().frees_round_seat(0, 2).succeeds();
    assert_all_solvent(&mut world);
}

#[test]
fn a_newcomer_that_leaves_takes_its_own_cover_along() {
    let mut world = disputed();
    let first = world.sla().seats[0];
    redraw(&mut world, 0, Some(0));
    let second = world.sla().seats[0];
    let event = redraw(&mut world, 0, Some(0));
    // The round is not of its time.
    assert_eq!((event.before, event.released), (second, FRAUD_COVER + ABSENCE_COVER));
    assert_eq!(world.oracle_account(&second).stake.covered, 0);
    assert_eq!(world.round(0).body.covers[0], FRAUD_COVER + ABSENCE_COVER);
    assert_eq!(world.oracle_account(&first).stake.covered, FRAUD_COVER + ABSENCE_COVER);
}

/// With seat 0's oracle replaced, then drawn for the seat again, the round of its first time still being open.
fn drawn_again() -> (World, Pubkey) {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 0, 7).succeeds();
    let oracle = world.sla().seats[0];
    redraw(&mut world, 0, Some(0));
    is_removed(&mut world, &oracle);
    oracle_of(&mut world, &oracle).joins_registry().succeeds();
    let seated = world.sla().seats;
    let registered = world.registry().entries;
    let spare = registered.iter().map(|entry| entry.oracle);
    for other in spare.filter(|other| *other != oracle && !seated.contains(other)) {
        oracle_of(&mut world, &other).leaves().succeeds();
    }
    world.chain.wait_slots(1);
    let event = redraw(&mut world, 0, Some(0));
    assert_eq!(event.after, oracle);
    (world, oracle)
}

#[test]
fn an_oracle_drawn_again_for_its_seat_holds_it_anew() {
    let (mut world, oracle) = drawn_again();
    let cover = FRAUD_COVER + ABSENCE_COVER;
    assert_eq!(world.oracle_account(&oracle).stake.covered, 2 * cover);
    let proof = world.records(0, 0, 0).opening(7);
    world.anyone().opens_leaf(0, 0, 7, proof).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    // Its accounts of the first time are settled in the round, not in the seat.
    assert_eq!((world.round(0).body.fees[0], world.sla().body.seats.fees[0]), (BOND + FEE, 0));
    let receipt = world.anyone().frees_round_seat(0, 0).succeeds();
    assert_eq!(receipt.event::<RoundSeatFreed>().released, cover);
    let after = world.oracle_account(&oracle);
    assert_eq!((after.stake.covered, after.seats), (cover, 1));
    assert_eq!(registered_free_stake(&world, &oracle), after.stake.free().0);
    assert_all_solvent(&mut world);
}

#[test]
fn nor_is_its_new_seat_charged_for_its_first_time() {
    let (mut world, oracle) = drawn_again();
    let cover = FRAUD_COVER + ABSENCE_COVER;
    world.wait_secs(A_DAY);
    let event = world.anyone().expires_challenge(0, 0, 7).succeeds().event::<SubmissionVoided>();
    assert_eq!((event.oracle, event.to_prover), (oracle, SLASH / 2));
    assert_eq!(world.oracle_account(&oracle).stake.covered, 2 * cover - SLASH);
    assert_eq!((world.round(0).body.covers[0], world.sla().body.seats.voided), (cover - SLASH, 0));
    world.anyone().settles_round(0).succeeds();
    world.anyone().frees_round_seat(0, 0).succeeds();
    let after = world.oracle_account(&oracle).stake;
    assert_eq!((after.covered, after.bonded), (cover, STAKE.0 - SLASH));
    assert_all_solvent(&mut world);
}
