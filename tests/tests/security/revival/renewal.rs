//! What is made anew where something was closed is new, even in the same transaction.

use flashback_core::reputation::Score;
use flashback_core::stake::Stake;
use flashback_sdk::account::{Certificate, Certifier, Challenge, Oracle, Provider};
use flashback_sdk::instruction::{
    AppointCertifierArgs, CertifyArgs, UpdateUnitArgs, appoint_certifier, certify, create_unit,
    register_oracle, register_provider,
};
use flashback_tests::actors::{certificate, oracle_details, provider_details, same_unit};
use flashback_tests::prelude::*;

use super::followed_by;
use crate::security::crowd::OTHER_CERTIFIER;
use crate::security::stages::{CHALLENGED, contested, opening};

/// A world whose one SLA is over and closed.
fn over() -> World {
    let mut world = World::with_emptied_sla();
    world.anyone().closes().succeeds();
    world
}

#[test]
fn a_provider_begins_anew_and_uncertified() {
    let mut world = over();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    let bonded = Atoms(world.provider_account().stake.bonded);
    world.provider().unstakes(bonded).succeeds();
    world.wait_secs(30 * 86_400);
    world.provider().withdraws_stake().succeeds();

    let registered =
        register_provider(key(RENT_PAYER), key(PROVIDER), Chain::flash(), provider_details());
    followed_by(world.provider().exits(), registered).succeeds();
    let provider: Provider = world.provider_account();
    assert_eq!((provider.unit_count, provider.listed_units), (0, 0));
    assert_eq!((provider.live_slas, provider.open_slas), (0, 0));
    assert_eq!((provider.score_sum_milli, provider.fees_swept), (0, 0));
    assert_eq!((provider.stake, provider.registered_at), (Stake::default(), world.chain.now().0));
    // A score cannot be laundered: it lists no unit before it is certified again.
    world.provider().stakes(STAKE).succeeds();
    world.provider().lists_unit().is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn an_oracle_begins_anew_and_uncertified() {
    let mut world = over();
    let oracle: Oracle = world.oracle_account(&key("oracle 0"));
    assert_eq!(oracle.seats, 0);
    let leaver = key("oracle 0");
    world.oracle(0).leaves().succeeds();
    world.oracle(0).unstakes(Atoms(oracle.stake.bonded)).succeeds();
    world.wait_secs(30 * 86_400);
    world.anyone().evicts(&leaver).succeeds();
    world.oracle(0).withdraws_stake().succeeds();

    let registered =
        register_oracle(key(RENT_PAYER), key("oracle 0"), Chain::flash(), oracle_details());
    followed_by(world.oracle(0).exits(), registered).succeeds();
    let oracle: Oracle = world.oracle_account(&key("oracle 0"));
    assert_eq!(oracle.score(), Score::start(world.chain.now()));
    assert_eq!((oracle.joined, oracle.seats, oracle.slashed, oracle.voided), (0, 0, 0, 0));
    assert_eq!((oracle.stake, oracle.registered_at), (Stake::default(), world.chain.now().0));
    world.oracle(0).stakes(STAKE).succeeds();
    world.oracle(0).joins_registry().is_refused(ErrorCode::AccountNotInitialized);
}

/// Likewise, with nothing delivered in any window.
fn over_badly() -> World {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    for window in 0..4 {
        world.reports(window, [Some(down(&terms)); 3]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    world.anyone().collects_penalty().succeeds();
    world.anyone().releases().succeeds();
    world.consumer().withdraws_refund().succeeds();
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().sweeps_fees().succeeds();
    world.anyone().closes().succeeds();
    world
}

#[test]
fn a_unit_begins_anew_with_no_better_score() {
    let mut world = over_badly();
    let changed = UpdateUnitArgs { consumer_level: 3, ..same_unit() };
    world.provider().updates_unit(changed).succeeds();
    world.anyone().boosts_unit(Atoms(1_000_000)).succeeds();
    world.provider().closes_unit().succeeds();
    let mean = world.provider_account().score_milli();
    assert!(mean < 40_000, "four windows were breached wholly");

    let listed = create_unit(key(RENT_PAYER), key(PROVIDER), listing());
    followed_by(world.anyone().removes_unit(), listed).succeeds();
    let unit = world.unit();
    // A version that somebody was quoted never returns.
    assert_eq!((unit.offer.version, unit.consumer_level, unit.closing), (3, 0, false));
    assert_eq!((unit.boost, unit.boosted_at), (0, 0));
    assert_eq!((unit.taken_gib, unit.live_slas), (0, 0));
    assert_eq!((unit.score.milli, unit.listed_at), (mean, world.chain.now().0));
    let provider = world.provider_account();
    assert_eq!((provider.unit_count, provider.listed_units), (2, 1));
    assert_eq!(provider.score_milli(), mean);
}

#[test]
fn a_certificate_is_of_who_gave_it_last() {
    let mut world = contested();
    world.wait_secs(5);
    let (kind, subject) = (SubjectKind::Consumer, key(CONSUMER));
    let args = CertifyArgs { level: 1, ..certificate(kind, subject) };
    let mut given = certify(key(RENT_PAYER), key(CERTIFIER), args);
    let address = address::certificate(kind, &subject);
    followed_by(world.certifier().revokes(kind, subject), given).succeeds();
    let anew: Certificate = world.chain.read(&address);
    assert_eq!((anew.level, anew.issued_at), (1, world.chain.now().0));

    given = certify(key(RENT_PAYER), key(OTHER_CERTIFIER), args);
    followed_by(world.deployer().revokes(kind, subject), given).succeeds();
    let anew: Certificate = world.chain.read(&address);
    assert_eq!(anew.certifier, key(OTHER_CERTIFIER));
    world.certifier().revokes(kind, subject).is_refused(CoreError::Unauthorized);
}

#[test]
fn a_certifier_has_the_level_of_its_last_appointment() {
    let mut world = contested();
    let (certifier, expires_at) = (key(CERTIFIER), EXPIRY.0 - 1);
    let args = AppointCertifierArgs { certifier, max_level: 1, expires_at };
    let appointed = appoint_certifier(key(RENT_PAYER), key(DEPLOYER), args);
    followed_by(world.deployer().removes_certifier(), appointed).succeeds();
    let anew: Certifier = world.chain.read(&address::certifier(&certifier));
    assert_eq!((anew.max_level, anew.expires_at), (1, expires_at));
    let attempt = world.certifier().certifies(SubjectKind::Consumer, key("newcomer"));
    attempt.is_refused(CoreError::CertificateLevelInvalid);
}

/// A party disputes a window once, whatever became of its dispute.
#[test]
fn a_dispute_is_not_opened_again() {
    let mut world = contested();
    let disputed = world.consumer().disputes(0).instruction();
    for turned in [None, Some(4)] {
        let attempt = world.arbiter().rules(0, Party::Consumer, turned);
        followed_by(attempt, disputed.clone()).is_refused(CoreError::AlreadyDisputed);
    }
}

/// A leaf that was opened can be challenged again, for another bond, which is the oracle's again if it opens it.
#[test]
fn a_challenge_is_another_one() {
    let mut world = contested();
    world.wait_secs(60);
    let bond = world.terms().bond_min;
    let fees = |world: &World| world.sla().body.seats.fees[usize::from(CHALLENGED)];
    let (escrow, before) = (world.escrow(), fees(&world));
    let held = world.chain.tokens(&escrow);
    world.anyone().opens_leaf(0, CHALLENGED, 0, opening(0)).succeeds();
    world.anyone().challenges(0, CHALLENGED, 0).succeeds();
    let challenge: Challenge = world.chain.read(&world.challenge_address(0, CHALLENGED, 0));
    assert_eq!((challenge.bond, challenge.deadline), (bond, world.chain.now().0 + 86_400));
    assert_eq!(world.chain.tokens(&escrow), Atoms(held.0 + bond));
    assert_eq!(fees(&world), before + bond);
    world.anyone().asserts_escrow_solvent().succeeds();
}
