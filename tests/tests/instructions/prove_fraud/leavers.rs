//! Lies of oracles that have left their seats since.

use flashback::events::{SubmissionVoided, WindowSettled};
use flashback_core::sla::SeatStatus;
use flashback_tests::prelude::*;

use super::super::contests::*;
use super::super::forgery::*;

#[test]
fn one_that_was_replaced_pays_from_what_the_round_keeps() {
    let (mut world, records) = embellished();
    world.consumer().disputes(0).succeeds();
    let leaver = world.sla().seats[0];
    redraw(&mut world, 0, Some(0));
    let (stake, newcomer) = (world.oracle_account(&leaver).stake, world.sla().seats[0]);
    let innocent = world.oracle_account(&newcomer);
    let attempt = world.anyone().proves_fraud(Some(0), 0, records.accusation(5));
    let event = attempt.succeeds().event::<SubmissionVoided>();
    assert_eq!((event.oracle, event.to_prover, event.burnt), (leaver, SLASH / 2, SLASH / 2));
    let after = world.oracle_account(&leaver).stake;
    assert_eq!(after.bonded, stake.bonded - SLASH);
    assert_eq!(after.covered, FRAUD_COVER + ABSENCE_COVER - SLASH);
    assert_eq!(world.round(0).body.covers[0], after.covered);
    let after = world.oracle_account(&newcomer);
    assert_eq!((after.stake, after.voided), (innocent.stake, 0));
    assert_eq!(world.sla().body.seats.voided, 0);
    assert_all_solvent(&mut world);
}

#[test]
fn who_holds_the_seat_now_is_not_the_one() {
    let (mut world, records) = embellished();
    world.consumer().disputes(0).succeeds();
    let leaver = world.sla().seats[0];
    redraw(&mut world, 0, Some(0));
    let (newcomer, own) = (address::oracle(&world.sla().seats[0]), address::oracle(&leaver));
    let attempt = world.anyone().proves_fraud(Some(0), 0, records.accusation(5));
    attempt
        .with(newcomer, own)
        .with(address::stake_vault(&newcomer), address::stake_vault(&own))
        .is_refused(CoreError::CommitteeMismatch);
}

/// Nothing is left to take of it, and its lie does not count all the same.
#[test]
fn one_that_is_gone_is_proven_wrong_too() {
    let mut world = uncovered();
    let lie = |honest: Forgery| {
        // Down all the time, it says, and shows records of a service that was up.
        let total = *honest.clone().records().tree.aggregate();
        honest.submitting(flashback_core::quality::Aggregate { probes_ok: 0, ..total })
    };
    let records = submits_forged(&mut world, 1, lie);
    report(&mut world, 1, [None, Some(down), Some(met)]);
    world.consumer().disputes(1).succeeds();
    let leaver = world.sla().seats[0];
    redraw(&mut world, 0, Some(1));
    world.arbiter().rules(1, Party::Consumer, None).succeeds();
    exits(&mut world, &leaver);

    let (purse, supply) = (world.purse(STRANGER), world.chain.supply());
    let attempt = world.anyone().proves_fraud(Some(1), 0, records.accusation(0));
    let receipt = attempt.with(address::PROGRAM, address::registry()).succeeds();
    assert_eq!((world.purse(STRANGER), world.chain.supply()), (purse, supply));
    assert_eq!(world.round(1).body.round.status[0], SeatStatus::Voided.code());
    // Of "down" and "up" the second largest shortfall is none.
    let settled = world.anyone().settles_round(1).succeeds().event::<WindowSettled>();
    assert_eq!((settled.measured, settled.shortfall_ppm), (2, 0));
    let event = receipt.event::<SubmissionVoided>();
    assert_eq!((event.oracle, event.window, event.seat, event.fraud), (leaver, 1, 0, 5));
    assert_eq!((event.to_prover, event.burnt), (0, 0));
    assert_eq!((event.bonded_before, event.bonded_after), (0, 0));
    assert_all_solvent(&mut world);
}
