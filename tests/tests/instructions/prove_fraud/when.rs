use flashback_core::quality::Aggregate;
use flashback_sdk::instruction::{ProveFraud, prove_fraud};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::super::contests::*;
use super::super::forgery::*;

#[test]
fn from_its_submission_until_its_window_is_due() {
    let mut world = active(hourly(), reservation());
    let terms = world.terms();
    let records = submits_forged(&mut world, 0, |honest| {
        let mut sums = honest.clone().records().tree.node(0, 3).unwrap().sums;
        sums.latency_sum_us = 1;
        honest.claiming(0, 3, sums)
    });
    let proof = records.accusation(3);
    // At once, in the report phase.
    let mut early = world.clone();
    early.anyone().proves_fraud(None, 0, proof.clone()).succeeds();
    // It does not report again.
    let honest = early.records(0, 0, 0).report(0);
    early.seat(0).submits(honest).is_refused(CoreError::AlreadySubmitted);

    let due = terms.settles_at(0).unwrap();
    for time in [terms.report_closes(0).unwrap(), before(due)] {
        world.wait(time);
        world.clone().anyone().proves_fraud(None, 0, proof.clone()).succeeds();
    }
    world.wait(due);
    world.anyone().proves_fraud(None, 0, proof.clone()).is_refused(CoreError::ContestClosed);
    world.anyone().settles().succeeds();
    world.anyone().proves_fraud(None, 0, proof).is_refused(CoreError::ProofInvalid);
}

#[test]
fn not_twice() {
    let (mut world, records) = embellished();
    let mut contested = world.clone();
    contested.consumer().disputes(0).succeeds();
    for (world, window) in [(&mut world, None), (&mut contested, Some(0))] {
        world.anyone().proves_fraud(window, 0, records.accusation(5)).succeeds();
        let attempt = world.anyone().proves_fraud(window, 0, records.accusation(5));
        attempt.is_refused(CoreError::NothingSubmitted);
    }
    // What was voided before the window was contested stays so.
    world.anyone().challenges(0, 1, 0).succeeds();
    let attempt = world.anyone().proves_fraud(Some(0), 0, records.accusation(5));
    attempt.is_refused(CoreError::NothingSubmitted);
    world.anyone().challenges(0, 0, 5).is_refused(CoreError::NothingSubmitted);
}

#[test]
fn once_contested_only_in_its_round() {
    let (mut world, records) = embellished();
    world.consumer().disputes(0).succeeds();
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(5));
    attempt.is_refused(CoreError::NothingSubmitted);
    // As long as the round is not settled, however late that is.
    world.wait_secs(20 * A_DAY);
    world.anyone().proves_fraud(Some(0), 0, records.accusation(5)).succeeds();
}

/// A round that is settled and not closed yet, since somebody has left a seat of it.
#[test]
fn not_after_settlement() {
    let (mut world, records) = embellished();
    world.consumer().disputes(0).succeeds();
    redraw(&mut world, 1, Some(0));
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    assert_eq!(world.round(0).body.settled, 1);
    let attempt = world.anyone().proves_fraud(Some(0), 0, records.accusation(5));
    attempt.is_refused(CoreError::RoundSettled);
    // Nor is anything else contested there.
    world.anyone().challenges(0, 0, 1).is_refused(CoreError::RoundSettled);
    world.provider().disputes(0).is_refused(CoreError::RoundSettled);
}

#[test]
fn a_challenge_of_what_is_proven_wrong_returns_its_bond() {
    // Leaf 5 is a lie; leaf 3 would open.
    let (mut world, records) = forged(lies_about_leaf_5);
    world.anyone().challenges(0, 0, 3).succeeds();
    let purse = world.purse(STRANGER);
    world.clone().anyone().opens_leaf(0, 0, 3, records.opening(3)).succeeds();
    world.anyone().expires_challenge(0, 0, 3).is_refused(CoreError::NotExpired);
    world.anyone().proves_fraud(Some(0), 0, records.accusation(5)).succeeds();
    world.anyone().opens_leaf(0, 0, 3, records.opening(3)).is_refused(CoreError::NothingSubmitted);
    world.anyone().expires_challenge(0, 0, 3).succeeds();
    assert_eq!(world.purse(STRANGER).0, purse.0 + SLASH / 2 + BOND);
    assert_eq!(world.oracle_account(&world.sla().seats[0]).voided, 1);
    assert_all_solvent(&mut world);
}

#[test]
fn only_in_a_living_sla() {
    let mut args = reservation();
    args.request.windows = 1;
    let mut world = active(hourly(), args);
    let records = submits_forged(&mut world, 0, |honest| {
        let aggregate = *honest.clone().records().tree.aggregate();
        honest.submitting(Aggregate { attempts: 25, ..aggregate })
    });
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    let attempt = world.anyone().proves_fraud(None, 0, records.accusation(0));
    attempt.is_refused(CoreError::StateInvalid);
    // Before there is a committee there is no seat.
    let mut world = World::with_agreed_sla();
    let oracle = key("oracle 0");
    let given = ProveFraud {
        prover_token: purse(STRANGER),
        sla: world.sla_address(),
        contested: None,
        seat: 0,
        oracle,
        proof: vec![0; 100],
        flash_mint: Chain::flash(),
    };
    let attempt = Attempt::new(&mut world.chain, prove_fraud(given), vec![]);
    attempt.is_refused(CoreError::SeatInvalid);
}
