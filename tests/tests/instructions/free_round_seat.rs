use flashback::events::{RoundClosed, RoundSeatFreed, WindowSettled};
use flashback_core::units::DAY;
use flashback_sdk::instruction::free_round_seat;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::contests::*;

mod accounts;
mod gone;
mod redraws;

/// With window 0 disputed, and seat 0 held by somebody else since.
fn replaced() -> (World, Pubkey) {
    let mut world = disputed();
    let leaver = world.sla().seats[0];
    redraw(&mut world, 0, Some(0));
    (world, leaver)
}

/// With its round settled besides.
fn settled() -> (World, Pubkey) {
    let (mut world, leaver) = replaced();
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    (world, leaver)
}

#[test]
fn a_leavers_cover_waits_in_the_round() {
    let mut world = disputed();
    let leaver = world.sla().seats[0];
    let stake = world.oracle_account(&leaver).stake;
    let event = redraw(&mut world, 0, Some(0));
    assert_eq!((event.seat, event.before, event.fees, event.released), (0, leaver, 0, 0));
    let after = world.oracle_account(&leaver);
    assert_eq!((after.stake, after.seats), (stake, 0));
    assert_eq!(after.stake.covered, FRAUD_COVER + ABSENCE_COVER);
    let round = world.round(0);
    assert_eq!(round.body.covers, [FRAUD_COVER + ABSENCE_COVER, 0, 0, 0, 0]);
    assert_eq!(round.seats[0], leaver);
    // Nothing of it can be taken out.
    let attempt = oracle_of(&mut world, &leaver).unstakes(Atoms(stake.free().0 + 1));
    attempt.is_refused(CoreError::StakeCovered);
    assert_all_solvent(&mut world);
}

#[test]
fn settled_the_round_waits_for_the_leavers_accounts() {
    let (mut world, leaver) = replaced();
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    let receipt = world.anyone().settles_round(0).succeeds();
    assert!(receipt.events::<RoundClosed>().is_empty());
    assert_eq!(receipt.event::<WindowSettled>().measured, 3);
    let (sla, round) = (world.sla().body, world.round(0).body);
    // Its fee stays held; who holds the seat now has none.
    assert_eq!((round.settled, round.fees, round.points), (1, [FEE, 0, 0, 0, 0], [1, 0, 0, 0, 0]));
    assert_eq!((sla.money.held, sla.seats.fees), (FEE, [0, FEE, FEE, 0, 0]));
    assert_eq!((sla.seats.points, sla.progress.open_rounds), ([0, 1, 1, 0, 0], 1));
    assert_eq!(world.oracle_account(&leaver).stake.covered, FRAUD_COVER + ABSENCE_COVER);
    world.anyone().settles_round(0).is_refused(CoreError::RoundSettled);
    assert_all_solvent(&mut world);
}

#[test]
fn anyone_pays_the_leaver_and_closes_the_round() {
    let (mut world, leaver) = settled();
    let vault = address::stake_vault(&address::oracle(&leaver));
    let (before, stake) = (world.sla().body, world.oracle_account(&leaver).stake);
    let (escrow, staked) = (world.chain.tokens(&world.escrow()), world.chain.tokens(&vault));
    let (round, lamports_before) = (world.round_address(0), lamports(&world, &key(RENT_PAYER)));
    let receipt = world.anyone().frees_round_seat(0, 0).succeeds();

    let after = world.oracle_account(&leaver);
    assert_eq!((after.stake.bonded, after.stake.covered), (stake.bonded + FEE, 0));
    assert_eq!((after.score().milli, after.seats, after.slashed), (51_000, 0, 0));
    assert_eq!(world.chain.tokens(&vault).0, staked.0 + FEE);
    assert_eq!(world.chain.tokens(&world.escrow()).0, escrow.0 - FEE);
    let sla = world.sla().body;
    assert_eq!((sla.money.held, sla.progress.open_rounds), (0, 0));
    assert_eq!(sla.seats, before.seats);
    assert!(!world.is_contested(0));
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before + world.chain.rent(528));

    let event = receipt.event::<RoundSeatFreed>();
    assert_eq!((event.sla, event.round, event.seat), (world.sla_address(), round, 0));
    assert_eq!((event.oracle, event.fees, event.points), (leaver, FEE, 1));
    assert_eq!((event.absence, event.written_off), (0, 0));
    assert_eq!(event.released, FRAUD_COVER + ABSENCE_COVER);
    let event = receipt.event::<RoundClosed>();
    assert_eq!((event.sla, event.round, event.window), (world.sla_address(), round, 0));
    world.anyone().asserts_stake_solvent(address::oracle(&leaver)).succeeds();
    assert_all_solvent(&mut world);
}

#[test]
fn a_bond_that_a_leaver_earned_is_among_it() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 0, 7).succeeds();
    let leaver = world.sla().seats[0];
    let proof = world.records(0, 0, 0).opening(7);
    redraw(&mut world, 0, Some(0));
    world.anyone().opens_leaf(0, 0, 7, proof).succeeds();
    assert_eq!(world.round(0).body.fees[0], BOND);
    assert_eq!(
        (world.sla().body.seats.fees, world.sla().body.money.held),
        ([0; 5], DUE + 3 * FEE + BOND)
    );
    world.anyone().asserts_escrow_solvent().succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    let receipt = world.anyone().frees_round_seat(0, 0).succeeds();
    assert_eq!(receipt.event::<RoundSeatFreed>().fees, BOND + FEE);
    assert_eq!(world.oracle_account(&leaver).stake.bonded, STAKE.0 + BOND + FEE);
    assert_all_solvent(&mut world);
}

/// With window 0 contested that only seat 1 measured, and seat 0, which was silent, replaced; all is answered.
fn silent_leaver() -> (World, Pubkey) {
    let mut world = active(hourly(), reservation());
    world.wait_until_reports(0);
    let records = world.records(1, 0, 0);
    world.seat(1).submits(records.report(0)).succeeds();
    world.wait_until_challenges(0);
    world.anyone().challenges(0, 1, 3).succeeds();
    world.anyone().opens_leaf(0, 1, 3, records.opening(3)).succeeds();
    let leaver = world.sla().seats[0];
    redraw(&mut world, 0, Some(0));
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    assert_eq!(world.round(0).body.absence_owed, [DUE / 4, 0, 0, 0, 0]);
    (world, leaver)
}

#[test]
fn a_leaver_that_was_silent_pays_its_absence() {
    let (mut world, leaver) = silent_leaver();
    let vault = address::stake_vault(&address::oracle(&leaver));
    let (escrow, staked) = (world.chain.tokens(&world.escrow()), world.chain.tokens(&vault));
    let stake = world.oracle_account(&leaver).stake;
    let receipt = world.anyone().frees_round_seat(0, 0).succeeds();
    let after = world.oracle_account(&leaver);
    assert_eq!((after.stake.bonded, after.stake.covered), (stake.bonded - DUE / 4, 0));
    assert_eq!((after.slashed, after.score().milli), (DUE / 4, 49_000));
    assert_eq!(world.chain.tokens(&vault).0, staked.0 - DUE / 4);
    assert_eq!(world.chain.tokens(&world.escrow()).0, escrow.0 + DUE / 4);
    assert_eq!(world.sla().body.money.refundable, DUE / 4);
    let event = receipt.event::<RoundSeatFreed>();
    assert_eq!((event.absence, event.written_off, event.points), (DUE / 4, 0, -1));
    assert_eq!((event.fees, event.released), (0, FRAUD_COVER + ABSENCE_COVER));
    world.anyone().asserts_stake_solvent(address::oracle(&leaver)).succeeds();
    assert_all_solvent(&mut world);
}

#[test]
fn its_cover_pays_if_nothing_else_is_left() {
    let (mut world, leaver) = silent_leaver();
    let free = world.oracle_account(&leaver).stake.free();
    oracle_of(&mut world, &leaver).unstakes(free).succeeds();
    world.wait_secs(30 * A_DAY);
    oracle_of(&mut world, &leaver).withdraws_stake().succeeds();
    let receipt = world.anyone().frees_round_seat(0, 0).succeeds();
    let event = receipt.event::<RoundSeatFreed>();
    assert_eq!((event.absence, event.written_off), (DUE / 4, 0));
    let stake = world.oracle_account(&leaver).stake;
    assert_eq!((stake.bonded, stake.covered), (FRAUD_COVER + ABSENCE_COVER - DUE / 4, 0));
    world.anyone().asserts_stake_solvent(address::oracle(&leaver)).succeeds();
}

#[test]
fn the_last_of_several_leavers_closes_the_round() {
    let mut world = disputed();
    let leavers = world.sla().seats;
    redraw(&mut world, 2, Some(0));
    redraw(&mut world, 0, Some(0));
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    assert_eq!(world.round(0).body.fees, [FEE, 0, FEE, 0, 0]);
    let receipt = world.anyone().frees_round_seat(0, 2).succeeds();
    assert!(receipt.events::<RoundClosed>().is_empty());
    assert_eq!(world.round(0).body.covers, [FRAUD_COVER + ABSENCE_COVER, 0, 0, 0, 0]);
    // Once each, and only who has left.
    for seat in [2, 1] {
        world.anyone().frees_round_seat(0, seat).is_refused(CoreError::AlreadyReleased);
    }
    world.anyone().frees_round_seat(0, 0).succeeds().event::<RoundClosed>();
    for leaver in [leavers[0], leavers[2]] {
        let stake = world.oracle_account(&leaver).stake;
        assert_eq!((stake.bonded, stake.covered), (STAKE.0 + FEE, 0));
    }
    assert_all_solvent(&mut world);
}

#[test]
fn not_before_the_round_is_settled_and_not_twice() {
    let (mut world, _) = replaced();
    world.anyone().frees_round_seat(0, 0).is_refused(CoreError::RoundOpen);
    world.anyone().frees_round_seat(0, 1).is_refused(CoreError::RoundOpen);
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    world.anyone().frees_round_seat(0, 0).is_refused(CoreError::RoundOpen);
    world.anyone().settles_round(0).succeeds();
    let (sla, round) = (world.sla_address(), world.round(0));
    world.anyone().frees_round_seat(0, 0).succeeds();
    let attempt = Attempt::new(&mut world.chain, free_round_seat(sla, 0, &round, 0), vec![]);
    attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn nobody_signs_and_no_pause_stops_it() {
    let (mut world, leaver) = settled();
    world.guardian().pauses(7 * DAY).succeeds();
    let vault = address::stake_vault(&address::oracle(&leaver));
    world.anyone().donates(vault, Atoms(3)).succeeds();
    let attempt = world.anyone().frees_round_seat(0, 0);
    assert!(attempt.accounts().iter().all(|meta| !meta.is_signer));
    attempt.succeeds();
    assert_eq!(world.oracle_account(&leaver).stake.bonded, STAKE.0 + FEE);
}

/// An SLA that has ended is given back once the round is closed, and not before.
#[test]
fn an_ended_sla_waits_for_it() {
    let (mut world, _) = settled();
    for window in 1..4 {
        report(&mut world, window, [None, Some(met), Some(met)]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    world.anyone().releases().is_refused(CoreError::NotClosable);
    world.anyone().frees_round_seat(0, 0).succeeds();
    world.anyone().releases().succeeds();
}
