//! What a reservation may come to: its whole life run through the rules that the chain settles it by.

use crate::committee::SEATS_MAX;
use crate::error::{CoreError, Result};
use crate::math::{mul_div_ceil, part};
use crate::reputation::SCORE_MAX_MILLI;
use crate::sla::parts::{Round, SeatStatus, SlaBody, SlaState};
use crate::sla::quote::Quote;
use crate::stake::Stake;
use crate::units::{Atoms, PPM_ONE, Timestamp};

/// Who gets what when an SLA has ended and everything is collected and withdrawn. All of it to the atom:
///
/// - deposit = `provider_earns + consumer_refund + oracle_fees + protocol_fees`;
/// - `penalty = consumer_compensation + burnt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Paid to the provider out of the deposit. Its penalty is not taken from this, but from its stake.
    pub provider_earns: Atoms,
    /// Given back to the consumer out of the deposit.
    pub consumer_refund: Atoms,
    /// The consumer's share of the penalty, on top of its refund.
    pub consumer_compensation: Atoms,
    /// Taken from the provider's stake.
    pub penalty: Atoms,
    /// Paid to all oracles together out of the deposit.
    pub oracle_fees: Atoms,
    /// Paid to the treasury out of the deposit.
    pub protocol_fees: Atoms,
    /// The part of the penalty that is burnt.
    pub burnt: Atoms,
}

/// What a reservation comes to if all goes well, as the unit's score suggests, and if nothing does.
///
/// Every seat reports every window: what silent oracles owe, disputes and proven lies are not foreseen, nor is an early
/// end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payouts {
    /// Every window met.
    pub best: Payout,
    /// As many windows breached in full as the unit's score lacks of 100 points, in proportion and rounded up, evenly
    /// spread; all others met. An estimate: a score is no frequency of breaches, and few breaches are full ones.
    pub expected: Payout,
    /// Every window breached in full: nothing is paid for, and the penalty is the whole cover.
    pub worst: Payout,
}

impl Quote {
    /// What the reservation would come to, for a unit with that score (as of now, in thousandths of a point).
    ///
    /// # Errors
    /// As [`Quote::payout`].
    pub fn payouts(&self, score_milli: u32) -> Result<Payouts> {
        let lacking = u64::from(SCORE_MAX_MILLI.saturating_sub(score_milli));
        let windows = u64::from(self.terms.windows);
        let failing = mul_div_ceil(windows, lacking, u64::from(SCORE_MAX_MILLI))?;
        let failing = u16::try_from(failing).map_err(|_| CoreError::ArithmeticOverflow)?;
        Ok(Payouts {
            best: self.payout(0)?,
            expected: self.payout(failing)?,
            worst: self.payout(self.terms.windows)?,
        })
    }

    /// What it would come to with so many windows breached in full, evenly spread, and all others met.
    ///
    /// # Errors
    /// [`CoreError::WindowCountInvalid`] for more windows than there are; [`CoreError::ArithmeticOverflow`] for a price
    /// that no supply of FLASH can pay.
    pub fn payout(&self, breached: u16) -> Result<Payout> {
        let windows = self.terms.windows;
        if breached > windows {
            return Err(CoreError::WindowCountInvalid);
        }
        let mut sla = self.agreed(0, Timestamp(0));
        sla.seat(Timestamp(0))?;
        for window in 0..windows {
            let fails = part(u64::from(breached), u64::from(window), u64::from(windows))? > 0;
            sla.round = reported_by_all(window, if fails { PPM_ONE } else { 0 });
            let settled = sla.settle_next(sla.terms.settles_at(window)?)?;
            settled.ok_or(CoreError::NothingDue)?;
        }
        sla.progress.require(SlaState::Ended)?;
        sla.paid_out()
    }
}

impl SlaBody {
    /// Collects what the provider owes and takes everything out.
    fn paid_out(mut self) -> Result<Payout> {
        let consumer_refund = Atoms(self.money.refundable);
        let penalty = Atoms(self.money.penalty_owed);
        if penalty > Atoms::ZERO {
            let mut stake = Stake::default();
            stake.bond(penalty)?;
            stake.cover(penalty)?;
            self.collect_penalty(&mut stake)?;
        }
        let mut fees = self.seats.fees.iter();
        Ok(Payout {
            provider_earns: Atoms(self.money.earned),
            consumer_refund,
            consumer_compensation: Atoms(self.money.refundable).minus(consumer_refund)?,
            penalty,
            oracle_fees: fees.try_fold(Atoms::ZERO, |sum, fee| sum.plus(Atoms(*fee)))?,
            protocol_fees: Atoms(self.money.protocol_fees),
            burnt: Atoms(self.money.to_burn),
        })
    }
}

/// A round in which every seat measured the same.
fn reported_by_all(window: u16, shortfall_ppm: u32) -> Round {
    let mut round: Round = bytemuck::Zeroable::zeroed();
    round.window = window;
    round.status = [SeatStatus::Measured.code(); SEATS_MAX];
    round.shortfall_ppm = [shortfall_ppm; SEATS_MAX];
    round
}
