//! Ending an SLA early. The rest is refunded when its last remaining window settles.

use crate::error::{CoreError, Result};
use crate::math::mul_div_ceil;
use crate::sla::parts::{SlaBody, SlaState};
use crate::sla::settle::WindowResult;
use crate::units::{DAY, Timestamp};

/// Whole windows of notice that a provider gives (fixed).
pub const NOTICE_WINDOWS: u16 = 7;
/// Seconds of notice that a provider gives (fixed): 7 days.
pub const NOTICE_SECS: u32 = 7 * DAY;

/// How far a termination moved the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Termination {
    /// The window at which the SLA would have ended (exclusive).
    pub end_before: u16,
    /// The window at which it ends now (exclusive).
    pub end: u16,
}

impl SlaBody {
    /// The consumer ends the SLA with the window after the current one, or with the current one if the last
    /// settled window was Unmeasured or Blocked. Before the first window, that is the first window.
    ///
    /// A consumer that is served (no window settled yet, or the last one met) ends it no earlier than after the
    /// shortest duration that was offered: else a reservation of a window would buy another try at the committee.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Active; [`CoreError::SettlementDue`] while a window that is due could
    /// still change the answer; [`CoreError::EndNotEarlier`].
    pub fn terminate_by_consumer(&mut self, now: Timestamp) -> Result<Termination> {
        self.check_settled(now)?;
        let begun = self.windows_begun(now)?;
        let unserved =
            self.last_was(WindowResult::Unmeasured) || self.last_was(WindowResult::Blocked);
        // A consumer cannot bring a breach about: it is not held to a promise that the provider broke.
        let served = !unserved && !self.last_was(WindowResult::Breached);
        let least = if served { self.terms.min_windows } else { 0 };
        self.end_at(if unserved { begun } else { begun.saturating_add(1).max(least) })
    }

    /// The provider ends the SLA with a notice of seven whole windows and seven days, or with the current
    /// window if the last settled one was Blocked.
    ///
    /// # Errors
    /// As [`SlaBody::terminate_by_consumer`]; [`CoreError::EndNotEarlier`] also where all windows that remain are
    /// within the notice.
    pub fn terminate_by_provider(&mut self, now: Timestamp) -> Result<Termination> {
        self.check_settled(now)?;
        let begun = self.windows_begun(now)?;
        if self.last_was(WindowResult::Blocked) {
            return self.end_at(begun);
        }
        let noticed = now.after(u64::from(NOTICE_SECS))?;
        let by_time = self.windows_until(noticed)?;
        self.end_at(begun.saturating_add(NOTICE_WINDOWS).max(by_time))
    }

    /// How many windows have begun by `now`, as if the SLA had no end: the current window is the last of them.
    pub(super) fn windows_begun(&self, now: Timestamp) -> Result<u16> {
        self.windows_until(now.after(1)?)
    }

    /// The first window that begins at `time` or later.
    pub(super) fn windows_until(&self, time: Timestamp) -> Result<u16> {
        let span = time.since(Timestamp(self.terms.start));
        let windows = mul_div_ceil(span, 1, u64::from(self.terms.window_secs))?;
        Ok(u16::try_from(windows).unwrap_or(u16::MAX))
    }

    /// Requires an Active SLA of which no window is due for settlement.
    pub(super) fn check_settled(&self, now: Timestamp) -> Result<()> {
        self.progress.require(SlaState::Active)?;
        if self.is_due(now)? { Err(CoreError::SettlementDue) } else { Ok(()) }
    }

    fn last_was(&self, result: WindowResult) -> bool {
        self.progress.last_result == result.code()
    }

    /// An end only ever moves earlier, and never before a window that was settled or is being measured.
    fn end_at(&mut self, end: u16) -> Result<Termination> {
        let end_before = self.progress.end;
        let end = end.max(self.progress.cursor.saturating_add(1));
        if end >= end_before {
            return Err(CoreError::EndNotEarlier);
        }
        self.progress.end = end;
        Ok(Termination { end_before, end })
    }
}
