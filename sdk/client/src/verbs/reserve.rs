//! Reserving in one call: what is proposed, agreed and watched, under a number that is used once.

use flashback_core::sla::{SlaState, SlaTerms};
use solana_sdk::pubkey::Pubkey;

use crate::account::{FlashbackAccount, Sla};
use crate::address;
use crate::client::Flashback;
use crate::error::{Error, Result};
use crate::quote::Reservation;
use crate::send::Receipt;

/// How many numbers are looked at in one request.
const NUMBERS_AT_ONCE: u64 = 100;

/// What [`Flashback::reserve`] has brought about.
#[derive(Clone, Debug)]
pub struct Reserved {
    /// The Sla's address.
    pub sla: Pubkey,
    /// The consumer's number of it.
    pub id: u64,
    /// Proposed: it waits for the provider's word. Active: its committee is seated, and its start fixed.
    pub state: SlaState,
    /// What it costs and promises.
    pub terms: SlaTerms,
    /// Of the proposal, if it was made by this call.
    pub proposed: Option<Receipt>,
    /// Of the seating, if it was done by this call.
    pub seated: Option<Receipt>,
}

impl Flashback {
    /// The lowest number, from 1, under which this key has no SLA.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn free_sla_id(&self) -> Result<u64> {
        let mut first = 1u64;
        loop {
            let numbers = first..first.saturating_add(NUMBERS_AT_ONCE);
            let addresses: Vec<_> =
                numbers.clone().map(|id| address::sla(&self.key(), id)).collect();
            let found = self.find_many::<Sla>(&addresses).await?;
            let free = numbers.clone().zip(found).find(|(_, sla)| matches!(sla, Ok(None)));
            match free {
                Some((id, _)) => return Ok(id),
                None => first = numbers.end,
            }
        }
    }

    /// Reserves capacity of a provider's unit, as a consumer: quotes, proposes and, if that is agreed at once, seats the
    /// committee.
    ///
    /// `id` is the consumer's own number for the SLA: take [`Flashback::free_sla_id`]'s, and keep it before calling
    /// this. Whatever happens then (an error, a crash, a lost answer), call it again with the same number and
    /// reservation: what was done is found and not done twice, what is missing is done. One that waits for its provider
    /// is seated by calling it again after the provider has accepted.
    ///
    /// That holds for as long as the Sla's account exists. Once it is closed, which anyone may do after it has ended and
    /// everything was withdrawn, nothing on the chain tells that the number was used: called again with it, this
    /// **reserves anew**, and takes another deposit. So forget a number once its SLA is over, and take the next one
    /// from [`Flashback::free_sla_id`], which may well be the same.
    ///
    /// # Errors
    /// [`Error::SlaIdTaken`] if the number belongs to something else, or to a reservation that has ended; nothing was
    /// reserved then. [`Error::Rule`] with `DrawLapsed` if the committee was not seated in time:
    /// [`Flashback::expire_sla`] and [`Flashback::withdraw_refund`] give everything back. As [`Flashback::quote`] and
    /// [`Flashback::seat_committee`]; as [`Flashback::send`].
    pub async fn reserve(
        &self,
        provider_authority: &Pubkey,
        unit_id: u64,
        id: u64,
        reservation: &Reservation,
    ) -> Result<Reserved> {
        let sla = address::sla(&self.key(), id);
        let mut proposed = None;
        if self.find::<Sla>(&sla).await?.is_none() {
            let quoted = self.quote(provider_authority, unit_id, reservation).await?;
            let proposal = self.propose_sla(provider_authority, unit_id, id, &quoted).await?;
            proposed = Some(proposal.send().await?);
        }
        let mut since = proposed.as_ref().map(|receipt| receipt.slot);
        let mut account = self.sla_since(&sla, since).await?;
        let taken = || Error::SlaIdTaken { id, sla };
        let provider = address::provider(provider_authority);
        let same = (account.provider, account.unit_id) == (provider, unit_id);
        if !same || !reservation.got(&account.body.terms) {
            return Err(taken());
        }
        let mut seated = None;
        if account.body.progress.state()? == SlaState::Agreed {
            seated = self.seat_unless_seated(&sla, since).await?;
            since = seated.as_ref().map_or(since, |receipt| Some(receipt.slot));
            account = self.sla_since(&sla, since).await?;
        }
        match account.body.progress.state()? {
            SlaState::Ended => Err(taken()),
            state => Ok(Reserved { sla, id, state, terms: account.body.terms, proposed, seated }),
        }
    }

    /// An Sla as this call has left it in a slot, if it did anything: a server that lags behind knows nothing of it yet.
    async fn sla_since(&self, sla: &Pubkey, slot: Option<u64>) -> Result<Sla> {
        let Some(slot) = slot else { return self.sla(sla).await };
        let found = self.find_many_since::<Sla>(std::slice::from_ref(sla), slot).await?;
        let missing = Error::AccountNotFound { kind: Sla::KIND, address: *sla };
        found.into_iter().next().unwrap_or(Ok(None))?.ok_or(missing)
    }

    /// Seats a committee; `None` if somebody else was faster.
    async fn seat_unless_seated(
        &self,
        sla: &Pubkey,
        since: Option<u64>,
    ) -> Result<Option<Receipt>> {
        let seated = match self.seat_committee(sla).await {
            Ok(prepared) => prepared.send().await,
            Err(error) => Err(error),
        };
        match seated {
            Ok(receipt) => Ok(Some(receipt)),
            Err(error) => {
                let state = self.sla_since(sla, since).await?.body.progress.state()?;
                if state == SlaState::Agreed { Err(error) } else { Ok(None) }
            }
        }
    }
}

impl Reservation {
    /// Whether these are the terms that it asked for: how a reservation is known again. What it may cost is not
    /// compared.
    pub fn got(&self, terms: &SlaTerms) -> bool {
        (terms.gib, terms.window_secs) == (self.capacity.0, self.window.0)
            && (terms.windows, terms.seats) == (self.windows, self.seats)
            && self.thresholds.is_none_or(|asked| asked == terms.thresholds())
    }
}

#[cfg(test)]
mod tests;
