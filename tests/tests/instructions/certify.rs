use flashback::events::Certified;
use flashback_sdk::account::Certificate;
use flashback_sdk::instruction::{AppointCertifierArgs, CertifyArgs};
use flashback_tests::actors::certificate;
use flashback_tests::prelude::*;

fn args() -> CertifyArgs {
    certificate(SubjectKind::Provider, key(PROVIDER))
}

#[test]
fn a_certifier_certifies() {
    let mut world = World::initialized();
    for kind in [SubjectKind::Provider, SubjectKind::Consumer, SubjectKind::Oracle] {
        let receipt = world.certifier().certifies(kind, key(PROVIDER)).succeeds();
        let given: Certificate = world.chain.read(&address::certificate(kind, &key(PROVIDER)));
        assert_eq!((given.kind, given.level, given.subject), (kind, 2, key(PROVIDER)));
        assert_eq!((given.certifier, given.rent_payer), (key(CERTIFIER), key(RENT_PAYER)));
        assert_eq!((given.issued_at, given.expires_at), (world.chain.now().0, EXPIRY.0));
        assert_eq!(given.evidence_hash, [7; 32]);
        let event = receipt.event::<Certified>();
        assert_eq!((event.kind, event.subject, event.level), (kind, key(PROVIDER), 2));
    }
}

#[test]
fn an_address_that_holds_lamports_already_can_be_created() {
    let mut world = World::initialized();
    let address = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    world.chain.send_lamports(address, 2_000_000);
    world.certifier().gives(args()).succeeds();
}

#[test]
fn only_a_certifier_may() {
    let mut world = World::initialized();
    let attempt = world.certifier().gives(args());
    attempt.signed_by(keypair(STRANGER), key(CERTIFIER)).is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.certifier().gives(args());
    attempt
        .signed_by(keypair(STRANGER), key(CERTIFIER))
        .with(address::certifier(&key(STRANGER)), address::certifier(&key(CERTIFIER)))
        .is_refused(ErrorCode::AccountNotInitialized);
    let attempt = world.certifier().gives(args());
    attempt.unsigned_by(key(CERTIFIER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn a_level_is_at_most_the_certifiers() {
    let mut world = World::initialized();
    for level in [0, 5] {
        let attempt = world.certifier().gives(CertifyArgs { level, ..args() });
        attempt.is_refused(CoreError::CertificateLevelInvalid);
    }
    let small = AppointCertifierArgs {
        certifier: key(STRANGER),
        max_level: 1,
        expires_at: world.chain.now().0 + 10,
    };
    world.deployer().appoints(small).succeeds();
    let by_stranger = |world: &mut World, level| {
        let attempt = world.certifier().gives(CertifyArgs { level, ..args() });
        attempt
            .signed_by(keypair(STRANGER), key(CERTIFIER))
            .with(address::certifier(&key(STRANGER)), address::certifier(&key(CERTIFIER)))
            .is_refused(if level > 1 {
                CoreError::CertificateLevelInvalid
            } else {
                CoreError::CertifierExpired
            });
    };
    by_stranger(&mut world, 2);
    world.chain.wait_until(Timestamp(small.expires_at));
    by_stranger(&mut world, 1);
}

#[test]
fn a_certificate_expires_in_the_future() {
    let mut world = World::initialized();
    let expires_at = world.chain.now().0;
    let attempt = world.certifier().gives(CertifyArgs { expires_at, ..args() });
    attempt.is_refused(CoreError::ExpiryInPast);
}

#[test]
fn twice_is_refused() {
    let mut world = World::initialized();
    world.certifier().gives(args()).succeeds();
    world.certifier().gives(args()).is_refused(ACCOUNT_IN_USE);
}

#[test]
fn another_subjects_or_kinds_address_is_refused() {
    let mut world = World::initialized();
    let genuine = address::certificate(SubjectKind::Provider, &key(PROVIDER));
    for other in [
        address::certificate(SubjectKind::Provider, &key(STRANGER)),
        address::certificate(SubjectKind::Oracle, &key(PROVIDER)),
    ] {
        let attempt = world.certifier().gives(args());
        attempt.with(other, genuine).is_refused(ErrorCode::ConstraintSeeds);
    }
}
