use flashback::events::ProviderRegistered;
use flashback_core::stake::Stake;
use flashback_core::text::padded_text;
use flashback_sdk::account::TokenAccount;
use flashback_tests::actors::provider_details as details;
use flashback_tests::prelude::*;

#[test]
fn a_provider_registers() {
    let mut world = World::initialized();
    let receipt = world.provider().registers().succeeds();

    let address = world.provider_address();
    let provider = world.provider_account();
    assert_eq!((provider.authority, provider.payout), (key(PROVIDER), key(PAYOUT)));
    assert_eq!((provider.operator, provider.rent_payer), (Pubkey::default(), key(RENT_PAYER)));
    assert_eq!((provider.unit_count, provider.live_slas), (0, 0));
    assert_eq!((provider.stake, provider.score_milli()), (Stake::default(), 50_000));
    assert_eq!(provider.registered_at, world.chain.now().0);
    assert_eq!(padded_text(&provider.metadata_uri), details().metadata_uri);
    let vault = address::stake_vault(&address);
    let token = TokenAccount::decode(&vault, &world.chain.account(&vault).unwrap()).unwrap();
    assert_eq!((token.owner, token.mint, token.amount), (vault, Chain::flash(), Atoms(0)));
    let event = receipt.event::<ProviderRegistered>();
    assert_eq!((event.provider, event.authority), (address, key(PROVIDER)));
    assert_eq!((event.payout, event.region), (key(PAYOUT), details().region));
}

#[test]
fn addresses_that_hold_lamports_already_can_be_created() {
    let mut world = World::initialized();
    let address = world.provider_address();
    world.chain.send_lamports(address, 1_000_000);
    world.chain.send_lamports(address::stake_vault(&address), 10_000_000);
    world.provider().registers().succeeds();
    world.anyone().asserts_stake_solvent(address).succeeds();
}

#[test]
fn the_authority_signs() {
    let mut world = World::initialized();
    let attempt = world.provider().registers();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    // Another signer has another address.
    let attempt = world.provider().registers();
    attempt.signed_by(keypair(STRANGER), key(PROVIDER)).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn another_mint_is_refused() {
    let mut world = World::initialized();
    world.chain.create_mint("other mint", 6, None);
    let attempt = world.provider().registers();
    attempt.with(key("other mint"), Chain::flash()).is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn other_addresses_are_refused() {
    let mut world = World::initialized();
    let provider = world.provider_address();
    for address in [provider, address::stake_vault(&provider)] {
        let attempt = world.provider().registers();
        attempt.with(key("elsewhere"), address).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn texts_are_checked() {
    let mut world = World::initialized();
    let mut args = details();
    args.metadata_uri = "x".repeat(201);
    world.provider().registers_with(args).is_refused(CoreError::TextTooLong);
    let mut args = details();
    args.metadata_uri = "zürich".to_owned();
    world.provider().registers_with(args).is_refused(CoreError::TextTooLong);
    let mut args = details();
    args.region = [0; 16];
    world.provider().registers_with(args).is_refused(CoreError::TextTooLong);
    let mut args = details();
    args.metadata_uri = "x".repeat(200);
    world.provider().registers_with(args).succeeds();
}

#[test]
fn twice_is_refused() {
    let mut world = World::initialized();
    world.provider().registers().succeeds();
    world.provider().registers().is_refused(ACCOUNT_IN_USE);
}
