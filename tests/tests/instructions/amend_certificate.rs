use flashback::events::CertificateAmended;
use flashback_sdk::account::Certificate;
use flashback_sdk::instruction::{
    AmendCertificateArgs, AppointCertifierArgs, CertificateSigner, amend_certificate,
};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::govern::{foreign_config, forged_config};

const KIND: SubjectKind = SubjectKind::Provider;
const RENEWED: i64 = EXPIRY.0 + 1_000;
const ARGS: AmendCertificateArgs =
    AmendCertificateArgs { level: 4, evidence_hash: [8; 32], expires_at: RENEWED };

/// With the provider certified at level 2.
fn certified() -> World {
    let mut world = World::initialized();
    world.certifier().certifies(KIND, key(PROVIDER)).succeeds();
    world
}

fn place() -> Pubkey {
    address::certificate(KIND, &key(PROVIDER))
}

fn certificate(world: &World) -> Certificate {
    world.chain.read(&place())
}

/// Somebody tries it who shows no appointment.
fn amends_as<'w>(world: &'w mut World, name: &str) -> Attempt<'w> {
    let signer = CertificateSigner::Other(key(name));
    let amended = amend_certificate(signer, KIND, &key(PROVIDER), ARGS);
    Attempt::new(&mut world.chain, amended, vec![keypair(name)])
}

/// Somebody tries it who shows an appointment of its own.
fn amends_appointed<'w>(world: &'w mut World, name: &str) -> Attempt<'w> {
    let signer = CertificateSigner::Certifier(key(name));
    let amended = amend_certificate(signer, KIND, &key(PROVIDER), ARGS);
    Attempt::new(&mut world.chain, amended, vec![keypair(name)])
}

/// Appoints somebody until a time, up to a level.
fn appoint(world: &mut World, name: &str, max_level: u8, expires_at: i64) {
    let args = AppointCertifierArgs { certifier: key(name), max_level, expires_at };
    world.deployer().appoints(args).succeeds();
}

/// Appoints the certifier anew.
fn reappoint(world: &mut World, max_level: u8, expires_at: i64) {
    world.deployer().removes_certifier().succeeds();
    appoint(world, CERTIFIER, max_level, expires_at);
}

#[test]
fn a_certifier_amends_what_it_gave() {
    let mut world = certified();
    let issued_at = world.chain.now().0;
    world.wait_secs(100);
    let balance = world.chain.account(&place()).unwrap().lamports;
    let receipt = world.certifier().amends(KIND, key(PROVIDER), ARGS).succeeds();

    let after = certificate(&world);
    assert_eq!((after.level, after.evidence_hash, after.expires_at), (4, [8; 32], RENEWED));
    assert_eq!((after.kind, after.subject, after.issued_at), (KIND, key(PROVIDER), issued_at));
    assert_eq!((after.certifier, after.rent_payer), (key(CERTIFIER), key(RENT_PAYER)));
    assert_eq!(world.chain.account(&place()).unwrap().lamports, balance);
    let event = receipt.event::<CertificateAmended>();
    assert_eq!((event.kind, event.subject, event.by), (KIND, key(PROVIDER), key(CERTIFIER)));
    assert_eq!((event.level_before, event.level_after), (2, 4));
    assert_eq!((event.expires_at_before, event.expires_at_after), (EXPIRY.0, RENEWED));
}

#[test]
fn the_authority_amends_whatever_a_certifier_gave() {
    let mut world = certified();
    reappoint(&mut world, 1, EXPIRY.0);
    let receipt = world.deployer().amends(KIND, key(PROVIDER), ARGS).succeeds();
    let after = certificate(&world);
    assert_eq!((after.level, after.expires_at), (4, RENEWED));
    assert_eq!(after.certifier, key(CERTIFIER), "it stays the certifier's");
    assert_eq!(receipt.event::<CertificateAmended>().by, key(DEPLOYER));
    world.deployer().removes_certifier().succeeds();
    let once_more = AmendCertificateArgs { level: 1, ..ARGS };
    world.deployer().amends(KIND, key(PROVIDER), once_more).succeeds();
}

#[test]
fn a_level_is_one_to_four_and_at_most_the_certifiers() {
    let mut world = certified();
    let args = |level| AmendCertificateArgs { level, ..ARGS };
    for level in [0, 5, 255] {
        let attempt = world.certifier().amends(KIND, key(PROVIDER), args(level));
        attempt.is_refused(CoreError::CertificateLevelInvalid);
        let attempt = world.deployer().amends(KIND, key(PROVIDER), args(level));
        attempt.is_refused(CoreError::CertificateLevelInvalid);
    }
    reappoint(&mut world, 1, EXPIRY.0);
    // Not even to leave the level at two.
    let attempt = world.certifier().amends(KIND, key(PROVIDER), args(2));
    attempt.is_refused(CoreError::CertificateLevelInvalid);
    world.certifier().amends(KIND, key(PROVIDER), args(1)).succeeds();
}

#[test]
fn a_certificate_expires_in_the_future() {
    let mut world = certified();
    let now = world.chain.now().0;
    for expires_at in [i64::MIN, now - 1, now] {
        let args = AmendCertificateArgs { expires_at, ..ARGS };
        let attempt = world.certifier().amends(KIND, key(PROVIDER), args);
        attempt.is_refused(CoreError::ExpiryInPast);
        let attempt = world.deployer().amends(KIND, key(PROVIDER), args);
        attempt.is_refused(CoreError::ExpiryInPast);
    }
    let next = AmendCertificateArgs { expires_at: now + 1, ..ARGS };
    world.certifier().amends(KIND, key(PROVIDER), next).succeeds();
}

#[test]
fn an_expired_certificate_is_renewed() {
    let mut world = certified();
    let soon = world.chain.now().0 + 10;
    let short = AmendCertificateArgs { expires_at: soon, ..ARGS };
    world.certifier().amends(KIND, key(PROVIDER), short).succeeds();
    world.provider().registers().succeeds();
    world.provider().stakes(STAKE).succeeds();
    world.chain.wait_until(Timestamp(soon));
    world.provider().lists_unit().is_refused(CoreError::CertificateExpired);
    world.certifier().amends(KIND, key(PROVIDER), ARGS).succeeds();
    world.provider().lists_unit().succeeds();
}

#[test]
fn an_expired_certifier_amends_nothing() {
    let mut world = certified();
    let until = world.chain.now().0 + 100;
    reappoint(&mut world, 4, until);
    world.chain.wait_until(Timestamp(until - 1));
    world.certifier().amends(KIND, key(PROVIDER), ARGS).succeeds();
    world.chain.wait_until(Timestamp(until));
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt.is_refused(CoreError::CertifierExpired);
    amends_as(&mut world, CERTIFIER).is_refused(CoreError::Unauthorized);
}

#[test]
fn a_removed_certifier_amends_nothing() {
    let mut world = certified();
    world.deployer().removes_certifier().succeeds();
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
    amends_as(&mut world, CERTIFIER).is_refused(CoreError::Unauthorized);
}

#[test]
fn a_certifier_shows_its_appointment() {
    let mut world = certified();
    amends_as(&mut world, CERTIFIER).is_refused(CoreError::Unauthorized);
}

#[test]
fn another_certifier_amends_nothing_of_this_ones() {
    let mut world = certified();
    appoint(&mut world, STRANGER, 4, EXPIRY.0);
    amends_appointed(&mut world, STRANGER).is_refused(CoreError::Unauthorized);
    // As a certifier, not even the authority.
    appoint(&mut world, DEPLOYER, 4, EXPIRY.0);
    amends_appointed(&mut world, DEPLOYER).is_refused(CoreError::Unauthorized);
    amends_as(&mut world, DEPLOYER).succeeds();
}

#[test]
fn nobody_else_amends_anything() {
    let mut world = certified();
    for other in [STRANGER, PROVIDER, GUARDIAN, ARBITER] {
        amends_as(&mut world, other).is_refused(CoreError::Unauthorized);
        let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
        let attempt = attempt.signed_by(keypair(other), key(CERTIFIER));
        attempt.is_refused(ErrorCode::ConstraintSeeds);
    }
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt.unsigned_by(key(CERTIFIER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.deployer().amends(KIND, key(PROVIDER), ARGS);
    attempt.unsigned_by(key(DEPLOYER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn other_accounts_are_refused() {
    let mut world = certified();
    let appointment = address::certifier(&key(CERTIFIER));
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt.with(address::config(), place()).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.certifier().amends(KIND, key(STRANGER), ARGS);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt.read_only(place()).is_refused(ErrorCode::ConstraintMut);
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt.with(place(), appointment).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let forged = forged_config(&mut world);
    let attempt = amends_as(&mut world, STRANGER);
    attempt.with(forged, address::config()).is_refused(ErrorCode::ConstraintSeeds);
    let foreign = foreign_config(&mut world);
    let attempt = amends_as(&mut world, STRANGER);
    let reason = ErrorCode::AccountOwnedByWrongProgram;
    attempt.with(foreign, address::config()).is_refused(reason);
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt
        .with(appointment, address::config())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let account = world.chain.account(&place()).unwrap();
    let foreign = solana_account::Account { owner: key("a stranger's program"), ..account };
    let attempt = world.certifier().amends(KIND, key(PROVIDER), ARGS);
    attempt
        .with(key("foreign"), place())
        .putting(key("foreign"), foreign)
        .is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn certificates_of_the_same_subject_are_told_apart_by_kind() {
    let mut world = certified();
    world.certifier().certifies(SubjectKind::Consumer, key(PROVIDER)).succeeds();
    world.certifier().amends(SubjectKind::Consumer, key(PROVIDER), ARGS).succeeds();
    assert_eq!(certificate(&world).level, 2);
    let at = address::certificate(SubjectKind::Consumer, &key(PROVIDER));
    assert_eq!(world.chain.read::<Certificate>(&at).level, 4);
}
