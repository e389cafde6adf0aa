//! Sending through a faulty server: whatever happens, no second transaction is sent while the first can land, and the
//! answer is what really happened.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use solana_sdk::signature::{Keypair, Signer};

use super::chain::{Chain, Faults};
use crate::error::Error;
use crate::send::options::Pace;
use crate::{Flashback, Nonce, SendOptions, address};

/// Runs of each kind of fault.
const SEEDS: u64 = 300;

/// What the answers of a run of seeds were.
#[derive(Debug, Default)]
struct Tally {
    landed: usize,
    failed: usize,
    expired: usize,
    network: usize,
    refused: usize,
    unknown: usize,
    signed_again: usize,
}

/// Sends once for each seed, and checks every answer against the chain.
async fn run(faults: Faults) -> Tally {
    run_with(faults, false).await
}

/// The same, with a durable nonce or without.
async fn run_with(faults: Faults, durable: bool) -> Tally {
    let mut tally = Tally::default();
    for seed in 1..=SEEDS {
        let key = Keypair::new();
        let nonce = Nonce { account: address::config(), authority: key.pubkey() };
        let chain = match durable {
            true => Chain::new(seed, faults).with_nonce(key.pubkey()),
            false => Chain::new(seed, faults),
        };
        let chain = Arc::new(Mutex::new(chain));
        let nonce = durable.then_some(nonce);
        let client = Flashback::over(Chain::client(&chain), key).with_options(SendOptions {
            signings: 3,
            nonce,
            pace: AT_ONCE,
            ..SendOptions::default()
        });
        let answer = client.settle(&address::config()).send().await;
        let mut chain = chain.lock().unwrap();
        let signings = chain.signings();
        let (landed, failed) = chain.outcome();
        assert!(chain.wrongs.is_empty(), "seed {seed}: {:?}", chain.wrongs);
        assert!(landed.len() + failed.len() <= 1, "seed {seed}: {landed:?} {failed:?}");
        assert!(signings <= 3, "seed {seed}: {signings}");
        tally.signed_again += usize::from(signings > 1);
        let said = format!("seed {seed}: {answer:?}, landed {landed:?}, failed {failed:?}");
        match answer {
            Ok(receipt) => {
                assert_eq!(landed, [receipt.signature], "{said}");
                tally.landed += 1;
            }
            Err(Error::Failed(_)) => {
                assert_eq!(failed.len(), 1, "{said}");
                tally.failed += 1;
            }
            Err(Error::Expired { .. }) => {
                assert!(landed.is_empty() && failed.is_empty(), "{said}");
                tally.expired += 1;
            }
            // Before anything was sent, or after all that was sent is gone.
            Err(Error::Network(_)) => {
                assert!(landed.is_empty() && failed.is_empty(), "{said}");
                tally.network += 1;
            }
            // The server did not take it.
            Err(Error::Rpc(_)) => {
                assert!(landed.is_empty() && failed.is_empty(), "{said}");
                tally.refused += 1;
            }
            Err(Error::Unknown { .. }) => tally.unknown += 1,
            Err(other) => panic!("seed {seed}: {other}"),
        }
    }
    tally
}

/// The model's time goes by requests.
pub(super) const AT_ONCE: Pace = Pace {
    first_pause: Duration::ZERO,
    longest_pause: Duration::ZERO,
    rebroadcast: Duration::ZERO,
};

pub(super) const CALM: Faults = Faults {
    dropped: 0,
    late: 0,
    duplicated: 0,
    answer_lost: 0,
    request_lost: 0,
    too_many_requests: 0,
    refused: 0,
    stale_blockhash: 0,
    failed: 0,
    fork_dropped: 0,
    lagging: 0,
    refused_but_taken: 0,
    nonce_taken: 0,
    blocks_per_request: 1,
};

const ALL: usize = SEEDS as usize;

#[tokio::test]
async fn a_calm_chain_takes_everything_at_once() {
    let tally = run(CALM).await;
    assert_eq!((tally.landed, tally.signed_again), (ALL, 0), "{tally:?}");
}

#[tokio::test]
async fn dropped_and_late_transactions_are_sent_again_and_signed_again_only_when_gone() {
    let tally = run(Faults { dropped: 70, late: 60, ..CALM }).await;
    assert!(tally.signed_again > 30 && tally.expired > 0, "{tally:?}");
    assert_eq!(tally.landed + tally.expired, ALL, "{tally:?}");
}

#[tokio::test]
async fn duplicates_take_effect_once() {
    let tally = run(Faults { duplicated: 100, late: 30, ..CALM }).await;
    assert_eq!(tally.landed + tally.expired, ALL, "{tally:?}");
    assert!(tally.landed > ALL / 2, "{tally:?}");
}

#[tokio::test]
async fn lost_requests_and_answers_hide_no_outcome() {
    let tally = run(Faults { answer_lost: 20, request_lost: 20, dropped: 30, ..CALM }).await;
    assert!(tally.landed > 0 && tally.network > 0, "{tally:?}");
    assert_eq!(tally.landed + tally.expired + tally.network, ALL, "{tally:?}");
}

#[tokio::test]
async fn too_many_requests_are_asked_again_later() {
    let tally = run(Faults { too_many_requests: 40, ..CALM }).await;
    assert!(tally.landed > 0 && tally.network > 0, "{tally:?}");
    assert_eq!(tally.landed + tally.expired + tally.network, ALL, "{tally:?}");
}

#[tokio::test]
async fn a_stale_blockhash_costs_a_signing() {
    let tally = run(Faults { stale_blockhash: 60, ..CALM }).await;
    assert!(tally.signed_again > ALL / 3, "{tally:?}");
    assert_eq!(tally.landed + tally.expired, ALL, "{tally:?}");
}

#[tokio::test]
async fn a_confirmed_transaction_with_an_error_has_failed_and_is_not_sent_anew() {
    let tally = run(Faults { failed: 100, ..CALM }).await;
    assert_eq!((tally.failed, tally.signed_again), (ALL, 0), "{tally:?}");
}

#[tokio::test]
async fn what_a_dropped_fork_had_processed_is_not_taken_for_confirmed() {
    let tally = run(Faults { fork_dropped: 60, late: 40, ..CALM }).await;
    assert!(tally.landed > 0 && tally.signed_again > 0, "{tally:?}");
    assert_eq!(tally.landed + tally.expired, ALL, "{tally:?}");
}

#[tokio::test]
async fn a_node_that_lags_is_not_believed_that_nothing_landed() {
    let tally = run(Faults { lagging: 85, late: 90, blocks_per_request: 3, ..CALM }).await;
    assert!(tally.landed > 0 && tally.signed_again > 0, "{tally:?}");
    assert_eq!(tally.landed + tally.expired, ALL, "{tally:?}");
}

#[tokio::test]
async fn a_refusal_is_reported_and_nothing_was_sent() {
    let tally = run(Faults { refused: 100, ..CALM }).await;
    assert_eq!(tally.refused, ALL, "{tally:?}");
}

#[tokio::test]
async fn a_refusal_of_what_was_passed_on_hides_no_outcome() {
    let tally =
        run(Faults { refused: 20, refused_but_taken: 60, dropped: 50, late: 50, ..CALM }).await;
    assert!(tally.landed > ALL / 2, "{tally:?}");
    assert_eq!(tally.landed + tally.expired + tally.refused, ALL, "{tally:?}");
}

#[tokio::test]
async fn a_nonce_that_the_transaction_itself_advances_is_not_taken_for_a_lost_one() {
    let tally = run_with(Faults { late: 50, lagging: 30, ..CALM }, true).await;
    assert_eq!((tally.landed, tally.signed_again), (ALL, 0), "{tally:?}");
}

#[tokio::test]
async fn a_nonce_that_somebody_else_uses_ends_the_transaction() {
    let faults = Faults { nonce_taken: 60, dropped: 60, late: 60, lagging: 30, ..CALM };
    let tally = run_with(faults, true).await;
    assert!(tally.landed > 0 && tally.expired > 0, "{tally:?}");
    assert_eq!((tally.landed + tally.expired, tally.signed_again), (ALL, 0), "{tally:?}");
}

#[tokio::test]
async fn everything_at_once() {
    let tally = run(Faults {
        dropped: 30,
        late: 40,
        duplicated: 30,
        answer_lost: 10,
        request_lost: 10,
        too_many_requests: 10,
        refused: 0,
        stale_blockhash: 10,
        failed: 10,
        fork_dropped: 20,
        lagging: 30,
        refused_but_taken: 10,
        nonce_taken: 0,
        blocks_per_request: 2,
    })
    .await;
    assert!(tally.landed > 0 && tally.failed > 0 && tally.signed_again > 0, "{tally:?}");
    assert!(tally.expired > 0 && tally.network > 0, "{tally:?}");
    assert_eq!(tally.unknown, 0, "{tally:?}");
}
