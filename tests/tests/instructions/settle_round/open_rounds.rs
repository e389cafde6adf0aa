//! An SLA with an open round.

use flashback::events::WindowSettled;
use flashback_core::sla::{CLOSE_GRACE_SECS, SlaState};
use flashback_tests::prelude::*;

use super::super::contests::*;

/// Ended, all windows met, the last of them disputed by the consumer.
fn last_window_disputed() -> World {
    let mut world = World::with_active_sla();
    for window in 0..4 {
        report(&mut world, window, [Some(met); 3]);
    }
    world.consumer().disputes(3).succeeds();
    assert_eq!(world.sla().body.progress.state(), Ok(SlaState::Ended));
    world
}

#[test]
fn it_is_neither_released_nor_closed() {
    let mut world = last_window_disputed();
    world.anyone().releases().is_refused(CoreError::NotClosable);
    world.anyone().releases_seats(&[]).is_refused(CoreError::NotClosable);
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
    world.anyone().sweeps_fees().succeeds();
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().closes().is_refused(CoreError::NotClosable);

    world.arbiter().rules(3, Party::Consumer, Some(0)).succeeds();
    world.wait_until_settleable(3);
    world.anyone().releases().is_refused(CoreError::NotClosable);
    world.anyone().settles_round(3).succeeds();
    world.anyone().releases().succeeds();
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
    world.anyone().sweeps_fees().succeeds();
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().closes().succeeds();
    assert!(world.chain.account(&world.sla_address()).is_none());
}

#[test]
fn nor_is_anything_pushed_out_of_it() {
    let mut world = last_window_disputed();
    let ends = world.terms().settles_at(3).unwrap();
    world.wait(ends.after(u64::from(CLOSE_GRACE_SECS)).unwrap());
    world.anyone().closes_abandoned().is_refused(CoreError::NotClosable);
    world.anyone().expires_dispute(3, Party::Consumer).succeeds();
    world.anyone().closes_abandoned().is_refused(CoreError::NotClosable);
    // But nobody can keep it so.
    world.anyone().settles_round(3).succeeds();
    world.anyone().releases().succeeds();
    world.anyone().closes_abandoned().succeeds();
    assert!(world.chain.account(&world.sla_address()).is_none());
    assert!(world.chain.account(&world.escrow()).is_none());
}

#[test]
fn a_contest_of_the_last_window_delays_only_its_own_money() {
    let mut world = last_window_disputed();
    let (terms, body) = (world.terms(), world.sla().body);
    let last_due = terms.due(3).unwrap().0;
    // Three dues are the provider's, each seat has three fees.
    assert_eq!(body.money.earned, terms.price - last_due);
    assert_eq!(body.seats.fees[..3], [3 * FEE; 3]);
    let last_fee = 1_137;
    assert_eq!(body.money.held, last_due + 3 * last_fee + BOND);
    // Of the deposit only the protocol's part of the last due is kept.
    let protocol_fees = terms.price * 50 / 10_000;
    assert_eq!(body.money.unallocated, protocol_fees - body.money.protocol_fees);
    world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT).0, terms.price - last_due);
    let purse = world.purse(CONSUMER).0;
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER).0, purse + body.money.refundable);
    world.seat(1).claims_fees().succeeds();
    world.anyone().asserts_escrow_solvent().succeeds();

    world.arbiter().rules(3, Party::Consumer, None).succeeds();
    world.wait_until_settleable(3);
    let event = world.anyone().settles_round(3).succeeds().event::<WindowSettled>();
    assert_eq!((event.paid, event.oracle_fee, event.returned), (last_due, last_fee, 0));
    // The rest, and the bond of who was wrong.
    world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT).0, terms.price + BOND);
    world.seat(1).claims_fees().succeeds();
    assert_all_solvent(&mut world);
}

#[test]
fn what_a_ruling_saves_at_the_end_goes_back_to_the_consumer() {
    let mut world = World::with_active_sla();
    for window in 0..3 {
        report(&mut world, window, [Some(met); 3]);
    }
    report(&mut world, 3, [Some(slow_by_7), Some(slow_by_4), Some(met)]);
    world.provider().disputes(3).succeeds();
    world.arbiter().rules(3, Party::Provider, Some(0b001)).succeeds();
    world.wait_until_settleable(3);
    let refundable = world.sla().body.money.refundable;
    let event = world.anyone().settles_round(3).succeeds().event::<WindowSettled>();
    // A fee that nobody earned.
    assert_eq!((event.measured, event.returned), (2, FEE));
    let money = world.sla().body.money;
    assert_eq!((money.refundable, money.unallocated, money.held), (refundable + FEE, 0, 0));
    assert_all_solvent(&mut world);
}

/// Money of the windows between goes on.
#[test]
fn contests_of_several_windows_are_independent() {
    let mut world = disputed_twice();
    report(&mut world, 2, [Some(met); 3]);
    report(&mut world, 3, [Some(met), Some(met), None]);
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    let body = world.sla().body;
    assert_eq!((body.progress.state(), body.progress.open_rounds), (Ok(SlaState::Ended), 2));
    assert_eq!(body.progress.met, 2);
    let terms = world.terms();
    let dues = |windows: [u16; 2]| windows.map(|k| terms.due(k).unwrap().0).iter().sum::<u64>();
    assert_eq!(body.money.earned, dues([2, 3]));
    world.provider().withdraws_earnings().succeeds();
    world.arbiter().rules(1, Party::Provider, Some(0)).succeeds();
    world.anyone().settles_round(1).succeeds();
    world.anyone().releases().is_refused(CoreError::NotClosable);
    world.wait_secs(7 * A_DAY);
    world.anyone().expires_dispute(0, Party::Consumer).succeeds();
    world.anyone().settles_round(0).succeeds();
    let money = world.sla().body.money;
    // Both dues, the provider's own bond, and a tenth of the consumer's.
    assert_eq!(money.earned, dues([0, 1]) + BOND + BOND / 10);
    assert_eq!((money.held, money.unallocated), (0, 0));
    world.anyone().releases().succeeds();
    assert_all_solvent(&mut world);
}
