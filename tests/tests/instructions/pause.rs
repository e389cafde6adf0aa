use flashback::events::Paused;
use flashback_core::units::DAY;
use flashback_sdk::instruction::ProposeSlaArgs;
use flashback_tests::prelude::*;

use super::govern::{config_bytes, config_with, foreign_config, forged_config};

const WEEK: u32 = 7 * DAY;

#[test]
fn the_guardian_pauses() {
    let mut world = World::initialized();
    let until = world.chain.now().0 + 604_800;
    let expected = config_with(&world, |config| {
        config.paused_until = until;
        config.guardian_paused = true;
    });
    let receipt = world.guardian().pauses(604_800).succeeds();
    let config = world.config();
    assert_eq!((config.paused_until, config.guardian_paused), (until, true));
    assert_eq!(config_bytes(&world), expected, "and nothing else changed");
    let event = receipt.event::<Paused>();
    assert_eq!((event.guardian, event.until), (key(GUARDIAN), until));
}

#[test]
fn only_the_guardian_pauses() {
    let mut world = World::initialized();
    for other in [STRANGER, DEPLOYER, ARBITER, CERTIFIER] {
        let attempt = world.guardian().pauses(WEEK);
        attempt.signed_by(keypair(other), key(GUARDIAN)).is_refused(CoreError::Unauthorized);
    }
    let attempt = world.guardian().pauses(WEEK);
    attempt.unsigned_by(key(GUARDIAN)).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn the_pause_is_in_the_one_config() {
    let mut world = World::initialized();
    let attempt = world.guardian().pauses(WEEK);
    attempt.read_only(address::config()).is_refused(ErrorCode::ConstraintMut);
    let attempt = world.guardian().pauses(WEEK);
    attempt
        .with(address::registry(), address::config())
        .is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let forged = forged_config(&mut world);
    let attempt = world.guardian().pauses(WEEK).signed_by(keypair(STRANGER), key(GUARDIAN));
    attempt.with(forged, address::config()).is_refused(ErrorCode::ConstraintSeeds);
    let foreign = foreign_config(&mut world);
    let attempt = world.guardian().pauses(WEEK).signed_by(keypair(STRANGER), key(GUARDIAN));
    attempt.with(foreign, address::config()).is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn a_pause_lasts_a_second_to_a_week() {
    let world = World::initialized();
    for secs in [0, WEEK + 1, u32::MAX] {
        let mut world = world.clone();
        world.guardian().pauses(secs).is_refused(CoreError::PauseLengthInvalid);
        // What was refused has not used the appointment up.
        world.guardian().pauses(1).succeeds();
        assert_eq!(world.config().paused_until, world.chain.now().0 + 1);
    }
    let mut world = world.clone();
    world.guardian().pauses(WEEK).succeeds();
}

#[test]
fn a_guardian_pauses_once_whether_or_not_the_pause_is_over() {
    let mut world = World::initialized();
    world.guardian().pauses(DAY).succeeds();
    world.guardian().pauses(DAY).is_refused(CoreError::PauseUsed);
    world.wait_secs(u64::from(DAY));
    world.guardian().pauses(DAY).is_refused(CoreError::PauseUsed);
    world.wait_secs(365 * u64::from(DAY));
    world.guardian().pauses(1).is_refused(CoreError::PauseUsed);
}

#[test]
fn a_paused_protocol_takes_no_reservation_until_the_pause_ends_by_itself() {
    let mut world = World::with_market();
    world.guardian().pauses(WEEK).succeeds();
    let until = Timestamp(world.config().paused_until);
    world.consumer().reserves().is_refused(CoreError::Paused);
    world.chain.wait_until(Timestamp(until.0 - 1));
    world.consumer().reserves().is_refused(CoreError::Paused);
    world.chain.wait_until(until);
    world.consumer().reserves().succeeds();
}

#[test]
fn a_paused_protocol_takes_no_proposal_either() {
    let mut world = World::with_proposed_sla();
    world.guardian().pauses(60).succeeds();
    let until = Timestamp(world.config().paused_until);
    let another = ProposeSlaArgs { id: NUMBER + 1, ..reservation() };
    world.consumer().reserves_with(another).is_refused(CoreError::Paused);
    world.chain.wait_until(Timestamp(until.0 - 1));
    world.consumer().reserves_with(another).is_refused(CoreError::Paused);
    world.chain.wait_until(until);
    world.consumer().reserves_with(another).succeeds();
}

#[test]
fn nothing_is_accepted_until_the_pause_ends_by_itself() {
    let mut world = World::with_proposed_sla();
    world.guardian().pauses(DAY - 1).succeeds();
    let until = Timestamp(world.config().paused_until);
    world.provider().accepts().is_refused(CoreError::Paused);
    world.chain.wait_until(Timestamp(until.0 - 1));
    world.provider().accepts().is_refused(CoreError::Paused);
    world.chain.wait_until(until);
    world.provider().accepts().succeeds();
}

#[test]
fn a_pause_prolongs_no_proposal() {
    let mut world = World::with_proposed_sla();
    let deadline = world.sla().body.progress.deadline;
    world.guardian().pauses(DAY).succeeds();
    assert_eq!(world.config().paused_until, deadline, "the proposal waits for a day, too");
    world.chain.wait_until(Timestamp(deadline));
    world.provider().accepts().is_refused(CoreError::ProposalExpired);
    world.anyone().expires_proposal().succeeds();
}
