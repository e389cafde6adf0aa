use flashback::events::CertificateRevoked;
use flashback_sdk::account::Certificate;
use flashback_sdk::instruction::{
    AmendCertificateArgs, AppointCertifierArgs, CertificateSigner, CertifyArgs, revoke_certificate,
};
use flashback_tests::Attempt;
use flashback_tests::actors::certificate;
use flashback_tests::prelude::*;

use super::govern::{foreign_config, forged_config};

const KIND: SubjectKind = SubjectKind::Provider;
/// How long an expired certificate stays before anyone may clear it.
const LAPSE: i64 = 30 * 86_400;

/// With the provider certified.
fn certified() -> World {
    let mut world = World::initialized();
    world.certifier().certifies(KIND, key(PROVIDER)).succeeds();
    world
}

fn place() -> Pubkey {
    address::certificate(KIND, &key(PROVIDER))
}

fn lamports(world: &World, account: &Pubkey) -> u64 {
    world.chain.account(account).map_or(0, |account| account.lamports)
}

/// Somebody tries it, showing an appointment of its own or none.
fn revokes_as(world: &mut World, signer: fn(Pubkey) -> CertificateSigner, name: &str) -> Tried {
    let revoked = revoke_certificate(signer(key(name)), KIND, &key(PROVIDER), key(RENT_PAYER));
    let outcome = Attempt::new(&mut world.chain, revoked, vec![keypair(name)]).outcome();
    outcome.map(|_| ()).map_err(|refusal| refusal.reason)
}

type Tried = Result<(), flashback_tests::Reason>;

fn refused(reason: impl Into<flashback_tests::Reason>) -> Tried {
    Err(reason.into())
}

const SHOWN: fn(Pubkey) -> CertificateSigner = CertificateSigner::Certifier;
const NOT_SHOWN: fn(Pubkey) -> CertificateSigner = CertificateSigner::Other;

/// Appoints the certifier anew.
fn reappoint(world: &mut World, expires_at: i64) {
    world.deployer().removes_certifier().succeeds();
    let args = AppointCertifierArgs { certifier: key(CERTIFIER), max_level: 1, expires_at };
    world.deployer().appoints(args).succeeds();
}

#[test]
fn a_certifier_revokes_what_it_gave() {
    let mut world = certified();
    let (rent, purse) = (lamports(&world, &place()), lamports(&world, &key(RENT_PAYER)));
    assert!(rent > 0);
    let receipt = world.certifier().revokes(KIND, key(PROVIDER)).succeeds();
    assert_eq!(world.chain.account(&place()), None);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), purse + rent, "who paid the rent has it back");
    let event = receipt.event::<CertificateRevoked>();
    assert_eq!((event.kind, event.subject, event.by), (KIND, key(PROVIDER), key(CERTIFIER)));
}

#[test]
fn the_authority_revokes_whatever_a_certifier_gave() {
    let mut world = certified();
    let (rent, purse) = (lamports(&world, &place()), lamports(&world, &key(RENT_PAYER)));
    let receipt = world.deployer().revokes(KIND, key(PROVIDER)).succeeds();
    assert_eq!(world.chain.account(&place()), None);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), purse + rent);
    assert_eq!(receipt.event::<CertificateRevoked>().by, key(DEPLOYER));
}

#[test]
fn a_certifier_revokes_even_what_it_may_not_give_any_more() {
    let mut world = certified();
    reappoint(&mut world, EXPIRY.0);
    world.certifier().revokes(KIND, key(PROVIDER)).succeeds();
}

#[test]
fn an_expired_certifier_revokes_nothing() {
    let mut world = certified();
    let until = world.chain.now().0 + 100;
    reappoint(&mut world, until);
    let mut in_time = world.clone();
    in_time.chain.wait_until(Timestamp(until - 1));
    assert_eq!(revokes_as(&mut in_time, SHOWN, CERTIFIER), Ok(()));
    world.chain.wait_until(Timestamp(until));
    for shown in [SHOWN, NOT_SHOWN] {
        let tried = revokes_as(&mut world, shown, CERTIFIER);
        assert_eq!(tried, refused(CoreError::NotLapsed));
    }
}

#[test]
fn a_removed_certifier_revokes_nothing() {
    let mut world = certified();
    world.deployer().removes_certifier().succeeds();
    let tried = revokes_as(&mut world, SHOWN, CERTIFIER);
    assert_eq!(tried, refused(ErrorCode::AccountNotInitialized));
    assert_eq!(revokes_as(&mut world, NOT_SHOWN, CERTIFIER), refused(CoreError::NotLapsed));
}

#[test]
fn another_certifier_revokes_nothing_of_this_ones() {
    let mut world = certified();
    for name in [STRANGER, DEPLOYER] {
        let args =
            AppointCertifierArgs { certifier: key(name), max_level: 4, expires_at: EXPIRY.0 };
        world.deployer().appoints(args).succeeds();
        assert_eq!(revokes_as(&mut world, SHOWN, name), refused(CoreError::Unauthorized));
    }
    assert_eq!(revokes_as(&mut world, NOT_SHOWN, STRANGER), refused(CoreError::NotLapsed));
    assert_eq!(revokes_as(&mut world, NOT_SHOWN, DEPLOYER), Ok(()));
}

#[test]
fn nobody_else_revokes_anything_before_it_lapsed() {
    let mut world = certified();
    for other in [STRANGER, PROVIDER, CERTIFIER, GUARDIAN, ARBITER] {
        assert_eq!(revokes_as(&mut world, NOT_SHOWN, other), refused(CoreError::NotLapsed));
    }
    for other in [STRANGER, PROVIDER] {
        let attempt = world.certifier().revokes(KIND, key(PROVIDER));
        let attempt = attempt.signed_by(keypair(other), key(CERTIFIER));
        attempt.is_refused(ErrorCode::ConstraintSeeds);
    }
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.unsigned_by(key(CERTIFIER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.deployer().revokes(KIND, key(PROVIDER));
    attempt.unsigned_by(key(DEPLOYER)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn anyone_clears_a_certificate_thirty_days_after_its_end() {
    let mut world = certified();
    for too_early in [GENESIS, EXPIRY.0, EXPIRY.0 + LAPSE - 1] {
        world.chain.wait_until(Timestamp(too_early));
        let attempt = world.anyone().clears_certificate(KIND, &key(PROVIDER));
        attempt.is_refused(CoreError::NotLapsed);
    }
    world.chain.wait_until(Timestamp(EXPIRY.0 + LAPSE));
    let (rent, purse) = (lamports(&world, &place()), lamports(&world, &key(RENT_PAYER)));
    let receipt = world.anyone().clears_certificate(KIND, &key(PROVIDER)).succeeds();
    assert_eq!(world.chain.account(&place()), None);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), purse + rent);
    assert_eq!(receipt.event::<CertificateRevoked>().by, key(STRANGER));
}

#[test]
fn an_expired_certifier_clears_like_anyone() {
    let mut world = certified();
    world.chain.wait_until(Timestamp(EXPIRY.0 + LAPSE - 1));
    assert_eq!(revokes_as(&mut world, SHOWN, CERTIFIER), refused(CoreError::NotLapsed));
    world.chain.wait_until(Timestamp(EXPIRY.0 + LAPSE));
    assert_eq!(revokes_as(&mut world, SHOWN, CERTIFIER), Ok(()));
}

#[test]
fn the_thirty_days_run_from_the_expiry_as_it_was_amended() {
    let mut world = certified();
    let soon = world.chain.now().0 + 10;
    let args = AmendCertificateArgs { level: 1, evidence_hash: [1; 32], expires_at: soon };
    world.certifier().amends(KIND, key(PROVIDER), args).succeeds();
    world.chain.wait_until(Timestamp(soon + LAPSE));
    let mut cleared = world.clone();
    cleared.anyone().clears_certificate(KIND, &key(PROVIDER)).succeeds();
    let renewed = AmendCertificateArgs { expires_at: EXPIRY.0, ..args };
    world.certifier().amends(KIND, key(PROVIDER), renewed).succeeds();
    let attempt = world.anyone().clears_certificate(KIND, &key(PROVIDER));
    attempt.is_refused(CoreError::NotLapsed);
}

#[test]
fn the_rent_goes_to_who_paid_it_only() {
    let mut world = certified();
    for other in [STRANGER, PROVIDER, CERTIFIER] {
        let attempt = world.certifier().revokes(KIND, key(PROVIDER));
        let attempt = attempt.at(4, |meta| meta.pubkey = key(other));
        attempt.is_refused(ErrorCode::ConstraintHasOne);
    }
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.read_only(key(RENT_PAYER)).is_refused(ErrorCode::ConstraintMut);
}

#[test]
fn whoever_paid_the_rent_has_it_back_with_what_was_sent_there() {
    let mut world = World::initialized();
    world.chain.fund(key(STRANGER));
    let purse = lamports(&world, &key(STRANGER));
    let attempt = world.certifier().certifies(KIND, key(PROVIDER));
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
    world.chain.send_lamports(place(), 12_345);
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.with(key(STRANGER), key(RENT_PAYER)).succeeds();
    assert_eq!(lamports(&world, &key(STRANGER)), purse + 12_345);
}

#[test]
fn other_accounts_are_refused() {
    let mut world = certified();
    let appointment = address::certifier(&key(CERTIFIER));
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.with(address::config(), place()).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.read_only(place()).is_refused(ErrorCode::ConstraintMut);
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.with(place(), appointment).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let forged = forged_config(&mut world);
    let attempt = world.anyone().clears_certificate(KIND, &key(PROVIDER));
    attempt.with(forged, address::config()).is_refused(ErrorCode::ConstraintSeeds);
    let foreign = foreign_config(&mut world);
    let attempt = world.anyone().clears_certificate(KIND, &key(PROVIDER));
    let reason = ErrorCode::AccountOwnedByWrongProgram;
    attempt.with(foreign, address::config()).is_refused(reason);
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt
        .with(appointment, address::config())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let account = world.chain.account(&place()).unwrap();
    let foreign = solana_account::Account { owner: key("a stranger's program"), ..account };
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt
        .with(key("foreign"), place())
        .putting(key("foreign"), foreign)
        .is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn twice_is_refused() {
    let mut world = certified();
    world.certifier().revokes(KIND, key(PROVIDER)).succeeds();
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn whose_certificate_was_revoked_can_be_certified_again_even_at_once() {
    let mut world = certified();
    let renewed = CertifyArgs { level: 3, ..certificate(KIND, key(PROVIDER)) };
    let certify = world.certifier().gives(renewed).instruction();
    let attempt = world.certifier().revokes(KIND, key(PROVIDER));
    attempt.and(certify).signed_also_by(keypair(RENT_PAYER)).succeeds();
    assert_eq!(world.chain.read::<Certificate>(&place()).level, 3);
}

#[test]
fn a_provider_without_certificate_serves_its_slas_and_gets_no_new_ones() {
    let mut world = World::with_proposed_sla();
    world.certifier().revokes(KIND, key(PROVIDER)).succeeds();
    world.provider().accepts().is_refused(ErrorCode::AccountNotInitialized);

    let mut world = World::with_active_sla();
    world.certifier().revokes(KIND, key(PROVIDER)).succeeds();
    let mut another = reservation();
    another.id = NUMBER + 1;
    world.consumer().reserves_with(another).is_refused(ErrorCode::AccountNotInitialized);
    let terms = world.terms();
    world.reports(0, [Some(met(&terms)); 3]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    world.provider().withdraws_earnings().succeeds();
    assert_eq!(world.purse(PAYOUT), terms.due(0).unwrap());
}
