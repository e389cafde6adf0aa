//! Money out, and the end: everything is collected, withdrawn, swept, given back and closed.

use anyhow::{Result, ensure};
use flashback_sdk::account::{Oracle, Provider};
use flashback_sdk::address;
use flashback_sdk::instruction::{StakeOwner, VaultOwner};

use super::{Stage, UNIT};
use crate::demo::ledger::{BURNT, SlaRow};
use crate::demo::scenario::{CONSUMER, PROVIDERS, Sla};

impl Stage {
    /// Penalties and absences of every SLA are collected, and everybody withdraws.
    pub async fn pay_out(&mut self) -> Result<()> {
        for sla in Sla::ALL {
            let address = self.address(sla)?;
            self.check_solvency(VaultOwner::Sla(address)).await;
            self.pay_out_of(sla).await?;
            self.check_solvency(VaultOwner::Sla(address)).await;
        }
        self.say("penalties and absences are collected, fees swept, the burnt part burnt");
        self.say("providers, oracles and consumer have withdrawn what is theirs");
        Ok(())
    }

    async fn pay_out_of(&mut self, sla: Sla) -> Result<()> {
        let (anyone, address) = (self.anyone(), self.address(sla)?);
        let body = anyone.sla(&address).await?.body;
        let mut collected = 0;
        if body.money.penalty_owed > 0 {
            let penalty = anyone.collect_penalty(&address);
            collected -= self.booked(penalty, |row| &mut row.slashed).await?.values().sum::<i128>();
        }
        if body.seats.absence_owed.iter().any(|owed| *owed > 0) {
            let absences = anyone.collect_absences(&address);
            collected -=
                self.booked(absences, |row| &mut row.slashed).await?.values().sum::<i128>();
        }
        let mut swept = self.booked(anyone.sweep_fees(&address), |row| &mut row.fees).await?;
        let burnt = swept.remove(BURNT).unwrap_or_default();
        let row = self.ledger.row(BURNT);
        row.fees -= burnt;
        row.slashed += burnt;

        let provider = self.client(sla.provider())?;
        self.booked(provider.withdraw_earnings(&address), |row| &mut row.paid).await?;
        let bond = self.bond(sla, sla.provider());
        let row = self.ledger.row(sla.provider());
        row.paid -= bond;
        row.bonds += bond;
        for oracle in self.reserved(sla)?.seats.clone() {
            let client = self.client(&oracle)?;
            self.booked(client.claim_oracle_fees(&address), |row| &mut row.fees).await?;
            let bond = self.bond(sla, &oracle);
            let row = self.ledger.row(&oracle);
            row.fees -= bond;
            row.bonds += bond;
        }
        let consumer = self.client(CONSUMER)?;
        if anyone.sla(&address).await?.body.money.refundable > 0 {
            self.booked(consumer.withdraw_refund(&address), |row| &mut row.refunded).await?;
        }
        // What was taken from stakes and not burnt is the consumer's compensation.
        let row = self.ledger.row(CONSUMER);
        row.refunded -= collected - burnt;
        row.slashed += collected - burnt;
        Ok(())
    }

    /// What of a party's balance in an SLA was a bond.
    fn bond(&mut self, sla: Sla, party: &str) -> i128 {
        self.bonds.remove(&(sla, party.to_owned())).unwrap_or_default()
    }

    /// The SLAs are closed, nothing is left of them, and the chain has checked every vault.
    pub async fn close(&mut self) -> Result<()> {
        let anyone = self.anyone();
        for sla in Sla::ALL {
            let reserved = self.reserved(sla)?;
            let address = reserved.address;
            let body = anyone.sla(&address).await?.body;
            ensure!(body.progress.open_rounds == 0, "{sla:?} has rounds open");
            let row = SlaRow::of(sla.provider(), &reserved.seats, &body);
            self.ledger.close(row);
            self.sent(anyone.close_sla(&address)).await?;
            let accounts = [address, address::escrow(&address)];
            let left = anyone.rpc().get_multiple_accounts(&accounts).await?;
            ensure!(left.iter().all(Option::is_none), "something is left of {sla:?}");
        }
        for provider in PROVIDERS {
            let key = self.actor(provider)?.key();
            let score = anyone.unit(&key, UNIT).await?.score.milli;
            self.ledger.scores_milli.insert(provider.to_owned(), score);
        }
        for owner in self.stakers()? {
            let stake = match owner {
                StakeOwner::Provider(_) => anyone.fetch::<Provider>(&owner.address()).await?.stake,
                StakeOwner::Oracle(_) => anyone.fetch::<Oracle>(&owner.address()).await?.stake,
            };
            ensure!(stake.covered == 0, "a stake still covers {} atoms", stake.covered);
            self.check_solvency(VaultOwner::Stake(owner.address())).await;
        }
        for vault in [VaultOwner::Treasury, VaultOwner::Rewards] {
            self.check_solvency(vault).await;
        }
        self.say("every SLA is closed, its rent returned; the chain has checked every vault");
        Ok(())
    }
}
