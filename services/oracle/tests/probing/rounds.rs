//! What holds of rounds whatever the provider does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use flashback_core::records::{Kind, Outcome};
use flashback_core::units::Timestamp;
use flashback_oracle::clock::Clock;
use flashback_oracle::round::{Probed, RoundError, Witness};
use flashback_oracle::schedule::RoundPlan;
use flashback_oracle::target::{OwnFault, Why};
use flashback_test_storage::{Failure, FailureRate, Faults, Operation, Outage};

use super::expected::assert_as_logged;
use super::providers::flaky;
use super::world::{OBJECT_BYTES, Setting, World};

/// An oracle whose own side is never well.
struct Unwell;

impl Witness for Unwell {
    fn fault_since(&self, _since: Instant) -> Option<OwnFault> {
        Some(OwnFault::Lagging)
    }
}

fn unwell(faults: Faults) -> Setting {
    Setting { witness: Box::new(Unwell), faults, rounds: 40, transfers: 20, ..Setting::default() }
}

fn whole_round() -> impl Fn(&RoundPlan) -> bool {
    |plan| plan.transfer && plan.canary.is_none()
}

#[tokio::test]
async fn an_oracle_that_is_unwell_takes_no_figures_and_blames_nobody_for_silence() {
    let mut world = World::new(unwell(Faults::default())).await;
    let lagging = Why::OwnSide(OwnFault::Lagging);
    for probed in world.all_rounds().await.iter().flat_map(|done| &done.result.probes) {
        let figure = !matches!(probed.record.kind, Kind::Availability | Kind::Operation);
        let expected =
            if figure { (Outcome::Inconclusive, Some(lagging)) } else { (Outcome::Ok, None) };
        assert_eq!((probed.record.outcome, probed.why), expected, "{probed:?}");
    }
    world.leave().await;

    // Silence may be its own; what was answered was answered.
    for (outage, expected) in [
        (Outage::Dropped, lagging),
        (Outage::Refused, lagging),
        (Outage::Unavailable, Why::ServerError(503)),
    ] {
        let faults = Faults { outage: Some(outage), ..Faults::default() };
        let mut world = World::new(unwell(faults)).await;
        for probed in world.rounds(0..10).await.iter().flat_map(|done| &done.result.probes) {
            assert_eq!(probed.why, Some(expected), "{probed:?}");
            assert_eq!(probed.record.outcome, expected.outcome());
        }
    }
}

#[tokio::test]
async fn a_budget_that_is_used_up_leaves_plain_rounds() {
    // For the first resident, two more transfers, and nothing else: no canary either.
    let budget = 6 * u64::from(OBJECT_BYTES) + 4_999;
    let setting = Setting { budget, rounds: 60, transfers: 60, ..Setting::default() };
    let mut world = World::new(setting).await;
    let done = world.all_rounds().await;
    let uploads = |probed: &&Probed| probed.record.kind == Kind::Upload;
    let probes = || done.iter().flat_map(|done| &done.result.probes);
    assert!(probes().filter(uploads).count() <= 3);
    assert!(probes().all(|probed| probed.record.outcome == Outcome::Ok));
    let spent: u64 = done.iter().map(|done| done.result.bytes).sum();
    assert_eq!(spent + world.state.bytes_left, budget);
    assert!(world.state.bytes_left < 2 * u64::from(OBJECT_BYTES));
    // Availability and latency go on to the end.
    assert_eq!(probes().filter(|probed| probed.record.kind == Kind::Latency).count(), 60);
    world.leave().await;

    let setting = Setting { budget: 100, rounds: 10, ..Setting::default() };
    let mut world = World::new(setting).await;
    for done in world.all_rounds().await {
        let [probed] = done.result.probes[..] else { panic!("{:?}", done.result) };
        assert_eq!(probed.record.kind, Kind::Availability);
        assert_eq!(probed.record.outcome, Outcome::Inconclusive);
        assert_eq!(probed.why, Some(Why::OwnSide(OwnFault::Budget)));
        assert!(done.log.is_empty());
    }
}

#[tokio::test]
async fn a_round_that_is_not_in_its_slice_does_nothing() {
    let mut world = World::new(Setting::default()).await;
    world.round(0).await;
    let plan = world.schedule.round(1).unwrap();
    for now in [plan.slice.end, Timestamp(plan.slice.start.0 - 1)] {
        world.clock.set(now);
        let done = world.try_plan(plan.clone()).await.unwrap();
        assert_eq!((done.result.probes.len(), done.log.len()), (0, 0));
    }
}

/// A clock that shows a time so often, and then another.
struct Running {
    shows: Timestamp,
    times: AtomicUsize,
    then: Timestamp,
}

impl Clock for Running {
    fn now(&self) -> Timestamp {
        let left = self.times.load(Ordering::SeqCst);
        self.times.store(left.saturating_sub(1), Ordering::SeqCst);
        if left > 0 { self.shows } else { self.then }
    }
}

#[tokio::test]
async fn a_round_stops_where_its_slice_ends() {
    for first in [true, false] {
        let (mut begun, mut complete) = (0, false);
        for times in 0..12 {
            let setting = Setting { rounds: 40, transfers: 30, ..Setting::default() };
            let mut world = World::new(setting).await;
            let mut round = 0;
            if !first {
                world.round(0).await;
                round = 1;
                while !whole_round()(&world.schedule.round(round).unwrap()) {
                    round += 1;
                }
            }
            let plan = world.schedule.round(round).unwrap();
            let clock = Running { shows: plan.at, times: times.into(), then: plan.slice.end };
            let done = world.try_plan_by(plan.clone(), &clock).await.unwrap();
            // Whatever was asked is recorded, and an attempt has its availability, which comes first.
            let probes = &done.result.probes;
            assert!(probes.iter().all(|probed| probed.record.time == plan.at));
            assert!(probes.iter().all(|probed| probed.record.outcome == Outcome::Ok));
            assert!(probes.first().is_none_or(|probed| probed.record.kind == Kind::Availability));
            let alone = first && probes.len() == 2 && done.log.len() == 1;
            assert!(alone || probes.len() == done.log.len(), "{probes:?} {:?}", done.log);
            assert!(probes.len() >= begun);
            begun = probes.len();
            complete |= begun == if first { 4 + usize::from(plan.canary.is_some()) } else { 5 };
            world.leave().await;
        }
        assert!(complete, "{begun}");
    }
}

#[tokio::test]
async fn a_recorder_that_fails_stops_the_round_and_nothing_is_left_behind() {
    for records in 0..12 {
        let mut world = World::new(Setting { rounds: 40, ..Setting::default() }).await;
        world.recorder.fail_after(records);
        let mut stopped = false;
        for round in 0..12 {
            let plan = world.schedule.round(round).unwrap();
            world.clock.set(plan.at);
            if let Err(error) = world.try_plan(plan).await {
                assert!(matches!(error, RoundError::Recorder(_)));
                assert!(error.to_string().contains("the disk is full"));
                stopped = true;
                break;
            }
        }
        assert!(stopped);
        assert_eq!(world.recorder.kept().records.len(), records);
        world.leave().await;
    }
}

#[tokio::test]
async fn what_cannot_be_deleted_stays_written_down() {
    let refusing = Faults {
        failures: vec![FailureRate {
            operation: Some(Operation::Delete),
            ppm: 1_000_000,
            failure: Failure::Status(500, "InternalError"),
        }],
        ..Faults::default()
    };
    let setting = Setting { faults: refusing, rounds: 30, transfers: 30, ..Setting::default() };
    let mut world = World::new(setting).await;
    let done = world.all_rounds().await;
    done.iter().for_each(assert_as_logged);
    let written_down = world.recorder.kept().objects;
    assert_eq!(written_down.len(), 30);
    let left =
        flashback_oracle::round::clean_up(&world.target, written_down.clone(), &world.recorder);
    assert_eq!(left.await.unwrap(), written_down.iter().cloned().collect::<Vec<_>>());
    assert_eq!(world.recorder.kept().objects, written_down);
    world.leave().await;
}

#[tokio::test]
async fn a_window_that_only_moves_objects_reads_its_canaries_too() {
    let faults = Faults { failures: flaky(), ..Faults::default() };
    let setting = Setting { faults, rounds: 12, transfers: 12, ..Setting::default() };
    let mut world = World::new(setting).await;
    let done = world.all_rounds().await;
    done.iter().for_each(assert_as_logged);
    assert_eq!(done.iter().filter(|done| done.plan.canary.is_some()).count(), 3);
    world.leave().await;
}
