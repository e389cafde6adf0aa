use flashback_core::admission::check_oracle;
use flashback_core::committee::check_removal;

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
    fn is_out(&self, oracle: &Oracle, entry: &RegistryEntry, now: Timestamp) -> Result<bool> {
        if *self.certificate.owner != crate::ID {
            return Ok(true);
        }
        let data = self.certificate.try_borrow_data()?;
        let certificate = Certificate::try_deserialize(&mut data.as_ref())?.certification();
        // What was enough when it joined stays enough, or raising the minimum would reach committees that serve.
        let least = Atoms(self.config.params.min_stake.min(entry.min_stake));
        Ok(check_oracle(Atoms(oracle.stake.bonded), least, &certificate, now).is_err())
    }

    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let accounts = ctx.accounts;
        let Clock { slot, unix_timestamp, .. } = Clock::get()?;
        let mut oracle = accounts.oracle.load_mut()?;
        ensure(oracle.joined != 0, CoreError::OracleNotRegistered)?;
        let registry = &accounts.registry;
        let entry =
            OracleRegistry::update(registry, &oracle.authority, |entry| entry.mark_out(slot))?;
        if oracle.serves() {
            let own = accounts.signer.key() == oracle.authority;
            // An entry that was marked before is of a certificate that was revoked.
            let revoked = entry.out_slot < slot;
            let leaves =
                own || revoked || accounts.is_out(&oracle, &entry, Timestamp(unix_timestamp))?;
            ensure(leaves, CoreError::OracleServes)?;
            oracle.joined = 2;
            emit!(OracleLeft {
                oracle: accounts.oracle.key(),
                by: accounts.signer.key(),
                seats: oracle.seats,
                out_slot: entry.out_slot,
            });
        } else {
            check_removal(entry.out_slot, slot).or_refuse()?;
            oracle.joined = 0;
            OracleRegistry::remove(registry, &oracle.authority, &accounts.rent_payer)?;
            emit!(EntryRemoved { oracle: accounts.oracle.key() });
        }
        Ok(())
    }
}
