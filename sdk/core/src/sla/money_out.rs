//! What leaves an SLA's escrow, and what comes into it from stakes.

use crate::committee::ABSENCES_COVERED;
use crate::error::{CoreError, Result};
use crate::math::mul_div_ceil;
use crate::money::split_penalty;
use crate::sla::parts::SlaBody;
use crate::stake::Stake;
use crate::units::{Atoms, Bps};

/// What a sweep moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// To the treasury.
    pub fees: Atoms,
    /// To burn.
    pub burnt: Atoms,
}

/// What a collection moves from a stake vault into the escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collected {
    /// The whole transfer.
    pub amount: Atoms,
    /// Of it, the consumer's.
    pub consumer: Atoms,
    /// Of it, to be burnt by the next sweep.
    pub to_burn: Atoms,
}

/// Takes a whole balance.
///
/// # Errors
/// [`CoreError::NothingToWithdraw`] if it is zero.
fn take_all(balance: &mut u64) -> Result<Atoms> {
    match core::mem::take(balance) {
        0 => Err(CoreError::NothingToWithdraw),
        amount => Ok(Atoms(amount)),
    }
}

impl SlaBody {
    /// Takes what the provider has earned.
    ///
    /// # Errors
    /// [`CoreError::NothingToWithdraw`].
    pub fn take_earnings(&mut self) -> Result<Atoms> {
        take_all(&mut self.money.earned)
    }

    /// Takes what is the consumer's.
    ///
    /// # Errors
    /// [`CoreError::NothingToWithdraw`].
    pub fn take_refund(&mut self) -> Result<Atoms> {
        take_all(&mut self.money.refundable)
    }

    /// Takes a seat's fees.
    ///
    /// # Errors
    /// [`CoreError::SeatInvalid`], [`CoreError::NothingToWithdraw`].
    pub fn take_oracle_fees(&mut self, seat: usize) -> Result<Atoms> {
        take_all(self.seats.fees.get_mut(seat).ok_or(CoreError::SeatInvalid)?)
    }

    /// Takes the treasury's fees and what is to be burnt.
    ///
    /// # Errors
    /// [`CoreError::NothingToWithdraw`] if there is neither.
    pub fn take_protocol_fees(&mut self) -> Result<Swept> {
        let fees = Atoms(core::mem::take(&mut self.money.protocol_fees));
        let burnt = Atoms(core::mem::take(&mut self.money.to_burn));
        if fees == Atoms::ZERO && burnt == Atoms::ZERO {
            return Err(CoreError::NothingToWithdraw);
        }
        Ok(Swept { fees, burnt })
    }

    /// Takes the accrued penalties from the cover in the provider's stake and books them here.
    ///
    /// The consumer's share is a cumulative floor of all that was collected, so that collecting often
    /// moves no atom from the consumer to the fire.
    ///
    /// # Errors
    /// [`CoreError::NothingOwed`].
    pub fn collect_penalty(&mut self, provider: &mut Stake) -> Result<Collected> {
        let amount = Atoms(self.money.penalty_owed);
        if amount == Atoms::ZERO {
            return Err(CoreError::NothingOwed);
        }
        let share = Bps(self.terms.penalty_consumer_bps);
        let after = Atoms(self.money.penalty_total);
        let (consumer_before, burnt_before) = split_penalty(after.minus(amount)?, share)?;
        let (consumer_after, burnt_after) = split_penalty(after, share)?;
        let consumer = consumer_after.minus(consumer_before)?;
        let to_burn = burnt_after.minus(burnt_before)?;
        let mut money = self.money;
        consumer.add_to(&mut money.refundable)?;
        to_burn.add_to(&mut money.to_burn)?;
        money.penalty_owed = 0;
        provider.take_covered(amount)?;
        self.money = money;
        Ok(Collected { amount, consumer, to_burn })
    }

    /// Takes what a seat owes for absences from its oracle's stake and books it here, for the consumer.
    ///
    /// Free stake pays first. Where it is too little, as many absence shares of the seat's cover are freed as
    /// are needed; a seat that has used any is to be redrawn. Then unbonding stake pays, newest first. What
    /// all that cannot pay stays owed; the seat's fraud cover is never taken for it.
    ///
    /// # Errors
    /// [`CoreError::SeatInvalid`]; [`CoreError::NothingOwed`], also if the oracle has nothing left to take.
    pub fn collect_absence(&mut self, seat: usize, oracle: &mut Stake) -> Result<Collected> {
        let owed = Atoms(*self.seats.absence_owed.get(seat).ok_or(CoreError::SeatInvalid)?);
        if owed == Atoms::ZERO {
            return Err(CoreError::NothingOwed);
        }
        let mut stake = *oracle;
        let mut seats = self.seats;
        if stake.free() < owed {
            let share = self.terms.seat_cover()?.absence_share;
            let used = seats.shares_used.get_mut(seat).ok_or(CoreError::SeatInvalid)?;
            let short = owed.minus(stake.free())?;
            let needed = mul_div_ceil(short.0, 1, share.0)?;
            let freed = needed.min(u64::from(ABSENCES_COVERED.saturating_sub(*used)));
            stake.release(share.times(freed)?)?;
            *used = used.saturating_add(u8::try_from(freed).unwrap_or(ABSENCES_COVERED));
        }
        let amount = stake.slash_uncovered(owed)?;
        if amount == Atoms::ZERO {
            return Err(CoreError::NothingOwed);
        }
        let balance = seats.absence_owed.get_mut(seat).ok_or(CoreError::SeatInvalid)?;
        amount.take_from(balance)?;
        amount.add_to(&mut self.money.refundable)?;
        self.seats = seats;
        *oracle = stake;
        Ok(Collected { amount, consumer: amount, to_burn: Atoms::ZERO })
    }

    /// What a seat's oracle still reserves for this SLA.
    ///
    /// # Errors
    /// [`CoreError::SeatInvalid`]; [`CoreError::ArithmeticOverflow`] for terms that no quote made.
    pub fn seat_cover_left(&self, seat: usize) -> Result<Atoms> {
        let used = self.seats.shares_used.get(seat).ok_or(CoreError::SeatInvalid)?;
        let cover = self.terms.seat_cover()?;
        let voided = self.seat_bit(seat).is_ok_and(|bit| self.seats.voided & bit != 0);
        if voided { cover.absences_left(*used) } else { cover.left_after(*used) }
    }
}
