//! Settlement of a window: reads and writes only the SLA, moves no tokens.

use crate::committee::UNMEASURED_END;
use crate::error::{CoreError, Result};
use crate::math::mul_div_floor;
use crate::money;
use crate::sla::judge::Consequences;
use crate::sla::parts::{SlaBody, SlaState};
use crate::units::{Atoms, Bps, Ppm, Timestamp};

/// The most SLAs of a batch (fixed): with more, the record of what became of each would not fit the log's 10,000 bytes.
pub const BATCH_MAX: usize = 126;

/// Checks the size of a batch.
///
/// # Errors
/// [`CoreError::BatchInvalid`] unless 1 to [`BATCH_MAX`].
pub fn check_batch(slas: usize) -> Result<()> {
    if (1..=BATCH_MAX).contains(&slas) { Ok(()) } else { Err(CoreError::BatchInvalid) }
}

/// How a window ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum WindowResult {
    /// No shortfall: paid in full.
    Met = 1,
    /// A shortfall: paid in part, the rest refunded, a penalty accrued.
    Breached = 2,
    /// Fewer than a majority of the committee submitted anything: paid in full, the absent owe the consumer.
    Unmeasured = 3,
    /// A majority submitted, but no majority measured: half paid, half refunded, no penalty.
    Blocked = 4,
}

impl WindowResult {
    /// The stored code.
    #[allow(clippy::as_conversions, reason = "a fieldless repr(u8) enum")]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The result of a stored code.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Met),
            2 => Some(Self::Breached),
            3 => Some(Self::Unmeasured),
            4 => Some(Self::Blocked),
            _ => None,
        }
    }
}

/// What a settled window came to. `due = paid + refunded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowOutcome {
    /// The window.
    pub window: u16,
    /// How it ended.
    pub result: WindowResult,
    /// Its shortfall; zero unless breached.
    pub shortfall: Ppm,
    /// What it cost at most.
    pub due: Atoms,
    /// Of that, the provider's.
    pub paid: Atoms,
    /// Of that, the consumer's.
    pub refunded: Atoms,
    /// Penalty accrued against the provider's stake.
    pub penalty: Atoms,
    /// Protocol fee, on top.
    pub protocol_fee: Atoms,
    /// Fee of each measuring submission, on top.
    pub oracle_fee: Atoms,
    /// Number of measuring submissions.
    pub measured: u8,
    /// Absences accrued against the stake of silent oracles, together.
    pub absence: Atoms,
    /// Whether the SLA ended with this window.
    pub ended: bool,
    /// What the end gave back to the consumer of the deposit not allotted.
    pub returned: Atoms,
}

impl WindowOutcome {
    /// Due and oracle fees.
    pub(super) fn due_and_oracle_fees(&self) -> Result<Atoms> {
        self.due.plus(self.oracle_fee.times(u64::from(self.measured))?)
    }
}

impl SlaBody {
    /// Whether the window at the cursor is due for settlement at `now`: whether anyone can settle it.
    ///
    /// # Errors
    /// [`crate::CoreError::ArithmeticOverflow`] for terms that no quote made.
    #[inline]
    pub fn is_due(&self, now: Timestamp) -> Result<bool> {
        let window = self.progress.cursor;
        let active = self.progress.state == SlaState::Active.code();
        Ok(active && window < self.progress.end && now >= self.terms.settles_at(window)?)
    }

    /// Settles the window at the cursor, if it is due at `now`; says what it came to.
    ///
    /// Several windows can be due when submissions stayed away (never more than four): call it until it
    /// returns `None`. On an error nothing has changed.
    ///
    /// # Errors
    /// [`crate::CoreError::ArithmeticOverflow`], [`crate::CoreError::AmountBelowZero`] only for an account that no
    /// transition of this library wrote.
    pub fn settle_next(&mut self, now: Timestamp) -> Result<Option<WindowOutcome>> {
        if !self.is_due(now)? {
            return Ok(None);
        }
        let submissions = self.submissions()?;
        let tally = submissions.tally();
        let mut outcome = self.judge(self.progress.cursor, &tally)?;
        // Everything fallible is computed first, then stored.
        let mut money = self.credited(&outcome)?;
        let spent = outcome.due_and_oracle_fees()?.plus(outcome.protocol_fee)?;
        spent.take_from(&mut money.unallocated)?;
        outcome.ended = self.ends_with(&outcome);
        if outcome.ended {
            let kept = self.protocol_fees_to_come(Atoms(money.paid_total), 0)?;
            outcome.returned = Atoms(money.unallocated).minus(kept)?;
            money.unallocated = kept.0;
            outcome.returned.add_to(&mut money.refundable)?;
        }
        let points = self.unit_points(&outcome, &tally)?;
        let mut seats = self.seats;
        seats.book(&submissions, Consequences::new(&self.terms, &outcome, &tally))?;
        self.money = money;
        self.seats = seats;
        self.count(&outcome, points);
        self.pass(&outcome);
        Ok(Some(outcome))
    }

    /// Whether the SLA ends with the window at the cursor if it comes to that.
    pub(super) fn ends_with(&self, outcome: &WindowOutcome) -> bool {
        let streak_ends = outcome.result == WindowResult::Unmeasured
            && self.progress.unmeasured_streak.saturating_add(1) >= UNMEASURED_END;
        streak_ends || outcome.window.saturating_add(1) >= self.progress.end
    }

    /// The most that protocol fees of contested windows can still come to, once `paid_total` was paid;
    /// `contested` says how many windows join them now, the one at the cursor being the last.
    pub(super) fn protocol_fees_to_come(&self, paid_total: Atoms, contested: u16) -> Result<Atoms> {
        if self.unsettled_rounds().saturating_add(contested) == 0 {
            return Ok(Atoms::ZERO);
        }
        let passed = u64::from(self.progress.cursor.saturating_add(1));
        let dues = mul_div_floor(self.terms.price, passed, u64::from(self.terms.windows))?;
        money::protocol_fee_step(paid_total, Atoms(dues), Bps(self.terms.protocol_fee_bps))
    }

    /// Moves on from the window at the cursor, as it stands.
    pub(super) fn pass(&mut self, outcome: &WindowOutcome) {
        let progress = &mut self.progress;
        progress.unmeasured_streak = match outcome.result {
            WindowResult::Unmeasured => progress.unmeasured_streak.saturating_add(1),
            _ => 0,
        };
        progress.last_result = outcome.result.code();
        progress.cursor = outcome.window.saturating_add(1);
        if outcome.ended {
            progress.end = progress.cursor;
            progress.state = SlaState::Ended.code();
        }
    }
}
