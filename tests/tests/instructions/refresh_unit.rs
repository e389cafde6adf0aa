use flashback::events::UnitRefreshed;
use flashback_core::units::DAY;
use flashback_sdk::account::DataUnit;
use flashback_tests::prelude::*;

/// A thousandth of a point decays in 259.2 seconds: ten points in 30 days.
const POINT_SECS: u64 = 3 * DAY as u64;

/// An SLA of four days has ended and was given back: all of them met, or none.
fn with_score(good: bool) -> World {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    let report = Some(if good { met(&terms) } else { down(&terms) });
    for window in 0..4 {
        world.reports(window, [report; 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    if !good {
        world.anyone().collects_penalty().succeeds();
    }
    world.anyone().releases().succeeds();
    world
}

#[test]
fn a_good_score_falls_towards_the_start() {
    let mut world = with_score(true);
    assert_eq!(
        (world.unit().score.milli, world.provider_account().score_milli()),
        (58_000, 58_000)
    );
    world.wait_secs(POINT_SECS);
    let receipt = world.anyone().refreshes_unit().succeeds();

    let unit = world.unit();
    assert_eq!((unit.score.milli, unit.score.updated_at), (57_000, world.chain.now().0));
    let provider = world.provider_account();
    assert_eq!((provider.score_sum_milli, provider.score_milli()), (57_000, 57_000));
    let event = receipt.event::<UnitRefreshed>();
    assert_eq!((event.unit, event.points_milli), (world.unit_address(), 0));
    assert_eq!((event.score_milli_before, event.score_milli_after), (58_000, 57_000));
    assert_eq!(event.provider_score_milli, 57_000);
}

#[test]
fn a_bad_score_rises_towards_the_start() {
    let mut world = with_score(false);
    assert_eq!(world.unit().score.milli, 38_000);
    world.wait_secs(POINT_SECS);
    let receipt = world.anyone().refreshes_unit().succeeds();
    let event = receipt.event::<UnitRefreshed>();
    assert_eq!((event.score_milli_before, event.score_milli_after), (38_000, 39_000));
    assert_eq!(world.provider_account().score_milli(), 39_000);
}

#[test]
fn it_ends_at_the_start() {
    for (good, nearly) in [(true, 50_001), (false, 49_999)] {
        let mut world = with_score(good);
        // Eight points above take 24 days, twelve below 36.
        let whole = POINT_SECS * if good { 8 } else { 12 };
        let mut before = world.clone();
        before.wait_secs(whole - 1);
        before.anyone().refreshes_unit().succeeds();
        assert_eq!(before.unit().score.milli, nearly);
        world.wait_secs(whole);
        world.anyone().refreshes_unit().succeeds();
        assert_eq!(world.unit().score.milli, 50_000);
        world.wait_secs(whole);
        world.anyone().refreshes_unit().succeeds();
        assert_eq!(
            (world.unit().score.milli, world.provider_account().score_milli()),
            (50_000, 50_000)
        );
    }
}

#[test]
fn twice_in_the_same_second_changes_nothing_more() {
    let mut world = with_score(true);
    world.wait_secs(POINT_SECS);
    world.anyone().refreshes_unit().succeeds();
    let (unit, sum) = (world.unit().score, world.provider_account().score_sum_milli);
    let event = world.anyone().refreshes_unit().succeeds().event::<UnitRefreshed>();
    assert_eq!((event.score_milli_before, event.score_milli_after), (57_000, 57_000));
    assert_eq!((world.unit().score, world.provider_account().score_sum_milli), (unit, sum));
}

#[test]
fn asking_often_stops_no_decay() {
    let mut world = with_score(true);
    // Every hundred seconds, while a thousandth takes 259.
    for _ in 0..13 {
        world.wait_secs(100);
        world.anyone().refreshes_unit().succeeds();
    }
    // 1,300 seconds are five thousandths, and a bit.
    assert_eq!(world.unit().score.milli, 57_995);
    assert_eq!(world.provider_account().score_sum_milli, 57_995);
}

#[test]
fn the_providers_score_is_the_mean_of_all_its_units() {
    let mut world = with_score(true);
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    assert_eq!(world.provider_account().score_milli(), 54_000);
    world.wait_secs(POINT_SECS);
    let event = world.anyone().refreshes_unit().succeeds().event::<UnitRefreshed>();
    assert_eq!((event.score_milli_after, event.provider_score_milli), (57_000, 53_500));
    let other = address::unit(&world.provider_address(), NUMBER + 1);
    let own = world.unit_address();
    let event =
        world.anyone().refreshes_unit().with(other, own).succeeds().event::<UnitRefreshed>();
    assert_eq!((event.score_milli_after, event.provider_score_milli), (50_000, 53_500));
    assert_eq!(world.chain.read::<DataUnit>(&other).score.updated_at, world.chain.now().0);
}

#[test]
fn closing_units_and_pauses_do_not_stop_it() {
    let mut world = with_score(true);
    world.provider().closes_unit().succeeds();
    world.guardian().pauses(7 * DAY).succeeds();
    world.wait_secs(POINT_SECS);
    world.anyone().refreshes_unit().succeeds();
    assert_eq!(world.unit().score.milli, 57_000);
}

#[test]
fn it_touches_nothing_else() {
    let mut world = with_score(true);
    let (unit, provider) = (world.unit(), world.provider_account());
    world.wait_secs(POINT_SECS);
    world.anyone().refreshes_unit().succeeds();
    let after = world.unit();
    assert_eq!((after.offer, after.capacity_gib), (unit.offer, unit.capacity_gib));
    assert_eq!((after.listed_at, after.endpoint_uri), (unit.listed_at, unit.endpoint_uri));
    let stood = world.provider_account();
    assert_eq!((stood.stake, stood.unit_count), (provider.stake, provider.unit_count));
    assert_eq!((stood.listed_units, stood.open_slas), (1, 1));
}

#[test]
fn unit_and_provider_belong_together() {
    let mut world = World::with_market();
    let (unit, provider) = (world.unit_address(), world.provider_address());
    world.other_provider().registers().succeeds();
    let attempt = world.anyone().refreshes_unit();
    let other = address::provider(&key(OTHER_PROVIDER));
    attempt.with(other, provider).is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.anyone().refreshes_unit();
    attempt.with(provider, unit).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.anyone().refreshes_unit();
    attempt.with(unit, provider).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.anyone().refreshes_unit();
    attempt.with(purse(PROVIDER), provider).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let attempt = world.anyone().refreshes_unit();
    attempt.with(key("elsewhere"), unit).is_refused(ErrorCode::AccountNotInitialized);
    for account in [unit, provider] {
        let attempt = world.anyone().refreshes_unit();
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}
