use anchor_lang::prelude::*;

use crate::chain;
use crate::error::FlashbackError;
use crate::events::emit_settled;
use crate::state::Sla;

#[derive(Accounts)]
pub struct Settle<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
}

impl Settle<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let address = ctx.accounts.sla.key();
        let now = chain::now()?;
        let mut sla = ctx.accounts.sla.load_mut()?;
        let mut settled = false;
        // At most four windows can be due: three unmeasured ones in a row end the SLA.
        while let Some(outcome) = sla.body.settle_next(now).map_err(FlashbackError::from)? {
            emit_settled(address, &outcome);
            settled = true;
        }
        require!(settled, FlashbackError::NothingDue);
        sla.invariant()
    }
}
