use flashback::events::{DisputeEnded, WindowSettled};
use flashback_core::sla::{SeatStatus, WindowResult};
use flashback_tests::prelude::*;

use super::contests::*;

mod who_and_when;

#[test]
fn upheld_the_bond_returns_and_a_submission_becomes_an_abstention() {
    let mut world = disputed();
    let (before, escrow) = (world.sla().body, world.chain.tokens(&world.escrow()));
    let stakes = world.sla().seats.map(|seat| staked(&world, &seat));
    let rent = world.chain.rent(155);
    let lamports_before = lamports(&world, &key(RENT_PAYER));
    let receipt = world.arbiter().rules(0, Party::Consumer, Some(0b010)).succeeds();

    let (after, round) = (world.sla().body, world.round(0).body);
    assert_eq!(after.money.held, before.money.held - BOND);
    assert_eq!((after.money.refundable, after.money.earned), (BOND, 0));
    assert_eq!((round.open, round.turned, round.disputed), (0, 0b010, 1));
    // No token moves, nobody is slashed, and the submission itself stays as it is.
    assert_eq!(world.chain.tokens(&world.escrow()), escrow);
    assert_eq!(world.sla().seats.map(|seat| staked(&world, &seat)), stakes);
    assert_eq!(round.round.status[1], SeatStatus::Measured.code());
    assert!(world.chain.account(&world.dispute_address(0, Party::Consumer)).is_none());
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before + rent);

    let event = receipt.event::<DisputeEnded>();
    assert_eq!((event.sla, event.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((event.party, event.ending, event.turned), (1, 1, 0b010));
    assert_eq!((event.to_opener, event.to_other), (BOND, 0));
    world.anyone().asserts_escrow_solvent().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE.minus(world.quote().deposit).unwrap());
}

fn staked(world: &World, authority: &Pubkey) -> Atoms {
    world.chain.tokens(&address::stake_vault(&address::oracle(authority)))
}

#[test]
fn upheld_for_the_provider_the_bond_is_its_to_withdraw() {
    let mut world = World::with_contestable_window();
    world.provider().disputes(0).succeeds();
    let receipt = world.arbiter().rules(0, Party::Provider, Some(0b001)).succeeds();
    let event = receipt.event::<DisputeEnded>();
    assert_eq!((event.party, event.ending, event.turned), (2, 1, 0b001));
    assert_eq!((event.to_opener, event.to_other), (BOND, 0));
    let money = world.sla().body.money;
    assert_eq!((money.earned, money.refundable), (BOND, 0));
    world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT), Atoms(BOND));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn rejected_the_bond_goes_to_the_other_party() {
    for (opener, other_earns) in [(Party::Consumer, true), (Party::Provider, false)] {
        let mut world = World::with_contestable_window();
        match opener {
            Party::Consumer => world.consumer().disputes(0).succeeds(),
            Party::Provider => world.provider().disputes(0).succeeds(),
        };
        let receipt = world.arbiter().rules(0, opener, None).succeeds();
        let event = receipt.event::<DisputeEnded>();
        assert_eq!((event.party, event.ending, event.turned), (opener.code(), 2, 0));
        assert_eq!((event.to_opener, event.to_other), (0, BOND));
        let money = world.sla().body.money;
        let expected = if other_earns { (BOND, 0) } else { (0, BOND) };
        assert_eq!((money.earned, money.refundable), expected);
        assert_eq!((world.round(0).body.open, world.round(0).body.turned), (0, 0));
        world.anyone().asserts_escrow_solvent().succeeds();
    }
}

/// Settles the contested window 0.
fn settled(world: &mut World) -> WindowSettled {
    world.wait_until_settleable(0);
    let event = world.anyone().settles_round(0).succeeds().event();
    world.anyone().asserts_escrow_solvent().succeeds();
    event
}

#[test]
fn a_breach_that_one_turned_submission_made_is_none() {
    // Of 35 %, 20 % and nothing the second largest counts; of 20 % and nothing, nothing.
    let reports: [Option<Report>; 3] = [Some(slow_by_7), Some(slow_by_4), Some(met)];
    let mut world = contestable(reports);
    world.provider().disputes(0).succeeds();
    let unallocated = world.sla().body.money.unallocated;
    let mut stands = world.clone();
    stands.arbiter().rules(0, Party::Provider, None).succeeds();
    let event = settled(&mut stands);
    assert_eq!((event.result, event.shortfall_ppm), (WindowResult::Breached.code(), 200_000));
    // Refund at 20 %: a tenth; penalty: twice 20 % of the due.
    assert_eq!((event.paid, event.refunded, event.penalty), (614_399, 68_267, 273_066));

    world.arbiter().rules(0, Party::Provider, Some(0b001)).succeeds();
    let event = settled(&mut world);
    assert_eq!((event.result, event.shortfall_ppm), (WindowResult::Met.code(), 0));
    assert_eq!((event.paid, event.refunded, event.penalty), (DUE, 0, 0));
    assert_eq!((event.measured, event.oracle_fee), (2, FEE));
    let body = world.sla().body;
    assert_eq!(body.money.earned, DUE + BOND);
    // The abstention missed while a majority measured: no fee, and a point less.
    assert_eq!(body.seats.fees, [0, FEE, FEE, 0, 0]);
    assert_eq!(body.seats.points, [-1, 1, 1, 0, 0]);
    // Its fee is the consumer's deposit again.
    assert_eq!(body.money.unallocated, unallocated + FEE - DUE * 50 / 10_000);
}

#[test]
fn five_seats_can_lose_two() {
    let reports: [Option<Report>; 5] =
        [Some(slow_by_7), Some(slow_by_7), Some(slow_by_4), Some(met), Some(met)];
    let mut world = contestable_by_five(reports);
    world.provider().disputes(0).succeeds();
    world.consumer().disputes(0).succeeds();
    world.arbiter().rules(0, Party::Provider, Some(0b00001)).succeeds();
    world.arbiter().rules(0, Party::Consumer, Some(0b00010)).succeeds();
    let event = settled(&mut world);
    assert_eq!((event.result, event.measured), (WindowResult::Met.code(), 3));
    // Each of five gets a fifth of half a percent, at least 1,000 atoms.
    assert_eq!((event.oracle_fee, event.paid), (1_000, DUE));
    assert_eq!(world.sla().body.seats.fees, [0, 0, 1_000, 1_000, 1_000]);
}

#[test]
fn a_ruling_names_measuring_submissions_and_leaves_a_majority() {
    let refused = |world: &World, masks: &[u8]| {
        for mask in masks {
            let mut world = world.clone();
            let attempt = world.arbiter().rules(0, Party::Consumer, Some(*mask));
            attempt.is_refused(CoreError::RulingInvalid);
        }
    };
    // Two of three; seats that the committee does not have.
    refused(&disputed(), &[0b011, 0b110, 0b101, 0b111, 0b1000, 0b1_0000, 0b1000_0000, 0b1001, 255]);
    let four: [Option<Report>; 5] = [Some(met), Some(met), Some(met), Some(met), None];
    let mut world = contestable_by_five(four);
    world.consumer().disputes(0).succeeds();
    // Two of four; one that was absent.
    refused(&world, &[0b0_0011, 0b0_1100, 0b1_0000, 0b1_0001, 0b0_1111]);
    let five: [Option<Report>; 5] =
        [Some(met), Some(met), Some(met), Some(met), Some(inconclusive)];
    let mut world = contestable_by_five(five);
    world.consumer().disputes(0).succeeds();
    // One that abstained.
    refused(&world, &[0b1_0000]);
    for mask in [0b0_0001, 0b0_1000] {
        world.clone().arbiter().rules(0, Party::Consumer, Some(mask)).succeeds();
    }
    let mut world = contestable_by_five([Some(met as Report); 5]);
    world.consumer().disputes(0).succeeds();
    refused(&world, &[0b0_0111, 0b1_1111]);
    world.arbiter().rules(0, Party::Consumer, Some(0b1_0010)).succeeds();
}

#[test]
fn what_one_ruling_turned_the_next_one_counts() {
    let mut world = disputed();
    world.provider().disputes(0).succeeds();
    world.arbiter().rules(0, Party::Consumer, Some(0b001)).succeeds();
    for mask in [0b001, 0b010, 0b100] {
        let attempt = world.arbiter().rules(0, Party::Provider, Some(mask));
        attempt.is_refused(CoreError::RulingInvalid);
    }
    // Right as the second one is, there is nothing more to leave out.
    let receipt = world.arbiter().rules(0, Party::Provider, Some(0)).succeeds();
    let event = receipt.event::<DisputeEnded>();
    assert_eq!((event.ending, event.turned, event.to_opener), (1, 0, BOND));
    assert_eq!(world.round(0).body.turned, 0b001);
    world.anyone().asserts_escrow_solvent().succeeds();
}

/// Voided by silence, a submission leaves too few to turn another one.
#[test]
fn a_voided_submission_counts_as_left_out() {
    let mut world = disputed();
    world.anyone().challenges(0, 2, 0).succeeds();
    world.wait_secs(A_DAY);
    world.anyone().expires_challenge(0, 2, 0).succeeds();
    for mask in [0b001, 0b010, 0b100] {
        let attempt = world.arbiter().rules(0, Party::Consumer, Some(mask));
        attempt.is_refused(CoreError::RulingInvalid);
    }
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
}

#[test]
fn what_was_turned_counts_again_if_voiding_would_leave_no_majority() {
    let mut world = contestable([Some(slow_by_4), Some(slow_by_4), Some(met)]);
    world.consumer().disputes(0).succeeds();
    world.anyone().challenges(0, 0, 0).succeeds();
    world.arbiter().rules(0, Party::Consumer, Some(0b100)).succeeds();
    world.wait_secs(A_DAY);
    world.anyone().expires_challenge(0, 0, 0).succeeds();
    // Seats 1 and 2 are left of 20 % and nothing.
    let event = settled(&mut world);
    assert_eq!((event.result, event.measured), (WindowResult::Met.code(), 2));
    assert_eq!(world.sla().body.seats.fees, [0, FEE, FEE, 0, 0]);
}
