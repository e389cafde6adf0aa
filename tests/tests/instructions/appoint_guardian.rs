use flashback::events::GuardianAppointed;
use flashback_tests::prelude::*;

use super::govern::{config_bytes, config_with};

const WEEK: u32 = 604_800;

#[test]
fn the_authority_appoints_a_guardian() {
    let mut world = World::initialized();
    let expected = config_with(&world, |config| config.guardian = key(STRANGER));
    let receipt = world.deployer().appoints_guardian(key(STRANGER)).succeeds();
    assert_eq!(world.config().guardian, key(STRANGER));
    assert_eq!(config_bytes(&world), expected, "and nothing else changed");
    let event = receipt.event::<GuardianAppointed>();
    assert_eq!((event.before, event.after), (key(GUARDIAN), key(STRANGER)));
}

#[test]
fn the_guardian_before_pauses_no_more_and_the_new_one_does() {
    let mut world = World::initialized();
    world.deployer().appoints_guardian(key(STRANGER)).succeeds();
    world.guardian().pauses(WEEK).is_refused(CoreError::Unauthorized);
    let attempt = world.guardian().pauses(WEEK);
    attempt.signed_by(keypair(STRANGER), key(GUARDIAN)).succeeds();
}

#[test]
fn an_appointment_neither_begins_nor_ends_a_pause() {
    let mut world = World::with_market();
    world.deployer().appoints_guardian(key(GUARDIAN)).succeeds();
    assert_eq!(world.config().paused_until, 0);
    world.guardian().pauses(WEEK).succeeds();
    let until = world.config().paused_until;
    world.deployer().appoints_guardian(key(STRANGER)).succeeds();
    assert_eq!(world.config().paused_until, until);
    world.consumer().reserves().is_refused(CoreError::Paused);
}

#[test]
fn each_appointment_is_good_for_one_pause() {
    let mut world = World::initialized();
    world.guardian().pauses(WEEK).succeeds();
    world.guardian().pauses(WEEK).is_refused(CoreError::PauseUsed);
    let expected = config_with(&world, |config| config.guardian_paused = false);
    world.deployer().appoints_guardian(key(GUARDIAN)).succeeds();
    assert_eq!(config_bytes(&world), expected);
    world.wait_secs(10);
    world.guardian().pauses(WEEK).succeeds();
    assert_eq!(world.config().paused_until, world.chain.now().0 + i64::from(WEEK));
    world.guardian().pauses(WEEK).is_refused(CoreError::PauseUsed);
}

#[test]
fn two_appointments_without_a_pause_are_good_for_one() {
    let mut world = World::initialized();
    world.deployer().appoints_guardian(key(GUARDIAN)).succeeds();
    world.deployer().appoints_guardian(key(GUARDIAN)).succeeds();
    world.guardian().pauses(WEEK).succeeds();
    world.guardian().pauses(WEEK).is_refused(CoreError::PauseUsed);
}

#[test]
fn with_the_default_key_as_guardian_nobody_pauses() {
    let mut world = World::initialized();
    world.deployer().appoints_guardian(Pubkey::default()).succeeds();
    world.guardian().pauses(WEEK).is_refused(CoreError::Unauthorized);
    let attempt = world.guardian().pauses(WEEK).with(Pubkey::default(), key(GUARDIAN));
    attempt.unsigned_by(Pubkey::default()).is_refused(ErrorCode::AccountNotSigner);
}
