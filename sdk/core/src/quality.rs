//! From measured figures to one shortfall per submission.
//!
//! Counts (uptime, errors) are judged by Wilson's score bound (E. B. Wilson, "Probable inference, the law
//! of succession, and statistical inference", JASA 22, 1927), decided in integers; means (latency, speeds)
//! by how far they lie beyond their threshold.

use crate::error::{CoreError, Result};
use crate::math::{mul_div_ceil, mul_div_floor, sqrt_ceil};
use crate::units::{PPM_ONE, Ppm};

/// A threshold that promises nothing.
pub const NOT_PROMISED: u32 = u32::MAX;
/// The most samples of one metric in one window: keeps every formula within 64 bits.
pub const SAMPLES_MAX: u32 = 10_000_000;
/// Excess of a mean beyond its threshold that counts as no service at all: one fifth of the threshold.
const MEAN_FULL_BREACH_DIVISOR: u64 = 5;
/// Below this many samples the divisor of a count's shortfall stays constant, so that small samples have
/// no cliff.
const SMALL_SAMPLE: u64 = 10;

borsh_type! {
    /// What is promised of each metric. [`NOT_PROMISED`] leaves a metric out.
    pub struct Thresholds {
        /// Largest rate of failed availability probes, in ppm: 0 to 1,000,000.
        pub uptime_failures_ppm: u32,
        /// Largest rate of failed operations, in ppm: 0 to 1,000,000.
        pub errors_ppm: u32,
        /// Largest mean latency (time to first byte), in µs: above 0.
        pub latency_us: u32,
        /// Least mean upload speed, in KiB/s: above 0.
        pub upload_kib_s: u32,
        /// Least mean download speed, in KiB/s: above 0.
        pub download_kib_s: u32,
    }
}

impl Thresholds {
    /// Promises nothing; a base to fill in.
    pub const NONE: Thresholds = Thresholds {
        uptime_failures_ppm: NOT_PROMISED,
        errors_ppm: NOT_PROMISED,
        latency_us: NOT_PROMISED,
        upload_kib_s: NOT_PROMISED,
        download_kib_s: NOT_PROMISED,
    };

    /// Whether a latency or a speed is promised.
    fn promises_a_mean(&self) -> bool {
        [self.latency_us, self.upload_kib_s, self.download_kib_s]
            .iter()
            .any(|mean| *mean != NOT_PROMISED)
    }

    /// Checks ranges, that at least one metric is promised, and errors where a mean is: a mean is over what succeeded, so
    /// alone it would be kept by failing whatever is slow.
    ///
    /// # Errors
    /// [`CoreError::ThresholdInvalid`].
    pub fn check(&self) -> Result<()> {
        let rate = |t: u32| t == NOT_PROMISED || t <= PPM_ONE;
        let mean = |t: u32| t > 0;
        let valid = rate(self.uptime_failures_ppm)
            && rate(self.errors_ppm)
            && mean(self.latency_us)
            && mean(self.upload_kib_s)
            && mean(self.download_kib_s)
            && *self != Self::NONE
            && (self.errors_ppm != NOT_PROMISED || !self.promises_a_mean());
        if valid { Ok(()) } else { Err(CoreError::ThresholdInvalid) }
    }
}

borsh_type! {
    /// What one oracle measured in one window: counts and sums over its records.
    pub struct Aggregate {
        /// Probing rounds attempted, conclusive or not.
        pub attempts: u32,
        /// Conclusive availability probes.
        pub probes_total: u32,
        /// Those that found the service up.
        pub probes_ok: u32,
        /// Conclusive operations.
        pub ops_total: u32,
        /// Those that succeeded.
        pub ops_ok: u32,
        /// Latency samples.
        pub latency_count: u32,
        /// Upload samples.
        pub upload_count: u32,
        /// Download samples.
        pub download_count: u32,
        /// Sum of latencies, in µs.
        pub latency_sum_us: u64,
        /// Sum of upload speeds, in KiB/s.
        pub upload_sum_kib_s: u64,
        /// Sum of download speeds, in KiB/s.
        pub download_sum_kib_s: u64,
    }
}

/// Bytes of an encoded [`Aggregate`].
pub const AGGREGATE_SIZE: usize = 56;

impl Aggregate {
    /// Nothing measured.
    pub const EMPTY: Aggregate = Aggregate {
        attempts: 0,
        probes_total: 0,
        probes_ok: 0,
        ops_total: 0,
        ops_ok: 0,
        latency_count: 0,
        upload_count: 0,
        download_count: 0,
        latency_sum_us: 0,
        upload_sum_kib_s: 0,
        download_sum_kib_s: 0,
    };

    /// Checks that the counts do not contradict each other.
    ///
    /// # Errors
    /// [`CoreError::SampleCountTooLarge`], [`CoreError::AggregateInconsistent`].
    pub fn check(&self) -> Result<()> {
        let counts = [
            self.attempts,
            self.probes_total,
            self.ops_total,
            self.latency_count,
            self.upload_count,
            self.download_count,
        ];
        if counts.iter().any(|count| *count > SAMPLES_MAX) {
            return Err(CoreError::SampleCountTooLarge);
        }
        let consistent = self.probes_ok <= self.probes_total
            && self.ops_ok <= self.ops_total
            && self.probes_total <= self.attempts
            && (self.latency_count > 0 || self.latency_sum_us == 0)
            && (self.upload_count > 0 || self.upload_sum_kib_s == 0)
            && (self.download_count > 0 || self.download_sum_kib_s == 0);
        if consistent { Ok(()) } else { Err(CoreError::AggregateInconsistent) }
    }

    /// The canonical bytes that an oracle commits to: the fields in order, little-endian.
    pub fn encode(&self) -> [u8; AGGREGATE_SIZE] {
        let mut bytes = [0; AGGREGATE_SIZE];
        let counts = [
            self.attempts,
            self.probes_total,
            self.probes_ok,
            self.ops_total,
            self.ops_ok,
            self.latency_count,
            self.upload_count,
            self.download_count,
        ];
        let sums = [self.latency_sum_us, self.upload_sum_kib_s, self.download_sum_kib_s];
        let (count_bytes, sum_bytes) = bytes.split_at_mut(32);
        for (slot, count) in count_bytes.chunks_exact_mut(4).zip(counts) {
            slot.copy_from_slice(&count.to_le_bytes());
        }
        for (slot, sum) in sum_bytes.chunks_exact_mut(8).zip(sums) {
            slot.copy_from_slice(&sum.to_le_bytes());
        }
        bytes
    }
}

/// How strictly figures are judged: copied from the parameters into each SLA's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Confidence, in thousandths of a standard deviation.
    pub z_milli: u16,
    /// Fewest conclusive samples of each promised metric.
    pub min_samples: u16,
    /// Excess failure rate that counts as no service.
    pub uptime_full_breach: Ppm,
    /// Excess error rate that counts as no service.
    pub errors_full_breach: Ppm,
    /// Probes that an abstaining submission must have attempted.
    pub probes: u32,
}

/// What one submission says of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Too few conclusive samples of a promised metric, though the agreed probes were attempted, and no shortfall in
    /// any other.
    Abstained,
    /// Measured.
    Measured {
        /// The worst metric's shortfall: 0 is met, one is no service.
        shortfall: Ppm,
        /// Every count used at most half of its allowed failures and every mean was 20 % better.
        excellent: bool,
    },
}

/// How many of `n` samples may fail at an agreed failure rate before the promise counts as broken:
/// `max(1, ⌈n·t + z·√(n·t·(1−t))⌉)`, Wilson's decision in integers, rounded up.
///
/// With x the exact bound, Wilson's lower bound of the observed failure rate exceeds `rate` if the failures exceed x;
/// here they must exceed ⌈x⌉. So the rounding errs on the provider's side alone: the failure between x and ⌈x⌉ is
/// forgiven, and the first one always. The root is rounded up as well: where x lies less than z·10⁻⁶ failures below
/// an integer, one more is forgiven.
///
/// # Errors
/// [`CoreError::SampleCountTooLarge`] above [`SAMPLES_MAX`]; [`CoreError::ThresholdInvalid`] for rates above one.
pub fn allowed_failures(n: u32, rate: Ppm, z_milli: u16) -> Result<u32> {
    if n > SAMPLES_MAX {
        return Err(CoreError::SampleCountTooLarge);
    }
    if rate > Ppm::ONE {
        return Err(CoreError::ThresholdInvalid);
    }
    let overflow = CoreError::ArithmeticOverflow;
    // n·t ≤ 10¹³; n·t·(10⁶−t) ≤ 2.5·10¹⁸; the sum ≤ 10¹⁶ + 6.6·10⁴·1.6·10⁹: all within 64 bits.
    let expected = u64::from(n).checked_mul(u64::from(rate.0)).ok_or(overflow)?;
    let variance = expected.checked_mul(u64::from(rate.complement().0)).ok_or(overflow)?;
    let margin = u64::from(z_milli).checked_mul(sqrt_ceil(variance)).ok_or(overflow)?;
    let scaled = expected.checked_mul(1_000).and_then(|e| e.checked_add(margin)).ok_or(overflow)?;
    let allowed = mul_div_ceil(scaled, 1, 1_000_000_000)?;
    u32::try_from(allowed.max(1)).map_err(|_| overflow)
}

/// The failure rate that `n` samples can enforce for a promised rate: allowed failures over samples,
/// rounded up, at most one. Quotes show it beside the promise.
///
/// # Errors
/// As [`allowed_failures`]; [`CoreError::ArithmeticOverflow`] for zero samples.
pub fn effective_rate(n: u32, rate: Ppm, z_milli: u16) -> Result<Ppm> {
    let allowed = allowed_failures(n, rate, z_milli)?;
    let ppm = mul_div_ceil(u64::from(allowed), u64::from(PPM_ONE), u64::from(n))?;
    Ok(Ppm(u32::try_from(ppm).unwrap_or(PPM_ONE).min(PPM_ONE)))
}

/// The shortfall of a count: `(failures − allowed)⁺ / max(n · full breach, 10 · 1)`, clamped to one,
/// rounded down to a ppm.
///
/// # Errors
/// [`CoreError::ArithmeticOverflow`] beyond [`SAMPLES_MAX`] failures.
pub fn shortfall_of_count(failures: u32, allowed: u32, n: u32, full_breach: Ppm) -> Result<Ppm> {
    let excess = u64::from(failures.saturating_sub(allowed));
    if excess == 0 {
        return Ok(Ppm::ZERO);
    }
    // Samples ≤ 10⁷, so the numerator ≤ 10¹⁹ < 2⁶⁴.
    let divisor = u64::from(n)
        .saturating_mul(u64::from(full_breach.0))
        .max(SMALL_SAMPLE.saturating_mul(u64::from(PPM_ONE)));
    clamp(mul_div_floor(excess, 1_000_000_000_000, divisor)?)
}

/// The shortfall of a mean: its excess beyond the threshold over a fifth of the threshold, clamped to
/// one, rounded down to a ppm.
///
/// # Errors
/// [`CoreError::ThresholdInvalid`] for a threshold of zero.
pub fn shortfall_of_mean(excess: u64, threshold: u32) -> Result<Ppm> {
    if threshold == 0 {
        return Err(CoreError::ThresholdInvalid);
    }
    if excess == 0 {
        return Ok(Ppm::ZERO);
    }
    // Beyond the threshold itself it is five times a full breach: keep the product small.
    let excess = excess.min(u64::from(threshold));
    let scale = MEAN_FULL_BREACH_DIVISOR.saturating_mul(u64::from(PPM_ONE));
    clamp(mul_div_floor(excess, scale, u64::from(threshold))?)
}

fn clamp(ppm: u64) -> Result<Ppm> {
    Ok(u32::try_from(ppm).map_or(Ppm::ONE, |ppm| Ppm(ppm.min(PPM_ONE))))
}

/// Evaluates a submission to one verdict: the worst promised metric of which there are enough samples.
///
/// A metric with too few says nothing, and makes the submission an abstention only if no other falls short: else a
/// service that is wholly down, and so has no speed to measure, would be better off than a slow one. (Whoever promises a
/// speed promises errors too, which an outage is.) A mean that lacks samples mostly because operations failed is judged
/// by those that there are.
///
/// # Errors
/// [`CoreError::AttemptsTooFew`] for too few samples if the agreed probes were not attempted; and what
/// [`Aggregate::check`] says.
pub fn evaluate(
    aggregate: &Aggregate,
    thresholds: &Thresholds,
    judgement: &Judgement,
) -> Result<Verdict> {
    aggregate.check()?;
    let counts = [
        Count {
            promised: thresholds.uptime_failures_ppm,
            total: aggregate.probes_total,
            ok: aggregate.probes_ok,
            full_breach: judgement.uptime_full_breach,
        },
        Count {
            promised: thresholds.errors_ppm,
            total: aggregate.ops_total,
            ok: aggregate.ops_ok,
            full_breach: judgement.errors_full_breach,
        },
    ];
    let means = [
        Mean {
            promised: thresholds.latency_us,
            count: aggregate.latency_count,
            sum: aggregate.latency_sum_us,
            better: Better::Lower,
        },
        Mean {
            promised: thresholds.upload_kib_s,
            count: aggregate.upload_count,
            sum: aggregate.upload_sum_kib_s,
            better: Better::Higher,
        },
        Mean {
            promised: thresholds.download_kib_s,
            count: aggregate.download_count,
            sum: aggregate.download_sum_kib_s,
            better: Better::Higher,
        },
    ];
    let too_few = |promised: u32, samples: u32| {
        promised != NOT_PROMISED && samples < u32::from(judgement.min_samples)
    };
    let mut shortfall = Ppm::ZERO;
    let mut excellent = true;
    let mut thin = false;
    for count in counts.iter().filter(|count| count.promised != NOT_PROMISED) {
        if too_few(count.promised, count.total) {
            thin = true;
            continue;
        }
        let (metric, good) = count.judge(judgement.z_milli)?;
        shortfall = shortfall.max(metric);
        excellent &= good;
    }
    // An operation that fails is no sample of a mean. Failing a few on purpose hides how slow the others were no better
    // than serving them: where failures can be why samples lack (half of them at least), those that there are judge.
    let failed = aggregate.ops_total.saturating_sub(aggregate.ops_ok);
    for mean in means.iter().filter(|mean| mean.promised != NOT_PROMISED) {
        if too_few(mean.promised, mean.count) {
            let enough = !too_few(mean.promised, mean.count.saturating_add(failed));
            let missing = aggregate.attempts.saturating_sub(mean.count);
            if mean.count == 0 || !enough || failed.saturating_mul(2) < missing {
                thin = true;
                continue;
            }
        }
        let (metric, good) = mean.judge()?;
        shortfall = shortfall.max(metric);
        excellent &= good;
    }
    if thin && shortfall == Ppm::ZERO {
        // Saying nothing is a right only of who has tried: else it is an absence.
        if aggregate.attempts < judgement.probes {
            return Err(CoreError::AttemptsTooFew);
        }
        return Ok(Verdict::Abstained);
    }
    let excellent = excellent && !thin && shortfall == Ppm::ZERO;
    Ok(Verdict::Measured { shortfall, excellent })
}

struct Count {
    promised: u32,
    total: u32,
    ok: u32,
    full_breach: Ppm,
}

impl Count {
    fn judge(&self, z_milli: u16) -> Result<(Ppm, bool)> {
        let failures = self.total.saturating_sub(self.ok);
        let allowed = allowed_failures(self.total, Ppm(self.promised), z_milli)?;
        let shortfall = shortfall_of_count(failures, allowed, self.total, self.full_breach)?;
        Ok((shortfall, failures.saturating_mul(2) <= allowed))
    }
}

enum Better {
    Lower,
    Higher,
}

struct Mean {
    promised: u32,
    count: u32,
    sum: u64,
    better: Better,
}

impl Mean {
    fn judge(&self) -> Result<(Ppm, bool)> {
        let threshold = u64::from(self.promised);
        // Means are rounded down; the caller has refused a count of zero.
        let mean =
            self.sum.checked_div(u64::from(self.count)).ok_or(CoreError::ArithmeticOverflow)?;
        let (excess, margin) = match self.better {
            Better::Lower => (mean.saturating_sub(threshold), threshold.saturating_sub(mean)),
            Better::Higher => (threshold.saturating_sub(mean), mean.saturating_sub(threshold)),
        };
        let shortfall = shortfall_of_mean(excess, self.promised)?;
        Ok((shortfall, margin.saturating_mul(MEAN_FULL_BREACH_DIVISOR) >= threshold))
    }
}

#[cfg(test)]
mod tests;
