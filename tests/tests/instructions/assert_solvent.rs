use flashback::events::SolvencyAsserted;
use flashback_sdk::instruction::{VaultOwner, assert_solvent};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use solana_account::Account;

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

/// The protocol's own vaults.
const OWN: [VaultOwner; 2] = [VaultOwner::Treasury, VaultOwner::Rewards];

fn asserts(world: &mut World, owner: VaultOwner) -> Attempt<'_> {
    Attempt::new(&mut world.chain, assert_solvent(owner), vec![])
}

/// The vault of that owner.
fn vault(owner: VaultOwner) -> Pubkey {
    match owner {
        VaultOwner::Treasury => address::treasury(),
        _ => address::rewards(),
    }
}

#[test]
fn treasury_and_reward_vault_owe_nothing_yet() {
    let mut world = World::initialized();
    for owner in OWN {
        let event = asserts(&mut world, owner).succeeds().event::<SolvencyAsserted>();
        assert_eq!((event.owner, event.held, event.owed), (address::config(), 0, 0));
        world.anyone().donates(vault(owner), Atoms(3)).succeeds();
        let event = asserts(&mut world, owner).succeeds().event::<SolvencyAsserted>();
        assert_eq!((event.owner, event.held, event.owed), (address::config(), 3, 0));
    }
}

#[test]
fn the_treasury_holds_what_was_swept_into_it() {
    let mut world = World::with_ended_sla();
    let fees = world.sla().body.money.protocol_fees;
    assert!(fees > 0);
    world.anyone().sweeps_fees().succeeds();
    let event = asserts(&mut world, OWN[0]).succeeds().event::<SolvencyAsserted>();
    assert_eq!((event.held, event.owed), (fees, 0));
    let event = asserts(&mut world, OWN[1]).succeeds().event::<SolvencyAsserted>();
    assert_eq!((event.held, event.owed), (0, 0));
}

#[test]
fn the_configs_vaults_are_these_two_only() {
    let mut world = World::with_active_sla();
    let stake = address::stake_vault(&world.provider_address());
    let others = [purse(STRANGER), world.escrow(), stake];
    for owner in OWN {
        for other in others {
            let attempt = asserts(&mut world, owner).with(other, vault(owner));
            attempt.is_refused(ErrorCode::ConstraintSeeds);
        }
    }
    // Nor are they anybody else's.
    for owner in [world.sla_address(), world.provider_address()] {
        let attempt = asserts(&mut world, OWN[1]).with(owner, address::config());
        attempt.is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn a_vault_is_a_token_account_that_exists() {
    let mut world = World::with_active_sla();
    let escrow = world.escrow();
    let attempt = world.anyone().asserts_escrow_solvent();
    attempt.with(address::config(), escrow).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let attempt = world.anyone().asserts_escrow_solvent();
    attempt.with(key("nobody"), escrow).is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn accounts_that_own_no_vault_are_refused() {
    let mut world = World::with_active_sla();
    let sla = world.sla_address();
    let certificate = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    let certifier = address::certifier(&key(CERTIFIER));
    for account in [address::registry(), world.unit_address(), certificate, certifier] {
        let attempt = world.anyone().asserts_escrow_solvent();
        attempt.with(account, sla).is_refused(CoreError::AccountKindUnknown);
    }
    for account in [purse(STRANGER), key("nobody")] {
        let attempt = world.anyone().asserts_escrow_solvent();
        attempt.with(account, sla).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
}

#[test]
fn an_owner_of_another_program_proves_nothing() {
    let mut world = World::with_active_sla();
    let (sla, provider) = (world.sla_address(), world.provider_address());
    for (genuine, owner) in [
        (sla, VaultOwner::Sla(sla)),
        (provider, VaultOwner::Stake(provider)),
        (address::config(), VaultOwner::Treasury),
    ] {
        let account = world.chain.account(&genuine).unwrap();
        let foreign = Account { owner: key("a stranger's program"), ..account };
        let attempt = asserts(&mut world, owner).with(key("copy"), genuine);
        let attempt = attempt.putting(key("copy"), foreign);
        attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
}
