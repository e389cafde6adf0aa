//! Settling whatever is due, many SLAs to a transaction.

use flashback_core::CoreError;
use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use crate::account::{FlashbackAccount, Sla};
use crate::batch::groups;
use crate::client::Flashback;
use crate::error::{Error, Result};
use crate::instruction as build;
use crate::scan::{Found, Has};
use crate::sent::{Batch, Batches, Sent, send_all};

impl Flashback {
    /// Settles every window that is due by now of these SLAs, as anyone, as many to a transaction as fit. Those of which
    /// nothing is due, that are gone, or that somebody else has settled meanwhile are passed over.
    ///
    /// What failed is told in [`Sent`], and keeps the rest from being settled only where it would meet it too. Killed
    /// and called again, it goes on with what is left.
    ///
    /// # Errors
    /// As [`Flashback::settlements`], before anything was sent.
    pub async fn settle_due(&self, slas: &[Pubkey]) -> Result<Sent> {
        Ok(send_all(self.settlements(slas, &[]).await?, Some(CoreError::NothingDue)).await)
    }

    /// Settles every window that is due by now of any SLA of the program, as anyone: as [`Flashback::settle_due`].
    ///
    /// # Errors
    /// As [`Flashback::all_settlements`], before anything was sent.
    pub async fn settle_all_due(&self) -> Result<Sent> {
        Ok(send_all(self.all_settlements(&[]).await?, Some(CoreError::NothingDue)).await)
    }

    /// What settles every window that is due by now of these SLAs, as many to a transaction as fit when `beside` is put
    /// behind them (which is left to the caller). SLAs that are gone are passed over; accounts that are none, or of a layout
    /// that this SDK does not know, are told.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn settlements(&self, slas: &[Pubkey], beside: &[Instruction]) -> Result<Batches> {
        let now = self.now().await?;
        let read = self.find_many::<Sla>(slas).await?;
        let mut found = Found::default();
        for (address, sla) in slas.iter().zip(read) {
            match sla {
                Ok(Some(sla)) => found.accounts.push((*address, sla)),
                Ok(None) => {}
                Err(error) => found.skipped.push(error),
            }
        }
        Ok(self.settlements_of(found, now, beside))
    }

    /// What settles every window that is due by now of any SLA of the program: as [`Flashback::settlements`].
    ///
    /// # Errors
    /// As [`Flashback::settlements`]; servers may refuse to scan a program's accounts.
    pub async fn all_settlements(&self, beside: &[Instruction]) -> Result<Batches> {
        let active = self.scan::<Sla>(&[Has::sla_state(SlaState::Active)]).await?;
        Ok(self.settlements_of(active, self.now().await?, beside))
    }

    fn settlements_of(&self, found: Found<Sla>, now: Timestamp, beside: &[Instruction]) -> Batches {
        let (mut due, mut skipped) = (vec![], found.skipped);
        for (address, sla) in found.accounts {
            match sla.body.is_due(now) {
                Ok(true) => due.push(address),
                Ok(false) => {}
                Err(_) => skipped.push(Error::AccountMalformed { kind: Sla::KIND, address }),
            }
        }
        due.sort();
        due.dedup();
        let groups = groups(self, due, |slas| {
            let settle = std::iter::once(build::settle_many(slas));
            settle.chain(beside.iter().cloned()).collect()
        });
        let batches = groups.into_iter().map(|slas| {
            let prepared = self.prepare([build::settle_many(&slas)]);
            Batch { slas, prepared }
        });
        Batches::new(batches.collect(), skipped)
    }
}

#[cfg(test)]
mod tests;
