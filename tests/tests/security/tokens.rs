//! Nothing but the SPL Token program, its accounts and FLASH: whatever belongs to Token-2022 is refused where a token
//! program, a mint or a token account is asked for.

use flashback_tests::Reason;
use flashback_tests::prelude::*;
use solana_account::Account;

use super::happy::{Happy, every_instruction};
use super::substitutes::{Kind, TOKEN_2022, kind_at};

#[test]
fn no_other_program_stands_for_one_that_is_called() {
    let called =
        [address::TOKEN_PROGRAM, address::ASSOCIATED_TOKEN_PROGRAM, address::SYSTEM_PROGRAM];
    let mut tried = 0;
    for mut happy in every_instruction() {
        for (place, meta) in happy.metas().into_iter().enumerate() {
            let is_program = happy.account(place).ends_with("_program");
            assert_eq!(is_program, called.contains(&meta.pubkey), "{}", happy.name);
            if is_program {
                // One that is loaded, one that would do as it likes, and the one that calls.
                for other in [TOKEN_2022, key("somebody's program"), address::PROGRAM] {
                    let attempt = happy.attempt().at(place, |meta| meta.pubkey = other);
                    attempt.is_refused(ErrorCode::InvalidProgramId);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 100, "only {tried} were tried");
}

#[test]
fn a_mint_of_token_2022_is_refused() {
    let mut tried = 0;
    for happy in every_instruction() {
        tried += tries_copies(happy, Kind::Mint);
    }
    assert!(tried >= 10, "only {tried} were tried");
}

#[test]
fn an_account_of_token_2022_is_refused() {
    let mut tried = 0;
    for happy in every_instruction() {
        tried += tries_copies(happy, Kind::TokenAccount);
    }
    assert!(tried > 50, "only {tried} were tried");
}

/// Tries each account of a kind as Token-2022 would have it: in its own place, and elsewhere.
fn tries_copies(mut happy: Happy, kind: Kind) -> usize {
    let mut tried = 0;
    for (place, meta) in happy.metas().into_iter().enumerate() {
        if kind_at(&happy.world, &meta.pubkey) != kind {
            continue;
        }
        let case = format!("{}: {}", happy.name, happy.account(place));
        let genuine = happy.world.chain.account(&meta.pubkey).expect("an account");
        let copy = with_extensions(&genuine);
        let attempt = happy.attempt().putting(meta.pubkey, copy.clone());
        let refusal = attempt.outcome().expect_err(&case);
        // What may be gone with its oracle is known by its address, and left for the SPL Token program to refuse.
        let expected = match may_be_gone(&happy, place) {
            true => InstructionError::InvalidAccountData.into(),
            false => ErrorCode::AccountOwnedByWrongProgram.into(),
        };
        assert_eq!(refusal.reason, expected, "{case}");
        happy.world.chain.put(meta.pubkey, genuine);

        happy.world.chain.put(key("2022"), copy);
        let attempt = happy.attempt().at(place, |meta| meta.pubkey = key("2022"));
        let refusal = attempt.outcome().expect_err(&case);
        assert_eq!(refusal.reason, refusal_elsewhere(&happy, place), "{case}");
        tried += 1;
    }
    tried
}

/// A stake vault among the remaining accounts is known by its address first.
fn refusal_elsewhere(happy: &Happy, place: usize) -> Reason {
    match happy.account(place).starts_with("remaining_") || may_be_gone(happy, place) {
        true => ErrorCode::ConstraintSeeds.into(),
        false => ErrorCode::AccountOwnedByWrongProgram.into(),
    }
}

/// A stake vault that is gone where its oracle has closed its account.
fn may_be_gone(happy: &Happy, place: usize) -> bool {
    let contests = ["expire_challenge", "prove_fraud", "free_round_seat"];
    happy.account(place) == "stake_vault"
        && contests.iter().any(|name| happy.name.starts_with(name))
}

/// The same mint or token account with room for extensions, as Token-2022 lays it out: padded to 165 bytes, then the
/// account's type.
fn with_extensions(account: &Account) -> Account {
    const MINT: u8 = 1;
    const ACCOUNT: u8 = 2;
    let kind = if account.data.len() == 82 { MINT } else { ACCOUNT };
    let mut data = account.data.clone();
    data.resize(165, 0);
    data.push(kind);
    Account { owner: TOKEN_2022, data, ..account.clone() }
}

/// Not even if everything in the instruction is Token-2022's together.
#[test]
fn a_world_of_token_2022_is_refused() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        let metas = happy.metas();
        let Some(program) = metas.iter().position(|meta| meta.pubkey == address::TOKEN_PROGRAM)
        else {
            continue;
        };
        let case = happy.name;
        let copies: Vec<_> = metas
            .iter()
            .filter_map(|meta| Some((meta.pubkey, happy.world.chain.account(&meta.pubkey)?)))
            .filter(|(_, account)| account.owner == address::TOKEN_PROGRAM)
            .map(|(address, account)| (address, with_extensions(&account)))
            .collect();
        let attempt = happy.attempt().at(program, |meta| meta.pubkey = TOKEN_2022);
        let attempt = copies
            .into_iter()
            .fold(attempt, |attempt, (address, copy)| attempt.putting(address, copy));
        let refusal = attempt.outcome().expect_err(case);
        let wrong = [ErrorCode::InvalidProgramId, ErrorCode::AccountOwnedByWrongProgram];
        assert!(wrong.map(Reason::from).contains(&refusal.reason), "{case}: {:?}", refusal.reason);
        tried += 1;
    }
    assert!(tried > 15, "only {tried} were tried");
}
