use flashback_core::committee::DrawHash;
use flashback_core::sla::SlaState;

use crate::prelude::*;

#[derive(Accounts)]
pub struct ExpireSla<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    /// Needed if the SLA was agreed (not for a proposal): it gets its cover back.
    #[account(mut, constraint = provider.key() == sla.load()?.provider @ FlashbackError::AccountMismatch)]
    pub provider: Option<AccountLoader<'info, Provider>>,
    /// Needed if the SLA was agreed (not for a proposal): it gets its capacity back.
    #[account(
        mut,
        constraint = unit.provider == sla.load()?.provider && unit.id == sla.load()?.unit_id
            @ FlashbackError::AccountMismatch,
    )]
    pub unit: Option<Box<Account<'info, DataUnit>>>,
}

impl ExpireSla<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let ExpireSla { sla: loader, provider, unit } = ctx.accounts;
        let now = chain::now()?;
        let mut sla = loader.load_mut()?;
        let refund = if sla.body.progress.state == SlaState::Proposed.code() {
            sla.body.expire_proposal(now).or_refuse()?
        } else {
            let lapsed = chain::draw_hash(sla.body.progress.draw_slot)? == DrawHash::Lapsed;
            let refund = sla.body.expire(lapsed, now).or_refuse()?;
            let released = sla.body.release().or_refuse()?;
            let provider = provider.as_ref().ok_or(CoreError::AccountMismatch).or_refuse()?;
            let unit = unit.as_mut().ok_or(CoreError::AccountMismatch).or_refuse()?;
            unit.take_back(&mut *provider.load_mut()?, &released, now).or_refuse()?;
            refund
        };
        emit!(SlaExpired { sla: loader.key(), refund: refund.0 });
        sla.invariant()
    }
}
