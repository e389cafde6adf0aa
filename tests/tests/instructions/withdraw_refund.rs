use flashback::events::RefundWithdrawn;
use flashback_tests::prelude::*;

#[test]
fn the_consumer_is_refunded() {
    let mut world = World::with_ended_sla();
    let refundable = Atoms(world.sla().body.money.refundable);
    let before = world.purse(CONSUMER);
    let receipt = world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), before.plus(refundable).unwrap());
    assert_eq!(world.sla().body.money.refundable, 0);
    let event = receipt.event::<RefundWithdrawn>();
    assert_eq!((event.sla, event.consumer), (world.sla_address(), key(CONSUMER)));
    assert_eq!(event.amount, refundable.0);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_ended_sla();
    world.consumer().withdraws_refund().succeeds();
    world.consumer().withdraws_refund().is_refused(CoreError::NothingToWithdraw);
}

#[test]
fn nothing_is_refunded_before_something_is_settled() {
    let mut world = World::with_active_sla();
    world.consumer().withdraws_refund().is_refused(CoreError::NothingToWithdraw);
}

#[test]
fn only_the_consumer_may() {
    let mut world = World::with_ended_sla();
    for stranger in [STRANGER, PROVIDER, DEPLOYER] {
        let attempt = world.consumer().withdraws_refund();
        attempt.signed_by(keypair(stranger), key(CONSUMER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.consumer().withdraws_refund();
    attempt.unsigned_by(key(CONSUMER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn the_money_comes_from_this_slas_escrow() {
    let mut world = World::with_ended_sla();
    let own = world.escrow();
    let stake = address::stake_vault(&world.provider_address());
    for vault in [stake, address::treasury(), purse(STRANGER)] {
        let attempt = world.consumer().withdraws_refund();
        attempt.with(vault, own).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn the_destination_is_another_flash_account() {
    let mut world = World::with_ended_sla();
    let escrow = world.escrow();
    let attempt = world.consumer().withdraws_refund();
    attempt.with(escrow, purse(CONSUMER)).is_refused(ErrorCode::ConstraintDuplicateMutableAccount);
    world.chain.create_mint("other mint", 6, None);
    let of_another_mint = world.chain.mint(key("other mint"), &key(CONSUMER), Atoms(1));
    let attempt = world.consumer().withdraws_refund();
    attempt.with(of_another_mint, purse(CONSUMER)).is_refused(TokenError::MintMismatch);
    let attempt = world.consumer().withdraws_refund();
    attempt.with(key("nobody"), purse(CONSUMER)).is_refused(ErrorCode::AccountNotInitialized);
}
