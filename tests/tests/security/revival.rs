//! A closed account stays closed.

mod renewal;
mod sla;
mod uses;

use flashback_tests::chain::{FEE_PAYER, transfer_lamports};
use flashback_tests::prelude::*;
use flashback_tests::{Attempt, Reason};
use solana_sdk::instruction::Instruction;

use super::crowd::signers;
use super::happy::{Happy, every_instruction};

/// What the cases close.
const CLOSED: &[(&str, &[&str])] = &[
    ("remove_certifier", &["certifier"]),
    ("revoke_certificate", &["certificate"]),
    ("close_provider", &["provider", "vault", "certificate"]),
    ("remove_unit", &["unit"]),
    ("close_oracle", &["oracle", "vault", "certificate"]),
    ("close_sla", &["sla", "escrow"]),
    ("close_abandoned_sla", &["sla", "escrow"]),
    ("open_leaf", &["challenge"]),
    ("expire_challenge", &["challenge"]),
    ("rule_dispute", &["dispute"]),
    ("expire_dispute", &["dispute"]),
    ("settle_round", &["round"]),
    ("free_round_seat", &["round"]),
];

/// An instruction that closes accounts, the same once more, and the accounts' addresses.
struct Closing {
    happy: Happy,
    again: Instruction,
    closed: Vec<Pubkey>,
}

/// Every instruction that closes accounts.
fn closings() -> Vec<Closing> {
    let mut closings = vec![];
    for happy in every_instruction() {
        let mut after = happy.clone();
        after.attempt().succeeds();
        let (mut names, mut closed) = (vec![], vec![]);
        for (place, meta) in happy.metas().into_iter().enumerate() {
            let exists = |happy: &Happy| happy.world.chain.account(&meta.pubkey).is_some();
            if exists(&happy) && !exists(&after) {
                names.push(happy.account(place));
                closed.push(meta.pubkey);
            }
        }
        let expected = CLOSED.iter().find(|(case, _)| *case == happy.name);
        assert_eq!(names, expected.map_or(&[][..], |(_, names)| names), "{}", happy.name);
        if !closed.is_empty() {
            let mut again = happy.sent.clone();
            if happy.name == "open_leaf" {
                leave_out_proof(&mut again);
            }
            closings.push(Closing { happy, again, closed });
        }
    }
    assert_eq!(closings.len(), CLOSED.len());
    closings
}

/// No packet has room for two proofs, and accounts are looked at before them.
fn leave_out_proof(opening: &mut Instruction) {
    opening.data.truncate(8);
    opening.data.extend(0u32.to_le_bytes());
}

/// An attempt, with more after it in the same transaction.
fn followed_by<'w>(attempt: Attempt<'w>, instruction: Instruction) -> Attempt<'w> {
    let signers = signers(&instruction);
    signers.into_iter().fold(attempt.and(instruction), Attempt::signed_also_by)
}

/// An attempt, after which closed accounts get enough lamports to live.
fn reviving<'w>(attempt: Attempt<'w>, closed: &[Pubkey]) -> Attempt<'w> {
    closed.iter().fold(attempt, |attempt, address| {
        attempt.and(transfer_lamports(&key(FEE_PAYER), address, 10_000_000))
    })
}

/// A zero-copy account is known by its owner first, others by whether they exist.
fn refusal_of_missing(case: &str) -> Reason {
    match case {
        "close_provider"
        | "close_oracle"
        | "close_sla"
        | "close_abandoned_sla"
        | "settle_round"
        | "free_round_seat" => ErrorCode::AccountOwnedByWrongProgram.into(),
        _ => ErrorCode::AccountNotInitialized.into(),
    }
}

#[test]
fn nothing_closes_twice_in_a_transaction() {
    for Closing { mut happy, again, .. } in closings() {
        println!("{}", happy.name);
        let expected = refusal_of_missing(happy.name);
        followed_by(happy.attempt(), again).is_refused(expected);
    }
}

#[test]
fn lamports_revive_nothing() {
    for Closing { mut happy, again, closed } in closings() {
        println!("{}", happy.name);
        let attempt = reviving(happy.attempt(), &closed);
        let refused = ErrorCode::AccountOwnedByWrongProgram;
        followed_by(attempt, again.clone()).is_refused(refused);
        // In a later transaction it is no better.
        reviving(happy.attempt(), &closed).succeeds();
        let signers = signers(&again);
        Attempt::new(&mut happy.world.chain, again, signers).is_refused(refused);
        for address in closed {
            let account = happy.world.chain.account(&address).expect("lamports");
            assert_eq!((account.owner, account.data.len()), (address::SYSTEM_PROGRAM, 0));
        }
    }
}

/// Rent, and whatever was sent to it, goes back to who paid the rent.
#[test]
fn what_a_closed_account_held_goes_to_who_paid_its_rent() {
    for Closing { mut happy, closed, .. } in closings() {
        println!("{}", happy.name);
        for address in &closed {
            happy.world.chain.send_lamports(*address, 7);
        }
        let payers = |happy: &Happy| lamports(happy, &[key(RENT_PAYER), key(STRANGER)]);
        let (held, before) = (lamports(&happy, &closed), payers(&happy));
        happy.attempt().succeeds();
        // The consumer's token account, which is made meanwhile.
        let made = match happy.name {
            "close_abandoned_sla" => lamports(&happy, &[purse(CONSUMER)]),
            _ => 0,
        };
        assert_eq!(payers(&happy) + made, before + held);
    }
}

fn lamports(happy: &Happy, addresses: &[Pubkey]) -> u64 {
    let accounts = addresses.iter().filter_map(|address| happy.world.chain.account(address));
    accounts.map(|account| account.lamports).sum()
}
