//! Records are appended once, and read as they were written.

use flashback_core::CoreError;
use flashback_core::records::{Kind, Outcome, Record};
use flashback_core::units::Timestamp;
use flashback_oracle::round::Recorder;
use flashback_oracle::store::{Stats, StoreError};
use flashback_oracle::window::Closed;

use crate::bed::{Bed, over_both};
use crate::support::numbers::Numbers;
use crate::support::{START, life, opening};

over_both! {
    what_was_written_is_read,
    a_second_record_is_refused,
    a_record_that_no_tree_can_have_is_refused,
    objects_and_canaries_are_kept,
    many_write_at_once,
    a_round_finds_its_store,
}

async fn what_was_written_is_read(bed: &Bed) {
    let store = bed.store().await;
    let key = life(1).window(3);
    let other = life(2).window(3);
    for key in [key, other] {
        store.open_window(&key, &opening(&key, 60)).await.unwrap();
    }
    let records = Numbers(1).records(&opening(&key, 60).series(&key).unwrap());
    let window = store.recording(&key).await.unwrap();
    // In whatever order they come.
    for (round, record) in records.iter().rev() {
        window.append(*round, record).await.unwrap();
    }
    store.append(&other, 0, &Record::latency(START.after(3 * 3_600).unwrap(), 9)).await.unwrap();
    assert_eq!(store.records(&key).await.unwrap(), records);
    let attempted: Vec<u32> = store.attempted_rounds(&key).await.unwrap().into_iter().collect();
    let mut rounds: Vec<u32> = records.iter().map(|(round, _)| *round).collect();
    rounds.dedup();
    assert_eq!(attempted, rounds);
    assert_eq!(store.records(&life(1).window(4)).await.unwrap(), []);

    store.close().await;
    let store = bed.store().await;
    assert_eq!(store.records(&key).await.unwrap(), records);
    let closed = Closed::read(&store, &key).await.unwrap();
    assert_eq!(closed, Closed::of(&opening(&key, 60).series(&key).unwrap(), &records).unwrap());
    assert_eq!(usize::try_from(closed.records).unwrap(), records.len());
    let expected = Stats { records: closed.records + 1, open: 2, ..Stats::default() };
    assert_eq!(store.stats().await.unwrap(), expected);
}

async fn a_second_record_is_refused(bed: &Bed) {
    let store = bed.store().await;
    let key = life(1).window(0);
    store.open_window(&key, &opening(&key, 60)).await.unwrap();
    let record = Record::plain(START, Kind::Availability, Outcome::Ok);
    store.append(&key, 0, &record).await.unwrap();
    let later = Record { time: START.after(5).unwrap(), outcome: Outcome::Failed, ..record };
    for again in [record, later] {
        let error = store.append(&key, 0, &again).await.unwrap_err();
        assert!(matches!(
            error,
            StoreError::RecordExists { round: 0, kind: Kind::Availability, .. }
        ));
        assert!(error.to_string().starts_with("round 0 of window 0 of SLA"), "{error}");
    }
    assert_eq!(store.records(&key).await.unwrap(), [(0, record)]);
    // Of another kind, or round, it is another record.
    store.append(&key, 0, &Record::latency(START, 5)).await.unwrap();
    let next = Record { time: START.after(60).unwrap(), ..record };
    store.append(&key, 1, &next).await.unwrap();
    assert_eq!(store.records(&key).await.unwrap().len(), 3);
}

async fn a_record_that_no_tree_can_have_is_refused(bed: &Bed) {
    let store = bed.store().await;
    let key = life(1).window(0);
    let record = Record::plain(START, Kind::Availability, Outcome::Ok);
    let error = store.append(&key, 0, &record).await.unwrap_err();
    assert!(matches!(error, StoreError::WindowUnknown(unknown) if unknown == key));
    store.open_window(&key, &opening(&key, 60)).await.unwrap();
    let cases = [
        (1, record, CoreError::RecordOutsideSlice),
        (60, record, CoreError::RoundsInvalid),
        (0, Record { time: Timestamp(START.0 - 1), ..record }, CoreError::RecordOutsideSlice),
        (0, Record { latency_us: 1, ..record }, CoreError::RecordMalformed),
        (0, Record::upload(START, 0, 1), CoreError::RecordMalformed),
    ];
    for (round, record, expected) in cases {
        let error = store.append(&key, round, &record).await.unwrap_err();
        match error {
            StoreError::RecordRefused { source, .. } => assert_eq!(source, expected),
            other => panic!("{other}"),
        }
    }
    assert_eq!(store.records(&key).await.unwrap(), []);
}

async fn objects_and_canaries_are_kept(bed: &Bed) {
    let store = bed.store().await;
    let (one, two) = (life(1), life(2));
    for (life, name) in [(one, "b"), (one, "a/ä"), (two, "b"), (one, "b")] {
        store.object_put(&life, name).await.unwrap();
    }
    assert_eq!(store.leftovers(&one).await.unwrap(), ["a/ä", "b"]);
    assert_eq!(store.lives_with_leftovers().await.unwrap(), [one, two]);
    for _ in 0..2 {
        store.object_gone(&one, "b").await.unwrap();
    }
    assert_eq!(store.leftovers(&one).await.unwrap(), ["a/ä"]);
    assert_eq!(store.leftovers(&two).await.unwrap(), ["b"]);

    assert_eq!(store.canaries(&one).await.unwrap(), []);
    for window in [3, 4] {
        store.canary_read(&one.window(window), "invoice.pdf").await.unwrap();
    }
    let first = ("invoice.pdf".to_owned(), 3);
    assert_eq!(store.canaries(&one).await.unwrap(), [first]);
    assert_eq!(store.canaries(&two).await.unwrap(), []);
}

/// Two processes may share a store, and one oracle writes for many SLAs at once.
async fn many_write_at_once(bed: &Bed) {
    let stores = [bed.store().await, bed.store().await];
    let mut tasks = Vec::new();
    for n in 0..8u8 {
        let store = stores[usize::from(n % 2)].clone();
        tasks.push(tokio::spawn(async move {
            let key = life(n).window(0);
            store.open_window(&key, &opening(&key, 60)).await.unwrap();
            let window = store.recording(&key).await.unwrap();
            let records = Numbers(n.into()).records(window.series());
            for (round, record) in &records {
                window.append(*round, record).await.unwrap();
            }
            (key, records)
        }));
    }
    for task in tasks {
        let (key, records) = task.await.unwrap();
        assert_eq!(stores[0].records(&key).await.unwrap(), records);
    }
}

async fn a_round_finds_its_store(bed: &Bed) {
    let store = bed.store().await;
    let key = life(1).window(2);
    store.open_window(&key, &opening(&key, 60)).await.unwrap();
    let recorder: Box<dyn Recorder> = Box::new(store.recording(&key).await.unwrap());
    let record = Record::latency(START.after(2 * 3_600).unwrap(), 9);
    recorder.record(0, record).await.unwrap();
    let again = recorder.record(0, record).await.unwrap_err().to_string();
    assert!(again.contains("has a Latency record already"), "{again}");
    recorder.object_put("a").await.unwrap();
    recorder.object_put("b").await.unwrap();
    recorder.object_gone("a").await.unwrap();
    recorder.canary_read("c").await.unwrap();
    assert_eq!(store.records(&key).await.unwrap(), [(0, record)]);
    assert_eq!(store.leftovers(&key.life).await.unwrap(), ["b"]);
    assert_eq!(store.canaries(&key.life).await.unwrap(), [("c".to_owned(), 2)]);
}
