//! A sender that is killed, and another that learns what became of its transaction.

use std::sync::{Arc, Mutex};

use solana_sdk::signature::{Keypair, Signer};

use super::chain::{Chain, Faults};
use super::faults::{AT_ONCE, CALM};
use crate::error::Error;
use crate::{Flashback, InFlight, Lifetime, Nonce, SendOptions, address};

/// What a killed sender had recorded, if it came that far.
type Record = Arc<Mutex<Option<InFlight>>>;

fn options(record: &Record, nonce: Option<Nonce>) -> SendOptions {
    let record = record.clone();
    SendOptions {
        nonce,
        pace: AT_ONCE,
        on_sent: Some(Arc::new(move |sent| {
            *record.lock().unwrap() = Some(sent.clone());
            Ok(())
        })),
        ..SendOptions::default()
    }
}

/// How often each answer was given.
#[derive(Debug, Default)]
struct Tally {
    landed: usize,
    failed: usize,
    expired: usize,
    may_land: usize,
}

/// Kills a sender with each of its requests, and asks what became of what it had recorded.
async fn run(faults: Faults, durable: bool) -> Tally {
    let mut tally = Tally::default();
    for seed in 1..=25 {
        for requests in 0..40 {
            let key = Keypair::new();
            let nonce = Nonce { account: address::config(), authority: key.pubkey() };
            let chain = Chain::new(seed, faults);
            let mut chain = if durable { chain.with_nonce(key.pubkey()) } else { chain };
            let killed = chain.kill_after(requests);
            let chain = Arc::new(Mutex::new(chain));
            let record = Record::default();
            let client = Flashback::over(Chain::client(&chain), key)
                .with_options(options(&record, durable.then_some(nonce)));
            let settle = client.settle(&address::config());
            tokio::select! {
                biased;
                () = killed.notified() => {}
                _ = settle.send() => {}
            }
            chain.lock().unwrap().start_anew();
            let Some(sent) = record.lock().unwrap().clone() else {
                assert_eq!(chain.lock().unwrap().signings(), 0, "sent, and not recorded before");
                continue;
            };
            assert_eq!(matches!(sent.lifetime, Lifetime::Nonce { .. }), durable);
            let answer = client.await_sent(&sent).await;
            let (landed, failed) = chain.lock().unwrap().outcome();
            let said = format!("{seed}, {requests}: {answer:?}, {landed:?}, {failed:?}");
            match answer {
                Ok(Some(_)) => {
                    assert_eq!(landed, [sent.signature], "{said}");
                    tally.landed += 1;
                }
                Ok(None) => {
                    assert!(durable, "{said}");
                    tally.may_land += 1;
                }
                Err(Error::Failed(_)) => {
                    assert_eq!(failed, [sent.signature], "{said}");
                    tally.failed += 1;
                }
                Err(Error::Expired { signature }) => {
                    assert_eq!(signature, sent.signature);
                    assert!(landed.is_empty() && failed.is_empty(), "{said}");
                    tally.expired += 1;
                }
                Err(other) => panic!("{said}: {other}"),
            }
        }
    }
    tally
}

#[tokio::test]
async fn what_was_in_the_air_lands_fails_or_is_gone() {
    let faults = Faults { dropped: 30, late: 60, failed: 30, lagging: 20, ..CALM };
    let tally = run(faults, false).await;
    assert!(tally.landed > 0 && tally.failed > 0 && tally.expired > 0, "{tally:?}");
}

#[tokio::test]
async fn what_was_signed_with_a_nonce_that_stands_is_not_waited_for() {
    let faults = Faults { dropped: 60, late: 60, lagging: 20, nonce_taken: 30, ..CALM };
    let tally = run(faults, true).await;
    assert!(tally.landed > 0 && tally.may_land > 0, "{tally:?}");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_sent() {
    let chain = Arc::new(Mutex::new(Chain::new(1, CALM)));
    let options = SendOptions {
        on_sent: Some(Arc::new(|_| Err("the disk is full".into()))),
        ..SendOptions::default()
    };
    let client = Flashback::over(Chain::client(&chain), Keypair::new()).with_options(options);
    let error = client.settle(&address::config()).send().await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(chain.lock().unwrap().signings(), 0);
}
