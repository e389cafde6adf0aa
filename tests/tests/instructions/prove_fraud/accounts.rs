use flashback_tests::prelude::*;
use flashback_tests::{Attempt, Reason};

use super::super::contests::*;
use super::super::forgery::*;

#[test]
fn the_seats_oracle_pays_and_no_other() {
    let (mut world, records) = embellished();
    let proof = records.accusation(5);
    let (own, other) = (world.sla().seats[0], world.sla().seats[1]);
    let (own, other) = (address::oracle(&own), address::oracle(&other));
    let vault = address::stake_vault(&own);
    for account in [other, world.provider_address(), key("nobody")] {
        let attempt = world.anyone().proves_fraud(None, 0, proof.clone());
        attempt.with(account, own).is_refused(CoreError::CommitteeMismatch);
    }
    let provider_vault = address::stake_vault(&world.provider_address());
    for account in [address::stake_vault(&other), provider_vault, world.escrow()] {
        let attempt = world.anyone().proves_fraud(None, 0, proof.clone());
        attempt.with(account, vault).is_refused(ErrorCode::ConstraintSeeds);
    }
    let attempt = world.anyone().proves_fraud(None, 0, proof.clone());
    attempt.with(key("nobody"), vault).is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.anyone().proves_fraud(None, 0, proof);
    attempt.with(vault, purse(STRANGER)).is_refused(CoreError::AccountMismatch);
}

#[test]
fn seats_that_nobody_holds_are_refused() {
    let (mut world, records) = embellished();
    let mut contested = world.clone();
    contested.consumer().disputes(0).succeeds();
    for (world, window) in [(&mut world, None), (&mut contested, Some(0))] {
        for seat in [3, 4, 5, 8, 255] {
            let attempt = world.anyone().proves_fraud(window, 0, records.accusation(5));
            let mut instruction = attempt.instruction();
            instruction.data[8] = seat;
            let attempt = Attempt::new(&mut world.chain, instruction, vec![]);
            attempt.is_refused(CoreError::SeatInvalid);
        }
    }
}

#[test]
fn the_round_belongs_to_the_sla() {
    let (mut world, records) = embellished();
    world.consumer().disputes(0).succeeds();
    let (sla, round) = (world.sla_address(), world.round_address(0));
    let other = another_sla(&mut world);
    let attempt = world.anyone().proves_fraud(Some(0), 0, records.accusation(5));
    attempt.with(other, sla).is_refused(CoreError::AccountMismatch);
    report(&mut world, 1, [Some(met); 3]);
    world.provider().disputes(1).succeeds();
    let next = world.round_address(1);
    let cases = [
        (next, round, CoreError::ProofInvalid.into()),
        (address::PROGRAM, round, CoreError::ProofInvalid.into()),
        (sla, round, Reason::from(ErrorCode::AccountDiscriminatorMismatch)),
        (round, sla, ErrorCode::AccountDiscriminatorMismatch.into()),
        (purse(CONSUMER), round, ErrorCode::AccountOwnedByWrongProgram.into()),
        (key("nobody"), round, ErrorCode::AccountOwnedByWrongProgram.into()),
    ];
    for (account, named, error) in cases {
        let attempt = world.anyone().proves_fraud(Some(0), 0, records.accusation(5));
        attempt.with(account, named).is_refused(error);
    }
}

#[test]
fn the_registry_is_kept_in_step() {
    let (mut world, records) = embellished();
    let registry = address::registry();
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.with(address::PROGRAM, registry).is_refused(CoreError::RegistryAccountMissing);
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.with(address::config(), registry).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    // Who has left it has no entry to keep.
    let oracle = world.sla().seats[0];
    world.seat(0).leaves().succeeds();
    is_removed(&mut world, &oracle);
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.with(address::PROGRAM, registry).succeeds();
    assert_all_solvent(&mut world);
}

#[test]
fn the_prover_is_paid_in_flash_wherever_it_says() {
    let (mut world, records) = embellished();
    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(STRANGER), PURSE);
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.with(worthless, purse(STRANGER)).is_refused(ErrorCode::ConstraintAddress);
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.with(key("other mint"), Chain::flash()).is_refused(ErrorCode::ConstraintAddress);
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt
        .with(worthless, purse(STRANGER))
        .with(key("other mint"), Chain::flash())
        .is_refused(TokenError::MintMismatch);
    let held = world.purse(CONSUMER);
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.with(purse(CONSUMER), purse(STRANGER)).succeeds();
    assert_eq!(world.purse(CONSUMER).0, held.0 + SLASH / 2);
}

#[test]
fn only_the_token_program_is_called() {
    let (mut world, records) = embellished();
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.with(address::PROGRAM, address::TOKEN_PROGRAM).is_refused(ErrorCode::InvalidProgramId);
}
