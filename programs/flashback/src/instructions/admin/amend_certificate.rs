use flashback_core::admission::{Certification, LEVEL_MAX};

use crate::prelude::*;

/// What a certificate is to say from now on.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AmendCertificateArgs {
    /// Level, 1 to what its certifier may give.
    pub level: u8,
    /// Hash of the evidence that the certifier keeps.
    pub evidence_hash: [u8; 32],
    /// When it expires, in unix seconds.
    pub expires_at: i64,
}

#[derive(Accounts)]
pub struct AmendCertificate<'info> {
    /// The certificate's certifier, or the Config's authority.
    pub signer: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    /// The signer's appointment; needed unless the signer is the Config's authority.
    #[account(
        seeds = [seeds::CERTIFIER, signer.key().as_ref()], bump = certifier.bump,
        constraint = certificate.certifier == signer.key() @ FlashbackError::Unauthorized,
    )]
    pub certifier: Option<Account<'info, Certifier>>,
    #[account(mut)]
    pub certificate: Account<'info, Certificate>,
    /// Needed for an oracle's certificate.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
}

impl AmendCertificate<'_> {
    pub fn handle(ctx: Context<Self>, args: AmendCertificateArgs) -> Result<()> {
        let AmendCertificate { signer, config, certifier, certificate, registry } = ctx.accounts;
        let clock = Clock::get()?;
        let now = Timestamp(clock.unix_timestamp);
        let amended = Certification { level: args.level, expires_at: Timestamp(args.expires_at) };
        match certifier {
            Some(certifier) => certifier.appointment().check_gives(&amended, now).or_refuse()?,
            None => {
                ensure(signer.key() == config.authority, CoreError::Unauthorized)?;
                amended.check_given(LEVEL_MAX, now).or_refuse()?;
            }
        }
        emit!(CertificateAmended {
            kind: certificate.kind,
            subject: certificate.subject,
            by: signer.key(),
            level_before: certificate.level,
            level_after: args.level,
            expires_at_before: certificate.expires_at,
            expires_at_after: args.expires_at,
        });
        certificate.level = args.level;
        certificate.evidence_hash = args.evidence_hash;
        certificate.expires_at = args.expires_at;
        certificate.update_entry(registry.as_ref(), |entry| {
            // Once expired, it ranks again in draws that are fixed from now on, not in those whose hash may be known.
            if entry.certified_until <= now.0 {
                entry.joined_slot = clock.slot;
            }
            entry.certified_until = args.expires_at;
        })
    }
}
