//! Money out of an SLA's escrow, and into it from stakes.

use flashback_core::CoreError;
use solana_sdk::pubkey::Pubkey;

use crate::account::{Provider, Sla};
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction::{self as build, VaultOwner};
use crate::prepared::Prepared;

impl Flashback {
    /// Withdraws what the provider has earned to its payout owner's associated token account (created if
    /// missing), as its authority or operator.
    pub async fn withdraw_earnings(&self, sla: &Pubkey) -> Result<Prepared> {
        let provider_address = self.sla(sla).await?.provider;
        let provider: Provider = self.fetch(&provider_address).await?;
        let (destination, mut all) = self.token_account_of(&provider.payout).await?;
        all.push(build::withdraw_earnings(self.key(), provider_address, *sla, destination));
        Ok(self.prepare(all))
    }

    /// Withdraws what was refunded to this key's associated token account (created if missing), as the
    /// consumer.
    pub async fn withdraw_refund(&self, sla: &Pubkey) -> Result<Prepared> {
        let (destination, mut all) = self.token_account_of(&self.key()).await?;
        all.push(build::withdraw_refund(self.key(), *sla, destination));
        Ok(self.prepare(all))
    }

    /// Claims a seat's fees to this key's associated token account (created if missing), as its oracle.
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `NotSeated` if this key has no seat.
    pub async fn claim_oracle_fees(&self, sla: &Pubkey) -> Result<Prepared> {
        let seat = seat_of(&self.sla(sla).await?, &self.key())?;
        let (destination, mut all) = self.token_account_of(&self.key()).await?;
        all.push(build::claim_oracle_fees(self.key(), *sla, seat, destination));
        Ok(self.prepare(all))
    }

    /// Moves protocol fees to the treasury and burns the burnt part of penalties, as anyone.
    pub async fn sweep_fees(&self, sla: &Pubkey) -> Result<Prepared> {
        let provider = self.sla(sla).await?.provider;
        Ok(self.prepare([build::sweep_fees(*sla, provider, self.mint().await?)]))
    }

    /// Collects accrued penalties from the provider's stake, as anyone.
    pub async fn collect_penalty(&self, sla: &Pubkey) -> Result<Prepared> {
        let provider = self.sla(sla).await?.provider;
        Ok(self.prepare([build::collect_penalty(*sla, provider)]))
    }

    /// Collects what every silent oracle owes, as anyone.
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `NothingOwed` if none owes anything.
    pub async fn collect_absences(&self, sla: &Pubkey) -> Result<Prepared> {
        let account = self.sla(sla).await?;
        let seats = account.body.seats.absence_owed.iter().zip(&account.seats).zip(0..);
        let owing = seats.filter(|((owed, _), _)| **owed > 0);
        let collect: Vec<_> =
            owing.map(|((_, key), seat)| build::collect_absence(*sla, seat, key)).collect();
        if collect.is_empty() {
            return Err(CoreError::NothingOwed.into());
        }
        Ok(self.prepare(collect))
    }

    /// Has the chain check a vault, as anyone; fails if it holds less than is owed.
    pub fn assert_solvent(&self, owner: VaultOwner) -> Prepared {
        self.prepare([build::assert_solvent(owner)])
    }
}

/// The seat that an oracle's authority holds.
pub(crate) fn seat_of(sla: &Sla, authority: &Pubkey) -> Result<u8> {
    let mut seats = sla.seats.iter().zip(0..);
    let seat = seats.find(|(key, _)| *key == authority).map(|(_, seat)| seat);
    seat.ok_or_else(|| CoreError::NotSeated.into())
}
