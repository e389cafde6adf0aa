//! Anyone takes out an oracle that is not certified or staked enough any more, and nobody else.

use flashback_core::params::Params;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{AmendCertificateArgs, CertifyArgs};
use flashback_tests::actors::certificate;

use super::*;

/// Evicts the oracle, in two steps; the event names who did.
fn is_evicted(mut world: World) {
    let receipt = world.anyone().evicts(&authority()).succeeds();
    let event = receipt.event::<OracleLeft>();
    assert_eq!((event.oracle, event.by), (address::oracle(&authority()), key(STRANGER)));
    let entry = entry_of(&world, &authority()).unwrap();
    assert_eq!(entry.out_slot, event.out_slot);
    assert!(entry.out_slot > 0 && entry.out_slot <= world.chain.slot());
    assert_eq!(world.oracle_account(&authority()).joined, 2);
    is_removed(&mut world, 2);
    assert_eq!(entered(&world), all_but(&[2]));
    assert_eq!(world.oracle_account(&authority()).joined, 0);
}

fn stays(world: &mut World) {
    world.anyone().evicts(&authority()).is_refused(CoreError::OracleServes);
}

fn until(expires_at: i64) -> AmendCertificateArgs {
    AmendCertificateArgs { level: 1, evidence_hash: [7; 32], expires_at }
}

#[test]
fn who_is_certified_and_staked_stays() {
    let mut world = World::with_market();
    for index in 0..ORACLES {
        let authority = key(&oracle_name(index));
        world.anyone().evicts(&authority).is_refused(CoreError::OracleServes);
    }
}

#[test]
fn whose_certificate_expired_is_out_at_that_second() {
    let mut world = World::with_market();
    let expires_at = world.chain.now().0 + 1_000;
    world.certifier().amends(SubjectKind::Oracle, authority(), until(expires_at)).succeeds();
    world.wait(Timestamp(expires_at - 1));
    stays(&mut world);
    world.wait(Timestamp(expires_at));
    world.anyone().evicts(&key("oracle 1")).is_refused(CoreError::OracleServes);
    is_evicted(world);
}

#[test]
fn a_renewed_certificate_serves_again() {
    let mut world = World::with_market();
    let expires_at = world.chain.now().0 + 1_000;
    world.certifier().amends(SubjectKind::Oracle, authority(), until(expires_at)).succeeds();
    world.wait(Timestamp(expires_at + 1));
    world.certifier().amends(SubjectKind::Oracle, authority(), until(expires_at + 2)).succeeds();
    stays(&mut world);
    world.wait(Timestamp(expires_at + 2));
    is_evicted(world);
}

#[test]
fn whose_certificate_was_revoked_is_out() {
    let mut world = World::with_market();
    world.certifier().revokes(SubjectKind::Oracle, authority()).succeeds();
    // Lamports at the certificate's address make none of it.
    let certificate = address::certificate(SubjectKind::Oracle, &authority());
    is_evicted(world.clone());
    world.chain.send_lamports(certificate, 5_000_000);
    is_evicted(world);
}

#[test]
fn whoever_is_certified_anew_stays() {
    let mut world = World::with_market();
    world.certifier().revokes(SubjectKind::Oracle, authority()).succeeds();
    world.certifier().certifies(SubjectKind::Oracle, authority()).succeeds();
    stays(&mut world);
}

#[test]
fn whose_certificate_was_revoked_is_out_since_then() {
    let mut world = World::with_market();
    let slot = world.chain.slot();
    world.certifier().revokes(SubjectKind::Oracle, authority()).succeeds();
    assert_eq!(entry_of(&world, &authority()).unwrap().out_slot, slot);
    world.chain.wait_slots(999);
    let receipt = world.anyone().evicts(&authority()).succeeds();
    assert_eq!(receipt.event::<OracleLeft>().out_slot, slot);
    world.anyone().evicts(&authority()).is_refused(CoreError::DrawPending);
    world.chain.wait_slots(1);
    world.anyone().evicts(&authority()).succeeds();
    assert_eq!(entered(&world), all_but(&[2]));
}

#[test]
fn who_has_an_atom_too_little_bonded_is_out() {
    let mut world = World::with_market();
    let least = world.config().params.min_stake;
    world.oracle(2).unstakes(Atoms(STAKE.0 - least)).succeeds();
    stays(&mut world);
    world.oracle(2).unstakes(Atoms(1)).succeeds();
    // Unbonding stake is bonded no longer, long before it is withdrawn.
    is_evicted(world.clone());
    world.oracle(2).stakes(Atoms(1)).succeeds();
    stays(&mut world);
}

#[test]
fn a_higher_minimum_keeps_those_who_joined_with_less() {
    let mut world = World::with_market();
    let joined_with = world.config().params.min_stake;
    world.deployer().sets_params(least(STAKE.0 + 1)).succeeds();
    world.oracle(2).unstakes(Atoms(STAKE.0 - joined_with)).succeeds();
    stays(&mut world);
    world.oracle(2).unstakes(Atoms(1)).succeeds();
    is_evicted(world);
}

#[test]
fn a_lower_minimum_counts_at_once() {
    let mut world = World::with_market();
    let lower = world.config().params.min_stake / 2;
    world.deployer().sets_params(least(lower)).succeeds();
    world.oracle(2).unstakes(Atoms(STAKE.0 - lower)).succeeds();
    stays(&mut world);
    world.oracle(2).unstakes(Atoms(1)).succeeds();
    is_evicted(world);
}

#[test]
fn who_joins_under_a_higher_minimum_is_held_to_it() {
    let mut world = World::with_market();
    world.deployer().sets_params(least(STAKE.0)).succeeds();
    world.oracle(2).leaves().succeeds();
    is_removed(&mut world, 2);
    world.oracle(2).joins_registry().succeeds();
    stays(&mut world);
    world.oracle(2).unstakes(Atoms(1)).succeeds();
    is_evicted(world);
}

/// The parameters with that minimum, in atoms.
fn least(min_stake: u64) -> Params {
    Params { min_stake, ..Params::default() }
}

#[test]
fn who_was_evicted_joins_again_once_it_may() {
    let mut world = World::with_market();
    world.certifier().revokes(SubjectKind::Oracle, authority()).succeeds();
    world.anyone().evicts(&authority()).succeeds();
    is_removed(&mut world, 2);
    world.oracle(2).joins_registry().is_refused(ErrorCode::AccountNotInitialized);
    let expires_at = world.chain.now().0 + i64::from(DAY);
    let short = CertifyArgs { expires_at, ..certificate(SubjectKind::Oracle, authority()) };
    world.certifier().gives(short).succeeds();
    world.oracle(2).joins_registry().succeeds();
    let entry = entry_of(&world, &authority()).unwrap();
    assert_eq!((entry.certified_until, entry.out_slot), (expires_at, 0));
}

#[test]
fn who_is_out_leaves_by_itself_as_well() {
    let mut world = World::with_market();
    world.certifier().revokes(SubjectKind::Oracle, authority()).succeeds();
    let receipt = world.oracle(2).leaves().succeeds();
    assert_eq!(receipt.event::<OracleLeft>().by, authority());
}

#[test]
fn a_seated_oracle_is_evicted_and_keeps_its_seat_until_it_is_redrawn() {
    let mut world = World::with_active_sla();
    let authority = world.sla().seats[0];
    world.certifier().revokes(SubjectKind::Oracle, authority).succeeds();
    let receipt = world.anyone().evicts(&authority).succeeds();
    assert_eq!(receipt.event::<OracleLeft>().seats, 1);
    let oracle = world.oracle_account(&authority);
    assert_eq!((oracle.joined, oracle.seats), (2, 1));
    assert!(oracle.stake.covered > 0);
    assert_eq!(world.sla().seats[0], authority);
}

#[test]
fn whoever_evicts_signs() {
    let mut world = World::with_market();
    world.certifier().revokes(SubjectKind::Oracle, authority()).succeeds();
    let attempt = world.anyone().evicts(&authority());
    attempt.unsigned_by(key(STRANGER)).is_refused(ErrorCode::AccountNotSigner);
}
