use flashback::events::SlaClosed;
use flashback_tests::prelude::*;

#[test]
fn anyone_closes_what_is_finished() {
    let mut world = World::with_emptied_sla();
    let (address, escrow) = (world.sla_address(), world.escrow());
    let lamports = |world: &World, at| world.chain.account(&at).map_or(0, |a| a.lamports);
    let rent = lamports(&world, address) + lamports(&world, escrow);
    let payer = lamports(&world, key(RENT_PAYER));
    let receipt = world.anyone().closes().succeeds();
    assert_eq!((world.chain.account(&address), world.chain.account(&escrow)), (None, None));
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + rent, "the rent went back");
    let event = receipt.event::<SlaClosed>();
    assert_eq!((event.sla, event.surplus), (address, 0));
}

#[test]
fn donations_end_up_in_the_treasury() {
    let mut world = World::with_emptied_sla();
    let escrow = world.escrow();
    world.anyone().donates(escrow, Atoms(123)).succeeds();
    let treasury = world.chain.tokens(&address::treasury());
    let receipt = world.anyone().closes().succeeds();
    assert_eq!(receipt.event::<SlaClosed>().surplus, 123);
    assert_eq!(world.chain.tokens(&address::treasury()), Atoms(treasury.0 + 123));
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_emptied_sla();
    world.anyone().closes().succeeds();
    world.anyone().closes().is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn a_number_can_be_used_again_after_closing() {
    let mut world = World::with_emptied_sla();
    world.anyone().closes().succeeds();
    world.consumer().reserves().succeeds();
    assert_eq!(world.sla().body, world.quote().agreed(world.chain.slot()));
}

#[test]
fn only_an_ended_sla_closes() {
    World::with_agreed_sla().anyone().closes().is_refused(CoreError::StateInvalid);
    World::with_active_sla().anyone().closes().is_refused(CoreError::StateInvalid);
}

#[test]
fn nothing_closes_while_money_is_left() {
    let mut world = World::with_collected_sla();
    world.anyone().releases().succeeds();
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.provider().withdraws_earnings().succeeds();
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.consumer().withdraws_refund().succeeds();
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.anyone().sweeps_fees().succeeds();
    for seat in 0..3 {
        world.anyone().closes().is_refused(CoreError::NotClosable);
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().closes().succeeds();
}

#[test]
fn nothing_closes_before_everything_was_given_back() {
    let mut world = World::with_collected_sla();
    let seats = world.sla().seats;
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
    world.anyone().sweeps_fees().succeeds();
    for seat in 0..3 {
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().closes().is_refused(CoreError::NotClosable);
    world.anyone().releases_seats(&[]).succeeds();
    for oracle in &seats[..3] {
        world.anyone().closes().is_refused(CoreError::NotClosable);
        world.anyone().releases_seats(&[*oracle]).succeeds();
    }
    world.anyone().closes().succeeds();
}

#[test]
fn the_rent_goes_to_who_paid_it() {
    let mut world = World::with_emptied_sla();
    let attempt = world.anyone().closes();
    attempt.with(key(STRANGER), key(RENT_PAYER)).is_refused(ErrorCode::ConstraintHasOne);
}

#[test]
fn other_vaults_are_refused() {
    let mut world = World::with_emptied_sla();
    let escrow = world.escrow();
    for (other, own) in [
        (purse(CONSUMER), escrow),
        (purse(STRANGER), address::treasury()),
        (address::rewards(), address::treasury()),
    ] {
        let attempt = world.anyone().closes();
        attempt.with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }
}
