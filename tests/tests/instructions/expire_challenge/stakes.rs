//! What a slash is taken from.

use flashback::events::{ChallengeExpired, SubmissionVoided, WindowSettled};
use flashback_core::sla::SeatStatus;
use flashback_tests::prelude::*;

use super::super::contests::*;
use super::super::forgery::*;
use super::unanswered;

/// With seat 1 challenged in windows 0 and 1: the first of them has just expired.
fn unanswered_twice() -> World {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    report(&mut world, 1, [Some(met); 3]);
    world.anyone().challenges(1, 1, 7).succeeds();
    world
}

#[test]
fn a_second_fraud_is_paid_from_free_stake() {
    let mut world = unanswered_twice();
    world.anyone().expires_challenge(0, 1, 7).succeeds();
    let oracle = world.sla().seats[1];
    let before = world.oracle_account(&oracle).stake;
    assert_eq!(before.covered, ABSENCE_COVER);
    world.wait_secs(A_DAY);
    world.anyone().expires_challenge(1, 1, 7).succeeds();
    let after = world.oracle_account(&oracle);
    // Window 1 costs an atom more. What covers absences is spared.
    assert_eq!(after.stake.bonded, before.bonded - 3 * (DUE + 1));
    assert_eq!(after.stake.covered, ABSENCE_COVER);
    assert_eq!((after.slashed, after.voided), (3 * DUE + 3 * (DUE + 1), 2));
    assert_eq!(registered_free_stake(&world, &oracle), after.stake.free().0);
    assert_all_solvent(&mut world);
}

#[test]
fn unbonding_stake_pays_once_free_stake_is_gone() {
    let mut world = unanswered_twice();
    let oracle = world.sla().seats[1];
    let free = world.oracle_account(&oracle).stake.free();
    world.seat(1).unstakes(free).succeeds();
    let first = world.anyone().expires_challenge(0, 1, 7).succeeds().event::<SubmissionVoided>();
    // The cover alone was enough, and three atoms of it are free again.
    assert_eq!(first.bonded_before, FRAUD_COVER + ABSENCE_COVER);
    assert_eq!(first.to_prover + first.burnt, SLASH);
    let stake = world.oracle_account(&oracle).stake;
    assert_eq!((stake.free(), stake.unbonding[0].amount), (Atoms(3), free.0));

    world.wait_secs(A_DAY);
    let second = world.anyone().expires_challenge(1, 1, 7).succeeds().event::<SubmissionVoided>();
    assert_eq!(second.to_prover + second.burnt, SLASH + 3);
    assert_eq!(second.bonded_before - second.bonded_after, 3);
    let stake = world.oracle_account(&oracle).stake;
    assert_eq!((stake.bonded, stake.covered), (ABSENCE_COVER, ABSENCE_COVER));
    assert_eq!(stake.unbonding[0].amount, free.0 - SLASH);
    assert_all_solvent(&mut world);
}

#[test]
fn no_more_is_taken_than_there_is() {
    let mut world = unanswered_twice();
    let oracle = world.sla().seats[1];
    let free = world.oracle_account(&oracle).stake.free();
    world.seat(1).unstakes(free).succeeds();
    world.anyone().expires_challenge(0, 1, 7).succeeds();
    // Its withdrawal is through before anybody ends the second challenge.
    world.wait_secs(30 * A_DAY);
    world.seat(1).withdraws_stake().succeeds();
    let (supply, purse) = (world.chain.supply(), world.purse(STRANGER));
    let event = world.anyone().expires_challenge(1, 1, 7).succeeds().event::<SubmissionVoided>();
    // Three free atoms: one to the challenger, two burnt.
    assert_eq!((event.to_prover, event.burnt), (1, 2));
    assert_eq!(world.purse(STRANGER).0, purse.0 + BOND + 1);
    assert_eq!(world.chain.supply().0, supply.0 - 2);
    let after = world.oracle_account(&oracle);
    assert_eq!((after.stake.bonded, after.stake.covered), (ABSENCE_COVER, ABSENCE_COVER));
    assert_eq!((after.slashed, after.voided), (SLASH + 3, 2));
    assert_all_solvent(&mut world);
}

#[test]
fn what_was_given_to_its_vault_pays_nothing() {
    let mut world = unanswered();
    let vault = address::stake_vault(&address::oracle(&world.sla().seats[1]));
    world.anyone().donates(vault, Atoms(77)).succeeds();
    let (held, supply) = (world.chain.tokens(&vault), world.chain.supply());
    world.anyone().expires_challenge(0, 1, 7).succeeds();
    assert_eq!(world.chain.tokens(&vault).0, held.0 - SLASH);
    assert_eq!(world.chain.supply().0, supply.0 - SLASH / 2);
    let stake = world.oracle_account(&world.sla().seats[1]).stake;
    assert_eq!(world.chain.tokens(&vault).0, stake.owed().unwrap().0 + 77);
}

#[test]
fn an_oracle_that_has_left_the_registry_pays_as_well() {
    let mut world = unanswered();
    let (oracle, registry) = (world.sla().seats[1], address::registry());
    world.seat(1).leaves().succeeds();
    // Its entry is still there, and follows.
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt.with(address::PROGRAM, registry).is_refused(CoreError::RegistryAccountMissing);
    let mut leaving = world.clone();
    leaving.anyone().expires_challenge(0, 1, 7).succeeds();
    let free = leaving.oracle_account(&oracle).stake.free();
    assert_eq!(registered_free_stake(&leaving, &oracle), free.0);

    is_removed(&mut world, &oracle);
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt.with(address::PROGRAM, registry).succeeds();
    let after = world.oracle_account(&oracle);
    assert_eq!((after.slashed, after.voided, after.joined), (SLASH, 1, 0));
    assert!(world.registry().entries.iter().all(|entry| entry.oracle != oracle));
    assert_all_solvent(&mut world);
}

#[test]
fn one_that_was_replaced_pays_from_what_the_round_keeps() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    let leaver = world.sla().seats[1];
    redraw(&mut world, 1, Some(0));
    let newcomer = world.sla().seats[1];
    assert_ne!(newcomer, leaver);
    assert_eq!(world.round(0).body.covers[1], FRAUD_COVER + ABSENCE_COVER);
    let (stake, innocent) =
        (world.oracle_account(&leaver).stake, world.oracle_account(&newcomer).stake);
    assert_eq!(stake.covered, FRAUD_COVER + ABSENCE_COVER);

    world.wait_secs(A_DAY);
    let event = world.anyone().expires_challenge(0, 1, 7).succeeds().event::<SubmissionVoided>();
    assert_eq!((event.oracle, event.to_prover, event.burnt), (leaver, SLASH / 2, SLASH / 2));
    let after = world.oracle_account(&leaver).stake;
    assert_eq!(after.bonded, stake.bonded - SLASH);
    // Exactly what the window's slash takes of it: the rest stays for the round.
    assert_eq!(after.covered, FRAUD_COVER + ABSENCE_COVER - SLASH);
    assert_eq!(world.round(0).body.covers[1], FRAUD_COVER + ABSENCE_COVER - SLASH);
    // Who holds the seat now has nothing to do with it.
    assert_eq!(world.oracle_account(&newcomer).stake, innocent);
    assert_eq!(world.sla().body.seats.voided, 0);
    assert_all_solvent(&mut world);
    let settled = world.anyone().settles_round(0).succeeds().event::<WindowSettled>();
    assert_eq!(settled.measured, 2);
}

/// Gone with its stake, an oracle pays nothing; still its submission is voided, and the challenger has its bond back.
#[test]
fn of_one_that_is_gone_nothing_can_be_taken() {
    let mut world = uncovered();
    report(&mut world, 1, [Some(met); 3]);
    world.anyone().challenges(1, 0, 7).succeeds();
    let leaver = world.sla().seats[0];
    redraw(&mut world, 0, Some(1));
    exits(&mut world, &leaver);
    let (purse, supply) = (world.purse(STRANGER), world.chain.supply());
    let receipt = world.anyone().expires_challenge(1, 0, 7).succeeds();
    assert_eq!(receipt.event::<ChallengeExpired>().bond, BOND);
    assert_eq!(world.purse(STRANGER).0, purse.0 + BOND);
    assert_eq!(world.chain.supply(), supply);
    let round = world.round(1).body;
    assert_eq!((round.round.status[0], round.open), (SeatStatus::Voided.code(), 0));
    let event = receipt.event::<SubmissionVoided>();
    assert_eq!((event.oracle, event.fraud), (leaver, 0));
    assert_eq!((event.to_prover, event.burnt), (0, 0));
    assert_all_solvent(&mut world);
}
