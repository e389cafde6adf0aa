use flashback::events::UnitRemoved;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{create_unit, remove_unit};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

/// A unit that is closing and serves nobody.
fn closing() -> World {
    let mut world = World::with_market();
    world.provider().closes_unit().succeeds();
    world
}

#[test]
fn a_closing_unit_goes_and_its_rent_goes_back() {
    let mut world = closing();
    let (unit, provider) = (world.unit_address(), world.provider_address());
    let rent = world.chain.account(&unit).unwrap().lamports;
    let payer = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
    let receipt = world.anyone().removes_unit().succeeds();

    assert!(world.chain.account(&unit).is_none());
    assert_eq!(world.chain.account(&key(RENT_PAYER)).unwrap().lamports, payer + rent);
    let account = world.provider_account();
    assert_eq!((account.listed_units, account.unit_count), (0, 1));
    assert_eq!((account.score_sum_milli, account.score_milli()), (50_000, 50_000));
    let event = receipt.event::<UnitRemoved>();
    assert_eq!((event.unit, event.provider), (unit, provider));
    assert_eq!((event.score_milli, event.listed_units), (50_000, 0));
}

#[test]
fn only_a_closing_unit_goes() {
    let mut world = World::with_market();
    world.anyone().removes_unit().is_refused(CoreError::UnitInUse);
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
}

#[test]
fn twice_is_refused() {
    let mut world = closing();
    world.anyone().removes_unit().succeeds();
    world.anyone().removes_unit().is_refused(ErrorCode::AccountNotInitialized);
}

#[test]
fn not_while_an_sla_of_it_lives() {
    for mut world in [World::with_agreed_sla(), World::with_active_sla(), World::with_ended_sla()] {
        world.provider().closes_unit().succeeds();
        world.anyone().removes_unit().is_refused(CoreError::UnitInUse);
    }
}

#[test]
fn once_its_last_sla_is_given_back_it_goes() {
    let mut world = World::with_collected_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().is_refused(CoreError::UnitInUse);
    world.anyone().releases_seats(&[]).succeeds();
    world.anyone().removes_unit().succeeds();
    // The rest of the SLA needs no unit.
    for seat in 0..3 {
        let oracle = world.sla().seats[seat];
        world.seat(seat).claims_fees().succeeds();
        assert!(world.oracle_account(&oracle).stake.covered > 0);
    }
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
}

#[test]
fn the_seats_of_its_last_sla_are_freed_without_it() {
    let mut world = World::with_collected_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().releases_seats(&[]).succeeds();
    world.anyone().removes_unit().succeeds();
    world.anyone().releases().succeeds();
    assert_eq!(world.sla().body.seats.freed, 0b111);
}

#[test]
fn the_points_of_its_last_sla_are_folded_without_it() {
    let mut world = World::with_collected_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().releases_seats(&[]).succeeds();
    world.anyone().removes_unit().succeeds();
    let points = world.sla().body.seats.points;
    assert!(points[0] != 0);
    world.anyone().folds_scores().succeeds();
    assert_eq!(world.sla().body.seats.points, [0; 5]);
}

#[test]
fn until_then_it_cannot_be_left_out() {
    let mut world = World::with_collected_sla();
    let unit = world.unit_address();
    let waiting = world.sla().body;
    assert!(waiting.progress.points_milli != 0);
    // The program's own address stands for an account left out.
    let attempt = world.anyone().releases();
    attempt.with(address::PROGRAM, unit).is_refused(CoreError::AccountMismatch);
    let attempt = world.anyone().folds_scores();
    attempt.with(address::PROGRAM, unit).is_refused(CoreError::AccountMismatch);
    assert_eq!(world.sla().body, waiting);
}

#[test]
fn a_unit_of_its_number_listed_later_is_not_concerned() {
    let mut world = World::with_collected_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().releases_seats(&[]).succeeds();
    world.anyone().removes_unit().succeeds();
    world.provider().lists_unit().succeeds();
    let (unit, provider) = (world.unit(), world.provider_account());
    let attempt = world.anyone().releases();
    let accounts = attempt.accounts().to_vec();
    let place = accounts.iter().position(|meta| meta.pubkey == address::PROGRAM).unwrap();
    let address = address::unit(&address::provider(&key(PROVIDER)), NUMBER);
    attempt.at(place, |meta| (meta.pubkey, meta.is_writable) = (address, true)).succeeds();
    let after = world.unit();
    assert_eq!((after.taken_gib, after.live_slas, after.score), (0, 0, unit.score));
    assert_eq!(world.provider_account().live_slas, provider.live_slas);
    assert_eq!(world.provider_account().stake, provider.stake);
}

#[test]
fn a_mere_proposal_keeps_no_unit() {
    let mut world = World::with_proposed_sla();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.provider().rejects().succeeds();
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
}

#[test]
fn a_used_number_begins_a_new_unit() {
    let mut world = closing();
    world.anyone().removes_unit().succeeds();
    world.provider().lists_unit().succeeds();
    let unit = world.unit();
    assert_eq!((unit.closing, unit.offer.version, unit.live_slas), (false, 2, 0));
    assert_eq!((unit.listed_at, unit.boost), (world.chain.now().0, 0));
    let mut fresh = reservation();
    fresh.request.offer_version = 2;
    world.consumer().reserves_with(fresh).succeeds();
}

#[test]
fn listed_again_in_the_same_transaction_it_is_another_unit() {
    let mut world = closing();
    let again = create_unit(key(RENT_PAYER), key(PROVIDER), listing());
    let (payer, own) = (keypair(RENT_PAYER), keypair(PROVIDER));
    let attempt = world.anyone().removes_unit().and(again);
    attempt.signed_also_by(payer).signed_also_by(own).succeeds();
    // A new unit altogether, of which nothing is left of the old one.
    assert_eq!(world.provider_account().unit_count, 2);
    assert!(!world.unit().closing);
}

#[test]
fn a_pause_does_not_stop_it() {
    let mut world = closing();
    world.guardian().pauses(7 * DAY).succeeds();
    world.anyone().removes_unit().succeeds();
}

#[test]
fn lamports_that_anybody_sent_go_along() {
    let mut world = closing();
    let unit = world.unit_address();
    world.chain.send_lamports(unit, 1_000_000);
    let rent = world.chain.account(&unit).unwrap().lamports;
    let payer = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
    world.anyone().removes_unit().succeeds();
    assert_eq!(world.chain.account(&key(RENT_PAYER)).unwrap().lamports, payer + rent);
}

#[test]
fn who_paid_its_rent_gets_it() {
    let mut world = World::initialized();
    world.add_provider(STAKE);
    world.chain.fund(key(STRANGER));
    let listed = create_unit(key(STRANGER), key(PROVIDER), listing());
    let signers = vec![keypair(STRANGER), keypair(PROVIDER)];
    Attempt::new(&mut world.chain, listed, signers).succeeds();
    world.provider().closes_unit().succeeds();
    for other in [RENT_PAYER, PROVIDER] {
        let removed = remove_unit(world.provider_address(), NUMBER, key(other));
        let attempt = Attempt::new(&mut world.chain, removed, vec![]);
        attempt.is_refused(ErrorCode::ConstraintHasOne);
    }
    let removed = remove_unit(world.provider_address(), NUMBER, key(STRANGER));
    Attempt::new(&mut world.chain, removed, vec![]).succeeds();
}

#[test]
fn unit_and_provider_belong_together() {
    let mut world = closing();
    let (unit, provider) = (world.unit_address(), world.provider_address());
    world.other_provider().registers().succeeds();
    let attempt = world.anyone().removes_unit();
    let other = address::provider(&key(OTHER_PROVIDER));
    attempt.with(other, provider).is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.anyone().removes_unit();
    attempt.with(provider, unit).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.anyone().removes_unit();
    attempt.with(unit, provider).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.anyone().removes_unit();
    attempt.with(purse(PROVIDER), unit).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    for account in [unit, provider, key(RENT_PAYER)] {
        let attempt = world.anyone().removes_unit();
        attempt.read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}
