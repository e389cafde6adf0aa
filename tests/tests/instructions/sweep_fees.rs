use flashback::events::FeesSwept;
use flashback_tests::prelude::*;

#[test]
fn anyone_sweeps_fees_to_the_treasury_and_burns_the_rest_of_penalties() {
    let mut world = World::with_ended_sla();
    world.anyone().collects_penalty().succeeds();
    let money = world.sla().body.money;
    let supply = world.chain.supply();
    assert!(money.protocol_fees > 0 && money.to_burn > 0);
    let receipt = world.anyone().sweeps_fees().succeeds();
    assert_eq!(world.chain.tokens(&address::treasury()), Atoms(money.protocol_fees));
    assert_eq!(world.chain.supply(), supply.minus(Atoms(money.to_burn)).unwrap());
    assert_eq!(world.provider_account().fees_swept, money.protocol_fees);
    let after = world.sla().body.money;
    assert_eq!((after.protocol_fees, after.to_burn), (0, 0));
    let event = receipt.event::<FeesSwept>();
    assert_eq!(event.sla, world.sla_address());
    assert_eq!((event.fees, event.burnt), (money.protocol_fees, money.to_burn));
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn without_penalties_nothing_is_burnt() {
    let mut world = World::with_ended_sla();
    let supply = world.chain.supply();
    world.anyone().sweeps_fees().succeeds();
    assert_eq!(world.chain.supply(), supply);
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_ended_sla();
    world.anyone().sweeps_fees().succeeds();
    world.anyone().sweeps_fees().is_refused(CoreError::NothingToWithdraw);
}

#[test]
fn fees_go_to_the_treasury_only() {
    let mut world = World::with_ended_sla();
    for account in [purse(STRANGER), address::rewards()] {
        let attempt = world.anyone().sweeps_fees();
        attempt.with(account, address::treasury()).is_refused(ErrorCode::ConstraintSeeds);
    }
    let escrow = world.escrow();
    let attempt = world.anyone().sweeps_fees();
    attempt.with(purse(CONSUMER), escrow).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn fees_count_for_the_slas_own_provider() {
    let mut world = World::with_ended_sla();
    world.other_provider().registers().succeeds();
    let provider = world.provider_address();
    let attempt = world.anyone().sweeps_fees();
    attempt
        .with(address::provider(&key(OTHER_PROVIDER)), provider)
        .is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn another_mint_is_refused() {
    let mut world = World::with_ended_sla();
    world.chain.create_mint("other mint", 6, None);
    let attempt = world.anyone().sweeps_fees();
    attempt.with(key("other mint"), Chain::flash()).is_refused(ErrorCode::ConstraintAddress);
}
