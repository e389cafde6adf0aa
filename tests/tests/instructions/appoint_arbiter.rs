use flashback::events::ArbiterAppointed;
use flashback_tests::prelude::*;

use super::govern::{config_bytes, config_with};

/// Seat 0's submission is left out.
const FIRST: Option<u8> = Some(1);

/// With a dispute of the consumer's that waits for the arbiter.
fn disputed() -> World {
    let mut world = World::with_contestable_window();
    world.consumer().disputes(0).succeeds();
    world
}

#[test]
fn the_authority_appoints_an_arbiter() {
    let mut world = World::initialized();
    let expected = config_with(&world, |config| config.arbiter = key(STRANGER));
    let receipt = world.deployer().appoints_arbiter(key(STRANGER)).succeeds();
    assert_eq!(world.config().arbiter, key(STRANGER));
    assert_eq!(config_bytes(&world), expected, "and nothing else changed");
    let event = receipt.event::<ArbiterAppointed>();
    assert_eq!((event.before, event.after), (key(ARBITER), key(STRANGER)));
}

#[test]
fn the_new_arbiter_rules_on_disputes_that_are_open_already() {
    let mut world = disputed();
    world.deployer().appoints_arbiter(key(STRANGER)).succeeds();
    world.arbiter().rules(0, Party::Consumer, FIRST).is_refused(CoreError::Unauthorized);
    let attempt = world.arbiter().rules(0, Party::Consumer, FIRST);
    attempt.signed_by(keypair(STRANGER), key(ARBITER)).succeeds();
    assert_eq!(world.round(0).body.turned, 1);
}

#[test]
fn what_an_arbiter_has_ruled_stands() {
    let mut world = disputed();
    world.arbiter().rules(0, Party::Consumer, FIRST).succeeds();
    let ruled = world.chain.account(&world.round_address(0));
    world.deployer().appoints_arbiter(key(STRANGER)).succeeds();
    assert_eq!(world.chain.account(&world.round_address(0)), ruled);
}

#[test]
fn without_an_arbiter_a_dispute_expires() {
    let mut world = disputed();
    world.deployer().appoints_arbiter(Pubkey::default()).succeeds();
    world.arbiter().rules(0, Party::Consumer, FIRST).is_refused(CoreError::Unauthorized);
    let attempt =
        world.arbiter().rules(0, Party::Consumer, FIRST).with(Pubkey::default(), key(ARBITER));
    attempt.unsigned_by(Pubkey::default()).is_refused(ErrorCode::AccountNotSigner);
    world.wait_secs(604_800);
    world.anyone().expires_dispute(0, Party::Consumer).succeeds();
    world.anyone().settles_round(0).succeeds();
}
