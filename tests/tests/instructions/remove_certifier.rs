use flashback::events::CertifierRemoved;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{AmendCertificateArgs, AppointCertifierArgs};
use flashback_tests::prelude::*;

use super::govern::{foreign_config, forged_config};

/// How long an appointment that is over stays before anyone may clear it.
const LAPSE: i64 = 30 * 86_400;

fn certifier() -> Pubkey {
    address::certifier(&key(CERTIFIER))
}

fn lamports(world: &World, account: &Pubkey) -> u64 {
    world.chain.account(account).map_or(0, |account| account.lamports)
}

#[test]
fn the_authority_removes_a_certifier() {
    let mut world = World::initialized();
    let rent = lamports(&world, &certifier());
    assert!(rent > 0);
    let purse = lamports(&world, &key(RENT_PAYER));
    let receipt = world.deployer().removes_certifier().succeeds();

    assert_eq!(world.chain.account(&certifier()), None);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), purse + rent, "who paid the rent has it back");
    let event = receipt.event::<CertifierRemoved>();
    assert_eq!((event.certifier, event.by), (key(CERTIFIER), key(DEPLOYER)));
}

#[test]
fn a_removed_certifier_gives_changes_and_ends_nothing() {
    let mut world = World::initialized();
    let (kind, subject) = (SubjectKind::Provider, key(PROVIDER));
    world.certifier().certifies(kind, subject).succeeds();
    world.deployer().removes_certifier().succeeds();
    let missing = ErrorCode::AccountNotInitialized;
    world.certifier().certifies(SubjectKind::Oracle, subject).is_refused(missing);
    let amended = AmendCertificateArgs { level: 2, evidence_hash: [1; 32], expires_at: EXPIRY.0 };
    world.certifier().amends(kind, subject, amended).is_refused(missing);
    world.certifier().revokes(kind, subject).is_refused(missing);
}

#[test]
fn certificates_that_it_gave_stand() {
    let mut world = World::initialized();
    world.add_provider(STAKE);
    world.deployer().removes_certifier().succeeds();
    world.provider().lists_unit().succeeds();
}

#[test]
fn anyone_clears_an_appointment_thirty_days_after_its_end() {
    let mut world = World::initialized();
    for too_early in [GENESIS, EXPIRY.0, EXPIRY.0 + LAPSE - 1] {
        world.chain.wait_until(Timestamp(too_early));
        world.anyone().clears_certifier().is_refused(CoreError::NotLapsed);
    }
    world.chain.wait_until(Timestamp(EXPIRY.0 + LAPSE));
    let rent = lamports(&world, &certifier());
    let purse = lamports(&world, &key(RENT_PAYER));
    let receipt = world.anyone().clears_certifier().succeeds();
    assert_eq!(world.chain.account(&certifier()), None);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), purse + rent);
    let event = receipt.event::<CertifierRemoved>();
    assert_eq!((event.certifier, event.by), (key(CERTIFIER), key(STRANGER)));
}

#[test]
fn the_authority_need_not_wait() {
    let mut world = World::initialized();
    world.chain.wait_until(EXPIRY);
    world.deployer().removes_certifier().succeeds();
}

#[test]
fn nobody_else_removes_a_certifier_before() {
    let mut world = World::initialized();
    for other in [CERTIFIER, GUARDIAN, ARBITER, STRANGER] {
        let attempt = world.deployer().removes_certifier();
        attempt.signed_by(keypair(other), key(DEPLOYER)).is_refused(CoreError::NotLapsed);
    }
    let attempt = world.deployer().removes_certifier();
    attempt.unsigned_by(key(DEPLOYER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn an_appointment_for_ever_never_lapses() {
    let mut world = World::initialized();
    world.deployer().removes_certifier().succeeds();
    let args =
        AppointCertifierArgs { certifier: key(CERTIFIER), max_level: 4, expires_at: i64::MAX };
    world.deployer().appoints(args).succeeds();
    world.anyone().clears_certifier().is_refused(CoreError::ArithmeticOverflow);
    world.deployer().removes_certifier().succeeds();
}

#[test]
fn the_rent_goes_to_who_paid_it_only() {
    let mut world = World::initialized();
    for other in [STRANGER, DEPLOYER, CERTIFIER] {
        let attempt = world.deployer().removes_certifier();
        attempt.with(key(other), key(RENT_PAYER)).is_refused(ErrorCode::ConstraintHasOne);
    }
    let attempt = world.deployer().removes_certifier();
    attempt.read_only(key(RENT_PAYER)).is_refused(ErrorCode::ConstraintMut);
}

#[test]
fn whoever_paid_the_rent_has_it_back() {
    let mut world = World::initialized();
    world.chain.fund(key(STRANGER));
    let args = AppointCertifierArgs { certifier: key("x"), max_level: 1, expires_at: EXPIRY.0 };
    let purse = lamports(&world, &key(STRANGER));
    let attempt = world.deployer().appoints(args);
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
    let removed = |world: &mut World, rent_payer| {
        let attempt = world.deployer().removes_certifier();
        let attempt = attempt.with(address::certifier(&key("x")), certifier());
        attempt.with(rent_payer, key(RENT_PAYER)).outcome().map_err(|refusal| refusal.reason)
    };
    let refused = removed(&mut world, key(CONSUMER)).unwrap_err();
    assert_eq!(refused, ErrorCode::ConstraintHasOne.into());
    removed(&mut world, key(STRANGER)).unwrap();
    assert_eq!(lamports(&world, &key(STRANGER)), purse);
}

#[test]
fn lamports_that_were_sent_to_the_account_go_along() {
    let mut world = World::initialized();
    let sum = lamports(&world, &key(RENT_PAYER)) + lamports(&world, &certifier());
    world.chain.send_lamports(certifier(), 12_345);
    world.deployer().removes_certifier().succeeds();
    assert_eq!(lamports(&world, &key(RENT_PAYER)), sum + 12_345);
}

#[test]
fn other_accounts_are_refused() {
    let mut world = World::initialized();
    world.certifier().certifies(SubjectKind::Provider, key(PROVIDER)).succeeds();
    let certificate = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    for other in [certificate, address::registry()] {
        let attempt = world.deployer().removes_certifier();
        attempt.with(other, certifier()).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
    let attempt = world.deployer().removes_certifier();
    attempt.read_only(certifier()).is_refused(ErrorCode::ConstraintMut);
    let attempt = world.deployer().removes_certifier();
    attempt
        .with(certifier(), address::config())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let forged = forged_config(&mut world);
    let attempt = world.anyone().clears_certifier();
    attempt.with(forged, address::config()).is_refused(ErrorCode::ConstraintSeeds);
    let foreign = foreign_config(&mut world);
    let attempt = world.anyone().clears_certifier();
    let reason = ErrorCode::AccountOwnedByWrongProgram;
    attempt.with(foreign, address::config()).is_refused(reason);
    let account = world.chain.account(&certifier()).unwrap();
    let foreign = solana_account::Account { owner: key("a stranger's program"), ..account };
    let attempt = world.deployer().removes_certifier();
    attempt
        .with(key("foreign"), certifier())
        .putting(key("foreign"), foreign)
        .is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn twice_is_refused() {
    let mut world = World::initialized();
    world.deployer().removes_certifier().succeeds();
    world.deployer().removes_certifier().is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn who_was_removed_can_be_appointed_again_and_lapses_anew() {
    let mut world = World::initialized();
    world.certifier().certifies(SubjectKind::Provider, key(PROVIDER)).succeeds();
    world.deployer().removes_certifier().succeeds();
    let until = world.chain.now().0 + i64::from(DAY);
    let args = AppointCertifierArgs { certifier: key(CERTIFIER), max_level: 1, expires_at: until };
    world.deployer().appoints(args).succeeds();
    // What it gave in its first term is its own still.
    world.certifier().revokes(SubjectKind::Provider, key(PROVIDER)).succeeds();
    world.chain.wait_until(Timestamp(until + LAPSE));
    world.anyone().clears_certifier().succeeds();
}
