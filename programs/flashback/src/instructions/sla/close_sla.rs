use anchor_lang::prelude::*;
use anchor_spl::token::{Token, TokenAccount};
use flashback_core::seeds;

use crate::chain;
use crate::error::FlashbackError;
use crate::events::SlaClosed;
use crate::state::{DataUnit, Oracle, OracleRegistry, Provider, Sla};
use crate::token;

/// Remaining accounts: the seated oracles' Oracle accounts, writable, in seat order.
#[derive(Accounts)]
pub struct CloseSla<'info> {
    #[account(mut, has_one = provider, has_one = rent_payer, close = rent_payer)]
    pub sla: AccountLoader<'info, Sla>,
    /// CHECK: who paid the rent: the Sla's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::TREASURY], bump = sla.load()?.treasury_bump)]
    pub treasury: Box<Account<'info, TokenAccount>>,
    #[account(mut)]
    pub provider: Box<Account<'info, Provider>>,
    #[account(mut, has_one = provider, constraint = unit.id == sla.load()?.unit_id @ FlashbackError::AccountMismatch)]
    pub unit: Box<Account<'info, DataUnit>>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
    pub token_program: Program<'info, Token>,
}

impl<'info> CloseSla<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let remaining = ctx.remaining_accounts;
        let CloseSla {
            sla: loader,
            rent_payer,
            escrow,
            treasury,
            provider,
            unit,
            registry,
            token_program,
        } = ctx.accounts;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let now = chain::now()?;
        let closing = sla.body.close(now).map_err(FlashbackError::from)?;
        unit.release(provider, &closing, now).map_err(FlashbackError::from)?;
        unit.live_slas = unit.live_slas.saturating_sub(1);
        provider.live_slas = provider.live_slas.saturating_sub(1);
        Self::free_seats(&sla, registry, remaining)?;
        let vault_seeds: &[&[u8]] = &[seeds::ESCROW, address.as_ref(), &[sla.escrow_bump]];
        let surplus = escrow.amount;
        drop(sla);
        token::close_vault(token_program, escrow, treasury, rent_payer, vault_seeds)?;
        emit!(SlaClosed {
            sla: address,
            gib: closing.gib.0,
            cover: closing.cover.0,
            points_milli: closing.points_milli,
            unit_score_milli: unit.score.milli,
            surplus,
        });
        Ok(())
    }

    /// Frees each seat's cover and folds its points into its oracle.
    fn free_seats(
        sla: &Sla,
        registry: &AccountLoader<'info, OracleRegistry>,
        oracles: &'info [AccountInfo<'info>],
    ) -> Result<()> {
        let now = chain::now()?;
        let mut oracles = oracles.iter();
        for (seat, key) in sla.seats.iter().enumerate() {
            if *key == Pubkey::default() {
                continue;
            }
            let account = oracles.next().ok_or(FlashbackError::CommitteeMismatch)?;
            let mut oracle = Account::<Oracle>::try_from(account)?;
            require_keys_eq!(oracle.authority, *key, FlashbackError::CommitteeMismatch);
            let cover = sla.body.seat_cover_left(seat).map_err(FlashbackError::from)?;
            oracle.stake.release(cover).map_err(FlashbackError::from)?;
            let points = sla.body.seats.points.get(seat).copied().unwrap_or_default();
            oracle.score = oracle
                .score
                .fold(i32::from(points).saturating_mul(1_000), now)
                .map_err(FlashbackError::from)?;
            oracle.seats = oracle.seats.saturating_sub(1);
            oracle.sync_registry(Some(registry))?;
            oracle.exit(&crate::ID)?;
        }
        require!(oracles.next().is_none(), FlashbackError::CommitteeMismatch);
        Ok(())
    }
}
