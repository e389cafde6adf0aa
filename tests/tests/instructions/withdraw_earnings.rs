use flashback::events::EarningsWithdrawn;
use flashback_tests::prelude::*;

#[test]
fn earnings_go_to_the_payout_owner() {
    let mut world = World::with_ended_sla();
    let earned = Atoms(world.sla().body.money.earned);
    let held = world.chain.tokens(&world.escrow());
    let receipt = world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT), earned);
    assert_eq!(world.chain.tokens(&world.escrow()), held.minus(earned).unwrap());
    let money = world.sla().body.money;
    assert_eq!((money.earned, money.paid_total), (0, earned.0));
    let event = receipt.event::<EarningsWithdrawn>();
    assert_eq!((event.sla, event.provider), (world.sla_address(), world.provider_address()));
    assert_eq!(event.amount, earned.0);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn what_one_window_earned_can_be_withdrawn_while_the_next_runs() {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    world.provider().withdraws_earnings().is_refused(CoreError::NothingToWithdraw);
    world.reports(0, [Some(met(&terms)); 3]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT), terms.due(0).unwrap());
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_ended_sla();
    world.provider().withdraws_earnings().succeeds();
    world.provider().withdraws_earnings().is_refused(CoreError::NothingToWithdraw);
}

#[test]
fn only_the_provider_may() {
    let mut world = World::with_ended_sla();
    let attempt = world.provider().withdraws_earnings();
    attempt.signed_by(keypair(STRANGER), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    let attempt = world.provider().withdraws_earnings();
    attempt.signed_by(keypair(CONSUMER), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    let attempt = world.provider().withdraws_earnings();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn another_provider_earns_nothing_here() {
    let mut world = World::with_ended_sla();
    world.other_provider().registers().succeeds();
    let attempt = world.other_provider().withdraws_earnings();
    attempt.is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn the_money_goes_nowhere_else() {
    let mut world = World::with_ended_sla();
    for destination in [purse(PROVIDER), purse(STRANGER), address::treasury()] {
        let attempt = world.provider().withdraws_earnings();
        attempt.with(destination, purse(PAYOUT)).is_refused(ErrorCode::ConstraintTokenOwner);
    }
    world.chain.create_mint("other mint", 6, None);
    let of_another_mint = world.chain.mint(key("other mint"), &key(PAYOUT), Atoms(1));
    let attempt = world.provider().withdraws_earnings();
    attempt.with(of_another_mint, purse(PAYOUT)).is_refused(TokenError::MintMismatch);
    let escrow = world.escrow();
    let attempt = world.provider().withdraws_earnings();
    attempt.with(escrow, purse(PAYOUT)).is_refused(ErrorCode::ConstraintDuplicateMutableAccount);
}

#[test]
fn the_money_comes_from_nowhere_else() {
    let mut world = World::with_ended_sla();
    let own = world.escrow();
    let stake = address::stake_vault(&world.provider_address());
    for vault in [stake, address::treasury(), purse(CONSUMER)] {
        let attempt = world.provider().withdraws_earnings();
        attempt.with(vault, own).is_refused(ErrorCode::ConstraintSeeds);
    }
    let attempt = world.provider().withdraws_earnings();
    attempt.with(key("fake"), address::TOKEN_PROGRAM).is_refused(ErrorCode::InvalidProgramId);
}
