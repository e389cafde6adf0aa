//! Counts, means and whole submissions.

use super::*;
use crate::quality::{
    Aggregate, Judgement, SAMPLES_MAX, Thresholds, Verdict, allowed_failures, effective_rate,
    evaluate, shortfall_of_count, shortfall_of_mean,
};
use crate::units::{PPM_ONE, Ppm};

#[test]
fn counts_and_means() {
    for n in [0, 1, 2, SAMPLES_MAX, SAMPLES_MAX + 1, u32::MAX] {
        for rate in U32 {
            for z in U16 {
                let said = allowed_failures(n, Ppm(rate), z);
                let effective = effective_rate(n, Ppm(rate), z);
                if n > SAMPLES_MAX || rate > PPM_ONE {
                    let refused = [CoreError::SampleCountTooLarge, CoreError::ThresholdInvalid];
                    assert!(refused.contains(&said.unwrap_err()));
                    assert_eq!(effective.err(), said.err());
                    continue;
                }
                let allowed = said.unwrap();
                let (n, t) = (f64::from(n), f64::from(rate) / 1e6);
                let exact = n * t + f64::from(z) / 1e3 * (n * t * (1.0 - t)).sqrt();
                let near = (f64::from(allowed) - exact.ceil().max(1.0)).abs();
                assert!(near <= 1.0, "{n} {t} {z}: {allowed} {exact}");
                match effective {
                    Ok(effective) => {
                        let exact = (f64::from(allowed) / n).min(1.0) * 1e6;
                        assert!((f64::from(effective.0) - exact).abs() <= 1.0);
                    }
                    Err(error) => assert_eq!((n, error), (0.0, OVERFLOW)),
                }
            }
        }
        for failures in U32 {
            for allowed in U32 {
                for full in U32 {
                    let said = shortfall_of_count(failures, allowed, n, Ppm(full)).unwrap();
                    let excess = wide(failures.saturating_sub(allowed));
                    let divisor = (wide(n) * wide(full)).max(10_000_000);
                    let exact = (excess * 1_000_000_000_000 / divisor).min(wide(PPM_ONE));
                    assert_eq!(wide(said.0), exact);
                }
            }
        }
    }
    for excess in U64 {
        for threshold in U32 {
            let said = shortfall_of_mean(excess, threshold);
            let exact = (wide(excess) * 5_000_000).checked_div(wide(threshold));
            let exact = exact.map(|exact| Ppm(u32::try_from(exact.min(1_000_000)).unwrap()));
            assert_eq!(said, exact.ok_or(CoreError::ThresholdInvalid));
        }
    }
}

/// A promise of `figure` for every metric.
fn promise(figure: u32) -> Thresholds {
    Thresholds {
        uptime_failures_ppm: figure,
        errors_ppm: figure,
        latency_us: figure,
        upload_kib_s: figure,
        download_kib_s: figure,
    }
}

#[test]
fn submissions() {
    for figure in U32 {
        let valid = (1..=PPM_ONE).contains(&figure);
        assert_eq!(promise(figure).check().is_ok(), valid, "{figure}");
        for count in [0, 1, 20, SAMPLES_MAX, SAMPLES_MAX + 1, u32::MAX] {
            for sum in U64 {
                for min_samples in U16 {
                    let aggregate = Aggregate {
                        attempts: count,
                        probes_total: count,
                        probes_ok: count,
                        ops_total: count,
                        ops_ok: 0,
                        latency_count: count,
                        upload_count: count,
                        download_count: count,
                        latency_sum_us: sum,
                        upload_sum_kib_s: sum,
                        download_sum_kib_s: sum,
                    };
                    assert_eq!(aggregate.encode()[48..], sum.to_le_bytes());
                    let judgement = Judgement {
                        z_milli: u16::MAX,
                        min_samples,
                        uptime_full_breach: Ppm(figure),
                        errors_full_breach: Ppm(figure),
                        probes: count,
                    };
                    let said = evaluate(&aggregate, &promise(figure), &judgement);
                    let consistent = count <= SAMPLES_MAX && (count > 0 || sum == 0);
                    assert_eq!(aggregate.check().is_ok(), consistent);
                    match said {
                        Ok(Verdict::Measured { shortfall, .. }) => assert!(shortfall <= Ppm::ONE),
                        Ok(Verdict::Abstained) => assert!(count < u32::from(min_samples)),
                        // Of nothing there is no mean.
                        Err(OVERFLOW) => assert!(count == 0 && min_samples == 0),
                        Err(error) => assert!(!consistent || !valid, "{error:?} {aggregate:?}"),
                    }
                }
            }
        }
    }
}
