use flashback::events::SlaExpired;
use flashback_core::sla::SlaState;
use flashback_tests::prelude::*;

fn lapsed() -> World {
    let mut world = World::with_agreed_sla();
    world.wait_until_draw();
    world.chain.wait_slots(512);
    world
}

#[test]
fn anyone_expires_an_sla_whose_draw_lapsed_with_a_full_refund() {
    let mut world = lapsed();
    let deposit = world.quote().deposit;
    let receipt = world.anyone().expires().succeeds();
    let event = receipt.event::<SlaExpired>();
    assert_eq!((event.sla, event.refund), (world.sla_address(), deposit.0));
    let body = world.sla().body;
    assert_eq!((body.progress.state(), body.money.refundable), (Ok(SlaState::Ended), deposit.0));
    assert_eq!((world.unit().taken_gib, world.provider_account().stake.covered), (0, 0));
    assert_eq!((world.unit().live_slas, world.provider_account().live_slas), (0, 0));
    assert_eq!(world.unit().score.milli, 50_000);

    world.anyone().asserts_escrow_solvent().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    world.anyone().releases().is_refused(CoreError::AlreadyReleased);
    world.anyone().closes().succeeds();
}

#[test]
fn nothing_expires_while_the_draw_can_be_held() {
    let mut world = World::with_agreed_sla();
    world.anyone().expires().is_refused(CoreError::NotExpired);
    world.wait_until_draw();
    world.anyone().expires().is_refused(CoreError::NotExpired);
    world.chain.wait_slots(511);
    world.anyone().expires().is_refused(CoreError::NotExpired);
    world.chain.wait_slots(1);
    world.anyone().expires().succeeds();
}

#[test]
fn a_seated_or_ended_sla_does_not_expire() {
    let mut world = World::with_active_sla();
    world.chain.wait_slots(600);
    world.anyone().expires().is_refused(CoreError::StateInvalid);
    let mut world = lapsed();
    world.anyone().expires().succeeds();
    world.anyone().expires().is_refused(CoreError::StateInvalid);
}

#[test]
fn other_providers_and_units_are_refused() {
    let mut world = lapsed();
    world.other_provider().registers().succeeds();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let (provider, unit) = (world.provider_address(), world.unit_address());
    let attempt = world.anyone().expires();
    attempt
        .with(address::provider(&key(OTHER_PROVIDER)), provider)
        .is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.anyone().expires();
    attempt.with(address::unit(&provider, NUMBER + 1), unit).is_refused(CoreError::AccountMismatch);
}
