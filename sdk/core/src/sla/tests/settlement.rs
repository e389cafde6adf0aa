use super::*;

/// A met window of 1,000 atoms whose committee of three measured: the base of the figures below.
fn met() -> WindowOutcome {
    WindowOutcome {
        window: 0,
        result: WindowResult::Met,
        shortfall: Ppm::ZERO,
        due: Atoms(1_000),
        paid: Atoms(1_000),
        refunded: Atoms::ZERO,
        penalty: Atoms::ZERO,
        protocol_fee: Atoms(5),
        oracle_fee: Atoms(10),
        measured: 3,
        absence: Atoms::ZERO,
        ended: false,
        returned: Atoms::ZERO,
    }
}

#[test]
fn nothing_settles_before_its_time() {
    let mut world = World::of(3);
    world.reports(0, Measures(0));
    let due = world.sla.terms.settles_at(0).unwrap();
    let before = world.sla;
    assert_eq!(world.sla.settle_next(Timestamp(due.0 - 1)), Ok(None));
    assert_eq!(world.sla, before);
    assert!(world.sla.settle_next(due).unwrap().is_some());
    assert_eq!(world.sla.settle_next(due), Ok(None), "the next window is not due");
}

#[test]
fn only_an_active_sla_settles() {
    for state in [SlaState::Proposed, SlaState::Agreed, SlaState::Ended] {
        let mut sla = World::of(3).sla;
        sla.progress.state = state.code();
        let before = sla;
        assert_eq!(sla.settle_next(Timestamp(i64::MAX)), Ok(None));
        assert_eq!(sla, before);
    }
}

#[test]
fn a_met_window_by_hand() {
    let mut world = World::of(3);
    let outcome = world.window(&[Measures(0), Measures(0), Absent]);
    assert_eq!(outcome, WindowOutcome { measured: 2, ..met() });
    let money = world.sla.money;
    assert_eq!((money.earned, money.refundable, money.protocol_fees), (1_000, 0, 5));
    assert_eq!((money.unallocated, money.paid_total), (10_350 - 1_025, 1_000));
    assert_eq!((money.penalty_owed, money.penalty_total, money.held), (0, 0, 0));
    let seats = world.sla.seats;
    assert_eq!(seats.fees, [10, 10, 0, 0, 0]);
    assert_eq!(seats.points, [1, 1, -1, 0, 0]);
    assert_eq!(seats.missed, [0, 0, 1, 0, 0]);
    assert_eq!(seats.absence_owed, [0; SEATS_MAX], "a measured window owes no absence");
    assert_eq!((world.sla.progress.cursor, world.sla.progress.met), (1, 1));
    assert_eq!((world.sla.progress.points_milli, world.sla.progress.last_result), (2_000, 1));
}

#[test]
fn a_majority_of_excellent_reports_earns_three_points() {
    for (acts, points) in [
        ([Excels, Excels, Absent], 3_000),
        ([Excels, Measures(0), Measures(0)], 2_000),
        ([Excels, Excels, Measures(1)], 3_000),
    ] {
        let mut world = World::of(3);
        assert_eq!(world.window(&acts).result, WindowResult::Met);
        assert_eq!(world.sla.progress.points_milli, points, "{acts:?}");
    }
}

#[test]
fn a_breach_of_three_seats_by_hand() {
    let mut world = World::of(3);
    let outcome = world.window(&[Measures(400_000), Measures(900_000), Measures(0)]);
    // Two of three saw 40 % or more: 35 % goes back; the penalty is twice 40 %.
    let breached = WindowOutcome {
        result: WindowResult::Breached,
        shortfall: Ppm(400_000),
        paid: Atoms(650),
        refunded: Atoms(350),
        penalty: Atoms(800),
        protocol_fee: Atoms(3),
        ..met()
    };
    assert_eq!(outcome, breached);
    let money = world.sla.money;
    assert_eq!((money.earned, money.refundable), (650, 350));
    assert_eq!((money.penalty_owed, money.penalty_total), (800, 800));
    assert_eq!(world.sla.progress.points_milli, -2_000);
    assert_eq!(world.sla.seats.points, [1, 1, 1, 0, 0], "a verdict costs its oracle nothing");
}

#[test]
fn a_breach_of_five_seats_by_hand() {
    let mut world = World::of(5);
    let acts = [Measures(1_000_000), Measures(0), Measures(250_000), Measures(1_000_000), Excels];
    let outcome = world.window(&acts);
    // The third largest is 25 %: a refund of 10 % + 5/40 · 50 % = 16.25 %; the paid part is rounded down.
    let breached = WindowOutcome {
        result: WindowResult::Breached,
        shortfall: Ppm(250_000),
        paid: Atoms(837),
        refunded: Atoms(163),
        penalty: Atoms(500),
        protocol_fee: Atoms(4),
        oracle_fee: Atoms(6),
        measured: 5,
        ..met()
    };
    assert_eq!(outcome, breached);
    assert_eq!(world.sla.seats.fees, [6; SEATS_MAX]);
}

#[test]
fn the_shortfall_is_the_one_that_a_majority_of_the_committee_reached() {
    let cases: [(&[Act], u32); 7] = [
        (&[Measures(700_000), Measures(300_000), Absent], 300_000),
        (&[Absent, Measures(300_000), Measures(700_000)], 300_000),
        (&[Measures(1), Measures(2), Measures(3)], 2),
        (&[Measures(9), Measures(8), Measures(7), Absent, Abstains], 7),
        (&[Measures(9), Measures(8), Measures(7), Measures(6), Voided], 7),
        (&[Measures(1), Measures(5), Measures(2), Measures(4), Measures(3)], 3),
        (&[Measures(5), Measures(5), Measures(5), Measures(0), Measures(0)], 5),
    ];
    for (acts, shortfall) in cases {
        let mut world = World::of(u8::try_from(acts.len()).unwrap());
        let outcome = world.window(acts);
        assert_eq!((outcome.result, outcome.shortfall), (WindowResult::Breached, Ppm(shortfall)));
    }
}

#[test]
fn beyond_half_a_breach_costs_three_points() {
    for (shortfall, points) in [(500_000, -2_000), (500_001, -3_000), (1_000_000, -3_000)] {
        let mut world = World::of(3);
        let outcome = world.window(&[Measures(shortfall); 3]);
        assert_eq!(outcome.result, WindowResult::Breached);
        assert_eq!(world.sla.progress.points_milli, points);
    }
}

#[test]
fn no_service_at_all_pays_nothing() {
    let outcome = World::of(3).window(&[Measures(1_000_000); 3]);
    assert_eq!((outcome.paid, outcome.refunded), (Atoms::ZERO, Atoms(1_000)));
    assert_eq!((outcome.penalty, outcome.protocol_fee), (Atoms(2_000), Atoms::ZERO));
    assert_eq!(outcome.oracle_fee, Atoms(10));
}

#[test]
fn abstaining_while_a_majority_measured_costs_a_point_and_no_seat() {
    let mut world = World::of(3);
    let outcome = world.window(&[Abstains, Measures(0), Measures(0)]);
    assert_eq!((outcome.result, outcome.measured), (WindowResult::Met, 2));
    assert_eq!(world.sla.seats.points, [-1, 1, 1, 0, 0]);
    assert_eq!(world.sla.seats.fees, [0, 10, 10, 0, 0]);
    assert_eq!(
        world.sla.seats.missed, [0; 5],
        "a party can make it abstain: no reason for a redraw"
    );
}

#[test]
fn a_blocked_window_by_hand() {
    for (acts, fees) in [
        ([Abstains, Abstains, Measures(1_000_000)], 10),
        ([Abstains, Absent, Measures(0)], 10),
        ([Abstains, Abstains, Voided], 0),
    ] {
        let mut world = World::of(3);
        let outcome = world.window(&acts);
        let blocked = WindowOutcome {
            result: WindowResult::Blocked,
            paid: Atoms(500),
            refunded: Atoms(500),
            protocol_fee: Atoms(2),
            oracle_fee: Atoms(fees),
            measured: u8::from(fees > 0),
            ..met()
        };
        assert_eq!(outcome, blocked);
        assert_eq!(world.sla.seats.fees, [0, 0, fees, 0, 0]);
        assert_eq!(world.sla.seats.absence_owed, [0; SEATS_MAX]);
        assert_eq!((world.sla.progress.blocked, world.sla.progress.points_milli), (1, 0));
        assert_eq!((world.sla.seats.points[0], world.sla.seats.missed[0]), (1, 0), "no miss");
    }
    let five = World::of(5).window(&[Abstains, Measures(0), Measures(0), Absent, Absent]);
    assert_eq!((five.result, five.oracle_fee), (WindowResult::Blocked, Atoms(6)));
}

#[test]
fn an_unmeasured_window_by_hand() {
    let mut world = World::of(3);
    let outcome = world.window(&[Absent, Measures(1_000_000), Absent]);
    let unmeasured = WindowOutcome {
        result: WindowResult::Unmeasured,
        measured: 1,
        absence: Atoms(500),
        ..met()
    };
    assert_eq!(outcome, unmeasured);
    assert_eq!(world.sla.seats.absence_owed, [250, 0, 250, 0, 0]);
    assert_eq!(world.sla.seats.fees, [0, 10, 0, 0, 0]);
    assert_eq!(world.sla.seats.points, [-1, 1, -1, 0, 0]);
    assert_eq!((world.sla.progress.unmeasured, world.sla.progress.unmeasured_streak), (1, 1));
    assert_eq!(world.sla.money.penalty_owed, 0);
    assert_eq!(world.sla.progress.points_milli, 0);
}

#[test]
fn absences_are_split_by_cumulative_floors_among_the_absent() {
    let cases: [(&[Act], [u64; SEATS_MAX], u8); 6] = [
        (&[Absent, Absent, Absent], [166, 167, 167, 0, 0], 0),
        (&[Absent, Abstains, Voided], [250, 0, 250, 0, 0], 0),
        (&[Measures(0), Absent, Absent, Abstains, Absent], [0, 166, 167, 0, 167], 1),
        (&[Measures(0), Absent, Absent, Absent, Absent], [0, 125, 125, 125, 125], 1),
        (&[Absent, Absent, Absent, Absent, Absent], [100; SEATS_MAX], 0),
        (&[Voided, Absent, Excels, Measures(9), Voided], [166, 167, 0, 0, 167], 2),
    ];
    for (acts, owed, measured) in cases {
        let mut world = World::of(u8::try_from(acts.len()).unwrap());
        let outcome = world.window(acts);
        assert_eq!(outcome.result, WindowResult::Unmeasured);
        assert_eq!((outcome.absence, outcome.measured), (Atoms(500), measured), "{acts:?}");
        assert_eq!(world.sla.seats.absence_owed, owed, "{acts:?}");
    }
}

#[test]
fn vacant_and_newcomer_seats_neither_count_nor_owe() {
    let mut world = World::of(3);
    world.sla.seats.first_window = [0, VACANT, 2, VACANT, VACANT];
    let outcome = world.window(&[Absent, Absent, Absent]);
    // One absence of the two that leave a window unmeasured: one of two shares.
    assert_eq!((outcome.result, outcome.absence), (WindowResult::Unmeasured, Atoms(250)));
    assert_eq!(world.sla.seats.absence_owed, [250, 0, 0, 0, 0]);
    assert_eq!(world.sla.seats.points, [-1, 0, 0, 0, 0]);
    assert_eq!(world.sla.seats.missed, [1, 0, 0, 0, 0]);

    let outcome = world.window(&[Measures(0), Absent, Measures(0)]);
    assert_eq!((outcome.result, outcome.measured), (WindowResult::Unmeasured, 1));
    assert_eq!(outcome.absence, Atoms::ZERO, "who came owes nothing");

    let outcome = world.window(&[Measures(3), Absent, Measures(4)]);
    assert_eq!((outcome.result, outcome.shortfall), (WindowResult::Breached, Ppm(3)));
    assert_eq!(world.sla.seats.points, [1, 0, 1, 0, 0]);
}

#[test]
fn three_unmeasured_windows_running_end_the_sla_and_return_the_rest() {
    let mut world = World::of(3);
    assert!(!world.window(&[Absent; 3]).ended);
    assert!(!world.window(&[Absent; 3]).ended);
    let outcome = world.window(&[Absent; 3]);
    // Of 10,350: three dues and three protocol fees are spent.
    assert!(outcome.ended);
    assert_eq!(outcome.returned, Atoms(10_350 - 3_015));
    let (progress, money) = (world.sla.progress, world.sla.money);
    assert_eq!(progress.state(), Ok(SlaState::Ended));
    assert_eq!((progress.cursor, progress.end, progress.unmeasured), (3, 3, 3));
    assert_eq!((money.unallocated, money.refundable, money.earned), (0, 7_335, 3_000));
    assert_eq!(world.sla.seats.missed, [3, 3, 3, 0, 0]);
    assert_eq!(world.sla.settle_next(Timestamp(i64::MAX)), Ok(None));
}

#[test]
fn any_other_result_breaks_the_run_of_unmeasured_windows() {
    for acts in [[Measures(0); 3], [Measures(500_000); 3], [Abstains; 3]] {
        let mut world = World::of(3);
        world.window(&[Absent; 3]);
        world.window(&[Absent; 3]);
        assert_eq!(world.sla.seats.missed[0], 2);
        world.window(&acts);
        assert_eq!((world.sla.progress.unmeasured_streak, world.sla.seats.missed[0]), (0, 0));
        assert!(!world.window(&[Absent; 3]).ended);
        assert!(!world.window(&[Absent; 3]).ended);
        assert!(world.window(&[Absent; 3]).ended);
    }
}

#[test]
fn the_last_window_ends_the_sla_and_returns_unspent_fees() {
    let mut world = World::of(3);
    for window in 0..9 {
        let outcome = world.window(&[Measures(0), Measures(0), Absent]);
        assert_eq!((outcome.window, outcome.ended, outcome.returned.0), (window, false, 0));
    }
    let outcome = world.window(&[Measures(0); 3]);
    assert_eq!((outcome.ended, outcome.returned), (true, Atoms(9 * 10)));
    assert_eq!(world.sla.progress.state(), Ok(SlaState::Ended));
    assert_eq!((world.sla.money.earned, world.sla.money.protocol_fees), (10_000, 50));
}

#[test]
fn an_end_moved_earlier_returns_the_windows_that_do_not_come() {
    let mut world = World::of(3);
    world.sla.progress.end = 2;
    assert!(!world.window(&[Measures(0); 3]).ended);
    let outcome = world.window(&[Measures(0); 3]);
    assert_eq!((outcome.ended, outcome.returned), (true, Atoms(10_350 - 2 * 1_035)));
}

#[test]
fn penalties_stop_at_the_cover() {
    let mut world = World::of(3);
    let penalties: Vec<u64> =
        (0..4).map(|_| world.window(&[Measures(400_000); 3]).penalty.0).collect();
    assert_eq!(penalties, [800, 800, 400, 0]);
    assert_eq!(world.sla.money.penalty_total, world.sla.terms.cover);
    // The refund goes on though the cover is used up.
    assert_eq!(world.window(&[Measures(1_000_000); 3]).refunded, Atoms(1_000));
}

#[test]
fn protocol_fees_are_cumulative_floors_of_what_is_paid() {
    let mut world = World::of(3);
    let fees: Vec<u64> =
        (0..5).map(|_| world.window(&[Measures(1_000); 3]).protocol_fee.0).collect();
    // A refund of 0.05 % pays 999 a window: 4.995, 9.99, 14.985, 19.98, 24.975.
    assert_eq!(fees, [4, 5, 5, 5, 5]);
}

#[test]
fn windows_that_fell_due_together_settle_in_order() {
    let mut world = World::of(3);
    for seat in 0..3 {
        world.reports(seat, Measures(200_000));
    }
    let late = world.sla.terms.settles_at(9).unwrap();
    let mut results = Vec::new();
    while let Some(outcome) = world.sla.settle_next(late).unwrap() {
        results.push((outcome.window, outcome.result, outcome.ended));
        world.is_solvent();
    }
    // What was said of window 0 says nothing of the next ones, and silence ends itself.
    use WindowResult::{Breached, Unmeasured};
    let silent = |window, ended| (window, Unmeasured, ended);
    let first = (0, Breached, false);
    assert_eq!(results, [first, silent(1, false), silent(2, false), silent(3, true)]);
}

#[test]
fn dues_that_do_not_divide_drift_by_no_atom() {
    // 7 atoms over 4 windows: 1, 2, 2, 2. Half of a blocked due is rounded down, the consumer keeps the rest.
    let request = Request { gib: 1, windows: 4, ..request(3) };
    let offer = Offer { price_per_gib_month: 53, ..offer() };
    let quote = Quote::new(&params(), &offer, &request, Seconds(3_600)).unwrap();
    assert_eq!(quote.terms.price, 7);
    let mut world = World::seated(&quote, 0);
    let outcomes: Vec<_> = [Abstains, Abstains, Measures(0), Absent]
        .into_iter()
        .map(|act| world.window(&[act; 3]))
        .map(|o| (o.due.0, o.paid.0, o.refunded.0, o.oracle_fee.0, o.absence.0))
        .collect();
    assert_eq!(outcomes, [(1, 0, 1, 0, 0), (2, 1, 1, 0, 0), (2, 2, 0, 1, 0), (2, 2, 0, 0, 1)]);
}
