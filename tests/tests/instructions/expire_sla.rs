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
    world.other_provider().stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    world.other_provider().lists_unit().succeeds();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let (provider, unit) = (world.provider_address(), world.unit_address());
    for (other, own) in [
        (address::provider(&key(OTHER_PROVIDER)), provider),
        (address::unit(&provider, NUMBER + 1), unit),
        (address::unit(&address::provider(&key(OTHER_PROVIDER)), NUMBER), unit),
    ] {
        world.anyone().expires().with(other, own).is_refused(CoreError::AccountMismatch);
    }
    for (other, own) in [(unit, provider), (provider, unit), (provider, world.sla_address())] {
        let attempt = world.anyone().expires().with(other, own);
        attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
}

#[test]
fn an_agreed_sla_expires_with_provider_and_unit_only() {
    let mut world = lapsed();
    let (provider, unit) = (world.provider_address(), world.unit_address());
    for missing in [provider, unit] {
        let attempt = world.anyone().expires().with(address::PROGRAM, missing);
        attempt.is_refused(CoreError::AccountMismatch);
    }
    world.anyone().expires_proposal().is_refused(CoreError::AccountMismatch);
    for account in [provider, unit, world.sla_address()] {
        world.anyone().expires().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}

#[test]
fn a_pause_or_a_closing_unit_stops_no_expiry() {
    let mut world = lapsed();
    world.guardian().pauses(100).succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().is_refused(CoreError::UnitInUse);
    world.anyone().expires().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    world.anyone().removes_unit().succeeds();
}

/// A proposal at the second of its deadline.
fn unanswered() -> World {
    let mut world = World::with_proposed_sla();
    world.wait(Timestamp(world.sla().body.progress.deadline));
    world
}

#[test]
fn anyone_expires_a_proposal_that_was_not_accepted_with_a_full_refund() {
    let mut world = unanswered();
    let deposit = world.quote().deposit;
    let [provider, unit] = [world.provider_address(), world.unit_address()];
    let reserved = [provider, unit].map(|address| world.chain.account(&address));
    let receipt = world.anyone().expires_proposal().succeeds();
    let event = receipt.event::<SlaExpired>();
    assert_eq!((event.sla, event.refund), (world.sla_address(), deposit.0));
    let body = world.sla().body;
    assert_eq!((body.progress.state(), body.progress.released), (Ok(SlaState::Ended), 1));
    assert_eq!((body.money.refundable, body.money.unallocated), (deposit.0, 0));
    assert_eq!([provider, unit].map(|address| world.chain.account(&address)), reserved);

    world.anyone().asserts_escrow_solvent().succeeds();
    world.anyone().releases().is_refused(CoreError::AlreadyReleased);
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    world.anyone().closes().succeeds();
}

#[test]
fn a_proposal_expires_at_its_deadline_and_not_a_second_before() {
    let mut world = World::with_proposed_sla();
    let deadline = world.chain.now().after(86_400).unwrap();
    world.anyone().expires_proposal().is_refused(CoreError::NotExpired);
    world.wait(Timestamp(deadline.0 - 1));
    world.anyone().expires_proposal().is_refused(CoreError::NotExpired);
    world.wait(deadline);
    world.anyone().expires_proposal().succeeds();
    world.anyone().expires_proposal().is_refused(CoreError::StateInvalid);
}

#[test]
fn a_proposal_expires_though_its_provider_is_gone() {
    let mut world = World::with_proposed_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.provider().unstakes(STAKE).succeeds();
    world.wait_secs(30 * 86_400);
    world.provider().withdraws_stake().succeeds();
    world.provider().exits().succeeds();
    world.anyone().expires().is_refused(ErrorCode::AccountOwnedByWrongProgram);
    world.anyone().expires_proposal().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    world.anyone().closes().succeeds();
}

#[test]
fn provider_and_unit_of_an_expired_proposal_are_left_as_they_are() {
    let mut world = unanswered();
    let [provider, unit] = [world.provider_address(), world.unit_address()];
    let before = [provider, unit].map(|address| world.chain.account(&address));
    world.other_provider().registers().succeeds();
    let other = address::provider(&key(OTHER_PROVIDER));
    let attempt = world.anyone().expires().with(other, provider);
    attempt.is_refused(CoreError::AccountMismatch);
    world.anyone().expires().succeeds();
    assert_eq!([provider, unit].map(|address| world.chain.account(&address)), before);
}
