//! A service that is down is measured as down, whatever else could not be measured for it.

use flashback::events::{PenaltyCollected, ReportSubmitted, SlaTerminated, WindowSettled};
use flashback_core::quality::{Aggregate, NOT_PROMISED, Thresholds};
use flashback_core::sla::{Offer, SlaState, SlaTerms, WindowResult};
use flashback_sdk::instruction::{CreateUnitArgs, UpdateUnitArgs};
use flashback_tests::prelude::*;

/// A quarter of 2,730,666 atoms, rounded down, and a fifth of all of it.
const DUE: u64 = 682_666;
const COVER: u64 = 546_133;

/// Nothing answers: neither a probe nor an operation, and so there is no speed to measure.
fn dark(terms: &SlaTerms) -> Aggregate {
    let n = terms.probes;
    Aggregate { attempts: n, probes_total: n, ops_total: 3 * n, ..Aggregate::EMPTY }
}

/// All is as promised, but nothing can be written.
fn read_only(terms: &SlaTerms) -> Aggregate {
    let (n, met) = (terms.probes, met(terms));
    Aggregate { ops_total: 3 * n, ops_ok: 2 * n, upload_count: 0, upload_sum_kib_s: 0, ..met }
}

/// Settles window 0, of which every seat reports that.
fn settled(world: &mut World, report: Aggregate) -> WindowSettled {
    world.reports(0, [Some(report); 3]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds().event::<WindowSettled>()
}

/// Checks that a window is a full breach: nothing paid, all refunded, and a penalty up to the cover; no oracle owes.
fn is_a_full_breach(world: &mut World, settled: &WindowSettled) {
    assert_eq!((settled.result, settled.measured), (WindowResult::Breached.code(), 3));
    assert_eq!(settled.shortfall_ppm, 1_000_000);
    assert_eq!((settled.due, settled.paid, settled.refunded), (DUE, 0, DUE));
    assert_eq!((settled.penalty, settled.protocol_fee, settled.absence), (COVER, 0, 0));
    let body = world.sla().body;
    assert_eq!((body.progress.breached, body.progress.blocked), (1, 0));
    assert_eq!((body.money.earned, body.money.penalty_owed), (0, COVER));
    assert_eq!(body.progress.points_milli, -3_000);
    // Who measured it is paid for it.
    assert_eq!(body.seats.fees, [1_137, 1_137, 1_137, 0, 0]);
    assert_eq!((body.seats.points, body.seats.absence_owed), ([1, 1, 1, 0, 0], [0; 5]));
    world.anyone().asserts_escrow_solvent().succeeds();
}

/// An active SLA of a unit that promises only that, and only so many probes a day.
fn promising(thresholds: Thresholds, probe_interval_secs: u32) -> World {
    let offer = Offer { thresholds, probe_interval_secs, ..listing().offer };
    let mut world = World::initialized().and_market(STAKE, CreateUnitArgs { offer, ..listing() });
    let mut args = reservation();
    args.request.thresholds = thresholds;
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world
}

/// A speed, and that one operation in a hundred may fail.
const SPEED: Thresholds =
    Thresholds { upload_kib_s: 20_000, errors_ppm: 10_000, ..Thresholds::NONE };

#[test]
fn a_total_outage_is_a_full_breach() {
    let mut world = World::with_active_sla();
    let dark = dark(&world.terms());
    let settled = settled(&mut world, dark);
    is_a_full_breach(&mut world, &settled);
}

#[test]
fn so_it_is_by_records_of_nothing_but_failed_probes() {
    let mut world = World::with_active_sla();
    world.wait_until_reports(0);
    for seat in 0..3 {
        let report = world.records(seat, 0, 1_440).report(0);
        let figures = report.aggregate;
        assert_eq!((figures.attempts, figures.probes_total, figures.probes_ok), (1_440, 1_440, 0));
        assert_eq!((figures.ops_total, figures.latency_count), (0, 0));
        let event = world.seat(seat).submits(report).succeeds().event::<ReportSubmitted>();
        assert_eq!((event.measured, event.shortfall_ppm), (true, 1_000_000));
    }
    world.wait_until_settleable(0);
    let settled = world.anyone().settles().succeeds().event::<WindowSettled>();
    is_a_full_breach(&mut world, &settled);
}

#[test]
fn uploads_alone_that_fail_are_a_full_breach() {
    let mut world = World::with_active_sla();
    let read_only = read_only(&world.terms());
    let settled = settled(&mut world, read_only);
    is_a_full_breach(&mut world, &settled);
}

#[test]
fn so_they_are_where_no_more_than_their_speed_and_errors_are_promised() {
    let mut world = promising(SPEED, 60);
    let read_only = read_only(&world.terms());
    let settled = settled(&mut world, read_only);
    is_a_full_breach(&mut world, &settled);
}

#[test]
fn who_missed_a_probe_of_an_outage_measured_it_all_the_same() {
    let mut world = World::with_active_sla();
    let dark = dark(&world.terms());
    let restarted = Aggregate { attempts: 1_439, probes_total: 1_439, ..dark };
    world.wait_until_reports(0);
    // Of a service that answered nothing conclusive, it would be as good as absent.
    let silent = Aggregate { probes_total: 0, ops_total: 0, ..restarted };
    world.seat(0).reports(0, silent).is_refused(CoreError::AttemptsTooFew);
    world.reports(0, [Some(restarted), Some(dark), Some(restarted)]);
    world.wait_until_settleable(0);
    let settled = world.anyone().settles().succeeds().event::<WindowSettled>();
    is_a_full_breach(&mut world, &settled);
}

#[test]
fn as_many_failures_as_would_have_been_samples_enough_are_a_breach() {
    let mut world = promising(SPEED, 60);
    let up = inconclusive(&world.terms());
    let failing = |failed| Aggregate { ops_total: failed, ..up };
    world.wait_until_reports(0);
    for (seat, failed, measured) in [(0, 19, false), (1, 20, true)] {
        let receipt = world.seat(seat).reports(0, failing(failed)).succeeds();
        let event = receipt.event::<ReportSubmitted>();
        let shortfall = if measured { 1_000_000 } else { 0 };
        assert_eq!((event.measured, event.shortfall_ppm), (measured, shortfall), "{failed} failed");
    }
}

#[test]
fn a_little_too_slow_counts_whatever_is_missing_beside_it() {
    // 7 of the 20 % that count as no service, and no uploads to speak of.
    let mut world = World::with_active_sla();
    let slow = slow(&world.terms(), 7);
    let report = Aggregate { upload_count: 19, upload_sum_kib_s: 19 * 20_000, ..slow };
    let settled = settled(&mut world, report);
    assert_eq!((settled.result, settled.shortfall_ppm), (WindowResult::Breached.code(), 350_000));
    // 28.75 % of the due are refunded.
    assert_eq!((settled.paid, settled.penalty), (486_399, DUE * 2 * 350_000 / 1_000_000));
}

#[test]
fn kept_out_of_a_service_that_is_up_they_measure_nothing() {
    // Probes that need no credentials find it up; the rest says nothing of the provider.
    let mut world = World::with_active_sla();
    let up = Aggregate {
        probes_total: world.terms().probes,
        probes_ok: world.terms().probes,
        ..inconclusive(&world.terms())
    };
    let settled = settled(&mut world, up);
    assert_eq!((settled.result, settled.measured), (WindowResult::Blocked.code(), 0));
    assert_eq!((settled.paid, settled.refunded, settled.penalty), (DUE / 2, DUE / 2, 0));
}

#[test]
fn what_is_not_promised_may_fail() {
    let uptime = Thresholds { uptime_failures_ppm: 1_000, ..Thresholds::NONE };
    assert_eq!(uptime.errors_ppm, NOT_PROMISED);
    let mut world = promising(uptime, 60);
    let read_only = read_only(&world.terms());
    let settled = settled(&mut world, read_only);
    assert_eq!((settled.result, settled.paid), (WindowResult::Met.code(), DUE));
}

#[test]
fn nobody_promises_a_speed_and_no_errors() {
    // A mean is over what succeeded: alone, it would be kept by failing whatever is slow.
    let alone = Thresholds { errors_ppm: NOT_PROMISED, ..SPEED };
    let mut world = World::with_market();
    let unit = listing();
    let args = UpdateUnitArgs {
        capacity_gib: unit.capacity_gib,
        offer: Offer { thresholds: alone, ..unit.offer },
        protocols: unit.protocols,
        consumer_level: unit.consumer_level,
        auto_accept: unit.auto_accept,
        endpoint_uri: unit.endpoint_uri,
    };
    world.provider().updates_unit(args).is_refused(CoreError::ThresholdInvalid);
}

#[test]
fn failing_most_uploads_hides_not_how_slow_the_others_are() {
    let mut world = promising(Thresholds { errors_ppm: 990_000, ..SPEED }, 60);
    let few = Aggregate {
        upload_count: 19,
        upload_sum_kib_s: 19 * 10_000,
        ops_ok: 19,
        ..inconclusive(&world.terms())
    };
    world.wait_until_reports(0);
    // Of 1,440 attempts, 1,421 gave no speed: half of them have to have failed.
    for (seat, failed, measured) in [(0, 710, false), (1, 711, true)] {
        let report = Aggregate { ops_total: 19 + failed, ..few };
        let receipt = world.seat(seat).reports(0, report).succeeds();
        let event = receipt.event::<ReportSubmitted>();
        let shortfall = if measured { 1_000_000 } else { 0 };
        assert_eq!((event.measured, event.shortfall_ppm), (measured, shortfall), "{failed} failed");
    }
}

#[test]
fn a_unit_that_is_dark_for_its_whole_sla_earns_nothing_and_pays_its_cover() {
    let mut world = World::with_active_sla();
    let dark = dark(&world.terms());
    for window in 0..4 {
        world.reports(window, [Some(dark); 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    let body = world.sla().body;
    assert_eq!((body.progress.breached, body.progress.state()), (4, Ok(SlaState::Ended)));
    assert_eq!((body.money.earned, body.money.penalty_owed), (0, COVER));

    let collected = world.anyone().collects_penalty().succeeds().event::<PenaltyCollected>();
    assert_eq!((collected.consumer, collected.to_burn), (COVER * 7 / 10, COVER - COVER * 7 / 10));
    world.provider().withdraws_earnings().is_refused(CoreError::NothingToWithdraw);
    world.consumer().withdraws_refund().succeeds();
    // What the committee earned is all that it cost the consumer.
    let fees = 4 * 3 * 1_137;
    assert_eq!(world.purse(CONSUMER).0, PURSE.0 - fees + COVER * 7 / 10);
    assert_eq!(world.provider_account().stake.bonded, STAKE.0 - COVER);
    assert_eq!(world.purse(PAYOUT), Atoms::ZERO);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn an_outage_spares_the_provider_no_notice() {
    let mut world = World::with_market();
    let mut args = reservation();
    args.request.windows = 10;
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let dark = dark(&world.terms());
    settled(&mut world, dark);
    // The current window is the second; seven follow.
    let event = world.provider().terminates().succeeds().event::<SlaTerminated>();
    assert_eq!((event.end_before, event.end_after), (10, 9));
}
