//! Signatures and write access are asked for, always.

use flashback_tests::prelude::*;

use super::happy::every_instruction;

#[test]
fn no_signature_can_be_left_out() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        for (place, meta) in happy.metas().into_iter().enumerate() {
            if meta.is_signer {
                println!("{}: {}", happy.name, happy.account(place));
                let attempt = happy.attempt().unsigned_by(meta.pubkey);
                attempt.is_refused(ErrorCode::AccountNotSigner);
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "only {tried} were tried");
}

#[test]
fn no_account_is_written_without_leave() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        for (place, meta) in happy.metas().into_iter().enumerate() {
            if meta.is_writable {
                let (name, account) = (happy.name, happy.account(place));
                let outcome = happy.attempt().read_only(meta.pubkey).outcome();
                assert!(outcome.is_err(), "{name} writes {account} all the same");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "only {tried} were tried");
}

#[test]
fn no_account_can_be_left_off() {
    for mut happy in every_instruction() {
        let Some(last) = happy.fixed().checked_sub(1) else { continue };
        println!("{}", happy.name);
        let attempt = happy.attempt().remaining(last, Vec::clear);
        attempt.is_refused(ErrorCode::AccountNotEnoughKeys);
    }
}
