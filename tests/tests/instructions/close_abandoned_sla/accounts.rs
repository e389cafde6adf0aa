//! What it refuses.

use flashback_sdk::error::SystemError;
use flashback_tests::Reason;
use solana_sdk::instruction::AccountMeta;

use super::*;

/// Accounts before the oracles'.
const FIXED: usize = 14;

#[test]
fn the_caller_signs() {
    let mut world = abandoned();
    closes(&mut world).unsigned_by(key(CALLER)).is_refused(ErrorCode::AccountNotSigner);
    // Anyone may be the caller.
    let attempt = closes(&mut world);
    attempt.signed_by(keypair(STRANGER), key(CALLER)).succeeds();
}

#[test]
fn a_caller_without_lamports_makes_no_token_account() {
    let mut world = without_purse(abandoned());
    let attempt = closes(&mut world).signed_by(keypair(STRANGER), key(CALLER));
    attempt.is_refused(Reason::System(SystemError::ResultWithNegativeLamports));
}

#[test]
fn it_is_released_first() {
    let mut world = World::with_collected_sla();
    waits_out(&mut world);
    let seats = world.sla().seats;
    closes(&mut world).is_refused(CoreError::NotClosable);
    world.anyone().releases_seats(&[]).succeeds();
    for seat in &seats[..3] {
        closes(&mut world).is_refused(CoreError::NotClosable);
        world.anyone().releases_seats(&[*seat]).succeeds();
    }
    closes(&mut world).succeeds();
}

#[test]
fn what_is_owed_is_collected_first() {
    let mut world = World::with_ended_sla();
    waits_out(&mut world);
    world.anyone().releases().succeeds();
    closes(&mut world).is_refused(CoreError::NotClosable);
    world.anyone().collects_penalty().succeeds();
    for seat in [0, 2] {
        world.anyone().collects_absence(seat).succeeds();
    }
    closes(&mut world).is_refused(CoreError::NotClosable);
    world.anyone().releases().succeeds();
    closes(&mut world).succeeds();
}

#[test]
fn only_an_ended_sla_is_abandoned() {
    for mut world in
        [World::with_proposed_sla(), World::with_agreed_sla(), World::with_active_sla()]
    {
        waits_out(&mut world);
        closes(&mut world).is_refused(CoreError::StateInvalid);
    }
}

#[test]
fn an_agreed_sla_closes_with_its_provider_and_vault_only() {
    let mut world = abandoned();
    let provider = world.provider_address();
    let vault = address::stake_vault(&provider);
    for missing in [provider, vault] {
        let attempt = closes(&mut world).with(address::PROGRAM, missing);
        attempt.is_refused(CoreError::AccountMismatch);
    }
    world.other_provider().registers().succeeds();
    let other = address::provider(&key(OTHER_PROVIDER));
    closes(&mut world).with(other, provider).is_refused(CoreError::AccountMismatch);
    for other in [address::stake_vault(&other), purse(PROVIDER), purse(STRANGER)] {
        closes(&mut world).with(other, vault).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn the_refund_goes_to_the_consumers_own_account_only() {
    let mut world = abandoned();
    world.chain.create_mint("other mint", 6, None);
    let of_another_mint = world.chain.mint(key("other mint"), &key(CONSUMER), Atoms(1));
    for other in [purse(STRANGER), purse(PROVIDER), of_another_mint, key("nobody")] {
        let attempt = closes(&mut world).with(other, purse(CONSUMER));
        attempt.is_refused(CoreError::AccountMismatch);
    }
    let attempt = closes(&mut world).with(key(STRANGER), key(CONSUMER));
    attempt.is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn rent_and_fees_go_where_they_belong() {
    let mut world = abandoned();
    let escrow = world.escrow();
    let attempt = closes(&mut world).with(key(STRANGER), key(RENT_PAYER));
    attempt.is_refused(ErrorCode::ConstraintHasOne);
    for (other, own) in [
        (purse(PROVIDER), escrow),
        (purse(STRANGER), address::treasury()),
        (address::rewards(), address::treasury()),
    ] {
        closes(&mut world).with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }
    world.chain.create_mint("other mint", 6, None);
    let attempt = closes(&mut world).with(key("other mint"), Chain::flash());
    attempt.is_refused(ErrorCode::ConstraintAddress);
}

#[test]
fn other_programs_and_registries_are_refused() {
    let mut world = abandoned();
    for program in
        [address::TOKEN_PROGRAM, address::ASSOCIATED_TOKEN_PROGRAM, address::SYSTEM_PROGRAM]
    {
        let attempt = closes(&mut world).with(key("other program"), program);
        attempt.is_refused(ErrorCode::InvalidProgramId);
    }
    let attempt = closes(&mut world).with(address::config(), address::registry());
    attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn each_seat_with_fees_is_given_in_order() {
    let mut world = abandoned();
    let seats = world.sla().seats;
    let changes: [fn(&mut Vec<AccountMeta>); 5] = [
        |given| given.clear(),
        |given| given.truncate(4),
        |given| given.truncate(5),
        |given| given.rotate_left(2),
        |given| given.extend(given[..2].to_vec()),
    ];
    for change in changes {
        let attempt = closes(&mut world).remaining(FIXED, change);
        attempt.is_refused(CoreError::CommitteeMismatch);
    }
    let entries = world.registry().entries;
    let spare = entries.iter().find(|entry| !seats.contains(&entry.oracle)).unwrap().oracle;
    for other in [address::oracle(&spare), world.provider_address(), key("nobody")] {
        let attempt = closes(&mut world).with(other, address::oracle(&seats[1]));
        attempt.is_refused(CoreError::CommitteeMismatch);
    }
    for other in [oracle_vault(&seats[0]), oracle_vault(&spare), purse(STRANGER)] {
        let attempt =
            closes(&mut world).remaining(FIXED, |given| given[3] = AccountMeta::new(other, false));
        attempt.is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn what_is_written_is_writable() {
    let mut world = abandoned();
    let provider = world.provider_address();
    let written = [
        key(CALLER),
        world.sla_address(),
        key(RENT_PAYER),
        world.escrow(),
        address::treasury(),
        provider,
        address::stake_vault(&provider),
        purse(CONSUMER),
        Chain::flash(),
        address::registry(),
    ];
    for account in written {
        closes(&mut world).read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
    let oracle = address::oracle(&world.sla().seats[0]);
    let attempt = closes(&mut world).read_only(oracle);
    attempt.is_refused(InstructionError::ReadonlyDataModified);
    let vault = oracle_vault(&world.sla().seats[0]);
    let attempt = closes(&mut world).read_only(vault);
    attempt.is_refused(InstructionError::PrivilegeEscalation);
}

#[test]
fn a_pause_stops_no_close() {
    let mut world = abandoned();
    world.guardian().pauses(DAY).succeeds();
    closes(&mut world).succeeds();
}
