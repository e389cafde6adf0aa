//! What is rolled up adds up to what was measured.

use flashback_core::quality::Aggregate;
use flashback_core::units::{Seconds, Timestamp};
use flashback_oracle::key::WindowKey;
use flashback_oracle::store::{Filter, Opening, RolledUp, Store};
use flashback_oracle::window::Closed;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use solana_sdk::signature::Signature;

use crate::bed::{Bed, over_both};
use crate::support::numbers::Numbers;
use crate::support::{START, WINDOW_SECS, cases, life, opening};

over_both! { roll_ups_add_up, only_what_is_over_is_rolled_up }

async fn fill(store: &Store, key: &WindowKey, opening: &Opening, seed: u64) -> Closed {
    store.open_window(key, opening).await.unwrap();
    let window = store.recording(key).await.unwrap();
    for (round, record) in Numbers(seed).records(window.series()) {
        window.append(round, &record).await.unwrap();
    }
    Closed::read(store, key).await.unwrap()
}

async fn land(store: &Store, key: &WindowKey, closed: &Closed) {
    store.close_window(key, closed).await.unwrap();
    store.sent(key, Signature::from([1; 64]), 5).await.unwrap();
    store.landed(key, Signature::from([1; 64]), 5).await.unwrap();
}

/// Whatever was recorded, however it is spread over windows and hours, and whatever of it is rolled up.
async fn roll_ups_add_up(bed: &Bed) {
    let store = bed.store().await;
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases(8))
    });
    let case = (any::<u64>(), 1u32..20, 600u32..9_000, 0u16..5);
    // One SLA after the other in one store; a case blocks this thread, which the runtime lets it.
    let handle = tokio::runtime::Handle::current();
    let ran = tokio::task::block_in_place(|| {
        let starts = std::cell::Cell::new(START.0);
        runner.run(&case, |(seed, rounds, window_secs, kept)| {
            let start = starts.get() + 1;
            starts.set(start);
            handle.block_on(async {
                let life = flashback_oracle::key::SlaLife { start: Timestamp(start), ..life(1) };
                let mut expected = Aggregate::EMPTY;
                for window in 0..5 {
                    let key = life.window(window);
                    let opening =
                        Opening { window_secs: Seconds(window_secs), ..opening(&key, rounds) };
                    let closed = fill(&store, &key, &opening, seed ^ u64::from(window)).await;
                    land(&store, &key, &closed).await;
                    expected = expected.plus(closed.aggregate()).unwrap();
                }
                prop_assert_eq!(store.sums(&life).await.unwrap(), expected);
                let end = start + i64::from(window_secs) * i64::from(5 - kept);
                let retention = Seconds(86_400);
                let now = Timestamp(end).after(86_400).unwrap();
                let rolled = store.roll_up(now, retention).await.unwrap();
                prop_assert!(rolled.windows >= u64::from(5 - kept));
                prop_assert_eq!(store.sums(&life).await.unwrap(), expected);
                prop_assert_eq!(store.roll_up(now, retention).await.unwrap(), RolledUp::default());
                // By the hour, and nothing but what was rolled up.
                let mut hourly = Aggregate::EMPTY;
                for (hour, sums) in store.hours(&life).await.unwrap() {
                    prop_assert_eq!(hour.0 % 3_600, 0);
                    prop_assert!(hour.0 > start - 3_600 && hour.0 < end);
                    hourly = hourly.plus(&sums).unwrap();
                }
                for window in (5 - kept)..5 {
                    let left = Closed::read(&store, &life.window(window)).await.unwrap();
                    hourly = hourly.plus(left.aggregate()).unwrap();
                }
                prop_assert_eq!(hourly, expected);
                Ok(())
            })
        })
    });
    ran.unwrap();
}

async fn only_what_is_over_is_rolled_up(bed: &Bed) {
    let store = bed.store().await;
    let keys = [0, 1, 2, 3].map(|window| life(1).window(window));
    let mut filled = Vec::new();
    for key in &keys {
        filled.push(fill(&store, key, &opening(key, 30), u64::from(key.window)).await);
    }
    let (landed, missed, sent, open) = (keys[0], keys[1], keys[2], keys[3]);
    land(&store, &landed, &filled[0]).await;
    store.missed(&missed, "late").await.unwrap();
    store.close_window(&sent, &filled[2]).await.unwrap();
    store.sent(&sent, Signature::from([2; 64]), 5).await.unwrap();

    let end = START.after(u64::from(WINDOW_SECS)).unwrap();
    let day = Seconds(86_400);
    let early = end.after(86_399).unwrap();
    assert_eq!(store.roll_up(early, day).await.unwrap(), RolledUp::default());
    let rolled = store.roll_up(end.after(86_400).unwrap(), day).await.unwrap();
    assert_eq!(rolled, RolledUp { windows: 1, records: filled[0].records });
    assert_eq!(store.records(&landed).await.unwrap(), []);
    // An hour's window that does not begin on the hour.
    assert_eq!(store.hours(&life(1)).await.unwrap().len(), 2);

    let much_later = end.after(10 * 86_400).unwrap();
    let rolled = store.roll_up(much_later, day).await.unwrap();
    assert_eq!(rolled, RolledUp { windows: 1, records: filled[1].records });
    for key in [sent, open] {
        let closed = Closed::read(&store, &key).await.unwrap();
        assert_eq!(closed, filled[usize::from(key.window)]);
    }
    let gone: Vec<bool> = store
        .windows(&Filter::default())
        .await
        .unwrap()
        .iter()
        .map(|window| window.rolled_up)
        .collect();
    assert_eq!(gone, [true, true, false, false]);
    // What was deleted is not published as if it were all.
    assert_eq!(store.published(much_later, None, 9).await.unwrap(), [sent]);
    let window = store.window(&landed).await.unwrap().unwrap();
    assert_eq!(window.submission, Some(filled[0].submission()));
}
