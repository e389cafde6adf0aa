//! Submissions held to their records: challenges to open a leaf, and voiding by proof or by silence.

use crate::error::{CoreError, Result};
use crate::records::Shape;
use crate::sla::contest::{ContestedRound, bit_of};
use crate::sla::dispute::Contest;
use crate::sla::parts::{SeatStatus, SlaBody, SlaState};
use crate::stake::Stake;
use crate::units::{Atoms, Bps, DAY, Timestamp};

/// How long an oracle may take to open a challenged leaf (fixed): 24 hours.
pub const CHALLENGE_SECS: u32 = DAY;
/// The part of a slash that goes to who proved or challenged; the rest is burnt.
const PROVER_SHARE: Bps = Bps(5_000);

/// What voiding a submission took from its oracle's stake vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slashed {
    /// To who proved it, or challenged it: half, rounded down.
    pub to_prover: Atoms,
    /// To burn.
    pub to_burn: Atoms,
}

/// How a challenge ended that its oracle did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeWon {
    /// The bond: from the escrow back to the challenger.
    pub bond: Atoms,
    /// From the oracle's stake vault; `None` if another proof had voided the submission.
    pub slashed: Option<Slashed>,
}

impl SlaBody {
    /// Anyone challenges a seat to open a leaf of its submission; the caller moves the bond into the escrow.
    ///
    /// # Errors
    /// [`CoreError::LeafInvalid`] if the window's tree has no such leaf; [`CoreError::RoundSettled`];
    /// [`CoreError::ContestClosed`] after the challenge phase; [`CoreError::NotSeated`];
    /// [`CoreError::NothingSubmitted`] if there is no submission, or a voided one.
    pub fn open_challenge(
        &mut self,
        contested: &mut ContestedRound,
        seat: usize,
        leaf: u32,
        now: Timestamp,
    ) -> Result<Contest> {
        if leaf >= Shape::of(self.terms.probes)?.leaves() {
            return Err(CoreError::LeafInvalid);
        }
        self.check_contestable(contested, now)?;
        check_submitted(contested.status(seat)?)?;
        let deadline = now.after(u64::from(CHALLENGE_SECS))?;
        self.open_contest(contested, Atoms(self.terms.bond_min), deadline)
    }

    /// The oracle has opened the leaf: the bond is its own, as a fee. `holds` says whether it still holds the seat.
    ///
    /// # Errors
    /// [`CoreError::DeadlinePassed`]; [`CoreError::NothingSubmitted`] if the submission was voided meanwhile.
    pub fn answer_challenge(
        &mut self,
        contested: &mut ContestedRound,
        contest: &Contest,
        seat: usize,
        holds: bool,
        now: Timestamp,
    ) -> Result<()> {
        contested.check_unsettled()?;
        check_submitted(contested.status(seat)?)?;
        if now >= contest.deadline {
            return Err(CoreError::DeadlinePassed);
        }
        let invalid = CoreError::SeatInvalid;
        let open = contested.open.checked_sub(1).ok_or(CoreError::StateInvalid)?;
        let (mut held, mut fees) = (self.money.held, self.seats.fees);
        if holds {
            contest.bond.take_from(&mut held)?;
            contest.bond.add_to(fees.get_mut(seat).ok_or(invalid)?)?;
        } else {
            // It stays held, as that oracle's.
            contest.bond.add_to(contested.fees.get_mut(seat).ok_or(invalid)?)?;
        }
        self.money.held = held;
        self.seats.fees = fees;
        contested.open = open;
        Ok(())
    }

    /// The leaf was not opened by the deadline: the submission is voided, its oracle slashed, and the bond
    /// returned. If a proof has voided it already, the bond is returned at once.
    ///
    /// # Errors
    /// [`CoreError::NotExpired`].
    pub fn expire_challenge(
        &mut self,
        contested: &mut ContestedRound,
        contest: &Contest,
        seat: usize,
        oracle: &mut Stake,
        holds: bool,
        now: Timestamp,
    ) -> Result<ChallengeWon> {
        contested.check_unsettled()?;
        let voided = contested.status(seat)? == SeatStatus::Voided;
        if !voided && now < contest.deadline {
            return Err(CoreError::NotExpired);
        }
        let (mut sla, mut round) = (*self, *contested);
        contest.bond.take_from(&mut sla.money.held)?;
        round.open = round.open.checked_sub(1).ok_or(CoreError::StateInvalid)?;
        let slashed = match voided {
            true => None,
            false => Some(sla.void_contested(&mut round, seat, oracle, holds)?),
        };
        *self = sla;
        *contested = round;
        Ok(ChallengeWon { bond: contest.bond, slashed })
    }

    /// Voids a submission of a contested round, proven wrong. `holds` says whether its oracle still holds the seat.
    ///
    /// # Errors
    /// [`CoreError::RoundSettled`]: nothing is voided after; [`CoreError::NotSeated`];
    /// [`CoreError::NothingSubmitted`] if there is no submission, or a voided one.
    pub fn void_contested(
        &mut self,
        contested: &mut ContestedRound,
        seat: usize,
        oracle: &mut Stake,
        holds: bool,
    ) -> Result<Slashed> {
        contested.check_unsettled()?;
        check_submitted(contested.status(seat)?)?;
        let mut stake = *oracle;
        let cover = contested.covers.get_mut(seat).ok_or(CoreError::SeatInvalid)?;
        let status = contested.round.status.get_mut(seat).ok_or(CoreError::SeatInvalid)?;
        let amount = self.terms.fraud_slash(Atoms(contested.due))?;
        let from_cover = if holds { self.fraud_cover(seat)? } else { Atoms(*cover).min(amount) };
        stake.release(from_cover)?;
        let slashed = slash(&mut stake, amount)?;
        if holds {
            self.seats.voided |= self.seat_bit(seat)?;
        } else {
            from_cover.take_from(cover)?;
        }
        *status = SeatStatus::Voided.code();
        *oracle = stake;
        Ok(slashed)
    }

    /// Voids a submission of the window at the cursor, proven wrong before the window is due.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Active; [`CoreError::ContestClosed`] once the window is due;
    /// [`CoreError::SeatInvalid`]; [`CoreError::NothingSubmitted`].
    pub fn void_current(
        &mut self,
        seat: usize,
        oracle: &mut Stake,
        now: Timestamp,
    ) -> Result<Slashed> {
        self.progress.require(SlaState::Active)?;
        let window = self.progress.cursor;
        if now >= self.terms.settles_at(window)? {
            return Err(CoreError::ContestClosed);
        }
        let bit = self.seat_bit(seat)?;
        check_submitted(self.round.status_in(window, seat))?;
        let mut stake = *oracle;
        stake.release(self.fraud_cover(seat)?)?;
        let slashed = slash(&mut stake, self.terms.fraud_slash(self.terms.due(window)?)?)?;
        *self.round.status.get_mut(seat).ok_or(CoreError::SeatInvalid)? = SeatStatus::Voided.code();
        self.seats.voided |= bit;
        *oracle = stake;
        Ok(slashed)
    }

    /// What the seat still reserves against fraud: nothing once a submission of it was voided.
    fn fraud_cover(&self, seat: usize) -> Result<Atoms> {
        let voided = self.seats.voided & bit_of(seat) != 0;
        if voided { Ok(Atoms::ZERO) } else { Ok(self.terms.seat_cover()?.fraud) }
    }
}

impl crate::sla::SlaTerms {
    /// The slash for a voided submission of a window of that due: `max(due · (1 + multiple), minimum)`.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] for terms that no quote made.
    pub fn fraud_slash(&self, due: Atoms) -> Result<Atoms> {
        let weight = u64::from(self.penalty_multiple).saturating_add(1);
        Ok(due.times(weight)?.max(Atoms(self.fraud_min)))
    }
}

fn check_submitted(status: SeatStatus) -> Result<()> {
    match status {
        SeatStatus::Absent | SeatStatus::Voided => Err(CoreError::NothingSubmitted),
        _ => Ok(()),
    }
}

/// Takes what covers nothing else, and splits it.
fn slash(stake: &mut Stake, amount: Atoms) -> Result<Slashed> {
    let taken = stake.slash_uncovered(amount)?;
    let to_prover = PROVER_SHARE.of_floor(taken)?;
    Ok(Slashed { to_prover, to_burn: taken.minus(to_prover)? })
}
