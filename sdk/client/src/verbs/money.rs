//! Money out of an SLA's escrow, and into it from stakes.

use flashback_core::CoreError;
use solana_sdk::pubkey::Pubkey;

use crate::account::{Provider, Sla};
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction::{self as build, VaultOwner};
use crate::send::Receipt;

impl Flashback {
    /// Withdraws what the provider has earned to its payout owner's associated token account (created if
    /// missing), as its authority or operator.
    pub async fn withdraw_earnings(&self, sla: &Pubkey) -> Result<Receipt> {
        let provider_address = self.sla(sla).await?.provider;
        let provider: Provider = self.fetch(&provider_address).await?;
        let (destination, mut all) = self.token_account_of(&provider.payout).await?;
        all.push(build::withdraw_earnings(self.key(), provider_address, *sla, destination));
        self.send(&all, &[]).await
    }

    /// Withdraws what was refunded to this key's associated token account (created if missing), as the
    /// consumer.
    pub async fn withdraw_refund(&self, sla: &Pubkey) -> Result<Receipt> {
        let (destination, mut all) = self.token_account_of(&self.key()).await?;
        all.push(build::withdraw_refund(self.key(), *sla, destination));
        self.send(&all, &[]).await
    }

    /// Claims a seat's fees to this key's associated token account (created if missing), as its oracle.
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `NotSeated` if this key has no seat.
    pub async fn claim_oracle_fees(&self, sla: &Pubkey) -> Result<Receipt> {
        let seat = seat_of(&self.sla(sla).await?, &self.key())?;
        let (destination, mut all) = self.token_account_of(&self.key()).await?;
        all.push(build::claim_oracle_fees(self.key(), *sla, seat, destination));
        self.send(&all, &[]).await
    }

    /// Moves protocol fees to the treasury and burns the burnt part of penalties, as anyone.
    pub async fn sweep_fees(&self, sla: &Pubkey) -> Result<Receipt> {
        let provider = self.sla(sla).await?.provider;
        self.send(&[build::sweep_fees(*sla, provider, self.mint().await?)], &[]).await
    }

    /// Collects accrued penalties from the provider's stake, as anyone.
    pub async fn collect_penalty(&self, sla: &Pubkey) -> Result<Receipt> {
        let provider = self.sla(sla).await?.provider;
        self.send(&[build::collect_penalty(*sla, provider)], &[]).await
    }

    /// Collects what every silent oracle owes, as anyone.
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `NothingOwed` if none owes anything.
    pub async fn collect_absences(&self, sla: &Pubkey) -> Result<Receipt> {
        let account = self.sla(sla).await?;
        let seats = account.body.seats.absence_owed.iter().zip(&account.seats).zip(0..);
        let owing = seats.filter(|((owed, _), _)| **owed > 0);
        let collect: Vec<_> =
            owing.map(|((_, key), seat)| build::collect_absence(*sla, seat, key)).collect();
        if collect.is_empty() {
            return Err(CoreError::NothingOwed.into());
        }
        self.send(&collect, &[]).await
    }

    /// Has the chain check a vault, as anyone; fails if it holds less than is owed.
    pub async fn assert_solvent(&self, owner: VaultOwner) -> Result<Receipt> {
        self.send(&[build::assert_solvent(owner)], &[]).await
    }
}

/// The seat that an oracle's authority holds.
pub(crate) fn seat_of(sla: &Sla, authority: &Pubkey) -> Result<u8> {
    let mut seats = sla.seats.iter().zip(0..);
    let seat = seats.find(|(key, _)| *key == authority).map(|(_, seat)| seat);
    seat.ok_or_else(|| CoreError::NotSeated.into())
}
