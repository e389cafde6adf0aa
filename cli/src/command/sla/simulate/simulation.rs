//! A scenario run through core alone: the windows as the program would settle them, and all money paid out.

use anyhow::{Context, Result, ensure};
use flashback_core::CoreError;
use flashback_core::sla::{Commitment, Quote, SlaBody, SlaState, WindowOutcome};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Timestamp};

use super::scenario::Scenario;
use crate::exit::usage;
use crate::mistake::Mistake;
use crate::submission::Submission;

/// What a scenario comes to.
pub struct Simulation {
    /// Terms, deposit and covers.
    pub quote: Quote,
    /// The SLA with its listed windows settled, and nothing collected or withdrawn yet.
    pub body: SlaBody,
    /// What became of each window.
    pub windows: Vec<Settled>,
    /// Listed windows that come after an early end.
    pub not_reached: usize,
    /// Everybody's money.
    pub totals: Totals,
}

/// A settled window.
pub struct Settled {
    /// What it came to.
    pub outcome: WindowOutcome,
    /// Fees of all its measuring submissions.
    pub oracle_fees: Atoms,
}

/// Everybody's money once penalties and absences are collected and all is withdrawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Price and fee reserve, from the consumer.
    pub deposit: Atoms,
    /// Penalties, from the provider's stake.
    pub penalties: Atoms,
    /// Absences, from the oracles' stakes.
    pub absences: Atoms,
    /// The provider's earnings.
    pub provider: Atoms,
    /// Refunds, and the consumer's share of what was slashed.
    pub consumer: Atoms,
    /// Fees of all oracles.
    pub oracles: Atoms,
    /// Protocol fees.
    pub treasury: Atoms,
    /// Burnt of penalties.
    pub burnt: Atoms,
    /// Left in the escrow, for windows that were not simulated.
    pub escrow: Atoms,
}

/// Runs a scenario.
pub fn run(scenario: &Scenario) -> Result<Simulation> {
    let quote = scenario.quote().map_err(refused)?;
    let mut body = quote.agreed(0, Timestamp(0));
    body.seat(Timestamp(0))?;
    let mut windows = vec![];
    for (window, submissions) in (0..).zip(&scenario.windows) {
        if body.progress.require(SlaState::Active).is_err() {
            break;
        }
        report(&mut body, window, submissions)?;
        windows.push(settle(&mut body, window)?);
    }
    body.check()?;
    let not_reached = scenario.windows.len().saturating_sub(windows.len());
    let totals = pay_out(body, quote.deposit)?;
    ensure!(totals.balance()?, "core's own figures do not balance: {totals:?}");
    Ok(Simulation { quote, body, windows, not_reached, totals })
}

/// A mistake in a scenario, as wrong usage.
pub fn refused(mistake: Mistake) -> anyhow::Error {
    usage(mistake.to_string())
}

fn report(body: &mut SlaBody, window: u16, submissions: &[Option<Submission>]) -> Result<()> {
    let now = body.terms.report_opens(window)?;
    for (seat, submission) in submissions.iter().enumerate() {
        let Some(submission) = submission else { continue };
        let at = format!("windows[{window}][{seat}]");
        let aggregate =
            submission.aggregate(&body.terms).map_err(|mistake| refused(mistake.within(&at)))?;
        // Nobody opens records in a simulation, so that nothing has to be committed to.
        let committed = Commitment::default();
        body.submit(seat, window, &aggregate, committed, now)
            .map_err(|error| refused(Mistake::new(&at, error)))?;
    }
    Ok(())
}

fn settle(body: &mut SlaBody, window: u16) -> Result<Settled> {
    let fees_before = all_fees(body)?;
    let settled = body.settle_next(body.terms.settles_at(window)?)?;
    let outcome = settled.with_context(|| format!("window {window} is not due"))?;
    Ok(Settled { outcome, oracle_fees: all_fees(body)?.minus(fees_before)? })
}

fn all_fees(body: &SlaBody) -> Result<Atoms, CoreError> {
    body.seats.fees.iter().try_fold(Atoms::ZERO, |sum, fees| sum.plus(Atoms(*fees)))
}

/// Collects what stakes owe, from stakes that can pay it, and hands out what is anybody's.
fn pay_out(mut body: SlaBody, deposit: Atoms) -> Result<Totals> {
    let mut totals = Totals { deposit, ..Totals::default() };
    let cover = body.terms.cover;
    if body.money.penalty_owed > 0 {
        let mut stake = Stake { bonded: cover, covered: cover, ..Stake::default() };
        totals.penalties = body.collect_penalty(&mut stake)?.amount;
    }
    for seat in body.seat_indices()? {
        let owed = body.seats.absence_owed.get(seat).copied().unwrap_or(0);
        if owed > 0 {
            let mut stake = Stake { bonded: owed, ..Stake::default() };
            let collected = body.collect_absence(seat, &mut stake)?;
            totals.absences = totals.absences.plus(collected.amount)?;
        }
        totals.oracles = totals.oracles.plus(or_nothing(body.take_oracle_fees(seat))?)?;
    }
    totals.provider = or_nothing(body.take_earnings())?;
    totals.consumer = or_nothing(body.take_refund())?;
    match body.take_protocol_fees() {
        Ok(swept) => (totals.treasury, totals.burnt) = (swept.fees, swept.burnt),
        Err(CoreError::NothingToWithdraw) => {}
        Err(error) => return Err(error.into()),
    }
    totals.escrow = body.escrow_owed()?;
    if body.progress.state()? == SlaState::Ended {
        close(body)?;
    }
    Ok(totals)
}

fn or_nothing(taken: Result<Atoms, CoreError>) -> Result<Atoms, CoreError> {
    match taken {
        Err(CoreError::NothingToWithdraw) => Ok(Atoms::ZERO),
        taken => taken,
    }
}

/// Gives back what was reserved: of an ended SLA nothing may be left.
fn close(mut body: SlaBody) -> Result<(), CoreError> {
    body.release()?;
    let now = body.terms.settles_at(body.progress.end)?;
    for seat in body.seat_indices()? {
        body.free_seat(seat, &Stake::default(), now)?;
    }
    body.check_closable()
}

impl Totals {
    /// All that came in.
    pub fn paid_in(&self) -> Result<Atoms, CoreError> {
        self.deposit.plus(self.penalties)?.plus(self.absences)
    }

    /// All that went out, and what is left.
    pub fn paid_out(&self) -> Result<Atoms, CoreError> {
        let received =
            [self.provider, self.consumer, self.oracles, self.treasury, self.burnt, self.escrow];
        received.into_iter().try_fold(Atoms::ZERO, Atoms::plus)
    }

    fn balance(&self) -> Result<bool, CoreError> {
        Ok(self.paid_in()? == self.paid_out()?)
    }
}
