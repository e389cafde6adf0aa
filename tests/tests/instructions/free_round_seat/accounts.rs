use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::super::contests::*;
use super::settled;

#[test]
fn accounts_must_belong_together() {
    let (mut world, _) = settled();
    let (sla, round, escrow) = (world.sla_address(), world.round_address(0), world.escrow());
    let other = another_sla(&mut world);
    let cases = [
        (address::escrow(&other), escrow, ErrorCode::ConstraintSeeds),
        (purse(CONSUMER), escrow, ErrorCode::ConstraintSeeds),
        (address::rewards(), address::treasury(), ErrorCode::ConstraintSeeds),
        (purse(STRANGER), address::treasury(), ErrorCode::ConstraintSeeds),
        (key(STRANGER), key(RENT_PAYER), ErrorCode::ConstraintHasOne),
        (sla, round, ErrorCode::AccountDiscriminatorMismatch),
        (round, sla, ErrorCode::AccountDiscriminatorMismatch),
        (purse(CONSUMER), round, ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), round, ErrorCode::AccountOwnedByWrongProgram),
        (address::PROGRAM, address::TOKEN_PROGRAM, ErrorCode::InvalidProgramId),
    ];
    for (account, named, error) in cases {
        world.anyone().frees_round_seat(0, 0).with(account, named).is_refused(error);
    }
    let attempt = world.anyone().frees_round_seat(0, 0);
    let with_its_escrow = attempt.with(other, sla).with(address::escrow(&other), escrow);
    with_its_escrow.is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn the_leavers_oracle_is_meant_and_no_other() {
    let (mut world, leaver) = settled();
    let own = address::oracle(&leaver);
    let holder = address::oracle(&world.sla().seats[0]);
    for account in [holder, world.provider_address(), key("nobody"), key(STRANGER)] {
        let attempt = world.anyone().frees_round_seat(0, 0);
        attempt.with(account, own).is_refused(CoreError::CommitteeMismatch);
    }
    let vault = address::stake_vault(&own);
    for account in [address::stake_vault(&holder), purse(STRANGER)] {
        let attempt = world.anyone().frees_round_seat(0, 0);
        attempt.with(account, vault).is_refused(ErrorCode::ConstraintSeeds);
    }
    let attempt = world.anyone().frees_round_seat(0, 0);
    attempt.with(key("nobody"), vault).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn seats_that_nobody_left_have_nothing_here() {
    let (mut world, _) = settled();
    for seat in [1, 2] {
        world.anyone().frees_round_seat(0, seat).is_refused(CoreError::AlreadyReleased);
    }
    for seat in [3, 4, 5, 8, 255] {
        let mut instruction = world.anyone().frees_round_seat(0, 0).instruction();
        instruction.data[8] = seat;
        let attempt = Attempt::new(&mut world.chain, instruction, vec![]);
        attempt.is_refused(CoreError::SeatInvalid);
    }
}

#[test]
fn the_registry_is_kept_in_step_with_who_is_in_it() {
    let (mut world, leaver) = settled();
    let registry = address::registry();
    // Its entry is still there; once it is not, there is none to keep.
    let attempt = world.anyone().frees_round_seat(0, 0);
    attempt.with(address::PROGRAM, registry).is_refused(CoreError::RegistryAccountMissing);
    is_removed(&mut world, &leaver);
    let mut outside = world.clone();
    let attempt = outside.anyone().frees_round_seat(0, 0);
    attempt.with(address::PROGRAM, registry).succeeds();

    oracle_of(&mut world, &leaver).joins_registry().succeeds();
    let free = registered_free_stake(&world, &leaver);
    let attempt = world.anyone().frees_round_seat(0, 0);
    attempt.with(address::PROGRAM, registry).is_refused(CoreError::RegistryAccountMissing);
    let attempt = world.anyone().frees_round_seat(0, 0);
    attempt.with(address::config(), registry).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    world.anyone().frees_round_seat(0, 0).succeeds();
    let after = registered_free_stake(&world, &leaver);
    assert_eq!(after, free + FRAUD_COVER + ABSENCE_COVER + FEE);
    assert_eq!(after, world.oracle_account(&leaver).stake.free().0);
}
