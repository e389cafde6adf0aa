use super::*;

#[test]
fn an_agreed_sla_holds_its_deposit_and_waits_for_its_draw() {
    let quote = quote(3);
    let sla = quote.agreed(100, Timestamp(0));
    assert_eq!(sla.progress.state(), Ok(SlaState::Agreed));
    assert_eq!(sla.escrow_owed(), Ok(quote.deposit));
    assert_eq!((sla.money.unallocated, quote.deposit), (10_350, Atoms(10_350)));
    assert_eq!((sla.progress.draw_slot, sla.draw_armed_slot()), (108, 100));
    assert_eq!((sla.progress.cursor, sla.progress.end), (0, 10));
    assert_eq!(sla.seats.first_window, [VACANT; SEATS_MAX]);
    assert_eq!(sla.check(), Ok(()));
    assert_eq!(quote.agreed(u64::MAX, Timestamp(0)).progress.draw_slot, u64::MAX);
}

#[test]
fn seating_starts_the_first_window_after_the_access_delay() {
    for (seats, first_window) in [(3, [0, 0, 0, VACANT, VACANT]), (5, [0; SEATS_MAX])] {
        let mut sla = quote(seats).agreed(100, Timestamp(0));
        sla.seat(SEATED).unwrap();
        assert_eq!(sla.progress.state(), Ok(SlaState::Active));
        assert_eq!(sla.terms.start, SEATED.0 + 3_600);
        assert_eq!(sla.seats.first_window, first_window);
        assert_eq!(sla.escrow_owed(), Ok(Atoms(10_350)));
        assert_eq!(sla.check(), Ok(()));
    }
}

#[test]
fn only_an_agreed_sla_is_seated_or_expires() {
    for state in [SlaState::Proposed, SlaState::Active, SlaState::Ended] {
        let mut sla = quote(3).agreed(100, Timestamp(0));
        sla.progress.state = state.code();
        let before = sla;
        assert_eq!(sla.seat(SEATED), Err(CoreError::StateInvalid));
        assert_eq!(sla.expire(true, Timestamp(0)), Err(CoreError::StateInvalid));
        assert_eq!(sla, before);
    }
}

#[test]
fn an_sla_whose_draw_lapsed_refunds_everything_and_closes() {
    let mut sla = quote(3).agreed(100, Timestamp(0));
    let before = sla;
    assert_eq!(sla.expire(false, Timestamp(0)), Err(CoreError::NotExpired));
    assert_eq!(sla, before);
    assert_eq!(sla.expire(true, Timestamp(0)), Ok(Atoms(10_350)));
    assert_eq!((sla.progress.state(), sla.progress.end), (Ok(SlaState::Ended), 0));
    assert_eq!(sla.check(), Ok(()));
    assert_eq!(sla.settle_next(Timestamp(i64::MAX)), Ok(None));
    assert_eq!(sla.take_refund(), Ok(Atoms(10_350)));
    let back = Released { gib: Gib(30), cover: Atoms(2_000), points_milli: 0 };
    assert_eq!(sla.release(), Ok(back));
    assert_eq!(sla.check_closable(), Ok(()));
}

#[test]
fn an_sla_starts_only_with_a_majority_that_covers_its_seats() {
    for (seats, covered, starts) in [
        (3, [true, true, false, true, true], true),
        (3, [false, true, false, true, true], false),
        (5, [true, true, false, false, true], true),
        (5, [true, true, false, false, false], false),
    ] {
        let mut sla = quote(seats).agreed(100, Timestamp(0));
        let before = sla;
        match sla.seat_covered(covered, SEATED) {
            Ok(()) => assert!(starts),
            Err(error) => {
                assert_eq!((error, starts), (CoreError::OraclesTooFew, false));
                assert_eq!(sla, before, "it waits, and expires");
            }
        }
    }
}

#[test]
fn the_owners_of_a_lapsed_sla_have_their_grace() {
    let mut sla = quote(3).agreed(100, Timestamp(0));
    sla.expire(true, SEATED).unwrap();
    let grace = SEATED.0 + 30 * i64::from(DAY);
    assert_eq!(sla.push_out(Timestamp(grace - 1)), Err(CoreError::GraceRunning));
    assert_eq!(sla.push_out(Timestamp(grace)).unwrap().refund, Atoms(10_350));
}

#[test]
fn the_phases_of_a_window_by_hand() {
    let terms = World::of(3).sla.terms;
    let start = SEATED.0 + 3_600;
    let day = i64::from(DAY);
    assert_eq!(terms.window_start(0), Ok(Timestamp(start)));
    assert_eq!(terms.window_start(3), Ok(Timestamp(start + 3 * day)));
    assert_eq!(terms.report_opens(3), Ok(Timestamp(start + 4 * day)));
    assert_eq!(terms.report_closes(3), Ok(Timestamp(start + 4 * day + 21_600)));
    assert_eq!(terms.settles_at(3), Ok(Timestamp(start + 4 * day + 43_200)));
    assert!(
        terms.settles_at(3).unwrap() < terms.report_opens(4).unwrap(),
        "one round of storage is enough"
    );
}

#[test]
fn codes_of_states_and_results_round_trip() {
    for code in 0..=u8::MAX {
        let state = SlaState::from_code(code);
        assert_eq!(state.is_ok(), (1..=4).contains(&code));
        assert!(state.is_err() || state.map(SlaState::code) == Ok(code));
        let result = WindowResult::from_code(code);
        assert_eq!(result.map(WindowResult::code), (1..=4).contains(&code).then_some(code));
        let status = SeatStatus::from_code(code);
        assert_eq!(status.code(), if code <= 4 { code } else { SeatStatus::Absent.code() });
    }
}
