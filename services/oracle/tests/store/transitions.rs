//! How a window's report comes along in the store. Which transitions there are is told by a test beside them.

use flashback_core::records::{Kind, Outcome, Record};
use flashback_oracle::store::{Filter, State, Stats, StoreError};
use flashback_oracle::window::Closed;
use solana_sdk::signature::Signature;

use crate::bed::{Bed, over_both};
use crate::support::numbers::Numbers;
use crate::support::{START, life, opening};

over_both! {
    a_report_lands,
    a_closed_window_takes_no_records,
    what_does_not_exist_is_refused,
    windows_are_found,
}

fn signature(n: u8) -> Signature {
    Signature::from([n; 64])
}

async fn a_report_lands(bed: &Bed) {
    let store = bed.store().await;
    let key = life(1).window(0);
    store.open_window(&key, &opening(&key, 60)).await.unwrap();
    for (round, record) in Numbers(1).records(store.recording(&key).await.unwrap().series()) {
        store.append(&key, round, &record).await.unwrap();
    }
    let closed = Closed::read(&store, &key).await.unwrap();
    let state = async || store.window(&key).await.unwrap().unwrap().state;
    // Each twice, as after a crash.
    for _ in 0..2 {
        store.close_window(&key, &closed).await.unwrap();
        assert_eq!(state().await, State::Closed);
    }
    let window = store.window(&key).await.unwrap().unwrap();
    assert_eq!(window.submission, Some(closed.submission()));
    assert_eq!(window.submission.unwrap().commitment(), closed.commitment());
    for (n, height) in [(1, 7), (2, u64::from(u32::MAX) + 1)] {
        for _ in 0..2 {
            store.sent(&key, signature(n), height).await.unwrap();
            let sent = State::Sent { signature: signature(n), last_valid_block_height: height };
            assert_eq!(state().await, sent);
        }
        if n == 1 {
            for _ in 0..2 {
                store.failed_to_land(&key).await.unwrap();
                assert_eq!(state().await, State::Closed);
            }
        }
    }
    for _ in 0..2 {
        store.landed(&key, signature(2), 99).await.unwrap();
        assert_eq!(state().await, State::Landed { signature: signature(2), slot: 99 });
    }
    store.close().await;
    let found = bed.store().await.window(&key).await.unwrap().unwrap();
    assert_eq!(found.state, State::Landed { signature: signature(2), slot: 99 });
    assert_eq!(found.submission, Some(closed.submission()));
    assert_eq!(found.opening, opening(&key, 60));
}

async fn a_closed_window_takes_no_records(bed: &Bed) {
    let store = bed.store().await;
    let key = life(1).window(0);
    store.open_window(&key, &opening(&key, 60)).await.unwrap();
    let record = Record::plain(START, Kind::Availability, Outcome::Ok);
    store.append(&key, 0, &record).await.unwrap();
    let early = Closed::read(&store, &key).await.unwrap();
    // This adds nothing to the sums, and would be missing in the tree all the same.
    let late = Record::plain(START, Kind::Operation, Outcome::Inconclusive);
    store.append(&key, 0, &late).await.unwrap();
    let error = store.close_window(&key, &early).await.unwrap_err();
    assert!(matches!(error, StoreError::RecordsChanged { found: 2, built: 1, .. }), "{error}");
    let closed = Closed::read(&store, &key).await.unwrap();
    assert_eq!(closed.aggregate(), early.aggregate());
    assert_ne!(closed.root(), early.root());
    store.close_window(&key, &closed).await.unwrap();
    let error = store.append(&key, 0, &Record::latency(START, 1)).await.unwrap_err();
    assert!(matches!(&error, StoreError::TransitionRefused { found, .. } if found == "closed"));
    let error = store.close_window(&key, &early).await.unwrap_err();
    assert!(matches!(error, StoreError::TransitionRefused { .. }), "{error}");
    assert_eq!(Closed::read(&store, &key).await.unwrap(), closed);
}

async fn what_does_not_exist_is_refused(bed: &Bed) {
    let store = bed.store().await;
    let key = life(1).window(0);
    let error = store.missed(&key, "late").await.unwrap_err();
    assert!(matches!(error, StoreError::WindowUnknown(unknown) if unknown == key));
    store.open_window(&key, &opening(&key, 60)).await.unwrap();
    let refused = |result: Result<(), StoreError>, found: &str| match result.unwrap_err() {
        StoreError::TransitionRefused { found: state, .. } => assert_eq!(state, found),
        other => panic!("{other}"),
    };
    refused(store.sent(&key, signature(1), 5).await, "open");
    refused(store.landed(&key, signature(1), 5).await, "open");
    refused(store.failed_to_land(&key).await, "open");
    store.missed(&key, "the phase is over").await.unwrap();
    store.missed(&key, "another reason").await.unwrap();
    let missed = "missed (the phase is over)";
    refused(store.sent(&key, signature(1), 5).await, missed);
    let closed = Closed::read(&store, &key).await.unwrap();
    refused(store.close_window(&key, &closed).await, missed);
    let window = store.window(&key).await.unwrap().unwrap();
    assert_eq!(window.state, State::Missed { why: "the phase is over".into() });
    assert_eq!(window.submission, None);
}

async fn windows_are_found(bed: &Bed) {
    let store = bed.store().await;
    let keys = [life(1).window(0), life(1).window(1), life(2).window(0), life(2).window(300)];
    for key in &keys {
        store.open_window(key, &opening(key, 60)).await.unwrap();
    }
    for key in &keys[1..] {
        store.close_window(key, &Closed::read(&store, key).await.unwrap()).await.unwrap();
    }
    store.sent(&keys[2], signature(1), 5).await.unwrap();
    store.sent(&keys[3], signature(1), 5).await.unwrap();
    store.landed(&keys[3], signature(1), 5).await.unwrap();
    let found = async |filter: Filter| {
        let windows = store.windows(&filter).await.unwrap();
        windows.iter().map(|window| window.key).collect::<Vec<_>>()
    };
    assert_eq!(found(Filter::default()).await, keys);
    let unfinished = Filter { unfinished: true, ..Filter::default() };
    assert_eq!(found(unfinished).await, keys[..3]);
    assert_eq!(found(Filter { life: Some(life(2)), unfinished: false }).await, keys[2..]);
    assert_eq!(found(Filter { life: Some(life(2)), unfinished: true }).await, keys[2..3]);
    let stats = store.stats().await.unwrap();
    assert_eq!(stats, Stats { open: 1, closed: 1, sent: 1, landed: 1, ..Stats::default() });

    // Published is what is reported, once nobody can copy it any more.
    let closes = |index: usize| opening(&keys[index], 60).report_closes;
    let published = async |now, after, limit| store.published(now, after, limit).await.unwrap();
    assert_eq!(published(closes(2), None, 9).await, [keys[2]]);
    assert_eq!(published(closes(1), None, 9).await, keys[1..3]);
    assert_eq!(published(closes(3), None, 9).await, keys[1..]);
    assert_eq!(published(closes(3), None, 2).await, keys[1..3]);
    assert_eq!(published(closes(3), Some(&keys[2]), 9).await, keys[3..]);
    let too_early = flashback_core::units::Timestamp(closes(2).0 - 1);
    assert_eq!(published(too_early, None, 9).await, []);
}
