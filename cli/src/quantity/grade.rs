//! How good somebody is said to be: scores, and levels of certificates.

use flashback_core::admission::LEVEL_MAX;
use flashback_core::reputation::SCORE_MAX_MILLI;

use super::{Parsed, narrow, scaled};

/// A score in points, `0` to `100` with up to 3 decimals, as thousandths of a point.
pub fn score(text: &str) -> Parsed<u32> {
    let said = |error| format!("{error}: a score is 0 to 100 points with up to 3 decimals");
    let milli = narrow(text, scaled(text, 3).map_err(said)?)?;
    if milli > SCORE_MAX_MILLI {
        return Err(format!(
            "`{text}` is more than the highest score, {}",
            SCORE_MAX_MILLI / 1_000
        ));
    }
    Ok(milli)
}

/// A certificate's level: 1 to 4.
pub fn level(text: &str) -> Parsed<u8> {
    match level_or_none(text)? {
        0 => Err(format!("`{text}` is no level: 1 to {LEVEL_MAX}")),
        level => Ok(level),
    }
}

/// A certificate's level, 1 to 4, or 0 for no certificate.
pub fn level_or_none(text: &str) -> Parsed<u8> {
    let level = text.parse().ok().filter(|level| *level <= LEVEL_MAX);
    level.ok_or_else(|| format!("`{text}` is no level: 1 to {LEVEL_MAX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_to_four() {
        assert_eq!((level("1"), level("4"), level_or_none("0")), (Ok(1), Ok(LEVEL_MAX), Ok(0)));
        for bad in ["0", "5", "-1", "", "two", "1.5", "256"] {
            assert!(level(bad).unwrap_err().contains("1 to 4"), "{bad}");
        }
        assert!(level_or_none("5").is_err());
    }

    #[test]
    fn scores_are_points() {
        assert_eq!(score("0"), Ok(0));
        assert_eq!(score("66.5"), Ok(66_500));
        assert_eq!(score("100"), Ok(SCORE_MAX_MILLI));
        for bad in ["100.001", "-1", "", "50%", "1.0001", "99999999999"] {
            assert!(score(bad).is_err(), "{bad}");
        }
    }
}
