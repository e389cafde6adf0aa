//! Providers of every quality: what is recorded of them is what they did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flashback_core::records::{Kind, Outcome};
use flashback_oracle::target::Why;
use flashback_test_storage::{Delay, Failure, FailureRate, Faults, Operation, Outage, Throttle};

use super::expected::assert_as_logged;
use super::world::{CANARIES, Done, OBJECT_BYTES, Setting, World, full};

/// How many records there are of each kind and outcome.
type Counts = BTreeMap<(Kind, Outcome), u32>;

fn counts(done: &[Done]) -> Counts {
    let mut counts = Counts::new();
    for probed in done.iter().flat_map(|done| &done.result.probes) {
        *counts.entry((probed.record.kind, probed.record.outcome)).or_default() += 1;
    }
    counts
}

fn of(counts: &Counts, outcome: Outcome) -> u32 {
    counts.iter().filter(|((_, of), _)| *of == outcome).map(|(_, count)| count).sum()
}

/// Runs a window against a provider, compares every round with its log, and leaves.
async fn window(faults: Faults) -> (Vec<Done>, Counts) {
    let mut world = World::new(Setting { faults, ..Setting::default() }).await;
    let done = world.all_rounds().await;
    done.iter().for_each(assert_as_logged);
    let requests: usize = done.iter().map(|done| done.log.len()).sum();
    assert!(requests >= if full() { 1_000 } else { 150 }, "{requests}");
    let told: Vec<_> = done
        .iter()
        .flat_map(|done| done.result.probes.iter().map(|probed| (done.plan.round, probed.record)))
        .collect();
    assert_eq!(world.recorder.kept().records, told);
    world.leave().await;
    let counts = counts(&done);
    (done, counts)
}

#[tokio::test]
async fn a_good_provider_fails_nothing() {
    let (done, counts) = window(Faults::default()).await;
    let rounds = u32::try_from(done.len()).unwrap();
    let count = |wanted: fn(&Done) -> bool| {
        u32::try_from(done.iter().filter(|done| wanted(done)).count()).unwrap()
    };
    let moved = count(|done| done.plan.transfer || !done.had_resident);
    let operations =
        count(|done| done.plan.canary.is_some() || (done.plan.transfer && done.had_resident));
    let expected = [
        (Kind::Availability, rounds),
        (Kind::Latency, rounds),
        (Kind::Upload, moved),
        (Kind::Download, moved),
        (Kind::Operation, operations),
    ];
    assert_eq!(counts, expected.map(|(kind, count)| ((kind, Outcome::Ok), count)).into());
}

#[tokio::test]
async fn a_slow_provider_is_as_slow_as_it_is() {
    let rate = 3_000_000;
    let (done, counts) = window(Faults {
        delay: Delay::Uniform { from: Duration::from_millis(1), to: Duration::from_millis(4) },
        upload: Some(rate),
        download: Some(rate),
        ..Faults::default()
    })
    .await;
    assert_eq!(of(&counts, Outcome::Failed) + of(&counts, Outcome::Inconclusive), 0);
    // A download's clock begins with the first byte that is seen, which may be later than the first that was
    // sent; but not each time by half of what the rest took.
    let half = u32::try_from(u64::from(OBJECT_BYTES) * 1_000_000 / rate / 2).unwrap();
    let downloads = done.iter().flat_map(|done| &done.result.probes);
    let slow = |kind, least| {
        downloads
            .clone()
            .any(|probed| probed.record.kind == kind && probed.record.duration_us >= least)
    };
    assert!(slow(Kind::Download, half));
    assert!(slow(Kind::Upload, 2 * half));
}

#[tokio::test]
async fn a_capped_download_takes_its_time_from_sending_to_the_last_byte() {
    let faults = Faults {
        delay: Delay::Fixed(Duration::from_millis(3)),
        download: Some(4_000_000),
        ..Faults::default()
    };
    let mut world = World::new(Setting { faults, ..Setting::default() }).await;
    world.round(0).await;
    let resident = world.state.resident.clone().unwrap();
    world.storage.clear_log();
    let measured = world.target.get(&resident.key, u64::from(resident.bytes)).await;
    let [entry] = &world.storage.log()[..] else { panic!("one request") };
    assert_eq!(measured.result.unwrap(), resident.content());
    assert_eq!(entry.injected.pace, Duration::from_millis(6));
    // Each of the two is rounded down.
    let took = Duration::from_micros(u64::from(measured.latency_us + measured.duration_us + 2));
    assert!(took >= entry.injected.least(), "{took:?} {entry:?}");
    assert!(Duration::from_micros(measured.latency_us.into()) >= Duration::from_millis(3));
}

/// Failures that come by chance, of every kind.
pub fn flaky() -> Vec<FailureRate> {
    let rate = |operation, ppm, failure| FailureRate { operation, ppm, failure };
    vec![
        rate(None, 30_000, Failure::Status(500, "InternalError")),
        rate(None, 30_000, Failure::Status(503, "SlowDown")),
        rate(None, 20_000, Failure::Status(403, "AccessDenied")),
        rate(None, 10_000, Failure::Status(404, "NoSuchKey")),
        rate(None, 10_000, Failure::Status(429, "TooManyRequests")),
        rate(None, 10_000, Failure::Status(301, "PermanentRedirect")),
        rate(Some(Operation::Put), 50_000, Failure::Status(507, "QuotaExceeded")),
        rate(Some(Operation::Get), 30_000, Failure::Status(404, "NoSuchBucket")),
    ]
}

#[tokio::test]
async fn a_flaky_provider_fails_as_often_as_it_did() {
    let mut failures = flaky();
    for failure in [Failure::Reset, Failure::Stall(Duration::from_millis(3))] {
        failures.push(FailureRate { operation: None, ppm: 20_000, failure });
    }
    let (done, counts) = window(Faults { failures, ..Faults::default() }).await;
    // Something of everything was seen.
    for kind in Kind::ALL {
        for outcome in [Outcome::Ok, Outcome::Failed] {
            assert!(counts.contains_key(&(kind, outcome)), "{kind:?} {outcome:?} {counts:?}");
        }
    }
    let whys: BTreeSet<String> = done
        .iter()
        .flat_map(|done| &done.result.probes)
        .filter_map(|probed| probed.why.map(|why| format!("{why:?}")))
        .collect();
    for why in
        ["ServerError(500)", "Throttled", "Forbidden", "NotFound", "Interrupted", "Redirected"]
    {
        assert!(whys.contains(why), "{why} {whys:?}");
    }
}

#[tokio::test]
async fn a_corrupting_provider_is_found_out_by_the_bytes() {
    let faults = Faults { corruption_ppm: 150_000, ..Faults::default() };
    let (done, counts) = window(faults).await;
    let corrupted = done.iter().flat_map(|done| &done.log);
    let corrupted = corrupted.filter(|entry| entry.injected.fault.is_some()).count();
    let told = of(&counts, Outcome::Failed) + of(&counts, Outcome::Inconclusive);
    assert_eq!(usize::try_from(told).unwrap(), corrupted);
    for kind in [Kind::Latency, Kind::Download, Kind::Operation] {
        assert!(counts.contains_key(&(kind, Outcome::Failed)), "{kind:?}");
    }
    assert!(!counts.contains_key(&(Kind::Availability, Outcome::Failed)));
}

#[tokio::test]
async fn a_provider_that_serves_probes_only_is_found_out_by_canaries() {
    let served = Mutex::new(BTreeSet::new());
    let (done, counts) = window(Faults {
        serve_only: Some(Arc::new(move |request| {
            !CANARIES.contains(&request.key.as_str())
                || served.lock().unwrap().insert(request.key.clone())
        })),
        ..Faults::default()
    })
    .await;
    let reads = done.iter().filter(|done| done.plan.canary.is_some()).count();
    let failed = counts[&(Kind::Operation, Outcome::Failed)];
    assert_eq!(usize::try_from(failed).unwrap(), reads - CANARIES.len());
    assert_eq!(of(&counts, Outcome::Failed), failed);
    assert_eq!(of(&counts, Outcome::Inconclusive), 0);
}

#[tokio::test]
async fn a_canary_that_never_was_there_counts_for_nothing() {
    let setting = Setting { invented: 2, rounds: 60, transfers: 20, ..Setting::default() };
    let mut world = World::new(setting).await;
    let done = world.all_rounds().await;
    done.iter().for_each(assert_as_logged);
    let mut unproven = 0;
    for probed in done.iter().flat_map(|done| &done.result.probes) {
        unproven += u32::from(probed.why == Some(Why::CanaryUnproven));
        assert_ne!(probed.record.outcome, Outcome::Failed);
    }
    let canary = |canary: Option<usize>| canary.is_some_and(|at| at >= CANARIES.len());
    let reads = done.iter().filter(|done| canary(done.plan.canary)).count();
    assert!(reads > 0);
    assert_eq!(usize::try_from(unproven).unwrap(), reads);
    let mut proven = world.recorder.kept().canaries;
    proven.sort();
    assert_eq!(proven, CANARIES);
    world.leave().await;
}

#[tokio::test]
async fn what_a_consumer_can_cause_counts_for_nobody() {
    let causes: [(Faults, Why); 3] = [
        (Faults { refused: true, ..Faults::default() }, Why::Forbidden),
        (Faults { missing_bucket: true, ..Faults::default() }, Why::NoBucket),
        (Faults { quota: true, ..Faults::default() }, Why::Quota),
    ];
    for (faults, why) in causes {
        // From the start, and in the middle of a window.
        for good in [0, 20] {
            let mut world = World::new(Setting { rounds: 70, ..Setting::default() }).await;
            let mut done = world.rounds(0..good).await;
            world.storage.set_faults(faults.clone());
            done.extend(world.rounds(good..70).await);
            done.iter().for_each(assert_as_logged);
            assert_eq!(of(&counts(&done), Outcome::Failed), 0, "{why:?}");
            let whys =
                done.iter().flat_map(|done| &done.result.probes).filter_map(|probed| probed.why);
            let whys: BTreeSet<String> = whys.map(|why| format!("{why:?}")).collect();
            assert_eq!(whys, [format!("{why:?}")].into());
            assert_eq!(
                world
                    .recorder
                    .kept()
                    .records
                    .iter()
                    .filter(|(_, record)| record.kind == Kind::Availability)
                    .count(),
                70
            );
            world.leave().await;
        }
    }
}

#[tokio::test]
async fn a_throttling_provider_fails_what_it_turns_away() {
    for status in [503, 429] {
        let throttle = Some(Throttle { per_second: 40, status });
        let (done, counts) = window(Faults { throttle, ..Faults::default() }).await;
        let turned_away = done.iter().flat_map(|done| &done.log);
        let turned_away = turned_away.filter(|entry| entry.injected.fault.is_some());
        assert!(turned_away.count() > 0);
        assert!(of(&counts, Outcome::Failed) > 0);
        assert_eq!(of(&counts, Outcome::Inconclusive), 0);
        for probed in done.iter().flat_map(|done| &done.result.probes) {
            // A HEAD's answer has no body to say "slow down" in.
            let silent = probed.record.kind == Kind::Availability;
            let told = |why| why == Why::Throttled || silent && why == Why::ServerError(503);
            assert!(probed.why.is_none_or(told), "{probed:?}");
        }
    }
}

#[tokio::test]
async fn an_outage_fails_all_of_it_until_it_ends() {
    for (outage, why) in [
        (Outage::Unavailable, Some(Why::ServerError(503))),
        (Outage::Dropped, Some(Why::Interrupted)),
        (Outage::Refused, None),
    ] {
        let mut world = World::new(Setting { rounds: 60, ..Setting::default() }).await;
        let before = world.rounds(0..20).await;
        world.storage.set_faults(Faults { outage: Some(outage), ..Faults::default() });
        let during = world.rounds(20..40).await;
        world.storage.set_faults(Faults::default());
        let after = world.rounds(40..60).await;
        before.iter().chain(&after).for_each(assert_as_logged);
        assert_eq!(of(&counts(&before), Outcome::Failed) + of(&counts(&after), Outcome::Failed), 0);
        for done in &during {
            // A transfer ends with the upload that fails: there is nothing to download or to replace.
            let probes =
                2 + usize::from(done.plan.transfer) + usize::from(done.plan.canary.is_some());
            assert_eq!(done.result.probes.len(), probes);
            for probed in &done.result.probes {
                assert_eq!(probed.record.outcome, Outcome::Failed);
                assert!(why.is_none_or(|why| probed.why == Some(why)), "{probed:?}");
            }
        }
        world.leave().await;
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_in_time_fails() {
    let failure = Failure::Stall(Duration::from_secs(3_600));
    let faults = Faults {
        failures: vec![FailureRate { operation: None, ppm: 1_000_000, failure }],
        ..Faults::default()
    };
    let timeout = Duration::from_millis(20);
    let mut world = World::new(Setting { timeout, faults, ..Setting::default() }).await;
    for done in world.rounds(0..10).await {
        let probes = done.result.probes;
        assert_eq!(probes[0].record.kind, Kind::Availability);
        assert!(probes.iter().all(|probed| probed.why == Some(Why::TimedOut)), "{probes:?}");
    }
}
