use std::mem::offset_of;

use flashback::events::UnitUpdated;
use flashback_core::quality::Thresholds;
use flashback_core::sla::Offer;
use flashback_core::units::DAY;
use flashback_sdk::account::Provider;
use flashback_sdk::instruction::{CreateUnitArgs, UpdateUnitArgs, create_unit, update_unit};
use flashback_tests::Attempt;
use flashback_tests::actors::same_unit;
use flashback_tests::prelude::*;

/// Everything that an update may change, changed.
fn changed() -> UpdateUnitArgs {
    UpdateUnitArgs {
        capacity_gib: 20 * 1_024,
        offer: Offer { price_per_gib_month: 30_000, probe_interval_secs: 120, ..same_unit().offer },
        protocols: 7,
        consumer_level: 3,
        auto_accept: false,
        endpoint_uri: "https://gcs.provider.example".to_owned(),
    }
}

fn lamports(world: &World, address: &Pubkey) -> u64 {
    world.chain.account(address).expect("an account").lamports
}

#[test]
fn a_provider_changes_its_unit() {
    let mut world = World::with_agreed_sla();
    let before = world.unit();
    let receipt = world.provider().updates_unit(changed()).succeeds();

    let after = world.unit();
    assert_eq!(after.offer, Offer { version: 2, ..changed().offer });
    assert_eq!((after.capacity_gib, after.protocols), (20 * 1_024, 7));
    assert_eq!((after.consumer_level, after.auto_accept), (3, false));
    assert_eq!(after.endpoint_uri, changed().endpoint_uri);
    // What it has taken on stands.
    assert_eq!((after.taken_gib, after.live_slas), (1_024, 1));
    assert_eq!((after.region, after.id, after.provider), (before.region, NUMBER, before.provider));
    assert_eq!((after.score, after.listed_at), (before.score, before.listed_at));
    assert_eq!((after.rent_payer, after.closing), (key(RENT_PAYER), false));
    let event = receipt.event::<UnitUpdated>();
    assert_eq!(event.unit, world.unit_address());
    assert_eq!((event.capacity_gib_before, event.capacity_gib_after), (10 * 1_024, 20 * 1_024));
    assert_eq!((event.price_before, event.price_after), (20_000, 30_000));
    assert_eq!((event.offer_version_before, event.offer_version_after), (1, 2));
    assert!(!event.auto_accept);
}

#[test]
fn the_version_is_the_next_whatever_is_passed_and_whatever_changes() {
    let mut world = World::with_market();
    for (passed, next) in [(0, 2), (1, 3), (9, 4), (u32::MAX, 5)] {
        let mut args = same_unit();
        args.offer.version = passed;
        let event = world.provider().updates_unit(args).succeeds().event::<UnitUpdated>();
        assert_eq!((event.offer_version_after, world.unit().offer.version), (next, next));
    }
}

#[test]
fn a_stale_quote_is_refused() {
    let mut world = World::with_market();
    let mut dearer = same_unit();
    dearer.offer.price_per_gib_month = 40_000;
    world.provider().updates_unit(dearer).succeeds();
    world.consumer().reserves().is_refused(CoreError::OfferVersionStale);
    let mut fresh = reservation();
    fresh.request.offer_version = 2;
    world.consumer().reserves_with(fresh).succeeds();
    // 1,024 GiB at 40,000 atoms for 4 of 30 days.
    assert_eq!(world.terms().price, 1_024 * 40_000 * 4 / 30);
}

#[test]
fn an_sla_keeps_the_terms_that_it_was_agreed_on() {
    let mut world = World::with_agreed_sla();
    let agreed = world.sla().body;
    world.provider().updates_unit(changed()).succeeds();
    assert_eq!(world.sla().body, agreed);
    // Seating fixes the start, and nothing else of the terms.
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let mut terms = world.terms();
    world.provider().updates_unit(changed()).succeeds();
    assert_eq!(world.terms(), terms);
    let start = std::mem::replace(&mut terms.start, agreed.terms.start);
    assert!(start > agreed.terms.start);
    assert_eq!(terms, agreed.terms);
}

#[test]
fn a_running_sla_is_judged_and_paid_as_agreed() {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    let mut stricter = changed();
    stricter.offer.thresholds.latency_us /= 2;
    world.provider().updates_unit(stricter).succeeds();
    let met = Some(met(&terms));
    for window in 0..4 {
        world.reports(window, [met; 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    let money = world.sla().body.money;
    assert_eq!((money.earned, money.penalty_total), (1_024 * 20_000 * 4 / 30, 0));
}

#[test]
fn a_proposal_is_accepted_on_the_terms_that_it_was_made_on() {
    let mut world = World::with_proposed_sla();
    let terms = world.terms();
    let args = UpdateUnitArgs { consumer_level: 0, ..changed() };
    world.provider().updates_unit(args).succeeds();
    world.provider().accepts().succeeds();
    assert_eq!(world.terms(), terms);
}

#[test]
fn later_reservations_meet_the_new_rules() {
    let mut fresh = reservation();
    fresh.request.offer_version = 2;
    let mut world = World::with_market();
    let asks = UpdateUnitArgs { consumer_level: 1, ..same_unit() };
    world.provider().updates_unit(asks).succeeds();
    world.consumer().reserves_with(fresh).is_refused(CoreError::CertificateMissing);
    let mut world = World::with_market();
    let by_hand = UpdateUnitArgs { auto_accept: false, ..same_unit() };
    world.provider().updates_unit(by_hand).succeeds();
    world.consumer().reserves_with(fresh).succeeds();
    assert_eq!((world.unit().taken_gib, world.provider_account().live_slas), (0, 0));
    world.provider().accepts().succeeds();
    assert_eq!((world.unit().taken_gib, world.provider_account().live_slas), (1_024, 1));
}

#[test]
fn capacity_never_falls_below_what_is_reserved() {
    let mut world = World::with_agreed_sla();
    let to = |capacity_gib| UpdateUnitArgs { capacity_gib, ..same_unit() };
    world.provider().updates_unit(to(1_023)).is_refused(CoreError::CapacityTaken);
    world.provider().updates_unit(to(0)).is_refused(CoreError::CapacityZero);
    world.provider().updates_unit(to(1_024)).succeeds();
    assert_eq!((world.unit().capacity_gib, world.unit().taken_gib), (1_024, 1_024));
    let mut more = reservation();
    (more.id, more.request.offer_version, more.request.gib) = (NUMBER + 1, 2, 1);
    world.consumer().reserves_with(more).is_refused(CoreError::CapacityInsufficient);
    world.provider().updates_unit(to(1_025)).succeeds();
    more.request.offer_version = 3;
    world.consumer().reserves_with(more).succeeds();
    assert_eq!(world.unit().taken_gib, 1_025);
}

#[test]
fn figures_are_checked() {
    let mut world = World::with_market();
    let cases: [(fn(&mut UpdateUnitArgs), CoreError); 13] = [
        (|args| args.capacity_gib = 0, CoreError::CapacityZero),
        (|args| args.protocols = 0, CoreError::ProtocolsInvalid),
        (|args| args.protocols = 8, CoreError::ProtocolsInvalid),
        (|args| args.consumer_level = 5, CoreError::CertificateLevelInvalid),
        (|args| args.endpoint_uri = "x".repeat(201), CoreError::TextTooLong),
        (|args| args.endpoint_uri = "https://a b".to_owned(), CoreError::TextTooLong),
        (|args| args.offer.price_per_gib_month = 0, CoreError::PriceBelowOneAtomPerWindow),
        (|args| args.offer.min_duration_secs = 0, CoreError::DurationLimitsInvalid),
        (|args| args.offer.max_duration_secs = DAY - 1, CoreError::DurationLimitsInvalid),
        (|args| args.offer.probe_interval_secs = 0, CoreError::ProbeRateInvalid),
        (|args| args.offer.probe_interval_secs = 7 * DAY + 1, CoreError::ProbeRateInvalid),
        (|args| args.offer.thresholds = Thresholds::NONE, CoreError::ThresholdInvalid),
        (|args| args.offer.thresholds.errors_ppm = 1_000_001, CoreError::ThresholdInvalid),
    ];
    for (change, error) in cases {
        let mut args = same_unit();
        change(&mut args);
        world.provider().updates_unit(args).is_refused(error);
    }
}

#[test]
fn the_last_version_is_not_followed_by_the_first() {
    let mut world = World::with_market();
    let address = world.provider_address();
    let mut account = world.chain.account(&address).unwrap();
    // The provider's counter, after the discriminator.
    let counter = &mut account.data[8 + offset_of!(Provider, offer_versions)..][..4];
    counter.copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    world.chain.put(address, account);
    world.provider().updates_unit(same_unit()).succeeds();
    assert_eq!(world.unit().offer.version, u32::MAX);
    world.provider().updates_unit(same_unit()).is_refused(CoreError::ArithmeticOverflow);
    let another = CreateUnitArgs { id: NUMBER + 1, ..listing() };
    world.provider().lists(another).is_refused(CoreError::ArithmeticOverflow);
}

#[test]
fn a_longer_endpoint_costs_its_payer_the_rent_of_its_bytes() {
    let mut world = World::with_market();
    let unit = world.unit_address();
    let (short, long) = (listing().endpoint_uri.len(), 200);
    let size = world.chain.account(&unit).unwrap().data.len();
    let (held, payer) = (lamports(&world, &unit), lamports(&world, &key(RENT_PAYER)));
    let args = UpdateUnitArgs { endpoint_uri: "x".repeat(long), ..same_unit() };
    world.provider().updates_unit(args.clone()).succeeds();

    let grown = size + long - short;
    let account = world.chain.account(&unit).unwrap();
    assert_eq!((account.data.len(), account.lamports), (grown, world.chain.rent(grown)));
    assert_eq!(lamports(&world, &key(RENT_PAYER)), payer - (account.lamports - held));
    assert_eq!(world.unit().endpoint_uri, args.endpoint_uri);
}

#[test]
fn a_shorter_endpoint_keeps_the_room_that_was_paid_for() {
    let mut world = World::with_market();
    let unit = world.unit_address();
    let before = world.chain.account(&unit).unwrap();
    let payer = lamports(&world, &key(RENT_PAYER));
    for uri in ["https://s3.example", "", "https://s3.provider.example"] {
        let args = UpdateUnitArgs { endpoint_uri: uri.to_owned(), ..same_unit() };
        world.provider().updates_unit(args).succeeds();
        assert_eq!(world.unit().endpoint_uri, uri);
        let account = world.chain.account(&unit).unwrap();
        assert_eq!((account.data.len(), account.lamports), (before.data.len(), before.lamports));
    }
    assert_eq!(lamports(&world, &key(RENT_PAYER)), payer);
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    assert_eq!(lamports(&world, &key(RENT_PAYER)), payer + before.lamports);
}

#[test]
fn room_that_another_paid_for_is_for_the_good_of_who_paid_the_units_rent() {
    let mut world = World::with_market();
    world.chain.fund(key(STRANGER));
    let (unit, payers) = (world.unit_address(), [key(STRANGER), key(RENT_PAYER)]);
    let held = lamports(&world, &unit);
    let before = payers.map(|payer| lamports(&world, &payer));
    let args = UpdateUnitArgs { endpoint_uri: "x".repeat(200), ..same_unit() };
    let attempt = world.provider().updates_unit(args);
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
    let all = lamports(&world, &unit);
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    let after = payers.map(|payer| lamports(&world, &payer));
    assert_eq!(after, [before[0] - (all - held), before[1] + all]);
}

#[test]
fn lamports_that_anybody_sent_pay_for_room() {
    let mut world = World::with_market();
    let unit = world.unit_address();
    world.chain.send_lamports(unit, 10_000_000);
    let before = [unit, key(RENT_PAYER)].map(|address| lamports(&world, &address));
    let args = UpdateUnitArgs { endpoint_uri: "x".repeat(200), ..same_unit() };
    world.provider().updates_unit(args).succeeds();
    assert_eq!([unit, key(RENT_PAYER)].map(|address| lamports(&world, &address)), before);
}

#[test]
fn a_closing_unit_changes_no_more() {
    let mut world = World::with_market();
    world.provider().closes_unit().succeeds();
    world.provider().updates_unit(same_unit()).is_refused(CoreError::UnitClosing);
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * DAY).succeeds();
    world.provider().updates_unit(changed()).succeeds();
}

#[test]
fn only_the_providers_authority_may_and_the_payer_signs() {
    let mut world = World::with_market();
    for signer in [PROVIDER, RENT_PAYER] {
        let attempt = world.provider().updates_unit(changed());
        attempt.unsigned_by(key(signer)).is_refused(ErrorCode::AccountNotSigner);
    }
    for stranger in [STRANGER, PAYOUT, CONSUMER, DEPLOYER] {
        let attempt = world.provider().updates_unit(changed());
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn unit_and_provider_belong_together() {
    let mut world = World::with_market();
    let (unit, provider) = (world.unit_address(), world.provider_address());
    world.other_provider().registers().succeeds();
    let other = address::provider(&key(OTHER_PROVIDER));
    let attempt = world.provider().updates_unit(changed());
    let attempt = attempt.signed_by(keypair(OTHER_PROVIDER), key(PROVIDER)).with(other, provider);
    attempt.is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.provider().updates_unit(changed());
    attempt.with(other, provider).is_refused(CoreError::Unauthorized);
    let attempt = world.provider().updates_unit(changed());
    attempt.with(unit, provider).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.provider().updates_unit(changed());
    attempt.with(provider, unit).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let missing = address::unit(&provider, NUMBER + 1);
    let attempt = world.provider().updates_unit(changed());
    attempt.with(missing, unit).is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn what_is_to_change_is_writable_and_programs_are_the_right_ones() {
    let mut world = World::with_market();
    let accounts = [world.unit_address(), world.provider_address(), key(RENT_PAYER)];
    for account in accounts {
        let attempt = world.provider().updates_unit(same_unit());
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
    let attempt = world.provider().updates_unit(changed());
    attempt
        .with(address::TOKEN_PROGRAM, address::SYSTEM_PROGRAM)
        .is_refused(ErrorCode::InvalidProgramId);
}

#[test]
fn of_two_units_only_the_named_one_changes() {
    let mut world = World::with_market();
    let mut another = listing();
    another.id = NUMBER + 1;
    let listed = create_unit(key(RENT_PAYER), key(PROVIDER), another);
    let signers = || vec![keypair(RENT_PAYER), keypair(PROVIDER)];
    Attempt::new(&mut world.chain, listed, signers()).succeeds();
    let updated = update_unit(key(RENT_PAYER), key(PROVIDER), NUMBER + 1, changed());
    Attempt::new(&mut world.chain, updated, signers()).succeeds();
    assert_eq!((world.unit().offer, world.unit().capacity_gib), (listing().offer, 10 * 1_024));
    world.consumer().reserves().succeeds();
}
