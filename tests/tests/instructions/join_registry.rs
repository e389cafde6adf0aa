use flashback::events::OracleJoined;
use flashback_sdk::instruction::CertifyArgs;
use flashback_tests::actors::certificate;
use flashback_tests::prelude::*;

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
    let before = world.chain.account(&address::registry()).unwrap().data.len();
    let receipt = world.oracle(0).joins_registry().succeeds();

    let registry = world.chain.account(&address::registry()).unwrap();
    assert_eq!(registry.data.len(), before + 112);
    assert_eq!(registry.lamports, world.chain.rent(registry.data.len()));
    let [entry] = world.registry().entries[..] else { panic!("one entry") };
    assert_eq!((entry.oracle, entry.joined_slot), (authority(), world.chain.slot()));
    assert_eq!((entry.free_stake, entry.certified_until), (STAKE.0, EXPIRY.0));
    assert_eq!(entry.rent_payer, key(RENT_PAYER));
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
