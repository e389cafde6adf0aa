use flashback::events::{SlaClosed, SlaRejected};
use flashback_core::sla::SlaState;
use flashback_core::units::DAY;
use flashback_tests::prelude::*;

#[test]
fn the_provider_rejects_a_proposal_with_a_full_refund() {
    let mut world = World::with_proposed_sla();
    let (deposit, before) = (world.quote().deposit, world.sla().body);
    let [provider, unit] = [world.provider_address(), world.unit_address()];
    let reserved = [provider, unit].map(|address| world.chain.account(&address));
    let receipt = world.provider().rejects().succeeds();

    let body = world.sla().body;
    assert_eq!(body.progress.state(), Ok(SlaState::Ended));
    assert_eq!((body.money.refundable, body.money.unallocated), (deposit.0, 0));
    assert_eq!((body.progress.end, body.progress.released), (0, 1));
    assert_eq!((body.terms, body.seats), (before.terms, before.seats));
    // Nothing was taken, so nothing is given back.
    assert_eq!([provider, unit].map(|address| world.chain.account(&address)), reserved);
    assert_eq!(world.chain.tokens(&world.escrow()), deposit);
    let event = receipt.event::<SlaRejected>();
    assert_eq!(
        (event.sla, event.by, event.refund),
        (world.sla_address(), key(PROVIDER), deposit.0)
    );
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn the_consumer_gets_everything_back_and_the_payer_its_rent() {
    let mut world = World::with_market();
    let mut args = reservation();
    args.request.thresholds.latency_us -= 1;
    let lamports = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
    world.consumer().reserves_with(args).succeeds();
    world.provider().rejects().succeeds();
    world.anyone().releases().is_refused(CoreError::AlreadyReleased);
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    assert_eq!(world.anyone().closes().succeeds().event::<SlaClosed>().surplus, 0);
    assert_eq!(world.chain.account(&key(RENT_PAYER)).unwrap().lamports, lamports);
    let provider = world.provider_account();
    assert_eq!((provider.live_slas, provider.open_slas), (0, 0));
}

#[test]
fn the_operator_rejects_until_its_powers_end() {
    let mut world = World::with_proposed_sla();
    let until = world.chain.now().after(600).unwrap();
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    world.wait(Timestamp(until.0 - 1));
    let mut before = world.clone();
    let attempt = before.provider().rejects().signed_by(keypair(OPERATOR), key(PROVIDER));
    assert_eq!(attempt.succeeds().event::<SlaRejected>().by, key(OPERATOR));
    world.wait(until);
    let attempt = world.provider().rejects().signed_by(keypair(OPERATOR), key(PROVIDER));
    attempt.is_refused(CoreError::Unauthorized);
}

#[test]
fn nobody_else_rejects() {
    let mut world = World::with_proposed_sla();
    world.other_provider().registers().succeeds();
    for name in [CONSUMER, STRANGER, OTHER_PROVIDER, PAYOUT, OPERATOR, DEPLOYER, GUARDIAN] {
        let attempt = world.provider().rejects();
        attempt.signed_by(keypair(name), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.provider().rejects();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn only_a_proposal_is_rejected_and_only_once() {
    let mut world = World::with_proposed_sla();
    world.provider().rejects().succeeds();
    world.provider().rejects().is_refused(CoreError::StateInvalid);
    let mut accepted = World::with_proposed_sla();
    accepted.provider().accepts().succeeds();
    accepted.provider().rejects().is_refused(CoreError::StateInvalid);
    World::with_active_sla().provider().rejects().is_refused(CoreError::StateInvalid);
    World::with_ended_sla().provider().rejects().is_refused(CoreError::StateInvalid);
}

#[test]
fn it_is_rejected_at_any_time_until_somebody_expires_it() {
    let mut world = World::with_proposed_sla();
    world.wait_secs(u64::from(DAY));
    world.clone().provider().rejects().succeeds();
    world.anyone().expires_proposal().succeeds();
    world.provider().rejects().is_refused(CoreError::StateInvalid);
}

#[test]
fn a_pause_or_a_closed_unit_stops_no_rejection() {
    let mut world = World::with_proposed_sla();
    world.guardian().pauses(100).succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.provider().rejects().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
}

#[test]
fn what_was_donated_is_nobodys_refund() {
    let mut world = World::with_proposed_sla();
    let escrow = world.escrow();
    world.anyone().donates(escrow, Atoms(123)).succeeds();
    world.provider().rejects().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    assert_eq!(world.anyone().closes().succeeds().event::<SlaClosed>().surplus, 123);
}

#[test]
fn accounts_must_belong_together() {
    let mut world = World::with_proposed_sla();
    world.other_provider().registers().succeeds();
    let (provider, sla) = (world.provider_address(), world.sla_address());
    let other = address::provider(&key(OTHER_PROVIDER));
    let attempt = world.provider().rejects().with(other, provider);
    attempt
        .signed_by(keypair(OTHER_PROVIDER), key(PROVIDER))
        .is_refused(ErrorCode::ConstraintHasOne);
    for (other, own) in [(world.unit_address(), provider), (provider, sla)] {
        let attempt = world.provider().rejects().with(other, own);
        attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
    world.provider().rejects().read_only(sla).is_refused(ErrorCode::ConstraintMut);
}
