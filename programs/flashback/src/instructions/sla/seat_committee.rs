use anchor_lang::prelude::*;
use flashback_core::committee::{DrawHash, Eligibility, SEATS_MAX, draw};
use flashback_core::seeds;
use flashback_core::units::{Atoms, Timestamp};

use crate::chain::{self, SyscallSha256};
use crate::error::FlashbackError;
use crate::events::CommitteeSeated;
use crate::state::{Oracle, OracleRegistry, Provider, Sla};

/// Remaining accounts: the drawn oracles' Oracle accounts, writable, in the draw's order.
#[derive(Accounts)]
pub struct SeatCommittee<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
}

impl<'info> SeatCommittee<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let address = ctx.accounts.sla.key();
        let now = chain::now()?;
        let mut sla = ctx.accounts.sla.load_mut()?;
        sla.body.seat(now).map_err(FlashbackError::from)?;
        let cover = sla.body.terms.seat_cover().and_then(|cover| cover.total());
        let cover = cover.map_err(FlashbackError::from)?;
        let seats = Self::drawn(ctx.accounts, &sla, address, cover, now)?;
        let count = usize::from(sla.body.terms.seats);
        require_eq!(ctx.remaining_accounts.len(), count, FlashbackError::CommitteeMismatch);
        for (account, key) in ctx.remaining_accounts.iter().zip(seats) {
            let loader = AccountLoader::<Oracle>::try_from(account)?;
            let mut oracle = loader.load_mut()?;
            require_keys_eq!(oracle.authority, key, FlashbackError::CommitteeMismatch);
            oracle.stake.cover(cover).map_err(FlashbackError::from)?;
            oracle.seats = oracle.seats.saturating_add(1);
            oracle.sync_registry(Some(&ctx.accounts.registry))?;
        }
        sla.seats = seats;
        emit!(CommitteeSeated {
            sla: address,
            seats,
            start: sla.body.terms.start,
            seat_cover: cover.0,
        });
        sla.invariant()
    }

    /// The drawn oracles' authorities.
    fn drawn(
        &self,
        sla: &Sla,
        address: Pubkey,
        cover: Atoms,
        now: Timestamp,
    ) -> Result<[Pubkey; SEATS_MAX]> {
        let progress = &sla.body.progress;
        let hash = match chain::draw_hash(progress.draw_slot)? {
            DrawHash::NotReady => return err!(FlashbackError::DrawNotReady),
            DrawHash::Lapsed => return err!(FlashbackError::DrawLapsed),
            DrawHash::Ready(hash) => hash,
        };
        let excluded = Sla::parties(&sla.consumer, &*self.provider.load()?);
        let eligibility = Eligibility {
            joined_before: sla.body.draw_armed_slot(),
            now,
            cover,
            excluded: &excluded,
        };
        let entries = OracleRegistry::read(&self.registry)?;
        let drawn = draw::<SyscallSha256>(
            OracleRegistry::candidates(&entries),
            &eligibility,
            &hash,
            address.as_array(),
            progress.draw_number,
            sla.body.terms.seats,
        )
        .map_err(FlashbackError::from)?;
        Ok(drawn.map(|oracle| oracle.copied().map(Pubkey::new_from_array).unwrap_or_default()))
    }
}
