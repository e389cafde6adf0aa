use crate::prelude::*;

#[derive(Accounts)]
pub struct CloseUnit<'info> {
    pub authority: Signer<'info>,
    #[account(has_one = authority @ FlashbackError::Unauthorized)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider)]
    pub unit: Box<Account<'info, DataUnit>>,
}

impl CloseUnit<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let unit = &mut ctx.accounts.unit;
        ensure(!unit.closing, CoreError::UnitUnchanged)?;
        unit.closing = true;
        emit!(UnitClosing { unit: unit.key(), live_slas: unit.live_slas });
        Ok(())
    }
}
