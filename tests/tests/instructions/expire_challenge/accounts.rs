use flashback_sdk::instruction::expire_challenge;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::super::contests::*;
use super::unanswered;

#[test]
fn accounts_must_belong_together() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    report(&mut world, 1, [Some(met); 3]);
    world.anyone().challenges(1, 1, 7).succeeds();
    let (sla, escrow, round) = (world.sla_address(), world.escrow(), world.round_address(0));
    let challenge = world.challenge_address(0, 1, 7);
    let (next_round, next) = (world.round_address(1), world.challenge_address(1, 1, 7));
    let other = another_sla(&mut world);
    let cases = [
        (address::escrow(&other), escrow, ErrorCode::ConstraintSeeds),
        (next_round, round, ErrorCode::ConstraintHasOne),
        (next, challenge, ErrorCode::ConstraintHasOne),
        (key(CONSUMER), key(RENT_PAYER), ErrorCode::ConstraintHasOne),
        (sla, round, ErrorCode::AccountDiscriminatorMismatch),
        (world.provider_address(), sla, ErrorCode::AccountDiscriminatorMismatch),
        (purse(CONSUMER), round, ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), challenge, ErrorCode::AccountNotInitialized),
        (address::PROGRAM, address::TOKEN_PROGRAM, ErrorCode::InvalidProgramId),
    ];
    for (account, named, error) in cases {
        let attempt = world.anyone().expires_challenge(0, 1, 7);
        attempt.with(account, named).is_refused(error);
    }
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    let with_its_escrow = attempt.with(other, sla).with(address::escrow(&other), escrow);
    with_its_escrow.is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn the_bond_goes_to_the_challenger_and_nobody_else() {
    let mut world = unanswered();
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt.with(purse(CONSUMER), purse(STRANGER)).is_refused(ErrorCode::ConstraintTokenOwner);
    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(STRANGER), PURSE);
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt.with(worthless, purse(STRANGER)).is_refused(TokenError::MintMismatch);
}

#[test]
fn the_seats_oracle_pays_and_no_other() {
    let mut world = unanswered();
    let (own, other) = (world.sla().seats[1], world.sla().seats[0]);
    let (own, other) = (address::oracle(&own), address::oracle(&other));
    for account in [other, world.provider_address(), key("nobody"), key(CONSUMER)] {
        let attempt = world.anyone().expires_challenge(0, 1, 7);
        attempt.with(account, own).is_refused(CoreError::CommitteeMismatch);
    }
    let vault = address::stake_vault(&own);
    let provider_vault = address::stake_vault(&world.provider_address());
    for account in [address::stake_vault(&other), provider_vault, purse(CONSUMER)] {
        let attempt = world.anyone().expires_challenge(0, 1, 7);
        attempt.with(account, vault).is_refused(ErrorCode::ConstraintSeeds);
    }
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt.with(key("nobody"), vault).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn the_registry_is_kept_in_step() {
    let mut world = unanswered();
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt
        .with(address::PROGRAM, address::registry())
        .is_refused(CoreError::RegistryAccountMissing);
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt
        .with(address::config(), address::registry())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn only_flash_is_burnt() {
    let mut world = unanswered();
    world.chain.create_mint("other mint", 6, None);
    let attempt = world.anyone().expires_challenge(0, 1, 7);
    attempt.with(key("other mint"), Chain::flash()).is_refused(ErrorCode::ConstraintAddress);
}

#[test]
fn a_challenge_ends_once() {
    let mut world = unanswered();
    let address = world.challenge_address(0, 1, 7);
    let (challenge, round) = (world.chain.read(&address), world.round(0));
    world.anyone().expires_challenge(0, 1, 7).succeeds();
    let again = expire_challenge(address, &challenge, &round, purse(STRANGER), Chain::flash());
    let attempt = Attempt::new(&mut world.chain, again, vec![]);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
}
