//! The same instructions twice: two transactions, unless the caller says with what to sign.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use solana_sdk::hash::Hash;
use solana_sdk::signature::Keypair;
use tokio::time::timeout;

use super::chain::{self, Chain, Faults};
use super::faults::{AT_ONCE, CALM};
use super::{LANDS, Script, serve};
use crate::error::Error;
use crate::{Flashback, SendOptions, address};

/// For what would go on for ever.
const PATIENCE: Duration = Duration::from_secs(60);

fn signing_with(blockhash: Option<Hash>) -> SendOptions {
    SendOptions { blockhash, pace: AT_ONCE, ..SendOptions::default() }
}

fn client(chain: &Arc<Mutex<Chain>>, key: &Keypair, blockhash: Option<Hash>) -> Flashback {
    Flashback::over(Chain::client(chain), key.insecure_clone())
        .with_options(signing_with(blockhash))
}

#[tokio::test]
async fn under_one_blockhash_they_are_two_transactions() {
    let key = Keypair::new();
    // Two processes, each of which is told the same blockhash, and neither of which sees the other.
    let mut sent = vec![];
    for _ in 0..2 {
        let (url, seen) =
            serve(Script { status: super::confirmed(serde_json::Value::Null), ..LANDS }).await;
        let client = Flashback::new(url, key.insecure_clone());
        client.settle(&address::config()).send().await.unwrap();
        sent.push(seen.lock().unwrap().sent[0].clone());
    }
    assert_ne!(sent[0], sent[1]);
}

#[tokio::test]
async fn signed_for_later_they_are_two_unless_the_blockhash_is_given() {
    let key = Keypair::new();
    let hash = Hash::new_from_array([1; 32]);
    for (blockhash, same) in [(None, false), (Some(hash), true)] {
        let mut signed = vec![];
        for _ in 0..2 {
            let (url, _) = serve(LANDS).await;
            let client = Flashback::new(url, key.insecure_clone());
            let client = client.with_options(signing_with(blockhash));
            signed.push(client.settle(&address::config()).sign_offline().await.unwrap());
        }
        assert_eq!(*signed[0].transaction().message.recent_blockhash(), hash);
        assert_eq!(signed[0] == signed[1], same, "{blockhash:?}");
    }
}

#[tokio::test]
async fn with_a_blockhash_of_the_callers_the_second_sending_tells_of_the_first() {
    let key = Keypair::new();
    for (faults, fails) in [(CALM, false), (Faults { failed: 100, ..CALM }, true)] {
        let chain = Arc::new(Mutex::new(Chain::new(1, faults)));
        let client = client(&chain, &key, Some(chain::blockhash(110)));
        let settle = client.settle(&address::config());
        let mut told = vec![];
        for _ in 0..2 {
            told.push(timeout(PATIENCE, settle.send()).await.expect("an end"));
        }
        assert_eq!(chain.lock().unwrap().signings(), 1);
        let (landed, failed) = chain.lock().unwrap().outcome();
        for told in told {
            match told {
                Ok(receipt) => assert_eq!(landed, [receipt.signature]),
                Err(Error::Failed(_)) => assert!(fails && failed.len() == 1),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_sent_unawaited_and_refused_may_have_been_taken() {
    let key = Keypair::new();
    for taken in [0, 100] {
        let faults = Faults { refused: 100, refused_but_taken: taken, ..CALM };
        let chain = Arc::new(Mutex::new(Chain::new(1, faults)));
        let client = client(&chain, &key, None);
        let signed = client.settle(&address::config()).sign_offline().await.unwrap();
        let refused = client.dispatch(&signed).await.unwrap_err();
        let own = signed.transaction().signatures[0];
        assert!(
            matches!(refused, Error::Unknown { signature, .. } if signature == own),
            "{refused}"
        );
        let (landed, _) = chain.lock().unwrap().outcome();
        assert_eq!(landed.len(), usize::from(taken == 100));
    }
}
