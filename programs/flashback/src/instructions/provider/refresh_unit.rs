use crate::prelude::*;

#[derive(Accounts)]
pub struct RefreshUnit<'info> {
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider)]
    pub unit: Box<Account<'info, DataUnit>>,
}

impl RefreshUnit<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let RefreshUnit { provider, unit } = ctx.accounts;
        let mut provider = provider.load_mut()?;
        let before = unit.score.milli;
        unit.fold(&mut provider, 0, chain::now()?).or_refuse()?;
        emit!(UnitRefreshed {
            unit: unit.key(),
            points_milli: 0,
            score_milli_before: before,
            score_milli_after: unit.score.milli,
            provider_score_milli: provider.score_milli(),
        });
        Ok(())
    }
}
