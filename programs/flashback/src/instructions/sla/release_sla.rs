use anchor_lang::prelude::*;
use flashback_core::CoreError;
use flashback_core::seeds;
use flashback_core::units::Timestamp;

use crate::chain;
use crate::error::FlashbackError;
use crate::events::{SeatFreed, SlaReleased};
use crate::state::{DataUnit, Oracle, OracleRegistry, Provider, Sla};

/// Remaining accounts: Oracle accounts of the committee, writable, in any order: those whose seats are to be
/// freed. Neither part waits for the other, and neither waits for anybody's withdrawal.
#[derive(Accounts)]
pub struct ReleaseSla<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider, constraint = unit.id == sla.load()?.unit_id @ FlashbackError::AccountMismatch)]
    pub unit: Box<Account<'info, DataUnit>>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
}

impl<'info> ReleaseSla<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let now = chain::now()?;
        let ReleaseSla { sla: loader, provider, unit, registry } = ctx.accounts;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let released = Self::release(address, &mut sla, unit, &mut *provider.load_mut()?, now)?;
        let mut freed = false;
        for account in ctx.remaining_accounts {
            freed |= Self::free_seat(address, &mut sla, account, registry, now)?;
        }
        require!(released || freed, FlashbackError::AlreadyReleased);
        sla.invariant()
    }

    /// Gives capacity, cover and points back, unless that was done before.
    fn release(
        address: Pubkey,
        sla: &mut Sla,
        unit: &mut DataUnit,
        provider: &mut Provider,
        now: Timestamp,
    ) -> Result<bool> {
        let released = match sla.body.release() {
            Err(CoreError::AlreadyReleased) => return Ok(false),
            released => released.map_err(FlashbackError::from)?,
        };
        unit.take_back(provider, &released, now).map_err(FlashbackError::from)?;
        emit!(SlaReleased {
            sla: address,
            gib: released.gib.0,
            cover: released.cover.0,
            points_milli: released.points_milli,
            unit_taken_gib: unit.taken_gib,
            unit_score_milli: unit.score.milli,
            provider_covered: provider.stake.covered,
        });
        Ok(true)
    }

    /// Gives a seat's cover and points back to its oracle, unless that was done before.
    fn free_seat(
        address: Pubkey,
        sla: &mut Sla,
        account: &'info AccountInfo<'info>,
        registry: &AccountLoader<'info, OracleRegistry>,
        now: Timestamp,
    ) -> Result<bool> {
        let loader = AccountLoader::<Oracle>::try_from(account)?;
        let mut oracle = loader.load_mut()?;
        let seat = sla.seat_of(&oracle.authority)?;
        let freed = match sla.body.free_seat(seat, now) {
            Err(CoreError::AlreadyReleased) => return Ok(false),
            freed => freed.map_err(FlashbackError::from)?,
        };
        oracle.stake.release(freed.cover).map_err(FlashbackError::from)?;
        let points_milli = i32::from(freed.points).saturating_mul(1_000);
        let score = oracle.score().fold(points_milli, now).map_err(FlashbackError::from)?;
        oracle.set_score(score);
        oracle.seats = oracle.seats.checked_sub(1).ok_or(FlashbackError::AmountBelowZero)?;
        oracle.sync_registry(Some(registry))?;
        emit!(SeatFreed {
            sla: address,
            oracle: loader.key(),
            cover: freed.cover.0,
            points: freed.points,
            written_off: freed.written_off.0,
            oracle_covered: oracle.stake.covered,
            oracle_score_milli: score.milli,
        });
        Ok(true)
    }
}
