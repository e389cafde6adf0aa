use flashback::events::OracleFeesClaimed;
use flashback_tests::prelude::*;

#[test]
fn an_oracle_claims_its_fees() {
    let mut world = World::with_ended_sla();
    let (seats, fees) = (world.sla().seats, world.sla().body.seats.fees);
    // Seat 1 reported windows 0 to 2, the others 0, 1 and 3.
    assert!(fees[..3].iter().all(|fee| *fee > 0));
    for seat in 0..3 {
        let destination = address::token_account(&seats[seat], &Chain::flash());
        let before = world.chain.tokens(&destination);
        let receipt = world.seat(seat).claims_fees().succeeds();
        let after = world.chain.tokens(&destination);
        assert_eq!(after, before.plus(Atoms(fees[seat])).unwrap());
        let event = receipt.event::<OracleFeesClaimed>();
        assert_eq!((event.sla, event.oracle), (world.sla_address(), seats[seat]));
        assert_eq!(event.amount, fees[seat]);
        world.anyone().asserts_escrow_solvent().succeeds();
    }
    assert_eq!(world.sla().body.seats.fees, [0; 5]);
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_ended_sla();
    world.seat(0).claims_fees().succeeds();
    world.seat(0).claims_fees().is_refused(CoreError::NothingToWithdraw);
}

#[test]
fn only_the_seats_oracle_may() {
    let mut world = World::with_ended_sla();
    world.seat(0).claims_fees_of(1).is_refused(CoreError::Unauthorized);
    let own = world.sla().seats[0];
    let attempt = world.seat(0).claims_fees();
    attempt.signed_by(keypair(STRANGER), own).is_refused(CoreError::Unauthorized);
    let attempt = world.seat(0).claims_fees();
    attempt.unsigned_by(own).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn an_empty_seat_earns_nothing() {
    let mut world = World::with_ended_sla();
    for seat in [3, 5, 255] {
        world.seat(0).claims_fees_of(seat).is_refused(CoreError::SeatInvalid);
    }
    World::with_agreed_sla().oracle(0).claims_fees_of(0).is_refused(CoreError::SeatInvalid);
}

#[test]
fn the_money_comes_from_this_slas_escrow_and_leaves_it() {
    let mut world = World::with_ended_sla();
    let escrow = world.escrow();
    let own = address::token_account(&world.sla().seats[0], &Chain::flash());
    for vault in [address::treasury(), purse(CONSUMER)] {
        let attempt = world.seat(0).claims_fees();
        attempt.with(vault, escrow).is_refused(ErrorCode::ConstraintSeeds);
    }
    let attempt = world.seat(0).claims_fees();
    attempt.with(escrow, own).is_refused(ErrorCode::ConstraintDuplicateMutableAccount);
    world.chain.create_mint("other mint", 6, None);
    let of_another_mint = world.chain.mint(key("other mint"), &key(STRANGER), Atoms(1));
    let attempt = world.seat(0).claims_fees();
    attempt.with(of_another_mint, own).is_refused(TokenError::MintMismatch);
}
