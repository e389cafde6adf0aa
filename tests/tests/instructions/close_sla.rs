use flashback::events::SlaClosed;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{CloseSla, close_sla};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

#[test]
fn anyone_closes_what_is_finished() {
    let mut world = World::with_emptied_sla();
    let (address, escrow) = (world.sla_address(), world.escrow());
    let lamports = |world: &World, at| world.chain.account(&at).map_or(0, |a| a.lamports);
    let rent = lamports(&world, address) + lamports(&world, escrow);
    let payer = lamports(&world, key(RENT_PAYER));
    assert_eq!(world.provider_account().open_slas, 1);
    let receipt = world.anyone().closes().succeeds();
    assert_eq!((world.chain.account(&address), world.chain.account(&escrow)), (None, None));
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + rent, "the rent went back");
    let event = receipt.event::<SlaClosed>();
    assert_eq!((event.sla, event.surplus), (address, 0));
    assert_eq!(world.provider_account().open_slas, 0, "the provider forgot it");
}

#[test]
fn what_the_addresses_held_before_goes_to_the_payer_too() {
    let mut world = World::with_market();
    let payer = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
    world.chain.send_lamports(world.sla_address(), 20_000_000);
    world.chain.send_lamports(world.escrow(), 30_000_000);
    world.consumer().reserves().succeeds();
    world.wait_until_draw();
    world.chain.wait_slots(512);
    world.anyone().expires().succeeds();
    world.consumer().withdraws_refund().succeeds();
    world.anyone().closes().succeeds();
    let back = world.chain.account(&key(RENT_PAYER)).unwrap().lamports;
    assert_eq!(back, payer + 50_000_000);
}

#[test]
fn an_agreed_sla_closes_with_its_provider_only() {
    let mut world = World::with_emptied_sla();
    world.other_provider().registers().succeeds();
    let provider = world.provider_address();
    let other = address::provider(&key(OTHER_PROVIDER));
    for missing_or_other in [address::PROGRAM, other] {
        let attempt = world.anyone().closes().with(missing_or_other, provider);
        attempt.is_refused(CoreError::AccountMismatch);
    }
    world.anyone().closes().read_only(provider).is_refused(ErrorCode::ConstraintMut);
    let unit = world.unit_address();
    let attempt = world.anyone().closes().with(unit, provider);
    attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn what_was_never_agreed_closes_without_its_provider() {
    let mut world = World::with_proposed_sla();
    world.wait_secs(u64::from(DAY));
    world.anyone().expires_proposal().succeeds();
    world.consumer().withdraws_refund().succeeds();
    let provider = world.provider_address();
    // Given all the same, it is left as it is.
    let before = world.chain.account(&provider);
    let close = |provider| {
        let (sla, rent_payer) = (address::sla(&key(CONSUMER), NUMBER), key(RENT_PAYER));
        close_sla(CloseSla { sla, rent_payer, provider })
    };
    let mut given = world.clone();
    Attempt::new(&mut given.chain, close(Some(provider)), vec![]).succeeds();
    assert_eq!(given.chain.account(&provider), before);
    Attempt::new(&mut world.chain, close(None), vec![]).succeeds();
    assert_eq!(world.chain.account(&provider), before);
    assert_eq!(world.chain.account(&world.sla_address()), None);
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
    let again = world.anyone().closes().instruction();
    world.anyone().closes().succeeds();
    let attempt = Attempt::new(&mut world.chain, again, vec![]);
    attempt.is_refused(ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn a_number_can_be_used_again_after_closing() {
    let mut world = World::with_emptied_sla();
    world.anyone().closes().succeeds();
    world.consumer().reserves().succeeds();
    assert_eq!(world.sla().body, world.quote().agreed(world.chain.slot(), world.chain.now()));
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
    let attempt = world.anyone().closes();
    attempt
        .with(key("other program"), address::TOKEN_PROGRAM)
        .is_refused(ErrorCode::InvalidProgramId);
}

#[test]
fn what_is_written_is_writable() {
    let mut world = World::with_emptied_sla();
    for account in [world.sla_address(), world.escrow(), address::treasury(), key(RENT_PAYER)] {
        world.anyone().closes().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}
