//! The life of an SLA.

use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;
use tokio::time::sleep;

use super::redraw::{DRAW_PAUSE, Patience};
use crate::account::{Sla, SubjectKind};
use crate::address;
use crate::client::Flashback;
use crate::error::Result;
use crate::instruction::{
    self as build, CloseSla, ProposeSla, ProposeSlaArgs, ReleaseSla, SubmitReportArgs,
};
use crate::prepared::Prepared;
use crate::quote::Quoted;

impl Flashback {
    /// Reserves capacity of a provider's unit as quoted, as a consumer. `id` is the consumer's own number
    /// for the SLA, which then lies at [`address::sla`]`(consumer, id)`.
    ///
    /// The deposit is paid from this key's associated token account; its certificate is passed if it has one. A unit
    /// that does not accept automatically, and thresholds that are not its offer's, wait for the provider's word.
    pub async fn propose_sla(
        &self,
        provider_authority: &Pubkey,
        unit_id: u64,
        id: u64,
        quoted: &Quoted,
    ) -> Result<Prepared> {
        let propose = self.proposal(provider_authority, unit_id, id, quoted).await?;
        Ok(self.prepare([propose]))
    }

    /// What proposes an SLA as quoted.
    pub(super) async fn proposal(
        &self,
        provider_authority: &Pubkey,
        unit_id: u64,
        id: u64,
        quoted: &Quoted,
    ) -> Result<Instruction> {
        let (consumer, mint) = (self.key(), self.mint().await?);
        let certified = self.certificate(SubjectKind::Consumer, &consumer).await?.is_some();
        let certificate = address::certificate(SubjectKind::Consumer, &consumer);
        Ok(build::propose_sla(ProposeSla {
            payer: consumer,
            consumer,
            consumer_token: address::token_account(&consumer, &mint),
            provider_authority: *provider_authority,
            unit_id,
            mint,
            consumer_certificate: certified.then_some(certificate),
            args: ProposeSlaArgs { id, delegate: Pubkey::default(), request: quoted.request },
        }))
    }

    /// Seats the drawn committee, as anyone. Waits up to a minute for the draw's slot hash.
    ///
    /// # Errors
    /// [`crate::Error::Rule`] with `DrawLapsed` if it is too late, `DrawNotReady` after that minute.
    pub async fn seat_committee(&self, sla: &Pubkey) -> Result<Prepared> {
        self.seat_committees(&[*sla]).await
    }

    /// Seats the drawn committees of several SLAs in one transaction, as anyone: those whose windows are equally long
    /// coincide from then on, so that they can be reported and settled together.
    ///
    /// # Errors
    /// As [`Flashback::seat_committee`].
    pub async fn seat_committees(&self, slas: &[Pubkey]) -> Result<Prepared> {
        let patience = Patience::start();
        loop {
            let outcome = self.drawn(slas).await;
            if patience.is_over(&outcome) {
                return outcome;
            }
            sleep(DRAW_PAUSE).await;
        }
    }

    async fn drawn(&self, slas: &[Pubkey]) -> Result<Prepared> {
        let mut all = vec![];
        for sla in slas {
            let oracles = self.draw_committee(sla).await?;
            let provider = self.sla(sla).await?.provider;
            all.push(build::seat_committee(*sla, provider, &oracles));
        }
        Ok(self.prepare(all))
    }

    /// Submits what was measured in a window, as a seated oracle.
    pub fn submit_report(&self, sla: &Pubkey, args: SubmitReportArgs) -> Prepared {
        self.prepare([build::submit_report(self.key(), *sla, args)])
    }

    /// Submits what was measured in a window of each of 1 to 126 SLAs, as an oracle with a seat in each. A report that
    /// is refused stops no other: the event `ReportsSubmitted` says what became of each.
    pub fn submit_many(&self, reports: &[(Pubkey, SubmitReportArgs)]) -> Prepared {
        self.prepare([build::submit_many(self.key(), reports)])
    }

    /// Settles every window that is due, as anyone.
    pub fn settle(&self, sla: &Pubkey) -> Prepared {
        self.prepare([build::settle(*sla)])
    }

    /// Settles every window that is due of 1 to 126 SLAs, as anyone. One that cannot be settled stops no other: the
    /// event `BatchSettled` says what became of each.
    pub fn settle_many(&self, slas: &[Pubkey]) -> Prepared {
        self.prepare([build::settle_many(slas)])
    }

    /// Moves an SLA's end earlier, as the consumer, its delegate or the provider's authority; settles what is due
    /// first.
    pub async fn terminate_sla(&self, sla: &Pubkey) -> Result<Prepared> {
        let provider = self.sla(sla).await?.provider;
        Ok(self.prepare([build::terminate_sla(self.key(), provider, *sla)]))
    }

    /// Ends a proposal that was not accepted in time, or an SLA whose draw lapsed, as anyone.
    pub async fn expire_sla(&self, sla: &Pubkey) -> Result<Prepared> {
        let account = self.sla(sla).await?;
        let expire = match account.body.was_agreed() {
            true => build::expire_sla(*sla, account.provider, account.unit_id),
            false => build::expire_proposal(*sla),
        };
        Ok(self.prepare([expire]))
    }

    /// Gives back what an ended SLA reserved: capacity, covers, seats, points; as anyone.
    pub async fn release_sla(&self, sla: &Pubkey) -> Result<Prepared> {
        let account = self.sla(sla).await?;
        Ok(self.prepare([build::release_sla(&ReleaseSla::of(*sla, &account))]))
    }

    /// Closes an SLA in which nothing is left, as anyone. Releases it first, unless that was done before.
    pub async fn close_sla(&self, sla: &Pubkey) -> Result<Prepared> {
        let account = self.sla(sla).await?;
        let mut all = vec![build::close_sla(CloseSla::of(*sla, &account))];
        if !is_released(&account) {
            all.insert(0, build::release_sla(&ReleaseSla::of(*sla, &account)));
        }
        Ok(self.prepare(all))
    }
}

/// Whether capacity, cover and every seat were given back.
fn is_released(sla: &Sla) -> bool {
    let freed = |seat: usize| sla.body.seats.freed & (1 << seat) != 0;
    let mut held = sla.seats.iter().enumerate().filter(|(_, key)| **key != Pubkey::default());
    sla.body.progress.released != 0 && held.all(|(seat, _)| freed(seat))
}
