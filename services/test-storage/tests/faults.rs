//! Each fault: what the client saw is what the log says.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Client, ON_OBJECTS, Seen, bytes, failing, run, with};
use flashback_test_storage::{
    Delay, Failure, Fault, Faults, Operation, Outage, ServeOnly, Throttle,
};

const MILLI: Duration = Duration::from_millis(1);

#[tokio::test]
async fn answers_are_delayed() {
    for (delay, shortest, longest) in [
        (Delay::Fixed(20 * MILLI), 20 * MILLI, 20 * MILLI),
        (Delay::Uniform { from: 2 * MILLI, to: 6 * MILLI }, 2 * MILLI, 6 * MILLI),
        (Delay::Exponential { mean: 3 * MILLI, cap: 8 * MILLI }, Duration::ZERO, 8 * MILLI),
    ] {
        let object = bytes(500);
        let storage = with(Faults { delay, ..Faults::default() }, &object).await;
        run(&storage, "there", &object, ON_OBJECTS).await;
        let delays: Vec<_> = storage.log().iter().map(|entry| entry.injected.delay).collect();
        assert!(delays.iter().all(|delay| (shortest..=longest).contains(delay)), "{delays:?}");
        assert_eq!(
            delays.iter().any(|&delay| delay != delays[0]),
            shortest != longest,
            "{delays:?}"
        );
    }
}

#[tokio::test]
async fn bodies_take_the_time_of_the_cap() {
    let object = bytes(30_000);
    let faults = Faults { upload: Some(1_000_000), download: Some(2_000_000), ..Faults::default() };
    let storage = with(faults, &object).await;
    run(&storage, "there", &object, ON_OBJECTS).await;
    let paces: Vec<_> = storage.log().iter().map(|entry| entry.injected.pace).collect();
    assert_eq!(paces, [30 * MILLI, 15 * MILLI, MILLI / 1000, Duration::ZERO, Duration::ZERO]);
}

#[tokio::test]
async fn the_first_byte_does_not_wait_for_the_last() {
    // At this rate the second byte comes after a day.
    let storage = with(Faults { download: Some(0), ..Faults::default() }, &bytes(86_400)).await;
    let client = Client::of(&storage);
    let path = object_store::path::Path::from("there");
    let found = object_store::ObjectStoreExt::get(client.store(), &path).await.unwrap();
    let first = futures::StreamExt::next(&mut found.into_stream()).await.unwrap().unwrap();
    assert_eq!(first, bytes(1));
    while storage.log().is_empty() {
        tokio::task::yield_now().await;
    }
    let entry = &storage.log()[0];
    assert_eq!((entry.status, entry.bytes, entry.complete), (Some(200), 1, false));
}

#[tokio::test]
async fn failures_are_answered() {
    let object = bytes(2_000);
    for (failure, fault) in [
        (
            Failure::Status(500, "InternalError"),
            Fault::Status { status: 500, code: "InternalError" },
        ),
        (Failure::Status(418, "Teapot"), Fault::Status { status: 418, code: "Teapot" }),
        (Failure::Status(7, "Impossible"), Fault::Status { status: 500, code: "Impossible" }),
        (Failure::Reset, Fault::Reset),
        (Failure::Stall(5 * MILLI), Fault::Stall(5 * MILLI)),
    ] {
        let storage = with(failing(1_000_000, failure), &object).await;
        run(&storage, "there", &object, ON_OBJECTS).await;
        assert!(
            storage.log().iter().all(|entry| entry.injected.fault == Some(fault)),
            "{failure:?}"
        );
        assert_eq!(storage.log()[0].bytes, 2_000, "a body is read before its PUT fails");
        // DELETE has not reached the backend.
        storage.set_faults(Faults::default());
        run(&storage, "there", &object, [Operation::Get]).await;
    }
}

#[tokio::test]
async fn an_outage_is_total() {
    let object = bytes(100);
    for (outage, status) in [(Outage::Unavailable, Some(503)), (Outage::Dropped, None)] {
        let storage = with(Faults { outage: Some(outage), ..Faults::default() }, &object).await;
        run(&storage, "there", &object, ON_OBJECTS).await;
        let log = storage.log();
        assert!(log.iter().all(|entry| entry.status == status), "{log:?}");
        assert!(
            log.iter().all(|entry| entry.injected.fault == Some(Fault::Outage(outage))),
            "{log:?}"
        );
        assert_eq!(storage.refused_connections(), 0);
    }
}

#[tokio::test]
async fn an_outage_refuses_connections_and_ends() {
    let object = bytes(100);
    let storage = with(Faults::default(), &object).await;
    let client = Client::of(&storage);
    assert_eq!(client.get("there").await, Seen::Good(object.clone()));
    storage.set_faults(Faults { outage: Some(Outage::Refused), ..Faults::default() });
    // The connection that there is.
    assert_eq!(client.get("there").await, Seen::Broken);
    let fault = Some(Fault::Outage(Outage::Refused));
    assert_eq!((storage.log()[1].status, storage.log()[1].injected.fault), (None, fault));
    // New ones.
    for refused in 1..=3 {
        assert_eq!(client.get("there").await, Seen::Broken);
        assert_eq!((storage.log().len(), storage.refused_connections()), (2, refused));
    }
    storage.set_faults(Faults::default());
    assert_eq!(client.get("there").await, Seen::Good(object));
}

#[tokio::test]
async fn only_some_objects_are_served() {
    let object = bytes(50);
    let serve_only: ServeOnly = Arc::new(|request| request.key.starts_with("probe"));
    let storage = with(Faults { serve_only: Some(serve_only), ..Faults::default() }, &object).await;
    run(&storage, "probe", &object, ON_OBJECTS).await;
    let reads = [Operation::Get, Operation::RangeGet, Operation::Head];
    run(&storage, "there", &object, reads).await;
    let log = storage.log();
    assert!(log[..5].iter().all(|entry| entry.injected.is_none()));
    assert!(
        log[5..].iter().all(
            |entry| (entry.status, entry.injected.fault) == (Some(404), Some(Fault::NotServed))
        )
    );
    run(&storage, "there", &object, [Operation::Put, Operation::Delete]).await;
    assert_eq!(storage.objects(), Vec::<String>::new());
}

#[tokio::test]
async fn access_is_refused_buckets_are_gone_and_quotas_are_used_up() {
    let object = bytes(50);
    let all = |fault, status| [(fault, status); 5];
    let mut quota = [(None, 200), (None, 206), (None, 200), (None, 204)].to_vec();
    quota.insert(0, (Some(Fault::Quota), 507));
    for (faults, told) in [
        (Faults { refused: true, ..Faults::default() }, all(Some(Fault::Refused), 403).to_vec()),
        (
            Faults { missing_bucket: true, ..Faults::default() },
            all(Some(Fault::MissingBucket), 404).to_vec(),
        ),
        (Faults { quota: true, ..Faults::default() }, quota),
    ] {
        let storage = with(faults, &object).await;
        run(&storage, "there", &object, ON_OBJECTS).await;
        let log: Vec<_> = storage
            .log()
            .iter()
            .map(|entry| (entry.injected.fault, entry.status.unwrap()))
            .collect();
        assert_eq!(log, told);
    }
}

#[tokio::test]
async fn too_many_requests_are_turned_away() {
    let object = bytes(50);
    for status in [429, 503] {
        let throttle = |per_second| Faults {
            throttle: Some(Throttle { per_second, status }),
            ..Faults::default()
        };
        let storage = with(throttle(10), &object).await;
        run(&storage, "there", &object, [Operation::Get; 60]).await;
        let log = storage.log();
        let served = log.iter().filter(|entry| entry.injected.is_none()).count();
        let took = (log[59].ended - log[0].began).as_secs_f64();
        assert!(log[..10].iter().all(|entry| entry.status == Some(200)), "a burst is served");
        assert!(served as f64 <= 10.0 * (1.0 + took), "{served} in {took} s");
        storage.clear_log();
        storage.set_faults(throttle(0));
        run(&storage, "there", &object, ON_OBJECTS).await;
        let turned_away =
            |entry: &flashback_test_storage::Entry| entry.injected.fault == Some(Fault::Throttled);
        assert!(
            storage.log().iter().all(|entry| turned_away(entry) && entry.status == Some(status))
        );
    }
}

/// A fault, an operation that it befalls, and how it is set.
type Step = (Fault, Operation, fn(&mut Faults));

#[tokio::test]
async fn the_first_of_several_faults_decides() {
    let object = bytes(50);
    // Each comes before all those above it.
    let steps: [Step; 7] = [
        (Fault::NotServed, Operation::Get, |faults| faults.serve_only = Some(Arc::new(|_| false))),
        (Fault::Reset, Operation::Get, |faults| {
            faults.failures = failing(1_000_000, Failure::Reset).failures
        }),
        (Fault::Quota, Operation::Put, |faults| faults.quota = true),
        (Fault::MissingBucket, Operation::Put, |faults| faults.missing_bucket = true),
        (Fault::Refused, Operation::Put, |faults| faults.refused = true),
        (Fault::Throttled, Operation::Put, |faults| {
            faults.throttle = Some(Throttle { per_second: 0, status: 503 });
        }),
        (Fault::Outage(Outage::Unavailable), Operation::Put, |faults| {
            faults.outage = Some(Outage::Unavailable)
        }),
    ];
    let storage = with(Faults::default(), &object).await;
    for (fault, operation, add) in steps {
        let mut faults = storage.faults();
        add(&mut faults);
        storage.set_faults(faults);
        storage.clear_log();
        run(&storage, "there", &object, [operation]).await;
        assert_eq!(storage.log()[0].injected.fault, Some(fault));
    }
}
