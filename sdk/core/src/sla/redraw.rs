//! Redrawing a seat: the same delayed draw as the first one, for an oracle that cannot or does not measure.
//!
//! A seat is redrawn in the part of a window in which no report is open, so that no submission loses its seat
//! and nobody escapes an absence. Arming stops early enough for the draw to be held, and if need be to lapse,
//! before reports open: whoever armed it gains no second try by running into them.

use crate::committee::UNMEASURED_END;
use crate::error::{CoreError, Result};
use crate::sla::contest::ContestedRound;
use crate::sla::parts::{SlaBody, VACANT};
use crate::stake::Stake;
use crate::units::{Atoms, Timestamp};

/// Windows in a row in which a seat was absent, after which it may be redrawn.
pub const MISSED_RUN: u8 = UNMEASURED_END;
/// Seconds before the reports open in which no redraw is armed: more than a slot hash is kept. At most an
/// eighth of a window.
const LAPSE_MARGIN_SECS: u32 = 600;

/// Why a seat may be redrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedrawReason {
    /// Nobody holds it: the oracle drawn last lacked the cover, or had left the registry.
    Vacant,
    /// Its oracle left the registry.
    Left,
    /// A submission of it was voided, by proof or silence.
    Voided,
    /// Absences have used up part of its cover.
    CoverUsed,
    /// It was absent for [`MISSED_RUN`] windows running: see [`super::Seats::missed`].
    Missed,
}

impl RedrawReason {
    /// Its code in events: from 1, in the order above.
    pub const fn code(self) -> u8 {
        match self {
            Self::Vacant => 1,
            Self::Left => 2,
            Self::Voided => 3,
            Self::CoverUsed => 4,
            Self::Missed => 5,
        }
    }
}

/// What became of a redrawn seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The leaver's fees: from the escrow to its stake vault, bonded.
    pub fees: Atoms,
    /// The leaver's absences: from its stake vault to the escrow, the consumer's.
    pub absence: Atoms,
    /// Absences that nothing could pay, written off.
    pub written_off: Atoms,
    /// Cover that became free stake of the leaver.
    pub released: Atoms,
    /// The leaver's points.
    pub points: i16,
    /// The first window in which the newcomer counts; [`VACANT`] if it lacked the cover or had left.
    pub first_window: u16,
}

impl SlaBody {
    /// Why the seat may be redrawn, if it may. `left` says whether its oracle has left the registry.
    ///
    /// # Errors
    /// [`CoreError::SeatInvalid`] for a seat that the committee does not have.
    pub fn redraw_reason(&self, seat: usize, left: bool) -> Result<Option<RedrawReason>> {
        let bit = self.seat_bit(seat)?;
        let of = |counts: &[u8]| counts.get(seat).copied().unwrap_or(0);
        Ok(if self.seats.first_window.get(seat) == Some(&VACANT) {
            Some(RedrawReason::Vacant)
        } else if left {
            Some(RedrawReason::Left)
        } else if self.seats.voided & bit != 0 {
            Some(RedrawReason::Voided)
        } else if of(&self.seats.shares_used) > 0 {
            Some(RedrawReason::CoverUsed)
        } else if of(&self.seats.missed) >= MISSED_RUN {
            Some(RedrawReason::Missed)
        } else {
            None
        })
    }

    /// Fixes a draw for the seat. Its oracle serves until it is replaced.
    ///
    /// A seat joins a pending draw of other seats as long as nobody can know its hash. There is one draw between two
    /// windows: one whose hash was lost (`lapsed`), or that left seats vacant, is fixed anew after the next window, for
    /// each of its seats that still has a reason; so nobody tries until a draw suits.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Active; [`CoreError::SettlementDue`]; [`CoreError::SeatInvalid`];
    /// [`CoreError::RedrawRefused`] if the seat serves; [`CoreError::RedrawNotNow`] from shortly before reports
    /// open until the window is settled; [`CoreError::RoundOpen`] for a held seat while several rounds are open;
    /// [`CoreError::RedrawTooLate`]; [`CoreError::DrawPending`].
    pub fn arm_redraw(
        &mut self,
        seat: usize,
        left: bool,
        slot: u64,
        lapsed: bool,
        now: Timestamp,
    ) -> Result<()> {
        self.check_settled(now)?;
        let bit = self.seat_bit(seat)?;
        let reports = self.terms.report_opens(self.progress.cursor)?;
        let margin = LAPSE_MARGIN_SECS.min(self.terms.window_secs >> 3);
        if now.after(u64::from(margin))? >= reports {
            return Err(CoreError::RedrawNotNow);
        }
        let waiting = self.progress.redraw_seats;
        if self.redraw_reason(seat, left)?.is_none() {
            return Err(CoreError::RedrawRefused);
        }
        // Who holds a seat can decide when contests end: it must not see whom a draw gives before it can be held.
        let held = self.seats.first_window.get(seat) != Some(&VACANT);
        if held && self.progress.open_rounds > 1 {
            return Err(CoreError::RoundOpen);
        }
        self.newcomer_counts_from(now)?;
        if waiting != 0 && !lapsed {
            if waiting & bit != 0 || slot >= self.progress.draw_slot {
                return Err(CoreError::DrawPending);
            }
        } else {
            if self.draw_armed_at() >= self.gap_begins()? {
                return Err(CoreError::RedrawNotNow);
            }
            self.progress.draw_number = self.progress.draw_number.wrapping_add(1);
            self.fix_draw(slot, now);
            // Seats that waited for a draw that lapsed join again: one that cannot be filled keeps no other waiting.
            self.progress.redraw_seats = 0;
        }
        self.progress.redraw_seats |= bit;
        Ok(())
    }

    /// Gives an armed seat to the oracle that was drawn for it, and settles accounts with the one that leaves.
    ///
    /// While a contested round of the leaver's time is open, its cover stays, in that round (`kept_in`, which is the
    /// only open one: with several open, its oracle serves on until all but one are closed).
    ///
    /// All armed seats are replaced together, by index in the order of the draw. The leaver's fees are bonded
    /// and its cover freed before its absence is taken, so that both can pay it. A newcomer that cannot cover
    /// the seat leaves it vacant: it neither counts nor owes, and is drawn again.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Active; [`CoreError::SettlementDue`]; [`CoreError::SeatInvalid`];
    /// [`CoreError::RedrawRefused`] if no redraw was armed; [`CoreError::RedrawNotNow`] while reports are open;
    /// [`CoreError::RedrawTooLate`]; [`CoreError::CommitteeMismatch`] unless a leaver is given exactly if
    /// somebody holds the seat; of a held seat [`CoreError::NotClosable`] if a contested round is open and was not
    /// given, [`CoreError::RoundOpen`] if several are.
    pub fn replace_seat(
        &mut self,
        seat: usize,
        leaver: Option<&mut Stake>,
        newcomer: &mut Stake,
        kept_in: Option<&mut ContestedRound>,
        now: Timestamp,
    ) -> Result<Replaced> {
        self.check_settled(now)?;
        let invalid = CoreError::SeatInvalid;
        let bit = self.seat_bit(seat)?;
        if self.progress.redraw_seats & bit == 0 {
            return Err(CoreError::RedrawRefused);
        }
        if now >= self.terms.report_opens(self.progress.cursor)? {
            return Err(CoreError::RedrawNotNow);
        }
        let held = *self.seats.first_window.get(seat).ok_or(invalid)? != VACANT;
        if held != leaver.is_some() {
            return Err(CoreError::CommitteeMismatch);
        }
        let mut first_window = self.newcomer_counts_from(now)?;
        let cover = self.terms.seat_cover()?.total()?;
        let fees = Atoms(*self.seats.fees.get(seat).ok_or(invalid)?);
        let owed = Atoms(*self.seats.absence_owed.get(seat).ok_or(invalid)?);
        let points = *self.seats.points.get(seat).ok_or(invalid)?;
        let mut released = Atoms::ZERO;
        let mut absence = Atoms::ZERO;
        let mut refundable = self.money.refundable;
        let mut left = leaver.as_deref().copied().unwrap_or_default();
        let mut keeps = Atoms::ZERO;
        if held {
            fees.add_to(&mut left.bonded)?;
            released = self.seat_cover_left(seat)?;
            if self.keeps_cover(seat, kept_in.as_deref())? {
                // Absence shares pay what free stake cannot; all else stays covered.
                let short = Atoms(owed.0.saturating_sub(left.free().0));
                let used = self.seats.shares_used.get(seat).copied().unwrap_or(0);
                let shares = self.terms.seat_cover()?.absences_left(used)?;
                let freed = short.min(shares);
                keeps = released.minus(freed)?;
                released = freed;
            }
            left.release(released)?;
            absence = left.slash_uncovered(owed)?;
            absence.add_to(&mut refundable)?;
        }
        if let Some(round) = kept_in.filter(|_| keeps > Atoms::ZERO) {
            keeps.add_to(round.covers.get_mut(seat).ok_or(invalid)?)?;
        }
        if newcomer.cover(cover).is_err() {
            first_window = VACANT;
        }
        if let Some(leaver) = leaver {
            *leaver = left;
        }
        self.money.refundable = refundable;
        self.progress.redraw_seats &= !bit;
        self.seats.reset(seat, first_window);
        self.seats.voided &= !bit;
        let written_off = owed.minus(absence)?;
        Ok(Replaced { fees, absence, written_off, released, points, first_window })
    }

    /// When the present stretch between one window's settlement and the next one's reports began.
    fn gap_begins(&self) -> Result<Timestamp> {
        match self.progress.cursor.checked_sub(1) {
            Some(settled) => self.terms.settles_at(settled),
            None => {
                let seated =
                    self.terms.start.checked_sub_unsigned(u64::from(self.terms.access_delay_secs));
                Ok(Timestamp(seated.ok_or(CoreError::ArithmeticOverflow)?))
            }
        }
    }

    /// The first window that begins an access delay after `now`.
    fn newcomer_counts_from(&self, now: Timestamp) -> Result<u16> {
        let ready = now.after(u64::from(self.terms.access_delay_secs))?;
        let first = self.windows_until(ready)?.max(self.progress.cursor);
        if first >= self.progress.end { Err(CoreError::RedrawTooLate) } else { Ok(first) }
    }

    /// Whether the open round, which must be given, is of the seat's present oracle and not settled: then it keeps
    /// the oracle's cover. With several rounds open, no one of them could: the cover is one for all.
    fn keeps_cover(&self, seat: usize, open: Option<&ContestedRound>) -> Result<bool> {
        match self.progress.open_rounds {
            0 => Ok(false),
            1 => {
                let round = open.ok_or(CoreError::NotClosable)?;
                Ok(self.seats.counts(seat, round.round.window) && round.settled == 0)
            }
            _ => Err(CoreError::RoundOpen),
        }
    }

    /// The seat's bit in masks.
    pub(super) fn seat_bit(&self, seat: usize) -> Result<u8> {
        let within = self.seat_indices()?.contains(&seat);
        let shift = u32::try_from(seat).ok().filter(|_| within);
        shift.and_then(|shift| 1u8.checked_shl(shift)).ok_or(CoreError::SeatInvalid)
    }
}

impl crate::sla::Seats {
    /// Makes the seat as new, to count from that window.
    fn reset(&mut self, seat: usize, first_window: u16) {
        let zero = |place: Option<&mut u64>| place.map(|balance| *balance = 0);
        zero(self.fees.get_mut(seat));
        zero(self.absence_owed.get_mut(seat));
        for counts in [&mut self.missed, &mut self.shares_used] {
            if let Some(count) = counts.get_mut(seat) {
                *count = 0;
            }
        }
        if let Some(points) = self.points.get_mut(seat) {
            *points = 0;
        }
        if let Some(first) = self.first_window.get_mut(seat) {
            *first = first_window;
        }
    }
}
