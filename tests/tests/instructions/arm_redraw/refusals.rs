//! Seats that serve, and accounts that do not fit.

use super::*;

fn attempt(world: &mut World, seat: u8, holder: Option<Pubkey>) -> Attempt<'_> {
    let instruction = arm_redraw(world.sla_address(), seat, holder);
    Attempt::new(&mut world.chain, instruction, vec![])
}

fn spare(world: &World) -> Pubkey {
    let seats = world.sla().seats;
    let entries = world.registry().entries;
    entries.iter().find(|entry| !seats.contains(&entry.oracle)).unwrap().oracle
}

#[test]
fn a_seat_that_serves_is_kept() {
    let mut world = left();
    for seat in [0, 2] {
        world.anyone().arms_redraw(seat).is_refused(CoreError::RedrawRefused);
    }
}

#[test]
fn who_joined_again_serves() {
    let mut world = left();
    let authority = world.sla().seats[1];
    returns(&mut world, &authority);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
}

#[test]
fn two_silent_windows_are_too_few() {
    let mut world = serving();
    for window in 0..2 {
        passes(&mut world, window, &[1]);
    }
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    // Three are enough only if they are running.
    passes(&mut world, 2, &[]);
    passes(&mut world, 3, &[1]);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
}

#[test]
fn whoever_submits_is_not_silent_whatever_it_could_measure() {
    // Anybody who keeps an oracle from measuring could else have it redrawn.
    let mut world = serving();
    let terms = world.terms();
    let abstains = |world: &mut World, window| {
        world.reports(window, [Some(met(&terms)), Some(inconclusive(&terms)), Some(met(&terms))]);
        world.wait_until_settleable(window);
    };
    for window in 0..4 {
        abstains(&mut world, window);
        world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    }
    world.anyone().settles().succeeds();
    let seats = world.sla().body.seats;
    assert_eq!((seats.points[1], seats.missed[1]), (-4, 0), "it costs a point all the same");
    // Nor does it lengthen a run of silence.
    passes(&mut world, 4, &[1]);
    passes(&mut world, 5, &[1]);
    abstains(&mut world, 6);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
}

#[test]
fn an_absence_is_no_reason_before_it_takes_of_the_cover() {
    let mut world = serving();
    passes(&mut world, 0, &[1, 2]);
    world.anyone().settles().succeeds();
    assert!(world.sla().body.seats.absence_owed[1] > 0);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    // Free stake pays it.
    world.anyone().collects_absence(1).succeeds();
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
}

#[test]
fn the_committee_has_no_such_seat() {
    let mut world = left();
    for seat in [3, 4, 5, 8, 255] {
        attempt(&mut world, seat, None).is_refused(CoreError::SeatInvalid);
    }
}

#[test]
fn the_seats_own_oracle_is_shown() {
    let mut world = left();
    let (seats, spare) = (world.sla().seats, spare(&world));
    for other in [None, Some(seats[0]), Some(seats[2]), Some(spare)] {
        attempt(&mut world, 1, other).is_refused(CoreError::CommitteeMismatch);
    }
    attempt(&mut world, 0, Some(seats[1])).is_refused(CoreError::CommitteeMismatch);
    attempt(&mut world, 3, Some(seats[1])).is_refused(CoreError::CommitteeMismatch);
    attempt(&mut world, 1, Some(seats[1])).succeeds();
}

#[test]
fn nobody_is_shown_for_a_vacant_seat() {
    let mut world = vacant();
    let (seats, spare) = (world.sla().seats, spare(&world));
    for other in [seats[0], spare] {
        attempt(&mut world, 1, Some(other)).is_refused(CoreError::CommitteeMismatch);
    }
    attempt(&mut world, 1, None).succeeds();
}

#[test]
fn only_an_active_sla_has_seats_to_redraw() {
    for mut world in [World::with_proposed_sla(), World::with_agreed_sla()] {
        attempt(&mut world, 0, None).is_refused(CoreError::StateInvalid);
    }
    let mut world = World::with_ended_sla();
    world.seat(1).leaves().succeeds();
    world.anyone().arms_redraw(1).is_refused(CoreError::StateInvalid);
}

#[test]
fn an_sla_that_ends_meanwhile_has_none() {
    let mut world = left();
    world.wait_until_settleable(2);
    // Three silent windows end it, as soon as they are settled.
    world.anyone().arms_redraw(1).is_refused(CoreError::StateInvalid);
}

#[test]
fn other_accounts_are_no_sla_and_no_oracle() {
    let mut world = left();
    let (sla, oracle) = (world.sla_address(), address::oracle(&world.sla().seats[1]));
    let cases = [
        (sla, world.provider_address(), ErrorCode::AccountDiscriminatorMismatch),
        (sla, purse(CONSUMER), ErrorCode::AccountOwnedByWrongProgram),
        (oracle, world.provider_address(), ErrorCode::AccountDiscriminatorMismatch),
        (oracle, key("nobody"), ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (own, other, error) in cases {
        world.anyone().arms_redraw(1).with(other, own).is_refused(error);
    }
    world.anyone().arms_redraw(1).read_only(sla).is_refused(ErrorCode::ConstraintMut);
}
