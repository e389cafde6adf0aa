//! One counter for all offers of a provider: a version that was quoted never comes again.

use flashback_core::sla::Offer;
use flashback_sdk::account::DataUnit;
use flashback_sdk::instruction::{
    CreateUnitArgs, ProposeSlaArgs, UpdateUnitArgs, close_unit, create_unit, remove_unit,
    update_unit,
};
use flashback_tests::Attempt;
use flashback_tests::actors::same_unit;
use flashback_tests::prelude::*;

/// A unit of that number, as listed.
fn unit_of(id: u64) -> CreateUnitArgs {
    CreateUnitArgs { id, ..listing() }
}

/// The version of what a unit offers.
fn version(world: &World, id: u64) -> u32 {
    let unit = address::unit(&world.provider_address(), id);
    world.chain.read::<DataUnit>(&unit).offer.version
}

/// Changes nothing of a unit but its version.
fn updates(world: &mut World, id: u64) {
    let updated = update_unit(key(RENT_PAYER), key(PROVIDER), id, same_unit());
    let signers = vec![keypair(RENT_PAYER), keypair(PROVIDER)];
    Attempt::new(&mut world.chain, updated, signers).succeeds();
}

/// What was quoted of a version.
fn quoted(version: u32) -> ProposeSlaArgs {
    let mut args = reservation();
    args.request.offer_version = version;
    args
}

#[test]
fn every_listing_and_every_change_takes_the_next() {
    let mut world = World::with_market();
    assert_eq!((version(&world, 1), world.provider_account().offer_versions), (1, 1));
    world.provider().lists(unit_of(2)).succeeds();
    updates(&mut world, 1);
    updates(&mut world, 2);
    world.provider().lists(unit_of(3)).succeeds();
    updates(&mut world, 1);
    let versions = [1, 2, 3].map(|id| version(&world, id));
    assert_eq!((versions, world.provider_account().offer_versions), ([6, 4, 5], 6));
}

#[test]
fn what_is_refused_takes_none() {
    let mut world = World::with_market();
    world.provider().lists(listing()).is_refused(ACCOUNT_IN_USE);
    let none = UpdateUnitArgs { capacity_gib: 0, ..same_unit() };
    world.provider().updates_unit(none).is_refused(CoreError::CapacityZero);
    updates(&mut world, 1);
    assert_eq!(version(&world, 1), 2);
}

#[test]
fn each_provider_counts_its_own() {
    let mut world = World::with_market();
    updates(&mut world, 1);
    world.other_provider().registers().succeeds();
    world.other_provider().stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    world.other_provider().lists_unit().succeeds();
    let unit = address::unit(&address::provider(&key(OTHER_PROVIDER)), NUMBER);
    assert_eq!(world.chain.read::<DataUnit>(&unit).offer.version, 1);
    assert_eq!(version(&world, 1), 2);
}

#[test]
fn a_unit_listed_again_never_has_a_version_that_was_quoted() {
    let mut world = World::with_market();
    updates(&mut world, 1);
    world.provider().lists(unit_of(2)).succeeds();
    let before = world.provider_account().offer_versions;
    assert_eq!(before, 3);
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.provider().lists_unit().succeeds();
    // Of this unit, of the other one, and what it was at first.
    for stale in 1..=before {
        assert!(version(&world, 1) > stale);
        world.consumer().reserves_with(quoted(stale)).is_refused(CoreError::OfferVersionStale);
    }
    // However often it changes.
    for _ in 0..5 {
        updates(&mut world, 1);
        world.consumer().reserves_with(quoted(2)).is_refused(CoreError::OfferVersionStale);
    }
    world.consumer().reserves_with(quoted(9)).succeeds();
}

#[test]
fn a_provider_cannot_slip_another_offer_under_a_request_that_is_on_its_way() {
    let mut world = World::with_market();
    // The same promise at the same price, but so few probes that it can hardly be enforced.
    let offer = Offer { probe_interval_secs: 4_320, ..listing().offer };
    let swapped =
        create_unit(key(RENT_PAYER), key(PROVIDER), CreateUnitArgs { offer, ..listing() });
    let removed = remove_unit(world.provider_address(), NUMBER, key(RENT_PAYER));
    let closed = close_unit(key(PROVIDER), NUMBER);
    let signers = vec![keypair(RENT_PAYER), keypair(PROVIDER)];
    Attempt::new(&mut world.chain, closed, signers).and(removed).and(swapped).succeeds();
    assert_eq!(world.unit().offer.probe_interval_secs, 4_320);
    assert_eq!(world.unit().listed_at, world.chain.now().0);
    world.consumer().reserves().is_refused(CoreError::OfferVersionStale);
    assert_eq!(world.purse(CONSUMER), PURSE);
}
