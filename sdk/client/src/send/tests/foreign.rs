//! Transactions that other tools made: until when they can land has to be found out.

use std::sync::{Arc, Mutex};

use solana_sdk::hash::Hash;
use solana_sdk::signature::{Keypair, Signer};

use super::chain::{self, Chain, Faults, VALID_BLOCKS};
use super::faults::{AT_ONCE, CALM};
use crate::error::Error;
use crate::send::message::Draft;
use crate::send::offline::OfflineTransaction;
use crate::{Flashback, Nonce, SendOptions, address, instruction};

const SEEDS: u64 = 200;

/// A transaction that advances a nonce first, and is signed with this hash.
fn advancing(key: &Keypair, hash: Hash) -> OfflineTransaction {
    let nonce = Nonce { account: address::config(), authority: key.pubkey() };
    let options = SendOptions { nonce: Some(nonce), ..SendOptions::default() };
    let draft = Draft::new(&[instruction::settle(address::config())], &options);
    let mut signed = OfflineTransaction::new(draft.message(&key.pubkey(), hash).unwrap());
    signed.sign(key).unwrap();
    signed
}

/// How many landed, and of how many it was said that they cannot any more.
async fn submit(faults: Faults, hash: Hash) -> (u64, u64) {
    let (mut confirmed, mut expired) = (0, 0);
    for seed in 1..=SEEDS {
        let key = Keypair::new();
        let signed = advancing(&key, hash);
        let chain = Arc::new(Mutex::new(Chain::new(seed, faults).with_nonce(key.pubkey())));
        let options = SendOptions { pace: AT_ONCE, ..SendOptions::default() };
        let client = Flashback::over(Chain::client(&chain), key).with_options(options);
        let answer = client.submit(&signed).await;
        let (landed, _) = chain.lock().unwrap().outcome();
        let said = format!("seed {seed}: {answer:?}, landed {landed:?}");
        match answer {
            Ok(receipt) => {
                assert_eq!(landed, [receipt.signature], "{said}");
                confirmed += 1;
            }
            Err(Error::Expired { .. }) => {
                assert!(landed.is_empty(), "{said}");
                expired += 1;
            }
            Err(other) => panic!("{other}: {said}"),
        }
    }
    (confirmed, expired)
}

#[tokio::test]
async fn what_advances_a_nonce_and_has_a_blockhash_is_awaited_for_as_long_as_that_is_valid() {
    // As young a one as the model has at its start, of a chain on which they are valid for 150 blocks.
    let hash = chain::blockhash(100 + 150 - VALID_BLOCKS);
    let faults = Faults { dropped: 90, late: 100, lagging: 20, ..CALM };
    let (confirmed, expired) = submit(faults, hash).await;
    assert!(confirmed > SEEDS / 2, "{confirmed} landed, {expired} did not");
}

#[tokio::test]
async fn what_is_signed_with_a_nonce_is_awaited_until_that_advances() {
    let faults = Faults { dropped: 97, late: 60, nonce_taken: 50, ..CALM };
    let (confirmed, expired) = submit(faults, chain::nonce_value()).await;
    assert!(confirmed > SEEDS / 4 && expired > SEEDS / 4, "{confirmed}, {expired}");
}

#[tokio::test]
async fn what_was_signed_with_an_earlier_nonce_is_gone() {
    let earlier = Hash::new_from_array([0; 32]);
    let (confirmed, expired) = submit(CALM, earlier).await;
    assert_eq!((confirmed, expired), (0, SEEDS));
}
