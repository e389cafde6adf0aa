use crate::prelude::*;

#[derive(Accounts)]
pub struct BoostUnit<'info> {
    /// Whose FLASH is burnt: anyone's.
    pub booster: Signer<'info>,
    /// The SPL Token program burns from it only if the booster may, and only FLASH.
    #[account(mut)]
    pub booster_token: Box<Account<'info, TokenAccount>>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump, has_one = flash_mint)]
    pub config: Box<Account<'info, Config>>,
    #[account(mut)]
    pub flash_mint: Box<Account<'info, Mint>>,
    #[account(mut)]
    pub unit: Box<Account<'info, DataUnit>>,
    pub token_program: Program<'info, Token>,
}

impl BoostUnit<'_> {
    pub fn handle(ctx: Context<Self>, amount: u64) -> Result<()> {
        let BoostUnit { booster, booster_token, flash_mint, unit, token_program, .. } =
            ctx.accounts;
        ensure(!unit.closing, CoreError::UnitClosing)?;
        let now = chain::now()?;
        let before = unit.boost().value(now).or_refuse()?;
        let boost = unit.boost().burn(Atoms(amount), now).or_refuse()?;
        let after = boost.value(now).or_refuse()?;
        unit.boost = boost.atoms.0;
        unit.boosted_at = boost.at.0;
        token::burn_own(token_program, booster_token, flash_mint, booster, Atoms(amount))?;
        emit!(UnitBoosted {
            unit: unit.key(),
            by: booster.key(),
            burnt: amount,
            before: before.0,
            after: after.0,
        });
        Ok(())
    }
}
