use std::mem::offset_of;

use flashback_core::sla::{Progress, SlaBody};
use flashback_sdk::account::Sla;
use flashback_tests::prelude::*;

use super::super::contests::*;
use super::super::forgery::*;

#[test]
fn each_party_disputes_once() {
    let mut world = disputed();
    world.provider().disputes(0).succeeds();
    world.consumer().disputes(0).is_refused(ACCOUNT_IN_USE);
    world.provider().disputes(0).is_refused(ACCOUNT_IN_USE);
    // Ruled on, its account is gone, and still the party has had its say.
    for party in [Party::Consumer, Party::Provider] {
        world.arbiter().rules(0, party, None).succeeds();
    }
    world.consumer().disputes(0).is_refused(CoreError::AlreadyDisputed);
    world.provider().disputes(0).is_refused(CoreError::AlreadyDisputed);
}

#[test]
fn the_consumers_delegate_disputes_for_it() {
    let mut args = reservation();
    args.delegate = key(OPERATOR);
    let mut world = active(hourly(), args);
    report(&mut world, 0, [Some(met); 3]);
    world.chain.mint_flash(&key(OPERATOR), PURSE);
    disputes_as(&mut world, OPERATOR, Party::Provider, 0).is_refused(CoreError::Unauthorized);
    disputes_as(&mut world, OPERATOR, Party::Consumer, 0).succeeds();
    // Both are one party.
    world.consumer().disputes(0).is_refused(ACCOUNT_IN_USE);
}

#[test]
fn the_providers_operator_disputes_for_it_until_its_powers_end() {
    let mut world = World::with_contestable_window();
    world.chain.mint_flash(&key(OPERATOR), PURSE);
    let attempt = disputes_as(&mut world, OPERATOR, Party::Provider, 0);
    attempt.is_refused(CoreError::Unauthorized);
    let until = Timestamp(world.chain.now().0 + 60);
    world.provider().names_operator(key(OPERATOR), until).succeeds();
    disputes_as(&mut world, OPERATOR, Party::Consumer, 0).is_refused(CoreError::Unauthorized);
    let mut late = world.clone();
    late.wait(until);
    disputes_as(&mut late, OPERATOR, Party::Provider, 0).is_refused(CoreError::Unauthorized);
    late.provider().disputes(0).succeeds();
    world.wait(before(until));
    disputes_as(&mut world, OPERATOR, Party::Provider, 0).succeeds();
}

#[test]
fn nobody_else_disputes() {
    let mut world = World::with_contestable_window();
    for name in [ARBITER, GUARDIAN, PAYOUT, CERTIFIER, DEPLOYER, "oracle 0"] {
        world.chain.mint_flash(&key(name), Atoms(BOND));
    }
    let strangers = [STRANGER, ARBITER, GUARDIAN, PAYOUT, CERTIFIER, DEPLOYER, "oracle 0"];
    for name in strangers.into_iter().chain([PROVIDER, OTHER_PROVIDER]) {
        let attempt = disputes_as(&mut world, name, Party::Consumer, 0);
        attempt.is_refused(CoreError::Unauthorized);
    }
    for name in strangers.into_iter().chain([CONSUMER, OTHER_PROVIDER]) {
        let attempt = disputes_as(&mut world, name, Party::Provider, 0);
        attempt.is_refused(CoreError::Unauthorized);
    }
}

#[test]
fn both_signatures_are_asked_for() {
    let mut world = World::with_contestable_window();
    for signer in [CONSUMER, RENT_PAYER] {
        let attempt = world.consumer().disputes(0);
        attempt.unsigned_by(key(signer)).is_refused(ErrorCode::AccountNotSigner);
    }
    let attempt = world.consumer().disputes(0);
    attempt.signed_by(keypair(STRANGER), key(CONSUMER)).is_refused(CoreError::Unauthorized);
}

#[test]
fn only_in_the_challenge_phase() {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    world.reports(0, [Some(met(&terms)); 3]);
    let (opens, closes) = (terms.report_closes(0).unwrap(), terms.settles_at(0).unwrap());
    world.consumer().disputes(0).is_refused(CoreError::ContestClosed);
    world.wait(before(opens));
    world.consumer().disputes(0).is_refused(CoreError::ContestClosed);
    for time in [opens, before(closes)] {
        world.wait(time);
        world.clone().consumer().disputes(0).succeeds();
    }
    let mut joined = world.clone();
    joined.consumer().disputes(0).succeeds();
    joined.clone().provider().disputes(0).succeeds();
    for late in [&mut world, &mut joined] {
        late.wait(closes);
        late.provider().disputes(0).is_refused(CoreError::ContestClosed);
    }
    // Settled, it stands.
    world.anyone().settles().succeeds();
    world.consumer().disputes(0).is_refused(CoreError::ContestClosed);
}

#[test]
fn only_the_window_that_stands_next() {
    let mut world = World::with_contestable_window();
    for window in [1, 3, 4, u16::MAX] {
        world.consumer().disputes(window).is_refused(CoreError::ContestClosed);
    }
    // The next one is not contested in this one's phase, nor this one again once it is settled and gone.
    world.consumer().disputes(0).succeeds();
    world.provider().disputes(1).is_refused(CoreError::ContestClosed);
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
    world.provider().disputes(0).is_refused(CoreError::ContestClosed);
}

#[test]
fn only_an_active_slas_window_moves() {
    let mut world = World::with_agreed_sla();
    world.consumer().disputes(0).is_refused(CoreError::StateInvalid);
    let mut world = World::with_ended_sla();
    world.consumer().disputes(4).is_refused(CoreError::StateInvalid);
    world.consumer().disputes(3).is_refused(CoreError::ContestClosed);
}

/// Else no submission could be left out.
#[test]
fn more_than_a_majority_has_to_have_measured() {
    let few: [[Option<Report>; 3]; 5] = [
        [None; 3],
        [Some(met), None, None],
        [Some(met), Some(met), None],
        [Some(inconclusive), Some(met), Some(met)],
        [Some(inconclusive); 3],
    ];
    for reports in few {
        let mut world = contestable(reports);
        world.consumer().disputes(0).is_refused(CoreError::NothingToDispute);
        world.provider().disputes(0).is_refused(CoreError::NothingToDispute);
    }
    let three = [Some(met as Report), Some(met), Some(met), Some(inconclusive), None];
    let mut world = contestable_by_five(three);
    world.consumer().disputes(0).is_refused(CoreError::NothingToDispute);
    let four = [Some(met as Report), Some(down), Some(met), Some(excellent), None];
    contestable_by_five(four).consumer().disputes(0).succeeds();
}

#[test]
fn what_was_turned_or_voided_does_not_count_for_it() {
    // One submission left out or proven wrong, the other party finds no more than a majority.
    let mut world = disputed();
    world.arbiter().rules(0, Party::Consumer, Some(0b001)).succeeds();
    world.provider().disputes(0).is_refused(CoreError::NothingToDispute);
    let mut world = contestable_by_five([Some(met as Report); 5]);
    world.consumer().disputes(0).succeeds();
    world.arbiter().rules(0, Party::Consumer, Some(0b001)).succeeds();
    world.provider().disputes(0).succeeds();
    let (mut world, records) = embellished();
    world.anyone().proves_fraud(None, 0, records.accusation(5)).succeeds();
    world.consumer().disputes(0).is_refused(CoreError::NothingToDispute);
}

#[test]
fn at_most_255_rounds_are_open_at_a_time() {
    let mut world = World::with_contestable_window();
    let address = world.sla_address();
    let mut account = world.chain.account(&address).unwrap();
    let body = offset_of!(Sla, body) + offset_of!(SlaBody, progress);
    let place = 8 + body + offset_of!(Progress, open_rounds);
    account.data[place] = 255;
    let attempt = world.consumer().disputes(0).putting(address, account.clone());
    attempt.is_refused(CoreError::ContestClosed);
    account.data[place] = 254;
    world.consumer().disputes(0).putting(address, account).succeeds();
    assert_eq!(world.sla().body.progress.open_rounds, 255);
}
