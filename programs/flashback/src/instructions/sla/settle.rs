use crate::prelude::*;

#[derive(Accounts)]
pub struct Settle<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
}

impl Settle<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let address = ctx.accounts.sla.key();
        let mut sla = ctx.accounts.sla.load_mut()?;
        // At most four windows can be due: three unmeasured ones in a row end the SLA.
        let settled = sla.settle_due(address, chain::now()?)?;
        ensure(settled, CoreError::NothingDue)?;
        sla.invariant()
    }
}
