use anchor_spl::token::{Token, TokenAccount};

use crate::prelude::*;

#[derive(Accounts)]
pub struct CollectAbsence<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    /// The seat's oracle.
    #[account(mut)]
    pub oracle: AccountLoader<'info, Oracle>,
    #[account(mut, seeds = [seeds::STAKE, oracle.key().as_ref()], bump = oracle.load()?.vault_bump)]
    pub stake_vault: Box<Account<'info, TokenAccount>>,
    /// Needed while the oracle has an entry in the registry.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
    pub token_program: Program<'info, Token>,
}

impl CollectAbsence<'_> {
    pub fn handle(ctx: Context<Self>, seat: u8) -> Result<()> {
        let CollectAbsence {
            sla: loader,
            escrow,
            oracle: oracle_loader,
            stake_vault,
            registry,
            token_program,
        } = ctx.accounts;
        let mut oracle = oracle_loader.load_mut()?;
        let before = oracle.stake.bonded;
        let mut sla = loader.load_mut()?;
        ensure(sla.seat_key(seat)? == oracle.authority, CoreError::CommitteeMismatch)?;
        let collected =
            sla.body.collect_absence(usize::from(seat), &mut oracle.stake).or_refuse()?;
        sla.invariant()?;
        oracle.stake.check().or_refuse()?;
        oracle.count_slashed(collected.amount);
        oracle.sync_registry(registry.as_ref())?;
        let owner = oracle_loader.key();
        let vault_seeds: &[&[u8]] = &[seeds::STAKE, owner.as_ref(), &[oracle.vault_bump]];
        token::pay(token_program, stake_vault, escrow, vault_seeds, collected.amount)?;
        emit!(AbsenceCollected {
            sla: loader.key(),
            oracle: owner,
            seat,
            amount: collected.amount.0,
            bonded_before: before,
            bonded_after: oracle.stake.bonded,
        });
        Ok(())
    }
}
