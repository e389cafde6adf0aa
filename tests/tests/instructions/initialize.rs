use flashback::events::ProtocolInitialized;
use flashback_core::params::Params;
use flashback_sdk::account::{FlashbackAccount, TokenAccount};
use flashback_tests::prelude::*;
use solana_account::Account;

#[test]
fn the_deployer_initializes() {
    let mut world = World::new();
    let receipt = world.deployer().initializes().succeeds();

    let config = world.config();
    assert_eq!((config.version, config.authority), (1, key(DEPLOYER)));
    assert_eq!((config.guardian, config.arbiter), (key("guardian"), key("arbiter")));
    assert_eq!((config.flash_mint, config.rent_payer), (Chain::flash(), key(RENT_PAYER)));
    assert_eq!((config.window_min_secs, config.params), (3_600, Params::default()));
    assert_eq!((config.pending_authority, config.paused_until), (Pubkey::default(), 0));
    assert_eq!(world.registry().entries, []);
    assert_eq!(world.registry().rent_payer, key(RENT_PAYER));
    for vault in [address::treasury(), address::rewards()] {
        let account = world.chain.account(&vault).unwrap();
        let token = TokenAccount::decode(&vault, &account).unwrap();
        // A vault is its own authority.
        assert_eq!((token.owner, token.mint, token.amount), (vault, Chain::flash(), Atoms(0)));
    }
    let event = receipt.event::<ProtocolInitialized>();
    assert_eq!((event.authority, event.flash_mint), (key(DEPLOYER), Chain::flash()));
    assert_eq!(event.window_min_secs, 3_600);
}

#[test]
fn addresses_that_hold_lamports_already_can_be_created() {
    let mut world = World::new();
    for address in [address::config(), address::treasury(), address::rewards(), address::registry()]
    {
        world.chain.send_lamports(address, 2_000_000);
    }
    world.deployer().initializes().succeeds();
    assert_eq!(world.config().authority, key(DEPLOYER));
}

#[test]
fn a_second_time_is_refused() {
    let mut world = World::initialized();
    world.deployer().initializes().is_refused(ACCOUNT_IN_USE);
}

#[test]
fn whoever_is_not_the_upgrade_authority_is_refused() {
    let mut world = World::new();
    let attempt = world.deployer().initializes();
    attempt
        .signed_by(keypair(STRANGER), key(DEPLOYER))
        .is_refused(CoreError::UpgradeAuthorityMismatch);
    let attempt = world.deployer().initializes();
    attempt.unsigned_by(key(DEPLOYER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn the_record_of_another_program_proves_nothing() {
    let mut world = World::new();
    let genuine = world.chain.account(&address::program_data()).unwrap();
    let mut forged = Account { data: genuine.data[..45].to_vec(), ..genuine };
    forged.data[13..45].copy_from_slice(key(STRANGER).as_ref());
    let of_another_program = key("program data of another program");
    world.chain.put(of_another_program, forged);
    let attempt = world.deployer().initializes();
    attempt
        .signed_by(keypair(STRANGER), key(DEPLOYER))
        .with(of_another_program, address::program_data())
        .is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn a_program_without_upgrade_authority_cannot_be_initialized() {
    let mut world = World::new();
    let mut frozen = world.chain.account(&address::program_data()).unwrap();
    frozen.data[12..45].fill(0);
    world.chain.put(address::program_data(), frozen);
    world.deployer().initializes().is_refused(CoreError::UpgradeAuthorityMismatch);
}

#[test]
fn unsound_mints_are_refused() {
    let mut world = World::new();
    world.chain.create_mint("frozen", 6, Some("freezer"));
    world.chain.create_mint("nine decimals", 9, None);
    for mint in ["frozen", "nine decimals"] {
        let attempt = world.deployer().initializes();
        attempt.with(key(mint), Chain::flash()).is_refused(CoreError::MintInvalid);
    }
}

#[test]
fn a_token_2022_mint_is_refused() {
    let mut world = World::new();
    let flash = world.chain.account(&Chain::flash()).unwrap();
    let token_2022 = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
    world.chain.put(key("2022"), Account { owner: token_2022, ..flash });
    let attempt = world.deployer().initializes();
    attempt.with(key("2022"), Chain::flash()).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let attempt = world.deployer().initializes();
    attempt.with(token_2022, address::TOKEN_PROGRAM).is_refused(ErrorCode::InvalidProgramId);
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let mut world = World::new();
    for window_min_secs in [0, 3, 604_801] {
        let mut args = settings();
        args.window_min_secs = window_min_secs;
        world.deployer().initializes_with(args).is_refused(CoreError::WindowLengthInvalid);
    }
    let mut args = settings();
    args.params.protocol_fee_bps = 501;
    world.deployer().initializes_with(args).is_refused(CoreError::ParamOutOfBounds);
    let mut args = settings();
    args.params.refund_curve.x1_bps = 0;
    world.deployer().initializes_with(args).is_refused(CoreError::RefundCurveInvalid);
}

#[test]
fn other_addresses_are_refused() {
    let mut world = World::new();
    for address in [address::config(), address::treasury(), address::rewards(), address::registry()]
    {
        let attempt = world.deployer().initializes();
        attempt.with(key("elsewhere"), address).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn layouts_are_as_declared() {
    let world = World::initialized();
    let config = world.chain.account(&address::config()).unwrap();
    assert_eq!(config.data.len(), flashback::state::Config::SPACE);
    assert_eq!(config.data[..8], *flashback_sdk::account::Config::TAG);
    assert_eq!(config.data[8], 1, "the version byte stands first");
}
