use flashback::events::ProviderRegistered;
use flashback_core::stake::Stake;
use flashback_core::text::padded_text;
use flashback_sdk::account::TokenAccount;
use flashback_tests::actors::provider_details as details;
use flashback_tests::prelude::*;

#[test]
fn a_provider_registers() {
    let mut world = World::initialized();
    let payer = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
    let receipt = world.provider().registers().succeeds();

    let address = world.provider_address();
    let provider = world.provider_account();
    assert_eq!((provider.authority, provider.payout), (key(PROVIDER), key(PAYOUT)));
    assert_eq!((provider.operator, provider.rent_payer), (Pubkey::default(), key(RENT_PAYER)));
    assert_eq!((provider.unit_count, provider.live_slas), (0, 0));
    assert_eq!((provider.listed_units, provider.open_slas), (0, 0));
    assert_eq!((provider.operator_expires_at, provider.fees_swept), (0, 0));
    assert_eq!((provider.stake, provider.score_milli()), (Stake::default(), 50_000));
    assert_eq!(provider.registered_at, world.chain.now().0);
    assert_eq!(padded_text(&provider.metadata_uri), details().metadata_uri);
    let vault = address::stake_vault(&address);
    let token = TokenAccount::decode(&vault, &world.chain.account(&vault).unwrap()).unwrap();
    assert_eq!((token.owner, token.mint, token.amount), (vault, Chain::flash(), Atoms(0)));
    let rent = world.chain.rent(608) + world.chain.rent(165);
    assert_eq!(world.chain.account(&key(RENT_PAYER)).unwrap().lamports, payer - rent);
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
fn the_authority_and_the_payer_sign() {
    let mut world = World::initialized();
    for signer in [PROVIDER, RENT_PAYER] {
        let attempt = world.provider().registers();
        attempt.unsigned_by(key(signer)).is_refused(ErrorCode::AccountNotSigner);
    }
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

#[test]
fn what_is_not_set_up_registers_nobody() {
    let mut world = World::new();
    world.provider().registers().is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn another_config_and_other_programs_are_refused() {
    let mut world = World::initialized();
    let config = address::config();
    let copy = world.chain.account(&config).unwrap();
    let attempt = world.provider().registers();
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), config);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.provider().registers();
    attempt.with(address::registry(), config).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    for (program, other) in [
        (address::TOKEN_PROGRAM, address::SYSTEM_PROGRAM),
        (address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM),
    ] {
        let attempt = world.provider().registers();
        attempt.with(other, program).is_refused(ErrorCode::InvalidProgramId);
    }
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = World::initialized();
    world.guardian().pauses(1).succeeds();
    world.provider().registers().succeeds();
}
