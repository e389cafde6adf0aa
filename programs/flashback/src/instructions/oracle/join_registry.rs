use anchor_lang::prelude::*;
use flashback_core::committee::REGISTRY_MAX;
use flashback_core::seeds;

use crate::chain;
use crate::error::FlashbackError;
use crate::events::OracleJoined;
use crate::state::{Certificate, Config, Oracle, OracleRegistry, RegistryEntry, SubjectKind};

#[derive(Accounts)]
pub struct JoinRegistry<'info> {
    /// Pays the entry's rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    #[account(
        mut, seeds = [seeds::ORACLE, authority.key().as_ref()], bump = oracle.load()?.bump,
        has_one = authority @ FlashbackError::Unauthorized,
    )]
    pub oracle: AccountLoader<'info, Oracle>,
    #[account(
        seeds = [seeds::CERTIFICATE, SubjectKind::Oracle.seed().as_ref(), authority.key().as_ref()],
        bump = certificate.bump,
    )]
    pub certificate: Box<Account<'info, Certificate>>,
    #[account(
        mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump,
        realloc = OracleRegistry::space_for_one_more(&registry)?,
        realloc::payer = payer, realloc::zero = true,
    )]
    pub registry: AccountLoader<'info, OracleRegistry>,
    pub system_program: Program<'info, System>,
}

impl JoinRegistry<'_> {
    fn validate(&self) -> Result<()> {
        let oracle = self.oracle.load()?;
        require!(oracle.joined == 0, FlashbackError::OracleAlreadyJoined);
        let entries = OracleRegistry::read(&self.registry)?.len();
        require_gte!(REGISTRY_MAX, entries, FlashbackError::RegistryFull);
        let bonded = oracle.stake.bonded;
        require_gte!(bonded, self.config.params.min_stake, FlashbackError::StakeTooSmall);
        self.certificate.check(1, chain::now()?).map_err(FlashbackError::from)?;
        Ok(())
    }

    pub fn handle(ctx: Context<Self>) -> Result<()> {
        ctx.accounts.validate()?;
        let JoinRegistry { payer, oracle: loader, certificate, registry, .. } = ctx.accounts;
        let mut oracle = loader.load_mut()?;
        oracle.joined = 1;
        let joined_slot = Clock::get()?.slot;
        OracleRegistry::append(
            registry,
            RegistryEntry {
                oracle: oracle.authority,
                rent_payer: payer.key(),
                joined_slot,
                free_stake: oracle.stake.free().0,
                certified_until: certificate.expires_at,
                reserved: [0; 24],
            },
        )?;
        emit!(OracleJoined { oracle: loader.key(), joined_slot });
        Ok(())
    }
}
