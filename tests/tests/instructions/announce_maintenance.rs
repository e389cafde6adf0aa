use flashback::events::MaintenanceAnnounced;
use flashback_core::params::Params;
use flashback_core::unit::Maintenance as Announced;
use flashback_core::units::{DAY, Seconds};
use flashback_sdk::account::DataUnit;
use flashback_tests::prelude::*;

const HOUR: i64 = 3_600;

/// Maintenance that begins that many seconds from now.
fn ahead(world: &World, begins_in: i64, secs: u32) -> Announced {
    Announced { starts_at: Timestamp(world.chain.now().0 + begins_in), secs: Seconds(secs) }
}

/// The unit's maintenance: the last that has begun and the next, by beginning and length.
fn known(world: &World) -> [(i64, u32); 2] {
    world.unit().maintenance.map(|one| (one.starts_at, one.secs))
}

/// The market, with the unit listed that many seconds ago.
fn listed_ago(secs: u64) -> World {
    let mut world = World::with_market();
    let listed_at = world.unit().listed_at;
    world.wait(Timestamp(listed_at).after(secs).unwrap());
    world
}

#[test]
fn a_provider_announces_maintenance() {
    let mut world = World::with_market();
    let before = world.unit();
    let next = ahead(&world, 60 * HOUR, 3_600);
    let receipt = world.provider().announces(next).succeeds();

    assert_eq!(known(&world), [(0, 0), (next.starts_at.0, 3_600)]);
    let after = world.unit();
    assert_eq!((after.offer, after.capacity_gib), (before.offer, before.capacity_gib));
    assert_eq!((after.score, after.listed_at), (before.score, before.listed_at));
    let event = receipt.event::<MaintenanceAnnounced>();
    assert_eq!(event.unit, world.unit_address());
    assert_eq!((event.starts_at, event.secs), (next.starts_at.0, 3_600));
}

#[test]
fn it_is_announced_a_day_ahead_to_the_second() {
    let mut world = listed_ago(100 * u64::from(DAY));
    let late = ahead(&world, i64::from(DAY) - 1, 3_600);
    world.provider().announces(late).is_refused(CoreError::MaintenanceInvalid);
    let in_time = ahead(&world, i64::from(DAY), 3_600);
    world.provider().announces(in_time).succeeds();
}

#[test]
fn it_is_at_most_a_sixtieth_of_the_time_since_the_listing() {
    let mut world = World::with_market();
    let listed_at = world.unit().listed_at;
    let at = |begins: i64, secs| Announced {
        starts_at: Timestamp(listed_at + begins),
        secs: Seconds(secs),
    };
    // A sixtieth of two days is 2,880 seconds.
    let two_days = 2 * i64::from(DAY);
    for begins in [two_days, two_days + 59] {
        let longer = at(begins, 2_881);
        world.provider().announces(longer).is_refused(CoreError::MaintenanceInvalid);
    }
    world.clone().provider().announces(at(two_days, 2_880)).succeeds();
    world.provider().announces(at(two_days + 60, 2_881)).succeeds();
}

#[test]
fn empty_or_endless_maintenance_is_refused() {
    let mut world = World::with_market();
    for secs in [0, u32::MAX] {
        let next = ahead(&world, 60 * HOUR, secs);
        world.provider().announces(next).is_refused(CoreError::MaintenanceInvalid);
    }
    for starts_at in [i64::MIN, -1, 0] {
        let past = Announced { starts_at: Timestamp(starts_at), secs: Seconds(1) };
        world.provider().announces(past).is_refused(CoreError::MaintenanceInvalid);
    }
}

#[test]
fn maintenance_lies_within_reach_of_the_longest_sla() {
    // What never begins would keep every other from being announced.
    let mut world = World::with_market();
    let year = 366 * i64::from(DAY);
    let beyond = ahead(&world, year + 1, 1);
    let never = [i64::MAX, i64::MAX - 1]
        .map(|starts_at| Announced { starts_at: Timestamp(starts_at), secs: Seconds(1) });
    for far in [beyond, never[0], never[1]] {
        world.provider().announces(far).is_refused(CoreError::MaintenanceInvalid);
    }
    let last = ahead(&world, year, 1);
    world.provider().announces(last).succeeds();
}

#[test]
fn the_next_is_announced_once_the_last_has_begun() {
    let mut world = World::with_market();
    let first = ahead(&world, 60 * HOUR, 3_600);
    world.provider().announces(first).succeeds();
    let second = Announced { starts_at: Timestamp(first.starts_at.0 + 60 * HOUR), ..first };
    world.wait(Timestamp(first.starts_at.0 - 1));
    world.provider().announces(second).is_refused(CoreError::MaintenancePending);
    world.wait(first.starts_at);
    // A sixtieth of the time since the last one began.
    let longer = Announced { secs: Seconds(3_601), ..second };
    world.provider().announces(longer).is_refused(CoreError::MaintenanceInvalid);
    world.provider().announces(second).succeeds();
    let times = [(first.starts_at.0, 3_600), (second.starts_at.0, 3_600)];
    assert_eq!(known(&world), times);
}

#[test]
fn announced_maintenance_is_not_taken_back_or_moved() {
    let mut world = World::with_market();
    let first = ahead(&world, 60 * HOUR, 3_600);
    world.provider().announces(first).succeeds();
    for begins_in in [60 * HOUR, 61 * HOUR, 1_000 * HOUR] {
        let other = ahead(&world, begins_in, 60);
        world.provider().announces(other).is_refused(CoreError::MaintenancePending);
    }
}

#[test]
fn the_part_is_the_configs() {
    let mut world = World::with_market();
    let params = Params { maintenance_part: 20, ..Params::default() };
    world.deployer().sets_params(params).succeeds();
    let listed_at = Timestamp(world.unit().listed_at);
    let at = |secs| Announced { starts_at: listed_at.after(60 * 3_600).unwrap(), secs };
    world.provider().announces(at(Seconds(10_801))).is_refused(CoreError::MaintenanceInvalid);
    world.provider().announces(at(Seconds(10_800))).succeeds();
}

#[test]
fn another_units_maintenance_stands() {
    let mut world = World::with_market();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let (own, other) = (world.unit_address(), address::unit(&world.provider_address(), NUMBER + 1));
    let next = ahead(&world, 60 * HOUR, 3_600);
    world.provider().announces(next).with(other, own).succeeds();
    assert_eq!(known(&world), [(0, 0), (0, 0)]);
    let announced = world.chain.read::<DataUnit>(&other).maintenance;
    assert_eq!(announced[1].starts_at, next.starts_at.0);
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * DAY).succeeds();
    let next = ahead(&world, 60 * HOUR, 3_600);
    world.provider().announces(next).succeeds();
}

#[test]
fn only_the_provider_may() {
    let mut world = World::with_market();
    let next = ahead(&world, 60 * HOUR, 3_600);
    let attempt = world.provider().announces(next);
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    for stranger in [STRANGER, OPERATOR, PAYOUT, CONSUMER, DEPLOYER] {
        let attempt = world.provider().announces(next);
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn unit_and_provider_belong_together() {
    let mut world = World::with_market();
    let (unit, provider) = (world.unit_address(), world.provider_address());
    world.other_provider().registers().succeeds();
    let (other, next) = (address::provider(&key(OTHER_PROVIDER)), ahead(&world, 60 * HOUR, 3_600));
    let attempt = world.provider().announces(next);
    let attempt = attempt.signed_by(keypair(OTHER_PROVIDER), key(PROVIDER)).with(other, provider);
    attempt.is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.provider().announces(next);
    attempt.with(provider, unit).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.provider().announces(next);
    attempt.with(unit, provider).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.provider().announces(next);
    attempt.with(purse(PROVIDER), provider).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let missing = address::unit(&provider, NUMBER + 1);
    let attempt = world.provider().announces(next);
    attempt.with(missing, unit).is_refused(ErrorCode::AccountNotInitialized);
    let attempt = world.provider().announces(next);
    attempt.read_only(unit).is_refused(ErrorCode::ConstraintMut);
}

#[test]
fn another_config_is_refused() {
    let mut world = World::with_market();
    let (config, next) = (address::config(), ahead(&world, 60 * HOUR, 3_600));
    let (copy, provider) = (world.chain.account(&config).unwrap(), world.provider_address());
    let attempt = world.provider().announces(next);
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), config);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.provider().announces(next);
    attempt.with(provider, config).is_refused(ErrorCode::AccountDiscriminatorMismatch);
}
