use flashback::events::LeafOpened;
use flashback_core::units::DAY;
use flashback_sdk::instruction::open_leaf;
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::contests::*;

/// With seat 1 challenged to open leaf 7 of window 0, and the proof that opens it.
fn challenged() -> (World, Vec<u8>) {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 1, 7).succeeds();
    let proof = world.records(1, 0, 0).opening(7);
    (world, proof)
}

#[test]
fn an_opened_leaf_earns_its_oracle_the_bond() {
    let (mut world, proof) = challenged();
    let (before, escrow) = (world.sla().body, world.chain.tokens(&world.escrow()));
    let lamports_before = lamports(&world, &key(RENT_PAYER));
    let receipt = world.anyone().opens_leaf(0, 1, 7, proof).succeeds();

    let (after, round) = (world.sla().body, world.round(0).body);
    assert_eq!(after.money.held, before.money.held - BOND);
    assert_eq!(after.seats.fees, [0, BOND, 0, 0, 0]);
    assert_eq!((round.open, round.settled, round.fees), (0, 0, [0; 5]));
    assert_eq!(world.chain.tokens(&world.escrow()), escrow);
    assert!(world.chain.account(&world.challenge_address(0, 1, 7)).is_none());
    let rent = world.chain.rent(8 + 7 + 4 * 32 + 16 + 32);
    assert_eq!(lamports(&world, &key(RENT_PAYER)), lamports_before + rent);
    let event = receipt.event::<LeafOpened>();
    assert_eq!((event.sla, event.round), (world.sla_address(), world.round_address(0)));
    assert_eq!((event.seat, event.leaf, event.bond), (1, 7, BOND));
    world.anyone().asserts_escrow_solvent().succeeds();

    // It is a fee like any other, at once.
    let oracle = world.sla().seats[1];
    let purse = address::token_account(&oracle, &Chain::flash());
    let held = world.chain.tokens(&purse);
    world.seat(1).claims_fees().succeeds();
    assert_eq!(world.chain.tokens(&purse).0, held.0 + BOND);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn the_submission_stands_and_counts() {
    let (mut world, proof) = challenged();
    world.anyone().opens_leaf(0, 1, 7, proof).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    let body = world.sla().body;
    assert_eq!(body.seats.fees, [FEE, FEE + BOND, FEE, 0, 0]);
    assert_eq!((body.seats.voided, body.money.earned), (0, DUE));
}

#[test]
fn first_and_last_leaf_open_too() {
    let mut world = World::with_contestable_window();
    for leaf in [0, 1_439] {
        world.anyone().challenges(0, 2, leaf).succeeds();
        let proof = world.records(2, 0, 0).opening(leaf);
        world.anyone().opens_leaf(0, 2, leaf, proof).succeeds();
    }
    assert_eq!(world.sla().body.seats.fees[2], 2 * BOND);
}

#[test]
fn only_the_leaf_that_was_asked_for_opens() {
    let (mut world, proof) = challenged();
    let own = world.records(1, 0, 0);
    let node = own.tree.open_node(1, 3).unwrap().encode(own.tree.series()).unwrap();
    let mut wrong = vec![
        own.opening(6),
        own.opening(8),
        own.accusation(7)[1..].to_vec(),
        // Other records, another oracle's, and another window's.
        world.records(1, 0, 8).opening(7),
        world.records(0, 0, 0).opening(7),
        world.records(1, 1, 0).opening(7),
        node,
        vec![],
        proof[..proof.len() - 1].to_vec(),
        [&proof[..], &[0]].concat(),
        vec![0; 756],
    ];
    for place in [0, 1, 3, 40, proof.len() - 1] {
        let mut bent = proof.clone();
        bent[place] ^= 1;
        wrong.push(bent);
    }
    for (case, wrong) in wrong.into_iter().enumerate() {
        println!("case {case}");
        world.anyone().opens_leaf(0, 1, 7, wrong).is_refused(CoreError::ProofInvalid);
    }
    world.anyone().opens_leaf(0, 1, 7, proof).succeeds();
}

#[test]
fn one_opening_answers_one_challenge() {
    let (mut world, proof) = challenged();
    world.anyone().challenges(0, 1, 8).succeeds();
    world.anyone().challenges(0, 0, 7).succeeds();
    let attempt = world.anyone().opens_leaf(0, 1, 8, proof.clone());
    attempt.is_refused(CoreError::ProofInvalid);
    let attempt = world.anyone().opens_leaf(0, 0, 7, proof.clone());
    attempt.is_refused(CoreError::ProofInvalid);
    let address = world.challenge_address(0, 1, 7);
    let challenge = world.chain.read(&address);
    world.anyone().opens_leaf(0, 1, 7, proof.clone()).succeeds();
    let again = open_leaf(address, &challenge, proof);
    let attempt = Attempt::new(&mut world.chain, again, vec![]);
    attempt.is_refused(ErrorCode::AccountNotInitialized);
    assert_eq!(world.round(0).body.open, 2);
}

#[test]
fn an_oracle_has_a_day() {
    let (mut world, proof) = challenged();
    let deadline = Timestamp(world.chain.now().0 + 86_400);
    world.wait(before(deadline));
    world.clone().anyone().opens_leaf(0, 1, 7, proof.clone()).succeeds();
    world.wait(deadline);
    world.anyone().opens_leaf(0, 1, 7, proof).is_refused(CoreError::DeadlinePassed);
}

#[test]
fn a_voided_submission_opens_nothing() {
    let (mut world, _) = challenged();
    world.wait_secs(600);
    world.anyone().challenges(0, 1, 9).succeeds();
    world.wait_secs(A_DAY - 600);
    world.anyone().expires_challenge(0, 1, 7).succeeds();
    let proof = world.records(1, 0, 0).opening(9);
    world.anyone().opens_leaf(0, 1, 9, proof).is_refused(CoreError::NothingSubmitted);
}

/// What was submitted with a root that nobody has records for cannot be opened.
#[test]
fn an_invented_root_opens_nothing() {
    let mut world = contestable([Some(met); 3]);
    world.anyone().challenges(0, 1, 7).succeeds();
    let proof = world.records(1, 0, 0).opening(7);
    world.anyone().opens_leaf(0, 1, 7, proof).is_refused(CoreError::ProofInvalid);
}

#[test]
fn nobody_signs_and_no_pause_stops_it() {
    let (mut world, proof) = challenged();
    world.guardian().pauses(7 * DAY).succeeds();
    let attempt = world.anyone().opens_leaf(0, 1, 7, proof);
    assert!(attempt.accounts().iter().all(|meta| !meta.is_signer));
    attempt.succeeds();
}

#[test]
fn accounts_must_belong_together() {
    let mut world = disputed();
    world.anyone().challenges(0, 1, 7).succeeds();
    let proof = world.records(1, 0, 0).opening(7);
    report(&mut world, 1, [Some(met); 3]);
    world.anyone().challenges(1, 1, 7).succeeds();
    let (sla, round) = (world.sla_address(), world.round_address(0));
    let (challenge, dispute) =
        (world.challenge_address(0, 1, 7), world.dispute_address(0, Party::Consumer));
    let (next_round, next) = (world.round_address(1), world.challenge_address(1, 1, 7));
    let other = another_sla(&mut world);
    let cases = [
        (other, sla, ErrorCode::ConstraintHasOne),
        (next_round, round, ErrorCode::ConstraintHasOne),
        (next, challenge, ErrorCode::ConstraintHasOne),
        (key(STRANGER), key(RENT_PAYER), ErrorCode::ConstraintHasOne),
        (round, sla, ErrorCode::AccountDiscriminatorMismatch),
        (sla, round, ErrorCode::AccountDiscriminatorMismatch),
        (dispute, challenge, ErrorCode::AccountDiscriminatorMismatch),
        (purse(STRANGER), round, ErrorCode::AccountOwnedByWrongProgram),
        (key("nobody"), challenge, ErrorCode::AccountNotInitialized),
    ];
    for (account, named, error) in cases {
        let attempt = world.anyone().opens_leaf(0, 1, 7, proof.clone());
        attempt.with(account, named).is_refused(error);
    }
}
