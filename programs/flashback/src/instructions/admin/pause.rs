use flashback_core::authority;
use flashback_core::units::Seconds;

use crate::prelude::*;

#[derive(Accounts)]
pub struct Pause<'info> {
    pub guardian: Signer<'info>,
    #[account(
        mut, seeds = [seeds::CONFIG], bump = config.bump,
        has_one = guardian @ FlashbackError::Unauthorized,
    )]
    pub config: Box<Account<'info, Config>>,
}

impl Pause<'_> {
    pub fn handle(ctx: Context<Self>, secs: u32) -> Result<()> {
        let config = &mut ctx.accounts.config;
        let (until, used) = (Timestamp(config.paused_until), config.guardian_paused);
        let until = authority::pause(until, used, Seconds(secs), chain::now()?).or_refuse()?;
        config.paused_until = until.0;
        config.guardian_paused = true;
        emit!(Paused { guardian: config.guardian, until: config.paused_until });
        Ok(())
    }
}
