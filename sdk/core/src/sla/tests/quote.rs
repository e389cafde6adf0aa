use super::*;
use crate::committee::SeatCover;
use crate::money::RefundCurve;
use crate::params::{DURATION_MAX_SECS, WINDOW_MAX_SECS};
use crate::quality::NOT_PROMISED;

/// 1 TiB for 30 daily windows at 0.02 FLASH per GiB-month, under the default parameters.
fn terabyte() -> (Params, Offer, Request) {
    let offer = Offer { price_per_gib_month: 20_000, ..offer() };
    (Params::default(), offer, Request { gib: 1_024, windows: 30, ..request(3) })
}

fn quoted(case: &(Params, Offer, Request)) -> Result<Quote, CoreError> {
    Quote::new(&case.0, &case.1, &case.2, Seconds(3_600))
}

#[test]
fn a_quote_by_hand() {
    let quote = quoted(&terabyte()).unwrap();
    assert_eq!(quote.terms.price, 20_480_000);
    // The largest due is ⌈20,480,000 / 30⌉ = 682,667: a submission earns at most ⌈682,667 · 0.5 % / 3⌉ = 1,138.
    assert_eq!(quote.fee_reserve, Atoms(30 * 3 * 1_138 + 102_400));
    assert_eq!(quote.deposit, Atoms(20_480_000 + 204_820));
    assert_eq!(quote.terms.cover, 4_096_000);
    // Absence: ⌈682,667 / 2⌉ = 341,334 in two shares of 170,667, three times. Fraud: 3 · 682,667, above 1 FLASH.
    let seat = SeatCover { absence_share: Atoms(170_667), fraud: Atoms(2_048_001) };
    assert_eq!(quote.seat_cover, seat);
    assert_eq!(quote.terms.probes, 288);
}

#[test]
fn a_seat_covers_at_least_the_smallest_fraud_slash() {
    let (params, offer, request) = terabyte();
    let fraud = |params: Params, gib| {
        quoted(&(params, offer, Request { gib, ..request })).unwrap().seat_cover.fraud
    };
    // 3 · ⌈20,000 · 500 / 30⌉ = 3 · 333,334 is above 1 FLASH; one GiB less is 3 · 332,667 = 998,001 and below.
    assert_eq!(fraud(params, 500), Atoms(1_000_002));
    assert_eq!(fraud(params, 499), Atoms(1_000_000));
    assert_eq!(fraud(Params { fraud_min: 10_000, ..params }, 499), Atoms(998_001));
    assert_eq!(fraud(Params { fraud_min: 998_002, ..params }, 499), Atoms(998_002));
}

#[test]
fn five_seats_share_the_same_fee_and_a_smaller_absence() {
    let (params, offer, request) = terabyte();
    let quote = quoted(&(params, offer, Request { seats: 5, ..request })).unwrap();
    // ⌈682,667 · 0.5 % / 5⌉ = 683 is below the least fee of 1,000.
    assert_eq!(quote.fee_reserve, Atoms(30 * 5 * 1_000 + 102_400));
    // 341,334 in three shares of 113,778, three times.
    assert_eq!(quote.seat_cover.absence_share, Atoms(113_778));
}

#[test]
fn each_wrong_request_is_refused_by_name() {
    type Case = (fn(&mut Params, &mut Offer, &mut Request), CoreError);
    let cases: [Case; 29] = [
        (|_, o, _| o.version = 8, CoreError::OfferVersionStale),
        (|_, _, r| r.offer_version = 8, CoreError::OfferVersionStale),
        (|_, _, r| r.gib = 0, CoreError::CapacityZero),
        (|_, _, r| r.window_secs = 3_596, CoreError::WindowLengthInvalid),
        (|_, _, r| r.window_secs = WINDOW_MAX_SECS + 4, CoreError::WindowLengthInvalid),
        (|_, _, r| r.window_secs = DAY + 2, CoreError::WindowLengthInvalid),
        (|_, _, r| r.window_secs = u32::MAX, CoreError::WindowLengthInvalid),
        (|_, _, r| r.windows = 0, CoreError::WindowCountInvalid),
        (|_, _, r| r.windows = u16::MAX, CoreError::WindowCountInvalid),
        (|_, o, _| o.min_duration_secs = 30 * DAY + 1, CoreError::DurationOutsideOffer),
        (|_, o, _| o.max_duration_secs = 30 * DAY - 1, CoreError::DurationOutsideOffer),
        // A leap year bounds every SLA, whatever its offer says: days, hours, and eight seconds beyond.
        (
            |_, o, r| (o.max_duration_secs, r.windows) = (u32::MAX, 367),
            CoreError::DurationOutsideOffer,
        ),
        (
            |_, o, r| {
                (o.max_duration_secs, o.probe_interval_secs) = (u32::MAX, 60);
                (r.windows, r.window_secs) = (8_785, 3_600);
            },
            CoreError::DurationOutsideOffer,
        ),
        (
            |_, o, r| {
                o.max_duration_secs = u32::MAX;
                (r.windows, r.window_secs) = (1_198, 26_396);
            },
            CoreError::DurationOutsideOffer,
        ),
        (|_, _, r| r.windows = 366, CoreError::DurationOutsideOffer),
        (|_, _, r| r.seats = 4, CoreError::CommitteeSizeInvalid),
        (|_, _, r| r.seats = 0, CoreError::CommitteeSizeInvalid),
        (|_, _, r| r.thresholds = Thresholds::NONE, CoreError::ThresholdInvalid),
        (|_, _, r| r.thresholds.latency_us = 0, CoreError::ThresholdInvalid),
        (|_, o, _| o.probe_interval_secs = 4_321, CoreError::ProbeRateInvalid),
        (|_, o, _| o.probe_interval_secs = 0, CoreError::ProbeRateInvalid),
        (|p, _, _| p.min_samples = 289, CoreError::ProbeRateInvalid),
        (|p, _, _| p.probes_max = 287, CoreError::ProbeRateInvalid),
        // 8,068 s at 4 s are 2,017 probes; 24,580 s are 6,145.
        (
            |_, o, r| (o.probe_interval_secs, r.window_secs) = (4, 8_068),
            CoreError::ProbeRateInvalid,
        ),
        (
            |p, o, r| {
                p.probes_max = 6_144;
                (o.probe_interval_secs, r.window_secs) = (4, 24_580);
            },
            CoreError::ProbeRateInvalid,
        ),
        (|_, o, r| (o.price_per_gib_month, r.gib) = (1, 29), CoreError::PriceBelowOneAtomPerWindow),
        (|_, _, r| r.max_total = 20_684_819, CoreError::PriceAboveMaximum),
        (|_, _, r| r.gib = u64::MAX, CoreError::ArithmeticOverflow),
        (|_, o, _| o.price_per_gib_month = u64::MAX, CoreError::ArithmeticOverflow),
    ];
    for (index, (spoil, error)) in cases.into_iter().enumerate() {
        let mut case = terabyte();
        spoil(&mut case.0, &mut case.1, &mut case.2);
        assert_eq!(quoted(&case), Err(error), "case {index}");
    }
}

#[test]
fn a_window_of_no_time_is_refused_even_where_the_deployment_allows_it() {
    let (params, offer, request) = terabyte();
    let request = Request { window_secs: 0, ..request };
    let quote = Quote::new(&params, &offer, &request, Seconds(0));
    assert_eq!(quote, Err(CoreError::WindowLengthInvalid));
}

#[test]
fn the_limits_themselves_are_accepted() {
    assert_eq!(DURATION_MAX_SECS, 31_622_400);
    let cases: [fn(&mut Params, &mut Offer, &mut Request); 16] = [
        |_, o, r| (r.window_secs, o.probe_interval_secs) = (3_600, 60),
        |_, _, r| r.window_secs = WINDOW_MAX_SECS,
        |_, o, r| (o.max_duration_secs, r.windows) = (u32::MAX, 366),
        |_, o, r| {
            (o.max_duration_secs, o.probe_interval_secs) = (DURATION_MAX_SECS, 60);
            (r.windows, r.window_secs) = (8_784, 3_600);
        },
        |_, o, r| {
            o.max_duration_secs = u32::MAX;
            (r.windows, r.window_secs) = (54, 585_600);
        },
        |_, _, r| r.windows = 365,
        |_, o, _| o.min_duration_secs = 30 * DAY,
        |_, o, _| o.max_duration_secs = 30 * DAY,
        |_, o, _| o.probe_interval_secs = 4_320,
        |p, o, _| (p.probes_max, o.probe_interval_secs) = (20, 4_320),
        |p, _, _| (p.min_samples, p.probes_max) = (288, 288),
        // 2,016 probes: of 8,064 s at 4 s, of a week at five minutes; and 6,144 if the parameters allow.
        |_, o, r| (o.probe_interval_secs, r.window_secs) = (4, 8_064),
        |_, _, r| (r.windows, r.window_secs) = (52, WINDOW_MAX_SECS),
        |p, o, r| {
            p.probes_max = 6_144;
            (o.probe_interval_secs, r.window_secs) = (4, 24_576);
        },
        |_, o, r| (o.price_per_gib_month, r.gib) = (1, 30),
        |_, _, r| r.max_total = 20_684_820,
    ];
    for (index, widen) in cases.into_iter().enumerate() {
        let mut case = terabyte();
        widen(&mut case.0, &mut case.1, &mut case.2);
        assert!(quoted(&case).is_ok(), "case {index}: {:?}", quoted(&case));
    }
}

#[test]
fn the_most_windows_need_a_deployment_that_allows_short_ones() {
    let (params, offer, request) = terabyte();
    let offer = Offer { max_duration_secs: u32::MAX, probe_interval_secs: 24, ..offer };
    let windows = |window_secs, window_min| {
        let request = Request { windows: 65_534, window_secs, ..request };
        Quote::new(&params, &offer, &request, Seconds(window_min)).map(|quote| quote.terms.windows)
    };
    // 31,456,320 s of the 31,622,400; four more seconds a window are too many.
    assert_eq!(windows(480, 480), Ok(65_534));
    assert_eq!(windows(484, 480), Err(CoreError::DurationOutsideOffer));
    assert_eq!(windows(480, 484), Err(CoreError::WindowLengthInvalid));
}

#[test]
fn the_terms_are_the_request_and_the_parameters_of_the_day() {
    let params = Params {
        protocol_fee_bps: 51,
        oracle_fee_bps: 52,
        oracle_fee_min: 53,
        cover_bps: 5_400,
        penalty_multiple: 5,
        penalty_consumer_bps: 5_500,
        absence_bps: 56,
        fraud_min: 5_700_000,
        bond_bps: 580,
        bond_min: 5_900_000,
        z_milli: 60,
        min_samples: 61,
        uptime_full_breach_ppm: 620,
        errors_full_breach_ppm: 630,
        access_delay_secs: 64,
        maintenance_part: 65,
        refund_curve: RefundCurve { x1_bps: 66, y1_bps: 67, x2_bps: 68, y2_bps: 69 },
        ..Params::default()
    };
    let thresholds = Thresholds {
        uptime_failures_ppm: 71,
        errors_ppm: 72,
        latency_us: 73,
        upload_kib_s: 74,
        download_kib_s: NOT_PROMISED,
    };
    let request = Request { thresholds, ..request(5) };
    let quote = Quote::new(&params, &offer(), &request, Seconds(3_600)).unwrap();
    let terms = SlaTerms {
        price: 10_000,
        cover: 5_400,
        gib: 30,
        start: 0,
        oracle_fee_min: 53,
        fraud_min: 5_700_000,
        bond_min: 5_900_000,
        uptime_failures_ppm: 71,
        errors_ppm: 72,
        latency_us: 73,
        upload_kib_s: 74,
        download_kib_s: NOT_PROMISED,
        window_secs: DAY,
        probes: 288,
        uptime_full_breach_ppm: 620,
        errors_full_breach_ppm: 630,
        access_delay_secs: 64,
        refund_x1_bps: 66,
        refund_y1_bps: 67,
        refund_x2_bps: 68,
        refund_y2_bps: 69,
        windows: 10,
        protocol_fee_bps: 51,
        oracle_fee_bps: 52,
        absence_bps: 56,
        penalty_consumer_bps: 5_500,
        bond_bps: 580,
        z_milli: 60,
        min_samples: 61,
        maintenance_part: 65,
        penalty_multiple: 5,
        seats: 5,
        min_windows: 1,
        reserved: [0; 2],
    };
    assert_eq!(quote.terms, terms);
    assert_eq!(terms.thresholds(), thresholds);
    assert_eq!(terms.refund_curve(), params.refund_curve);
    let judgement = terms.judgement();
    assert_eq!((judgement.z_milli, judgement.min_samples, judgement.probes), (60, 61, 288));
    assert_eq!(judgement.uptime_full_breach, Ppm(620));
    assert_eq!(judgement.errors_full_breach, Ppm(630));
}

#[test]
fn each_wrong_offer_is_refused_by_name() {
    assert_eq!(offer().check(), Ok(()));
    type Case = (fn(&mut Offer), CoreError);
    let cases: [Case; 5] = [
        (|o| o.thresholds = Thresholds::NONE, CoreError::ThresholdInvalid),
        (|o| o.min_duration_secs = 0, CoreError::DurationLimitsInvalid),
        (|o| o.max_duration_secs = DAY - 1, CoreError::DurationLimitsInvalid),
        (|o| o.probe_interval_secs = 0, CoreError::ProbeRateInvalid),
        (|o| o.price_per_gib_month = 0, CoreError::PriceBelowOneAtomPerWindow),
    ];
    for (index, (spoil, error)) in cases.into_iter().enumerate() {
        let mut offer = offer();
        spoil(&mut offer);
        assert_eq!(offer.check(), Err(error), "case {index}");
    }
}

#[test]
fn a_quote_says_what_its_probes_can_enforce() {
    let mut terms = quote(3).terms;
    (terms.probes, terms.z_milli) = (1_440, 1_645);
    (terms.uptime_failures_ppm, terms.errors_ppm) = (1_000, NOT_PROMISED);
    // 1.44 + 1.645 · 1.199… = 3.4: four of 1,440 may fail.
    assert_eq!(terms.effective_rates(), Ok([Some(Ppm(2_778)), None]));
    terms.probes = 0;
    assert_eq!(terms.effective_rates(), Err(CoreError::ArithmeticOverflow));
}

#[test]
fn the_shortest_duration_is_counted_in_whole_windows() {
    for (shortest, windows) in [(1, 1), (DAY, 1), (DAY + 1, 2), (7 * DAY, 7)] {
        let offer = Offer { min_duration_secs: shortest, ..offer() };
        let quote = Quote::new(&Params::default(), &offer, &request(3), Seconds(3_600)).unwrap();
        assert_eq!(quote.terms.min_windows, windows, "{shortest} s");
    }
}
