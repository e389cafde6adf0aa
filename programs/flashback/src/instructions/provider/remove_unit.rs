use flashback_core::unit::check_gone;

use crate::prelude::*;

#[derive(Accounts)]
pub struct RemoveUnit<'info> {
    #[account(mut)]
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider, has_one = rent_payer, close = rent_payer)]
    pub unit: Box<Account<'info, DataUnit>>,
    /// CHECK: who paid the rent: the unit's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl RemoveUnit<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let RemoveUnit { provider: loader, unit, .. } = ctx.accounts;
        check_gone(unit.closing, unit.live_slas).or_refuse()?;
        let mut provider = loader.load_mut()?;
        // What it was worth last stays in the provider's mean.
        unit.fold(&mut provider, 0, chain::now()?).or_refuse()?;
        provider.listed_units =
            provider.listed_units.checked_sub(1).ok_or(CoreError::AmountBelowZero).or_refuse()?;
        emit!(UnitRemoved {
            unit: unit.key(),
            provider: loader.key(),
            score_milli: unit.score.milli,
            listed_units: provider.listed_units,
        });
        Ok(())
    }
}
