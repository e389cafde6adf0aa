//! What the server does wrong.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::request::{Operation, Request};

/// Decides whether an object is served.
pub type ServeOnly = Arc<dyn Fn(&Request) -> bool + Send + Sync>;

/// Parts per million that are everything.
const MILLION: u32 = 1_000_000;

/// What a server does wrong. By default: nothing.
#[derive(Clone, Default)]
pub struct Faults {
    /// The wait before every answer's first byte, or before the connection is reset, once the request's body is there.
    pub delay: Delay,
    /// Bytes per second at which requests' bodies are taken; none for no cap, 0 is taken for 1.
    /// The body of n bytes takes at least n / cap.
    pub upload: Option<u64>,
    /// Bytes per second at which answers' bodies are given; none for no cap, 0 is taken for 1.
    /// The first byte of several is sent at once, the last one not before n / cap.
    pub download: Option<u64>,
    /// What fails by chance. The rates that apply to an operation add up; where they are more than the whole, the first
    /// come first.
    pub failures: Vec<FailureRate>,
    /// How many in a million answers with (a part of) an object have one byte changed, the length being right.
    pub corruption_ppm: u32,
    /// Nothing works.
    pub outage: Option<Outage>,
    /// Which objects are served to those who read; the others are answered as if they did not exist. All if none.
    pub serve_only: Option<ServeOnly>,
    /// Everything is refused: 403 `AccessDenied`.
    pub refused: bool,
    /// No bucket is there: 404 `NoSuchBucket`.
    pub missing_bucket: bool,
    /// Nothing more is taken: 507 `QuotaExceeded` to every PUT.
    pub quota: bool,
    /// Too many requests are turned away.
    pub throttle: Option<Throttle>,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("delay", &self.delay)
            .field("upload", &self.upload)
            .field("download", &self.download)
            .field("failures", &self.failures)
            .field("corruption_ppm", &self.corruption_ppm)
            .field("outage", &self.outage)
            .field("serve_only", &self.serve_only.is_some())
            .field("refused", &self.refused)
            .field("missing_bucket", &self.missing_bucket)
            .field("quota", &self.quota)
            .field("throttle", &self.throttle)
            .finish()
    }
}

/// A distribution of waiting times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delay {
    /// No wait.
    #[default]
    None,
    /// Always the same.
    Fixed(Duration),
    /// Each time from `from` to `to` is as likely as any other. `from` if `to` is not later.
    Uniform {
        /// The shortest.
        from: Duration,
        /// The longest.
        to: Duration,
    },
    /// Exponentially distributed, and cut off.
    Exponential {
        /// The mean of the distribution that is not cut off.
        mean: Duration,
        /// The longest.
        cap: Duration,
    },
}

impl Delay {
    /// The time at the quantile `at`, in [0, 1).
    fn quantile(self, at: f64) -> Duration {
        let scaled = |time: Duration, by: f64| Duration::try_from_secs_f64(time.as_secs_f64() * by);
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(time) => time,
            Self::Uniform { from, to } => {
                let more = scaled(to.saturating_sub(from), at).unwrap_or_default();
                from.saturating_add(more)
            }
            Self::Exponential { mean, cap } => {
                scaled(mean, -(1.0 - at).ln()).unwrap_or(cap).min(cap)
            }
        }
    }
}

/// A failure by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureRate {
    /// What it befalls; everything if none.
    pub operation: Option<Operation>,
    /// How many in a million.
    pub ppm: u32,
    /// What happens then.
    pub failure: Failure,
}

/// How a request fails. The backend never hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An error is answered: the HTTP status (one outside 200 to 599 is made 500) and the S3 error code.
    Status(u16, &'static str),
    /// The connection is reset without an answer.
    Reset,
    /// Nothing happens for this long, then the connection is reset without an answer.
    Stall(Duration),
}

/// How nothing works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Everything is answered with 503 `ServiceUnavailable`.
    Unavailable,
    /// Each request is read, and its connection reset without an answer.
    Dropped,
    /// Each new connection is reset before a request is read: those have no entry in the log, but are counted by
    /// [`refused_connections`](crate::TestStorage::refused_connections). A request on a connection that was there before
    /// fares as with `Dropped`.
    Refused,
}

/// A limit on the rate of requests: a bucket of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Requests per second that are served on average, and that are served in one burst after a pause. 0 serves none.
    pub per_second: u32,
    /// What the others are answered with the code `SlowDown`: 503 as by S3, 429 as by others.
    pub status: u16,
}

/// What chance has for one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Draw {
    pub(crate) delay: Duration,
    pub(crate) failure: Option<Failure>,
    pub(crate) corruption: Option<Corruption>,
}

/// A change to one byte of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Corruption {
    /// Where in the body, in [0, 1).
    place: f64,
    /// Bits that change; at least one.
    bits: u8,
}

impl Corruption {
    /// Changes one byte; its place, or nothing if there is none to change.
    pub(crate) fn apply(self, body: &mut [u8]) -> Option<usize> {
        let last = body.len().checked_sub(1)?;
        let at = ((body.len() as f64 * self.place) as usize).min(last);
        let byte = body.get_mut(at)?;
        *byte ^= self.bits;
        Some(at)
    }
}

impl Faults {
    /// Draws for the request `serial` of a server with this seed. The same numbers are drawn whatever the faults are.
    pub(crate) fn draw(&self, seed: u64, serial: u64, operation: Operation) -> Draw {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&serial.to_le_bytes());
        let mut rng = StdRng::from_seed(key);
        let delay = self.delay.quantile(rng.random());
        let failing = rng.random_range(0..MILLION);
        let corrupting = rng.random_range(0..MILLION);
        let corruption = Corruption { place: rng.random(), bits: rng.random_range(1..=u8::MAX) };
        Draw {
            delay,
            failure: self.failure(failing, operation),
            corruption: (corrupting < self.corruption_ppm).then_some(corruption),
        }
    }

    fn failure(&self, drawn: u32, operation: Operation) -> Option<Failure> {
        let mut bound = 0u32;
        self.failures
            .iter()
            .filter(|rate| rate.operation.is_none_or(|of| of == operation))
            .find_map(|rate| {
                bound = bound.saturating_add(rate.ppm);
                (drawn < bound).then_some(rate.failure)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn delays_are_quantiles_of_their_distributions() {
        let uniform = Delay::Uniform { from: SECOND, to: 3 * SECOND };
        assert_eq!(
            [0.0, 0.25, 0.5].map(|at| uniform.quantile(at)),
            [SECOND, SECOND * 3 / 2, 2 * SECOND]
        );
        let exponential = Delay::Exponential { mean: SECOND, cap: 2 * SECOND };
        assert_eq!(exponential.quantile(0.0), Duration::ZERO);
        let median = exponential.quantile(0.5).as_secs_f64();
        assert!((median - std::f64::consts::LN_2).abs() < 1e-9, "{median}");
        assert_eq!(exponential.quantile(0.999), 2 * SECOND);
        assert_eq!(Delay::Fixed(SECOND).quantile(0.9), SECOND);
        assert_eq!(Delay::None.quantile(0.9), Duration::ZERO);
    }

    #[test]
    fn no_delay_is_too_odd() {
        let almost = 1.0 - f64::EPSILON / 2.0;
        assert_eq!(Delay::Uniform { from: 2 * SECOND, to: SECOND }.quantile(0.5), 2 * SECOND);
        assert!(Delay::Uniform { from: SECOND, to: Duration::MAX }.quantile(almost) >= SECOND);
        assert_eq!(
            Delay::Exponential { mean: Duration::MAX, cap: Duration::MAX }.quantile(almost),
            Duration::MAX
        );
    }

    #[test]
    fn rates_add_up_and_the_first_come_first() {
        let rate = |operation, ppm, failure| FailureRate { operation, ppm, failure };
        let (first, second, third) =
            (Failure::Reset, Failure::Status(500, "a"), Failure::Status(500, "b"));
        let failures = vec![
            rate(None, 100, first),
            rate(Some(Operation::Get), 200, second),
            rate(None, u32::MAX, third),
        ];
        let faults = Faults { failures, ..Faults::default() };
        let drawn = [0, 99, 100, 299, 300, MILLION - 1];
        let get = drawn.map(|drawn| faults.failure(drawn, Operation::Get));
        assert_eq!(get, [first, first, second, second, third, third].map(Some));
        let put = drawn.map(|drawn| faults.failure(drawn, Operation::Put));
        assert_eq!(put, [first, first, third, third, third, third].map(Some));
    }

    #[test]
    fn nothing_is_drawn_from_no_faults_and_all_from_certain_ones() {
        let certain = Faults { corruption_ppm: MILLION, ..Faults::default() };
        for serial in 0..1000 {
            let draw = Faults::default().draw(1, serial, Operation::Get);
            assert_eq!(draw, Draw { delay: Duration::ZERO, failure: None, corruption: None });
            let corruption = certain.draw(1, serial, Operation::Get).corruption.unwrap();
            let (before, mut after) = ([7; 5], [7; 5]);
            let at = corruption.apply(&mut after).unwrap();
            assert!((0..5).all(|place| (before[place] != after[place]) == (place == at)));
            assert_eq!(corruption.apply(&mut []), None);
        }
    }
}
