//! The end of an SLA: what goes back to whom, independently of who withdraws when.

use crate::committee::SEATS_MAX;
use crate::error::{CoreError, Result};
use crate::sla::parts::{SlaBody, SlaState, VACANT};
use crate::stake::Stake;
use crate::units::{Atoms, DAY, Gib, Timestamp};

/// After it anyone may push out what is left in an ended SLA and close it (fixed): 30 days.
pub const CLOSE_GRACE_SECS: u32 = 30 * DAY;

/// What an ended SLA gives back to its unit and provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// Capacity, to the unit.
    pub gib: Gib,
    /// Cover that no penalty took, to the provider's free stake.
    pub cover: Atoms,
    /// The unit's points, in thousandths.
    pub points_milli: i32,
}

/// What an ended SLA gives back to a seat's oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreedSeat {
    /// Cover that no absence took, to the oracle's free stake.
    pub cover: Atoms,
    /// The oracle's points.
    pub points: i16,
    /// Absences that nothing could pay, written off.
    pub written_off: Atoms,
}

/// What is pushed out of an ended SLA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushedOut {
    /// To the provider's stake vault, bonded.
    pub earnings: Atoms,
    /// To the consumer's associated token account.
    pub refund: Atoms,
    /// To the treasury.
    pub treasury: Atoms,
    /// To burn.
    pub burnt: Atoms,
    /// To the oracles' stake vaults, bonded, by seat.
    pub oracle_fees: [Atoms; SEATS_MAX],
}

impl SlaBody {
    /// Gives capacity, cover and points back, once, when nothing more can be settled or collected from the
    /// provider.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Ended; [`CoreError::NotClosable`] while penalties or contests are
    /// open; [`CoreError::AlreadyReleased`].
    pub fn release(&mut self) -> Result<Released> {
        self.progress.require(SlaState::Ended)?;
        if self.money.penalty_owed > 0 || self.progress.open_rounds > 0 {
            return Err(CoreError::NotClosable);
        }
        if self.progress.released != 0 {
            return Err(CoreError::AlreadyReleased);
        }
        let cover = Atoms(self.terms.cover).minus(Atoms(self.money.penalty_total))?;
        self.progress.released = 1;
        let points_milli = core::mem::take(&mut self.progress.points_milli);
        Ok(Released { gib: Gib(self.terms.gib), cover, points_milli })
    }

    /// Gives a seat's cover and points back to its oracle, once, when it owes nothing more.
    ///
    /// An absence that the oracle's stake cannot pay waits until [`CLOSE_GRACE_SECS`] after the last window could
    /// be settled; then it is written off, so that nobody's empty stake keeps an SLA open. What the stake can pay is
    /// never written off: it is to be collected first.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Ended; [`CoreError::SeatInvalid`] if nobody held it;
    /// [`CoreError::NotClosable`] while it owes or contests are open; [`CoreError::AlreadyReleased`].
    pub fn free_seat(&mut self, seat: usize, oracle: &Stake, now: Timestamp) -> Result<FreedSeat> {
        self.progress.require(SlaState::Ended)?;
        let bit = self.held_seat_bit(seat).ok_or(CoreError::SeatInvalid)?;
        if self.seats.freed & bit != 0 {
            return Err(CoreError::AlreadyReleased);
        }
        let owed = *self.seats.absence_owed.get(seat).ok_or(CoreError::SeatInvalid)?;
        let waits = owed > 0 && (now < self.grace_ends()? || self.can_pay(seat, oracle));
        if waits || self.progress.open_rounds > 0 {
            return Err(CoreError::NotClosable);
        }
        let cover = self.seat_cover_left(seat)?;
        let points = self.seats.points.get_mut(seat).ok_or(CoreError::SeatInvalid)?;
        let points = core::mem::take(points);
        if let Some(balance) = self.seats.absence_owed.get_mut(seat) {
            *balance = 0;
        }
        self.seats.freed |= bit;
        Ok(FreedSeat { cover, points, written_off: Atoms(owed) })
    }

    /// Takes the unit's points that wait here, before the end as after it.
    ///
    /// # Errors
    /// [`CoreError::NothingToFold`].
    pub fn fold_unit_points(&mut self) -> Result<i32> {
        match core::mem::take(&mut self.progress.points_milli) {
            0 => Err(CoreError::NothingToFold),
            points => Ok(points),
        }
    }

    /// Takes the points of a seat's oracle that wait here.
    ///
    /// # Errors
    /// [`CoreError::SeatInvalid`]; [`CoreError::NothingToFold`].
    pub fn fold_seat_points(&mut self, seat: usize) -> Result<i16> {
        match core::mem::take(self.seats.points.get_mut(seat).ok_or(CoreError::SeatInvalid)?) {
            0 => Err(CoreError::NothingToFold),
            points => Ok(points),
        }
    }

    /// Whether capacity and cover were ever taken for it: proposals that came to nothing took neither.
    #[inline]
    pub fn was_agreed(&self) -> bool {
        self.progress.draw_slot != 0
    }

    /// Checks that the account can be closed: everything withdrawn, given back and freed.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Ended; [`CoreError::NotClosable`].
    pub fn check_closable(&self) -> Result<()> {
        self.progress.require(SlaState::Ended)?;
        let mut held = 0u8;
        for seat in self.seat_indices()? {
            held |= self.held_seat_bit(seat).unwrap_or(0);
        }
        let closable = self.escrow_owed()? == Atoms::ZERO
            && self.progress.released != 0
            && self.seats.freed == held;
        if closable { Ok(()) } else { Err(CoreError::NotClosable) }
    }

    /// Whether an oracle's stake can pay anything of what its seat owes.
    fn can_pay(&self, seat: usize, oracle: &Stake) -> bool {
        let (mut sla, mut stake) = (*self, *oracle);
        sla.collect_absence(seat, &mut stake) != Err(CoreError::NothingOwed)
    }

    /// Takes everything that is anybody's in the escrow, after the grace period: anyone may push it to its owners.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Ended; [`CoreError::GraceRunning`]; [`CoreError::NotClosable`] while
    /// contests are open; [`CoreError::NothingToWithdraw`].
    pub fn push_out(&mut self, now: Timestamp) -> Result<PushedOut> {
        self.progress.require(SlaState::Ended)?;
        if now < self.grace_ends()? {
            return Err(CoreError::GraceRunning);
        }
        if self.progress.open_rounds > 0 {
            return Err(CoreError::NotClosable);
        }
        let money = &mut self.money;
        let pushed = PushedOut {
            earnings: Atoms(core::mem::take(&mut money.earned)),
            refund: Atoms(core::mem::take(&mut money.refundable)),
            treasury: Atoms(core::mem::take(&mut money.protocol_fees)),
            burnt: Atoms(core::mem::take(&mut money.to_burn)),
            oracle_fees: core::mem::take(&mut self.seats.fees).map(Atoms),
        };
        if pushed == PushedOut::default() { Err(CoreError::NothingToWithdraw) } else { Ok(pushed) }
    }

    /// The seat's bit, if somebody holds it.
    fn held_seat_bit(&self, seat: usize) -> Option<u8> {
        let held = self.seats.first_window.get(seat).is_some_and(|first| *first != VACANT);
        let shift = u32::try_from(seat).ok()?;
        if held { 1u8.checked_shl(shift) } else { None }
    }

    /// When the grace period of an ended SLA is over.
    fn grace_ends(&self) -> Result<Timestamp> {
        let last = self.progress.end.saturating_sub(1);
        // A proposal that came to nothing has no window; its deadline is the last time that it knows.
        let end = self.terms.settles_at(last)?.max(Timestamp(self.progress.deadline));
        end.after(u64::from(CLOSE_GRACE_SECS))
    }
}
