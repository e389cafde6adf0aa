use flashback_core::seeds;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use flashback_tests::world::rent_payer;

use super::super::contests::*;

#[test]
fn the_party_is_one_of_two() {
    let mut world = World::with_contestable_window();
    let (round, own) = (world.round_address(0), world.dispute_address(0, Party::Consumer));
    for party in [0, 3, 255] {
        let seeds: &[&[u8]] = &[seeds::DISPUTE, round.as_ref(), &[party]];
        let dispute = Pubkey::find_program_address(seeds, &address::PROGRAM).0;
        let mut instruction = world.consumer().disputes(0).instruction();
        // After the discriminator and the window.
        assert_eq!(instruction.data[8..], [0, 0, 1]);
        instruction.data[10] = party;
        let signers = vec![rent_payer(), keypair(CONSUMER)];
        let attempt = Attempt::new(&mut world.chain, instruction, signers);
        attempt.with(dispute, own).is_refused(CoreError::StateInvalid);
    }
}

#[test]
fn other_addresses_are_refused() {
    let mut world = World::with_contestable_window();
    let (sla, round, escrow) = (world.sla_address(), world.round_address(0), world.escrow());
    let own = world.dispute_address(0, Party::Consumer);
    let elsewhere = address::round(&sla, 1);
    let cases = [
        (elsewhere, round),
        (address::round(&address::sla(&key(CONSUMER), NUMBER + 1), 0), round),
        (world.dispute_address(0, Party::Provider), own),
        (address::dispute(&elsewhere, Party::Consumer), own),
        (purse(STRANGER), escrow),
        (address::treasury(), escrow),
    ];
    for (other, named) in cases {
        let attempt = world.consumer().disputes(0);
        attempt.with(other, named).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn accounts_must_belong_together() {
    let mut world = World::with_contestable_window();
    let (sla, provider) = (world.sla_address(), world.provider_address());
    world.other_provider().registers().succeeds();
    let attempt = world.consumer().disputes(0);
    attempt
        .with(address::provider(&key(OTHER_PROVIDER)), provider)
        .is_refused(ErrorCode::ConstraintHasOne);
    let other = another_sla(&mut world);
    world.consumer().disputes(0).with(other, sla).is_refused(ErrorCode::ConstraintSeeds);
    let cases = [
        (world.provider_address(), ErrorCode::AccountDiscriminatorMismatch),
        (purse(CONSUMER), ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, error) in cases {
        world.consumer().disputes(0).with(account, sla).is_refused(error);
    }
    let attempt = world.consumer().disputes(0);
    attempt.with(sla, provider).is_refused(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn only_the_token_and_the_system_program_are_called() {
    let mut world = World::with_contestable_window();
    for program in [address::TOKEN_PROGRAM, address::SYSTEM_PROGRAM] {
        let attempt = world.consumer().disputes(0);
        attempt.with(address::PROGRAM, program).is_refused(ErrorCode::InvalidProgramId);
    }
}
