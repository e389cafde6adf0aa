use flashback::events::OracleJoined;
use flashback_sdk::error::SystemError;
use flashback_sdk::instruction::CertifyArgs;
use flashback_tests::Reason;
use flashback_tests::actors::certificate;
use flashback_tests::prelude::*;
use solana_account::Account;

fn authority() -> Pubkey {
    key("oracle 0")
}

/// An oracle with that stake, not certified.
fn with_stake(amount: Atoms) -> World {
    let mut world = World::initialized();
    world.chain.mint_flash(&authority(), PURSE);
    world.oracle(0).registers().succeeds();
    world.oracle(0).stakes(amount).succeeds();
    world
}

/// The same, certified.
fn certified() -> World {
    let mut world = with_stake(STAKE);
    world.certifier().certifies(SubjectKind::Oracle, authority()).succeeds();
    world
}

#[test]
fn an_oracle_joins() {
    let mut world = certified();
    let payer = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
    let before = world.chain.account(&address::registry()).unwrap();
    let receipt = world.oracle(0).joins_registry().succeeds();

    let registry = world.chain.account(&address::registry()).unwrap();
    assert_eq!(registry.data.len(), before.data.len() + 112);
    assert_eq!(registry.lamports, world.chain.rent(registry.data.len()));
    let paid = registry.lamports - before.lamports;
    assert_eq!(world.chain.account(&key(RENT_PAYER)).unwrap().lamports, payer - paid);
    let [entry] = world.registry().entries[..] else { panic!("one entry") };
    assert_eq!((entry.oracle, entry.joined_slot), (authority(), world.chain.slot()));
    assert_eq!((entry.free_stake, entry.certified_until), (STAKE.0, EXPIRY.0));
    assert_eq!((entry.rent_payer, entry.rent_paid), (key(RENT_PAYER), paid));
    assert_eq!(entry.out_slot, 0);
    assert_eq!(world.oracle_account(&authority()).joined, 1);
    let event = receipt.event::<OracleJoined>();
    assert_eq!(
        (event.oracle, event.joined_slot),
        (address::oracle(&authority()), entry.joined_slot)
    );
}

#[test]
fn twice_is_refused() {
    let mut world = certified();
    world.oracle(0).joins_registry().succeeds();
    world.oracle(0).joins_registry().is_refused(CoreError::OracleAlreadyJoined);
}

#[test]
fn the_least_stake_is_needed() {
    let mut world = with_stake(Atoms(999_999_999));
    world.certifier().certifies(SubjectKind::Oracle, authority()).succeeds();
    world.oracle(0).joins_registry().is_refused(CoreError::StakeTooSmall);
    world.oracle(0).stakes(Atoms(1)).succeeds();
    world.oracle(0).joins_registry().succeeds();
}

#[test]
fn a_valid_certificate_of_its_own_is_needed() {
    let mut world = with_stake(STAKE);
    world.oracle(0).joins_registry().is_refused(ErrorCode::AccountNotInitialized);

    world.certifier().certifies(SubjectKind::Oracle, key(STRANGER)).succeeds();
    world.certifier().certifies(SubjectKind::Provider, authority()).succeeds();
    let own = address::certificate(SubjectKind::Oracle, &authority());
    for other in [
        address::certificate(SubjectKind::Oracle, &key(STRANGER)),
        address::certificate(SubjectKind::Provider, &authority()),
    ] {
        let attempt = world.oracle(0).joins_registry();
        attempt.with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }

    let expires_at = world.chain.now().0 + 10;
    let short = CertifyArgs { expires_at, ..certificate(SubjectKind::Oracle, authority()) };
    world.certifier().gives(short).succeeds();
    world.chain.wait_until(Timestamp(expires_at - 1));
    world.clone().oracle(0).joins_registry().succeeds();
    world.chain.wait_until(Timestamp(expires_at));
    world.oracle(0).joins_registry().is_refused(CoreError::CertificateExpired);
}

#[test]
fn only_the_oracles_authority_may() {
    let mut world = certified();
    let attempt = world.oracle(0).joins_registry();
    attempt.unsigned_by(authority()).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.oracle(0).joins_registry();
    attempt.signed_by(keypair(STRANGER), authority()).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn the_rent_is_paid_by_who_signs_for_it() {
    let mut world = certified();
    let attempt = world.oracle(0).joins_registry();
    attempt.unsigned_by(key(RENT_PAYER)).is_refused(ErrorCode::AccountNotSigner);
    // A key without lamports cannot pay.
    let attempt = world.oracle(0).joins_registry();
    let poor = attempt.signed_by(keypair(STRANGER), key(RENT_PAYER));
    poor.is_refused(Reason::System(SystemError::ResultWithNegativeLamports));
    world.chain.fund(key(STRANGER));
    let attempt = world.oracle(0).joins_registry();
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
    assert_eq!(world.registry().entries[0].rent_payer, key(STRANGER));
}

#[test]
fn stake_on_its_way_out_does_not_count() {
    let mut world = certified();
    let least = world.config().params.min_stake;
    world.oracle(0).unstakes(Atoms(STAKE.0 - least + 1)).succeeds();
    world.oracle(0).joins_registry().is_refused(CoreError::StakeTooSmall);
    world.oracle(0).stakes(Atoms(1)).succeeds();
    world.oracle(0).joins_registry().succeeds();
    assert_eq!(world.registry().entries[0].free_stake, least);
}

#[test]
fn a_donation_to_its_stake_vault_is_no_stake() {
    let mut world = with_stake(Atoms(999_999_999));
    world.certifier().certifies(SubjectKind::Oracle, authority()).succeeds();
    let vault = address::stake_vault(&address::oracle(&authority()));
    world.anyone().donates(vault, Atoms(1)).succeeds();
    world.oracle(0).joins_registry().is_refused(CoreError::StakeTooSmall);
}

/// A registry with that many entries of oracles that nobody knows.
fn crowded(world: &World, entries: u16) -> Account {
    let mut registry = world.chain.account(&address::registry()).unwrap();
    for number in 0..entries {
        let mut entry = [0; 112];
        entry[..2].copy_from_slice(&(number + 1).to_le_bytes());
        registry.data.extend(entry);
    }
    registry.lamports = world.chain.rent(registry.data.len());
    registry
}

#[test]
fn a_full_registry_takes_nobody_until_an_entry_goes() {
    let mut world = certified();
    world.chain.mint_flash(&key("oracle 1"), PURSE);
    world.oracle(1).registers().succeeds();
    world.oracle(1).stakes(STAKE).succeeds();
    world.certifier().certifies(SubjectKind::Oracle, key("oracle 1")).succeeds();
    let almost = crowded(&world, 255);
    world.chain.put(address::registry(), almost);

    world.oracle(0).joins_registry().succeeds();
    let entries = world.registry().entries;
    assert_eq!((entries.len(), entries[255].oracle), (256, authority()));
    world.oracle(1).joins_registry().is_refused(CoreError::RegistryFull);
    // Who has left takes its place until its entry goes.
    world.oracle(0).leaves().succeeds();
    world.oracle(1).joins_registry().is_refused(CoreError::RegistryFull);
    world.chain.wait_slots(1_000);
    world.oracle(0).leaves().succeeds();
    world.oracle(1).joins_registry().succeeds();
    let entries = world.registry().entries;
    assert_eq!((entries.len(), entries[255].oracle), (256, key("oracle 1")));
    let registry = world.chain.account(&address::registry()).unwrap();
    assert_eq!(registry.lamports, world.chain.rent(104 + 112 * 256));
}

#[test]
fn what_changes_must_be_writable() {
    let mut world = certified();
    for account in [key(RENT_PAYER), address::oracle(&authority()), address::registry()] {
        let attempt = world.oracle(0).joins_registry();
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}

#[test]
fn other_programs_and_configs_are_refused() {
    let mut world = certified();
    let attempt = world.oracle(0).joins_registry();
    let system = address::SYSTEM_PROGRAM;
    attempt.with(address::TOKEN_PROGRAM, system).is_refused(ErrorCode::InvalidProgramId);
    let attempt = world.oracle(0).joins_registry();
    let oracle = address::oracle(&authority());
    attempt.with(oracle, address::config()).is_refused(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn another_oracles_account_is_refused() {
    let mut world = certified();
    world.oracle(1).registers().succeeds();
    let own = address::oracle(&authority());
    let attempt = world.oracle(0).joins_registry();
    attempt.with(address::oracle(&key("oracle 1")), own).is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn another_account_is_no_registry() {
    let mut world = certified();
    let config = address::config();
    let attempt = world.oracle(0).joins_registry();
    attempt.with(config, address::registry()).is_refused(ErrorCode::AccountDiscriminatorMismatch);
}
