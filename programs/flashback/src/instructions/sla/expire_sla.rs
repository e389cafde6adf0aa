use anchor_lang::prelude::*;
use flashback_core::committee::DrawHash;

use crate::chain;
use crate::error::FlashbackError;
use crate::events::SlaExpired;
use crate::state::{DataUnit, Provider, Sla};

#[derive(Accounts)]
pub struct ExpireSla<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider, constraint = unit.id == sla.load()?.unit_id @ FlashbackError::AccountMismatch)]
    pub unit: Box<Account<'info, DataUnit>>,
}

impl ExpireSla<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let ExpireSla { sla: loader, provider, unit } = ctx.accounts;
        let mut sla = loader.load_mut()?;
        let lapsed = chain::draw_hash(sla.body.progress.draw_slot)? == DrawHash::Lapsed;
        let refund = sla.body.expire(lapsed).map_err(FlashbackError::from)?;
        let released = sla.body.release().map_err(FlashbackError::from)?;
        unit.take_back(&mut *provider.load_mut()?, &released, chain::now()?)
            .map_err(FlashbackError::from)?;
        emit!(SlaExpired { sla: loader.key(), refund: refund.0 });
        sla.invariant()
    }
}
