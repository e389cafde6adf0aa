use flashback::events::StakeAdded;
use flashback_sdk::instruction::{StakeOwner, stake};
use flashback_tests::attempt::{Attempt, Reason};
use flashback_tests::prelude::*;

const AMOUNT: Atoms = Atoms(1_500_000_000);

#[test]
fn a_provider_stakes() {
    let mut world = World::initialized();
    world.provider().registers().succeeds();
    let receipt = world.provider().stakes(AMOUNT).succeeds();
    let provider = world.provider_account();
    assert_eq!((provider.stake.bonded, provider.stake.covered), (AMOUNT.0, 0));
    assert_eq!(world.chain.tokens(&address::stake_vault(&world.provider_address())), AMOUNT);
    assert_eq!(world.purse(PROVIDER), PURSE.minus(AMOUNT).unwrap());
    let event = receipt.event::<StakeAdded>();
    assert_eq!((event.owner, event.before), (world.provider_address(), 0));
    assert_eq!(event.after, AMOUNT.0);
}

#[test]
fn a_registered_oracles_entry_follows_its_stake() {
    let mut world = World::with_market();
    world.oracle(3).stakes(AMOUNT).succeeds();
    let authority = key("oracle 3");
    let free = STAKE.plus(AMOUNT).unwrap();
    assert_eq!(world.oracle_account(&authority).stake.free(), free);
    let registry = world.registry();
    let entry = registry.entries.iter().find(|entry| entry.oracle == authority).unwrap();
    assert_eq!(entry.free_stake, free.0);
    assert_eq!(registry.entries.iter().filter(|e| e.free_stake == STAKE.0).count(), ORACLES - 1);
}

#[test]
fn somebody_else_may_pay_a_stake_that_its_authority_signs_for() {
    let mut world = World::with_market();
    let instruction =
        stake(key(STRANGER), purse(STRANGER), StakeOwner::Provider(key(PROVIDER)), AMOUNT);
    let signers = vec![keypair(STRANGER), keypair(PROVIDER)];
    Attempt::new(&mut world.chain, instruction.clone(), signers).succeeds();
    assert_eq!(world.provider_account().stake.bonded, STAKE.0 + AMOUNT.0);
    assert_eq!(world.purse(STRANGER), PURSE.minus(AMOUNT).unwrap());

    // A stake that it did not ask for could keep it from closing its account.
    let alone = Attempt::new(&mut world.chain, instruction, vec![keypair(STRANGER)]);
    alone.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.provider().stakes(AMOUNT);
    attempt.signed_by(keypair(STRANGER), key(PROVIDER)).is_refused(CoreError::Unauthorized);
}

#[test]
fn nothing_is_no_stake() {
    let mut world = World::with_market();
    world.provider().stakes(Atoms::ZERO).is_refused(CoreError::ZeroAmount);
}

#[test]
fn more_than_the_purse_holds_is_refused() {
    let mut world = World::with_market();
    world.provider().stakes(PURSE).is_refused(TokenError::InsufficientFunds);
    world.provider().stakes(Atoms(u64::MAX)).is_refused(CoreError::ArithmeticOverflow);
}

#[test]
fn only_the_owners_authority_takes_stake_on() {
    let mut world = World::with_market();
    let attempt = world.provider().stakes(AMOUNT);
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.oracle(0).stakes(AMOUNT);
    attempt.unsigned_by(key("oracle 0")).is_refused(ErrorCode::AccountNotSigner);
    let until = world.chain.now().after(3_600).unwrap();
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    for stranger in [STRANGER, OPERATOR, PAYOUT] {
        let attempt = world.provider().stakes(AMOUNT);
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.oracle(0).stakes(AMOUNT);
    attempt.signed_by(keypair("oracle 1"), key("oracle 0")).is_refused(CoreError::Unauthorized);
}

#[test]
fn the_funder_signs_for_its_own_purse() {
    let mut world = World::with_market();
    let owner = StakeOwner::Provider(key(PROVIDER));
    for (purse_of, signs, reason) in [
        (STRANGER, false, ErrorCode::AccountNotSigner.into()),
        (CONSUMER, true, Reason::from(TokenError::OwnerMismatch)),
    ] {
        let paid = stake(key(STRANGER), purse(purse_of), owner, AMOUNT);
        let signers = vec![keypair(STRANGER), keypair(PROVIDER)];
        let attempt = Attempt::new(&mut world.chain, paid, signers);
        let attempt = if signs { attempt } else { attempt.unsigned_by(key(STRANGER)) };
        attempt.is_refused(reason);
    }
}

#[test]
fn another_mints_tokens_are_refused() {
    let mut world = World::with_market();
    world.chain.create_mint("other mint", 6, None);
    let worthless = world.chain.mint(key("other mint"), &key(PROVIDER), AMOUNT);
    let attempt = world.provider().stakes(AMOUNT);
    attempt.with(worthless, purse(PROVIDER)).is_refused(TokenError::MintMismatch);
}

#[test]
fn another_owners_vault_is_refused() {
    let mut world = World::with_market();
    let own = address::stake_vault(&world.provider_address());
    let others = address::stake_vault(&address::oracle(&key("oracle 0")));
    for vault in [others, purse(PAYOUT), address::treasury()] {
        let attempt = world.provider().stakes(AMOUNT);
        attempt.with(vault, own).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn the_vault_cannot_fund_itself() {
    let mut world = World::with_market();
    let vault = address::stake_vault(&world.provider_address());
    let attempt = world.provider().stakes(AMOUNT);
    attempt.with(vault, purse(PROVIDER)).is_refused(ErrorCode::ConstraintDuplicateMutableAccount);
}

#[test]
fn accounts_that_own_no_stake_are_refused() {
    let mut world = World::with_market();
    let own = world.provider_address();
    for account in [world.unit_address(), address::config(), address::registry()] {
        let attempt = world.provider().stakes(AMOUNT);
        attempt.with(account, own).is_refused(CoreError::AccountKindUnknown);
    }
    let attempt = world.provider().stakes(AMOUNT);
    attempt.with(purse(PAYOUT), own).is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn a_registered_oracle_needs_the_registry() {
    let mut world = World::with_market();
    let attempt = world.oracle(0).stakes(AMOUNT);
    // The program's own address stands for an account left out.
    attempt
        .with(address::PROGRAM, address::registry())
        .is_refused(CoreError::RegistryAccountMissing);
    // One that has left has its entry for a while still.
    world.oracle(0).leaves().succeeds();
    let attempt = world.oracle(0).stakes(AMOUNT);
    attempt
        .with(address::PROGRAM, address::registry())
        .is_refused(CoreError::RegistryAccountMissing);
}

#[test]
fn an_oracle_outside_the_registry_needs_it_no_more() {
    let mut world = World::with_market();
    world.takes_leave(0);
    let receipt =
        world.oracle(0).stakes(AMOUNT).with(address::PROGRAM, address::registry()).succeeds();
    let event = receipt.event::<StakeAdded>();
    assert_eq!(event.owner, address::oracle(&key("oracle 0")));
    assert_eq!((event.before, event.after), (STAKE.0, STAKE.0 + AMOUNT.0));
    world.anyone().asserts_stake_solvent(event.owner).succeeds();
}

#[test]
fn another_registry_is_refused() {
    let mut world = World::with_market();
    let registry = address::registry();
    let copy = world.chain.account(&registry).unwrap();
    let attempt = world.oracle(0).stakes(AMOUNT);
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), registry);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.oracle(0).stakes(AMOUNT);
    attempt.with(address::config(), registry).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.oracle(0).stakes(AMOUNT);
    attempt.read_only(registry).is_refused(ErrorCode::ConstraintMut);
}

#[test]
fn new_stake_joins_what_is_there_and_leaves_what_is_on_its_way_out() {
    let mut world = World::with_agreed_sla();
    let cover = world.terms().cover;
    world.provider().unstakes(Atoms(10)).succeeds();
    let before = world.provider_account().stake;
    let event = world.provider().stakes(AMOUNT).succeeds().event::<StakeAdded>();
    let after = world.provider_account().stake;
    assert_eq!((after.covered, after.unbonding), (cover, before.unbonding));
    assert_eq!((event.before, event.after), (STAKE.0 - 10, STAKE.0 - 10 + AMOUNT.0));
    assert_eq!(after.bonded, event.after);
    let owner = world.provider_address();
    world.anyone().asserts_stake_solvent(owner).succeeds();
}

#[test]
fn a_donation_is_no_stake() {
    let mut world = World::with_market();
    let owner = world.provider_address();
    world.anyone().donates(address::stake_vault(&owner), AMOUNT).succeeds();
    world.provider().stakes(Atoms(1)).succeeds();
    assert_eq!(world.provider_account().stake.bonded, STAKE.0 + 1);
    let vault = world.chain.tokens(&address::stake_vault(&owner));
    assert_eq!(vault.0, STAKE.0 + 1 + AMOUNT.0);
}

#[test]
fn what_is_to_change_is_writable_and_tokens_move_by_spl_token() {
    let mut world = World::with_market();
    let owner = world.provider_address();
    for account in [owner, address::stake_vault(&owner), purse(PROVIDER)] {
        let attempt = world.provider().stakes(AMOUNT);
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
    let attempt = world.provider().stakes(AMOUNT);
    attempt
        .with(address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM)
        .is_refused(ErrorCode::InvalidProgramId);
}
