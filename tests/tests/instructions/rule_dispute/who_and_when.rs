use flashback_sdk::instruction::rule_dispute;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::super::contests::*;

/// A ruling by somebody of that name.
fn rules_as<'w>(world: &'w mut World, name: &str, turned: Option<u8>) -> Attempt<'w> {
    let address = world.dispute_address(0, Party::Consumer);
    let dispute = world.chain.read(&address);
    let ruled = rule_dispute(key(name), address, &dispute, turned);
    Attempt::new(&mut world.chain, ruled, vec![keypair(name)])
}

#[test]
fn nobody_but_the_arbiter_rules() {
    let mut world = disputed();
    let attempt = world.arbiter().rules(0, Party::Consumer, None);
    attempt.unsigned_by(key(ARBITER)).is_refused(ErrorCode::AccountNotSigner);
    let others = [STRANGER, DEPLOYER, GUARDIAN, CERTIFIER, CONSUMER, PROVIDER, "oracle 0"];
    for name in others {
        rules_as(&mut world, name, None).is_refused(CoreError::Unauthorized);
        rules_as(&mut world, name, Some(0b001)).is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn the_arbiter_of_the_day_rules_on_what_was_opened_before() {
    let mut world = disputed();
    world.deployer().appoints_arbiter(key(STRANGER)).succeeds();
    let attempt = world.arbiter().rules(0, Party::Consumer, Some(0b001));
    attempt.is_refused(CoreError::Unauthorized);
    rules_as(&mut world, STRANGER, Some(0b001)).succeeds();
    assert_eq!(world.round(0).body.turned, 0b001);
}

#[test]
fn a_copy_of_the_config_appoints_nobody() {
    let mut world = disputed();
    let mut copy = world.chain.account(&address::config()).unwrap();
    let (named, own) = (key(ARBITER).to_bytes(), key(STRANGER).to_bytes());
    let place = copy.data.windows(32).position(|bytes| bytes == named).unwrap();
    copy.data[place..place + 32].copy_from_slice(&own);
    let attempt = rules_as(&mut world, STRANGER, Some(0b001));
    let attempt = attempt.putting(key("copy"), copy).with(key("copy"), address::config());
    attempt.is_refused(ErrorCode::ConstraintSeeds);
}

#[test]
fn the_arbiter_has_seven_days() {
    let mut world = disputed();
    let opened = world.chain.now();
    world.wait(Timestamp(opened.0 + 7 * 86_400 - 1));
    world.clone().arbiter().rules(0, Party::Consumer, Some(0b001)).succeeds();
    world.clone().arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_secs(1);
    for turned in [Some(0b001), Some(0), None] {
        let attempt = world.arbiter().rules(0, Party::Consumer, turned);
        attempt.is_refused(CoreError::DeadlinePassed);
    }
}

#[test]
fn a_dispute_is_ruled_on_once() {
    let mut world = disputed();
    let address = world.dispute_address(0, Party::Consumer);
    let dispute = world.chain.read(&address);
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    let again = rule_dispute(key(ARBITER), address, &dispute, None);
    let attempt = Attempt::new(&mut world.chain, again, vec![keypair(ARBITER)]);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn accounts_must_belong_together() {
    let mut world = disputed_twice();
    let (sla, round) = (world.sla_address(), world.round_address(0));
    let dispute = world.dispute_address(0, Party::Consumer);
    let next_dispute = world.dispute_address(1, Party::Provider);
    let next_round = world.round_address(1);
    let other = another_sla(&mut world);
    let cases = [
        (other, sla),
        (next_round, round),
        (next_dispute, dispute),
        (key(STRANGER), key(RENT_PAYER)),
    ];
    for (account, named) in cases {
        let attempt = world.arbiter().rules(0, Party::Consumer, Some(0b001));
        attempt.with(account, named).is_refused(ErrorCode::ConstraintHasOne);
    }
    // The other round's dispute, whole, is another dispute: the consumer opened none there.
    let attempt = world.arbiter().rules(0, Party::Consumer, Some(0b001));
    attempt.with(next_round, round).with(next_dispute, dispute).succeeds();
    assert_eq!((world.round(0).body.turned, world.round(1).body.turned), (0, 0b001));
}

#[test]
fn accounts_of_other_kinds_are_refused() {
    let mut world = disputed();
    let (sla, round, config) = (world.sla_address(), world.round_address(0), address::config());
    let dispute = world.dispute_address(0, Party::Consumer);
    world.anyone().challenges(0, 0, 0).succeeds();
    let challenge = world.challenge_address(0, 0, 0);
    let cases = [
        (address::registry(), config, ErrorCode::AccountDiscriminatorMismatch),
        (purse(STRANGER), config, ErrorCode::AccountOwnedByWrongProgram),
        (config, sla, ErrorCode::AccountDiscriminatorMismatch),
        (sla, round, ErrorCode::AccountDiscriminatorMismatch),
        (challenge, dispute, ErrorCode::AccountDiscriminatorMismatch),
        (key("nobody"), dispute, ErrorCode::AccountNotInitialized),
        (purse(CONSUMER), round, ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, named, error) in cases {
        let attempt = world.arbiter().rules(0, Party::Consumer, Some(0b001));
        attempt.with(account, named).is_refused(error);
    }
}
