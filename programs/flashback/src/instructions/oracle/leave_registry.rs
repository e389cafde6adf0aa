use crate::prelude::*;

#[derive(Accounts)]
pub struct LeaveRegistry<'info> {
    /// The oracle's authority; anyone, if the oracle is not certified any more or has too little bonded.
    pub signer: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    #[account(mut)]
    pub oracle: AccountLoader<'info, Oracle>,
    /// CHECK: the certificate's address, by its seeds; the handler looks whether there is one.
    #[account(
        seeds = [seeds::CERTIFICATE, SubjectKind::Oracle.seed().as_ref(), oracle.load()?.authority.as_ref()], bump,
    )]
    pub certificate: UncheckedAccount<'info>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
    /// CHECK: who paid the entry's rent: the entry names it, and the handler compares.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl LeaveRegistry<'_> {
    /// Whether the oracle may be in the registry no longer.
    fn is_out(&self, oracle: &Oracle) -> Result<bool> {
        if oracle.stake.bonded < self.config.params.min_stake {
            return Ok(true);
        }
        if *self.certificate.owner != crate::ID {
            return Ok(true);
        }
        let data = self.certificate.try_borrow_data()?;
        let certificate = Certificate::try_deserialize(&mut data.as_ref())?;
        Ok(certificate.certification().check(1, chain::now()?).is_err())
    }

    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let accounts = ctx.accounts;
        let mut oracle = accounts.oracle.load_mut()?;
        ensure(oracle.joined != 0, CoreError::OracleNotRegistered)?;
        let own = accounts.signer.key() == oracle.authority;
        ensure(own || accounts.is_out(&oracle)?, CoreError::OracleServes)?;
        oracle.joined = 0;
        OracleRegistry::remove(&accounts.registry, &oracle.authority, &accounts.rent_payer)?;
        emit!(OracleLeft {
            oracle: accounts.oracle.key(),
            by: accounts.signer.key(),
            seats: oracle.seats,
        });
        Ok(())
    }
}
