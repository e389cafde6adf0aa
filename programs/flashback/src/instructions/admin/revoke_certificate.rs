use flashback_core::authority;

use crate::prelude::*;

#[derive(Accounts)]
pub struct RevokeCertificate<'info> {
    /// The certificate's certifier, or the Config's authority; anyone, once it has been expired for 30 days.
    pub signer: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    /// The signer's appointment, if it acts as the certificate's certifier.
    #[account(
        seeds = [seeds::CERTIFIER, signer.key().as_ref()], bump = certifier.bump,
        constraint = certificate.certifier == signer.key() @ FlashbackError::Unauthorized,
    )]
    pub certifier: Option<Account<'info, Certifier>>,
    #[account(mut, has_one = rent_payer, close = rent_payer)]
    pub certificate: Account<'info, Certificate>,
    /// CHECK: who paid the rent: the Certificate's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// Needed for an oracle's certificate.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
}

impl RevokeCertificate<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let RevokeCertificate { signer, config, certifier, certificate, registry, .. } =
            ctx.accounts;
        let clock = Clock::get()?;
        let now = Timestamp(clock.unix_timestamp);
        let appointed = certifier.as_ref().is_some_and(|certifier| now.0 < certifier.expires_at);
        if !appointed && signer.key() != config.authority {
            authority::check_lapsed(Timestamp(certificate.expires_at), now).or_refuse()?;
        }
        emit!(CertificateRevoked {
            kind: certificate.kind,
            subject: certificate.subject,
            by: signer.key(),
        });
        // As if it left now: no draw changes whose hash may be known.
        certificate.update_entry(registry.as_ref(), |entry| entry.mark_out(clock.slot))
    }
}
