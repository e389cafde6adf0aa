//! Several transactions through a faulty server: whatever happens to one, what is told of all of them is what happened,
//! and doing it again does what is left.

use std::sync::{Arc, Mutex};

use flashback_core::CoreError;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signature};

use super::chain::{Chain, Faults};
use super::faults::{AT_ONCE, CALM};
use crate::error::Error;
use crate::sent::{Batch, Batches, Sent, send_all};
use crate::{Flashback, SendOptions, instruction};

const SEEDS: u64 = 200;
const BATCHES: usize = 4;

/// What became of the batches of a run of seeds.
#[derive(Debug, Default)]
struct Tally {
    receipts: usize,
    refused: usize,
    passed_over: usize,
    ended: usize,
    untried: usize,
}

fn batches(client: &Flashback, slas: &[Pubkey]) -> Vec<Batch> {
    let batch = |sla: &Pubkey| {
        let prepared = client.prepare([instruction::settle_many(&[*sla])]);
        Batch { slas: vec![*sla], prepared }
    };
    slas.iter().map(batch).collect()
}

/// The SLAs for which a transaction took effect, and those for which one failed on chain.
fn happened(chain: &mut Chain, slas: &[Pubkey]) -> (Vec<Pubkey>, Vec<Pubkey>) {
    let (landed, failed) = chain.outcome();
    let about = |signatures: &[Signature]| -> Vec<Pubkey> {
        let about = slas.iter().filter(|sla| {
            chain.sent_about(sla).iter().any(|signature| signatures.contains(signature))
        });
        about.copied().collect()
    };
    (about(&landed), about(&failed))
}

/// Checks what is told against the chain.
fn check(chain: &mut Chain, slas: &[Pubkey], sent: &Sent, tally: &mut Tally) {
    let (landed, failed) = happened(chain, slas);
    let said = format!("{sent:?}, landed {landed:?}, failed {failed:?}");
    let signatures = chain.outcome().0;
    assert_eq!(chain.wrongs, Vec::<String>::new(), "{said}");
    for receipt in &sent.receipts {
        assert!(signatures.contains(&receipt.signature), "{said}");
    }
    let mut last_is_unknown = 0;
    for (index, (batch, error)) in sent.failures.iter().enumerate() {
        let sla = batch.slas[0];
        match error {
            Error::Failed(_) => assert!(failed.contains(&sla) && !landed.contains(&sla), "{said}"),
            Error::Unknown { .. } => last_is_unknown = usize::from(landed.contains(&sla)),
            _ => assert!(!landed.contains(&sla) && !failed.contains(&sla), "{said}"),
        }
        // Only what speaks against all of them ends it, and nothing else leaves any untried.
        let is_last = index + 1 == sent.failures.len();
        assert!(error.is_of_one_transaction() || is_last, "{said}");
        tally.refused += usize::from(error.is_of_one_transaction());
        tally.ended += usize::from(!error.is_of_one_transaction());
    }
    if !sent.untried.is_empty() {
        assert!(!sent.failures.last().unwrap().1.is_of_one_transaction(), "{said}");
    }
    for batch in &sent.untried {
        assert!(chain.sent_about(&batch.slas[0]).is_empty(), "{said}");
    }
    assert_eq!(landed.len(), sent.receipts.len() + last_is_unknown, "{said}");
    let told = sent.receipts.len() + sent.failures.len() + sent.untried.len();
    tally.receipts += sent.receipts.len();
    tally.untried += sent.untried.len();
    tally.passed_over += slas.len() - told;
}

async fn run(faults: Faults, nothing: Option<CoreError>) -> Tally {
    let mut tally = Tally::default();
    for seed in 1..=SEEDS {
        let chain = Arc::new(Mutex::new(Chain::new(seed, faults)));
        let options = SendOptions { pace: AT_ONCE, ..SendOptions::default() };
        let client = Flashback::over(Chain::client(&chain), Keypair::new()).with_options(options);
        let slas: Vec<_> = (0..BATCHES).map(|_| Pubkey::new_unique()).collect();
        let sent = send_all(Batches::new(batches(&client, &slas), vec![]), nothing).await;
        check(&mut chain.lock().unwrap(), &slas, &sent, &mut tally);
    }
    tally
}

const ALL: usize = SEEDS as usize * BATCHES;

#[tokio::test]
async fn all_of_them_are_sent() {
    let tally = run(CALM, None).await;
    assert_eq!((tally.receipts, tally.refused, tally.untried), (ALL, 0, 0), "{tally:?}");
}

#[tokio::test]
async fn one_that_is_refused_keeps_none_from_being_sent() {
    let tally = run(Faults { failed: 40, ..CALM }, None).await;
    assert!(tally.refused > ALL / 4 && tally.receipts > ALL / 4, "{tally:?}");
    assert_eq!(tally.receipts + tally.refused, ALL, "{tally:?}");
}

#[tokio::test]
async fn one_of_which_nothing_was_left_is_passed_over() {
    let tally = run(Faults { failed: 40, ..CALM }, Some(CoreError::Unauthorized)).await;
    assert!(tally.passed_over > ALL / 4, "{tally:?}");
    assert_eq!((tally.receipts + tally.passed_over, tally.refused), (ALL, 0), "{tally:?}");
}

#[tokio::test]
async fn what_would_meet_all_of_them_ends_it_and_the_rest_is_told() {
    let faults = Faults { dropped: 60, late: 40, answer_lost: 10, request_lost: 10, ..CALM };
    let tally = run(faults, None).await;
    assert!(tally.ended > 0 && tally.untried > 0 && tally.receipts > 0, "{tally:?}");
    assert_eq!(tally.receipts + tally.ended + tally.untried, ALL, "{tally:?}");
}

#[tokio::test]
async fn again_and_again_does_all_of_it_once() {
    let faults =
        Faults { dropped: 40, late: 40, failed: 20, answer_lost: 10, request_lost: 10, ..CALM };
    for seed in 1..=SEEDS {
        let chain = Arc::new(Mutex::new(Chain::new(seed, faults)));
        let options = SendOptions { pace: AT_ONCE, ..SendOptions::default() };
        let client = Flashback::over(Chain::client(&chain), Keypair::new()).with_options(options);
        let slas: Vec<_> = (0..BATCHES).map(|_| Pubkey::new_unique()).collect();
        let mut left = slas.clone();
        for _ in 0..100 {
            let _ = send_all(Batches::new(batches(&client, &left), vec![]), None).await;
            let mut chain = chain.lock().unwrap();
            // As a new call would find it.
            let (landed, _) = happened(&mut chain, &slas);
            left.retain(|sla| !landed.contains(sla));
            if left.is_empty() {
                break;
            }
        }
        let mut chain = chain.lock().unwrap();
        assert!(left.is_empty(), "seed {seed}: {left:?}");
        assert_eq!(chain.outcome().0.len(), BATCHES, "seed {seed}");
    }
}

#[test]
fn the_error_that_ended_it_goes_before_the_first_one() {
    let client = Flashback::new("http://127.0.0.1:1", Keypair::new());
    let batch = || batches(&client, &[Pubkey::new_unique()]).remove(0);
    let refused = |core| (batch(), Error::Rule(core));
    let [first, second] = [CoreError::NothingDue, CoreError::Unauthorized];
    assert!(Sent::default().complete().unwrap().is_empty());
    let sent = Sent { failures: vec![refused(first), refused(second)], ..Sent::default() };
    assert!(!sent.is_complete());
    assert_eq!(sent.complete().unwrap_err().core(), Some(first));
    let ended = (batch(), Error::Network("down".into()));
    let failures = vec![refused(first), ended];
    let sent = Sent { failures, untried: vec![batch()], ..Sent::default() };
    assert!(matches!(sent.complete(), Err(Error::Network(_))));
}

#[tokio::test]
async fn what_was_left_out_is_told_once_and_is_not_complete() {
    let client = Flashback::new("http://127.0.0.1:1", Keypair::new());
    let address = Pubkey::new_unique();
    let unknown = |version| Error::AccountVersionUnknown { kind: "Sla", address, version };
    let batches = Batches::new(vec![], vec![unknown(9), unknown(9)]);
    let sent = send_all(batches, None).await;
    assert_eq!((sent.skipped.len(), sent.is_complete()), (1, false));
    assert!(matches!(sent.complete(), Err(Error::AccountVersionUnknown { version: 9, .. })));
    // What failed goes before it.
    let batch = self::batches(&client, &[address]).remove(0);
    let failures = vec![(batch, Error::Rule(CoreError::NothingDue))];
    let sent = Sent { failures, skipped: vec![unknown(9)], ..Sent::default() };
    assert_eq!(sent.complete().unwrap_err().core(), Some(CoreError::NothingDue));
}
