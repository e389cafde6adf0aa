use super::*;

#[test]
fn everybody_takes_what_is_theirs_once() {
    let mut world = World::of(3);
    assert_eq!(world.provider_withdraws(), Err(CoreError::NothingToWithdraw));
    assert_eq!(world.consumer_withdraws(), Err(CoreError::NothingToWithdraw));
    assert_eq!(world.oracle_claims(0), Err(CoreError::NothingToWithdraw));
    assert_eq!(world.anyone_sweeps(), Err(CoreError::NothingToWithdraw));
    world.window(&[Measures(400_000), Measures(400_000), Absent]);
    assert_eq!(world.provider_withdraws(), Ok(Atoms(650)));
    assert_eq!(world.consumer_withdraws(), Ok(Atoms(350)));
    assert_eq!(world.oracle_claims(1), Ok(Atoms(10)));
    assert_eq!(world.anyone_sweeps(), Ok(Swept { fees: Atoms(3), burnt: Atoms::ZERO }));
    world.is_solvent();
    assert_eq!(world.escrow, 10_350 - 1_013);
    assert_eq!(world.provider_withdraws(), Err(CoreError::NothingToWithdraw));
    assert_eq!(world.consumer_withdraws(), Err(CoreError::NothingToWithdraw));
    assert_eq!(world.oracle_claims(1), Err(CoreError::NothingToWithdraw));
    assert_eq!(world.anyone_sweeps(), Err(CoreError::NothingToWithdraw));
    assert_eq!(world.oracle_claims(0), Ok(Atoms(10)), "the others' fees are untouched");
    assert_eq!(world.oracle_claims(2), Err(CoreError::NothingToWithdraw));
}

#[test]
fn there_are_no_seats_beyond_the_fifth() {
    let mut world = World::of(5);
    for seat in [5, 8, usize::MAX] {
        let mut oracle = world.oracles[0];
        assert_eq!(world.sla.take_oracle_fees(seat), Err(CoreError::SeatInvalid));
        assert_eq!(world.sla.collect_absence(seat, &mut oracle), Err(CoreError::SeatInvalid));
        assert_eq!(world.sla.seat_cover_left(seat), Err(CoreError::SeatInvalid));
    }
}

#[test]
fn a_collected_penalty_is_the_consumers_by_seven_tenths_and_the_rest_burns() {
    let mut world = World::of(3);
    assert_eq!(world.anyone_collects_the_penalty(), Err(CoreError::NothingOwed));
    world.window(&[Measures(400_000); 3]);
    let collected = Collected { amount: Atoms(800), consumer: Atoms(560), to_burn: Atoms(240) };
    assert_eq!(world.anyone_collects_the_penalty(), Ok(collected));
    world.is_solvent();
    assert_eq!((world.provider.bonded, world.provider.covered), (1_200, 1_200));
    assert_eq!((world.sla.money.penalty_owed, world.sla.money.penalty_total), (0, 800));
    assert_eq!(world.anyone_collects_the_penalty(), Err(CoreError::NothingOwed));
    assert_eq!(world.consumer_withdraws(), Ok(Atoms(350 + 560)));
    assert_eq!(world.anyone_sweeps(), Ok(Swept { fees: Atoms(3), burnt: Atoms(240) }));
    world.is_solvent();
}

#[test]
fn collecting_after_every_window_moves_no_atom_from_the_consumer_to_the_fire() {
    let mut world = World::of(3);
    let mut consumer = 0;
    for _ in 0..5 {
        // Twice 0.05 % of 1,000: one atom a window.
        world.window(&[Measures(500); 3]);
        consumer += world.anyone_collects_the_penalty().unwrap().consumer.0;
    }
    assert_eq!(consumer, 3, "⌊5 · 70 %⌋");
    assert_eq!(world.sla.money.to_burn, 2);
}

#[test]
fn a_penalty_that_the_cover_does_not_hold_changes_nothing() {
    let mut world = World::of(3);
    world.window(&[Measures(400_000); 3]);
    world.provider.covered = 799;
    let before = world.sla;
    assert_eq!(world.anyone_collects_the_penalty(), Err(CoreError::AmountBelowZero));
    assert_eq!(world.sla, before);
    assert_eq!(world.provider.covered, 799);
}

#[test]
fn free_stake_pays_an_absence_first() {
    let mut world = World::of(3);
    assert_eq!(world.anyone_collects_the_absence(0), Err(CoreError::NothingOwed));
    world.window(&[Absent, Absent, Measures(0)]);
    world.oracles[0].bonded -= 1_000_000 - 250;
    let covered = world.oracles[0].covered;
    let collected = Collected { amount: Atoms(250), consumer: Atoms(250), to_burn: Atoms::ZERO };
    assert_eq!(world.anyone_collects_the_absence(0), Ok(collected));
    world.is_solvent();
    assert_eq!((world.oracles[0].free(), world.oracles[0].covered), (Atoms::ZERO, covered));
    assert_eq!(world.sla.seats.shares_used[0], 0);
    assert_eq!(world.anyone_collects_the_absence(0), Err(CoreError::NothingOwed));
    assert_eq!(world.sla.seats.absence_owed, [0, 250, 0, 0, 0], "each owes its own");
    assert_eq!(world.consumer_withdraws(), Ok(Atoms(250)));
}

#[test]
fn where_free_stake_is_short_the_seats_absence_shares_pay_as_needed() {
    let mut world = World::seated(&quote(3), 249);
    let cover = world.sla.terms.seat_cover().unwrap();
    assert_eq!(cover.absence_share, Atoms(250));
    assert_eq!(world.sla.seat_cover_left(1), cover.total());
    world.window(&[Absent, Absent, Measures(0)]);
    assert_eq!(world.anyone_collects_the_absence(1).unwrap().amount, Atoms(250));
    world.is_solvent();
    assert_eq!(world.sla.seats.shares_used, [0, 1, 0, 0, 0], "one share was short of one atom");
    assert_eq!(world.oracles[1].covered, 500 + cover.fraud.0, "the rest stays reserved");
    assert_eq!(world.oracles[1].free(), Atoms(249));
    assert_eq!(world.sla.seat_cover_left(1), Ok(Atoms(500 + cover.fraud.0)));
    assert_eq!(world.sla.seat_cover_left(0), cover.total());
}

#[test]
fn unbonding_stake_pays_absences_too() {
    let mut world = World::seated(&quote(3), 400);
    world.oracles[0].unbond(Atoms(400), Timestamp(i64::MAX)).unwrap();
    world.sla.seats.absence_owed[0] = 1_000;
    assert_eq!(world.anyone_collects_the_absence(0).unwrap().amount, Atoms(1_000));
    assert_eq!(world.sla.seats.shares_used[0], 3);
    assert_eq!(world.oracles[0].unbonding[0].amount, 150);
}

#[test]
fn a_share_is_freed_only_once() {
    let mut world = World::seated(&quote(3), 0);
    let cover = world.sla.terms.seat_cover().unwrap();
    for used in 1..=3 {
        world.sla.seats.absence_owed[0] = 250;
        world.anyone_collects_the_absence(0).unwrap();
        assert_eq!(world.sla.seats.shares_used[0], used);
    }
    world.sla.seats.absence_owed[0] = 250;
    assert_eq!(world.anyone_collects_the_absence(0), Err(CoreError::NothingOwed));
    assert_eq!(world.oracles[0].covered, cover.fraud.0, "what covers fraud is not touched");
}

#[test]
fn what_nothing_can_pay_stays_owed_and_is_paid_when_stake_returns() {
    let mut world = World::seated(&quote(3), 0);
    let cover = world.sla.terms.seat_cover().unwrap();
    world.sla.seats.absence_owed[0] = 1_000;
    assert_eq!(world.anyone_collects_the_absence(0).unwrap().amount, Atoms(750));
    assert_eq!(world.sla.seats.absence_owed[0], 250);
    let before = (world.sla, world.oracles[0]);
    assert_eq!(world.anyone_collects_the_absence(0), Err(CoreError::NothingOwed));
    assert_eq!((world.sla, world.oracles[0]), before);
    assert_eq!(world.oracles[0].bonded, cover.fraud.0, "the fraud cover is never taken for it");
    world.oracles[0].bond(Atoms(100)).unwrap();
    assert_eq!(world.anyone_collects_the_absence(0).unwrap().amount, Atoms(100));
    assert_eq!(world.sla.seats.absence_owed[0], 150);
    world.is_solvent();
}

#[test]
fn three_absences_running_are_always_covered() {
    for seats in [3, 5] {
        let mut world = World::seated(&quote(seats), 0);
        for _ in 0..3 {
            // As few absences as can leave a window unmeasured: the largest shares.
            let present = usize::from(seats / 2);
            let acts =
                (0..usize::from(seats)).map(|seat| if seat < present { Abstains } else { Absent });
            world.window(&acts.collect::<Vec<_>>());
        }
        assert_eq!(world.sla.progress.state(), Ok(SlaState::Ended));
        for seat in usize::from(seats / 2)..usize::from(seats) {
            world.anyone_collects_the_absence(seat).unwrap();
            assert_eq!(world.sla.seats.absence_owed[seat], 0);
        }
        world.is_solvent();
    }
}
