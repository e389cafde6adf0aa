use anchor_spl::token::{Token, TokenAccount};

use crate::prelude::*;

#[derive(Accounts)]
pub struct CollectPenalty<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, seeds = [seeds::STAKE, provider.key().as_ref()], bump = provider.load()?.vault_bump)]
    pub stake_vault: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

impl CollectPenalty<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let CollectPenalty {
            sla: loader,
            escrow,
            provider: provider_loader,
            stake_vault,
            token_program,
        } = ctx.accounts;
        let mut provider = provider_loader.load_mut()?;
        let before = provider.stake.bonded;
        let mut sla = loader.load_mut()?;
        let collected = sla.body.collect_penalty(&mut provider.stake).or_refuse()?;
        sla.invariant()?;
        provider.stake.check().or_refuse()?;
        let owner = provider_loader.key();
        let vault_seeds: &[&[u8]] = &[seeds::STAKE, owner.as_ref(), &[provider.vault_bump]];
        token::pay(token_program, stake_vault, escrow, vault_seeds, collected.amount)?;
        emit!(PenaltyCollected {
            sla: loader.key(),
            provider: owner,
            consumer: collected.consumer.0,
            to_burn: collected.to_burn.0,
            bonded_before: before,
            bonded_after: provider.stake.bonded,
        });
        Ok(())
    }
}
