//! Money out, and the end.

use anyhow::{Context, Result, ensure};
use flashback_core::sla::SlaState;
use flashback_core::units::Atoms;

use super::market::{Market, signed};
use crate::demo::ledger::{BURNT, Ledger, SlaRow, TREASURY};
use crate::demo::scenario::{CONSUMER, Sla};

impl Market<'_> {
    /// Penalties and absences are collected, and everybody withdraws.
    pub fn pay_out(&mut self, sla: Sla) -> Result<()> {
        let committee = self.committee(sla)?;
        let mut body = *self.body(sla)?;
        ensure!(body.progress.state()? == SlaState::Ended, "{sla:?} has not ended");
        let mut compensation = Atoms::ZERO;
        if body.money.penalty_owed > 0 {
            let penalty = body.collect_penalty(self.stake(sla.provider())?)?;
            self.ledger.row(sla.provider()).slashed -= signed(penalty.amount);
            compensation = compensation.plus(penalty.consumer)?;
        }
        for (seat, oracle) in committee.iter().enumerate() {
            if body.seats.absence_owed[seat] > 0 {
                let absence = body.collect_absence(seat, self.stake(oracle)?)?;
                self.ledger.row(oracle).slashed -= signed(absence.amount);
                compensation = compensation.plus(absence.consumer)?;
            }
            let bond = self.bond(sla, oracle);
            let row = self.ledger.row(oracle);
            row.fees += signed(body.take_oracle_fees(seat)?) - bond;
            row.bonds += bond;
        }
        let swept = body.take_protocol_fees()?;
        self.ledger.row(TREASURY).fees += signed(swept.fees);
        self.ledger.row(BURNT).slashed += signed(swept.burnt);
        let bond = self.bond(sla, sla.provider());
        let row = self.ledger.row(sla.provider());
        row.paid += signed(body.take_earnings()?) - bond;
        row.bonds += bond;
        if body.money.refundable > 0 {
            let row = self.ledger.row(CONSUMER);
            row.refunded += signed(body.take_refund()?.minus(compensation)?);
            row.slashed += signed(compensation);
        }
        *self.body(sla)? = body;
        Ok(())
    }

    /// What the SLA reserved is given back, points are folded, and nothing is left in it.
    pub fn close(&mut self, sla: Sla) -> Result<()> {
        let committee = self.committee(sla)?;
        let now = self.now;
        let mut body = *self.body(sla)?;
        let released = body.release()?;
        self.stake(sla.provider())?.release(released.cover)?;
        let score = self.scores.get_mut(sla.provider()).context("every provider has a score")?;
        *score = score.fold(released.points_milli, now)?;
        for (seat, oracle) in committee.iter().enumerate() {
            let stake = self.stake(oracle)?;
            let freed = body.free_seat(seat, stake, now)?;
            stake.release(freed.cover)?;
        }
        body.check_closable()?;
        self.ledger.close(SlaRow::of(sla.provider(), committee, &body));
        Ok(())
    }

    /// What it all came to.
    pub fn into_ledger(self) -> Result<Ledger> {
        let mut ledger = self.ledger;
        for (party, stake) in &self.stakes {
            ensure!(stake.covered == 0, "{party} still covers {} atoms", stake.covered);
        }
        for row in ledger.parties.values_mut() {
            row.after = row.expected_after();
        }
        for (provider, score) in self.scores {
            ledger.scores_milli.insert(provider.to_owned(), score.milli);
        }
        Ok(ledger)
    }

    /// What of a party's balance in an SLA is a bond.
    fn bond(&mut self, sla: Sla, party: &str) -> i128 {
        signed(self.bonds.remove(&(sla, party.to_owned())).unwrap_or_default())
    }
}
