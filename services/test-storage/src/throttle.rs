//! The limit on the rate of requests.

use std::time::Instant;

/// A bucket of tokens, full at first: a request takes one, and time puts them back.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// How many there were, and when. None before the first request.
    seen: Option<(f64, Instant)>,
}

impl Tokens {
    /// Takes a token from a bucket that holds `per_second` of them and gets as many in a second; whether there was one.
    pub(crate) fn take(&mut self, per_second: u32, now: Instant) -> bool {
        let full = f64::from(per_second);
        let level = self.seen.map_or(full, |(level, at)| {
            let gained = now.saturating_duration_since(at).as_secs_f64() * full;
            (level + gained).min(full)
        });
        let taken = level >= 1.0;
        self.seen = Some((if taken { level - 1.0 } else { level }, now));
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_served_then_only_the_rate() {
        let (mut tokens, start) = (Tokens::default(), Instant::now());
        let mut served = |millis| tokens.take(4, start + Duration::from_millis(millis));
        assert_eq!(
            [0, 0, 0, 0, 0, 200, 250, 250].map(&mut served),
            [true, true, true, true, false, false, true, false]
        );
        assert_eq!([9_000; 5].map(&mut served), [true, true, true, true, false]);
    }

    #[test]
    fn none_is_none() {
        assert!(!Tokens::default().take(0, Instant::now()));
    }
}
