use flashback::events::{OraclesFolded, SeatFreed, SlaReleased, UnitRefreshed};
use flashback_core::sla::SlaState;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{CreateUnitArgs, ReleaseSla, fold_scores};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use solana_sdk::instruction::AccountMeta;

/// Accounts before the oracles'.
const FIXED: usize = 3;

/// An SLA of which window 0 was met, seat 2 silent, and settled.
fn served() -> World {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    world.reports(0, [Some(met(&terms)), Some(met(&terms)), None]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    world
}

/// Folds the unit's points and those of these oracles.
fn folds<'w>(world: &'w mut World, oracles: &[Pubkey]) -> Attempt<'w> {
    let given = ReleaseSla::of(world.sla_address(), &world.sla());
    let given = ReleaseSla { oracles: oracles.to_vec(), ..given };
    Attempt::new(&mut world.chain, fold_scores(&given), vec![])
}

fn oracle_score(world: &World, seat: usize) -> u32 {
    world.oracle_account(&world.sla().seats[seat]).score().milli
}

#[test]
fn anyone_folds_scores_while_the_sla_runs() {
    let mut world = served();
    let before = world.sla().body;
    assert_eq!((before.progress.points_milli, before.seats.points), (2_000, [1, 1, -1, 0, 0]));
    let receipt = world.anyone().folds_scores().succeeds();

    let after = world.sla().body;
    assert_eq!(after.progress.state(), Ok(SlaState::Active));
    assert_eq!((after.progress.points_milli, after.seats.points), (0, [0; 5]));
    assert_eq!((after.money, after.terms), (before.money, before.terms));
    let (unit, provider) = (world.unit(), world.provider_account());
    assert_eq!((unit.score.milli, unit.score.updated_at), (52_000, world.chain.now().0));
    assert_eq!((provider.score_milli(), provider.score_sum_milli), (52_000, 52_000));
    // What is reserved stays.
    assert_eq!((unit.taken_gib, unit.live_slas), (1_024, 1));
    assert_eq!((provider.stake.covered, provider.live_slas), (546_133, 1));
    for (seat, milli) in [(0, 51_000), (1, 51_000), (2, 49_000)] {
        let oracle = world.oracle_account(&world.sla().seats[seat]);
        assert_eq!((oracle.score_milli, oracle.score_updated_at), (milli, world.chain.now().0));
        assert_eq!(oracle.seats, 1);
        assert!(oracle.stake.covered > 0);
    }

    let event = receipt.event::<UnitRefreshed>();
    assert_eq!((event.unit, event.points_milli), (world.unit_address(), 2_000));
    assert_eq!((event.score_milli_before, event.score_milli_after), (50_000, 52_000));
    assert_eq!(event.provider_score_milli, 52_000);
    let event = receipt.event::<OraclesFolded>();
    assert_eq!((event.sla, event.points), (world.sla_address(), [1, 1, -1, 0, 0]));
    assert_eq!(event.score_milli, [51_000, 51_000, 49_000, 0, 0]);
}

#[test]
fn points_are_folded_once() {
    let mut world = served();
    world.anyone().folds_scores().succeeds();
    world.anyone().folds_scores().is_refused(CoreError::NothingToFold);
    assert_eq!((world.unit().score.milli, oracle_score(&world, 0)), (52_000, 51_000));
    // Giving everything back later folds only what came since.
    let terms = world.terms();
    for window in 1..4 {
        world.reports(window, [Some(met(&terms)); 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    let receipt = world.anyone().releases().succeeds();
    assert_eq!(receipt.event::<SlaReleased>().points_milli, 6_000);
    let points: Vec<_> = receipt.events::<SeatFreed>().iter().map(|one| one.points).collect();
    assert_eq!(points, [3; 3]);
    world.anyone().folds_scores().is_refused(CoreError::NothingToFold);
}

#[test]
fn oracles_are_folded_as_they_are_given() {
    let mut world = served();
    let seats = world.sla().seats;
    // The unit alone; then one; then the others, one of them twice and one for nothing.
    let receipt = folds(&mut world, &[]).succeeds();
    assert!(receipt.events::<OraclesFolded>().is_empty());
    assert_eq!(world.unit().score.milli, 52_000);
    let receipt = folds(&mut world, &[seats[2]]).succeeds();
    assert!(receipt.events::<UnitRefreshed>().is_empty());
    let event = receipt.event::<OraclesFolded>();
    assert_eq!((event.points, event.score_milli), ([0, 0, -1, 0, 0], [0, 0, 49_000, 0, 0]));
    let receipt = folds(&mut world, &[seats[1], seats[2], seats[0], seats[1]]).succeeds();
    let event = receipt.event::<OraclesFolded>();
    assert_eq!((event.points, event.score_milli), ([1, 1, 0, 0, 0], [51_000, 51_000, 0, 0, 0]));
    let scores = [0, 1, 2].map(|seat| oracle_score(&world, seat));
    assert_eq!(scores, [51_000, 51_000, 49_000]);
    folds(&mut world, &seats[..3]).is_refused(CoreError::NothingToFold);
}

#[test]
fn nothing_waits_before_a_window_is_settled() {
    World::with_agreed_sla().anyone().folds_scores().is_refused(CoreError::NothingToFold);
    World::with_active_sla().anyone().folds_scores().is_refused(CoreError::NothingToFold);
    World::with_proposed_sla().anyone().folds_scores().is_refused(CoreError::NothingToFold);
}

#[test]
fn an_ended_sla_is_folded_before_it_is_released_or_with_it() {
    let mut world = World::with_ended_sla();
    // Met, breached, unmeasured, met.
    let receipt = world.anyone().folds_scores().succeeds();
    assert_eq!(receipt.event::<UnitRefreshed>().points_milli, 2_000);
    world.anyone().folds_scores().is_refused(CoreError::NothingToFold);
    let mut world = World::with_emptied_sla();
    world.anyone().folds_scores().is_refused(CoreError::NothingToFold);
}

#[test]
fn points_that_cancel_out_are_none() {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    world.reports(0, [Some(met(&terms)); 3]);
    world.reports(1, [Some(slow(&terms, 7)); 3]);
    world.wait_until_settleable(1);
    world.anyone().settles().succeeds();
    assert_eq!(world.sla().body.progress.points_milli, 0);
    folds(&mut world, &[]).is_refused(CoreError::NothingToFold);
    let receipt = world.anyone().folds_scores().succeeds();
    assert!(receipt.events::<UnitRefreshed>().is_empty());
    assert_eq!(world.unit().score.milli, 50_000);
    assert_eq!(oracle_score(&world, 0), 52_000);
}

/// Ten excellent windows and their fold: 80 points; then two silent ones and a met one.
fn idle_for_three_days(world: &mut World) {
    let mut args = reservation();
    args.request.windows = 20;
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let terms = world.terms();
    for window in 0..10 {
        world.reports(window, [Some(excellent(&terms)); 3]);
    }
    world.wait_until_settleable(9);
    world.anyone().settles().succeeds();
    world.anyone().folds_scores().succeeds();
    assert_eq!(world.unit().score.milli, 80_000);
    world.reports(12, [Some(met(&terms)); 3]);
    world.wait_until_settleable(12);
    world.anyone().settles().succeeds();
}

#[test]
fn a_score_decays_while_no_points_come() {
    let mut world = World::with_market();
    idle_for_three_days(&mut world);
    let event = world.anyone().folds_scores().succeeds().event::<UnitRefreshed>();
    // A tenth of the month's ten points, and two points for the met window.
    assert_eq!((event.score_milli_before, event.score_milli_after), (80_000, 81_000));
    assert_eq!((event.points_milli, event.provider_score_milli), (2_000, 81_000));
    assert_eq!(world.unit().score.updated_at, world.chain.now().0);
    // Ten reports, decay of a tenth of ten points, two misses and one report: each oracle's 60 become 58.
    for seat in 0..3 {
        assert_eq!(oracle_score(&world, seat), 58_000);
    }
}

#[test]
fn the_providers_score_is_the_mean_over_its_units() {
    let mut world = World::with_market();
    world.provider().lists(CreateUnitArgs { id: NUMBER + 1, ..listing() }).succeeds();
    idle_for_three_days(&mut world);
    let provider = world.provider_account();
    assert_eq!((provider.score_sum_milli, provider.unit_count), (130_000, 2));
    assert_eq!(provider.score_milli(), 65_000);
    let event = world.anyone().folds_scores().succeeds().event::<UnitRefreshed>();
    // 81 and 50 points.
    assert_eq!(event.provider_score_milli, 65_500);
    assert_eq!(world.provider_account().score_milli(), 65_500);
    // The other unit stays as it was.
    let other = address::unit(&world.provider_address(), NUMBER + 1);
    let other = world.chain.read::<flashback_sdk::account::DataUnit>(&other);
    assert_eq!(other.score.milli, 50_000);
}

#[test]
fn a_pause_or_a_closing_unit_stops_no_fold() {
    let mut world = served();
    world.guardian().pauses(DAY).succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().folds_scores().succeeds();
}

#[test]
fn other_accounts_are_no_seated_oracles() {
    let mut world = served();
    let seats = world.sla().seats;
    let entries = world.registry().entries;
    let spare = entries.iter().find(|entry| !seats.contains(&entry.oracle)).unwrap().oracle;
    folds(&mut world, &[seats[0], spare]).is_refused(CoreError::NotSeated);
    let (provider, genuine) = (world.provider_address(), address::oracle(&seats[1]));
    let forged = world.chain.account(&genuine).unwrap();
    let forged = solana_account::Account { owner: key("other program"), ..forged };
    world.chain.put(key("forged"), forged);
    let cases = [
        (provider, ErrorCode::AccountDiscriminatorMismatch),
        (purse(PROVIDER), ErrorCode::AccountOwnedByWrongProgram),
        (key("forged"), ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, error) in cases {
        let attempt = world.anyone().folds_scores();
        attempt
            .remaining(FIXED, |oracles| oracles[1] = AccountMeta::new(account, false))
            .is_refused(error);
    }
    let attempt = world.anyone().folds_scores();
    attempt
        .remaining(FIXED, |oracles| oracles[0].is_writable = false)
        .is_refused(ErrorCode::AccountNotMutable);
}

#[test]
fn other_providers_and_units_are_refused() {
    let mut world = served();
    world.other_provider().registers().succeeds();
    world.provider().lists(CreateUnitArgs { id: NUMBER + 1, ..listing() }).succeeds();
    let (provider, unit) = (world.provider_address(), world.unit_address());
    let attempt = world.anyone().folds_scores();
    attempt
        .with(address::provider(&key(OTHER_PROVIDER)), provider)
        .is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.anyone().folds_scores();
    attempt.with(address::unit(&provider, NUMBER + 1), unit).is_refused(CoreError::AccountMismatch);
    for account in [provider, unit, world.sla_address()] {
        world.anyone().folds_scores().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
    for (other, own) in [(unit, provider), (provider, unit), (provider, world.sla_address())] {
        let attempt = world.anyone().folds_scores().with(other, own);
        attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
}

#[test]
fn the_unit_is_needed_while_points_of_it_wait() {
    let mut world = served();
    let unit = world.unit_address();
    let attempt = world.anyone().folds_scores().with(address::PROGRAM, unit);
    attempt.is_refused(CoreError::AccountMismatch);
    folds(&mut world, &[]).succeeds();
    let receipt = world.anyone().folds_scores().with(address::PROGRAM, unit).succeeds();
    assert_eq!(receipt.event::<OraclesFolded>().points, [1, 1, -1, 0, 0]);
}
