//! Disputes: a party asks the arbiter to leave submissions out. No token goes anywhere by the arbiter's word
//! but the bond.

use crate::error::{CoreError, Result};
use crate::sla::contest::{ContestedRound, bit_of, measures};
use crate::sla::parts::SlaBody;
use crate::units::{Atoms, Bps, DAY, Timestamp};

/// How long the arbiter may rule (fixed): 7 days.
pub const DISPUTE_SECS: u32 = 7 * DAY;

/// A party of an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Who pays and is refunded.
    Consumer,
    /// Who delivers and is paid.
    Provider,
}

impl Party {
    /// The one that it deals with.
    pub fn other(self) -> Party {
        match self {
            Self::Consumer => Self::Provider,
            Self::Provider => Self::Consumer,
        }
    }

    /// Its code: its bit in [`ContestedRound::disputed`], and its byte in the seeds of its Dispute.
    pub const fn code(self) -> u8 {
        match self {
            Self::Consumer => 1,
            Self::Provider => 2,
        }
    }

    /// The party of a stored code.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] for a code that no transition writes.
    pub fn from_code(code: u8) -> Result<Party> {
        match code {
            1 => Ok(Self::Consumer),
            2 => Ok(Self::Provider),
            _ => Err(CoreError::StateInvalid),
        }
    }
}

/// An open dispute or challenge: its bond lies in the escrow, within [`super::Money::held`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The bond.
    pub bond: Atoms,
    /// From then on it has expired.
    pub deadline: Timestamp,
}

/// The arbiter's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// The opener is right: these submissions become abstentions, a bit for each seat (none if an earlier
    /// ruling has turned them).
    Upheld {
        /// Seats, a bit each.
        turned: u8,
    },
    /// The opener is wrong.
    Rejected,
}

/// Where a dispute's bond went: into balances of the SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BondReturned {
    /// To the party that opened it.
    pub to_opener: Atoms,
    /// To the other party.
    pub to_other: Atoms,
}

impl SlaBody {
    /// A party disputes a contested window; the caller moves the bond into the escrow.
    ///
    /// # Errors
    /// [`CoreError::RoundSettled`]; [`CoreError::ContestClosed`] after the challenge phase;
    /// [`CoreError::AlreadyDisputed`] by this party; [`CoreError::NothingToDispute`] unless more than a majority
    /// measured: nothing could be left out then.
    pub fn open_dispute(
        &mut self,
        contested: &mut ContestedRound,
        party: Party,
        now: Timestamp,
    ) -> Result<Contest> {
        self.check_contestable(contested, now)?;
        if contested.disputed & party.code() != 0 {
            return Err(CoreError::AlreadyDisputed);
        }
        let majority = self.terms.committee()?.majority();
        if contested.submissions(majority).tally().measured <= majority {
            return Err(CoreError::NothingToDispute);
        }
        let stake = Atoms(contested.due).plus(Atoms(contested.penalty))?;
        let bond = Bps(self.terms.bond_bps).of_ceil(stake)?.max(Atoms(self.terms.bond_min));
        let contest = self.open_contest(contested, bond, now.after(u64::from(DISPUTE_SECS))?)?;
        contested.disputed |= party.code();
        Ok(contest)
    }

    /// The arbiter rules.
    ///
    /// # Errors
    /// [`CoreError::DeadlinePassed`]; [`CoreError::RulingInvalid`] if a named seat did not measure or was turned
    /// before, if more than N − m of the round would be turned, or fewer than m would count.
    pub fn rule_dispute(
        &mut self,
        contested: &mut ContestedRound,
        contest: &Contest,
        opener: Party,
        ruling: Ruling,
        now: Timestamp,
    ) -> Result<BondReturned> {
        contested.check_unsettled()?;
        if now >= contest.deadline {
            return Err(CoreError::DeadlinePassed);
        }
        let mut round = *contested;
        let returned = match ruling {
            Ruling::Rejected => BondReturned { to_opener: Atoms::ZERO, to_other: contest.bond },
            Ruling::Upheld { turned } => {
                self.turn(&mut round, turned)?;
                BondReturned { to_opener: contest.bond, to_other: Atoms::ZERO }
            }
        };
        self.return_bond(&mut round, opener, &returned)?;
        *contested = round;
        Ok(returned)
    }

    /// Anyone ends a dispute that the arbiter left unanswered: the submissions stand, and a tenth of the bond
    /// (rounded down) pays the other party for the wait.
    ///
    /// # Errors
    /// [`CoreError::NotExpired`].
    pub fn expire_dispute(
        &mut self,
        contested: &mut ContestedRound,
        contest: &Contest,
        opener: Party,
        now: Timestamp,
    ) -> Result<BondReturned> {
        contested.check_unsettled()?;
        if now < contest.deadline {
            return Err(CoreError::NotExpired);
        }
        let to_other = Bps(1_000).of_floor(contest.bond)?;
        let returned = BondReturned { to_opener: contest.bond.minus(to_other)?, to_other };
        let mut round = *contested;
        self.return_bond(&mut round, opener, &returned)?;
        *contested = round;
        Ok(returned)
    }

    fn turn(&self, round: &mut ContestedRound, turned: u8) -> Result<()> {
        let committee = self.terms.committee()?;
        for seat in 0..8 {
            let named = bit_of(seat) & turned != 0;
            let refused = bit_of(seat) & round.turned != 0
                || !measures(round.status(seat).unwrap_or(super::SeatStatus::Absent));
            if named && refused {
                return Err(CoreError::RulingInvalid);
            }
        }
        round.turned |= turned;
        // A majority left is at most N − m left out.
        let count = (0..crate::committee::SEATS_MAX)
            .filter(|seat| bit_of(*seat) & round.turned == 0)
            .filter(|seat| round.status(*seat).is_ok_and(measures))
            .count();
        if turned != 0 && count < usize::from(committee.majority()) {
            return Err(CoreError::RulingInvalid);
        }
        Ok(())
    }

    /// Books a dispute's bond from what is held to the parties' balances, and closes the contest.
    fn return_bond(
        &mut self,
        round: &mut ContestedRound,
        opener: Party,
        returned: &BondReturned,
    ) -> Result<()> {
        let mut money = self.money;
        returned.to_opener.plus(returned.to_other)?.take_from(&mut money.held)?;
        for (party, amount) in [(opener, returned.to_opener), (opener.other(), returned.to_other)] {
            match party {
                Party::Consumer => amount.add_to(&mut money.refundable)?,
                Party::Provider => amount.add_to(&mut money.earned)?,
            }
        }
        round.open = round.open.checked_sub(1).ok_or(CoreError::StateInvalid)?;
        self.money = money;
        Ok(())
    }

    /// Requires a round that can still be contested: unsettled, in its challenge phase.
    pub(super) fn check_contestable(
        &self,
        contested: &ContestedRound,
        now: Timestamp,
    ) -> Result<()> {
        contested.check_unsettled()?;
        let over = now >= self.terms.settles_at(contested.round.window)?;
        if over { Err(CoreError::ContestClosed) } else { Ok(()) }
    }

    /// Holds the bond of one contest more.
    pub(super) fn open_contest(
        &mut self,
        contested: &mut ContestedRound,
        bond: Atoms,
        deadline: Timestamp,
    ) -> Result<Contest> {
        let open = contested.open.checked_add(1).ok_or(CoreError::ContestClosed)?;
        bond.add_to(&mut self.money.held)?;
        contested.open = open;
        Ok(Contest { bond, deadline })
    }
}
