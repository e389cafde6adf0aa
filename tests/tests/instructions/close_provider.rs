use flashback::events::{CertificateRevoked, ProviderClosed};
use flashback_core::units::DAY;
use flashback_sdk::instruction::{StakeOwner, certify, close_provider, stake};
use flashback_tests::Attempt;
use flashback_tests::actors::{certificate, provider_details};
use flashback_tests::prelude::*;

const MONTH: u64 = 30 * DAY as u64;
/// Places among the accounts: who paid the provider's rent, and the certificate's.
const RENT_PAYER_AT: usize = 3;
const CERTIFICATE_RENT_PAYER_AT: usize = 7;

/// A provider that has nothing left but its account, its vault and its certificate.
fn leaving() -> World {
    let mut world = World::initialized();
    world.add_provider(STAKE);
    takes_out(&mut world, STAKE);
    world
}

fn takes_out(world: &mut World, amount: Atoms) {
    world.provider().unstakes(amount).succeeds();
    world.wait_secs(MONTH);
    world.provider().withdraws_stake().succeeds();
}

fn certificate_address() -> Pubkey {
    address::certificate(SubjectKind::Provider, &key(PROVIDER))
}

fn vault(world: &World) -> Pubkey {
    address::stake_vault(&world.provider_address())
}

fn lamports(world: &World, address: &Pubkey) -> u64 {
    world.chain.account(address).map_or(0, |account| account.lamports)
}

#[test]
fn a_provider_closes_and_all_rent_goes_back() {
    let mut world = leaving();
    let own = [world.provider_address(), vault(&world), certificate_address()];
    let rents = own.map(|address| lamports(&world, &address));
    assert_eq!(rents[0], world.chain.rent(608));
    let (payer, treasury) = (lamports(&world, &key(RENT_PAYER)), address::treasury());
    let held = world.chain.tokens(&treasury);
    let receipt = world.provider().exits().succeeds();

    assert_eq!(own.map(|address| world.chain.account(&address)), [None, None, None]);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), payer + rents.iter().sum::<u64>());
    assert_eq!(world.purse(PROVIDER), PURSE);
    assert_eq!(world.chain.tokens(&treasury), held);
    let event = receipt.event::<ProviderClosed>();
    assert_eq!((event.provider, event.authority), (own[0], key(PROVIDER)));
    assert_eq!(event.surplus, 0);
    let revoked = receipt.event::<CertificateRevoked>();
    assert_eq!((revoked.kind, revoked.subject), (SubjectKind::Provider, key(PROVIDER)));
    assert_eq!(revoked.by, key(PROVIDER));
}

#[test]
fn a_donation_in_the_vault_goes_to_the_treasury() {
    let mut world = leaving();
    let held = world.chain.tokens(&address::treasury());
    let (vault, supply) = (vault(&world), world.chain.supply());
    world.anyone().donates(vault, Atoms(77)).succeeds();
    let receipt = world.provider().exits().succeeds();
    assert_eq!(receipt.event::<ProviderClosed>().surplus, 77);
    assert_eq!(world.chain.tokens(&address::treasury()).0, held.0 + 77);
    assert_eq!(world.chain.supply(), supply);
    assert!(world.chain.account(&vault).is_none());
}

#[test]
fn who_paid_each_rent_gets_it() {
    let mut world = World::initialized();
    world.chain.fund(key(STRANGER));
    world.provider().registers().succeeds();
    let given = certificate(SubjectKind::Provider, key(PROVIDER));
    let given = certify(key(STRANGER), key(CERTIFIER), given);
    let signers = vec![keypair(STRANGER), keypair(CERTIFIER)];
    Attempt::new(&mut world.chain, given, signers).succeeds();
    let own = [world.provider_address(), vault(&world), certificate_address()];
    let [provider, vault, certificate] = own.map(|address| lamports(&world, &address));
    let payers = [key(RENT_PAYER), key(STRANGER)];
    let before = payers.map(|address| lamports(&world, &address));

    world.provider().exits().is_refused(CoreError::AccountMismatch);
    let closed = close_provider(key(PROVIDER), key(RENT_PAYER), key(STRANGER));
    Attempt::new(&mut world.chain, closed, vec![keypair(PROVIDER)]).succeeds();
    let after = payers.map(|address| lamports(&world, &address));
    assert_eq!(after, [before[0] + provider + vault, before[1] + certificate]);
}

#[test]
fn lamports_that_anybody_sent_go_along() {
    let mut world = leaving();
    let own = [world.provider_address(), vault(&world), certificate_address()];
    for address in own {
        world.chain.send_lamports(address, 1_000_000);
    }
    let all: u64 = own.iter().map(|address| lamports(&world, address)).sum();
    let payer = lamports(&world, &key(RENT_PAYER));
    world.provider().exits().succeeds();
    assert_eq!(lamports(&world, &key(RENT_PAYER)), payer + all);
}

#[test]
fn without_a_certificate_there_is_none_to_close() {
    let mut world = World::initialized();
    world.provider().registers().succeeds();
    // Lamports at a certificate's address make no certificate.
    world.chain.send_lamports(certificate_address(), 1_000_000);
    let receipt = world.provider().exits().succeeds();
    assert!(receipt.events::<CertificateRevoked>().is_empty());
    assert_eq!(lamports(&world, &certificate_address()), 1_000_000);
}

#[test]
fn an_expired_certificate_ends_too() {
    let mut world = leaving();
    world.wait(EXPIRY);
    world.provider().exits().succeeds();
    assert!(world.chain.account(&certificate_address()).is_none());
}

#[test]
fn not_while_stake_is_there() {
    let mut world = World::initialized();
    world.add_provider(Atoms(1));
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    world.provider().unstakes(Atoms(1)).succeeds();
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    world.wait_secs(MONTH);
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    world.provider().withdraws_stake().succeeds();
    world.provider().exits().succeeds();
}

#[test]
fn not_while_a_unit_is_listed() {
    let mut world = World::initialized();
    world.add_provider(STAKE);
    for id in [NUMBER, NUMBER + 1] {
        let mut unit = listing();
        unit.id = id;
        world.provider().lists(unit).succeeds();
    }
    takes_out(&mut world, STAKE);
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    let (provider, id) = (world.provider_address(), NUMBER + 1);
    let closed = flashback_sdk::instruction::close_unit(key(PROVIDER), id);
    Attempt::new(&mut world.chain, closed, vec![keypair(PROVIDER)]).succeeds();
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    let removed = flashback_sdk::instruction::remove_unit(provider, id, key(RENT_PAYER));
    Attempt::new(&mut world.chain, removed, vec![]).succeeds();
    world.provider().exits().succeeds();
}

#[test]
fn not_before_its_slas_are_closed() {
    let mut world = World::with_emptied_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    let left = world.provider_account().stake.free();
    takes_out(&mut world, left);
    let provider = world.provider_account();
    assert_eq!((provider.listed_units, provider.live_slas, provider.open_slas), (0, 0, 1));
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    world.anyone().closes().succeeds();
    world.provider().exits().succeeds();
}

#[test]
fn an_agreed_sla_keeps_its_provider() {
    let mut world = World::with_agreed_sla();
    world.provider().closes_unit().succeeds();
    let provider = world.provider_account();
    assert_eq!((provider.live_slas, provider.open_slas), (1, 1));
    world.provider().exits().is_refused(CoreError::ProviderInUse);
}

#[test]
fn a_lapsed_sla_keeps_its_provider_until_it_is_closed() {
    let mut world = World::with_agreed_sla();
    world.chain.wait_slots(600);
    world.anyone().expires().succeeds();
    world.consumer().withdraws_refund().succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    takes_out(&mut world, STAKE);
    let provider = world.provider_account();
    assert_eq!((provider.live_slas, provider.open_slas), (0, 1));
    world.provider().exits().is_refused(CoreError::ProviderInUse);
    world.anyone().closes().succeeds();
    assert_eq!(world.provider_account().open_slas, 0);
    world.provider().exits().succeeds();
}

#[test]
fn a_mere_proposal_keeps_no_provider_and_its_deposit_goes_back() {
    let mut world = World::with_proposed_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    takes_out(&mut world, STAKE);
    world.provider().exits().succeeds();
    world.anyone().expires_proposal().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    world.anyone().closes().succeeds();
}

#[test]
fn nobody_keeps_a_provider_from_closing_by_a_gift() {
    let mut world = leaving();
    let owner = StakeOwner::Provider(key(PROVIDER));
    let gift = stake(key(STRANGER), purse(STRANGER), owner, Atoms(1));
    // Staked for it again and again, an atom would hold it for as long as unbonding takes.
    let attempt = Attempt::new(&mut world.chain, gift, vec![keypair(STRANGER)]);
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    world.provider().exits().succeeds();
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = leaving();
    world.guardian().pauses(7 * DAY).succeeds();
    world.provider().exits().succeeds();
}

#[test]
fn twice_is_refused() {
    let mut world = leaving();
    world.provider().exits().succeeds();
    world.provider().exits().is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn who_registers_again_begins_anew_and_uncertified() {
    let mut world = leaving();
    world.provider().exits().succeeds();
    world.provider().registers().succeeds();
    let provider = world.provider_account();
    assert_eq!((provider.unit_count, provider.listed_units, provider.open_slas), (0, 0, 0));
    assert_eq!((provider.stake.bonded, provider.payout), (0, provider_details().payout));
    world.provider().stakes(STAKE).succeeds();
    world.provider().lists_unit().is_refused(ErrorCode::AccountNotInitialized);
    world.certifier().certifies(SubjectKind::Provider, key(PROVIDER)).succeeds();
    world.provider().lists_unit().succeeds();
}

#[test]
fn only_the_providers_authority_may() {
    let mut world = leaving();
    let attempt = world.provider().exits();
    attempt.unsigned_by(key(PROVIDER)).is_refused(ErrorCode::AccountNotSigner);
    for stranger in [STRANGER, RENT_PAYER, PAYOUT, DEPLOYER] {
        let attempt = world.provider().exits();
        attempt.signed_by(keypair(stranger), key(PROVIDER)).is_refused(CoreError::Unauthorized);
    }
    world.other_provider().registers().succeeds();
    let attempt = world.other_provider().exits();
    let (own, other) = (address::provider(&key(OTHER_PROVIDER)), address::provider(&key(PROVIDER)));
    attempt.with(other, own).is_refused(CoreError::Unauthorized);
}

#[test]
fn rent_goes_to_nobody_else() {
    let mut world = leaving();
    let attempt = world.provider().exits();
    let attempt = attempt.at(RENT_PAYER_AT, |meta| meta.pubkey = key(PROVIDER));
    attempt.is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.provider().exits();
    let attempt = attempt.at(CERTIFICATE_RENT_PAYER_AT, |meta| meta.pubkey = key(PROVIDER));
    attempt.is_refused(CoreError::AccountMismatch);
}

#[test]
fn the_certificate_cannot_be_left_out() {
    let mut world = leaving();
    world.certifier().certifies(SubjectKind::Consumer, key(PROVIDER)).succeeds();
    world.certifier().certifies(SubjectKind::Provider, key(OTHER_PROVIDER)).succeeds();
    for other in [
        address::certificate(SubjectKind::Consumer, &key(PROVIDER)),
        address::certificate(SubjectKind::Oracle, &key(PROVIDER)),
        address::certificate(SubjectKind::Provider, &key(OTHER_PROVIDER)),
        address::PROGRAM,
    ] {
        let attempt = world.provider().exits();
        attempt.with(other, certificate_address()).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn other_vaults_and_settings_are_refused() {
    let mut world = leaving();
    world.other_provider().registers().succeeds();
    let (own, config) = (vault(&world), address::config());
    let others = address::stake_vault(&address::provider(&key(OTHER_PROVIDER)));
    for other in [others, purse(PROVIDER)] {
        let attempt = world.provider().exits();
        attempt.with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }
    for other in [address::rewards(), purse(PROVIDER)] {
        let attempt = world.provider().exits();
        attempt.with(other, address::treasury()).is_refused(ErrorCode::ConstraintSeeds);
    }
    let copy = world.chain.account(&config).unwrap();
    let attempt = world.provider().exits();
    let attempt = attempt.putting(key("elsewhere"), copy).with(key("elsewhere"), config);
    attempt.is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.provider().exits();
    attempt
        .with(address::SYSTEM_PROGRAM, address::TOKEN_PROGRAM)
        .is_refused(ErrorCode::InvalidProgramId);
}

#[test]
fn what_is_to_change_is_writable() {
    let mut world = leaving();
    let own = [world.provider_address(), vault(&world), certificate_address()];
    for account in own.into_iter().chain([key(RENT_PAYER), address::treasury()]) {
        let attempt = world.provider().exits();
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}
