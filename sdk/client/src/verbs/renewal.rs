//! Renewal: what an SLA gave back goes into the next one.

use flashback_core::units::{Gib, Seconds};
use solana_sdk::pubkey::Pubkey;

use crate::account::{Provider, Sla};
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction as build;
use crate::prepared::Prepared;
use crate::quote::{Quoted, Reservation};

impl Flashback {
    /// Quotes an SLA once more: the same capacity, windows and seats of the same unit, on what the unit offers and
    /// the parameters say now.
    ///
    /// # Errors
    /// As [`Flashback::quote`].
    pub async fn quote_renewal(&self, sla: &Pubkey) -> Result<Quoted> {
        let (account, authority) = self.with_provider(sla).await?;
        let terms = &account.body.terms;
        let reservation = Reservation {
            capacity: Gib(terms.gib),
            window: Seconds(terms.window_secs),
            windows: terms.windows,
            seats: terms.seats,
            thresholds: None,
            max_total: None,
        };
        self.quote(&authority, account.unit_id, &reservation).await
    }

    /// Renews an SLA as quoted by [`Flashback::quote_renewal`], as its consumer: withdraws what it has refunded so far
    /// and proposes the next one under the number `id`, in one transaction, so that the refund is part of the new
    /// deposit. Both live side by side if the old one has not ended yet.
    pub async fn renew(&self, sla: &Pubkey, id: u64, quoted: &Quoted) -> Result<Prepared> {
        let (account, authority) = self.with_provider(sla).await?;
        let (tokens, mut all) = self.token_account_of(&self.key()).await?;
        if account.body.money.refundable > 0 {
            all.push(build::withdraw_refund(self.key(), *sla, tokens));
        }
        all.push(self.proposal(&authority, account.unit_id, id, quoted).await?);
        Ok(self.prepare(all))
    }

    /// An SLA and its provider's authority.
    async fn with_provider(&self, sla: &Pubkey) -> Result<(Sla, Pubkey)> {
        let account = self.sla(sla).await?;
        let provider: Provider = self.fetch(&account.provider).await?;
        Ok((account, provider.authority))
    }
}
