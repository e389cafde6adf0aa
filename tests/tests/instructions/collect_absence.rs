use flashback::events::AbsenceCollected;
use flashback_tests::prelude::*;

#[test]
fn anyone_collects_from_the_silent_oracles_stake() {
    let mut world = World::with_ended_sla();
    let (sla, escrow) = (world.sla(), world.escrow());
    let authority = sla.seats[0];
    let vault = address::stake_vault(&address::oracle(&authority));
    let owed = sla.body.seats.absence_owed[0];
    let (held, staked) = (world.chain.tokens(&escrow), world.chain.tokens(&vault));
    let bonded = world.oracle_account(&authority).stake.bonded;
    assert!(owed > 0);
    let receipt = world.anyone().collects_absence(0).succeeds();

    let after = world.sla().body;
    assert_eq!(after.seats.absence_owed[0], 0);
    assert_eq!(after.seats.absence_owed[2], sla.body.seats.absence_owed[2]);
    assert_eq!(after.money.refundable, sla.body.money.refundable + owed);
    assert_eq!(world.chain.tokens(&escrow).0, held.0 + owed);
    assert_eq!(world.chain.tokens(&vault).0, staked.0 - owed);
    let oracle = world.oracle_account(&authority);
    assert_eq!(oracle.stake.bonded, bonded - owed);
    let registry = world.registry();
    let entry = registry.entries.iter().find(|entry| entry.oracle == authority).unwrap();
    assert_eq!(entry.free_stake, oracle.stake.free().0);
    let event = receipt.event::<AbsenceCollected>();
    assert_eq!((event.seat, event.amount), (0, owed));
    assert_eq!((event.bonded_before, event.bonded_after), (bonded, bonded - owed));
    world.anyone().asserts_escrow_solvent().succeeds();
    world.anyone().asserts_stake_solvent(address::oracle(&authority)).succeeds();
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_ended_sla();
    world.anyone().collects_absence(2).succeeds();
    world.anyone().collects_absence(2).is_refused(CoreError::NothingOwed);
}

#[test]
fn who_reported_owes_nothing() {
    let mut world = World::with_ended_sla();
    world.anyone().collects_absence(1).is_refused(CoreError::NothingOwed);
}

#[test]
fn another_oracle_does_not_pay() {
    let mut world = World::with_ended_sla();
    let present = world.sla().seats[1];
    let attempt = world.anyone().collects_absence_from(0, &present);
    attempt.is_refused(CoreError::CommitteeMismatch);
}

#[test]
fn an_empty_seat_owes_nothing() {
    let mut world = World::with_ended_sla();
    let authority = world.sla().seats[0];
    for seat in [3, 5, 255] {
        let attempt = world.anyone().collects_absence_from(seat, &authority);
        attempt.is_refused(CoreError::SeatInvalid);
    }
}

#[test]
fn the_registry_is_needed() {
    let mut world = World::with_ended_sla();
    let attempt = world.anyone().collects_absence(0);
    attempt
        .with(address::PROGRAM, address::registry())
        .is_refused(CoreError::RegistryAccountMissing);
}

#[test]
fn other_vaults_are_refused() {
    let mut world = World::with_ended_sla();
    let (seats, escrow) = (world.sla().seats, world.escrow());
    let vault = |seat: usize| address::stake_vault(&address::oracle(&seats[seat]));
    let attempt = world.anyone().collects_absence(0);
    attempt.with(vault(1), vault(0)).is_refused(ErrorCode::ConstraintSeeds);
    let attempt = world.anyone().collects_absence(0);
    attempt.with(purse(CONSUMER), escrow).is_refused(ErrorCode::ConstraintSeeds);
}
