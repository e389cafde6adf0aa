use flashback::events::PenaltyCollected;
use flashback_tests::prelude::*;

#[test]
fn anyone_collects_from_the_providers_stake() {
    let mut world = World::with_ended_sla();
    let (vault, escrow) = (address::stake_vault(&world.provider_address()), world.escrow());
    let (before, stake) = (world.sla().body.money, world.provider_account().stake);
    let (held, staked) = (world.chain.tokens(&escrow), world.chain.tokens(&vault));
    let penalty = before.penalty_owed;
    assert!(penalty > 0);
    let receipt = world.anyone().collects_penalty().succeeds();

    let after = world.sla().body.money;
    let consumer = penalty * 7 / 10;
    assert_eq!((after.penalty_owed, after.penalty_total), (0, penalty));
    assert_eq!(after.refundable, before.refundable + consumer);
    assert_eq!(after.to_burn, before.to_burn + penalty - consumer);
    assert_eq!(world.chain.tokens(&escrow).0, held.0 + penalty);
    assert_eq!(world.chain.tokens(&vault).0, staked.0 - penalty);
    let slashed = world.provider_account().stake;
    assert_eq!(slashed.bonded, stake.bonded - penalty);
    assert_eq!(slashed.covered, stake.covered - penalty);
    let event = receipt.event::<PenaltyCollected>();
    assert_eq!((event.consumer, event.to_burn), (consumer, penalty - consumer));
    assert_eq!((event.bonded_before, event.bonded_after), (stake.bonded, slashed.bonded));
    world.anyone().asserts_escrow_solvent().succeeds();
    let provider = world.provider_address();
    world.anyone().asserts_stake_solvent(provider).succeeds();
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_ended_sla();
    world.anyone().collects_penalty().succeeds();
    world.anyone().collects_penalty().is_refused(CoreError::NothingOwed);
}

#[test]
fn without_a_breach_nothing_is_owed() {
    let mut world = World::with_active_sla();
    world.anyone().collects_penalty().is_refused(CoreError::NothingOwed);
}

#[test]
fn another_provider_does_not_pay() {
    let mut world = World::with_ended_sla();
    world.other_provider().registers().succeeds();
    world.other_provider().stakes(STAKE).succeeds();
    let (provider, other) = (world.provider_address(), address::provider(&key(OTHER_PROVIDER)));
    let attempt = world.anyone().collects_penalty();
    attempt
        .with(other, provider)
        .with(address::stake_vault(&other), address::stake_vault(&provider))
        .is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn other_vaults_are_refused() {
    let mut world = World::with_ended_sla();
    let (escrow, vault) = (world.escrow(), address::stake_vault(&world.provider_address()));
    let oracles = address::stake_vault(&address::oracle(&key("oracle 0")));
    let attempt = world.anyone().collects_penalty();
    attempt.with(oracles, vault).is_refused(ErrorCode::ConstraintSeeds);
    for destination in [purse(CONSUMER), address::treasury()] {
        let attempt = world.anyone().collects_penalty();
        attempt.with(destination, escrow).is_refused(ErrorCode::ConstraintSeeds);
    }
}
