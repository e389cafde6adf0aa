//! What a window's submissions come to: the same judgement for a window at the cursor and a contested round.

use crate::committee::SEATS_MAX;
use crate::error::{CoreError, Result};
use crate::money;
use crate::reputation;
use crate::sla::parts::{Money, SeatStatus, Seats, SlaBody};
use crate::sla::settle::{WindowOutcome, WindowResult};
use crate::units::{Atoms, Bps, Ppm};

/// Half of a due: what is paid for a blocked window.
const HALF: Bps = Bps(5_000);

/// The submissions of one window, by seat; `None` where no seat counts.
pub(super) struct Submissions {
    pub(super) statuses: [Option<SeatStatus>; SEATS_MAX],
    pub(super) shortfalls: [u32; SEATS_MAX],
}

/// The submissions of a window, counted.
pub(super) struct Tally {
    pub(super) measured: u8,
    present: u8,
    absent: u8,
    excellent: u8,
    /// Measuring submissions that found a shortfall.
    positive: u8,
    /// Shortfalls of measuring submissions, largest first.
    shortfalls: [u32; SEATS_MAX],
}

/// What a window brings one seat.
#[derive(Clone, Copy)]
pub(super) struct Consequence {
    pub(super) fee: Atoms,
    pub(super) absence: Atoms,
    /// Whether it costs a point.
    pub(super) missed: bool,
    /// Whether nothing of it counts.
    pub(super) absent: bool,
}

/// What a window brings its seats, asked for one after the other, by index.
pub(super) struct Consequences<'a> {
    terms: &'a crate::sla::SlaTerms,
    due: Atoms,
    result: WindowResult,
    fee: Atoms,
    absent: u8,
    absent_before: u8,
}

impl Submissions {
    #[inline]
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally {
            measured: 0,
            present: 0,
            absent: 0,
            excellent: 0,
            positive: 0,
            shortfalls: [0; SEATS_MAX],
        };
        let one = |count: &mut u8| *count = count.saturating_add(1);
        for (status, shortfall) in self.statuses.iter().zip(&self.shortfalls) {
            match status {
                None => {}
                Some(SeatStatus::Absent | SeatStatus::Voided) => one(&mut tally.absent),
                Some(SeatStatus::Abstained) => one(&mut tally.present),
                Some(status @ (SeatStatus::Measured | SeatStatus::Excellent)) => {
                    // The list begins with zeros.
                    if *shortfall > 0 {
                        tally.insert(*shortfall);
                    }
                    one(&mut tally.measured);
                    one(&mut tally.present);
                    if *status == SeatStatus::Excellent {
                        one(&mut tally.excellent);
                    }
                }
            }
        }
        tally
    }
}

impl<'a> Consequences<'a> {
    pub(super) fn new(
        terms: &'a crate::sla::SlaTerms,
        outcome: &WindowOutcome,
        tally: &Tally,
    ) -> Self {
        Self {
            terms,
            due: outcome.due,
            result: outcome.result,
            fee: outcome.oracle_fee,
            absent: tally.absent,
            absent_before: 0,
        }
    }

    /// What it brings the next seat that counts.
    #[inline(always)]
    pub(super) fn of(&mut self, status: SeatStatus) -> Result<Consequence> {
        let mut consequence =
            Consequence { fee: Atoms::ZERO, absence: Atoms::ZERO, missed: false, absent: false };
        match status {
            SeatStatus::Measured | SeatStatus::Excellent => consequence.fee = self.fee,
            SeatStatus::Abstained => {
                consequence.missed =
                    matches!(self.result, WindowResult::Met | WindowResult::Breached);
            }
            SeatStatus::Absent | SeatStatus::Voided => {
                if self.result == WindowResult::Unmeasured {
                    consequence.absence =
                        self.terms.absence_of(self.due, self.absent_before, self.absent)?;
                }
                self.absent_before = self.absent_before.saturating_add(1);
                consequence.missed = true;
                consequence.absent = true;
            }
        }
        Ok(consequence)
    }
}

impl Seats {
    /// Books what a window brings every seat, and lengthens or ends its run of absences.
    pub(super) fn book(
        &mut self,
        submissions: &Submissions,
        mut consequences: Consequences<'_>,
    ) -> Result<()> {
        let seats = submissions
            .statuses
            .iter()
            .zip(&mut self.fees)
            .zip(&mut self.absence_owed)
            .zip(&mut self.points)
            .zip(&mut self.missed);
        for ((((status, fees), owed), points), run) in seats {
            let Some(status) = status else { continue };
            let consequence = consequences.of(*status)?;
            if consequence.missed {
                consequence.absence.add_to(owed)?;
            } else {
                consequence.fee.add_to(fees)?;
            }
            consequence.score(points);
            consequence.run(run);
        }
        Ok(())
    }
}

impl crate::sla::SlaTerms {
    /// The share of the `j`-th absent seat of `absent`: absences are split among at least N − m + 1.
    fn absence_of(&self, due: Atoms, j: u8, absent: u8) -> Result<Atoms> {
        let shares = absent.max(self.committee()?.blocking());
        money::absence_share(due, Bps(self.absence_bps), j, shares)
    }
}

impl Consequence {
    /// Scores the seat's point.
    #[inline(always)]
    pub(super) fn score(&self, points: &mut i16) {
        *points = points.saturating_add(if self.missed { -1 } else { 1 });
    }

    /// Lengthens or ends the seat's run of absences, which is of the order in which windows end. An abstention is no
    /// absence: whoever could make an honest oracle abstain could else have it redrawn.
    #[inline(always)]
    pub(super) fn run(&self, absences: &mut u8) {
        *absences = if self.absent { absences.saturating_add(1) } else { 0 };
    }

    /// Books fee, absence and point of one seat.
    pub(super) fn book(&self, seats: &mut Seats, seat: usize) -> Result<()> {
        let invalid = CoreError::SeatInvalid;
        self.fee.add_to(seats.fees.get_mut(seat).ok_or(invalid)?)?;
        self.absence.add_to(seats.absence_owed.get_mut(seat).ok_or(invalid)?)?;
        self.score(seats.points.get_mut(seat).ok_or(invalid)?);
        Ok(())
    }
}

impl SlaBody {
    /// The submissions of the window at the cursor.
    #[inline]
    pub(super) fn submissions(&self) -> Result<Submissions> {
        let window = self.progress.cursor;
        let reported = self.round.window == window;
        let mut statuses = [None; SEATS_MAX];
        let count = self.seat_indices()?.len();
        let seats = statuses.iter_mut().zip(&self.seats.first_window).zip(&self.round.status);
        for ((place, first), status) in seats.take(count) {
            if *first <= window {
                let status =
                    if reported { SeatStatus::from_code(*status) } else { SeatStatus::Absent };
                *place = Some(status);
            }
        }
        Ok(Submissions { statuses, shortfalls: self.round.shortfall_ppm })
    }

    /// What those submissions make of a window. Whether the SLA ends with it is not judged here.
    pub(super) fn judge(&self, window: u16, tally: &Tally) -> Result<WindowOutcome> {
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
            ended: false,
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
                let share = terms.absence_of(due, j, tally.absent)?;
                outcome.absence = outcome.absence.plus(share)?;
            }
        }
        Ok(outcome)
    }

    /// The money with an outcome's shares booked; the caller takes them from where they were.
    pub(super) fn credited(&self, outcome: &WindowOutcome) -> Result<Money> {
        let mut money = self.money;
        outcome.paid.add_to(&mut money.earned)?;
        outcome.refunded.add_to(&mut money.refundable)?;
        outcome.protocol_fee.add_to(&mut money.protocol_fees)?;
        outcome.paid.add_to(&mut money.paid_total)?;
        outcome.penalty.add_to(&mut money.penalty_total)?;
        outcome.penalty.add_to(&mut money.penalty_owed)?;
        Ok(money)
    }

    /// Counts the outcome, and books the unit's points.
    pub(super) fn count(&mut self, outcome: &WindowOutcome, points: i32) {
        let progress = &mut self.progress;
        progress.points_milli = progress.points_milli.saturating_add(points);
        let count = match outcome.result {
            WindowResult::Met => &mut progress.met,
            WindowResult::Breached => &mut progress.breached,
            WindowResult::Unmeasured => &mut progress.unmeasured,
            WindowResult::Blocked => &mut progress.blocked,
        };
        *count = count.saturating_add(1);
    }

    pub(super) fn unit_points(&self, outcome: &WindowOutcome, tally: &Tally) -> Result<i32> {
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
}

impl Tally {
    /// Inserts into the list kept largest first; the list has room for every seat.
    fn insert(&mut self, shortfall: u32) {
        self.positive = self.positive.saturating_add(1);
        let mut carried = shortfall;
        for place in self.shortfalls.iter_mut().take(usize::from(self.positive)) {
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
