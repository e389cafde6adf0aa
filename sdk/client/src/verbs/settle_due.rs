//! Settling whatever is due, many SLAs to a transaction.

use flashback_core::CoreError;
use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use solana_sdk::pubkey::Pubkey;

use crate::account::Sla;
use crate::batch::groups;
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction as build;
use crate::scan::Has;
use crate::sent::{Batch, Sent, send_all};

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
        Ok(send_all(self.settlements(slas).await?, Some(CoreError::NothingDue)).await)
    }

    /// Settles every window that is due by now of any SLA of the program, as anyone: as [`Flashback::settle_due`].
    ///
    /// # Errors
    /// As [`Flashback::all_settlements`], before anything was sent.
    pub async fn settle_all_due(&self) -> Result<Sent> {
        Ok(send_all(self.all_settlements().await?, Some(CoreError::NothingDue)).await)
    }

    /// What settles every window that is due by now of these SLAs: transactions, to be sent in any order. Empty if
    /// nothing is due; SLAs that are gone are passed over.
    ///
    /// # Errors
    /// [`crate::Error::Network`], [`crate::Error::Rpc`].
    pub async fn settlements(&self, slas: &[Pubkey]) -> Result<Vec<Batch>> {
        let now = self.now().await?;
        let read = self.find_many::<Sla>(slas).await?;
        let found = slas.iter().zip(read).filter_map(|(address, sla)| {
            let sla = sla.ok().flatten()?;
            Some((*address, sla))
        });
        Ok(self.settlements_of(found, now))
    }

    /// What settles every window that is due by now of any SLA of the program: as [`Flashback::settlements`].
    ///
    /// # Errors
    /// As [`Flashback::settlements`]; servers may refuse to scan a program's accounts.
    pub async fn all_settlements(&self) -> Result<Vec<Batch>> {
        let active = self.scan::<Sla>(&[Has::sla_state(SlaState::Active)]).await?;
        Ok(self.settlements_of(active.accounts, self.now().await?))
    }

    fn settlements_of(
        &self,
        slas: impl IntoIterator<Item = (Pubkey, Sla)>,
        now: Timestamp,
    ) -> Vec<Batch> {
        let due = slas.into_iter().filter(|(_, sla)| sla.body.is_due(now).unwrap_or(false));
        let mut due: Vec<_> = due.map(|(address, _)| address).collect();
        due.sort();
        due.dedup();
        let build = |slas: &[Pubkey]| vec![build::settle_many(slas)];
        let groups = groups(self, due, build);
        let batches = groups.into_iter().map(|slas| {
            let prepared = self.prepare(build(&slas));
            Batch { slas, prepared }
        });
        batches.collect()
    }
}
