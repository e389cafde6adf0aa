use anchor_spl::token::{Token, TokenAccount};

use crate::prelude::*;

#[derive(Accounts)]
pub struct WithdrawEarnings<'info> {
    /// The provider's authority, or its operator: the money goes to the payout owner either way.
    pub signer: Signer<'info>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, token::authority = provider.load()?.payout)]
    pub destination: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

impl WithdrawEarnings<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let WithdrawEarnings { signer, provider, sla: loader, escrow, destination, token_program } =
            ctx.accounts;
        let allowed = provider.load()?.may_operate(signer.key, chain::now()?);
        ensure(allowed, CoreError::Unauthorized)?;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let amount = sla.body.take_earnings().or_refuse()?;
        sla.invariant()?;
        let vault_seeds: &[&[u8]] = &[seeds::ESCROW, address.as_ref(), &[sla.escrow_bump]];
        token::pay(token_program, escrow, destination, vault_seeds, amount)?;
        emit!(EarningsWithdrawn { sla: address, provider: provider.key(), amount: amount.0 });
        Ok(())
    }
}
