use super::*;
use proptest::prelude::*;

mod wilson;

const JUDGEMENT: Judgement = Judgement {
    z_milli: 1_645,
    min_samples: 20,
    uptime_full_breach: Ppm(10_000),
    errors_full_breach: Ppm(10_000),
    probes: 288,
};

/// A change of the aggregate, and what comes of it.
type Case<T> = (fn(&mut Aggregate), T);

fn perfect() -> Aggregate {
    Aggregate {
        attempts: 288,
        probes_total: 288,
        probes_ok: 288,
        ops_total: 288,
        ops_ok: 288,
        latency_count: 288,
        latency_sum_us: 288 * 10_000,
        upload_count: 288,
        upload_sum_kib_s: 288 * 50_000,
        download_count: 288,
        download_sum_kib_s: 288 * 50_000,
    }
}

const PROMISE: Thresholds = Thresholds {
    uptime_failures_ppm: 1_000,
    errors_ppm: 5_000,
    latency_us: 50_000,
    upload_kib_s: 10_000,
    download_kib_s: 20_000,
};

fn measured(aggregate: &Aggregate) -> (u32, bool) {
    match evaluate(aggregate, &PROMISE, &JUDGEMENT).unwrap() {
        Verdict::Measured { shortfall, excellent } => (shortfall.0, excellent),
        Verdict::Abstained => panic!("abstained"),
    }
}

#[test]
fn allowed_failures_agree_with_wilsons_bound_over_a_grid() {
    // Wilson: the promise t is broken when the score (f − n·t) / √(n·t·(1−t)) exceeds z.
    for n in (1..2_000).chain([5_000, 50_000, 1_000_000, SAMPLES_MAX]) {
        for t in [0, 1, 100, 1_000, 5_000, 10_000, 100_000, 500_000, 999_999, 1_000_000] {
            for z in [0, 1_000, 1_645, 2_326, 4_000] {
                let allowed = i128::from(allowed_failures(n, Ppm(t), z).unwrap());
                let (n, t, z) = (i128::from(n), i128::from(t), i128::from(z));
                // Squared and scaled: broken ⇔ (f·10⁶ − n·t)²·10⁶ > z²·n·t·(10⁶−t), for f·10⁶ > n·t.
                let broken = |f: i128| {
                    let excess = f * 1_000_000 - n * t;
                    excess > 0 && excess * excess * 1_000_000 > z * z * n * t * (1_000_000 - t)
                };
                assert!(broken(allowed + 1), "one more than allowed breaks: n {n} t {t} z {z}");
                // The ceilings allow one failure more than the exact bound, on this grid never two (`wilson` says when).
                assert!(allowed == 1 || !broken(allowed - 1), "n {n} t {t} z {z}");
            }
        }
    }
}

#[test]
fn figures_by_hand() {
    // 288 probes at 0.1 %: 0.288 + 1.645·√0.2877 = 1.17, so 2 may fail.
    assert_eq!(allowed_failures(288, Ppm(1_000), 1_645), Ok(2));
    assert_eq!(allowed_failures(0, Ppm(1_000), 1_645), Ok(1));
    assert_eq!(effective_rate(288, Ppm(1_000), 1_645), Ok(Ppm(6_945)));
    // Two more than allowed, of 288 at 1 % full breach: the divisor is 10 (small sample).
    assert_eq!(shortfall_of_count(4, 2, 288, Ppm(10_000)), Ok(Ppm(200_000)));
    // 10,000 samples: full breach is 100 excess failures.
    assert_eq!(shortfall_of_count(75, 25, 10_000, Ppm(10_000)), Ok(Ppm(500_000)));
    // 10 % slower than promised is half a breach.
    assert_eq!(shortfall_of_mean(5_000, 50_000), Ok(Ppm(500_000)));
    assert_eq!(shortfall_of_mean(u64::MAX, 50_000), Ok(Ppm::ONE));
}

#[test]
fn perfect_service_is_met_and_excellent() {
    assert_eq!(measured(&perfect()), (0, true));
}

#[test]
fn excellent_is_half_the_allowed_failures_and_means_a_fifth_better_to_the_unit() {
    // Of 288 probes 2 may fail, of 288 operations 4.
    let edges: [Case<bool>; 10] = [
        (|a| a.probes_ok -= 1, true),
        (|a| a.probes_ok -= 2, false),
        (|a| a.ops_ok -= 2, true),
        (|a| a.ops_ok -= 3, false),
        (|a| a.latency_sum_us = 288 * 40_000, true),
        (|a| a.latency_sum_us = 288 * 40_001, false),
        (|a| a.upload_sum_kib_s = 288 * 12_000, true),
        (|a| a.upload_sum_kib_s = 288 * 12_000 - 1, false),
        (|a| a.download_sum_kib_s = 288 * 24_000, true),
        (|a| a.download_sum_kib_s = 288 * 24_000 - 1, false),
    ];
    for (index, (worsen, excellent)) in edges.into_iter().enumerate() {
        let mut aggregate = perfect();
        worsen(&mut aggregate);
        assert_eq!(measured(&aggregate), (0, excellent), "case {index}");
    }
}

#[test]
fn each_metric_alone_can_fall_short() {
    let cases: [Case<u32>; 5] = [
        (|a| a.probes_ok -= 7, 500_000),
        // 288 at 0.5 %: 1.44 + 1.645·1.197 = 3.41, so 4 may fail.
        (|a| a.ops_ok -= 9, 500_000),
        (|a| a.latency_sum_us = 288 * 55_000, 500_000),
        (|a| a.upload_sum_kib_s = 288 * 9_000, 500_000),
        (|a| a.download_sum_kib_s = 288 * 18_000, 500_000),
    ];
    for (index, (worsen, shortfall)) in cases.into_iter().enumerate() {
        let mut aggregate = perfect();
        worsen(&mut aggregate);
        assert_eq!(measured(&aggregate), (shortfall, false), "case {index}");
    }
}

#[test]
fn too_few_samples_of_a_promised_metric_abstain() {
    let cases: [fn(&mut Aggregate); 5] = [
        |a| (a.probes_total, a.probes_ok) = (19, 0),
        |a| (a.ops_total, a.ops_ok) = (19, 0),
        |a| a.latency_count = 19,
        |a| a.upload_count = 19,
        |a| a.download_count = 19,
    ];
    for (index, thin) in cases.into_iter().enumerate() {
        let mut aggregate = perfect();
        thin(&mut aggregate);
        let said = evaluate(&aggregate, &PROMISE, &JUDGEMENT);
        assert_eq!(said, Ok(Verdict::Abstained), "case {index}");
    }
    // A metric that is not promised may be missing.
    let mut aggregate = perfect();
    (aggregate.upload_count, aggregate.upload_sum_kib_s) = (0, 0);
    let promise = Thresholds { upload_kib_s: NOT_PROMISED, ..PROMISE };
    assert!(matches!(evaluate(&aggregate, &promise, &JUDGEMENT), Ok(Verdict::Measured { .. })));
}

#[test]
fn too_few_samples_without_the_agreed_attempts_are_refused() {
    let cases: [fn(&mut Aggregate); 5] = [
        |a| (a.probes_total, a.probes_ok) = (19, 19),
        |a| (a.ops_total, a.ops_ok) = (19, 19),
        |a| a.latency_count = 19,
        |a| a.upload_count = 19,
        |a| a.download_count = 19,
    ];
    for (index, thin) in cases.into_iter().enumerate() {
        // Everything else has samples enough, and one attempt is missing.
        let mut aggregate =
            Aggregate { attempts: 287, probes_total: 287, probes_ok: 287, ..perfect() };
        thin(&mut aggregate);
        let said = evaluate(&aggregate, &PROMISE, &JUDGEMENT);
        assert_eq!(said, Err(CoreError::AttemptsTooFew), "case {index}");
    }
    let silent =
        |attempts| evaluate(&Aggregate { attempts, ..Aggregate::EMPTY }, &PROMISE, &JUDGEMENT);
    assert_eq!(silent(0), Err(CoreError::AttemptsTooFew));
    assert_eq!(silent(287), Err(CoreError::AttemptsTooFew));
    assert_eq!(silent(288), Ok(Verdict::Abstained));
}

#[test]
fn samples_enough_are_measured_whatever_was_attempted() {
    let one_less = Aggregate { attempts: 287, probes_total: 287, probes_ok: 287, ..perfect() };
    assert_eq!(measured(&one_less), (0, true));
    let fewest = Aggregate {
        attempts: 20,
        probes_total: 20,
        probes_ok: 20,
        ops_total: 20,
        ops_ok: 20,
        latency_count: 20,
        latency_sum_us: 20 * 10_000,
        upload_count: 20,
        upload_sum_kib_s: 20 * 50_000,
        download_count: 20,
        download_sum_kib_s: 20 * 50_000,
    };
    assert_eq!(measured(&fewest), (0, true));
    // It is judged by its own 20: 0.02 + 1.645·√0.01998 = 0.25, so 1 may fail; 5 more of at least 10 are half.
    assert_eq!(measured(&Aggregate { probes_ok: 14, ..fewest }), (500_000, false));
    assert_eq!(measured(&Aggregate { latency_sum_us: 20 * 55_000, ..fewest }), (500_000, false));
    // What is not promised asks for no attempts either.
    let promise = Thresholds { upload_kib_s: NOT_PROMISED, ..PROMISE };
    let without = Aggregate { upload_count: 0, upload_sum_kib_s: 0, ..fewest };
    let said = evaluate(&without, &promise, &JUDGEMENT);
    assert_eq!(said, Ok(Verdict::Measured { shortfall: Ppm(0), excellent: true }));
    assert_eq!(evaluate(&without, &PROMISE, &JUDGEMENT), Err(CoreError::AttemptsTooFew));
}

#[test]
fn contradictions_are_refused() {
    let cases: [Case<CoreError>; 7] = [
        (|a| a.attempts = 287, CoreError::AggregateInconsistent),
        (|a| a.probes_ok = 289, CoreError::AggregateInconsistent),
        (|a| a.ops_ok = 289, CoreError::AggregateInconsistent),
        (|a| a.latency_count = 0, CoreError::AggregateInconsistent),
        (|a| a.upload_count = 0, CoreError::AggregateInconsistent),
        (|a| a.download_count = 0, CoreError::AggregateInconsistent),
        (|a| a.attempts = SAMPLES_MAX + 1, CoreError::SampleCountTooLarge),
    ];
    for (index, (spoil, error)) in cases.into_iter().enumerate() {
        let mut aggregate = perfect();
        spoil(&mut aggregate);
        assert_eq!(evaluate(&aggregate, &PROMISE, &JUDGEMENT), Err(error), "case {index}");
    }
}

#[test]
fn a_service_that_is_down_falls_wholly_short_though_it_has_no_speed() {
    let no_service = Ok(Verdict::Measured { shortfall: Ppm::ONE, excellent: false });
    let down = Aggregate {
        probes_ok: 0,
        ops_ok: 0,
        latency_count: 0,
        latency_sum_us: 0,
        upload_count: 0,
        upload_sum_kib_s: 0,
        download_count: 0,
        download_sum_kib_s: 0,
        ..perfect()
    };
    assert_eq!(evaluate(&down, &PROMISE, &JUDGEMENT), no_service);
    // One probe was missed by a restart: what failed is no less conclusive.
    let restarted = Aggregate { attempts: 287, probes_total: 287, ..down };
    assert_eq!(evaluate(&restarted, &PROMISE, &JUDGEMENT), no_service);
    // Only uploads fail: a quarter of all operations.
    let read_only = Aggregate {
        upload_count: 0,
        upload_sum_kib_s: 0,
        ops_total: 4 * 288,
        ops_ok: 3 * 288,
        ..perfect()
    };
    assert_eq!(evaluate(&read_only, &PROMISE, &JUDGEMENT), no_service);
    // Failing one operation on purpose hides nothing: the mean of those that there are is judged.
    let few = Aggregate {
        attempts: 20,
        probes_total: 20,
        probes_ok: 20,
        ops_total: 60,
        ops_ok: 59,
        latency_count: 19,
        latency_sum_us: 19 * 100_000,
        upload_count: 20,
        upload_sum_kib_s: 20 * 50_000,
        download_count: 20,
        download_sum_kib_s: 20 * 50_000,
    };
    let twenty = Judgement { probes: 20, ..JUDGEMENT };
    assert_eq!(evaluate(&few, &PROMISE, &twenty), no_service);
    // But failures that the errors promise forgives excuse nobody who kept oracles from measuring: of 288 latency
    // samples 287 are missing, and 20 operations of 864 failed.
    let lenient = Thresholds { errors_ppm: 20_000, ..PROMISE };
    for (count, sum) in [(0, 0), (1, 9_000_000)] {
        let forbidden = Aggregate {
            ops_total: 864,
            ops_ok: 844,
            latency_count: count,
            latency_sum_us: sum,
            ..perfect()
        };
        assert_eq!(evaluate(&forbidden, &lenient, &JUDGEMENT), Ok(Verdict::Abstained));
    }
    // Kept from measuring: nothing failed.
    let locked_out = Aggregate { attempts: 288, ..Aggregate::EMPTY };
    assert_eq!(evaluate(&locked_out, &PROMISE, &JUDGEMENT), Ok(Verdict::Abstained));
}

#[test]
fn a_thin_mean_is_judged_where_failures_can_be_half_of_what_lacks() {
    let lenient = Thresholds { errors_ppm: 200_000, ..PROMISE };
    // 19 latencies, far too slow, of 288 attempts: 269 lack.
    let failing = |failed: u32| Aggregate {
        ops_total: 864,
        ops_ok: 864 - failed,
        latency_count: 19,
        latency_sum_us: 19 * 9_000_000,
        ..perfect()
    };
    assert_eq!(evaluate(&failing(134), &lenient, &JUDGEMENT), Ok(Verdict::Abstained));
    let full = Ok(Verdict::Measured { shortfall: Ppm::ONE, excellent: false });
    assert_eq!(evaluate(&failing(135), &lenient, &JUDGEMENT), full);
}

#[test]
fn thresholds_are_checked() {
    assert_eq!(PROMISE.check(), Ok(()));
    let bad = [
        Thresholds::NONE,
        Thresholds { uptime_failures_ppm: 1_000_001, ..PROMISE },
        Thresholds { errors_ppm: NOT_PROMISED - 1, ..PROMISE },
        Thresholds { latency_us: 0, ..PROMISE },
        Thresholds { upload_kib_s: 0, ..PROMISE },
        Thresholds { download_kib_s: 0, ..PROMISE },
        Thresholds { errors_ppm: NOT_PROMISED, ..PROMISE },
    ];
    for thresholds in bad {
        assert_eq!(thresholds.check(), Err(CoreError::ThresholdInvalid), "{thresholds:?}");
    }
    let uptime = Thresholds { uptime_failures_ppm: 0, ..Thresholds::NONE };
    assert_eq!(uptime.check(), Ok(()), "only a mean asks for errors beside it");
}

#[test]
fn the_encoding_is_the_fields_in_order() {
    let bytes = perfect().encode();
    assert_eq!(bytes[..4], 288u32.to_le_bytes());
    assert_eq!(bytes[32..40], (288u64 * 10_000).to_le_bytes());
    assert_eq!(bytes[48..], (288u64 * 50_000).to_le_bytes());
}

proptest! {
    #[test]
    fn one_more_failure_never_lowers_the_shortfall(n in 1u32..=SAMPLES_MAX, t in 0u32..=PPM_ONE, z in 0u16..=4_000, full in 100u32..=PPM_ONE, f: u32) {
        let failures = f % n;
        let allowed = allowed_failures(n, Ppm(t), z).unwrap();
        let shortfall = |f| shortfall_of_count(f, allowed, n, Ppm(full)).unwrap();
        prop_assert!(shortfall(failures) <= shortfall(failures + 1));
        prop_assert!(shortfall(failures + 1) <= Ppm::ONE);
    }

    #[test]
    fn a_worse_mean_never_lowers_the_shortfall(threshold in 1u32.., excess in 0..u64::MAX) {
        let shortfall = |e| shortfall_of_mean(e, threshold).unwrap();
        prop_assert!(shortfall(excess) <= shortfall(excess + 1));
    }

    #[test]
    fn a_longer_promise_allows_more(n in 1u32..SAMPLES_MAX, t in 0u32..=500_000, z in 0u16..4_000) {
        let allowed = |n, z| allowed_failures(n, Ppm(t), z).unwrap();
        prop_assert!(allowed(n, z) <= allowed(n + 1, z));
        prop_assert!(allowed(n, z) <= allowed(n, z + 1));
    }

    #[test]
    fn attempts_decide_nothing_but_the_right_to_abstain(n in proptest::array::uniform5(15u32..=40), failed in 0u32..=15, slow: bool, attempts in 40u32..=600) {
        let aggregate = Aggregate {
            attempts, probes_total: n[0], probes_ok: n[0] - failed, ops_total: n[1], ops_ok: n[1],
            latency_count: n[2], latency_sum_us: u64::from(n[2]) * if slow { 51_000 } else { 50_000 },
            upload_count: n[3], upload_sum_kib_s: u64::from(n[3]) * 50_000,
            download_count: n[4], download_sum_kib_s: u64::from(n[4]) * 50_000,
        };
        let said = evaluate(&aggregate, &PROMISE, &JUDGEMENT);
        let allowed = allowed_failures(n[0], Ppm(PROMISE.uptime_failures_ppm), JUDGEMENT.z_milli).unwrap();
        let falls_short = (n[0] >= 20 && failed > allowed) || (n[2] >= 20 && slow);
        if falls_short || n.iter().all(|n| *n >= 20) {
            let agreed = Aggregate { attempts: 288, ..aggregate };
            let was_measured = matches!(said, Ok(Verdict::Measured { .. }));
            prop_assert!(was_measured);
            prop_assert_eq!(said, evaluate(&agreed, &PROMISE, &JUDGEMENT));
        } else if attempts >= 288 {
            prop_assert_eq!(said, Ok(Verdict::Abstained));
        } else {
            prop_assert_eq!(said, Err(CoreError::AttemptsTooFew));
        }
    }

    #[test]
    fn no_figures_overflow(a in proptest::array::uniform8(0u32..=SAMPLES_MAX), s in proptest::array::uniform3(any::<u64>()), t in proptest::array::uniform5(any::<u32>())) {
        let aggregate = Aggregate {
            attempts: SAMPLES_MAX, probes_total: a[0], probes_ok: a[1] % (a[0] + 1), ops_total: a[2], ops_ok: a[3] % (a[2] + 1),
            latency_count: a[4], upload_count: a[5], download_count: a[6],
            latency_sum_us: if a[4] == 0 { 0 } else { s[0] },
            upload_sum_kib_s: if a[5] == 0 { 0 } else { s[1] },
            download_sum_kib_s: if a[6] == 0 { 0 } else { s[2] },
        };
        let thresholds = Thresholds {
            uptime_failures_ppm: t[0] % (PPM_ONE + 1), errors_ppm: t[1] % (PPM_ONE + 1),
            latency_us: t[2].max(1), upload_kib_s: t[3].max(1), download_kib_s: t[4].max(1),
        };
        prop_assert!(evaluate(&aggregate, &thresholds, &JUDGEMENT).is_ok());
    }
}
