use flashback_core::unit::{Maintenance as Announced, announce};
use flashback_core::units::Seconds;

use crate::prelude::*;

#[derive(Accounts)]
pub struct AnnounceMaintenance<'info> {
    /// The provider's authority, or its operator.
    pub signer: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider)]
    pub unit: Box<Account<'info, DataUnit>>,
}

impl AnnounceMaintenance<'_> {
    pub fn handle(ctx: Context<Self>, starts_at: i64, secs: u32) -> Result<()> {
        let AnnounceMaintenance { signer, config, provider, unit } = ctx.accounts;
        let now = chain::now()?;
        provider.load()?.check_operates(signer.key, now)?;
        let known = unit.maintenance.map(Announced::from);
        let next = Announced { starts_at: Timestamp(starts_at), secs: Seconds(secs) };
        let listed_at = Timestamp(unit.listed_at);
        let part = config.params.maintenance_part;
        let announced = announce(known, next, listed_at, part, now).or_refuse()?;
        unit.maintenance = announced.map(Maintenance::from);
        emit!(MaintenanceAnnounced { unit: unit.key(), starts_at, secs });
        Ok(())
    }
}
