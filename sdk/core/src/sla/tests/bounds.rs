//! Figures at 0, 1 and the largest: no panic, a typed error, and nothing changed by a refusal.

use super::*;
use crate::params::DURATION_MAX_SECS;
use proptest::prelude::*;

const EDGES: [u64; 8] = [0, 1, 2, 65_534, 1 << 32, 1 << 50, u64::MAX - 1, u64::MAX];

#[test]
fn quotes_at_the_edges_hold_or_are_refused() {
    let mut held = 0;
    let mut longest = 0;
    let mut most_probes = 0;
    for gib in EDGES {
        for price_per_gib_month in EDGES {
            for windows in [0, 1, 2, 52, 366, 367, 8_784, 65_534, 65_535] {
                for window_secs in [0, 4, 480, 3_600, 24_576, DAY, 400_000, 7 * DAY, u32::MAX] {
                    let offer = Offer {
                        price_per_gib_month,
                        min_duration_secs: 0,
                        max_duration_secs: u32::MAX,
                        // A probe a second in short windows, the most that any parameters allow in longer ones.
                        probe_interval_secs: window_secs.div_ceil(6_144),
                        ..offer()
                    };
                    let request = Request { gib, windows, window_secs, ..request(5) };
                    let params = Params { min_samples: 1, probes_max: 6_144, ..Params::default() };
                    if let Ok(quote) = Quote::new(&params, &offer, &request, Seconds(0)) {
                        assert!(quote.terms.price >= u64::from(windows));
                        if let Err(error) = quote.seat_cover.total() {
                            // Too dear for any oracle's stake: nobody can be seated, and that is said by name.
                            assert_eq!(error, CoreError::ArithmeticOverflow);
                            continue;
                        }
                        let mut world = World::seated(&quote, 0);
                        assert_eq!(world.window(&[Measures(1_000_000); 5]).paid, Atoms::ZERO);
                        world.is_solvent();
                        // No supply of tokens holds a deposit and a cover that do not fit 64 bits together.
                        if quote.deposit.plus(Atoms(quote.terms.cover)).is_ok() {
                            world.anyone_collects_the_penalty().unwrap();
                            world.is_solvent();
                        }
                        held += 1;
                        longest = longest.max(u64::from(windows) * u64::from(window_secs));
                        most_probes = most_probes.max(quote.terms.probes);
                    }
                }
            }
        }
    }
    assert!(held > 500, "{held}");
    assert_eq!((longest, most_probes), (u64::from(DURATION_MAX_SECS), 6_144));
}

#[test]
fn what_a_deposit_cannot_hold_is_refused() {
    let refused = |gib| {
        let offer = Offer { price_per_gib_month: 1, ..offer() };
        let request = Request { gib, windows: 30, ..request(3) };
        Quote::new(&params(), &offer, &request, Seconds(3_600)).err()
    };
    // The price alone fits; with its fees it does not.
    assert_eq!(refused(u64::MAX), Some(CoreError::ArithmeticOverflow));
    assert_eq!(refused(u64::MAX / 2), None);
}

#[test]
fn no_atom_is_promised_beyond_sixty_four_bits() {
    // A window so dear that its fraud slash would not fit is refused by the quote, so every penalty fits.
    let offer = Offer { price_per_gib_month: 1, max_duration_secs: u32::MAX, ..offer() };
    let request = Request { gib: 1 << 63, window_secs: 7 * DAY, windows: 4, ..request(3) };
    let params = Params { penalty_multiple: 10, ..params() };
    let quote = Quote::new(&params, &offer, &request, Seconds(3_600));
    assert_eq!(quote, Err(CoreError::ArithmeticOverflow));
}

#[test]
fn the_end_of_time_is_a_typed_error() {
    let mut sla = quote(3).agreed(u64::MAX, Timestamp(0));
    let before = sla;
    assert_eq!(sla.seat(Timestamp(i64::MAX)), Err(CoreError::ArithmeticOverflow));
    assert_eq!(sla, before);
    sla.seat(Timestamp(i64::MAX - 3_600)).unwrap();
    assert_eq!(sla.settle_next(Timestamp(i64::MAX)), Err(CoreError::ArithmeticOverflow));
    assert_eq!(sla.terms.window_start(u16::MAX), Err(CoreError::ArithmeticOverflow));
    let mut sla = World::of(3).sla;
    assert_eq!(sla.settle_next(Timestamp(i64::MIN)), Ok(None));
}

#[test]
fn sixty_five_thousand_windows_settle_to_the_last() {
    let offer = Offer { max_duration_secs: u32::MAX, ..offer() };
    let offer = Offer { probe_interval_secs: 24, ..offer };
    let request = Request { windows: 65_534, window_secs: 480, ..request(3) };
    let quote = Quote::new(&params(), &offer, &request, Seconds(480)).unwrap();
    let mut world = World::seated(&quote, 0);
    let last =
        (0..65_534).map(|_| world.window(&[Measures(0), Measures(0), Absent])).last().unwrap();
    assert_eq!((last.window, last.ended), (65_533, true));
    // ⌊30 · 1,000 · 480 · 65,534 / 2,592,000⌋, and ⌊2,000 · 480 / 86,400⌋ = 11 a window.
    assert_eq!((world.sla.terms.price, world.sla.money.earned), (364_077, 364_077));
    assert_eq!(world.sla.progress.points_milli, 720_874);
    assert_eq!(world.sla.seats.missed, [0, 0, u8::MAX, 0, 0]);
    assert_eq!(world.sla.seats.points[..3], [i16::MAX, i16::MAX, i16::MIN]);
}

#[test]
fn a_leap_year_of_hours_settles_to_the_last() {
    let offer = Offer { max_duration_secs: u32::MAX, probe_interval_secs: 180, ..offer() };
    let request = Request { windows: 8_784, window_secs: 3_600, ..request(3) };
    let quote = Quote::new(&params(), &offer, &request, Seconds(3_600)).unwrap();
    let mut world = World::seated(&quote, 0);
    let last =
        (0..8_784).map(|_| world.window(&[Measures(0), Measures(0), Absent])).last().unwrap();
    assert_eq!((last.window, last.ended), (8_783, true));
    assert_eq!((world.sla.terms.price, world.sla.money.earned), (366_000, 366_000));
    // ⌊2,000 · 3,600 / 86,400⌋ = 83 a window, and one for each seat's.
    assert_eq!(world.sla.progress.points_milli, 83 * 8_784);
    assert_eq!(world.sla.seats.points[..3], [8_784, 8_784, -8_784]);
    assert_eq!(world.sla.seats.missed, [0, 0, u8::MAX, 0, 0]);
    let ends = world.sla.terms.window_start(8_784).unwrap();
    assert_eq!(ends.0, SEATED.0 + 3_600 + i64::from(DURATION_MAX_SECS));
}

/// An account as no transition wrote it, made plausible in the places that are looked at first.
fn any_account() -> impl Strategy<Value = SlaBody> {
    let words = prop::collection::vec(any::<u64>(), size_of::<SlaBody>() / size_of::<u64>());
    (words, 1u8..=4, 0u8..6, any::<bool>()).prop_map(|(words, state, seats, in_time)| {
        let mut sla: SlaBody = bytemuck::pod_read_unaligned(bytemuck::cast_slice(&words));
        sla.progress.state = state;
        sla.terms.seats = seats;
        if !in_time {
            (sla.progress.open_rounds, sla.progress.released, sla.money.penalty_owed) = (0, 0, 0);
        } else {
            sla.terms.start = 0;
            sla.progress.cursor %= 8;
            sla.progress.end = 9;
            sla.round.window = sla.progress.cursor;
            sla.terms.windows = sla.terms.windows.max(9);
            sla.money.penalty_total %= sla.terms.cover.max(1);
        }
        sla
    })
}

proptest! {
    #![proptest_config(cases(50_000))]

    #[test]
    fn no_bytes_panic_and_a_refusal_changes_nothing(sla in any_account(), seat in prop_oneof![0usize..8, Just(usize::MAX)], now: i64, bonded: u64, covered: u64) {
        let now = Timestamp(now);
        let stake = Stake { bonded, covered: covered.min(bonded), ..Stake::default() };
        type Transition = fn(&mut SlaBody, &mut Stake, usize, Timestamp) -> Result<(), CoreError>;
        let transitions: [Transition; 21] = [
            |sla, _, _, now| sla.seat(now),
            |sla, _, _, _| sla.expire(true, Timestamp(0)).map(drop),
            |sla, _, _, now| sla.settle_next(now).map(drop),
            |sla, _, seat, now| {
                let aggregate = Measures(1).aggregate(sla.terms.probes % 1_000);
                sla.submit(seat, sla.progress.cursor, &aggregate, [1; COMMITMENT_SIZE], now).map(drop)
            },
            |sla, _, _, _| sla.take_refund().map(drop),
            |sla, _, seat, _| sla.take_oracle_fees(seat).map(drop),
            |sla, stake, _, _| sla.collect_penalty(stake).map(drop),
            |sla, stake, seat, _| sla.collect_absence(seat, stake).map(drop),
            |sla, _, _, _| sla.release().map(drop),
            |sla, _, _, now| sla.contest(now).map(drop),
            |sla, stake, seat, now| sla.void_current(seat, stake, now).map(drop),
            |sla, _, _, now| sla.push_out(now).map(drop),
            |sla, stake, seat, now| {
                // A round of any bytes: those of the SLA itself.
                let bytes = &bytemuck::bytes_of(sla)[..size_of::<ContestedRound>()];
                let mut round: ContestedRound = bytemuck::pod_read_unaligned(bytes);
                round.settled = 0;
                let contest = Contest { bond: Atoms(1), deadline: Timestamp(0) };
                let _ = (*sla).clone().open_dispute(&mut round.clone(), Party::Consumer, now);
                let _ = (*sla).clone().expire_dispute(&mut round.clone(), &contest, Party::Consumer, now);
                let _ = (*sla).clone().expire_challenge(&mut round.clone(), &contest, seat, &mut stake.clone(), true, now);
                let _ = (*sla).clone().free_round_seat(&mut round.clone(), seat, &mut stake.clone());
                let kept = round;
                let done = sla.settle_round(&mut round, Holders::of(0b101), now).map(drop);
                assert!(done.is_ok() || round == kept);
                done
            },
            |sla, _, _, now| sla.accept(1, now),
            |sla, _, _, _| sla.reject().map(drop),
            |sla, _, _, now| sla.expire_proposal(now).map(drop),
            |sla, _, _, now| sla.terminate_by_consumer(now).map(drop),
            |sla, _, _, now| sla.terminate_by_provider(now).map(drop),
            |sla, _, seat, now| sla.arm_redraw(seat, true, u64::MAX, true, now),
            |sla, stake, seat, now| {
                let mut newcomer = Stake { bonded: u64::MAX, ..Stake::default() };
                sla.replace_seat(seat, Some(stake), &mut newcomer, None, now).map(drop)
            },
            |sla, _, seat, _| sla.check().and(sla.seat_cover_left(seat).map(drop)),
        ];
        for (index, transition) in transitions.into_iter().enumerate() {
            let (mut after, mut paid) = (sla, stake);
            if transition(&mut after, &mut paid, seat, now).is_err() {
                prop_assert_eq!(after, sla, "transition {}", index);
                prop_assert_eq!(paid, stake, "transition {}", index);
            }
        }
    }
}
