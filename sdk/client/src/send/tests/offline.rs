//! Transactions that travel to their signers.

use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signature, Signer};

use crate::error::Error;
use crate::send::message::Draft;
use crate::send::offline::OfflineTransaction;
use crate::{Budget, Nonce, SendOptions, instruction};

fn unsigned(payer: &Pubkey, other: &Pubkey, nonce: Option<Nonce>) -> OfflineTransaction {
    let withdraw = instruction::withdraw_refund(*other, *payer, *payer);
    let options = SendOptions { nonce, ..SendOptions::default() };
    let draft = Draft::new(&[withdraw], &options);
    OfflineTransaction::new(draft.message(payer, Hash::new_unique()).unwrap())
}

#[test]
fn it_is_signed_by_one_after_the_other() {
    let (payer, other) = (Keypair::new(), Keypair::new());
    let mut here = unsigned(&payer.pubkey(), &other.pubkey(), None);
    assert_eq!(here.missing(), [payer.pubkey(), other.pubkey()]);
    here.sign(&payer).unwrap();
    let mut there = OfflineTransaction::from_base64(&here.to_base64().unwrap()).unwrap();
    assert_eq!(there, here);
    assert_eq!(there.missing(), [other.pubkey()]);
    there.sign(&other).unwrap();
    assert!(there.missing().is_empty());
    assert_eq!(there.signatures().len(), 2);
    assert!(there.transaction().verify_with_results().iter().all(|good| *good));
}

#[test]
fn only_good_signatures_are_taken() {
    let (payer, other) = (Keypair::new(), Keypair::new());
    let mut open = unsigned(&payer.pubkey(), &other.pubkey(), None);
    let stranger = Keypair::new();
    let refused = open.sign(&stranger).unwrap_err();
    assert!(matches!(refused, Error::SignerUnneeded { key } if key == stranger.pubkey()));
    let refused = open.add(&other.pubkey(), Signature::from([9; 64])).unwrap_err();
    assert!(matches!(refused, Error::TransactionMalformed { .. }), "{refused}");
    open.sign(&payer).unwrap();
    let mut forged = open.transaction().clone();
    forged.signatures[1] = Signature::from([9; 64]);
    let forged = OfflineTransaction(forged).to_base64().unwrap();
    let refused = OfflineTransaction::from_base64(&forged).unwrap_err();
    assert!(refused.to_string().contains(&other.pubkey().to_string()), "{refused}");
}

#[test]
fn what_is_no_transaction_is_refused() {
    for text in ["", "!", "AAAA", "AQ=="] {
        let refused = OfflineTransaction::from_base64(text).unwrap_err();
        assert!(matches!(refused, Error::TransactionMalformed { .. }), "{text}: {refused}");
    }
}

#[test]
fn a_nonce_is_advanced_first() {
    let (payer, other) = (Keypair::new(), Keypair::new());
    let nonce = Nonce { account: Pubkey::new_unique(), authority: other.pubkey() };
    let with = unsigned(&payer.pubkey(), &other.pubkey(), Some(nonce));
    assert_eq!(with.nonce(), Some(nonce.account));
    assert_eq!(with.prefix(), 4);
    let without = unsigned(&payer.pubkey(), &other.pubkey(), None);
    assert_eq!((without.nonce(), without.prefix()), (None, 3));
}

#[test]
fn it_tells_what_it_may_use_and_pays() {
    let (payer, other) = (Pubkey::new_unique(), Pubkey::new_unique());
    let withdraw = instruction::withdraw_refund(other, payer, payer);
    let mut draft = Draft::new(&[withdraw], &SendOptions::default());
    draft.compute_unit_limit = 20_001;
    draft.data_limit = 65_536;
    draft.compute_unit_price = 1_000;
    let transaction = OfflineTransaction::new(draft.message(&payer, Hash::default()).unwrap());
    let expected = Budget {
        compute_unit_limit: Some(20_001),
        data_limit: Some(65_536),
        compute_unit_price: Some(1_000),
        // Two signatures, and 20.001 lamports of priority rounded up.
        fee: 10_021,
    };
    assert_eq!(transaction.budget(), expected);
}
