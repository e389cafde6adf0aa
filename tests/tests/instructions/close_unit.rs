use flashback::events::UnitClosing;
use flashback_core::sla::{Request, SlaState};
use flashback_core::unit::Maintenance;
use flashback_core::units::{DAY, Seconds};
use flashback_sdk::instruction::ProposeSlaArgs;
use flashback_tests::actors::same_unit;
use flashback_tests::prelude::*;

#[test]
fn a_provider_closes_its_unit() {
    let mut world = World::with_market();
    let (before, rent) = (world.unit(), world.chain.account(&world.unit_address()).unwrap());
    let receipt = world.provider().closes_unit().succeeds();

    let after = world.unit();
    assert!(!before.closing && after.closing);
    assert_eq!((after.capacity_gib, after.taken_gib, after.offer), (10_240, 0, before.offer));
    assert_eq!((after.score, after.endpoint_uri), (before.score, before.endpoint_uri));
    // It stays listed, and its rent with it, until it is removed.
    assert_eq!(world.provider_account().listed_units, 1);
    assert_eq!(world.chain.account(&world.unit_address()).unwrap().lamports, rent.lamports);
    let event = receipt.event::<UnitClosing>();
    assert_eq!((event.unit, event.live_slas), (world.unit_address(), 0));
}

#[test]
fn a_closing_unit_agrees_to_nothing_by_itself() {
    let mut world = World::with_market();
    world.provider().closes_unit().succeeds();
    world.consumer().reserves().is_refused(CoreError::UnitClosing);
}

#[test]
fn a_closing_unit_takes_no_proposals() {
    let mut world = World::with_market();
    let mut own = reservation();
    own.request.thresholds.latency_us *= 2;
    world.clone().consumer().reserves_with(own).succeeds();
    world.provider().closes_unit().succeeds();
    world.consumer().reserves_with(own).is_refused(CoreError::UnitClosing);
}

#[test]
fn a_closing_unit_accepts_nothing_that_was_proposed_before() {
    let mut world = World::with_proposed_sla();
    world.provider().closes_unit().succeeds();
    world.provider().accepts().is_refused(CoreError::UnitClosing);
    world.provider().rejects().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
}

#[test]
fn an_sla_that_was_agreed_before_runs_to_its_end() {
    let mut world = World::with_agreed_sla();
    let receipt = world.provider().closes_unit().succeeds();
    assert_eq!(receipt.event::<UnitClosing>().live_slas, 1);
    assert_eq!((world.unit().live_slas, world.unit().taken_gib), (1, 1_024));
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let met = Some(met(&world.terms()));
    for window in 0..4 {
        world.reports(window, [met; 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    let body = world.sla().body;
    assert_eq!(body.progress.state(), Ok(SlaState::Ended));
    assert_eq!(body.money.earned, body.terms.price);
    world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT).0, body.terms.price);
}

#[test]
fn maintenance_is_still_announced_for_those_slas() {
    let mut world = World::with_agreed_sla();
    world.provider().closes_unit().succeeds();
    let starts_at = world.chain.now().after(60 * 3_600).unwrap();
    let next = Maintenance { starts_at, secs: Seconds(3_600) };
    world.provider().announces(next).succeeds();
}

#[test]
fn other_units_stay_open() {
    let mut world = World::with_market();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let other = address::unit(&world.provider_address(), NUMBER + 1);
    let own = world.unit_address();
    world.provider().closes_unit().succeeds();
    // One counter for all units of a provider: this is its second offer.
    let request = Request { offer_version: 2, ..reservation().request };
    let there = ProposeSlaArgs { id: NUMBER + 1, request, ..reservation() };
    world.consumer().reserves().is_refused(CoreError::UnitClosing);
    world.consumer().reserves_with(there).with(other, own).succeeds();
}

#[test]
fn closing_is_for_good() {
    let mut world = World::with_market();
    world.provider().closes_unit().succeeds();
    world.provider().closes_unit().is_refused(CoreError::UnitUnchanged);
    world.provider().updates_unit(same_unit()).is_refused(CoreError::UnitClosing);
    assert!(world.unit().closing);
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * DAY).succeeds();
    world.provider().closes_unit().succeeds();
}

#[test]
fn only_the_providers_authority_may() {
    let mut world = World::with_market();
    let attempt = world.provider().closes_unit();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    for stranger in [STRANGER, PAYOUT, RENT_PAYER, CONSUMER, DEPLOYER] {
        let attempt = world.provider().closes_unit();
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn unit_and_provider_belong_together() {
    let mut world = World::with_market();
    let (unit, provider) = (world.unit_address(), world.provider_address());
    world.other_provider().registers().succeeds();
    let other = address::provider(&key(OTHER_PROVIDER));
    // Another provider's authority, with its own account.
    let attempt = world.provider().closes_unit();
    let attempt = attempt.signed_by(keypair(OTHER_PROVIDER), key(PROVIDER)).with(other, provider);
    attempt.is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.provider().closes_unit();
    attempt.with(other, provider).is_refused(CoreError::Unauthorized);
    let attempt = world.provider().closes_unit();
    attempt.with(provider, unit).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.provider().closes_unit();
    attempt.with(unit, provider).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.provider().closes_unit();
    attempt.with(purse(PROVIDER), unit).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let missing = address::unit(&provider, NUMBER + 1);
    let attempt = world.provider().closes_unit();
    attempt.with(missing, unit).is_refused(ErrorCode::AccountNotInitialized);
    let attempt = world.provider().closes_unit();
    attempt.read_only(unit).is_refused(ErrorCode::ConstraintMut);
}
