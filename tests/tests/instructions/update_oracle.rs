use flashback::events::OracleUpdated;
use flashback_core::text::padded_text;
use flashback_sdk::instruction::RegisterOracleArgs;
use flashback_tests::actors::oracle_details as details;
use flashback_tests::prelude::*;

/// Where the X25519 key begins among an Oracle account's bytes: after discriminator, head and two keys.
const KEY: usize = 8 + 8 + 2 * 32;
/// Bytes of the records' URL, which stands last.
const URL: usize = 200;

fn authority() -> Pubkey {
    key("oracle 0")
}

fn registered() -> World {
    let mut world = World::initialized();
    world.oracle(0).registers().succeeds();
    world
}

fn others() -> RegisterOracleArgs {
    RegisterOracleArgs { x25519: [6; 32], records_url: "ipfs://records".to_owned() }
}

#[test]
fn an_oracle_changes_its_key_and_its_url_and_nothing_else() {
    let mut world = World::with_market();
    let address = address::oracle(&authority());
    let before = world.chain.account(&address).unwrap();
    let receipt = world.oracle(0).updates(others()).succeeds();

    let oracle = world.oracle_account(&authority());
    assert_eq!(oracle.x25519, [6; 32]);
    assert_eq!(padded_text(&oracle.records_url), "ipfs://records");
    let after = world.chain.account(&address).unwrap();
    let rest = KEY + 32..before.data.len() - URL;
    assert_eq!(after.data[..KEY], before.data[..KEY]);
    assert_eq!(after.data[rest.clone()], before.data[rest]);
    assert_eq!((after.data.len(), after.lamports), (before.data.len(), before.lamports));
    let event = receipt.event::<OracleUpdated>();
    assert_eq!(event.oracle, address);
    assert_eq!((event.x25519_before, event.x25519_after), (details().x25519, [6; 32]));
}

#[test]
fn a_shorter_url_leaves_nothing_of_the_longer_one() {
    let mut world = registered();
    for records_url in ["x".repeat(200), "y".to_owned(), String::new()] {
        let args = RegisterOracleArgs { records_url: records_url.clone(), ..others() };
        world.oracle(0).updates(args).succeeds();
        assert_eq!(padded_text(&world.oracle_account(&authority()).records_url), records_url);
    }
}

#[test]
fn a_seated_oracle_may_in_a_pause_too() {
    let mut world = World::with_active_sla();
    world.guardian().pauses(7 * 86_400).succeeds();
    let seats = world.sla().seats;
    world.seat(1).updates(others()).succeeds();
    assert_eq!(world.oracle_account(&seats[1]).x25519, [6; 32]);
    assert_eq!(world.oracle_account(&seats[0]).x25519, details().x25519);
}

#[test]
fn the_url_is_checked() {
    let mut world = registered();
    for records_url in ["x".repeat(201), "a b".to_owned(), "é".to_owned(), "a\0b".to_owned()] {
        let args = RegisterOracleArgs { records_url, ..others() };
        world.oracle(0).updates(args).is_refused(CoreError::TextTooLong);
    }
}

#[test]
fn only_its_authority_may() {
    let mut world = registered();
    let attempt = world.oracle(0).updates(others());
    attempt.unsigned_by(authority()).is_refused(ErrorCode::AccountNotSigner);
    for other in [STRANGER, RENT_PAYER, DEPLOYER, CERTIFIER] {
        let attempt = world.oracle(0).updates(others());
        attempt.signed_by(keypair(other), authority()).is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn nobody_updates_another_oracle() {
    let mut world = registered();
    world.oracle(1).registers().succeeds();
    let (own, other) = (address::oracle(&authority()), address::oracle(&key("oracle 1")));
    let attempt = world.oracle(0).updates(others());
    attempt.with(other, own).is_refused(CoreError::Unauthorized);
}

#[test]
fn other_accounts_are_no_oracles() {
    let mut world = World::with_market();
    let own = address::oracle(&authority());
    let cases = [
        (world.provider_address(), ErrorCode::AccountDiscriminatorMismatch),
        (address::registry(), ErrorCode::AccountDiscriminatorMismatch),
        (address::stake_vault(&own), ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, error) in cases {
        world.oracle(0).updates(others()).with(account, own).is_refused(error);
    }
    world.oracle(0).updates(others()).read_only(own).is_refused(ErrorCode::ConstraintMut);
}
