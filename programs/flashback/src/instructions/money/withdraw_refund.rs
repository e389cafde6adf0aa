use anchor_spl::token::{Token, TokenAccount};

use crate::prelude::*;

#[derive(Accounts)]
pub struct WithdrawRefund<'info> {
    pub consumer: Signer<'info>,
    #[account(mut, has_one = consumer @ FlashbackError::Unauthorized)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    /// Wherever the consumer says.
    #[account(mut)]
    pub destination: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

impl WithdrawRefund<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let WithdrawRefund { consumer, sla: loader, escrow, destination, token_program } =
            ctx.accounts;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let amount = sla.body.take_refund().or_refuse()?;
        sla.invariant()?;
        let vault_seeds: &[&[u8]] = &[seeds::ESCROW, address.as_ref(), &[sla.escrow_bump]];
        token::pay(token_program, escrow, destination, vault_seeds, amount)?;
        emit!(RefundWithdrawn { sla: address, consumer: consumer.key(), amount: amount.0 });
        Ok(())
    }
}
