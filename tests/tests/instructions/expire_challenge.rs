use flashback::events::{ChallengeExpired, SubmissionVoided, WindowSettled};
use flashback_core::sla::{SeatStatus, WindowResult};
use flashback_core::units::DAY;
use flashback_tests::prelude::*;

use super::contests::*;

mod accounts;
mod stakes;

/// With seat 1 challenged to open leaf 7 of window 0, a day ago.
fn unanswered() -> World {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    world.wait_secs(A_DAY);
    world
}

#[test]
fn an_unopened_leaf_voids_the_submission_and_costs_its_oracle() {
    let mut world = unanswered();
    let (before, oracle) = (world.sla().body, world.sla().seats[1]);
    let vault = address::stake_vault(&address::oracle(&oracle));
    let (stake, staked) = (world.oracle_account(&oracle).stake, world.chain.tokens(&vault));
    let (supply, purse) = (world.chain.supply(), world.purse(STRANGER));
    let escrow = world.chain.tokens(&world.escrow());
    let lamports_before = lamports(&world, &key(RENT_PAYER));
    let receipt = world.anyone().expires_challenge(0, 1, 7).succeeds();

    // Three dues, out of the cover, half each.
    let half = SLASH / 2;
    assert_eq!((SLASH, half), (2_047_998, 1_023_999));
    assert_eq!(world.chain.tokens(&vault).0, staked.0 - SLASH);
    assert_eq!(world.purse(STRANGER).0, purse.0 + BOND + half);
    assert_eq!(world.chain.supply().0, supply.0 - half);
    assert_eq!(world.chain.tokens(&world.escrow()).0, escrow.0 - BOND);
    let after = world.oracle_account(&oracle);
    assert_eq!(after.stake.bonded, stake.bonded - SLASH);
    assert_eq!(stake.covered, FRAUD_COVER + ABSENCE_COVER);
    assert_eq!(after.stake.covered, ABSENCE_COVER);
    assert_eq!((after.slashed, after.voided), (SLASH, 1));
    assert_eq!(registered_free_stake(&world, &oracle), after.stake.free().0);

    let (sla, round) = (world.sla().body, world.round(0).body);
    assert_eq!(sla.money.held, before.money.held - BOND);
    assert_eq!((sla.seats.voided, sla.seats.fees), (0b010, [0; 5]));
    assert_eq!((round.open, round.settled), (0, 0));
    assert_eq!(round.round.status[..3], [2, SeatStatus::Voided.code(), 2]);
    assert!(world.chain.account(&world.challenge_address(0, 1, 7)).is_none());
    let rent = world.chain.rent(8 + 7 + 4 * 32 + 16 + 32);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before + rent);

    let event = receipt.event::<SubmissionVoided>();
    assert_eq!((event.sla, event.window, event.seat), (world.sla_address(), 0, 1));
    assert_eq!((event.oracle, event.fraud), (oracle, 0));
    assert_eq!((event.to_prover, event.burnt), (half, half));
    assert_eq!((event.bonded_before, event.bonded_after), (stake.bonded, stake.bonded - SLASH));
    let event = receipt.event::<ChallengeExpired>();
    assert_eq!((event.sla, event.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((event.seat, event.leaf, event.bond), (1, 7, BOND));
    assert_all_solvent(&mut world);
}

#[test]
fn not_before_the_deadline() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    let deadline = Timestamp(world.chain.now().0 + 86_400);
    world.anyone().expires_challenge(0, 1, 7).is_refused(CoreError::NotExpired);
    world.wait(before(deadline));
    world.anyone().expires_challenge(0, 1, 7).is_refused(CoreError::NotExpired);
    world.wait(deadline);
    world.anyone().expires_challenge(0, 1, 7).succeeds();
}

#[test]
fn a_second_challenge_of_what_is_voided_returns_its_bond_at_once() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    world.wait_secs(600);
    world.anyone().challenges(0, 1, 8).succeeds();
    world.wait_secs(A_DAY - 600);
    world.anyone().expires_challenge(0, 1, 8).is_refused(CoreError::NotExpired);
    world.anyone().expires_challenge(0, 1, 7).succeeds();

    let oracle = world.oracle_account(&world.sla().seats[1]);
    let (purse, supply) = (world.purse(STRANGER), world.chain.supply());
    let receipt = world.anyone().expires_challenge(0, 1, 8).succeeds();
    // No second slash.
    assert!(receipt.events::<SubmissionVoided>().is_empty());
    assert_eq!(receipt.event::<ChallengeExpired>().bond, BOND);
    assert_eq!(world.purse(STRANGER).0, purse.0 + BOND);
    assert_eq!(world.chain.supply(), supply);
    let after = world.oracle_account(&world.sla().seats[1]);
    assert_eq!((after.stake, after.voided), (oracle.stake, 1));
    assert_eq!((after.slashed, world.round(0).body.open), (SLASH, 0));
    assert_all_solvent(&mut world);
}

#[test]
fn the_others_submissions_stand() {
    let mut world = unanswered();
    world.anyone().expires_challenge(0, 1, 7).succeeds();
    let event = world.anyone().settles_round(0).succeeds().event::<WindowSettled>();
    assert_eq!((event.result, event.measured), (WindowResult::Met.code(), 2));
    let body = world.sla().body;
    assert_eq!((body.money.earned, body.seats.fees), (DUE, [FEE, 0, FEE, 0, 0]));
    assert_eq!(body.seats.points, [1, -1, 1, 0, 0]);
    assert_eq!(body.seats.absence_owed, [0; 5]);
    assert_all_solvent(&mut world);
}

#[test]
fn a_window_without_a_majority_left_is_unmeasured() {
    let mut world = contestable([Some(down), Some(down), None]);
    world.anyone().challenges(0, 1, 7).succeeds();
    world.wait_secs(A_DAY);
    world.anyone().expires_challenge(0, 1, 7).succeeds();
    let event = world.anyone().settles_round(0).succeeds().event::<WindowSettled>();
    assert_eq!((event.result, event.measured), (WindowResult::Unmeasured.code(), 1));
    assert_eq!((event.paid, event.penalty, event.absence), (DUE, 0, DUE / 2));
    // The voided and the silent one owe half the due together.
    let seats = world.sla().body.seats;
    assert_eq!(seats.absence_owed, [0, DUE / 4, DUE / 2 - DUE / 4, 0, 0]);
    world.anyone().collects_absence(1).succeeds();
    world.anyone().collects_absence(2).succeeds();
    assert_eq!(world.sla().body.money.refundable, DUE / 2);
    assert_all_solvent(&mut world);
}

#[test]
fn an_abstention_is_held_to_its_records_too() {
    let mut world = contestable([Some(met), Some(inconclusive), Some(met)]);
    world.anyone().challenges(0, 1, 7).succeeds();
    world.wait_secs(A_DAY);
    let receipt = world.anyone().expires_challenge(0, 1, 7).succeeds();
    assert_eq!(receipt.event::<SubmissionVoided>().to_prover, SLASH / 2);
}

#[test]
fn the_least_slash_is_one_flash() {
    let mut args = reservation();
    args.request.gib = 256;
    let mut world = active(hourly(), args);
    report(&mut world, 0, [Some(met); 3]);
    world.anyone().challenges(0, 1, 7).succeeds();
    world.wait_secs(A_DAY);
    let receipt = world.anyone().expires_challenge(0, 1, 7).succeeds();
    // Three dues of 170,666 atoms are less.
    let event = receipt.event::<SubmissionVoided>();
    assert_eq!((event.to_prover, event.burnt), (500_000, 500_000));
    assert_eq!(event.bonded_before - event.bonded_after, 1_000_000);
    assert_all_solvent(&mut world);
}

#[test]
fn an_odd_atom_is_burnt() {
    let mut args = reservation();
    args.request.windows = 5;
    let mut world = active(hourly(), args);
    report(&mut world, 0, [Some(met); 3]);
    assert_eq!(world.terms().due(0), Ok(Atoms(682_666)));
    world.anyone().challenges(0, 1, 7).succeeds();
    report(&mut world, 1, [Some(met); 3]);
    assert_eq!(world.terms().due(1), Ok(Atoms(682_667)));
    world.anyone().challenges(1, 2, 7).succeeds();
    world.wait_secs(A_DAY);
    let event = world.anyone().expires_challenge(1, 2, 7).succeeds().event::<SubmissionVoided>();
    assert_eq!((event.window, event.to_prover, event.burnt), (1, 1_024_000, 1_024_001));
}

#[test]
fn nobody_signs_and_no_pause_stops_it() {
    let mut world = unanswered();
    world.guardian().pauses(7 * DAY).succeeds();
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    assert!(attempt.accounts().iter().all(|meta| !meta.is_signer));
    attempt.succeeds();
}
