//! Signatures and write access are asked for, always.

use flashback_tests::prelude::*;

use super::happy::every_instruction;

#[test]
fn no_signature_can_be_left_out() {
    for mut happy in every_instruction() {
        for place in 0..happy.attempt().accounts().len() {
            let (name, account) = (happy.name, happy.account(place).to_owned());
            let attempt = happy.attempt();
            if attempt.accounts()[place].is_signer {
                println!("{name}: {account}");
                attempt
                    .at(place, |meta| meta.is_signer = false)
                    .is_refused(ErrorCode::AccountNotSigner);
            }
        }
    }
}

#[test]
fn no_account_is_written_without_leave() {
    for mut happy in every_instruction() {
        for place in 0..happy.attempt().accounts().len() {
            let (name, account) = (happy.name, happy.account(place).to_owned());
            let attempt = happy.attempt();
            if attempt.accounts()[place].is_writable {
                println!("{name}: {account}");
                let outcome = attempt.at(place, |meta| meta.is_writable = false).outcome();
                assert!(outcome.is_err(), "{name} writes {account} all the same");
            }
        }
    }
}
