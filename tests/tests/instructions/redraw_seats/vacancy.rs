//! A drawn oracle that cannot cover the seat leaves it vacant: nobody takes its place, and it is drawn again.

use super::*;

/// Whose drawn newcomer has that many atoms free.
fn drawn_with_free(free: u64) -> (World, Pubkey) {
    let mut world = drawn();
    let newcomer = world.newcomers()[0];
    world.oracle(number(&newcomer)).unstakes(Atoms(STAKE.0 - free)).succeeds();
    (world, newcomer)
}

/// Whose seat 1 has become vacant.
fn vacated() -> (World, Pubkey) {
    let (mut world, newcomer) = drawn_with_free(COVER - 1);
    world.anyone().redraws(None).succeeds();
    (world, newcomer)
}

#[test]
fn an_atom_too_little_leaves_the_seat_vacant() {
    let (mut world, newcomer) = drawn_with_free(COVER - 1);
    let leaver = world.sla().seats[1];
    let before = world.oracle_account(&newcomer).stake;
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();

    let sla = world.sla();
    assert_eq!((sla.seats[1], sla.body.seats.first_window[1]), (Pubkey::default(), VACANT));
    assert_eq!(sla.body.progress.redraw_seats, 0);
    let oracle = world.oracle_account(&newcomer);
    assert_eq!((oracle.stake, oracle.seats), (before, 0));
    // Who left is free all the same.
    let oracle = world.oracle_account(&leaver);
    assert_eq!((oracle.stake.covered, oracle.seats), (0, 0));
    assert_eq!((event.before, event.after), (leaver, Pubkey::default()));
    assert_eq!((event.first_window, event.released), (VACANT, COVER));
    is_in_step(&mut world);
}

#[test]
fn exactly_the_cover_is_enough() {
    let (mut world, newcomer) = drawn_with_free(COVER);
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[1], newcomer);
    assert_eq!(world.oracle_account(&newcomer).stake.free(), Atoms::ZERO);
    is_in_step(&mut world);
}

#[test]
fn nobody_takes_the_place_of_who_cannot_cover_it() {
    let (mut world, newcomer) = drawn_with_free(0);
    for entry in world.registry().entries {
        if entry.oracle != newcomer {
            let attempt = redraw(&mut world, &[(1, entry.oracle)], None);
            attempt.is_refused(CoreError::CommitteeMismatch);
        }
    }
}

#[test]
fn a_vacant_seat_neither_counts_nor_owes() {
    let (mut world, _) = vacated();
    passes(&mut world, 0, &[0, 2]);
    world.anyone().settles().succeeds();
    let seats = world.sla().body.seats;
    // Half of the due of 682,666, of the two seats that are held.
    assert_eq!(seats.absence_owed, [170_666, 0, 170_667, 0, 0]);
    assert_eq!((seats.points, seats.missed), ([-1, 0, -1, 0, 0], [1, 0, 1, 0, 0]));
    passes(&mut world, 1, &[]);
    world.anyone().settles().succeeds();
    let progress = world.sla().body.progress;
    assert_eq!((progress.unmeasured, progress.met), (1, 1));
    assert_eq!(world.sla().body.seats.fees, [1_137, 0, 1_137, 0, 0]);
}

#[test]
fn a_vacant_seat_is_drawn_again_and_again() {
    let (mut world, poor) = vacated();
    for number in 2..6u16 {
        passes(&mut world, number - 2, &[1]);
        arm(&mut world, 1);
        assert_eq!(world.sla().body.progress.draw_number, number);
        let newcomer = world.newcomers()[0];
        let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
        assert_eq!(event.before, Pubkey::default());
        assert_eq!((event.fees, event.absence, event.released, event.points), (0, 0, 0, 0));
        is_in_step(&mut world);
        if newcomer != poor {
            assert_eq!((event.after, event.first_window), (newcomer, number));
            assert_eq!(world.sla().seats[1], newcomer);
            return;
        }
        assert_eq!(world.sla().seats[1], Pubkey::default());
    }
    panic!("the poor oracle was drawn every time");
}

#[test]
fn a_seat_vacant_from_the_start_is_filled() {
    let mut world = vacant();
    arm(&mut world, 1);
    // Whoever is drawn can cover it now.
    let newcomer = world.newcomers()[0];
    world.oracle(number(&newcomer)).stakes(Atoms(COVER)).succeeds();
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.before, event.after, event.first_window), (Pubkey::default(), newcomer, 1));
    is_in_step(&mut world);
    let report = met(&world.terms());
    world.wait_until_reports(1);
    world.seat(1).reports(1, report).succeeds();
}
