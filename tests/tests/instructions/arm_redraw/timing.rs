//! When a redraw can be armed, and when again.

use super::*;

#[test]
fn not_from_shortly_before_reports_open_until_the_window_is_settled() {
    let mut world = left();
    let terms = world.terms();
    let opens = terms.report_opens(0).unwrap().0;
    let settles = terms.settles_at(0).unwrap().0;
    world.clone().anyone().arms_redraw(1).succeeds();
    world.wait(Timestamp(opens - 601));
    world.clone().anyone().arms_redraw(1).succeeds();
    for time in [opens - 600, opens - 1, opens, settles - 1] {
        world.wait(Timestamp(time));
        world.anyone().arms_redraw(1).is_refused(CoreError::RedrawNotNow);
    }
    world.wait(Timestamp(settles));
    let receipt = world.anyone().arms_redraw(1).succeeds();
    assert_eq!(receipt.event::<WindowSettled>().window, 0);
}

#[test]
fn of_a_contested_window_nobody_waits_for_the_settlement() {
    let mut world = World::with_contestable_window();
    world.seat(1).leaves().succeeds();
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawNotNow);
    world.consumer().disputes(0).succeeds();
    world.anyone().arms_redraw(1).succeeds();
}

#[test]
fn not_while_two_contested_rounds_are_open() {
    let mut world = World::with_contestable_window();
    world.seat(1).leaves().succeeds();
    world.consumer().disputes(0).succeeds();
    world.clone().anyone().arms_redraw(1).succeeds();
    let report = met(&world.terms());
    world.reports(1, [Some(report); 3]);
    world.wait_until_challenges(1);
    world.consumer().disputes(1).succeeds();
    // Who can end a contest when it likes would see who is drawn first.
    world.anyone().arms_redraw(1).is_refused(CoreError::RoundOpen);
    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.anyone().arms_redraw(1).is_refused(CoreError::RoundOpen);
    world.anyone().settles_round(0).succeeds();
    world.anyone().arms_redraw(1).succeeds();
}

#[test]
fn not_if_the_sla_ends_before_a_newcomer_could_measure() {
    let mut world = World::with_active_sla();
    world.seat(1).leaves().succeeds();
    for window in 0..2 {
        passes(&mut world, window, &[1]);
    }
    // The access delay is an hour; window 3 is the last one.
    let last = world.terms().window_start(3).unwrap().0;
    world.wait(Timestamp(last - 3_600));
    world.clone().anyone().arms_redraw(1).succeeds();
    world.wait(Timestamp(last - 3_599));
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawTooLate);
}

#[test]
fn a_termination_makes_it_too_late() {
    let mut world = left();
    let second = world.terms().window_start(1).unwrap().0;
    world.wait(Timestamp(second - 3_599));
    world.clone().anyone().arms_redraw(1).succeeds();
    // It ends with the window after the current one, 0.
    world.consumer().terminates().succeeds();
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawTooLate);
}

#[test]
fn a_pending_draw_is_not_fixed_again() {
    let mut world = left();
    world.anyone().arms_redraw(1).succeeds();
    let draw_slot = world.sla().body.progress.draw_slot;
    // Neither at once, nor once its hash is known, nor in the last slot in which it is.
    for slot in [draw_slot - 8, draw_slot, draw_slot + 1, draw_slot + 512] {
        world.chain.wait_slots(slot - world.chain.slot());
        world.anyone().arms_redraw(1).is_refused(CoreError::DrawPending);
    }
    // Lost, it is fixed anew only after the next window: nobody tries until a draw suits.
    world.chain.wait_slots(1);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawNotNow);
    passes(&mut world, 0, &[1]);
    let slot = world.chain.slot();
    let event = world.anyone().arms_redraw(1).succeeds().event::<RedrawArmed>();
    assert_eq!((event.draw_number, event.draw_slot), (2, slot + 8));
    assert_eq!((event.reason, event.waiting), (2, 0b010));
}

#[test]
fn a_seat_joins_a_pending_draw_only_while_nobody_can_know_its_hash() {
    let mut world = left();
    world.seat(0).leaves().succeeds();
    world.anyone().arms_redraw(1).succeeds();
    let progress = world.sla().body.progress;
    world.chain.wait_slots(7);
    let event = world.clone().anyone().arms_redraw(0).succeeds().event::<RedrawArmed>();
    assert_eq!((event.draw_number, event.draw_slot), (1, progress.draw_slot));
    assert_eq!(event.waiting, 0b011);
    world.chain.wait_slots(1);
    world.anyone().arms_redraw(0).is_refused(CoreError::DrawPending);
}

#[test]
fn after_a_lapsed_draw_each_seat_is_armed_anew() {
    let mut world = left();
    world.seat(2).leaves().succeeds();
    for seat in [1, 2] {
        world.anyone().arms_redraw(seat).succeeds();
    }
    passes(&mut world, 0, &[1, 2]);
    // Whoever serves does not come into it.
    world.anyone().arms_redraw(0).is_refused(CoreError::RedrawRefused);
    world.seat(0).leaves().succeeds();
    let slot = world.chain.slot();
    let event = world.anyone().arms_redraw(0).succeeds().event::<RedrawArmed>();
    assert_eq!((event.draw_number, event.draw_slot), (2, slot + 8));
    assert_eq!(event.waiting, 0b001, "a seat that cannot be filled keeps no other waiting");
    let event = world.anyone().arms_redraw(2).succeeds().event::<RedrawArmed>();
    assert_eq!((event.draw_number, event.waiting), (2, 0b101));
}

#[test]
fn a_seat_whose_reason_is_gone_is_not_armed_again() {
    let mut world = left();
    world.anyone().arms_redraw(1).succeeds();
    let authority = world.sla().seats[1];
    returns(&mut world, &authority);
    passes(&mut world, 0, &[]);
    world.anyone().arms_redraw(1).is_refused(CoreError::RedrawRefused);
    // So it waits for a draw that lapsed until another seat's draw takes its place.
    world.seat(0).leaves().succeeds();
    let event = world.anyone().arms_redraw(0).succeeds().event::<RedrawArmed>();
    assert_eq!((event.draw_number, event.waiting), (2, 0b001));
}

#[test]
fn there_is_one_draw_between_two_windows() {
    let mut world = left();
    world.anyone().arms_redraw(1).succeeds();
    world.wait_until_draw();
    world.anyone().redraws(None).succeeds();
    world.seat(0).leaves().succeeds();
    world.anyone().arms_redraw(0).is_refused(CoreError::RedrawNotNow);
    passes(&mut world, 0, &[0]);
    let event = world.anyone().arms_redraw(0).succeeds().event::<RedrawArmed>();
    assert_eq!((event.draw_number, event.waiting), (2, 0b001));
}
