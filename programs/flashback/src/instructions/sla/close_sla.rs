use anchor_lang::prelude::*;
use anchor_spl::token::{Token, TokenAccount};
use flashback_core::seeds;

use crate::error::FlashbackError;
use crate::events::SlaClosed;
use crate::state::Sla;
use crate::token;

#[derive(Accounts)]
pub struct CloseSla<'info> {
    #[account(mut, has_one = rent_payer, close = rent_payer)]
    pub sla: AccountLoader<'info, Sla>,
    /// CHECK: who paid the rent: the Sla's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::TREASURY], bump = sla.load()?.treasury_bump)]
    pub treasury: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

impl CloseSla<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let CloseSla { sla: loader, rent_payer, escrow, treasury, token_program } = ctx.accounts;
        let address = loader.key();
        let sla = loader.load()?;
        sla.body.check_closable().map_err(FlashbackError::from)?;
        let vault_seeds: &[&[u8]] = &[seeds::ESCROW, address.as_ref(), &[sla.escrow_bump]];
        token::close_vault(token_program, escrow, treasury, rent_payer, vault_seeds)?;
        emit!(SlaClosed { sla: address, surplus: escrow.amount });
        Ok(())
    }
}
