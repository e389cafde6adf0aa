use flashback::events::AuthorityAccepted;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{AmendCertificateArgs, AppointCertifierArgs};
use flashback_tests::prelude::*;

use super::govern::{SETTINGS, config_bytes, config_with, foreign_config, forged_config};

/// With the authority offered to the stranger.
fn offered() -> World {
    let mut world = World::initialized();
    world.certifier().certifies(SubjectKind::Provider, key(PROVIDER)).succeeds();
    world.deployer().offers_authority(key(STRANGER)).succeeds();
    world
}

/// With the authority handed over to the stranger.
fn handed_over() -> World {
    let mut world = offered();
    world.anyone().accepts_authority(STRANGER).succeeds();
    world
}

const AMENDED: AmendCertificateArgs =
    AmendCertificateArgs { level: 3, evidence_hash: [8; 32], expires_at: EXPIRY.0 };

/// Another certifier's appointment.
fn another() -> AppointCertifierArgs {
    AppointCertifierArgs { certifier: key("another"), max_level: 1, expires_at: EXPIRY.0 }
}

#[test]
fn whom_it_was_offered_to_takes_the_authority_over() {
    let mut world = offered();
    let expected = config_with(&world, |config| {
        config.authority = key(STRANGER);
        config.pending_authority = Pubkey::default();
    });
    let receipt = world.anyone().accepts_authority(STRANGER).succeeds();
    let config = world.config();
    assert_eq!((config.authority, config.pending_authority), (key(STRANGER), Pubkey::default()));
    assert_eq!(config_bytes(&world), expected, "guardian, arbiter and all the rest stand");
    let event = receipt.event::<AuthorityAccepted>();
    assert_eq!((event.before, event.after), (key(DEPLOYER), key(STRANGER)));
}

#[test]
fn nobody_takes_what_was_not_offered() {
    let mut world = World::initialized();
    for name in [STRANGER, DEPLOYER, GUARDIAN] {
        world.anyone().accepts_authority(name).is_refused(CoreError::AuthorityNotOffered);
    }
    world.deployer().offers_authority(key(STRANGER)).succeeds();
    for name in [CONSUMER, DEPLOYER, GUARDIAN] {
        world.anyone().accepts_authority(name).is_refused(CoreError::AuthorityNotOffered);
    }
}

#[test]
fn the_default_key_that_stands_for_nobody_takes_nothing() {
    let mut world = World::initialized();
    let attempt = world.anyone().accepts_authority(STRANGER);
    attempt
        .with(Pubkey::default(), key(STRANGER))
        .unsigned_by(Pubkey::default())
        .is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn it_signs_for_it_in_the_one_config() {
    let mut world = offered();
    let attempt = world.anyone().accepts_authority(STRANGER);
    attempt.unsigned_by(key(STRANGER)).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.anyone().accepts_authority(STRANGER);
    attempt.read_only(address::config()).is_refused(ErrorCode::ConstraintMut);
    let attempt = world.anyone().accepts_authority(STRANGER);
    attempt
        .with(address::registry(), address::config())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let forged = forged_config(&mut world);
    let attempt = world.anyone().accepts_authority(STRANGER);
    attempt.with(forged, address::config()).is_refused(ErrorCode::ConstraintSeeds);
    let foreign = foreign_config(&mut world);
    let attempt = world.anyone().accepts_authority(STRANGER);
    attempt.with(foreign, address::config()).is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn an_offer_is_accepted_once() {
    let mut world = handed_over();
    world.anyone().accepts_authority(STRANGER).is_refused(CoreError::AuthorityNotOffered);
    let attempt = world.deployer().offers_authority(key(DEPLOYER));
    attempt.signed_by(keypair(STRANGER), key(DEPLOYER)).succeeds();
    world.anyone().accepts_authority(DEPLOYER).succeeds();
    // What the stranger was offered at first gives it nothing any more.
    world.anyone().accepts_authority(STRANGER).is_refused(CoreError::AuthorityNotOffered);
    assert_eq!(world.config().authority, key(DEPLOYER));
}

#[test]
fn an_authority_that_offers_itself_the_authority_keeps_it() {
    let mut world = World::initialized();
    let before = config_bytes(&world);
    world.deployer().offers_authority(key(DEPLOYER)).succeeds();
    world.anyone().accepts_authority(DEPLOYER).succeeds();
    assert_eq!(config_bytes(&world), before);
}

#[test]
fn an_old_authority_can_do_nothing() {
    let mut world = handed_over();
    for (name, set) in SETTINGS {
        println!("{name}");
        set(&mut world).is_refused(CoreError::Unauthorized);
    }
    world.deployer().appoints(another()).is_refused(CoreError::Unauthorized);
    let (kind, subject) = (SubjectKind::Provider, key(PROVIDER));
    world.deployer().amends(kind, subject, AMENDED).is_refused(CoreError::Unauthorized);
    // What anyone may do to what lapsed a month ago is all that is left to it.
    world.deployer().removes_certifier().is_refused(CoreError::NotLapsed);
    world.deployer().revokes(kind, subject).is_refused(CoreError::NotLapsed);
    // It may still be the program's upgrade authority.
    world.deployer().initializes().is_refused(ACCOUNT_IN_USE);
    world.anyone().accepts_authority(DEPLOYER).is_refused(CoreError::AuthorityNotOffered);
}

#[test]
fn the_new_authority_can_do_everything() {
    let mut world = handed_over();
    let heir = || keypair(STRANGER);
    for (name, set) in SETTINGS {
        println!("{name}");
        set(&mut world).signed_by(heir(), key(DEPLOYER)).succeeds();
    }
    let by = key(DEPLOYER);
    world.deployer().appoints(another()).signed_by(heir(), by).succeeds();
    let (kind, subject) = (SubjectKind::Provider, key(PROVIDER));
    world.deployer().amends(kind, subject, AMENDED).signed_by(heir(), by).succeeds();
    world.deployer().revokes(kind, subject).signed_by(heir(), by).succeeds();
    world.deployer().removes_certifier().signed_by(heir(), by).succeeds();
}

#[test]
fn who_was_appointed_before_stays_in_office() {
    let mut world = handed_over();
    world.certifier().certifies(SubjectKind::Consumer, key(CONSUMER)).succeeds();
    world.guardian().pauses(DAY).succeeds();
    assert_eq!(world.config().arbiter, key(ARBITER));
}
