//! Subscriptions, against a scripted RPC server. Its time is tokio's own, which passes as soon as nothing else can happen.

mod server;

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::*;
use crate::error::Error;
use server::{Known, Server, observed, signature, transaction};

/// A transaction to come, with the events that it will have.
type Plan = (u64, u64, u8);

fn known(plans: &[Plan]) -> impl Iterator<Item = Known> {
    plans.iter().map(|&(number, slot, events)| transaction(number, slot, events))
}

fn all(plans: &[Plan]) -> Vec<Observed> {
    plans.iter().flat_map(|&(number, slot, events)| observed(number, slot, events)).collect()
}

async fn take(events: &mut Subscription, count: usize) -> Vec<Observed> {
    let mut taken = vec![];
    while taken.len() < count {
        taken.push(events.next().await.unwrap());
    }
    taken
}

/// Everything that a subscription delivers until it has waited for a minute.
async fn rest(events: &mut Subscription) -> Vec<Observed> {
    let mut taken = vec![];
    while let Ok(next) = timeout(Duration::from_secs(60), events.next()).await {
        taken.push(next.unwrap());
    }
    taken
}

/// Four transactions of which two share a slot, and events of each.
const PLANS: [Plan; 4] = [(1, 10, 1), (2, 20, 3), (3, 20, 2), (4, 30, 1)];

#[tokio::test(start_paused = true)]
async fn a_long_history_is_read_whole_and_in_order() {
    let plans: Vec<Plan> = (1..=2_345).map(|n| (n, n / 3, (n % 3) as u8)).collect();
    let server = Server::with(known(&plans));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&plans));
}

#[tokio::test(start_paused = true)]
async fn what_happens_later_follows() {
    let server = Server::with(known(&PLANS[..1]));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&PLANS[..1]));
    for plan in &PLANS[1..] {
        server.state().history.extend(known(&[*plan]));
        assert_eq!(rest(&mut events).await, all(&[*plan]));
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_did_not_happen() {
    let server = Server::with(known(&PLANS));
    server.state().history[1].failed = true;
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&[PLANS[0], PLANS[2], PLANS[3]]));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_confirmed_is_not_delivered_yet() {
    let server = Server::with(known(&PLANS));
    server.state().unconfirmed.insert(signature(4));
    let mut events = server.subscribe(Start::Now).await.unwrap();
    assert!(rest(&mut events).await.is_empty());
    server.state().unconfirmed.clear();
    assert_eq!(rest(&mut events).await, all(&PLANS[3..]));
}

#[tokio::test(start_paused = true)]
async fn now_begins_behind_what_there_is() {
    let server = Server::with(known(&PLANS[..2]));
    let mut events = server.subscribe(Start::Now).await.unwrap();
    server.state().history.extend(known(&PLANS[2..]));
    assert_eq!(rest(&mut events).await, all(&PLANS[2..]), "one of them is of the same slot");
    let server = Server::default();
    let mut events = server.subscribe(Start::Now).await.unwrap();
    server.state().history.extend(known(&PLANS));
    assert_eq!(rest(&mut events).await, all(&PLANS), "there was nothing");
}

#[tokio::test(start_paused = true)]
async fn after_a_transaction_comes_the_next_of_its_slot() {
    let server = Server::with(known(&PLANS));
    for (index, (number, ..)) in PLANS.into_iter().enumerate() {
        let mut events = server.subscribe(Start::After(signature(number))).await.unwrap();
        assert_eq!(rest(&mut events).await, all(&PLANS[index + 1..]));
    }
}

/// All up to a transaction, at most.
async fn until(events: &mut Subscription, last: (u64, Signature)) -> Vec<Observed> {
    let mut taken = vec![];
    while let Some(next) = events.next_until(last).await.unwrap() {
        taken.push(next);
    }
    taken
}

#[tokio::test(start_paused = true)]
async fn up_to_a_transaction_comes_all_of_its_slot_before_it() {
    // The last two share a slot, and the very last has no events.
    let plans = [PLANS[0], PLANS[1], PLANS[2], (4, 20, 0)];
    for count in 1..=plans.len() {
        let server = Server::with(known(&plans));
        let (number, slot, _) = plans[count - 1];
        let last = (slot, signature(number));
        let mut events = server.subscribe(Start::Genesis).await.unwrap();
        assert_eq!(until(&mut events, last).await, all(&plans[..count]), "up to {number}");
        // Behind it, nothing is waited for.
        assert!(until(&mut events, last).await.is_empty());
        let mut events = server.subscribe(Start::After(signature(3))).await.unwrap();
        assert!(until(&mut events, last).await.is_empty(), "up to {number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cursor_as_text_goes_on_exactly_where_it_was_taken() {
    let server = Server::with(known(&PLANS));
    let expected = all(&PLANS);
    for count in 0..=expected.len() {
        let mut first = server.subscribe(Start::Genesis).await.unwrap();
        assert_eq!(take(&mut first, count).await, expected[..count]);
        let cursor: Cursor = first.cursor().to_string().parse().unwrap();
        assert_eq!(cursor, *first.cursor());
        let mut second = server.subscribe(Start::Resume(cursor)).await.unwrap();
        assert_eq!(rest(&mut second).await, expected[count..]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_listed_late_is_delivered_once() {
    let plans: Vec<Plan> = (1..=200).map(|n| (n, n, 2)).collect();
    let late = [plans[60], plans[120], plans[198]];
    let server = Server::with(known(&plans));
    server.state().hidden.extend(late.map(|(number, ..)| signature(number)));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    let on_time: Vec<_> = plans.iter().copied().filter(|plan| !late.contains(plan)).collect();
    assert_eq!(rest(&mut events).await, all(&on_time));
    let cursor = events.cursor().clone();
    server.state().hidden.clear();
    assert_eq!(rest(&mut events).await, all(&late));
    let mut resumed = server.subscribe(Start::Resume(cursor)).await.unwrap();
    assert_eq!(rest(&mut resumed).await, all(&late), "another process would not miss them either");
}

#[tokio::test(start_paused = true)]
async fn a_slot_of_many_pages_is_read_whole() {
    let plans: Vec<Plan> = (1..=1_250).map(|n| (n, 10, 1)).collect();
    let server = Server::with(known(&plans));
    for number in [3, 1_249] {
        let mut events = server.subscribe(Start::After(signature(number))).await.unwrap();
        assert_eq!(rest(&mut events).await, all(&plans[number as usize..]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lists_less_than_is_asked_for_is_asked_for_the_rest() {
    let plans: Vec<Plan> = (1..=50).map(|n| (n, n, 1)).collect();
    let server = Server::with(known(&plans));
    server.state().page_max = Some(7);
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&plans));
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_server_that_lags_behind_is_not_the_beginning() {
    let plans: Vec<Plan> = (1..=150).map(|n| (n, n, 1)).collect();
    let server = Server::with(known(&plans));
    // It does not know the signature where the first page ended, and has nothing to list before that.
    server.state().lags = Some((2, 20));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&plans));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lags_behind_is_not_believed() {
    let server = Server::with(known(&PLANS));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&PLANS));
    // Of two servers at one address, the other one answers for 20 seconds.
    let ahead = std::mem::take(&mut server.state().history);
    server.state().at_slot = Some(15);
    server.state().history.extend(known(&PLANS[..1]));
    assert!(timeout(Duration::from_secs(20), events.next()).await.is_err());
    *server.state() = server::State { history: ahead, ..Default::default() };
    server.state().history.extend(known(&[(5, 31, 1)]));
    assert_eq!(rest(&mut events).await, observed(5, 31, 1));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_now_and_then_is_asked_again() {
    let plans: Vec<Plan> = (1..=400).map(|n| (n, n, 1)).collect();
    let server = Server::with(known(&plans));
    server.state().answers_before_failure = Some(0);
    let mut events = server.subscribe(Start::After(signature(1))).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&plans[1..]));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_for_less_than_a_minute_is_waited_for() {
    let server = Server::with(known(&PLANS[..2]));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&PLANS[..2]));
    server.state().refuses = Some(None);
    server.state().history.extend(known(&PLANS[2..]));
    assert!(timeout(Duration::from_secs(50), events.next()).await.is_err());
    server.state().refuses = None;
    assert_eq!(rest(&mut events).await, all(&PLANS[2..]));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_for_longer_is_reported_and_nothing_is_lost() {
    let server = Server::with(known(&PLANS));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(take(&mut events, 1).await, all(&PLANS[..1]));
    let mut taken = all(&PLANS[..1]);
    // What was read already is delivered first.
    server.state().refuses = Some(None);
    for _ in 0..3 {
        let error = loop {
            match events.next().await {
                Ok(event) => taken.push(event),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::Network(_)), "{error}");
    }
    server.state().refuses = None;
    taken.extend(rest(&mut events).await);
    assert_eq!(taken, all(&PLANS));
}

#[tokio::test(start_paused = true)]
async fn a_server_without_history_is_reported_at_once() {
    let server = Server::with(known(&PLANS));
    server.state().refuses = Some(Some(-32_011));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    let begun = Instant::now();
    let error = events.next().await.unwrap_err();
    assert!(matches!(error, Error::Rpc(_)), "{error}");
    assert_eq!((begun.elapsed(), server.state().asked), (Duration::ZERO, 1));
}

#[tokio::test(start_paused = true)]
async fn a_history_with_a_gap_is_reported_and_never_read_over() {
    let server = Server::with(known(&PLANS[..3]));
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    assert_eq!(rest(&mut events).await, all(&PLANS[..3]));
    let cursor = events.cursor().clone();
    // All that it has seen is deleted, and something new has happened.
    let deleted = std::mem::take(&mut server.state().history);
    server.state().history.extend(known(&PLANS[3..]));
    for mut events in [events, server.subscribe(Start::Resume(cursor)).await.unwrap()] {
        let error = events.next().await.unwrap_err();
        assert!(matches!(error, Error::HistoryGone { .. }), "{error}");
        server.state().history.splice(0..0, deleted.clone());
        assert_eq!(rest(&mut events).await, all(&PLANS[3..]), "another server has it");
        server.state().history.drain(..3);
    }
    let gone = server.subscribe(Start::After(signature(2))).await.err();
    let expected = signature(2);
    assert!(matches!(gone, Some(Error::HistoryGone { signature }) if signature == expected));
}

#[tokio::test(start_paused = true)]
async fn what_a_log_does_not_show_is_an_error_in_its_place() {
    let server = Server::with(known(&PLANS));
    {
        let mut state = server.state();
        let logs = state.history[1].logs.as_mut().unwrap();
        logs.truncate(2);
        logs.push("Log truncated".to_owned());
        state.history[2].logs = None;
        let unknown = "Program data: AAAAAAAAAAAA".to_owned();
        state.history[3].logs.as_mut().unwrap().insert(1, unknown);
    }
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    let mut expected = all(&PLANS[..2]);
    expected.truncate(2);
    assert_eq!(take(&mut events, 2).await, expected);
    for number in [2, 3] {
        let error = events.next().await.unwrap_err();
        let cut = signature(number);
        assert!(matches!(error, Error::LogsTruncated { signature } if signature == cut), "{error}");
    }
    let error = events.next().await.unwrap_err();
    assert!(matches!(error, Error::EventUndecoded { index: 0, .. }), "{error}");
    let last = Observed { index: 1, ..observed(4, 30, 1).remove(0) };
    assert_eq!(rest(&mut events).await, [last]);
}

#[tokio::test(start_paused = true)]
async fn waiting_may_be_given_up_at_any_point() {
    let plans: Vec<Plan> = (1..=300).map(|n| (n, n, 1)).collect();
    let server = Server::with(known(&plans));
    server.state().answers_before_failure = Some(0);
    let mut events = server.subscribe(Start::Genesis).await.unwrap();
    let mut taken = vec![];
    while taken.len() < plans.len() {
        // Given up at its first pause, over and over.
        if let Ok(event) = timeout(Duration::from_millis(1), events.next()).await {
            taken.push(event.unwrap());
        }
    }
    assert_eq!(taken, all(&plans));
    assert!(rest(&mut events).await.is_empty());
}

#[test]
fn a_cursor_remembers_no_more_than_it_has_to() {
    let entry = |number, slot| Entry { slot, signature: signature(number), failed: false };
    let mut cursor = Cursor::default();
    (1..=10_000).for_each(|n| cursor.delivered(&entry(n, n)));
    assert_eq!(cursor.newest(), Some((10_000, signature(10_000))));
    assert_eq!(cursor.anchor(), Some((9_850, signature(9_850))));
    assert!(!cursor.awaits(&entry(1, 9_849)) && cursor.awaits(&entry(1, 9_850)));
    (10_001..=20_000).for_each(|n| cursor.delivered(&entry(n, 9_900 + n / 100)));
    assert!(cursor.to_string().split(' ').count() <= 4_097);
    assert!(!cursor.awaits(&entry(10_001, 10_000)), "forgotten, so it counts as delivered");
}

#[test]
fn a_text_that_is_no_cursor_is_refused() {
    for text in ["", "x", "1 2", "1 2:3", &format!("1 2:{}:x", signature(1))] {
        assert!(text.parse::<Cursor>().is_err(), "{text:?}");
    }
    assert_eq!("0".parse(), Ok(Cursor::default()));
}

#[test]
fn a_subscription_can_cross_threads() {
    fn crosses<T: Send>(value: T) -> T {
        value
    }
    let _next = |mut events: Subscription| drop(crosses(async move { events.next().await }));
    let _begin = |client: Flashback| drop(crosses(async move { client.events(Start::Now).await }));
}
