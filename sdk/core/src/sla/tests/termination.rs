use super::*;
use proptest::prelude::*;

const START: i64 = SEATED.0 + 3_600;
const A_DAY: i64 = 86_400;

/// An SLA of that many daily windows (3 seats) or windows of that length.
fn running(windows: u16, window_secs: u32) -> World {
    let interval = window_secs / 288;
    let offer = Offer { probe_interval_secs: interval, min_duration_secs: 1, ..offer() };
    let request = Request { windows, window_secs, gib: 3_000, ..request(3) };
    World::seated(&Quote::new(&params(), &offer, &request, Seconds(3_600)).unwrap(), 1_000_000)
}

fn ends(before: u16, end: u16) -> Result<Termination, CoreError> {
    Ok(Termination { end_before: before, end })
}

#[test]
fn the_consumer_ends_it_with_the_window_after_the_current_one() {
    let cases =
        [(SEATED.0, 1), (START - 1, 1), (START, 2), (START + A_DAY - 1, 2), (START + A_DAY, 3)];
    for (now, end) in cases {
        let mut sla = World::of(3).sla;
        let before = sla;
        assert_eq!(sla.terminate_by_consumer(Timestamp(now)), ends(10, end), "{now}");
        assert_eq!(sla, SlaBody { progress: Progress { end, ..before.progress }, ..before });
    }
}

#[test]
fn current_is_by_the_clock_not_by_what_was_settled() {
    let mut world = World::of(3);
    world.window(&[Measures(0); 3]);
    // Window 1 is in its report phase: window 2 runs, and window 3 is the one after.
    let now = world.sla.terms.report_opens(1).unwrap();
    assert_eq!((world.sla.progress.cursor, now.0), (1, START + 2 * A_DAY));
    assert_eq!(world.sla.terminate_by_consumer(now), ends(10, 4));
}

#[test]
fn after_a_window_that_was_not_served_it_ends_with_the_current_one() {
    let unserved = [[Absent; 3], [Abstains; 3]];
    for (acts, provider_too) in unserved.into_iter().zip([false, true]) {
        let mut world = World::of(3);
        world.window(&acts);
        let now = world.sla.terms.settles_at(0).unwrap();
        let mut provider = world.sla;
        let left = provider.terminate_by_provider(now);
        assert_eq!(left, if provider_too { ends(10, 2) } else { ends(10, 9) });
        assert_eq!(world.sla.terminate_by_consumer(now), ends(10, 2));
        world.window(&[Measures(0); 3]);
        assert_eq!(world.sla.progress.state(), Ok(SlaState::Ended));
    }
    for acts in [[Measures(0); 3], [Measures(900_000); 3]] {
        let mut world = World::of(3);
        world.window(&[Abstains; 3]);
        world.window(&acts);
        let now = world.sla.terms.settles_at(1).unwrap();
        assert_eq!(world.sla.clone().terminate_by_provider(now), Err(CoreError::EndNotEarlier));
        assert_eq!(world.sla.terminate_by_consumer(now), ends(10, 4), "only the last one counts");
    }
}

#[test]
fn the_provider_gives_seven_whole_windows_and_seven_days() {
    let hour = 3_600;
    // 7 days and a begun hour of 169 hours; a week is the longest window.
    let cases = [
        (running(200, 3_600), SEATED.0, 169),
        (running(200, 3_600), START, 168),
        (running(200, 3_600), START + 1, 169),
        (running(200, 3_600), START + hour, 169),
        (running(30, DAY), SEATED.0, 7),
        (running(30, DAY), START, 8),
        (running(30, DAY), START + A_DAY - 1, 8),
        (running(12, 7 * DAY), START + 7 * A_DAY, 9),
        (running(12, 7 * DAY), START + 7 * A_DAY - 1, 8),
    ];
    for (index, (mut world, now, end)) in cases.into_iter().enumerate() {
        // Seated an hour before the start, the seven days begin an hour earlier.
        let end = if now == SEATED.0 && world.sla.terms.window_secs == 3_600 { 167 } else { end };
        let before = world.sla.terms.windows;
        let left = world.sla.terminate_by_provider(Timestamp(now));
        assert_eq!(left, ends(before, end), "case {index}");
    }
}

#[test]
fn a_provider_whose_notice_is_longer_than_the_rest_serves_it() {
    let mut world = running(8, DAY);
    assert_eq!(
        world.sla.terminate_by_provider(Timestamp(START)),
        Err(CoreError::EndNotEarlier),
        "eight are left of eight"
    );
    assert_eq!(world.sla.terminate_by_provider(SEATED), ends(8, 7));
}

#[test]
fn an_end_only_moves_earlier() {
    let mut sla = World::of(3).sla;
    sla.terminate_by_consumer(Timestamp(START)).unwrap();
    let before = sla;
    assert_eq!(sla.terminate_by_consumer(Timestamp(START)), Err(CoreError::EndNotEarlier));
    assert_eq!(sla.terminate_by_provider(Timestamp(START)), Err(CoreError::EndNotEarlier));
    assert_eq!(sla, before);
    // In its last window there is nothing left to end.
    let mut world = World::of(3);
    for _ in 0..9 {
        world.window(&[Measures(0); 3]);
    }
    let now = world.sla.terms.settles_at(8).unwrap();
    assert_eq!(world.sla.terminate_by_consumer(now), Err(CoreError::EndNotEarlier));
    let over = world.sla.terms.window_start(10).unwrap();
    assert_eq!(world.sla.terminate_by_consumer(over), Err(CoreError::EndNotEarlier));
}

#[test]
fn what_is_due_is_settled_first() {
    let mut world = World::of(3);
    let due = world.sla.terms.settles_at(0).unwrap();
    let before = world.sla;
    assert_eq!(world.sla.terminate_by_consumer(due), Err(CoreError::SettlementDue));
    assert_eq!(world.sla.terminate_by_provider(due), Err(CoreError::SettlementDue));
    assert_eq!(world.sla, before);
    assert!(world.sla.terminate_by_consumer(Timestamp(due.0 - 1)).is_ok());
}

#[test]
fn only_an_active_sla_is_terminated() {
    for state in [SlaState::Proposed, SlaState::Agreed, SlaState::Ended] {
        let mut sla = World::of(3).sla;
        sla.progress.state = state.code();
        let before = sla;
        assert_eq!(sla.terminate_by_consumer(Timestamp(START)), Err(CoreError::StateInvalid));
        assert_eq!(sla.terminate_by_provider(Timestamp(START)), Err(CoreError::StateInvalid));
        assert_eq!(sla, before);
    }
}

#[test]
fn a_clock_that_lags_ends_no_settled_window() {
    let mut world = World::of(3);
    world.window(&[Measures(0); 3]);
    world.window(&[Measures(0); 3]);
    assert_eq!(world.sla.terminate_by_consumer(Timestamp(START)), ends(10, 3));
    world.is_solvent();
}

#[test]
fn the_rest_is_refunded_when_the_last_remaining_window_settles() {
    let mut world = World::of(3);
    world.sla.terminate_by_consumer(Timestamp(START)).unwrap();
    let first = world.window(&[Measures(0); 3]);
    assert_eq!((first.ended, first.returned), (false, Atoms::ZERO));
    let last = world.window(&[Measures(0); 3]);
    // 10,350 less two dues of 1,000, their fees of 5 each, and 3 · 10 for each window's reports.
    assert_eq!((last.ended, last.returned), (true, Atoms(10_350 - 2_070)));
    assert_eq!(world.sla.money.refundable, 8_280);
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn no_window_that_was_or_will_be_measured_is_refunded(
        windows in 1u16..40,
        hours in prop_oneof![Just(1u32), Just(24), Just(100), Just(168)],
        steps in prop::collection::vec((0i64..400_000, 0u8..4, any::<bool>()), 0..20),
    ) {
        let mut world = running(windows, hours * 3_600);
        let mut now = SEATED.0;
        for (waits, act, by_provider) in steps {
            now += waits;
            while world.sla.progress.state() == Ok(SlaState::Active)
                && world.sla.terms.settles_at(world.sla.progress.cursor).unwrap().0 <= now
            {
                let act = [Absent, Abstains, Measures(0), Measures(700_000)][usize::from(act)];
                world.window(&[act; 3]);
            }
            let before = world.sla;
            let at = Timestamp(now);
            let current_ends = (0..=windows).find(|k| before.terms.window_start(*k).unwrap().0 > now);
            let blocked = before.progress.last_result == WindowResult::Blocked.code();
            let done = if by_provider { world.sla.terminate_by_provider(at) } else { world.sla.terminate_by_consumer(at) };
            match done {
                Err(_) => prop_assert_eq!(world.sla, before),
                Ok(Termination { end_before, end }) => {
                    prop_assert_eq!((end_before, end), (before.progress.end, world.sla.progress.end));
                    prop_assert!(end < end_before);
                    // What has begun is served to its end, the escrow still holds it, and nothing moves yet.
                    prop_assert!(Some(end) >= current_ends && current_ends.is_some());
                    prop_assert!(end > before.progress.cursor);
                    prop_assert_eq!(world.sla.money, before.money);
                    if by_provider && !blocked {
                        let ends = before.terms.window_start(end).unwrap().0;
                        prop_assert!(ends - now >= 7 * A_DAY && Some(end) >= current_ends.map(|k| k + 7));
                        let earlier = before.terms.window_start(end - 1).unwrap().0;
                        prop_assert!(earlier - now < 7 * A_DAY || Some(end - 1) < current_ends.map(|k| k + 7), "no longer than needed");
                    }
                }
            }
            world.is_solvent();
        }
        let terms = world.sla.terms;
        while world.sla.progress.state() == Ok(SlaState::Active) {
            world.window(&[Measures(0); 3]);
        }
        let dues: u64 = (0..world.sla.progress.cursor).map(|k| terms.due(k).unwrap().0).sum();
        prop_assert!(world.sla.money.refundable >= terms.price - dues, "the rest is the consumer's");
        prop_assert!(world.sla.money.paid_total <= dues);
        prop_assert_eq!(world.sla.money.unallocated, 0);
    }
}

#[test]
fn the_consumer_keeps_to_the_shortest_duration_that_was_offered() {
    let mut sla = World::of(3).sla;
    sla.terms.min_windows = 4;
    let ended = sla.terminate_by_consumer(SEATED).unwrap();
    assert_eq!((ended.end_before, ended.end), (10, 4));
    // Unserved, it may go at once.
    for result in [WindowResult::Unmeasured, WindowResult::Blocked] {
        let mut world = World::of(3);
        world.sla.terms.min_windows = 4;
        let acts = if result == WindowResult::Blocked { [Abstains; 3] } else { [Absent; 3] };
        assert_eq!(world.window(&acts).result, result);
        let now = world.sla.terms.settles_at(0).unwrap();
        assert_eq!(world.sla.terminate_by_consumer(now).map(|ended| ended.end), Ok(2));
    }
    // Nor is it held to a promise that was broken.
    let mut world = World::of(3);
    world.sla.terms.min_windows = 9;
    world.window(&[Measures(1); 3]);
    let now = world.sla.terms.settles_at(0).unwrap();
    assert_eq!(world.sla.terminate_by_consumer(now).map(|ended| ended.end), Ok(3));
}
