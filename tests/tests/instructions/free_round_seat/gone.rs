//! A leaver that has closed its account before its contested round was done.

use flashback::events::{RoundClosed, RoundSeatFreed};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::super::contests::*;
use super::super::forgery::*;

/// With seat 0's oracle gone, which measured the contested window 1; the round is settled.
fn gone() -> (World, Pubkey) {
    let mut world = uncovered();
    report(&mut world, 1, [Some(met); 3]);
    world.consumer().disputes(1).succeeds();
    let leaver = world.sla().seats[0];
    let event = redraw(&mut world, 0, Some(1));
    assert_eq!((event.before, event.released), (leaver, 0));
    world.arbiter().rules(1, Party::Consumer, None).succeeds();
    exits(&mut world, &leaver);
    world.anyone().settles_round(1).succeeds();
    assert_eq!(world.round(1).body.fees[0], FEE);
    (world, leaver)
}

/// Settles accounts with seat 0's former oracle, whose stake vault there is no more.
fn frees(world: &mut World, window: u16) -> Attempt<'_> {
    world.anyone().frees_round_seat(window, 0)
}

#[test]
fn what_it_earned_goes_to_the_treasury() {
    let (mut world, leaver) = gone();
    let treasury = world.chain.tokens(&address::treasury());
    let (money, escrow) = (world.sla().body.money, world.chain.tokens(&world.escrow()));
    let receipt = frees(&mut world, 1).succeeds();
    assert_eq!(world.chain.tokens(&address::treasury()).0, treasury.0 + FEE);
    assert_eq!(world.chain.tokens(&world.escrow()).0, escrow.0 - FEE);
    assert_eq!(world.sla().body.money.held, money.held - FEE);
    assert_eq!(world.sla().body.money.refundable, money.refundable);
    let event = receipt.event::<RoundSeatFreed>();
    assert_eq!((event.oracle, event.fees, event.absence), (leaver, FEE, 0));
    assert_eq!((event.released, event.written_off, event.points), (0, 0, 1));
    assert_eq!(receipt.event::<RoundClosed>().window, 1);
    assert!(!world.is_contested(1));
    assert_all_solvent(&mut world);
}

#[test]
fn nobody_else_takes_its_place() {
    let (mut world, leaver) = gone();
    let own = address::oracle(&leaver);
    let other = address::oracle(&world.sla().seats[1]);
    for account in [other, key("nobody")] {
        let attempt = frees(&mut world, 1);
        attempt.with(account, own).is_refused(CoreError::CommitteeMismatch);
    }
    // Lamports at its old address make no oracle of it.
    world.chain.send_lamports(own, 5_000_000);
    frees(&mut world, 1).succeeds();
}

#[test]
fn registered_again_it_is_paid() {
    let (mut world, leaver) = gone();
    oracle_of(&mut world, &leaver).registers().succeeds();
    let receipt = world.anyone().frees_round_seat(1, 0).succeeds();
    assert_eq!(receipt.event::<RoundSeatFreed>().fees, FEE);
    let after = world.oracle_account(&leaver);
    assert_eq!((after.stake.bonded, after.stake.covered), (FEE, 0));
    assert_all_solvent(&mut world);
}

/// With windows 0 to 5 settled and all cover of seat 0 used up: by a lie, and by silence in every other window.
fn used_up() -> World {
    let mut args = reservation();
    args.request.windows = 10;
    let mut world = active(hourly(), args);
    let leaver = world.sla().seats[0];
    let records = submits_forged(&mut world, 0, lies_about_leaf_5);
    world.anyone().proves_fraud(None, 0, records.accusation(5)).succeeds();
    // Free stake pays first: there is to be none.
    let free = world.oracle_account(&leaver).stake.free();
    world.seat(0).unstakes(free).succeeds();
    let met = Some(met as Report);
    for window in [0, 2, 4] {
        report(&mut world, window, [None, met, None]);
        world.wait_until_settleable(window);
        world.anyone().settles().succeeds();
        world.anyone().collects_absence(0).succeeds();
        report(&mut world, window + 1, [None, met, met]);
    }
    world.wait_until_settleable(5);
    world.anyone().settles().succeeds();
    let seats = world.sla().body.seats;
    assert_eq!((seats.shares_used[0], seats.voided), (3, 1));
    world
}

/// Its bond for a leaf that it opened pays what it owes for one that it did not.
#[test]
fn what_it_owed_is_paid_of_what_it_earned() {
    let mut world = used_up();
    let leaver = world.sla().seats[0];
    world.wait_until_reports(6);
    let records = world.records(0, 6, 0);
    world.seat(0).submits(records.report(6)).succeeds();
    report(&mut world, 6, [None, Some(met), None]);
    world.anyone().challenges(6, 0, 3).succeeds();
    world.anyone().challenges(6, 0, 4).succeeds();
    redraw(&mut world, 0, Some(6));
    world.anyone().opens_leaf(6, 0, 3, records.opening(3)).succeeds();
    world.wait_secs(A_DAY);
    world.anyone().expires_challenge(6, 0, 4).succeeds();
    exits(&mut world, &leaver);
    world.anyone().settles_round(6).succeeds();
    let owed = world.terms().due(6).unwrap().0 / 4;
    let round = world.round(6).body;
    assert_eq!((round.fees[0], round.absence_owed[0], round.covers[0]), (BOND, owed, 0));

    let treasury = world.chain.tokens(&address::treasury());
    let refundable = world.sla().body.money.refundable;
    let event = frees(&mut world, 6).succeeds().event::<RoundSeatFreed>();
    assert_eq!((event.fees, event.absence, event.written_off), (BOND, owed, 0));
    assert_eq!(world.sla().body.money.refundable, refundable + owed);
    assert_eq!(world.chain.tokens(&address::treasury()).0, treasury.0 + BOND - owed);
    assert_all_solvent(&mut world);
}

#[test]
fn what_nothing_can_pay_is_written_off() {
    let mut world = used_up();
    let leaver = world.sla().seats[0];
    world.wait_until_reports(6);
    let records = world.records(1, 6, 0);
    world.seat(1).submits(records.report(6)).succeeds();
    world.wait_until_challenges(6);
    world.anyone().challenges(6, 1, 3).succeeds();
    world.anyone().opens_leaf(6, 1, 3, records.opening(3)).succeeds();
    redraw(&mut world, 0, Some(6));
    exits(&mut world, &leaver);
    world.anyone().settles_round(6).succeeds();
    let owed = world.terms().due(6).unwrap().0 / 4;
    let refundable = world.sla().body.money.refundable;
    let receipt = frees(&mut world, 6).succeeds();
    let event = receipt.event::<RoundSeatFreed>();
    assert_eq!((event.fees, event.absence, event.written_off), (0, 0, owed));
    assert_eq!((event.points, receipt.event::<RoundClosed>().window), (-1, 6));
    assert_eq!(world.sla().body.money.refundable, refundable);
    assert_all_solvent(&mut world);
}
