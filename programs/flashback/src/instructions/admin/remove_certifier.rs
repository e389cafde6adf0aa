use flashback_core::authority;

use crate::prelude::*;

#[derive(Accounts)]
pub struct RemoveCertifier<'info> {
    /// The Config's authority; anyone, once the appointment has been over for 30 days.
    pub signer: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    #[account(mut, has_one = rent_payer, close = rent_payer)]
    pub certifier: Account<'info, Certifier>,
    /// CHECK: who paid the rent: the Certifier's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl RemoveCertifier<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let RemoveCertifier { signer, config, certifier, .. } = ctx.accounts;
        if signer.key() != config.authority {
            let expires_at = Timestamp(certifier.expires_at);
            authority::check_lapsed(expires_at, chain::now()?).or_refuse()?;
        }
        emit!(CertifierRemoved { certifier: certifier.authority, by: signer.key() });
        Ok(())
    }
}
