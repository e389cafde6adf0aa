//! What has to stand on the day on which a proposal is accepted, whatever stood when it was made.

use flashback::AmendCertificateArgs;
use flashback_core::params::Params;
use flashback_core::text::region;
use flashback_sdk::instruction::{
    AcceptSla, CertifyArgs, CreateUnitArgs, ProposeSlaArgs, accept_sla,
};
use flashback_tests::Attempt;
use flashback_tests::actors::{certificate, same_unit};
use flashback_tests::prelude::*;

/// Accepts the proposal of that number.
fn accepts(world: &mut World, id: u64) -> Attempt<'_> {
    accepts_showing(world, id, None)
}

/// Accepts the proposal of that number, showing a certificate of its consumer.
fn accepts_showing(world: &mut World, id: u64, consumer: Option<Pubkey>) -> Attempt<'_> {
    let accepted = accept_sla(AcceptSla {
        signer: key(PROVIDER),
        provider_authority: key(PROVIDER),
        unit_id: NUMBER,
        sla: address::sla(&key(CONSUMER), id),
        consumer_certificate: consumer,
    });
    Attempt::new(&mut world.chain, accepted, vec![keypair(PROVIDER)])
}

fn amended(level: u8, expires_at: Timestamp) -> AmendCertificateArgs {
    AmendCertificateArgs { level, evidence_hash: [7; 32], expires_at: expires_at.0 }
}

#[test]
fn nothing_is_accepted_during_a_pause() {
    let mut world = World::with_proposed_sla();
    world.guardian().pauses(100).succeeds();
    let ends = world.chain.now().after(100).unwrap();
    world.wait(Timestamp(ends.0 - 1));
    world.provider().accepts().is_refused(CoreError::Paused);
    world.wait(ends);
    world.provider().accepts().succeeds();
}

#[test]
fn a_closing_unit_accepts_nothing() {
    let mut world = World::with_proposed_sla();
    world.provider().closes_unit().succeeds();
    world.provider().accepts().is_refused(CoreError::UnitClosing);
    world.anyone().removes_unit().succeeds();
    world.provider().accepts().is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn another_unit_of_the_same_number_is_not_what_was_proposed() {
    let mut world = World::with_proposed_sla();
    world.wait_secs(1);
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    let elsewhere = region("mars-1").unwrap();
    let again = CreateUnitArgs { auto_accept: false, region: elsewhere, ..listing() };
    world.provider().lists(again).succeeds();
    world.provider().accepts().is_refused(CoreError::AccountMismatch);
    // It can still be rejected.
    world.provider().rejects().succeeds();
}

#[test]
fn the_providers_certificate_is_valid_that_day() {
    let mut world = World::with_proposed_sla();
    let (kind, ends) = (SubjectKind::Provider, world.chain.now().after(100).unwrap());
    world.certifier().amends(kind, key(PROVIDER), amended(2, ends)).succeeds();
    world.wait(Timestamp(ends.0 - 1));
    world.clone().provider().accepts().succeeds();
    world.wait(ends);
    world.provider().accepts().is_refused(CoreError::CertificateExpired);
    world.certifier().amends(kind, key(PROVIDER), amended(1, EXPIRY)).succeeds();
    world.clone().provider().accepts().succeeds();
    world.certifier().revokes(kind, key(PROVIDER)).succeeds();
    world.provider().accepts().is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn the_certificate_is_the_providers_own() {
    let mut world = World::with_proposed_sla();
    let own = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    for (kind, subject) in
        [(SubjectKind::Provider, key(STRANGER)), (SubjectKind::Consumer, key(PROVIDER))]
    {
        world.certifier().certifies(kind, subject).succeeds();
        let other = address::certificate(kind, &subject);
        let attempt = world.provider().accepts().with(other, own);
        attempt.is_refused(CoreError::CertificateMissing);
    }
}

#[test]
fn the_provider_has_the_least_stake_that_day() {
    let mut world = World::with_proposed_sla();
    let least = Params::default().min_stake;
    world.provider().unstakes(Atoms(STAKE.0 - least)).succeeds();
    world.clone().provider().accepts().succeeds();
    world.provider().unstakes(Atoms(1)).succeeds();
    world.provider().accepts().is_refused(CoreError::StakeTooSmall);
    world.provider().stakes(Atoms(1)).succeeds();
    world.provider().accepts().succeeds();
}

/// A proposal at a unit that asks consumers for level 2, made without any certificate.
fn exclusive() -> World {
    let unit = CreateUnitArgs { auto_accept: false, consumer_level: 2, ..listing() };
    let mut world = World::initialized().and_market(STAKE, unit);
    world.consumer().reserves().succeeds();
    world
}

#[test]
fn the_consumers_certificate_is_shown_if_the_unit_asks_for_one() {
    let mut world = exclusive();
    let own = address::certificate(SubjectKind::Consumer, &key(CONSUMER));
    world.provider().accepts().is_refused(CoreError::CertificateMissing);
    accepts_showing(&mut world, NUMBER, Some(own)).is_refused(ErrorCode::AccountNotInitialized);
    for (kind, subject) in [
        (SubjectKind::Consumer, key(STRANGER)),
        (SubjectKind::Oracle, key(CONSUMER)),
        (SubjectKind::Provider, key(CONSUMER)),
    ] {
        world.certifier().certifies(kind, subject).succeeds();
        let other = address::certificate(kind, &subject);
        let attempt = accepts_showing(&mut world, NUMBER, Some(other));
        attempt.is_refused(CoreError::CertificateMissing);
    }
    world.certifier().certifies(SubjectKind::Consumer, key(CONSUMER)).succeeds();
    world.provider().accepts().is_refused(CoreError::CertificateMissing);
    accepts_showing(&mut world, NUMBER, Some(own)).succeeds();
}

#[test]
fn the_consumers_certificate_is_valid_that_day() {
    let mut world = exclusive();
    let own = address::certificate(SubjectKind::Consumer, &key(CONSUMER));
    let ends = world.chain.now().after(100).unwrap();
    let given = certificate(SubjectKind::Consumer, key(CONSUMER));
    world.certifier().gives(CertifyArgs { level: 1, expires_at: ends.0, ..given }).succeeds();
    let attempt = accepts_showing(&mut world, NUMBER, Some(own));
    attempt.is_refused(CoreError::CertificateLevelTooLow);
    world.certifier().amends(SubjectKind::Consumer, key(CONSUMER), amended(2, ends)).succeeds();
    world.wait(Timestamp(ends.0 - 1));
    accepts_showing(&mut world.clone(), NUMBER, Some(own)).succeeds();
    world.wait(ends);
    let attempt = accepts_showing(&mut world, NUMBER, Some(own));
    attempt.is_refused(CoreError::CertificateExpired);
}

#[test]
fn the_unit_asks_for_the_level_of_that_day() {
    let mut world = World::with_proposed_sla();
    let mut unit = same_unit();
    (unit.consumer_level, unit.auto_accept) = (3, false);
    world.provider().updates_unit(unit.clone()).succeeds();
    world.provider().accepts().is_refused(CoreError::CertificateMissing);
    unit.consumer_level = 0;
    world.provider().updates_unit(unit).succeeds();
    world.provider().accepts().succeeds();
}

#[test]
fn capacity_goes_to_what_is_accepted_first() {
    let mut world = World::with_proposed_sla();
    let mut rest = ProposeSlaArgs { id: 2, ..reservation() };
    rest.request.gib = 9 * 1_024 + 1;
    world.consumer().reserves_with(rest).succeeds();
    let first = world.clone();
    accepts(&mut world, NUMBER).succeeds();
    accepts(&mut world, 2).is_refused(CoreError::CapacityInsufficient);
    let mut larger = same_unit();
    (larger.capacity_gib, larger.auto_accept) = (10 * 1_024 + 1, false);
    world.provider().updates_unit(larger).succeeds();
    accepts(&mut world, 2).succeeds();
    assert_eq!((world.unit().taken_gib, world.unit().live_slas), (10 * 1_024 + 1, 2));

    let mut world = first;
    accepts(&mut world, 2).succeeds();
    accepts(&mut world, NUMBER).is_refused(CoreError::CapacityInsufficient);
}

#[test]
fn cover_is_free_that_day() {
    let mut dear = CreateUnitArgs { auto_accept: false, ..listing() };
    dear.offer.price_per_gib_month = 10_000_000;
    let mut world = World::initialized().and_market(Atoms(Params::default().min_stake), dear);
    let mut args = reservation();
    // A fifth of 2,500 FLASH is half the stake.
    (args.request.windows, args.request.gib) = (30, 250);
    for id in 1..=3 {
        world.consumer().reserves_with(ProposeSlaArgs { id, ..args }).succeeds();
    }
    accepts(&mut world, 1).succeeds();
    accepts(&mut world, 3).succeeds();
    let stake = world.provider_account().stake;
    assert_eq!((stake.covered, stake.free()), (stake.bonded, Atoms::ZERO));
    accepts(&mut world, 2).is_refused(CoreError::CoverInsufficient);
    world.provider().stakes(Atoms(499_999_999)).succeeds();
    accepts(&mut world, 2).is_refused(CoreError::CoverInsufficient);
    world.provider().stakes(Atoms(1)).succeeds();
    accepts(&mut world, 2).succeeds();
    assert_eq!(world.provider_account().stake.covered, 1_500_000_000);
}

#[test]
fn five_oracles_are_eligible_that_day() {
    let mut world = World::with_proposed_sla();
    for index in [0, 1] {
        world.oracle(index).leaves().succeeds();
    }
    world.clone().provider().accepts().succeeds();

    let mut left = world.clone();
    left.oracle(2).leaves().succeeds();
    left.provider().accepts().is_refused(CoreError::OraclesTooFew);
    // One that joins in the very slot does not count.
    left.add_oracle(7);
    left.provider().accepts().is_refused(CoreError::OraclesTooFew);
    left.chain.wait_slots(1);
    left.provider().accepts().succeeds();

    // One without the seat's cover does not count either.
    let cover = world.terms().seat_cover().unwrap().total().unwrap();
    world.oracle(2).unstakes(STAKE.minus(cover).unwrap()).succeeds();
    world.clone().provider().accepts().succeeds();
    world.oracle(2).unstakes(Atoms(1)).succeeds();
    world.provider().accepts().is_refused(CoreError::OraclesTooFew);

    // Nor one whose certificate has expired.
    let mut world = World::with_proposed_sla();
    let ends = world.chain.now().after(100).unwrap();
    let subjects: Vec<_> = (0..3).map(|index| key(&format!("oracle {index}"))).collect();
    for subject in subjects {
        world.certifier().amends(SubjectKind::Oracle, subject, amended(2, ends)).succeeds();
    }
    world.wait(Timestamp(ends.0 - 1));
    world.clone().provider().accepts().succeeds();
    world.wait(ends);
    world.provider().accepts().is_refused(CoreError::OraclesTooFew);
}

#[test]
fn parties_do_not_count_as_oracles() {
    let mut world = World::with_proposed_sla();
    for index in [0, 1, 2] {
        world.oracle(index).leaves().succeeds();
    }
    for party in [CONSUMER, PROVIDER] {
        world.add_oracle_named(party);
        world.chain.wait_slots(1);
        world.provider().accepts().is_refused(CoreError::OraclesTooFew);
    }
}
