use flashback_core::committee::DRAWS_HELD_SLOTS;

use crate::prelude::*;

/// Takes an oracle out of the registry, in two steps, so that no draw changes whose hash may be known: at once it is
/// drawn no more; its entry goes, and the entry's rent back, when it is called again 1,000 slots later, by anyone.
#[derive(Accounts)]
pub struct LeaveRegistry<'info> {
    /// The oracle's authority; anyone, if the oracle is not certified any more, has less than the least stake bonded,
    /// or has left.
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
        // What was enough when it joined stays enough, or raising the minimum would reach committees that serve.
        let joined_with = OracleRegistry::read(&self.registry)?
            .iter()
            .find(|entry| entry.oracle == oracle.authority)
            .map_or(u64::MAX, |entry| entry.min_stake);
        if oracle.stake.bonded < self.config.params.min_stake.min(joined_with) {
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
        let slot = Clock::get()?.slot;
        let mut oracle = accounts.oracle.load_mut()?;
        match oracle.joined {
            0 => return Err(refusal(CoreError::OracleNotRegistered)),
            1 => {
                let own = accounts.signer.key() == oracle.authority;
                let registry = &accounts.registry;
                let out_slot = OracleRegistry::mark_out(registry, &oracle.authority, slot)?;
                // An entry that was marked before is of a certificate that was revoked.
                let revoked = out_slot < slot;
                ensure(own || revoked || accounts.is_out(&oracle)?, CoreError::OracleServes)?;
                oracle.joined = 2;
                emit!(OracleLeft {
                    oracle: accounts.oracle.key(),
                    by: accounts.signer.key(),
                    seats: oracle.seats,
                    out_slot,
                });
            }
            _ => {
                let registry = &accounts.registry;
                let out_slot = OracleRegistry::mark_out(registry, &oracle.authority, slot)?;
                let gone = slot >= out_slot.saturating_add(DRAWS_HELD_SLOTS);
                ensure(gone, CoreError::DrawPending)?;
                oracle.joined = 0;
                OracleRegistry::remove(registry, &oracle.authority, &accounts.rent_payer)?;
                emit!(EntryRemoved { oracle: accounts.oracle.key() });
            }
        }
        Ok(())
    }
}
