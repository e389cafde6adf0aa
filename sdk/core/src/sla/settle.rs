//! Settlement of a window: reads and writes only the SLA, moves no tokens.

use crate::committee::{SEATS_MAX, UNMEASURED_END};
use crate::error::{CoreError, Result};
use crate::money;
use crate::reputation;
use crate::sla::parts::{SeatStatus, SlaBody, SlaState};
use crate::units::{Atoms, Bps, Ppm, Timestamp};

/// Half of a due: what is paid for a blocked window.
const HALF: Bps = Bps(5_000);

/// How a window ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum WindowResult {
    /// No shortfall: paid in full.
    Met = 1,
    /// A shortfall: paid in part, the rest refunded, a penalty accrued.
    Breached = 2,
    /// Fewer than a majority of the committee came: paid in full, the absent owe the consumer.
    Unmeasured = 3,
    /// A majority came but was kept from measuring: half paid, half refunded, no penalty.
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

/// The submissions of a round, counted.
struct Tally {
    measured: u8,
    present: u8,
    absent: u8,
    excellent: u8,
    /// Shortfalls of measuring submissions, largest first.
    shortfalls: [u32; SEATS_MAX],
}

impl SlaBody {
    /// The status of a seat in the window at the cursor; `None` if the seat does not count there.
    #[inline]
    fn seat_status(&self, seat: usize) -> Option<SeatStatus> {
        let window = self.progress.cursor;
        self.seats.counts(seat, window).then(|| self.round.status_in(window, seat))
    }

    fn tally(&self) -> Result<Tally> {
        let mut tally =
            Tally { measured: 0, present: 0, absent: 0, excellent: 0, shortfalls: [0; SEATS_MAX] };
        for seat in self.seat_indices()? {
            let one = |count: &mut u8| *count = count.saturating_add(1);
            match self.seat_status(seat) {
                None => {}
                Some(SeatStatus::Absent | SeatStatus::Voided) => one(&mut tally.absent),
                Some(SeatStatus::Abstained) => one(&mut tally.present),
                Some(status @ (SeatStatus::Measured | SeatStatus::Excellent)) => {
                    let shortfall =
                        *self.round.shortfall_ppm.get(seat).ok_or(CoreError::SeatInvalid)?;
                    tally.insert(shortfall);
                    one(&mut tally.measured);
                    one(&mut tally.present);
                    if status == SeatStatus::Excellent {
                        one(&mut tally.excellent);
                    }
                }
            }
        }
        Ok(tally)
    }

    /// Whether the window at the cursor is due for settlement.
    #[inline]
    pub(super) fn is_due(&self, now: Timestamp) -> Result<bool> {
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
    /// [`CoreError::ArithmeticOverflow`], [`CoreError::AmountBelowZero`] only for an account that no
    /// transition of this library wrote.
    pub fn settle_next(&mut self, now: Timestamp) -> Result<Option<WindowOutcome>> {
        let window = self.progress.cursor;
        if !self.is_due(now)? {
            return Ok(None);
        }
        let tally = self.tally()?;
        let outcome = self.judge(window, &tally)?;
        self.book(&outcome, &tally)?;
        Ok(Some(outcome))
    }

    /// What the window at the cursor comes to.
    fn judge(&self, window: u16, tally: &Tally) -> Result<WindowOutcome> {
        let terms = &self.terms;
        let committee = terms.committee()?;
        let majority = committee.majority();
        let due = terms.due(window)?;
        let (result, shortfall, paid) = if tally.measured >= majority {
            let shortfall = tally.nth_largest(majority)?;
            let result =
                if shortfall == Ppm::ZERO { WindowResult::Met } else { WindowResult::Breached };
            (result, shortfall, money::pay_floor(due, shortfall, &terms.refund_curve())?)
        } else if tally.present >= majority {
            (WindowResult::Blocked, Ppm::ZERO, HALF.of_floor(due)?)
        } else {
            (WindowResult::Unmeasured, Ppm::ZERO, due)
        };
        let cover_left = Atoms(terms.cover).minus(Atoms(self.money.penalty_total))?;
        let paid_before = Atoms(self.money.paid_total);
        let absent_owe = result == WindowResult::Unmeasured && tally.absent > 0;
        let streak_ends = result == WindowResult::Unmeasured
            && self.progress.unmeasured_streak.saturating_add(1) >= UNMEASURED_END;
        let ended = streak_ends || window.saturating_add(1) >= self.progress.end;
        let mut outcome = WindowOutcome {
            window,
            result,
            shortfall,
            due,
            paid,
            refunded: due.minus(paid)?,
            penalty: money::penalty_floor(due, terms.penalty_multiple, shortfall, cover_left)?,
            protocol_fee: money::protocol_fee_step(
                paid_before,
                paid_before.plus(paid)?,
                Bps(terms.protocol_fee_bps),
            )?,
            oracle_fee: Atoms::ZERO,
            measured: tally.measured,
            absence: Atoms::ZERO,
            ended,
            returned: Atoms::ZERO,
        };
        if tally.measured > 0 {
            outcome.oracle_fee = money::oracle_fee_floor(
                due,
                Bps(terms.oracle_fee_bps),
                Atoms(terms.oracle_fee_min),
                committee,
            )?;
        }
        if absent_owe {
            for j in 0..tally.absent {
                let share = self.absence_share(due, j, tally.absent)?;
                outcome.absence = outcome.absence.plus(share)?;
            }
        }
        if ended {
            let spent = self.spent(&outcome)?;
            outcome.returned = Atoms(self.money.unallocated).minus(spent)?;
        }
        Ok(outcome)
    }

    /// The share of the `j`-th absent seat of `absent`: absences are split among at least N − m + 1.
    fn absence_share(&self, due: Atoms, j: u8, absent: u8) -> Result<Atoms> {
        let shares = absent.max(self.terms.committee()?.blocking());
        money::absence_share(due, Bps(self.terms.absence_bps), j, shares)
    }

    /// What a window takes from the unallocated deposit: its due and its fees.
    fn spent(&self, outcome: &WindowOutcome) -> Result<Atoms> {
        let oracle_fees = outcome.oracle_fee.times(u64::from(outcome.measured))?;
        outcome.due.plus(outcome.protocol_fee)?.plus(oracle_fees)
    }

    /// Books an outcome: everything fallible is computed first, then stored.
    fn book(&mut self, outcome: &WindowOutcome, tally: &Tally) -> Result<()> {
        let unallocated =
            Atoms(self.money.unallocated).minus(self.spent(outcome)?)?.minus(outcome.returned)?;
        let earned = Atoms(self.money.earned).plus(outcome.paid)?;
        let refundable =
            Atoms(self.money.refundable).plus(outcome.refunded)?.plus(outcome.returned)?;
        let protocol_fees = Atoms(self.money.protocol_fees).plus(outcome.protocol_fee)?;
        let paid_total = Atoms(self.money.paid_total).plus(outcome.paid)?;
        let penalty_total = Atoms(self.money.penalty_total).plus(outcome.penalty)?;
        let penalty_owed = Atoms(self.money.penalty_owed).plus(outcome.penalty)?;
        let points = self.unit_points(outcome, tally)?;
        let mut seats = self.seats;
        self.book_seats(&mut seats, outcome, tally)?;

        self.money.unallocated = unallocated.0;
        self.money.earned = earned.0;
        self.money.refundable = refundable.0;
        self.money.protocol_fees = protocol_fees.0;
        self.money.paid_total = paid_total.0;
        self.money.penalty_total = penalty_total.0;
        self.money.penalty_owed = penalty_owed.0;
        self.seats = seats;
        let progress = &mut self.progress;
        progress.points_milli = progress.points_milli.saturating_add(points);
        let (count, streak) = match outcome.result {
            WindowResult::Met => (&mut progress.met, 0),
            WindowResult::Breached => (&mut progress.breached, 0),
            WindowResult::Unmeasured => {
                (&mut progress.unmeasured, progress.unmeasured_streak.saturating_add(1))
            }
            WindowResult::Blocked => (&mut progress.blocked, 0),
        };
        *count = count.saturating_add(1);
        progress.unmeasured_streak = streak;
        progress.last_result = outcome.result.code();
        progress.cursor = outcome.window.saturating_add(1);
        if outcome.ended {
            progress.end = progress.cursor;
            progress.state = SlaState::Ended.code();
        }
        Ok(())
    }

    fn unit_points(&self, outcome: &WindowOutcome, tally: &Tally) -> Result<i32> {
        let window = self.terms.window();
        match outcome.result {
            WindowResult::Met => {
                let excellent = tally.excellent >= self.terms.committee()?.majority();
                reputation::points_met_milli(excellent, window)
            }
            WindowResult::Breached => reputation::points_breached_milli(outcome.shortfall, window),
            WindowResult::Unmeasured | WindowResult::Blocked => Ok(0),
        }
    }

    /// Each seat's fee, point, misses and absence.
    fn book_seats(
        &self,
        seats: &mut crate::sla::Seats,
        outcome: &WindowOutcome,
        tally: &Tally,
    ) -> Result<()> {
        let invalid = CoreError::SeatInvalid;
        let measured = matches!(outcome.result, WindowResult::Met | WindowResult::Breached);
        let mut absent_before = 0u8;
        for seat in self.seat_indices()? {
            let Some(status) = self.seat_status(seat) else {
                continue;
            };
            let missed = match status {
                SeatStatus::Measured | SeatStatus::Excellent => {
                    outcome.oracle_fee.add_to(seats.fees.get_mut(seat).ok_or(invalid)?)?;
                    false
                }
                SeatStatus::Abstained => measured,
                SeatStatus::Absent | SeatStatus::Voided => {
                    if outcome.result == WindowResult::Unmeasured {
                        let share = self.absence_share(outcome.due, absent_before, tally.absent)?;
                        share.add_to(seats.absence_owed.get_mut(seat).ok_or(invalid)?)?;
                    }
                    absent_before = absent_before.saturating_add(1);
                    true
                }
            };
            let points = seats.points.get_mut(seat).ok_or(invalid)?;
            *points = points.saturating_add(if missed { -1 } else { 1 });
            let run = seats.missed.get_mut(seat).ok_or(invalid)?;
            *run = if missed { run.saturating_add(1) } else { 0 };
        }
        Ok(())
    }
}

impl Tally {
    /// Inserts into the list kept largest first; the list has room for every seat.
    fn insert(&mut self, shortfall: u32) {
        let mut carried = shortfall;
        for place in self.shortfalls.iter_mut().take(usize::from(self.measured).saturating_add(1)) {
            if carried > *place {
                core::mem::swap(place, &mut carried);
            }
        }
    }

    /// The n-th largest shortfall, counting from 1.
    fn nth_largest(&self, n: u8) -> Result<Ppm> {
        let index = usize::from(n).checked_sub(1).ok_or(CoreError::SeatInvalid)?;
        self.shortfalls.get(index).map(|ppm| Ppm(*ppm)).ok_or(CoreError::SeatInvalid)
    }
}
