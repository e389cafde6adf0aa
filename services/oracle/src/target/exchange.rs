//! One request and its answer, as they went.

use std::time::Instant;

/// What was seen of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// When sending began, connecting included.
    pub sent: Instant,
    /// When the answer's head was there.
    pub answered: Option<Instant>,
    /// When the first byte of its body was there.
    pub first: Option<Instant>,
    /// When the last was.
    pub last: Option<Instant>,
    /// Its status.
    pub status: Option<u16>,
    /// The provider's own word for an error.
    pub code: Option<String>,
    /// What broke.
    pub transport: Option<Transport>,
}

/// How an exchange broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// It took too long.
    TimedOut,
    /// No connection came about.
    Unreachable,
    /// The connection broke, the body was shorter than announced, or what came is not HTTP.
    Interrupted,
    /// The body is longer than what was asked for.
    TooLong,
}

impl Exchange {
    /// An exchange that begins now.
    pub fn begin() -> Self {
        Self {
            sent: Instant::now(),
            answered: None,
            first: None,
            last: None,
            status: None,
            code: None,
            transport: None,
        }
    }

    /// From sending to the first byte, in µs; without a body, to the answer.
    pub fn latency_us(&self) -> u32 {
        self.first.or(self.answered).map_or(0, |first| micros(self.sent, first))
    }

    /// From the first byte to the last, or without a body from sending to the answer, in µs, at least 1.
    pub fn duration_us(&self) -> u32 {
        let took = match (self.first, self.last) {
            (Some(first), Some(last)) => micros(first, last),
            _ => self.answered.map_or(0, |answered| micros(self.sent, answered)),
        };
        took.max(1)
    }
}

fn micros(from: Instant, to: Instant) -> u32 {
    u32::try_from(to.duration_since(from).as_micros()).unwrap_or(u32::MAX)
}
