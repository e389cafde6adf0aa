//! Many targets at once: none disturbs another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flashback_core::records::{Kind, Outcome};
use flashback_oracle::target::Why;
use flashback_test_storage::{Failure, FailureRate, Faults};
use tokio::sync::Semaphore;

use super::expected::assert_as_logged;
use super::providers::flaky;
use super::world::{Done, Setting, World, full};

const TARGETS: u8 = 6;

/// What can be the same in two runs: everything but times and figures.
type Told = Vec<(u32, Kind, Outcome, Option<Why>)>;

fn told(done: &[Done]) -> Told {
    let of = |done: &Done| {
        let round = done.plan.round;
        let probes = done.result.probes.iter();
        let told =
            probes.map(|probed| (round, probed.record.kind, probed.record.outcome, probed.why));
        told.collect::<Vec<_>>()
    };
    done.iter().flat_map(of).collect()
}

/// One of the targets that answer: every other is flaky.
async fn answering(seed: u8) -> World {
    let failures = if seed.is_multiple_of(2) { flaky() } else { Vec::new() };
    World::new(Setting {
        faults: Faults { failures, ..Faults::default() },
        rounds: if full() { 400 } else { 60 },
        transfers: 20,
        seed,
        ..Setting::default()
    })
    .await
}

async fn stalled() -> World {
    let failure = Failure::Stall(Duration::from_secs(3_600));
    let failures = vec![FailureRate { operation: None, ppm: 1_000_000, failure }];
    World::new(Setting {
        faults: Faults { failures, ..Faults::default() },
        timeout: Duration::from_millis(50),
        seed: 99,
        ..Setting::default()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_target_changes_nothing_of_the_others() {
    let mut alone = Vec::new();
    for seed in 1..=TARGETS {
        alone.push(told(&answering(seed).await.all_rounds().await));
    }

    // Fewer turns than targets: the stalled one holds one of them nearly all the time.
    let turns = Arc::new(Semaphore::new(3));
    let mut running = Vec::new();
    for seed in 1..=TARGETS {
        let mut world = answering(seed).await.with_turns(&turns);
        running.push(tokio::spawn(async move {
            let done = world.all_rounds().await;
            world.leave().await;
            done
        }));
    }
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let mut silent = stalled().await.with_turns(&turns);
    let stalling = tokio::spawn(async move {
        let mut probes = Vec::new();
        for round in 0..silent.schedule.rounds() {
            probes.extend(silent.round(round).await.result.probes);
            if over.load(Ordering::SeqCst) {
                break;
            }
        }
        probes
    });
    for (alone, running) in alone.iter().zip(running) {
        let together = running.await.unwrap();
        together.iter().for_each(assert_as_logged);
        assert_eq!(&told(&together), alone);
    }
    ended.store(true, Ordering::SeqCst);
    for probed in stalling.await.unwrap() {
        assert_eq!((probed.record.outcome, probed.why), (Outcome::Failed, Some(Why::TimedOut)));
    }
}
