use flashback::events::SolvencyAsserted;
use flashback_tests::prelude::*;

/// Where a token account's amount stands in its data.
const AMOUNT: std::ops::Range<usize> = 64..72;

#[test]
fn the_chain_checks_escrow_and_stakes() {
    let mut world = World::with_ended_sla();
    let sla = world.sla();
    let event = world.anyone().asserts_escrow_solvent().succeeds().event::<SolvencyAsserted>();
    assert_eq!(event.owner, world.sla_address());
    assert_eq!((event.held, event.owed), (event.owed, sla.body.escrow_owed().unwrap().0));
    for owner in [world.provider_address(), address::oracle(&sla.seats[0])] {
        let receipt = world.anyone().asserts_stake_solvent(owner).succeeds();
        let event = receipt.event::<SolvencyAsserted>();
        assert_eq!((event.owner, event.held, event.owed), (owner, STAKE.0, STAKE.0));
    }
}

#[test]
fn a_donation_does_no_harm() {
    let mut world = World::with_active_sla();
    let (escrow, provider) = (world.escrow(), world.provider_address());
    world.anyone().donates(escrow, Atoms(5)).succeeds();
    let event = world.anyone().asserts_escrow_solvent().succeeds().event::<SolvencyAsserted>();
    assert_eq!(event.held, event.owed + 5);
    world.anyone().donates(address::stake_vault(&provider), Atoms(7)).succeeds();
    let receipt = world.anyone().asserts_stake_solvent(provider).succeeds();
    assert_eq!(receipt.event::<SolvencyAsserted>().held, STAKE.0 + 7);
}

#[test]
fn one_atom_too_few_is_insolvent() {
    let mut world = World::with_active_sla();
    let provider = world.provider_address();
    let oracle = address::oracle(&world.sla().seats[0]);
    let vaults = [world.escrow(), address::stake_vault(&provider), address::stake_vault(&oracle)];
    for vault in vaults {
        let mut account = world.chain.account(&vault).unwrap();
        let less = world.chain.tokens(&vault).0 - 1;
        account.data[AMOUNT].copy_from_slice(&less.to_le_bytes());
        world.chain.put(vault, account);
    }
    world.anyone().asserts_escrow_solvent().is_refused(CoreError::Insolvent);
    for owner in [provider, oracle] {
        world.anyone().asserts_stake_solvent(owner).is_refused(CoreError::Insolvent);
    }
}

#[test]
fn a_foreign_vault_proves_nothing() {
    let mut world = World::with_active_sla();
    let (escrow, provider) = (world.escrow(), world.provider_address());
    let oracle = address::oracle(&world.sla().seats[0]);
    let others = address::stake_vault(&address::oracle(&world.sla().seats[1]));
    for foreign in [purse(STRANGER), others, address::treasury()] {
        let attempt = world.anyone().asserts_escrow_solvent();
        attempt.with(foreign, escrow).is_refused(ErrorCode::ConstraintSeeds);
        for owner in [provider, oracle] {
            let attempt = world.anyone().asserts_stake_solvent(owner);
            attempt
                .with(foreign, address::stake_vault(&owner))
                .is_refused(ErrorCode::ConstraintSeeds);
        }
    }
}

#[test]
fn accounts_that_own_no_vault_are_refused() {
    let mut world = World::with_active_sla();
    let sla = world.sla_address();
    for account in [address::config(), address::registry(), world.unit_address()] {
        let attempt = world.anyone().asserts_escrow_solvent();
        attempt.with(account, sla).is_refused(CoreError::AccountKindUnknown);
    }
    for account in [purse(STRANGER), key("nobody")] {
        let attempt = world.anyone().asserts_escrow_solvent();
        attempt.with(account, sla).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
}
