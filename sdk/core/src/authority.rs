//! What authorities may do beside parameters: the guardian's one pause, and what lapses by itself.

use crate::error::{CoreError, Result};
use crate::units::{DAY, Seconds, Timestamp};

/// The longest pause of new SLAs (fixed): 7 days.
pub const PAUSE_MAX_SECS: u32 = 7 * DAY;
/// How long an expired certificate or appointment stays before anyone may close it (fixed): 30 days.
pub const LAPSE_SECS: u32 = 30 * DAY;

/// When the pause of new SLAs ends, once the guardian has paused at `now` for a length: no earlier than it would have
/// (`until`). `used` says whether it has paused before.
///
/// # Errors
/// [`CoreError::PauseUsed`]; [`CoreError::PauseLengthInvalid`] unless 1 second to [`PAUSE_MAX_SECS`].
pub fn pause(until: Timestamp, used: bool, length: Seconds, now: Timestamp) -> Result<Timestamp> {
    if used {
        return Err(CoreError::PauseUsed);
    }
    if length.0 == 0 || length.0 > PAUSE_MAX_SECS {
        return Err(CoreError::PauseLengthInvalid);
    }
    Ok(now.after(u64::from(length.0))?.max(until))
}

/// Checks that what expired has been expired for [`LAPSE_SECS`]: anyone may close it then.
///
/// # Errors
/// [`CoreError::NotLapsed`].
pub fn check_lapsed(expires_at: Timestamp, now: Timestamp) -> Result<()> {
    if now < expires_at.after(u64::from(LAPSE_SECS))? {
        return Err(CoreError::NotLapsed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guardian_pauses_once_for_a_week_at_most() {
        let now = Timestamp(1_000);
        let pause = |used, length, now| pause(Timestamp(0), used, length, now);
        assert_eq!(pause(false, Seconds(604_800), now), Ok(Timestamp(605_800)));
        assert_eq!(pause(false, Seconds(604_801), now), Err(CoreError::PauseLengthInvalid));
        assert_eq!(pause(false, Seconds(0), now), Err(CoreError::PauseLengthInvalid));
        assert_eq!(pause(true, Seconds(1), now), Err(CoreError::PauseUsed));
        let shorter = super::pause(Timestamp(5_000), false, Seconds(1), now);
        assert_eq!(shorter, Ok(Timestamp(5_000)), "a new guardian shortens no pause");
    }

    #[test]
    fn what_expired_lapses_a_month_later() {
        assert_eq!(check_lapsed(Timestamp(5), Timestamp(2_592_004)), Err(CoreError::NotLapsed));
        assert_eq!(check_lapsed(Timestamp(5), Timestamp(2_592_005)), Ok(()));
        assert_eq!(
            check_lapsed(Timestamp(i64::MAX), Timestamp(i64::MAX)),
            Err(CoreError::ArithmeticOverflow)
        );
    }
}
