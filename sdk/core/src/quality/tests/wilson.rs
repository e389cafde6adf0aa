//! The decision on counts against Wilson's own formula, computed in another way than the code does.
//!
//! Let x = n·t + z·√(n·t·(1−t)). Wilson's lower bound of the observed failure rate exceeds t exactly if the failures
//! exceed x. The code asks whether they exceed ⌈x⌉ (and one): it errs on the provider's side only, by the one
//! failure that lies between x and ⌈x⌉.

use super::*;

const RATES: [u32; 14] = [
    0, 1, 100, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 250_000, 500_000, 900_000, 999_999,
    1_000_000,
];
const CONFIDENCES: [u16; 6] = [0, 500, 1_000, 1_645, 2_326, 4_000];

/// Wilson's lower bound of the failure rate after `f` failures of `n`, in floating point as the paper has it.
fn lower_bound(f: u32, n: u32, z_milli: u16) -> f64 {
    let (n, z) = (f64::from(n), f64::from(z_milli) / 1_000.0);
    let p = f64::from(f) / n;
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    (p + z * z / (2.0 * n) - spread) / (1.0 + z * z / n)
}

/// The same question without rounding: whether (f − n·t) > z·√(n·t·(1−t)), squared and in integers. `less` is taken
/// from the left side, in thousand-millionths of a failure.
fn exceeds(f: u32, n: u32, t: u32, z_milli: u16, less: i128) -> bool {
    let (f, n, t, z) = (i128::from(f), i128::from(n), i128::from(t), i128::from(z_milli));
    let excess = 1_000 * (f * 1_000_000 - n * t) - less;
    excess > 0 && excess * excess > z * z * n * t * (1_000_000 - t)
}

fn wilson_breaks(f: u32, n: u32, t: u32, z_milli: u16) -> bool {
    let exact = exceeds(f, n, t, z_milli, 0);
    let distance = lower_bound(f, n, z_milli) - f64::from(t) / 1e6;
    assert!(distance.abs() < 1e-12 || (distance > 0.0) == exact, "f {f} n {n} t {t} z {z_milli}");
    exact
}

/// What a submission with that many failures comes to.
fn breaks(f: u32, n: u32, t: u32, z_milli: u16) -> bool {
    let allowed = allowed_failures(n, Ppm(t), z_milli).unwrap();
    shortfall_of_count(f, allowed, n, Ppm(100)).unwrap() > Ppm::ZERO
}

/// Compares both decisions; says whether they differ.
fn differs(f: u32, n: u32, t: u32, z: u16) -> bool {
    let (theirs, ours) = (wilson_breaks(f, n, t, z), breaks(f, n, t, z));
    assert!(theirs || !ours, "nobody pays for what Wilson lets pass: f {f} n {n} t {t} z {z}");
    if theirs && !ours && f > 1 {
        // Within one failure of the exact bound, and the rounding of the root, z thousand-millionths.
        let one_more = 1_000_000_000 + i128::from(z);
        assert!(!exceeds(f, n, t, z, one_more), "f {f} n {n} t {t} z {z}");
    }
    theirs != ours
}

#[test]
fn every_failure_count_of_small_samples_is_decided_as_wilson_does_but_for_one() {
    for n in 1..=120 {
        for t in RATES {
            for z in CONFIDENCES {
                let differing: Vec<u32> = (0..=n).filter(|f| differs(*f, n, t, z)).collect();
                assert!(differing.len() <= 1, "n {n} t {t} z {z}: {differing:?}");
            }
        }
    }
}

#[test]
fn large_samples_are_decided_as_wilson_does_around_the_bound() {
    let sizes = [121, 288, 1_000, 2_016, 6_144, 59_534, 100_000, 999_999, SAMPLES_MAX];
    for n in sizes {
        for t in RATES {
            for z in CONFIDENCES {
                let allowed = allowed_failures(n, Ppm(t), z).unwrap();
                assert!(!breaks(allowed, n, t, z) && breaks(allowed + 1, n, t, z));
                let around = allowed.saturating_sub(4)..=(allowed + 4).min(n);
                let differing = around.filter(|f| differs(*f, n, t, z)).count();
                assert!(differing <= 2, "n {n} t {t} z {z}");
            }
        }
    }
}

#[test]
fn the_tolerance_by_hand() {
    // 288 · 0.001 + 1.645 · √0.2877 = 1.17: Wilson breaks at 2, the code at 3.
    assert!(wilson_breaks(2, 288, 1_000, 1_645) && !breaks(2, 288, 1_000, 1_645));
    assert!(!wilson_breaks(1, 288, 1_000, 1_645) && breaks(3, 288, 1_000, 1_645));
    // One failure is always allowed, whatever was promised.
    assert!(wilson_breaks(1, 20, 0, 1_645) && !breaks(1, 20, 0, 1_645) && breaks(2, 20, 0, 1_645));
    // An exact bound that is an integer is met exactly: 100 · 0.5 + 2 · √25 = 60.
    assert_eq!(allowed_failures(100, Ppm(500_000), 2_000), Ok(60));
    assert!(!wilson_breaks(60, 100, 500_000, 2_000) && wilson_breaks(61, 100, 500_000, 2_000));
    // The bound is 136.9999999…, less than the root's rounding below 137: a second failure is let pass. Among four
    // million combinations of up to 100,000 samples there are five such.
    assert_eq!(allowed_failures(59_534, Ppm(2_000), 1_645), Ok(138));
    assert!(wilson_breaks(137, 59_534, 2_000, 1_645) && !wilson_breaks(136, 59_534, 2_000, 1_645));
}
