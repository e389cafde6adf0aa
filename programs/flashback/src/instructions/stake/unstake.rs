use crate::prelude::*;

#[derive(Accounts)]
pub struct Unstake<'info> {
    /// The owner's authority.
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    /// CHECK: a Provider or Oracle of this program: owner and discriminator are checked when it is loaded
    /// in the handler.
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// Needed if the owner is an oracle with an entry in the registry.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
}

impl Unstake<'_> {
    pub fn handle(ctx: Context<Self>, amount: u64) -> Result<()> {
        let Unstake { authority, config, owner: account, registry } = ctx.accounts;
        let mut owner = StakeOwner::load(account)?;
        ensure(authority.key() == owner.authority(), CoreError::Unauthorized)?;
        let wait = u64::from(config.params.unbonding_secs);
        let release_at = chain::now()?.after(wait).or_refuse()?;
        let bonded_before = owner.stake().bonded;
        let release_at = owner.stake_mut().unbond(Atoms(amount), release_at).or_refuse()?;
        let bonded_after = owner.stake().bonded;
        owner.stake().check().or_refuse()?;
        owner.sync_registry(registry.as_ref())?;
        emit!(UnstakeStarted {
            owner: account.key(),
            amount,
            bonded_before,
            bonded_after,
            release_at: release_at.0,
        });
        Ok(())
    }
}
