//! A contested window: it leaves the SLA for its own round, so that later windows go on, and settles there.
//!
//! Until then it counts as it stood when it was contested, for what follows in time: the run of Unmeasured
//! windows, runs of misses, the end. So a contest delays nobody's end and buys nobody an exit.

use crate::committee::SEATS_MAX;
use crate::error::{CoreError, Result};
use crate::sla::judge::{Consequences, Submissions};
use crate::sla::parts::{Round, SeatStatus, SlaBody, SlaState};
use crate::sla::settle::WindowOutcome;
use crate::stake::Stake;
use crate::units::{Atoms, Timestamp};

pod_part! {
    /// A contested window, in an account of its own. The keys of its oracles stand beside this part.
    pub struct ContestedRound {
        /// What the window costs at most, in atoms.
        pub due: u64,
        /// Due and oracle fees within [`super::Money::held`] until it is settled, in atoms.
        pub held: u64,
        /// The penalty as the window stood when it was contested, in atoms.
        pub penalty: u64,
        /// Cover kept here for oracles that have left their seats since, in atoms.
        pub covers: [u64; SEATS_MAX],
        /// Fees and bonds of such oracles within [`super::Money::held`], in atoms.
        pub fees: [u64; SEATS_MAX],
        /// Absences that such oracles owe, in atoms. Not in the escrow.
        pub absence_owed: [u64; SEATS_MAX],
        /// The submissions.
        pub round: Round,
        /// Disputes and challenges that are open. Wide enough that nobody fills it to keep others from contesting.
        pub open: u32,
        /// Points of such oracles.
        pub points: [i8; SEATS_MAX],
        /// Seats that counted in the window, a bit each.
        pub counted: u8,
        /// Submissions that the arbiter turned into abstentions, a bit each.
        pub turned: u8,
        /// Parties that have disputed it, a bit each.
        pub disputed: u8,
        /// 1 once settled: nothing is voided after.
        pub settled: u8,
        /// For later versions.
        pub reserved: [u8; 3],
    }
}

const _: () = assert!(size_of::<ContestedRound>() == 288);

/// The seats of a round that the oracles which held them in the round hold still, a bit each.
///
/// An oracle that has left a seat and was drawn for it again holds it anew: its accounts of the earlier time are
/// settled where it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holders(u8);

impl Holders {
    #[cfg(test)]
    pub(super) fn of(bits: u8) -> Self {
        Self(bits)
    }

    /// Whether the seat's oracle is the round's.
    pub fn holds(self, seat: usize) -> bool {
        bit_of(seat) & self.0 != 0
    }
}

/// What an oracle that has left its seat gets and gives when a contested round is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundSeatFreed {
    /// From the escrow to its stake vault, bonded.
    pub fees: Atoms,
    /// From its stake vault to the escrow, the consumer's.
    pub absence: Atoms,
    /// Absence that nothing could pay.
    pub written_off: Atoms,
    /// Cover that became free.
    pub released: Atoms,
    /// Its points.
    pub points: i8,
}

impl ContestedRound {
    /// The submissions as they count: those that the arbiter turned are abstentions if a majority of the
    /// committee still measured without them; else they stand, whatever was voided since.
    pub(super) fn submissions(&self, majority: u8) -> Submissions {
        let window = self.round.window;
        let mut statuses = [None; SEATS_MAX];
        let mut standing = 0u8;
        for (seat, place) in statuses.iter_mut().enumerate() {
            if bit_of(seat) & self.counted != 0 {
                let status = self.round.status_in(window, seat);
                let turned = bit_of(seat) & self.turned != 0;
                if measures(status) && !turned {
                    standing = standing.saturating_add(1);
                }
                *place = Some(status);
            }
        }
        if standing >= majority {
            for (seat, place) in statuses.iter_mut().enumerate() {
                if bit_of(seat) & self.turned != 0 && place.is_some_and(measures) {
                    *place = Some(SeatStatus::Abstained);
                }
            }
        }
        Submissions { statuses, shortfalls: self.round.shortfall_ppm }
    }

    /// Requires a round that is not settled.
    pub(super) fn check_unsettled(&self) -> Result<()> {
        if self.settled == 0 { Ok(()) } else { Err(CoreError::RoundSettled) }
    }

    pub(super) fn status(&self, seat: usize) -> Result<SeatStatus> {
        if bit_of(seat) & self.counted == 0 {
            return Err(CoreError::NotSeated);
        }
        Ok(self.round.status_in(self.round.window, seat))
    }

    /// Whether anything of a leaver is still here.
    pub fn is_empty(&self) -> bool {
        let none = |balances: &[u64]| balances.iter().all(|balance| *balance == 0);
        none(&self.covers)
            && none(&self.fees)
            && none(&self.absence_owed)
            && self.points.iter().all(|points| *points == 0)
    }
}

/// A seat's bit in masks; none beyond the eighth.
pub(super) fn bit_of(seat: usize) -> u8 {
    u32::try_from(seat).ok().and_then(|shift| 1u8.checked_shl(shift)).unwrap_or(0)
}

pub(super) fn measures(status: SeatStatus) -> bool {
    matches!(status, SeatStatus::Measured | SeatStatus::Excellent)
}

impl SlaBody {
    /// Moves the window at the cursor into a round of its own, for the first contest of it: due and oracle fees
    /// are held, and the SLA goes on as if the window were settled as it stands, which is returned.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Active; [`CoreError::ContestClosed`] outside the challenge phase of the
    /// window at the cursor, or with 255 rounds open.
    pub fn contest(&mut self, now: Timestamp) -> Result<(ContestedRound, WindowOutcome)> {
        self.progress.require(SlaState::Active)?;
        let window = self.progress.cursor;
        let open_rounds = self.progress.open_rounds.checked_add(1);
        let open_rounds = open_rounds.ok_or(CoreError::ContestClosed)?;
        let phase = self.terms.report_closes(window)?..self.terms.settles_at(window)?;
        if window >= self.progress.end || !phase.contains(&now) {
            return Err(CoreError::ContestClosed);
        }
        let submissions = self.submissions()?;
        let tally = submissions.tally();
        let mut outcome = self.judge(window, &tally)?;
        outcome.ended = self.ends_with(&outcome);
        let held = outcome.due_and_oracle_fees()?;
        let mut money = self.money;
        held.take_from(&mut money.unallocated)?;
        held.add_to(&mut money.held)?;
        if outcome.ended {
            let kept = self.protocol_fees_to_come(Atoms(money.paid_total), 1)?;
            outcome.returned = Atoms(money.unallocated).minus(kept)?;
            money.unallocated = kept.0;
            outcome.returned.add_to(&mut money.refundable)?;
        }
        let mut seats = self.seats;
        let mut consequences = Consequences::new(&self.terms, &outcome, &tally);
        for (status, run) in submissions.statuses.iter().zip(&mut seats.missed) {
            if let Some(status) = status {
                consequences.of(*status)?.run(run);
            }
        }
        let mut contested: ContestedRound = bytemuck::Zeroable::zeroed();
        contested.due = outcome.due.0;
        contested.held = held.0;
        contested.penalty = outcome.penalty.0;
        contested.round.window = window;
        if self.round.window == window {
            contested.round = self.round;
        }
        for (seat, status) in submissions.statuses.iter().enumerate() {
            if status.is_some() {
                contested.counted |= bit_of(seat);
            }
        }
        self.money = money;
        self.seats = seats;
        self.progress.open_rounds = open_rounds;
        self.pass(&outcome);
        Ok((contested, outcome))
    }

    /// Who of a round's oracles holds its seat still, given the keys of both by seat.
    pub fn holders<K: PartialEq>(
        &self,
        contested: &ContestedRound,
        now: &[K; SEATS_MAX],
        then: &[K; SEATS_MAX],
    ) -> Holders {
        let same = now.iter().zip(then).enumerate().filter(|(seat, (now, then))| {
            now == then && self.seats.counts(*seat, contested.round.window)
        });
        Holders(same.fold(0, |bits, (seat, _)| bits | bit_of(seat)))
    }

    /// Settles a contested window once nothing about it is open and nothing more can be contested.
    ///
    /// What oracles that hold their seats no longer earned or owe stays in the round, until
    /// [`SlaBody::free_round_seat`].
    ///
    /// # Errors
    /// [`CoreError::RoundSettled`]; [`CoreError::RoundOpen`] while contests are open, or before the window's
    /// challenge phase is over.
    pub fn settle_round(
        &mut self,
        contested: &mut ContestedRound,
        holders: Holders,
        now: Timestamp,
    ) -> Result<WindowOutcome> {
        contested.check_unsettled()?;
        let window = contested.round.window;
        if contested.open > 0 || now < self.terms.settles_at(window)? {
            return Err(CoreError::RoundOpen);
        }
        let submissions = contested.submissions(self.terms.committee()?.majority());
        let tally = submissions.tally();
        let mut outcome = self.judge(window, &tally)?;
        let mut money = self.credited(&outcome)?;
        let mut round = *contested;
        let mut seats = self.seats;
        let mut kept = Atoms::ZERO;
        let mut consequences = Consequences::new(&self.terms, &outcome, &tally);
        for (seat, status) in submissions.statuses.iter().enumerate() {
            let Some(status) = status else { continue };
            let consequence = consequences.of(*status)?;
            if holders.holds(seat) {
                consequence.book(&mut seats, seat)?;
                continue;
            }
            let invalid = CoreError::SeatInvalid;
            kept = kept.plus(consequence.fee)?;
            consequence.fee.add_to(round.fees.get_mut(seat).ok_or(invalid)?)?;
            consequence.absence.add_to(round.absence_owed.get_mut(seat).ok_or(invalid)?)?;
            let points = round.points.get_mut(seat).ok_or(invalid)?;
            *points = if consequence.missed { -1 } else { 1 };
        }
        Atoms(round.held).take_from(&mut money.held)?;
        kept.add_to(&mut money.held)?;
        // Fees of submissions that count no longer go back; protocol fees were never held.
        let unspent = Atoms(round.held).minus(outcome.due_and_oracle_fees()?)?;
        unspent.add_to(&mut money.unallocated)?;
        outcome.protocol_fee.take_from(&mut money.unallocated)?;
        if self.progress.state()? == SlaState::Ended && self.unsettled_rounds() <= 1 {
            outcome.returned = Atoms(core::mem::take(&mut money.unallocated));
            outcome.returned.add_to(&mut money.refundable)?;
        }
        let points = self.unit_points(&outcome, &tally)?;
        round.settled = 1;
        round.held = 0;
        *contested = round;
        self.money = money;
        self.seats = seats;
        self.count(&outcome, points);
        Ok(outcome)
    }

    /// Settles accounts with an oracle that has left its seat since the round: fees and cover first, so that
    /// both can pay its absence.
    ///
    /// # Errors
    /// [`CoreError::RoundOpen`] until the round is settled; [`CoreError::SeatInvalid`];
    /// [`CoreError::AlreadyReleased`] if nothing of it is here.
    pub fn free_round_seat(
        &mut self,
        contested: &mut ContestedRound,
        seat: usize,
        leaver: &mut Stake,
    ) -> Result<RoundSeatFreed> {
        if contested.settled == 0 {
            return Err(CoreError::RoundOpen);
        }
        let take = |balances: &mut [u64; SEATS_MAX]| {
            let balance = balances.get_mut(seat).ok_or(CoreError::SeatInvalid)?;
            Ok(Atoms(core::mem::take(balance)))
        };
        let mut round = *contested;
        let (fees, owed) = (take(&mut round.fees)?, take(&mut round.absence_owed)?);
        let released = take(&mut round.covers)?;
        let points = round.points.get_mut(seat).ok_or(CoreError::SeatInvalid)?;
        let points = core::mem::take(points);
        if round == *contested {
            return Err(CoreError::AlreadyReleased);
        }
        let (mut money, mut stake) = (self.money, *leaver);
        fees.take_from(&mut money.held)?;
        fees.add_to(&mut stake.bonded)?;
        stake.release(released)?;
        let absence = stake.slash_uncovered(owed)?;
        absence.add_to(&mut money.refundable)?;
        self.money = money;
        *contested = round;
        *leaver = stake;
        Ok(RoundSeatFreed { fees, absence, written_off: owed.minus(absence)?, released, points })
    }

    /// Lets the SLA forget a round, whose account can then be closed.
    ///
    /// # Errors
    /// [`CoreError::RoundOpen`] until it is settled; [`CoreError::NotClosable`] while anything of an oracle that
    /// left is in it.
    pub fn close_round(&mut self, contested: &ContestedRound) -> Result<()> {
        if contested.settled == 0 {
            return Err(CoreError::RoundOpen);
        }
        if !contested.is_empty() {
            return Err(CoreError::NotClosable);
        }
        let open = self.progress.open_rounds.checked_sub(1);
        self.progress.open_rounds = open.ok_or(CoreError::NotClosable)?;
        Ok(())
    }
}
