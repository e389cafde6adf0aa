use flashback::events::{SubmissionVoided, WindowSettled};
use flashback_core::sla::{SeatStatus, WindowResult};
use flashback_core::units::DAY;
use flashback_tests::prelude::*;

use super::contests::*;
use super::forgery::*;

mod accounts;
mod honest;
mod kinds;
mod leavers;
mod sizes;
mod when;

#[test]
fn a_lie_about_the_window_at_the_cursor_costs_its_oracle() {
    let (mut world, records) = embellished();
    let (before, oracle) = (world.sla().body, world.sla().seats[0]);
    let vault = address::stake_vault(&address::oracle(&oracle));
    let (stake, staked) = (world.oracle_account(&oracle).stake, world.chain.tokens(&vault));
    let (supply, purse) = (world.chain.supply(), world.purse(STRANGER));
    let escrow = world.chain.tokens(&world.escrow());
    let receipt = world.anyone().proves_fraud(None, 0, records.accusation(5)).succeeds();

    let half = SLASH / 2;
    assert_eq!(world.chain.tokens(&vault).0, staked.0 - SLASH);
    assert_eq!(world.purse(STRANGER).0, purse.0 + half);
    assert_eq!(world.chain.supply().0, supply.0 - half);
    assert_eq!(world.chain.tokens(&world.escrow()), escrow);
    let after = world.oracle_account(&oracle);
    assert_eq!(after.stake.bonded, stake.bonded - SLASH);
    assert_eq!((stake.covered, after.stake.covered), (FRAUD_COVER + ABSENCE_COVER, ABSENCE_COVER));
    assert_eq!((after.slashed, after.voided), (SLASH, 1));
    assert_eq!(registered_free_stake(&world, &oracle), after.stake.free().0);
    let sla = world.sla().body;
    assert_eq!(sla.round.status[..3], [SeatStatus::Voided.code(), 2, 2]);
    assert_eq!((sla.seats.voided, sla.money), (0b001, before.money));
    assert_eq!(sla.progress, before.progress);
    assert!(!world.is_contested(0));

    let event = receipt.event::<SubmissionVoided>();
    assert_eq!((event.sla, event.window, event.seat), (world.sla_address(), 0, 0));
    // The aggregate is not what the topmost node's children add up to.
    assert_eq!((event.oracle, event.fraud), (oracle, 5));
    assert_eq!((event.to_prover, event.burnt), (half, half));
    assert_eq!((event.bonded_before, event.bonded_after), (stake.bonded, stake.bonded - SLASH));
    assert_all_solvent(&mut world);
}

#[test]
fn a_lie_about_a_contested_window_costs_it_as_much() {
    let (mut world, records) = embellished();
    world.consumer().disputes(0).succeeds();
    let (before, oracle) = (world.sla().body, world.sla().seats[0]);
    let (stake, supply) = (world.oracle_account(&oracle).stake, world.chain.supply());
    let purse = world.purse(STRANGER);
    let receipt = world.anyone().proves_fraud(Some(0), 0, records.accusation(5)).succeeds();

    assert_eq!(world.purse(STRANGER).0, purse.0 + SLASH / 2);
    assert_eq!(world.chain.supply().0, supply.0 - SLASH / 2);
    let after = world.oracle_account(&oracle);
    assert_eq!(after.stake.bonded, stake.bonded - SLASH);
    assert_eq!((after.stake.covered, after.slashed, after.voided), (ABSENCE_COVER, SLASH, 1));
    let (sla, round) = (world.sla().body, world.round(0).body);
    assert_eq!(round.round.status[..3], [SeatStatus::Voided.code(), 2, 2]);
    assert_eq!((round.open, round.settled), (1, 0));
    // The round that stayed behind in the SLA is of no window any more.
    assert_eq!((sla.round, sla.money), (before.round, before.money));
    assert_eq!(sla.seats.voided, 0b001);
    let event = receipt.event::<SubmissionVoided>();
    assert_eq!((event.window, event.seat, event.oracle, event.fraud), (0, 0, oracle, 5));
    assert_eq!((event.to_prover, event.burnt), (SLASH / 2, SLASH / 2));
    assert_all_solvent(&mut world);
}

#[test]
fn what_the_others_measured_counts() {
    let (mut world, records) = embellished();
    world.anyone().proves_fraud(None, 0, records.accusation(5)).succeeds();
    world.wait_until_settleable(0);
    let event = world.anyone().settles().succeeds().event::<WindowSettled>();
    assert_eq!((event.result, event.measured), (WindowResult::Met.code(), 2));
    let body = world.sla().body;
    assert_eq!(body.seats.fees, [0, FEE, FEE, 0, 0]);
    assert_eq!((body.seats.points, body.seats.missed), ([-1, 1, 1, 0, 0], [1, 0, 0, 0, 0]));
    assert_all_solvent(&mut world);
}

/// With window 0 reported by a liar and one honest oracle, the third being silent.
fn unsure() -> (World, Vec<u8>) {
    let mut world = active(hourly(), reservation());
    let lie = |honest: Forgery| {
        let mut aggregate = *honest.clone().records().tree.aggregate();
        aggregate.probes_ok = 0;
        honest.submitting(aggregate)
    };
    let records = submits_forged(&mut world, 0, lie);
    let honest = world.records(1, 0, 0).report(0);
    world.seat(1).submits(honest).succeeds();
    world.wait_until_challenges(0);
    (world, records.accusation(0))
}

#[test]
fn a_voided_submission_is_an_absence() {
    let (mut world, proof) = unsure();
    world.anyone().proves_fraud(None, 0, proof).succeeds();
    world.wait_until_settleable(0);
    let event = world.anyone().settles().succeeds().event::<WindowSettled>();
    assert_eq!((event.result, event.measured), (WindowResult::Unmeasured.code(), 1));
    assert_eq!((event.paid, event.penalty, event.absence), (DUE, 0, DUE / 2));
    let body = world.sla().body;
    assert_eq!(body.seats.absence_owed, [DUE / 4, 0, DUE / 2 - DUE / 4, 0, 0]);
    assert_eq!(body.seats.fees, [0, FEE, 0, 0, 0]);
    world.anyone().collects_absence(0).succeeds();
    world.anyone().collects_absence(2).succeeds();
    assert_eq!(world.sla().body.money.refundable, DUE / 2);
    assert_all_solvent(&mut world);
}

#[test]
fn in_a_round_too() {
    let (mut world, proof) = unsure();
    world.anyone().challenges(0, 1, 3).succeeds();
    // It was measured when it was contested; later it no longer is.
    assert_eq!(world.sla().body.progress.last_result, WindowResult::Met.code());
    world.anyone().proves_fraud(Some(0), 0, proof).succeeds();
    let opening = world.records(1, 0, 0).opening(3);
    world.anyone().opens_leaf(0, 1, 3, opening).succeeds();
    world.wait_until_settleable(0);
    let event = world.anyone().settles_round(0).succeeds().event::<WindowSettled>();
    assert_eq!((event.result, event.absence), (WindowResult::Unmeasured.code(), DUE / 2));
    assert_eq!((event.paid, event.penalty), (DUE, 0));
    let body = world.sla().body;
    assert_eq!(body.seats.absence_owed, [DUE / 4, 0, DUE / 2 - DUE / 4, 0, 0]);
    assert_eq!((body.seats.fees[1], body.money.held), (BOND + FEE, 0));
    assert_all_solvent(&mut world);
}

#[test]
fn its_seat_is_to_be_redrawn() {
    let (mut world, records) = embellished();
    world.anyone().proves_fraud(None, 0, records.accusation(5)).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    world.anyone().arms_redraw(0).succeeds();
}

#[test]
fn nobody_signs_and_no_pause_stops_it() {
    let (mut world, records) = embellished();
    world.guardian().pauses(7 * DAY).succeeds();
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    assert!(attempt.accounts().iter().all(|meta| !meta.is_signer));
    attempt.succeeds();
}
