//! An oracle that is killed again and again, while it probes, builds trees, sends and waits: each window is reported once.

use std::time::Duration;

use flashback_sdk::core::units::Timestamp;
use flashback_sdk::event::FlashbackEvent;
use flashback_sdk::subscription::Start;
use flashback_tests::scale::cases;
use tokio::time::sleep;

use super::numbers::Numbers;
use super::postgres::Database;
use super::stage::{Stage, WINDOW};

#[tokio::test(flavor = "multi_thread")]
async fn over_sqlite_each_window_is_reported_once() {
    killed_again_and_again("killed.db").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgresql_each_window_is_reported_once() {
    let database = Database::new().await;
    killed_again_and_again(&database.url()).await;
}

async fn killed_again_and_again(store: &str) {
    // Five kills ordinarily, fifty with FLASHBACK_FULL=1.
    let kills = cases(5);
    let windows = kills.div_ceil(16).max(1);
    let stage = Stage::set(windows).await;
    let committee = stage.committee().await;
    let [killed, second, third] = committee[..] else { panic!("three seats") };
    let _second = stage.start(second, "second.db").await;
    let _third = stage.start(third, "third.db").await;
    let terms = stage.account().await.body.terms;
    let mut moments = Numbers(u64::from(kills));
    let mut done = 0;
    let mut process = stage.start(killed, store).await;
    let end = terms.report_closes(u16::try_from(windows).unwrap() - 1).unwrap();
    stage.until(terms.window_start(0).unwrap()).await;
    while stage.chain.now().await.unwrap() < end {
        // While a report is due, in quick succession: before, during and after it is sent.
        let quick = is_reporting(&stage, windows).await;
        let most = if quick { 1_500 } else { u64::from(WINDOW) * 1_000 / 15 };
        sleep(Duration::from_millis(200 + moments.below(most))).await;
        // Two kills of each window are for its report phase, and the second half of the last one is left to it.
        let kept = if quick { 0 } else { 2 * windows_left(&stage, windows).await };
        if done + kept < kills && stage.chain.now().await.unwrap().after(8).unwrap() < end {
            drop(process);
            process = stage.start(killed, store).await;
            done += 1;
        }
    }
    assert_eq!(done, kills, "as often as was meant");

    let mut reported = vec![0u32; usize::try_from(windows).unwrap()];
    let client = &stage.market.consumer.client;
    let last = client.newest_transaction().await.unwrap().expect("there are some");
    let mut events = client.events(Start::Genesis).await.unwrap();
    while let Some(observed) = events.next_until(last).await.unwrap() {
        if let FlashbackEvent::ReportsSubmitted(event) = observed.event
            && event.oracle == killed.key()
        {
            for record in event.records.iter().filter(|record| record.result <= 1) {
                reported[usize::from(record.window)] += 1;
            }
        }
    }
    assert!(reported.iter().all(|times| *times == 1), "{reported:?}\n{}", stage.log(killed));
    drop(process);
}

/// Whether the report phase of a window is under way.
async fn is_reporting(stage: &Stage, windows: u32) -> bool {
    let (terms, now) = (stage.account().await.body.terms, stage.chain.now().await.unwrap());
    let within = |window: u16| -> Option<bool> {
        let (opens, closes): (Timestamp, Timestamp) =
            (terms.report_opens(window).ok()?, terms.report_closes(window).ok()?);
        Some(opens <= now && now < closes)
    };
    (0..u16::try_from(windows).unwrap()).any(|window| within(window) == Some(true))
}

/// Windows whose report phase has not begun.
async fn windows_left(stage: &Stage, windows: u32) -> u32 {
    let (terms, now) = (stage.account().await.body.terms, stage.chain.now().await.unwrap());
    let left = (0..u16::try_from(windows).unwrap())
        .filter(|window| terms.report_opens(*window).is_ok_and(|opens| now < opens));
    u32::try_from(left.count()).unwrap()
}
