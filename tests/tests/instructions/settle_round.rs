use flashback::events::{RoundClosed, WindowSettled};
use flashback_core::sla::{SlaBody, SlaState, WindowResult};
use flashback_core::units::DAY;
use flashback_sdk::instruction::settle_round;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::contests::*;

mod equal;
mod open_rounds;

/// With window 0 contested and nothing about it open, before it can be settled.
fn answered() -> World {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    let proof = world.records(1, 0, 0).opening(7);
    world.anyone().opens_leaf(0, 1, 7, proof).succeeds();
    world
}

#[test]
fn anyone_settles_a_contested_window_and_closes_its_round() {
    let mut world = answered();
    world.wait_until_settleable(0);
    let (before, escrow) = (world.sla().body, world.chain.tokens(&world.escrow()));
    let (round, lamports_before) = (world.round_address(0), lamports(&world, &key(RENT_PAYER)));
    assert_eq!((before.money.held, before.progress.met), (DUE + 3 * FEE, 0));
    let receipt = world.anyone().settles_round(0).succeeds();

    let after = world.sla().body;
    let protocol_fee = DUE * 50 / 10_000;
    assert_eq!((after.money.held, after.money.earned, after.money.refundable), (0, DUE, 0));
    assert_eq!((after.money.protocol_fees, after.money.paid_total), (protocol_fee, DUE));
    assert_eq!(after.money.unallocated, before.money.unallocated - protocol_fee);
    assert_eq!(after.seats.fees, [FEE, BOND + FEE, FEE, 0, 0]);
    assert_eq!(after.seats.points, [1, 1, 1, 0, 0]);
    assert_eq!((after.progress.met, after.progress.points_milli), (1, 2_000));
    assert_eq!((after.progress.cursor, after.progress.open_rounds), (1, 0));
    // No token moves; the rent goes back to who paid it.
    assert_eq!(world.chain.tokens(&world.escrow()), escrow);
    assert!(!world.is_contested(0));
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before + world.chain.rent(528));

    let event = receipt.event::<WindowSettled>();
    assert_eq!((event.sla, event.window), (world.sla_address(), 0));
    assert_eq!((event.result, event.shortfall_ppm), (WindowResult::Met.code(), 0));
    assert_eq!((event.due, event.paid, event.refunded, event.penalty), (DUE, DUE, 0, 0));
    assert_eq!((event.protocol_fee, event.oracle_fee, event.measured), (protocol_fee, FEE, 3));
    assert_eq!((event.absence, event.ended, event.returned), (0, false, 0));
    let event = receipt.event::<RoundClosed>();
    assert_eq!((event.sla, event.round, event.window), (world.sla_address(), round, 0));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn not_before_its_challenge_phase_is_over() {
    let mut world = answered();
    let due = world.terms().settles_at(0).unwrap();
    world.anyone().settles_round(0).is_refused(CoreError::RoundOpen);
    world.wait(before(due));
    world.anyone().settles_round(0).is_refused(CoreError::RoundOpen);
    world.wait(due);
    world.anyone().settles_round(0).succeeds();
}

#[test]
fn not_while_anything_about_it_is_open() {
    let mut world = answered();
    world.consumer().disputes(0).succeeds();
    world.provider().disputes(0).succeeds();
    world.anyone().challenges(0, 0, 3).succeeds();
    let proof = world.records(0, 0, 0).opening(3);
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).is_refused(CoreError::RoundOpen);
    world.arbiter().rules(0, Party::Provider, None).succeeds();
    world.anyone().settles_round(0).is_refused(CoreError::RoundOpen);
    world.anyone().opens_leaf(0, 0, 3, proof).succeeds();
    world.anyone().settles_round(0).is_refused(CoreError::RoundOpen);
    world.wait_secs(7 * A_DAY);
    world.anyone().settles_round(0).is_refused(CoreError::RoundOpen);
    world.anyone().expires_dispute(0, Party::Consumer).succeeds();
    world.anyone().settles_round(0).succeeds();
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn once() {
    let mut world = answered();
    world.wait_until_settleable(0);
    let (sla, round) = (world.sla_address(), world.round(0));
    world.anyone().settles_round(0).succeeds();
    let attempt = Attempt::new(&mut world.chain, settle_round(sla, 0, &round), vec![]);
    attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn later_windows_are_left_alone() {
    let mut world = answered();
    report(&mut world, 1, [Some(met); 3]);
    world.wait_until_settleable(1);
    world.anyone().settles_round(0).succeeds();
    let progress = world.sla().body.progress;
    assert_eq!((progress.cursor, progress.met), (1, 1));
    world.anyone().settles().succeeds();
    assert_eq!(world.sla().body.progress.met, 2);
}

#[test]
fn rounds_settle_in_any_order() {
    let settles = |order: [u16; 2]| -> SlaBody {
        let mut world = disputed_twice();
        world.arbiter().rules(0, Party::Consumer, Some(0)).succeeds();
        world.arbiter().rules(1, Party::Provider, Some(0)).succeeds();
        world.wait_until_settleable(1);
        for window in order {
            world.anyone().settles_round(window).succeeds();
            world.anyone().asserts_escrow_solvent().succeeds();
        }
        world.sla().body
    };
    let body = settles([0, 1]);
    assert_eq!(body, settles([1, 0]));
    // Two dues, and the provider's bond.
    assert_eq!(body.money.earned, DUE + DUE + 1 + BOND);
    assert_eq!((body.progress.open_rounds, body.progress.met), (0, 2));
}

#[test]
fn nobody_signs_and_no_pause_stops_it() {
    let mut world = answered();
    world.wait_until_settleable(0);
    world.guardian().pauses(7 * DAY).succeeds();
    let escrow = world.escrow();
    world.anyone().donates(escrow, Atoms(5)).succeeds();
    let attempt = world.anyone().settles_round(0);
    assert!(attempt.accounts().iter().all(|meta| !meta.is_signer));
    attempt.succeeds();
    assert_eq!(world.sla().body.money.earned, DUE);
}

#[test]
fn accounts_must_belong_together() {
    let mut world = disputed_twice();
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(1);
    let (sla, round) = (world.sla_address(), world.round_address(0));
    let other = another_sla(&mut world);
    let cases = [
        (other, sla, ErrorCode::ConstraintHasOne),
        (key(STRANGER), key(RENT_PAYER), ErrorCode::ConstraintHasOne),
        (sla, round, ErrorCode::AccountDiscriminatorMismatch),
        (round, sla, ErrorCode::AccountDiscriminatorMismatch),
        (purse(CONSUMER), round, ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), round, ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, named, error) in cases {
        world.anyone().settles_round(0).with(account, named).is_refused(error);
    }
    // Another round of the same SLA is itself, and not done.
    let attempt = world.anyone().settles_round(0);
    attempt.with(address::round(&sla, 1), round).is_refused(CoreError::RoundOpen);
    assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Active));
}
