//! Other accounts in an account's place: of another kind, of another owner, of other people, or forged.

use std::sync::Mutex;
use std::thread;

use flashback_sdk::account::VERSION;
use flashback_tests::Reason;
use flashback_tests::prelude::*;
use solana_account::Account;
use solana_sdk::instruction::AccountMeta;

use super::free::{ACCOUNTS, is_free};
use super::happy::{Happy, every_instruction};
use super::stages::contested;
use super::substitutes::{Substitute, substitutes};

/// A substitute that was tried in an account's place.
struct Tried {
    case: &'static str,
    account: String,
    substitute: String,
    accepted: bool,
}

#[test]
fn no_account_can_stand_for_another() {
    let tried = in_parallel(every_instruction(), try_every_substitute);
    assert!(tried.len() > 30_000, "only {} were tried", tried.len());
    let accepted = || tried.iter().filter(|one| one.accepted);
    let holes: Vec<_> = accepted()
        .filter(|one| !is_free(one.case, &one.account, &one.substitute))
        .map(|one| format!("{}: {} for {}", one.case, one.substitute, one.account))
        .collect();
    assert_eq!(holes, [""; 0], "these were accepted");
    for free in ACCOUNTS {
        let needed = accepted().any(|one| free.lets(one.case, &one.account, &one.substitute));
        assert!(needed, "no exception is needed for {} in {}", free.account, free.case);
    }
}

fn try_every_substitute(mut happy: Happy) -> Vec<Tried> {
    let substitutes = substitutes(&happy.world);
    let mut tried = vec![];
    for (place, meta) in happy.metas().iter().enumerate() {
        for substitute in substitutes.iter().filter(|one| one.address != meta.pubkey) {
            tried.push(try_substitute(&mut happy, place, substitute));
        }
    }
    tried
}

fn try_substitute(happy: &mut Happy, place: usize, substitute: &Substitute) -> Tried {
    let (case, account) = (happy.name, happy.account(place));
    // What is accepted changes a copy.
    let mut copy = is_free(case, &account, &substitute.name).then(|| happy.clone());
    let attempt = copy.as_mut().unwrap_or(happy).attempt();
    // A substitute's own signature is somebody else's to give; that case is `misuse`'s.
    let outcome = attempt
        .at(place, |meta| {
            *meta = AccountMeta { pubkey: substitute.address, is_signer: false, ..meta.clone() };
        })
        .outcome();
    let substitute = substitute.name.clone();
    Tried { case, account, substitute, accepted: outcome.is_ok() }
}

/// Works on cases, as many at a time as there are processors.
fn in_parallel<T: Send>(cases: Vec<Happy>, work: impl Fn(Happy) -> Vec<T> + Sync) -> Vec<T> {
    let queue = Mutex::new(cases.into_iter());
    let next = || queue.lock().expect("the queue").next();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let started: Vec<_> = (0..workers)
            .map(|_| {
                let cases = std::iter::from_fn(next);
                scope.spawn(|| cases.flat_map(&work).collect::<Vec<_>>())
            })
            .collect();
        started.into_iter().flat_map(|one| one.join().expect("a worker")).collect()
    })
}

/// An account of another program with the very bytes of ours.
#[test]
fn no_forged_copy_is_accepted() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        for (place, meta) in happy.metas().iter().enumerate() {
            let genuine = meta.pubkey;
            let Some(account) = happy.world.chain.account(&genuine) else { continue };
            if account.owner != address::PROGRAM && account.owner != address::TOKEN_PROGRAM {
                continue;
            }
            let name = happy.account(place);
            let case = format!("{}: {name}", happy.name);
            let forged = key("forged");
            happy.world.chain.put(forged, Account { owner: key("other program"), ..account });
            let attempt = happy.attempt().at(place, |meta| meta.pubkey = forged);
            let refusal = attempt.outcome().expect_err(&case);
            assert_eq!(refusal.reason, refusal_of_forgery(happy.name, &name), "{case}");
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried} were tried");
}

/// Most accounts are known by their owner first.
fn refusal_of_forgery(case: &str, account: &str) -> Reason {
    match (case, account) {
        // Known by their address: they may be missing, or are made here.
        (
            "close_provider"
            | "close_oracle"
            | "leave_registry"
            | "leave_registry/expired"
            | "leave_registry/again",
            "certificate",
        )
        | ("challenge_leaf/again" | "open_dispute/again", "round")
        | ("redraw_seats", "remaining_1")
        | (
            "expire_challenge" | "prove_fraud" | "prove_fraud/cursor" | "free_round_seat",
            "stake_vault",
        )
        | ("close_abandoned_sla", "remaining_1" | "remaining_3" | "remaining_5") => {
            ErrorCode::ConstraintSeeds.into()
        }
        (
            "expire_challenge" | "prove_fraud" | "prove_fraud/cursor" | "free_round_seat",
            "oracle",
        )
        | ("close_abandoned_sla", "remaining_0" | "remaining_2" | "remaining_4") => {
            CoreError::CommitteeMismatch.into()
        }
        // Skipped, and nothing else is in the batch.
        ("settle_many", "remaining_0") => CoreError::NothingDue.into(),
        ("submit_many", "remaining_0") => CoreError::AccountKindUnknown.into(),
        _ => ErrorCode::AccountOwnedByWrongProgram.into(),
    }
}

/// An account of ours whose kind is another, or that was never initialized.
#[test]
fn an_account_is_what_its_discriminator_says() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        for (place, meta) in happy.metas().iter().enumerate() {
            let genuine = meta.pubkey;
            let Some(account) = happy.world.chain.account(&genuine) else { continue };
            if account.owner != address::PROGRAM {
                continue;
            }
            if is_not_looked_at(happy.name, &happy.account(place)) {
                continue;
            }
            for tag in [[0; 8], [7; 8]] {
                let case = format!("{}: {} {tag:?}", happy.name, happy.account(place));
                let mut other = account.clone();
                other.data[..8].copy_from_slice(&tag);
                // Built from the genuine account, sent to the other one.
                let attempt = happy.attempt().putting(genuine, other);
                assert!(attempt.outcome().is_err(), "{case}: it was accepted");
                happy.world.chain.put(genuine, account.clone());
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "only {tried} were tried");
}

/// An oracle's own authority takes it out of the registry whatever its certificate says; its entry goes later likewise.
fn is_not_looked_at(case: &str, account: &str) -> bool {
    matches!((case, account), ("leave_registry" | "leave_registry/again", "certificate"))
}

#[test]
fn every_account_begins_with_its_version() {
    let world = contested();
    let oracle = address::oracle(&world.sla().seats[0]);
    for address in [
        address::config(),
        address::registry(),
        address::certifier(&key(CERTIFIER)),
        address::certificate(SubjectKind::Provider, &key(PROVIDER)),
        world.provider_address(),
        world.unit_address(),
        world.sla_address(),
        world.round_address(0),
        world.dispute_address(0, Party::Consumer),
        world.challenge_address(0, 0, 0),
        oracle,
    ] {
        assert_eq!(world.chain.account(&address).unwrap().data[8], VERSION);
    }
}
