use anchor_spl::token::{Mint, Token, TokenAccount};

use crate::prelude::*;

#[derive(Accounts)]
pub struct SweepFees<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::TREASURY], bump = sla.load()?.treasury_bump)]
    pub treasury: Box<Account<'info, TokenAccount>>,
    /// Counts the fees that its SLAs have paid.
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, address = escrow.mint)]
    pub flash_mint: Box<Account<'info, Mint>>,
    pub token_program: Program<'info, Token>,
}

impl SweepFees<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let SweepFees { sla: loader, escrow, treasury, provider, flash_mint, token_program } =
            ctx.accounts;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let swept = sla.body.take_protocol_fees().or_refuse()?;
        sla.invariant()?;
        swept.fees.add_to(&mut provider.load_mut()?.fees_swept).or_refuse()?;
        let vault_seeds: &[&[u8]] = &[seeds::ESCROW, address.as_ref(), &[sla.escrow_bump]];
        token::pay(token_program, escrow, treasury, vault_seeds, swept.fees)?;
        token::burn(token_program, escrow.as_ref().as_ref(), flash_mint, vault_seeds, swept.burnt)?;
        emit!(FeesSwept { sla: address, fees: swept.fees.0, burnt: swept.burnt.0 });
        Ok(())
    }
}
