//! A bad score stays with who earned it: no new unit and no new account launders it.

use flashback::events::UnitRemoved;
use flashback_core::units::DAY;
use flashback_sdk::account::DataUnit;
use flashback_tests::prelude::*;

/// An SLA of four days without any service has ended and was given back: 3 points less for each.
fn with_bad_score() -> World {
    let mut world = World::with_active_sla();
    let down = Some(down(&world.terms()));
    for window in 0..4 {
        world.reports(window, [down; 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    world.anyone().collects_penalty().succeeds();
    world.anyone().releases().succeeds();
    assert_eq!(world.unit().score.milli, 38_000);
    world
}

#[test]
fn what_it_was_worth_stays_in_the_providers_mean() {
    let mut world = with_bad_score();
    world.provider().closes_unit().succeeds();
    // Three days of decay are a point towards 50.
    world.wait_secs(3 * u64::from(DAY));
    let receipt = world.anyone().removes_unit().succeeds();
    assert_eq!(receipt.event::<UnitRemoved>().score_milli, 39_000);
    let provider = world.provider_account();
    assert_eq!((provider.unit_count, provider.listed_units), (1, 0));
    assert_eq!(provider.score_milli(), 39_000);
}

#[test]
fn a_bad_score_is_not_laundered_by_a_new_unit() {
    let mut world = with_bad_score();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    // The same number, and another one.
    for id in [NUMBER, NUMBER + 1] {
        let mut unit = listing();
        unit.id = id;
        world.provider().lists(unit).succeeds();
        let unit = address::unit(&world.provider_address(), id);
        let unit = world.chain.read::<DataUnit>(&unit);
        assert_eq!(unit.score.milli, 38_000);
    }
    let provider = world.provider_account();
    assert_eq!((provider.unit_count, provider.listed_units), (3, 2));
    assert_eq!((provider.score_sum_milli, provider.score_milli()), (114_000, 38_000));
}

#[test]
fn a_good_score_makes_no_good_new_unit() {
    let mut world = World::with_active_sla();
    let met = Some(met(&world.terms()));
    for window in 0..4 {
        world.reports(window, [met; 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    world.anyone().releases().succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    assert_eq!(world.provider_account().score_milli(), 58_000);
    world.provider().lists_unit().succeeds();
    assert_eq!(world.unit().score.milli, 50_000);
    assert_eq!(world.provider_account().score_milli(), 54_000);
}

#[test]
fn while_the_bad_unit_stands_a_new_one_is_no_better() {
    let mut world = with_bad_score();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let unit = address::unit(&world.provider_address(), NUMBER + 1);
    assert_eq!(world.chain.read::<DataUnit>(&unit).score.milli, 38_000);
    assert_eq!(world.provider_account().score_milli(), 38_000);
}

#[test]
fn a_bad_score_is_not_laundered_by_registering_again() {
    let mut world = with_bad_score();
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
    world.consumer().withdraws_refund().succeeds();
    world.anyone().sweeps_fees().succeeds();
    world.anyone().closes().succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    let left = world.provider_account().stake.free();
    world.provider().unstakes(left).succeeds();
    world.wait_secs(30 * u64::from(DAY));
    world.provider().withdraws_stake().succeeds();
    world.provider().exits().succeeds();

    // The account is new, but the certificate ended with the old one: whoever certifies it again knows why.
    world.provider().registers().succeeds();
    world.provider().stakes(STAKE).succeeds();
    world.provider().lists_unit().is_refused(ErrorCode::AccountNotInitialized);
    world.certifier().certifies(SubjectKind::Provider, key(PROVIDER)).succeeds();
    world.provider().lists_unit().succeeds();
    assert_eq!(world.provider_account().score_milli(), 50_000);
}
