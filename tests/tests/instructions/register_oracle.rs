use flashback::events::OracleRegistered;
use flashback_core::stake::Stake;
use flashback_core::text::padded_text;
use flashback_sdk::account::TokenAccount;
use flashback_tests::actors::oracle_details as details;
use flashback_tests::prelude::*;

fn authority() -> Pubkey {
    key("oracle 0")
}

#[test]
fn an_oracle_registers() {
    let mut world = World::initialized();
    let receipt = world.oracle(0).registers().succeeds();

    let address = address::oracle(&authority());
    let oracle = world.oracle_account(&authority());
    assert_eq!((oracle.authority, oracle.rent_payer), (authority(), key(RENT_PAYER)));
    assert_eq!((oracle.joined, oracle.seats), (0, 0));
    assert_eq!((oracle.stake, oracle.score().milli), (Stake::default(), 50_000));
    assert_eq!(
        (oracle.x25519, padded_text(&oracle.records_url)),
        (details().x25519, details().records_url)
    );
    assert_eq!(oracle.registered_at, world.chain.now().0);
    let vault = address::stake_vault(&address);
    let token = TokenAccount::decode(&vault, &world.chain.account(&vault).unwrap()).unwrap();
    assert_eq!((token.owner, token.mint, token.amount), (vault, Chain::flash(), Atoms(0)));
    let event = receipt.event::<OracleRegistered>();
    assert_eq!((event.oracle, event.authority), (address, authority()));
    assert_eq!(event.x25519, details().x25519);
}

#[test]
fn addresses_that_hold_lamports_already_can_be_created() {
    let mut world = World::initialized();
    let address = address::oracle(&authority());
    world.chain.send_lamports(address, 1_000_000);
    world.chain.send_lamports(address::stake_vault(&address), 10_000_000);
    world.oracle(0).registers().succeeds();
    world.anyone().asserts_stake_solvent(address).succeeds();
}

#[test]
fn the_authority_signs() {
    let mut world = World::initialized();
    let attempt = world.oracle(0).registers();
    attempt.unsigned_by(authority()).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.oracle(0).registers();
    attempt.signed_by(keypair(STRANGER), authority()).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn another_mint_is_refused() {
    let mut world = World::initialized();
    world.chain.create_mint("other mint", 6, None);
    let attempt = world.oracle(0).registers();
    attempt.with(key("other mint"), Chain::flash()).is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn other_addresses_are_refused() {
    let mut world = World::initialized();
    let oracle = address::oracle(&authority());
    for address in [oracle, address::stake_vault(&oracle)] {
        let attempt = world.oracle(0).registers();
        attempt.with(key("elsewhere"), address).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn the_url_is_checked() {
    let mut world = World::initialized();
    for records_url in ["x".repeat(201), "a b".to_owned()] {
        let mut args = details();
        args.records_url = records_url;
        world.oracle(0).registers_with(args).is_refused(CoreError::TextTooLong);
    }
}

#[test]
fn twice_is_refused() {
    let mut world = World::initialized();
    world.oracle(0).registers().succeeds();
    world.oracle(0).registers().is_refused(ACCOUNT_IN_USE);
}
