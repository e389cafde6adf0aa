use flashback_core::admission::check_oracle;

use crate::prelude::*;

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
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
    pub system_program: Program<'info, System>,
}

impl JoinRegistry<'_> {
    fn validate(&self, now: Timestamp) -> Result<()> {
        let oracle = self.oracle.load()?;
        ensure(oracle.joined == 0, CoreError::OracleAlreadyJoined)?;
        let (bonded, least) = (Atoms(oracle.stake.bonded), Atoms(self.config.params.min_stake));
        check_oracle(bonded, least, &self.certificate.certification(), now).or_refuse()
    }

    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let clock = Clock::get()?;
        ctx.accounts.validate(Timestamp(clock.unix_timestamp))?;
        let JoinRegistry {
            payer,
            config,
            oracle: loader,
            certificate,
            registry,
            system_program,
            ..
        } = ctx.accounts;
        let mut oracle = loader.load_mut()?;
        oracle.joined = 1;
        OracleRegistry::append(
            registry,
            payer,
            system_program,
            RegistryEntry {
                oracle: oracle.authority,
                rent_payer: payer.key(),
                joined_slot: clock.slot,
                free_stake: oracle.stake.free().0,
                certified_until: certificate.expires_at,
                rent_paid: 0,
                out_slot: 0,
                min_stake: config.params.min_stake,
            },
        )?;
        emit!(OracleJoined { oracle: loader.key(), joined_slot: clock.slot });
        Ok(())
    }
}
