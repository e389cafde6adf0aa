use flashback::events::ProviderUpdated;
use flashback_core::text::{padded_text, region};
use flashback_core::units::DAY;
use flashback_sdk::instruction::UpdateProviderArgs;
use flashback_tests::prelude::*;

fn changed() -> UpdateProviderArgs {
    UpdateProviderArgs {
        payout: key("new payout owner"),
        region: region("us-east-1").unwrap(),
        metadata_uri: "https://provider.example/moved.json".to_owned(),
    }
}

#[test]
fn a_provider_changes_its_details_and_nothing_else() {
    let mut world = World::with_agreed_sla();
    let address = world.provider_address();
    let before = world.chain.account(&address).unwrap();
    let provider = world.provider_account();
    let receipt = world.provider().updates(changed()).succeeds();

    let after = world.provider_account();
    assert_eq!((after.payout, after.region), (changed().payout, changed().region));
    assert_eq!(padded_text(&after.metadata_uri), changed().metadata_uri);
    assert_eq!((after.authority, after.rent_payer), (key(PROVIDER), key(RENT_PAYER)));
    assert_eq!((after.stake, after.live_slas, after.open_slas), (provider.stake, 1, 1));
    assert_eq!((after.unit_count, after.score_sum_milli), (1, 50_000));
    let account = world.chain.account(&address).unwrap();
    assert_eq!((account.lamports, account.data.len()), (before.lamports, before.data.len()));
    let event = receipt.event::<ProviderUpdated>();
    assert_eq!((event.provider, event.region), (address, changed().region));
    assert_eq!((event.payout_before, event.payout_after), (key(PAYOUT), changed().payout));
}

#[test]
fn a_shorter_document_leaves_nothing_of_the_longer_one() {
    let mut world = World::with_market();
    let long = UpdateProviderArgs { metadata_uri: "x".repeat(200), ..changed() };
    world.provider().updates(long).succeeds();
    assert_eq!(padded_text(&world.provider_account().metadata_uri), "x".repeat(200));
    let none = UpdateProviderArgs { metadata_uri: String::new(), ..changed() };
    world.provider().updates(none).succeeds();
    assert_eq!(world.provider_account().metadata_uri, [0; 200]);
}

#[test]
fn earnings_go_to_the_new_payout_owner_from_then_on() {
    let mut world = World::with_ended_sla();
    let earned = world.sla().body.money.earned;
    world.chain.mint_flash(&changed().payout, Atoms::ZERO);
    world.provider().updates(changed()).succeeds();
    world.provider().withdraws_earnings().is_refused(ErrorCode::ConstraintTokenOwner);
    let attempt = world.provider().withdraws_earnings();
    attempt.with(purse("new payout owner"), purse(PAYOUT)).succeeds();
    assert_eq!(world.purse("new payout owner"), Atoms(earned));
    assert_eq!(world.purse(PAYOUT), Atoms::ZERO);
}

#[test]
fn texts_are_checked() {
    let mut world = World::with_market();
    let cases: [fn(&mut UpdateProviderArgs); 5] = [
        |args| args.region = [0; 16],
        |args| args.region = [b' '; 16],
        |args| args.region[15] = b'x',
        |args| args.metadata_uri = "x".repeat(201),
        |args| args.metadata_uri = "https://provider.example/a b".to_owned(),
    ];
    for change in cases {
        let mut args = changed();
        change(&mut args);
        world.provider().updates(args).is_refused(CoreError::TextTooLong);
    }
    let full = UpdateProviderArgs { region: [b'x'; 16], ..changed() };
    world.provider().updates(full).succeeds();
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * DAY).succeeds();
    world.provider().updates(changed()).succeeds();
}

#[test]
fn only_the_providers_authority_may() {
    let mut world = World::with_market();
    let attempt = world.provider().updates(changed());
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    for stranger in [STRANGER, PAYOUT, RENT_PAYER, DEPLOYER] {
        let attempt = world.provider().updates(changed());
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn other_accounts_are_no_provider_of_the_signer() {
    let mut world = World::with_market();
    let own = world.provider_address();
    world.other_provider().registers().succeeds();
    let other = address::provider(&key(OTHER_PROVIDER));
    let attempt = world.provider().updates(changed());
    attempt.with(other, own).is_refused(CoreError::Unauthorized);
    for account in [world.unit_address(), address::oracle(&key("oracle 0"))] {
        let attempt = world.provider().updates(changed());
        attempt.with(account, own).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
    for account in [purse(PROVIDER), key("elsewhere")] {
        let attempt = world.provider().updates(changed());
        attempt.with(account, own).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    }
    let attempt = world.provider().updates(changed());
    attempt.read_only(own).is_refused(ErrorCode::ConstraintMut);
}
