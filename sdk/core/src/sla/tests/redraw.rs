use super::*;
use proptest::prelude::*;

const START: i64 = SEATED.0 + 3_600;
const A_DAY: i64 = 86_400;
const NOON: Timestamp = Timestamp(START + A_DAY / 2);

/// An oracle that stakes that much.
fn oracle(bonded: u64) -> Stake {
    Stake { bonded, ..Stake::default() }
}

/// An SLA whose seat 2 missed the first three windows, and noon of the day after.
fn missed_three() -> (World, Timestamp) {
    let mut world = World::of(3);
    for _ in 0..3 {
        world.window(&[Measures(0), Measures(0), Absent]);
    }
    (world, Timestamp(NOON.0 + 3 * A_DAY))
}

fn armed() -> (World, Timestamp) {
    let (mut world, now) = missed_three();
    world.sla.arm_redraw(2, false, 1_000, false, now).unwrap();
    (world, now)
}

impl World {
    fn replaces(
        &mut self,
        seat: usize,
        newcomer: &mut Stake,
        now: Timestamp,
    ) -> Result<Replaced, CoreError> {
        let held = self.sla.seats.first_window[seat] != VACANT;
        let leaver = held.then_some(&mut self.oracles[seat]);
        let replaced = self.sla.replace_seat(seat, leaver, newcomer, None, now)?;
        self.escrow = self.escrow + replaced.absence.0 - replaced.fees.0;
        self.is_solvent();
        Ok(replaced)
    }
}

#[test]
fn a_seat_that_serves_is_not_redrawn() {
    let mut world = World::of(3);
    assert_eq!(world.sla.redraw_reason(0, false), Ok(None));
    world.window(&[Absent, Measures(0), Measures(0)]);
    world.window(&[Absent, Measures(0), Measures(0)]);
    assert_eq!(world.sla.redraw_reason(0, false), Ok(None), "two windows missed");
    let before = world.sla;
    let now = Timestamp(NOON.0 + 2 * A_DAY);
    assert_eq!(world.sla.arm_redraw(0, false, 1, false, now), Err(CoreError::RedrawRefused));
    assert_eq!(world.sla.arm_redraw(3, true, 1, false, now), Err(CoreError::SeatInvalid));
    assert_eq!(world.sla, before);
    assert_eq!(world.sla.redraw_reason(3, true), Err(CoreError::SeatInvalid));
    assert_eq!(world.sla.redraw_reason(usize::MAX, true), Err(CoreError::SeatInvalid));
}

#[test]
fn each_reason_by_name() {
    let (world, _) = missed_three();
    assert_eq!(world.sla.redraw_reason(2, false), Ok(Some(RedrawReason::Missed)));
    assert_eq!(world.sla.redraw_reason(2, true), Ok(Some(RedrawReason::Left)));
    let mut sla = World::of(3).sla;
    sla.seats.shares_used[1] = 1;
    assert_eq!(sla.redraw_reason(1, false), Ok(Some(RedrawReason::CoverUsed)));
    sla.seats.voided = 0b010;
    assert_eq!(sla.redraw_reason(1, false), Ok(Some(RedrawReason::Voided)));
    assert_eq!(sla.redraw_reason(0, false), Ok(None));
    sla.seats.first_window[1] = VACANT;
    assert_eq!(sla.redraw_reason(1, false), Ok(Some(RedrawReason::Vacant)));
}

#[test]
fn arming_fixes_a_new_draw_of_a_slot_to_come() {
    let (world, now) = armed();
    let progress = world.sla.progress;
    assert_eq!((progress.draw_slot, progress.draw_number), (1_008, 1));
    assert_eq!((progress.redraw_seats, world.sla.draw_armed_slot()), (0b100, 1_000));
    let (before, _) = missed_three();
    assert_eq!(world.sla.seats, before.sla.seats, "its oracle serves until it is replaced");
    let again = world.sla.clone().arm_redraw(2, false, 1_001, false, now);
    assert_eq!(again, Err(CoreError::DrawPending));
}

#[test]
fn a_seat_joins_a_pending_draw_only_while_its_hash_is_unknown() {
    for (slot, joined) in [(1_007, Ok(())), (1_008, Err(CoreError::DrawPending))] {
        let (mut world, now) = armed();
        let before = world.sla;
        assert_eq!(world.sla.arm_redraw(0, true, slot, false, now), joined);
        let seats = if joined.is_ok() { 0b101 } else { 0b100 };
        let progress = Progress { redraw_seats: seats, ..before.progress };
        assert_eq!(world.sla, SlaBody { progress, ..before });
    }
}

#[test]
fn there_is_one_draw_between_two_windows() {
    let (mut world, now) = armed();
    world.sla.arm_redraw(0, true, 1_001, false, now).unwrap();
    let before = world.sla;
    // Lapsed, or held and left vacant: whoever armed it gains no second try.
    for seat in [0, 1, 2] {
        let again = world.sla.arm_redraw(seat, true, 2_000, true, now);
        assert_eq!(again, Err(CoreError::RedrawNotNow));
    }
    world.sla.progress.redraw_seats = 0;
    assert_eq!(world.sla.arm_redraw(1, true, 2_000, false, now), Err(CoreError::RedrawNotNow));
    world.sla = before;
    // After the next window each seat is armed anew, if its reason stands.
    world.window(&[Measures(0); 3]);
    let later = world.sla.terms.settles_at(3).unwrap();
    assert_eq!(world.sla.arm_redraw(2, false, 3_000, true, later), Err(CoreError::RedrawRefused));
    world.sla.progress.draw_number = u16::MAX;
    world.sla.arm_redraw(0, true, 3_000, true, later).unwrap();
    let progress = world.sla.progress;
    assert_eq!((progress.draw_slot, progress.draw_number), (3_008, 0));
    assert_eq!(progress.redraw_seats, 0b001, "a seat that cannot be filled keeps no other waiting");
    world.sla.arm_redraw(1, true, 3_001, false, later).unwrap();
    assert_eq!(world.sla.progress.redraw_seats, 0b011);
}

#[test]
fn a_seat_that_was_left_vacant_at_the_seating_is_drawn_before_the_first_window() {
    let mut sla = quote(3).agreed(100, Timestamp(SEATED.0 - 10));
    sla.seat_covered([true, false, true, true, true], SEATED).unwrap();
    sla.arm_redraw(1, false, 500, false, SEATED).unwrap();
    sla.progress.redraw_seats = 0;
    let again = sla.arm_redraw(1, false, 600, false, Timestamp(SEATED.0 + 60));
    assert_eq!(again, Err(CoreError::RedrawNotNow));
}

#[test]
fn no_redraw_while_reports_are_open_or_about_to_open() {
    let (world, _) = missed_three();
    let opens = world.sla.terms.report_opens(3).unwrap().0;
    let arm = |now| world.sla.clone().arm_redraw(2, false, 1, false, Timestamp(now));
    assert_eq!(arm(opens - 601), Ok(()));
    assert_eq!(arm(opens - 600), Err(CoreError::RedrawNotNow));
    assert_eq!(arm(opens), Err(CoreError::RedrawNotNow));
    assert_eq!(arm(opens + A_DAY / 2), Err(CoreError::SettlementDue));
    let (world, _) = armed();
    let replace = |now| world.clone().replaces(2, &mut oracle(1 << 40), Timestamp(now)).map(drop);
    assert_eq!(replace(opens - 1), Ok(()));
    assert_eq!(replace(opens), Err(CoreError::RedrawNotNow));
    assert_eq!(replace(opens + A_DAY / 2), Err(CoreError::SettlementDue));
    // Of a window of 480 s, arming leaves its last eighth to the draw.
    let offer = Offer { probe_interval_secs: 24, min_duration_secs: 1, ..offer() };
    let request = Request { window_secs: 480, gib: 30_000, ..request(3) };
    let short = World::seated(&Quote::new(&params(), &offer, &request, Seconds(480)).unwrap(), 0);
    let arm = |now| short.sla.clone().arm_redraw(2, true, 1, false, Timestamp(now));
    assert_eq!(arm(START - 3_600), Ok(()));
    let delayed =
        SlaBody { terms: SlaTerms { access_delay_secs: 0, ..short.sla.terms }, ..short.sla };
    let arm = |now| delayed.clone().arm_redraw(2, true, 1, false, Timestamp(now));
    assert_eq!(arm(START + 419), Ok(()));
    assert_eq!(arm(START + 420), Err(CoreError::RedrawNotNow));
}

#[test]
fn a_newcomer_counts_from_the_first_window_that_begins_an_access_delay_later() {
    // Noon of day 3; with an hour to go before day 4, and with a second less.
    for (now, first) in
        [(NOON.0 + 3 * A_DAY, 4), (START + 4 * A_DAY - 3_600, 4), (START + 4 * A_DAY - 3_599, 5)]
    {
        let (mut world, _) = armed();
        let replaced = world.replaces(2, &mut oracle(1 << 40), Timestamp(now)).unwrap();
        assert_eq!(replaced.first_window, first);
        assert_eq!(world.sla.seats.first_window, [0, 0, first, VACANT, VACANT]);
    }
    // Before the first window, the newcomer counts from it only if it begins late enough.
    for (now, first) in [(SEATED.0, 0), (SEATED.0 + 1, 1)] {
        let mut world = World::of(3);
        world.sla.arm_redraw(1, true, 5, false, Timestamp(now)).unwrap();
        let replaced = world.replaces(1, &mut oracle(1 << 40), Timestamp(now)).unwrap();
        assert_eq!(replaced.first_window, first);
    }
}

#[test]
fn a_redraw_that_would_serve_no_window_is_refused() {
    let (mut world, now) = armed();
    world.sla.progress.end = 5;
    assert!(world.clone().replaces(2, &mut oracle(1 << 40), now).is_ok());
    world.sla.progress.end = 4;
    let before = world.sla;
    let mut newcomer = oracle(1 << 40);
    assert_eq!(world.replaces(2, &mut newcomer, now), Err(CoreError::RedrawTooLate));
    assert_eq!(world.sla.arm_redraw(0, true, 1_001, false, now), Err(CoreError::RedrawTooLate));
    assert_eq!((world.sla, newcomer), (before, oracle(1 << 40)));
}

#[test]
fn the_leaver_takes_its_fees_and_cover_and_pays_its_absence() {
    let mut world = World::seated(&quote(3), 100);
    let cover = world.sla.terms.seat_cover().unwrap().total().unwrap();
    world.window(&[Measures(0), Measures(0), Measures(0)]);
    world.window(&[Absent, Absent, Measures(0)]);
    world.window(&[Absent, Measures(0), Measures(0)]);
    assert_eq!((world.sla.seats.fees[0], world.sla.seats.absence_owed[0]), (10, 250));
    let now = Timestamp(NOON.0 + 3 * A_DAY);
    world.sla.arm_redraw(0, true, 1, false, now).unwrap();
    let mut newcomer = oracle(cover.0 + 7);
    let replaced = world.replaces(0, &mut newcomer, now).unwrap();
    assert_eq!(
        replaced,
        Replaced {
            fees: Atoms(10),
            absence: Atoms(250),
            written_off: Atoms::ZERO,
            released: cover,
            points: -1,
            first_window: 4,
        }
    );
    assert_eq!(world.oracles[0], oracle(cover.0 + 100 + 10 - 250));
    assert_eq!((newcomer.covered, newcomer.free()), (cover.0, Atoms(7)));
    let seats = world.sla.seats;
    assert_eq!(
        (seats.fees[0], seats.absence_owed[0], seats.points[0], seats.missed[0]),
        (0, 0, 0, 0)
    );
    assert_eq!(world.sla.progress.redraw_seats, 0);
    assert_eq!(world.sla.money.refundable, 250);
    assert_eq!(world.sla.redraw_reason(0, false), Ok(None));
    // Day 3 runs without it: it neither counts nor owes.
    world.oracles[0] = newcomer;
    let outcome = world.window(&[Measures(0), Absent, Absent]);
    assert_eq!((outcome.result, outcome.measured), (WindowResult::Unmeasured, 0));
    assert_eq!(world.sla.seats.absence_owed, [0, 500, 250, 0, 0]);
    assert_eq!(world.sla.seats.missed[0], 0);
    assert_eq!(world.window(&[Measures(0); 3]).measured, 3);
}

#[test]
fn cover_that_absences_used_is_not_given_back_twice() {
    let mut world = World::seated(&quote(3), 0);
    let cover = world.sla.terms.seat_cover().unwrap();
    world.window(&[Absent, Absent, Measures(0)]);
    world.anyone_collects_the_absence(0).unwrap();
    let now = Timestamp(NOON.0 + A_DAY);
    world.sla.arm_redraw(0, false, 1, false, now).unwrap();
    let replaced = world.replaces(0, &mut oracle(1 << 40), now).unwrap();
    assert_eq!(replaced.released, Atoms(500 + cover.fraud.0));
    assert_eq!((world.oracles[0].covered, world.oracles[0].bonded), (0, 500 + cover.fraud.0));
    assert_eq!(world.sla.seats.shares_used[0], 0, "the newcomer covers the seat whole");
    // Of a voided seat, what covered fraud is gone.
    let mut world = World::seated(&quote(3), 0);
    world.sla.seats.voided = 0b010;
    world.oracles[1] = oracle(750);
    world.oracles[1].cover(Atoms(750)).unwrap();
    assert_eq!(world.sla.seat_cover_left(1), Ok(Atoms(750)));
    assert_eq!(world.sla.seat_cover_left(0), cover.total());
    world.sla.arm_redraw(1, false, 1, false, SEATED).unwrap();
    assert_eq!(world.replaces(1, &mut oracle(1 << 40), SEATED).unwrap().released, Atoms(750));
    assert_eq!(world.sla.seats.voided, 0);
}

#[test]
fn what_a_leaver_cannot_pay_is_written_off() {
    let (mut world, now) = armed();
    let owed = world.oracles[2].bonded + 40;
    world.sla.seats.absence_owed[2] = owed;
    let replaced = world.replaces(2, &mut oracle(1 << 40), now).unwrap();
    assert_eq!((replaced.absence, replaced.written_off), (Atoms(owed - 40), Atoms(40)));
    assert_eq!(world.oracles[2].owed(), Ok(Atoms::ZERO), "to the last atom, fraud cover too");
}

#[test]
fn a_newcomer_without_the_cover_leaves_the_seat_vacant_to_be_redrawn() {
    let (mut world, now) = armed();
    let cover = world.sla.terms.seat_cover().unwrap().total().unwrap();
    let mut poor = oracle(cover.0 - 1);
    let replaced = world.replaces(2, &mut poor, now).unwrap();
    assert_eq!((replaced.first_window, poor), (VACANT, oracle(cover.0 - 1)));
    assert_eq!(world.oracles[2].covered, 0, "the leaver is free all the same");
    assert_eq!(world.sla.redraw_reason(2, false), Ok(Some(RedrawReason::Vacant)));
    // Nobody is there to report, to owe or to be freed.
    assert_eq!(world.window(&[Measures(0), Measures(0), Measures(0)]).measured, 2);
    assert_eq!(world.sla.seats.missed[2], 0);
    let now = Timestamp(now.0 + A_DAY);
    world.sla.arm_redraw(2, false, 5_000, false, now).unwrap();
    assert_eq!(world.sla.progress.draw_number, 2);
    let mut rich = oracle(cover.0);
    let mut leaver = oracle(1);
    let both = world.sla.clone().replace_seat(2, Some(&mut leaver), &mut rich, None, now);
    assert_eq!(both, Err(CoreError::CommitteeMismatch), "nobody leaves an empty seat");
    let replaced = world.replaces(2, &mut rich, now).unwrap();
    let nothing = Atoms::ZERO;
    assert_eq!(
        replaced,
        Replaced {
            fees: nothing,
            absence: nothing,
            written_off: nothing,
            released: nothing,
            points: 0,
            first_window: 5
        }
    );
    assert_eq!(rich.free(), nothing);
}

#[test]
fn only_an_armed_seat_is_replaced() {
    let (mut world, now) = armed();
    let mut newcomer = oracle(1 << 40);
    assert_eq!(world.replaces(0, &mut newcomer, now), Err(CoreError::RedrawRefused));
    let refused = world.sla.clone().replace_seat(2, None, &mut newcomer, None, now);
    assert_eq!(refused, Err(CoreError::CommitteeMismatch), "its oracle must settle accounts");
    assert!(world.replaces(2, &mut newcomer, now).is_ok());
    assert_eq!(world.replaces(2, &mut newcomer, now), Err(CoreError::RedrawRefused));
    for state in [SlaState::Proposed, SlaState::Agreed, SlaState::Ended] {
        let (mut world, now) = armed();
        world.sla.progress.state = state.code();
        let arm = world.sla.arm_redraw(1, true, 1, true, now);
        assert_eq!(arm, Err(CoreError::StateInvalid));
        assert_eq!(world.replaces(2, &mut oracle(1 << 40), now), Err(CoreError::StateInvalid));
    }
}

#[test]
fn a_committee_is_seated_with_those_who_cover_their_seats() {
    let mut sla = quote(3).agreed(100, Timestamp(0));
    sla.seat_covered([true, false, true, true, true], SEATED).unwrap();
    assert_eq!(sla.seats.first_window, [0, VACANT, 0, VACANT, VACANT]);
    assert_eq!(sla.redraw_reason(1, false), Ok(Some(RedrawReason::Vacant)));
    sla.arm_redraw(1, false, 200, false, SEATED).unwrap();
    let replaced = sla.replace_seat(1, None, &mut oracle(1 << 40), None, SEATED).unwrap();
    assert_eq!(replaced.first_window, 0, "in time for the first window");
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn however_often_seats_are_redrawn_every_atom_is_somebodys(
        five: bool,
        purse in prop_oneof![Just(0u64), 0u64..2_000],
        windows in prop::collection::vec(
            (prop::array::uniform5(prop_oneof![3 => Just(Absent), 1 => Just(Abstains), 3 => Just(Measures(0)), 1 => Just(Measures(500_000))]),
             prop::collection::vec((0usize..5, any::<bool>(), any::<bool>(), 0u64..20_000), 0..4)), 10),
    ) {
        let mut world = World::seated(&quote(if five { 5 } else { 3 }), purse);
        let seats = if five { 5 } else { 3 };
        let stakes = |world: &World| world.oracles.iter().map(|o| o.owed().unwrap().0).sum::<u64>();
        let total = |world: &World| world.escrow + world.provider.owed().unwrap().0 + stakes(world);
        let mut here = total(&world);
        let mut slot = 1_000;
        for (acts, redraws) in windows {
            if world.sla.progress.state() != Ok(SlaState::Active) {
                break;
            }
            let start = world.sla.terms.window_start(world.sla.progress.cursor).unwrap();
            let now = Timestamp(start.0 + A_DAY / 2);
            for (seat, left, collects, bonded) in redraws {
                if collects && seat < seats {
                    let _ = world.anyone_collects_the_absence(seat);
                }
                let reason = world.sla.redraw_reason(seat, left);
                let before = world.sla;
                slot += 1_000;
                match world.sla.arm_redraw(seat, left, slot, true, now) {
                    Err(_) => prop_assert_eq!(world.sla, before),
                    Ok(()) => {
                        prop_assert!(matches!(reason, Ok(Some(_))));
                        let mut newcomer = oracle(bonded);
                        let leaving = world.oracles[seat];
                        let covered = world.sla.seat_cover_left(seat).unwrap();
                        let owed = world.sla.seats.absence_owed[seat];
                        let replaced = world.replaces(seat, &mut newcomer, now).unwrap();
                        prop_assert_eq!(replaced.absence.0 + replaced.written_off.0, owed);
                        // The leaver goes with all that is left of its stake, none of it covered.
                        let left = world.oracles[seat];
                        prop_assert_eq!(left.owed().unwrap().0, leaving.owed().unwrap().0 + replaced.fees.0 - replaced.absence.0);
                        if replaced.released > Atoms::ZERO {
                            prop_assert_eq!((replaced.released, left.covered), (covered, 0));
                        }
                        here = here - left.owed().unwrap().0 + bonded;
                        world.oracles[seat] = newcomer;
                        prop_assert_eq!(replaced.first_window == VACANT, newcomer.covered == 0);
                    }
                }
                prop_assert_eq!(total(&world), here);
                world.is_solvent();
            }
            world.window(&acts[..seats]);
            prop_assert_eq!(total(&world), here);
            // What is covered is what the seats reserve.
            for seat in 0..seats {
                let held = world.sla.seats.first_window[seat] != VACANT;
                let reserved = if held { world.sla.seat_cover_left(seat).unwrap().0 } else { 0 };
                prop_assert_eq!(world.oracles[seat].covered, reserved);
            }
        }
    }
}
