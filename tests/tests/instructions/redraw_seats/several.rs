//! Several seats at once.

use flashback_core::committee::REGISTRY_MAX;

use super::*;

/// All three of whose seats have left, after a measured window, and are to be redrawn now.
fn all_left() -> World {
    let mut world = serving();
    passes(&mut world, 0, &[]);
    for seat in 0..3u8 {
        world.seat(usize::from(seat)).leaves().succeeds();
        world.anyone().arms_redraw(seat).succeeds();
    }
    world.wait_until_draw();
    world
}

#[test]
fn the_drawn_oracles_take_the_seats_in_the_order_of_the_draw() {
    let mut world = all_left();
    let (before, drawn) = (world.sla().seats, world.newcomers());
    let events = world.anyone().redraws(None).succeeds().events::<SeatRedrawn>();

    assert_eq!(world.sla().seats[..3], drawn[..]);
    assert_eq!(world.sla().body.progress.redraw_seats, 0);
    for (seat, event) in events.iter().enumerate() {
        assert_eq!(usize::from(event.seat), seat);
        assert_eq!((event.before, event.after), (before[seat], drawn[seat]));
        assert_eq!((event.fees, event.released, event.points), (1_137, COVER, 1));
        assert_eq!(world.oracle_account(&before[seat]).stake.bonded, STAKE.0 + 1_137);
    }
    assert_eq!(events.len(), 3);
    is_in_step(&mut world);
}

#[test]
fn another_order_is_refused() {
    let mut world = all_left();
    let [a, b, c] = world.newcomers()[..] else { panic!("three newcomers") };
    for seats in [[a, c, b], [b, a, c], [c, b, a], [a, a, a], [a, a, b]] {
        let seats: Vec<_> = seats.into_iter().enumerate().collect();
        redraw(&mut world, &seats, None).is_refused(CoreError::CommitteeMismatch);
    }
    // The leavers are given in order too.
    let attempt = redraw(&mut world, &[(1, a), (0, b), (2, c)], None);
    attempt.is_refused(CoreError::CommitteeMismatch);
    redraw(&mut world, &[(0, a), (1, b), (2, c)], None).succeeds();
}

#[test]
fn all_that_wait_are_redrawn_together() {
    let mut world = all_left();
    let drawn = world.newcomers();
    for seats in [vec![(0, drawn[0])], vec![(0, drawn[0]), (1, drawn[1])], vec![]] {
        redraw(&mut world, &seats, None).is_refused(CoreError::CommitteeMismatch);
    }
}

#[test]
fn seats_that_do_not_wait_are_left_alone() {
    let mut world = serving();
    for seat in [0, 2] {
        world.seat(usize::from(seat)).leaves().succeeds();
        world.anyone().arms_redraw(seat).succeeds();
    }
    world.wait_until_draw();
    let (before, drawn) = (world.sla().seats, world.newcomers());
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[..3], [drawn[0], before[1], drawn[1]]);
    assert_eq!(world.sla().body.seats.first_window[..3], [1, 0, 1]);
    is_in_step(&mut world);
}

#[test]
fn one_of_several_without_cover_leaves_only_its_own_seat_vacant() {
    let mut world = all_left();
    let drawn = world.newcomers();
    let free = world.oracle_account(&drawn[1]).stake.free();
    world.oracle(number(&drawn[1])).unstakes(free).succeeds();
    world.anyone().redraws(None).succeeds();
    assert_eq!(world.sla().seats[..3], [drawn[0], Pubkey::default(), drawn[2]]);
    is_in_step(&mut world);
    // The one that was poor may be drawn for the vacant seat; those seated may not.
    passes(&mut world, 1, &[]);
    arm(&mut world, 1);
    let next = world.newcomers()[0];
    assert!(next != drawn[0] && next != drawn[2]);
}

#[test]
fn with_one_drawn_oracle_too_few_no_seat_is_redrawn() {
    let mut world = serving();
    let seats = world.sla().seats;
    let all = (0..ORACLES).map(|index| key(&oracle_name(index)));
    let spares: Vec<_> = all.filter(|oracle| !seats.contains(oracle)).collect();
    for gone in &spares[2..] {
        world.oracle(number(gone)).leaves().succeeds();
    }
    for seat in 0..3u8 {
        world.seat(usize::from(seat)).leaves().succeeds();
        world.anyone().arms_redraw(seat).succeeds();
    }
    world.wait_until_draw();
    let given = [(0, spares[0]), (1, spares[1]), (2, spares[2])];
    redraw(&mut world, &given, None).is_refused(CoreError::OraclesTooFew);
}

#[test]
fn five_seats_with_money_to_move_are_redrawn_at_once_from_a_full_registry() {
    let mut world = World::with_market();
    for index in ORACLES..REGISTRY_MAX {
        world.add_oracle(index);
    }
    world.chain.wait_slots(1);
    let mut request = reservation().request;
    (request.windows, request.seats) = (8, 5);
    world.consumer().reserves_with(ProposeSlaArgs { request, ..reservation() }).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    let report = met(&world.terms());
    world.reports(0, [Some(report); 5]);
    // Of window 1, every seat owes a fifth of half the due.
    world.wait_until_settleable(1);
    for seat in 0..5u8 {
        world.seat(usize::from(seat)).leaves().succeeds();
        world.anyone().arms_redraw(seat).succeeds();
    }
    world.wait_until_draw();
    let drawn = world.newcomers();
    // In the budget that every instruction has without asking for more.
    let events = world.anyone().redraws(None).succeeds().events::<SeatRedrawn>();
    assert_eq!(events.len(), 5);
    // Half a percent of the first due among five is below the least fee. Of the second, 682,667, half among five.
    for (event, absence) in events.iter().zip([68_266, 68_267, 68_266, 68_267, 68_267]) {
        assert_eq!((event.fees, event.absence, event.points), (1_000, absence, 0));
    }
    assert_eq!(world.sla().seats[..], drawn[..]);
    is_in_step(&mut world);
}
