//! What has to stand on the day on which a reservation is agreed at once.

use flashback_core::params::Params;
use flashback_sdk::instruction::{CertifyArgs, ProposeSlaArgs};
use flashback_tests::actors::certificate;
use flashback_tests::prelude::*;

#[test]
fn a_pause_stops_new_slas_and_ends_by_itself() {
    let mut world = World::with_market();
    world.guardian().pauses(100).succeeds();
    let until = world.chain.now().0 + 100;
    world.wait(Timestamp(until - 1));
    world.consumer().reserves().is_refused(CoreError::Paused);
    world.wait(Timestamp(until));
    world.consumer().reserves().succeeds();
}

#[test]
fn a_closing_unit_takes_no_new_slas() {
    let mut world = World::with_market();
    world.provider().closes_unit().succeeds();
    world.consumer().reserves().is_refused(CoreError::UnitClosing);
}

#[test]
fn the_providers_certificate_is_checked() {
    let mut world = World::with_market();
    world.certifier().certifies(SubjectKind::Provider, key(STRANGER)).succeeds();
    world.certifier().certifies(SubjectKind::Consumer, key(PROVIDER)).succeeds();
    let own = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    for other in [
        address::certificate(SubjectKind::Provider, &key(STRANGER)),
        address::certificate(SubjectKind::Consumer, &key(PROVIDER)),
    ] {
        let attempt = world.consumer().reserves();
        attempt.with(other, own).is_refused(CoreError::CertificateMissing);
    }
    world.chain.wait_until(EXPIRY);
    world.consumer().reserves().is_refused(CoreError::CertificateExpired);
}

#[test]
fn the_provider_keeps_the_least_stake() {
    let mut world = World::with_market();
    let least = Params::default().min_stake;
    world.provider().unstakes(Atoms(STAKE.0 - least)).succeeds();
    world.clone().consumer().reserves().succeeds();
    world.provider().unstakes(Atoms(1)).succeeds();
    world.consumer().reserves().is_refused(CoreError::StakeTooSmall);
}

#[test]
fn a_unit_may_ask_for_the_consumers_certificate() {
    let mut exclusive = listing();
    exclusive.consumer_level = 2;
    let mut world = World::initialized().and_market(STAKE, exclusive);
    world.consumer().reserves().is_refused(CoreError::CertificateMissing);

    let give = |world: &mut World, kind, subject, level, expires_at| {
        let args = CertifyArgs { level, expires_at, ..certificate(kind, subject) };
        world.certifier().gives(args).succeeds();
        address::certificate(kind, &subject)
    };
    let others = give(&mut world, SubjectKind::Consumer, key(STRANGER), 4, EXPIRY.0);
    let of_another_kind = give(&mut world, SubjectKind::Oracle, key(CONSUMER), 4, EXPIRY.0);
    let own = address::certificate(SubjectKind::Consumer, &key(CONSUMER));
    for other in [others, of_another_kind] {
        let attempt = world.consumer().reserves_certified();
        attempt.with(other, own).is_refused(CoreError::CertificateMissing);
    }

    let mut low = world.clone();
    give(&mut low, SubjectKind::Consumer, key(CONSUMER), 1, EXPIRY.0);
    low.consumer().reserves_certified().is_refused(CoreError::CertificateLevelTooLow);

    let soon = world.chain.now().0 + 10;
    give(&mut world, SubjectKind::Consumer, key(CONSUMER), 2, soon);
    world.clone().consumer().reserves_certified().succeeds();
    world.chain.wait_until(Timestamp(soon));
    world.consumer().reserves_certified().is_refused(CoreError::CertificateExpired);
}

#[test]
fn capacity_is_not_promised_twice() {
    let mut world = World::with_market();
    let mut args = reservation();
    args.request.gib = 10 * 1_024;
    world.consumer().reserves_with(args).succeeds();
    let mut more = ProposeSlaArgs { id: NUMBER + 1, ..reservation() };
    more.request.gib = 1;
    world.consumer().reserves_with(more).is_refused(CoreError::CapacityInsufficient);
}

#[test]
fn no_promise_without_cover() {
    let least = Atoms(Params::default().min_stake);
    let mut dear = listing();
    dear.offer.price_per_gib_month = 10_000_000;
    let mut world = World::initialized().and_market(least, dear);
    let mut args = reservation();
    args.request.windows = 30;
    // A fifth of 5,000 FLASH is all the stake.
    args.request.gib = 501;
    world.consumer().reserves_with(args).is_refused(CoreError::CoverInsufficient);
    args.request.gib = 500;
    world.consumer().reserves_with(args).succeeds();
    assert_eq!(world.provider_account().stake.free(), Atoms::ZERO);
    let another = ProposeSlaArgs { id: NUMBER + 1, ..reservation() };
    world.consumer().reserves_with(another).is_refused(CoreError::CoverInsufficient);
}

#[test]
fn two_oracles_more_than_seats_are_needed() {
    let mut world = World::initialized();
    world.add_provider(STAKE);
    world.provider().lists_unit().succeeds();
    for index in 0..6 {
        world.add_oracle(index);
    }
    world.chain.wait_slots(1);
    let mut args = reservation();
    args.request.seats = 5;
    world.consumer().reserves_with(args).is_refused(CoreError::OraclesTooFew);
    // A party does not judge, oracle or not.
    for party in [CONSUMER, PROVIDER] {
        world.add_oracle_named(party);
        world.chain.wait_slots(1);
        world.consumer().reserves_with(args).is_refused(CoreError::OraclesTooFew);
    }
    world.add_oracle(6);
    world.chain.wait_slots(1);
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    let drawn = world.drawn();
    assert!(!drawn.contains(&key(CONSUMER)) && !drawn.contains(&key(PROVIDER)));
    world.anyone().seats(&drawn).succeeds();
}

#[test]
fn naming_a_delegate_bars_no_oracle() {
    let mut world = World::with_market();
    let mut args = reservation();
    (args.request.seats, args.delegate) = (5, key("oracle 0"));
    world.consumer().reserves_with(args).succeeds();
    assert_eq!(world.sla().delegate, key("oracle 0"));
}

#[test]
fn oracles_that_join_in_the_same_slot_do_not_count() {
    let mut world = World::initialized();
    world.add_provider(STAKE);
    world.provider().lists_unit().succeeds();
    for index in 0..5 {
        world.add_oracle(index);
    }
    world.consumer().reserves().is_refused(CoreError::OraclesTooFew);
    world.chain.wait_slots(1);
    world.consumer().reserves().succeeds();
}
