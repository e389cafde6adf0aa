use anchor_spl::token::{Token, TokenAccount};

use crate::prelude::*;

#[derive(Accounts)]
pub struct ClaimOracleFees<'info> {
    /// The seat's oracle.
    pub authority: Signer<'info>,
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    /// Wherever the oracle says.
    #[account(mut)]
    pub destination: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

impl ClaimOracleFees<'_> {
    pub fn handle(ctx: Context<Self>, seat: u8) -> Result<()> {
        let ClaimOracleFees { authority, sla: loader, escrow, destination, token_program } =
            ctx.accounts;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        ensure(sla.seat_key(seat)? == authority.key(), CoreError::Unauthorized)?;
        let amount = sla.body.take_oracle_fees(usize::from(seat)).or_refuse()?;
        sla.invariant()?;
        let vault_seeds: &[&[u8]] = &[seeds::ESCROW, address.as_ref(), &[sla.escrow_bump]];
        token::pay(token_program, escrow, destination, vault_seeds, amount)?;
        emit!(OracleFeesClaimed { sla: address, oracle: authority.key(), amount: amount.0 });
        Ok(())
    }
}
