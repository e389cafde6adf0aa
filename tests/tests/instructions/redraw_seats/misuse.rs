//! Accounts that do not fit.

use solana_sdk::instruction::AccountMeta;

use super::*;

/// Accounts before the seats'.
const FIXED: usize = 6;
/// Places of a seat's accounts.
const LEAVER: usize = 0;
const VAULT: usize = 1;
const NEWCOMER: usize = 2;

fn with(world: &mut World, place: usize, other: Pubkey) -> Attempt<'_> {
    let attempt = world.anyone().redraws(None);
    attempt.remaining(FIXED, |seats| seats[place].pubkey = other)
}

fn read_only(world: &mut World, place: usize) -> Attempt<'_> {
    let attempt = world.anyone().redraws(None);
    attempt.remaining(FIXED, |seats| seats[place].is_writable = false)
}

#[test]
fn nobody_but_the_drawn_oracle_takes_the_seat() {
    let mut world = drawn();
    let newcomer = world.newcomers()[0];
    for index in (0..ORACLES).filter(|index| key(&oracle_name(*index)) != newcomer) {
        let other = address::oracle(&key(&oracle_name(index)));
        with(&mut world, NEWCOMER, other).is_refused(CoreError::CommitteeMismatch);
    }
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[1], newcomer);
}

#[test]
fn accounts_are_settled_with_who_leaves_and_nobody_else() {
    let mut world = after_three_windows();
    let (seats, newcomer) = (world.sla().seats, world.newcomers()[0]);
    for index in 0..ORACLES {
        let other = key(&oracle_name(index));
        if other != seats[1] && other != newcomer {
            let account = address::oracle(&other);
            with(&mut world, LEAVER, account).is_refused(CoreError::CommitteeMismatch);
        }
    }
}

#[test]
fn nobody_leaves_a_seat_to_itself() {
    let mut world = after_three_windows();
    let newcomer = address::oracle(&world.newcomers()[0]);
    with(&mut world, LEAVER, newcomer).is_refused(InstructionError::AccountBorrowFailed);
    let leaver = address::oracle(&world.sla().seats[1]);
    with(&mut world, NEWCOMER, leaver).is_refused(CoreError::CommitteeMismatch);
}

#[test]
fn money_moves_to_and_from_the_leavers_own_vault() {
    let mut world = after_three_windows();
    let seats = world.sla().seats;
    let newcomer = world.newcomers()[0];
    let vault = |authority: &Pubkey| address::stake_vault(&address::oracle(authority));
    for other in [vault(&seats[0]), vault(&newcomer), purse(STRANGER), address::treasury()] {
        with(&mut world, VAULT, other).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn other_accounts_are_no_oracles() {
    let mut world = drawn();
    let cases = [
        (world.provider_address(), ErrorCode::AccountDiscriminatorMismatch),
        (address::registry(), ErrorCode::AccountDiscriminatorMismatch),
        (purse(STRANGER), ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), ErrorCode::AccountOwnedByWrongProgram),
        (address::PROGRAM, ErrorCode::AccountOwnedByWrongProgram),
    ];
    for place in [LEAVER, NEWCOMER] {
        for (other, error) in &cases {
            with(&mut world, place, *other).is_refused(*error);
        }
    }
}

#[test]
fn what_changes_must_be_writable() {
    let mut world = after_three_windows();
    let sla = world.sla_address();
    for account in [sla, world.escrow(), address::registry()] {
        let attempt = world.anyone().redraws(None);
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
    for place in [LEAVER, NEWCOMER] {
        read_only(&mut world, place).is_refused(ErrorCode::AccountNotMutable);
    }
    read_only(&mut world, VAULT).is_refused(InstructionError::PrivilegeEscalation);
}

#[test]
fn each_waiting_seat_has_three_accounts() {
    let mut world = drawn();
    let changes: [fn(&mut Vec<AccountMeta>); 5] = [
        Vec::clear,
        |seats| seats.truncate(2),
        |seats| seats.push(seats[0].clone()),
        |seats| seats.extend(seats.clone()),
        |seats| seats.truncate(1),
    ];
    for change in changes {
        let attempt = world.anyone().redraws(None);
        attempt.remaining(FIXED, change).is_refused(CoreError::CommitteeMismatch);
    }
}

#[test]
fn nothing_is_redrawn_that_was_not_armed() {
    let mut world = left();
    world.anyone().redraws(None).is_refused(CoreError::RedrawRefused);
    let mut world = drawn();
    world.anyone().redraws(None).succeeds();
    world.anyone().redraws(None).is_refused(CoreError::RedrawRefused);
}

#[test]
fn other_slas_providers_escrows_registries_and_programs_are_refused() {
    let mut world = drawn();
    world.other_provider().registers().succeeds();
    let (sla, provider) = (world.sla_address(), world.provider_address());
    let (escrow, registry) = (world.escrow(), address::registry());
    let cases = [
        (sla, provider, ErrorCode::AccountDiscriminatorMismatch),
        (sla, purse(CONSUMER), ErrorCode::AccountOwnedByWrongProgram),
        (provider, address::provider(&key(OTHER_PROVIDER)), ErrorCode::ConstraintHasOne),
        (escrow, purse(CONSUMER), ErrorCode::ConstraintSeeds),
        (escrow, address::treasury(), ErrorCode::ConstraintSeeds),
        (registry, world.unit_address(), ErrorCode::AccountDiscriminatorMismatch),
        (registry, purse(CONSUMER), ErrorCode::AccountOwnedByWrongProgram),
        (address::TOKEN_PROGRAM, address::SYSTEM_PROGRAM, ErrorCode::InvalidProgramId),
    ];
    for (own, other, error) in cases {
        world.anyone().redraws(None).with(other, own).is_refused(error);
    }
}
