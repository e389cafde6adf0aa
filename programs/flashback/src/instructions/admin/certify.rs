use flashback_core::admission::Certification;

use crate::prelude::*;

/// A certificate to give.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CertifyArgs {
    /// What the subject is.
    pub kind: SubjectKind,
    /// The subject's authority key.
    pub subject: Pubkey,
    /// Level, 1 to what the certifier may give.
    pub level: u8,
    /// Hash of the evidence that the certifier keeps.
    pub evidence_hash: [u8; 32],
    /// When it expires, in unix seconds.
    pub expires_at: i64,
}

#[derive(Accounts)]
#[instruction(args: CertifyArgs)]
pub struct Certify<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(
        seeds = [seeds::CERTIFIER, authority.key().as_ref()], bump = certifier.bump,
        has_one = authority @ FlashbackError::Unauthorized,
    )]
    pub certifier: Account<'info, Certifier>,
    #[account(
        init, payer = payer, space = 8 + Certificate::INIT_SPACE,
        seeds = [seeds::CERTIFICATE, args.kind.seed().as_ref(), args.subject.as_ref()], bump,
    )]
    pub certificate: Account<'info, Certificate>,
    pub system_program: Program<'info, System>,
}

impl Certify<'_> {
    pub fn handle(ctx: Context<Self>, args: CertifyArgs) -> Result<()> {
        let accounts = ctx.accounts;
        let now = chain::now()?;
        let given = Certification { level: args.level, expires_at: Timestamp(args.expires_at) };
        accounts.certifier.appointment().check_gives(&given, now).or_refuse()?;
        accounts.certificate.set_inner(Certificate {
            version: VERSION,
            bump: ctx.bumps.certificate,
            kind: args.kind,
            level: args.level,
            subject: args.subject,
            certifier: accounts.authority.key(),
            rent_payer: accounts.payer.key(),
            evidence_hash: args.evidence_hash,
            issued_at: now.0,
            expires_at: args.expires_at,
            reserved: [0; 64],
        });
        emit!(Certified {
            kind: args.kind,
            subject: args.subject,
            certifier: accounts.authority.key(),
            level: args.level,
            expires_at: args.expires_at,
        });
        Ok(())
    }
}
