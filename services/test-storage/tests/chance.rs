//! Faults that are drawn: at their rates, to their operations, and the same from the same seed.

mod common;

use std::time::Duration;

use common::{bytes, failing, run, seeded, with};
use flashback_test_storage::{Delay, Failure, FailureRate, Fault, Faults, Operation};

/// The faults that a fresh storage with this seed draws in 100 GETs.
async fn drawn(seed: u64, faults: &Faults) -> Vec<(Duration, Option<Fault>)> {
    let storage = seeded(seed).await;
    storage.put_object("there", bytes(100)).unwrap();
    storage.set_faults(faults.clone());
    run(&storage, "there", &bytes(100), [Operation::Get; 100]).await;
    storage.log().iter().map(|entry| (entry.injected.delay, entry.injected.fault)).collect()
}

#[tokio::test]
async fn failures_come_at_their_rates_to_their_operations() {
    let object = bytes(300);
    let rate = |operation, ppm, failure| FailureRate { operation, ppm, failure };
    let failures = vec![
        rate(Some(Operation::Get), 300_000, Failure::Status(503, "SlowDown")),
        rate(Some(Operation::Head), 1_000_000, Failure::Reset),
        rate(Some(Operation::Put), 0, Failure::Reset),
        rate(Some(Operation::Get), 200_000, Failure::Reset),
    ];
    let storage = with(Faults { failures, ..Faults::default() }, &object).await;
    let turn = [Operation::Get, Operation::Get, Operation::Put, Operation::Head];
    run(&storage, "there", &object, turn.into_iter().cycle().take(800)).await;
    let log = storage.log();
    let of = |operation| log.iter().filter(move |entry| entry.operation == operation);
    assert!(of(Operation::Put).all(|entry| entry.injected.is_none()));
    assert!(of(Operation::Head).all(|entry| entry.injected.fault == Some(Fault::Reset)));
    // Of 400; the bounds are five standard deviations off, and the seed is fixed.
    let slow = of(Operation::Get).filter(|entry| entry.status == Some(503)).count();
    let reset =
        of(Operation::Get).filter(|entry| entry.injected.fault == Some(Fault::Reset)).count();
    assert!((74..=166).contains(&slow) && (40..=120).contains(&reset), "{slow}, {reset}");
}

#[tokio::test]
async fn the_same_seed_draws_the_same_faults() {
    let mut faults = failing(200_000, Failure::Reset);
    faults.corruption_ppm = 300_000;
    faults.delay = Delay::Uniform { from: Duration::ZERO, to: Duration::from_micros(100) };
    let first = drawn(3, &faults).await;
    assert_eq!(first, drawn(3, &faults).await);
    assert_ne!(first, drawn(4, &faults).await);
    // What one fault is set to changes nothing about another.
    let delays = |drawn: &[(Duration, Option<Fault>)]| {
        drawn.iter().map(|&(delay, _)| delay).collect::<Vec<_>>()
    };
    let alone = Faults { delay: faults.delay, ..Faults::default() };
    assert_eq!(delays(&first), delays(&drawn(3, &alone).await));
}

#[tokio::test]
async fn one_byte_is_corrupted() {
    let object = bytes(1_000);
    let storage = with(Faults { corruption_ppm: 500_000, ..Faults::default() }, &object).await;
    let turn = [Operation::Get, Operation::RangeGet, Operation::Head, Operation::Put];
    run(&storage, "there", &object, turn.into_iter().cycle().take(160)).await;
    let log = storage.log();
    for operation in turn {
        let of: Vec<_> = log.iter().filter(|entry| entry.operation == operation).collect();
        let corrupted = of.iter().filter(|entry| entry.injected.fault.is_some()).count();
        let reads = matches!(operation, Operation::Get | Operation::RangeGet);
        assert!(
            if reads { (5..36).contains(&corrupted) } else { corrupted == 0 },
            "{operation:?}: {corrupted}"
        );
    }
    storage.put_object("empty", b"").unwrap();
    storage.set_faults(Faults { corruption_ppm: 1_000_000, ..Faults::default() });
    run(&storage, "empty", b"", [Operation::Get]).await;
    // The backend itself keeps what it was given.
    storage.set_faults(Faults::default());
    run(&storage, "there", &object, [Operation::Get]).await;
}
