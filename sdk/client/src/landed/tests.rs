use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use solana_sdk::hash::Hash;
use solana_sdk::message::{Message, VersionedMessage};
use solana_sdk::signature::{Keypair, Signer};
use solana_sdk::transaction::VersionedTransaction;

use super::*;
use crate::instruction;

/// A transaction of two signers, with these signatures of them.
fn signed(by: &[&Keypair; 2], signatures: [Option<&Keypair>; 2]) -> VersionedTransaction {
    let [payer, other] = by.map(|key| key.pubkey());
    let withdraw = instruction::withdraw_refund(other, payer, payer);
    let message = Message::new_with_blockhash(&[withdraw], Some(&payer), &Hash::default());
    let message = VersionedMessage::Legacy(message);
    let bytes = message.serialize();
    let sign = |key: Option<&Keypair>| key.map(|key| key.sign_message(&bytes)).unwrap_or_default();
    VersionedTransaction { signatures: signatures.map(sign).to_vec(), message }
}

/// What becomes of it as a server's answer for a signature.
fn answered(asked: Signature, sent: &VersionedTransaction) -> Result<Landed> {
    let sent = STANDARD.encode(bincode::serialize(sent).unwrap());
    let answer: Value = json!({
        "slot": 7, "blockTime": 9,
        "transaction": [sent, "base64"],
        "meta": {
            "err": null, "status": { "Ok": null }, "fee": 5_000,
            "preBalances": [], "postBalances": [], "innerInstructions": [], "logMessages": [],
        },
    });
    landed(asked, serde_json::from_value(answer).unwrap())
}

fn reason(refused: Result<Landed>) -> String {
    match refused {
        Err(Error::TransactionMalformed { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_transaction_that_was_asked_for_is_believed() {
    let keys = [Keypair::new(), Keypair::new()];
    let by = keys.each_ref();
    let whole = signed(&by, [Some(by[0]), Some(by[1])]);
    let own = whole.signatures[0];
    assert_eq!(*answered(own, &whole).unwrap().transaction.transaction(), whole);

    let others = Keypair::new();
    let another = signed(&[&others, by[1]], [Some(&others), Some(by[1])]);
    assert!(reason(answered(own, &another)).contains("another transaction"));
    // As a server could make one up.
    let unsigned = signed(&by, [None, None]);
    assert!(
        reason(answered(Signature::default(), &unsigned)).contains(&by[0].pubkey().to_string())
    );
    let part = signed(&by, [Some(by[0]), None]);
    assert!(reason(answered(own, &part)).contains(&by[1].pubkey().to_string()));
    let forged = signed(&by, [Some(by[0]), Some(by[0])]);
    assert!(reason(answered(own, &forged)).contains("not of this message"));
}
