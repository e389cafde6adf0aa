//! Points in time.

use chrono::DateTime;
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::Result;

use super::{Parsed, duration};

/// A point in time as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// That second.
    At(Timestamp),
    /// So long after the chain's now.
    After(Seconds),
}

impl Time {
    /// The second that it is, seen at `now`.
    ///
    /// # Errors
    /// If no clock shows it.
    pub fn seen_at(self, now: Timestamp) -> Result<Timestamp> {
        match self {
            Self::At(time) => Ok(time),
            Self::After(span) => Ok(now.after(u64::from(span.0))?),
        }
    }
}

/// A point in time: `2026-12-01T00:00:00Z` (RFC 3339), unix seconds, or `+SPAN`, such as `+36h`, from the chain's now.
/// No fractions of a second, and nothing before 1970.
pub fn time(text: &str) -> Parsed<Time> {
    if let Some(span) = text.strip_prefix('+') {
        return duration(span).map(Time::After);
    }
    let unix = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| format!("`{text}` is too large"))?
    } else {
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| {
            format!(
                "`{text}` is no time: write 2026-12-01T00:00:00Z, unix seconds, or +36h for in 36 hours"
            )
        })?;
        if parsed.timestamp_subsec_nanos() > 0 {
            return Err(format!("`{text}` is no whole second"));
        }
        parsed.timestamp()
    };
    if unix < 0 { Err(format!("`{text}` is before 1970")) } else { Ok(Time::At(Timestamp(unix))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_ways_to_name_a_second() {
        let at = |unix| Ok(Time::At(Timestamp(unix)));
        assert_eq!(time("1796083200"), at(1_796_083_200));
        assert_eq!(time("0"), at(0));
        assert_eq!(time("2026-12-01T00:00:00Z"), at(1_796_083_200));
        assert_eq!(time("2026-12-01T02:00:00+02:00"), at(1_796_083_200));
        assert_eq!(time("2026-12-01 00:00:00Z"), at(1_796_083_200));
        assert_eq!(time("+1d12h"), Ok(Time::After(Seconds(129_600))));
    }

    #[test]
    fn what_is_no_whole_second_is_refused() {
        for (bad, said) in [
            ("", "is no time"),
            ("tomorrow", "is no time"),
            ("2026-12-01", "is no time"),
            ("2026-12-01T00:00:00", "is no time"),
            ("2026-02-30T00:00:00Z", "is no time"),
            ("-1", "is no time"),
            ("2026-12-01T00:00:00.5Z", "no whole second"),
            ("1969-12-31T23:59:59Z", "before 1970"),
            ("99999999999999999999", "too large"),
            ("+", "no time span"),
            ("+0s", "no time span"),
            ("+36", "needs a unit"),
        ] {
            let error = time(bad).unwrap_err();
            assert!(error.contains(said), "{bad}: {error}");
        }
    }

    #[test]
    fn spans_count_from_now() {
        let seen = |text, now| time(text).unwrap().seen_at(Timestamp(now));
        assert_eq!(seen("+1h", 1_000).unwrap(), Timestamp(4_600));
        assert_eq!(seen("5", 1_000).unwrap(), Timestamp(5));
        assert!(seen("+1h", i64::MAX).is_err());
    }
}
