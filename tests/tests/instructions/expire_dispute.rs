use flashback::events::{DisputeEnded, WindowSettled};
use flashback_core::sla::WindowResult;
use flashback_core::units::DAY;
use flashback_sdk::instruction::expire_dispute;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::contests::*;

const WEEK: u64 = 7 * A_DAY;

#[test]
fn a_tenth_of_an_expired_disputes_bond_pays_the_other_party_for_the_wait() {
    let mut world = disputed();
    world.wait_secs(WEEK);
    let (before, escrow) = (world.sla().body, world.chain.tokens(&world.escrow()));
    let lamports_before = lamports(&world, &key(RENT_PAYER));
    let receipt = world.anyone().expires_dispute(0, Party::Consumer).succeeds();

    let (after, round) = (world.sla().body, world.round(0).body);
    assert_eq!(after.money.held, before.money.held - BOND);
    assert_eq!(after.money.refundable, before.money.refundable + 900_000);
    assert_eq!(after.money.earned, before.money.earned + 100_000);
    assert_eq!((round.open, round.turned, round.settled), (0, 0, 0));
    assert_eq!(world.chain.tokens(&world.escrow()), escrow);
    assert!(world.chain.account(&world.dispute_address(0, Party::Consumer)).is_none());
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before + world.chain.rent(155));
    let event = receipt.event::<DisputeEnded>();
    assert_eq!((event.sla, event.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((event.party, event.ending, event.turned), (1, 0, 0));
    assert_eq!((event.to_opener, event.to_other), (900_000, 100_000));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn the_submissions_stand() {
    let mut world = contestable([Some(slow_by_7), Some(slow_by_4), Some(met)]);
    world.provider().disputes(0).succeeds();
    world.wait_secs(WEEK);
    let receipt = world.anyone().expires_dispute(0, Party::Provider).succeeds();
    let event = receipt.event::<DisputeEnded>();
    assert_eq!((event.party, event.to_opener, event.to_other), (2, 900_000, 100_000));
    let money = world.sla().body.money;
    assert_eq!((money.earned, money.refundable), (900_000, 100_000));
    let settled = world.anyone().settles_round(0).succeeds().event::<WindowSettled>();
    assert_eq!((settled.result, settled.shortfall_ppm), (WindowResult::Breached.code(), 200_000));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn the_tenth_is_rounded_down() {
    let mut unit = listing();
    unit.offer.price_per_gib_month = 200_000;
    let mut args = reservation();
    args.request.gib = 10 * 1_024;
    let mut world = active(unit, args);
    report(&mut world, 0, [Some(met); 3]);
    world.consumer().disputes(0).succeeds();
    world.wait_secs(WEEK);
    let receipt = world.anyone().expires_dispute(0, Party::Consumer).succeeds();
    // Of a bond of 6,826,667 atoms.
    let event = receipt.event::<DisputeEnded>();
    assert_eq!((event.to_opener, event.to_other), (6_144_001, 682_666));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn not_before_its_deadline_and_not_twice() {
    let mut world = disputed();
    let deadline = Timestamp(world.chain.now().0 + 7 * 86_400);
    let address = world.dispute_address(0, Party::Consumer);
    let dispute = world.chain.read(&address);
    world.anyone().expires_dispute(0, Party::Consumer).is_refused(CoreError::NotExpired);
    world.wait(before(deadline));
    world.anyone().expires_dispute(0, Party::Consumer).is_refused(CoreError::NotExpired);
    world.wait(deadline);
    world.anyone().expires_dispute(0, Party::Consumer).succeeds();
    let attempt = Attempt::new(&mut world.chain, expire_dispute(address, &dispute), vec![]);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn each_dispute_has_its_own_deadline() {
    let mut world = disputed();
    world.wait_secs(60);
    world.provider().disputes(0).succeeds();
    world.wait_secs(WEEK - 60);
    world.anyone().expires_dispute(0, Party::Provider).is_refused(CoreError::NotExpired);
    world.anyone().expires_dispute(0, Party::Consumer).succeeds();
    world.anyone().settles_round(0).is_refused(CoreError::RoundOpen);
    world.wait_secs(60);
    world.anyone().expires_dispute(0, Party::Provider).succeeds();
    // Each got nine tenths back and a tenth of the other's; later windows were settled by nobody yet.
    let money = world.sla().body.money;
    assert_eq!((money.refundable, money.earned), (BOND, BOND));
    world.anyone().settles_round(0).succeeds();
}

#[test]
fn nobody_signs_and_no_pause_stops_it() {
    let mut world = disputed();
    world.wait_secs(WEEK);
    world.guardian().pauses(7 * DAY).succeeds();
    let attempt = world.anyone().expires_dispute(0, Party::Consumer);
    assert!(attempt.accounts().iter().all(|meta| !meta.is_signer));
    attempt.succeeds();
}

#[test]
fn accounts_must_belong_together() {
    let mut world = disputed_twice();
    world.wait_secs(WEEK);
    let (sla, round) = (world.sla_address(), world.round_address(0));
    let (dispute, next) =
        (world.dispute_address(0, Party::Consumer), world.dispute_address(1, Party::Provider));
    let next_round = world.round_address(1);
    let other = another_sla(&mut world);
    let cases = [
        (other, sla, ErrorCode::ConstraintHasOne),
        (next_round, round, ErrorCode::ConstraintHasOne),
        (next, dispute, ErrorCode::ConstraintHasOne),
        (key(STRANGER), key(RENT_PAYER), ErrorCode::ConstraintHasOne),
        (round, sla, ErrorCode::AccountDiscriminatorMismatch),
        (sla, round, ErrorCode::AccountDiscriminatorMismatch),
        (round, dispute, ErrorCode::AccountDiscriminatorMismatch),
        (purse(STRANGER), round, ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), dispute, ErrorCode::AccountNotInitialized),
    ];
    for (account, named, error) in cases {
        let attempt = world.anyone().expires_dispute(0, Party::Consumer);
        attempt.with(account, named).is_refused(error);
    }
}
