use flashback::events::UnitListed;
use flashback_core::quality::Thresholds;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{CertifyArgs, CreateUnitArgs};
use flashback_tests::actors::certificate;
use flashback_tests::prelude::*;

fn world() -> World {
    let mut world = World::initialized();
    world.add_provider(STAKE);
    world
}

#[test]
fn a_provider_lists_a_unit() {
    let mut world = world();
    let receipt = world.provider().lists_unit().succeeds();

    let (unit, args) = (world.unit(), listing());
    assert_eq!((unit.provider, unit.id), (world.provider_address(), NUMBER));
    assert_eq!((unit.capacity_gib, unit.taken_gib, unit.live_slas), (args.capacity_gib, 0, 0));
    assert_eq!((unit.offer, unit.protocols, unit.region), (args.offer, 1, args.region));
    assert_eq!((unit.auto_accept, unit.closing, unit.consumer_level), (true, false, 0));
    assert_eq!((unit.endpoint_uri, unit.rent_payer), (args.endpoint_uri, key(RENT_PAYER)));
    assert_eq!((unit.score.milli, unit.listed_at), (50_000, world.chain.now().0));
    let provider = world.provider_account();
    assert_eq!((provider.unit_count, provider.score_sum_milli), (1, 50_000));
    assert_eq!((provider.listed_units, provider.live_slas, provider.open_slas), (1, 0, 0));
    let event = receipt.event::<UnitListed>();
    assert_eq!((event.unit, event.provider), (world.unit_address(), world.provider_address()));
    assert_eq!((event.id, event.capacity_gib), (NUMBER, args.capacity_gib));
    assert_eq!((event.price_per_gib_month, event.offer_version), (20_000, 1));
}

#[test]
fn the_first_version_of_an_offer_is_one_whatever_is_passed() {
    for version in [0, 2, u32::MAX] {
        let mut world = world();
        let mut args = listing();
        args.offer.version = version;
        let receipt = world.provider().lists(args).succeeds();
        assert_eq!(world.unit().offer, listing().offer);
        assert_eq!(receipt.event::<UnitListed>().offer_version, 1);
    }
}

#[test]
fn the_payer_pays_the_rent_of_its_bytes() {
    for uri in ["", "https://s3.provider.example", &"x".repeat(200)] {
        let mut world = world();
        let payer = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
        let args = CreateUnitArgs { endpoint_uri: uri.to_owned(), ..listing() };
        world.provider().lists(args).succeeds();
        let unit = world.chain.account(&world.unit_address()).unwrap();
        assert_eq!(unit.data.len(), 296 + uri.len());
        assert_eq!(unit.lamports, world.chain.rent(unit.data.len()));
        let paid = payer - world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
        assert_eq!((paid, world.unit().endpoint_uri), (unit.lamports, uri.to_owned()));
    }
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = world();
    world.guardian().pauses(7 * DAY).succeeds();
    world.provider().lists_unit().succeeds();
}

#[test]
fn an_address_that_holds_lamports_already_can_be_created() {
    let mut world = world();
    world.chain.send_lamports(world.unit_address(), 1_000_000);
    world.provider().lists_unit().succeeds();
}

#[test]
fn only_the_providers_authority_may() {
    let mut world = world();
    let attempt = world.provider().lists_unit();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.provider().lists_unit();
    attempt.unsigned_by(key(RENT_PAYER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.provider().lists_unit();
    attempt.signed_by(keypair(STRANGER), key(PROVIDER)).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn nobody_lists_a_unit_of_another_provider() {
    let mut world = world();
    let own = world.provider_address();
    world.other_provider().registers().succeeds();
    let attempt = world.provider().lists_unit();
    attempt
        .with(address::provider(&key(OTHER_PROVIDER)), own)
        .is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn a_valid_certificate_of_its_own_is_needed() {
    let mut world = World::initialized();
    world.provider().registers().succeeds();
    world.provider().stakes(STAKE).succeeds();
    world.provider().lists_unit().is_refused(ErrorCode::AccountNotInitialized);

    world.certifier().certifies(SubjectKind::Provider, key(STRANGER)).succeeds();
    world.certifier().certifies(SubjectKind::Consumer, key(PROVIDER)).succeeds();
    let own = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    for other in [
        address::certificate(SubjectKind::Provider, &key(STRANGER)),
        address::certificate(SubjectKind::Consumer, &key(PROVIDER)),
    ] {
        let attempt = world.provider().lists_unit();
        attempt.with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }

    let expires_at = world.chain.now().0 + 10;
    let short = CertifyArgs { expires_at, ..certificate(SubjectKind::Provider, key(PROVIDER)) };
    world.certifier().gives(short).succeeds();
    world.chain.wait_until(Timestamp(expires_at));
    world.provider().lists_unit().is_refused(CoreError::CertificateExpired);
}

#[test]
fn the_least_stake_is_needed() {
    let mut world = World::initialized();
    let least = world.config().params.min_stake;
    world.add_provider(Atoms(least - 1));
    world.provider().lists_unit().is_refused(CoreError::StakeTooSmall);
    world.provider().stakes(Atoms(1)).succeeds();
    world.provider().lists_unit().succeeds();
}

#[test]
fn figures_are_checked() {
    let mut world = world();
    let cases: [(fn(&mut CreateUnitArgs), CoreError); 14] = [
        (|args| args.capacity_gib = 0, CoreError::CapacityZero),
        (|args| args.protocols = 0, CoreError::ProtocolsInvalid),
        (|args| args.protocols = 8, CoreError::ProtocolsInvalid),
        (|args| args.consumer_level = 5, CoreError::CertificateLevelInvalid),
        (|args| args.region = [b' '; 16], CoreError::TextTooLong),
        (|args| args.endpoint_uri = "x".repeat(201), CoreError::TextTooLong),
        (|args| args.endpoint_uri = "https://a b".to_owned(), CoreError::TextTooLong),
        (|args| args.offer.price_per_gib_month = 0, CoreError::PriceBelowOneAtomPerWindow),
        (|args| args.offer.min_duration_secs = 0, CoreError::DurationLimitsInvalid),
        (|args| args.offer.max_duration_secs = 1, CoreError::DurationLimitsInvalid),
        (|args| args.offer.probe_interval_secs = 0, CoreError::ProbeRateInvalid),
        (|args| args.offer.probe_interval_secs = 7 * DAY + 1, CoreError::ProbeRateInvalid),
        (|args| args.offer.thresholds = Thresholds::NONE, CoreError::ThresholdInvalid),
        (|args| args.offer.thresholds.errors_ppm = 1_000_001, CoreError::ThresholdInvalid),
    ];
    for (change, error) in cases {
        let mut args = listing();
        change(&mut args);
        world.provider().lists(args).is_refused(error);
    }
}

#[test]
fn a_number_is_used_once() {
    let mut world = world();
    world.provider().lists_unit().succeeds();
    world.provider().lists_unit().is_refused(ACCOUNT_IN_USE);
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let provider = world.provider_account();
    assert_eq!((provider.unit_count, provider.score_sum_milli), (2, 100_000));
    assert_eq!(provider.listed_units, 2);
}

#[test]
fn another_address_is_refused() {
    let mut world = world();
    let unit = world.unit_address();
    let elsewhere = address::unit(&world.provider_address(), NUMBER + 1);
    let attempt = world.provider().lists_unit();
    attempt.with(elsewhere, unit).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn another_config_and_other_programs_are_refused() {
    let mut world = world();
    let (config, provider) = (address::config(), world.provider_address());
    let copy = world.chain.account(&config).unwrap();
    let attempt = world.provider().lists_unit();
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), config);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.provider().lists_unit();
    attempt.with(provider, config).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.provider().lists_unit();
    attempt
        .with(address::TOKEN_PROGRAM, address::SYSTEM_PROGRAM)
        .is_refused(ErrorCode::InvalidProgramId);
    let attempt = world.provider().lists_unit();
    attempt.read_only(provider).is_refused(ErrorCode::ConstraintMut);
}
