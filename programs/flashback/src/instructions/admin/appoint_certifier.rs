use flashback_core::admission::{Certification, LEVEL_MAX};

use crate::prelude::*;

/// A certifier's appointment.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct AppointCertifierArgs {
    /// The certifier's key.
    pub certifier: Pubkey,
    /// The highest level it may give, 1 to 4.
    pub max_level: u8,
    /// When the appointment ends, in unix seconds.
    pub expires_at: i64,
}

#[derive(Accounts)]
#[instruction(args: AppointCertifierArgs)]
pub struct AppointCertifier<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump, has_one = authority @ FlashbackError::Unauthorized)]
    pub config: Box<Account<'info, Config>>,
    #[account(
        init, payer = payer, space = 8 + Certifier::INIT_SPACE,
        seeds = [seeds::CERTIFIER, args.certifier.as_ref()], bump,
    )]
    pub certifier: Account<'info, Certifier>,
    pub system_program: Program<'info, System>,
}

impl AppointCertifier<'_> {
    pub fn handle(ctx: Context<Self>, args: AppointCertifierArgs) -> Result<()> {
        let appointed =
            Certification { level: args.max_level, expires_at: Timestamp(args.expires_at) };
        appointed.check_given(LEVEL_MAX, chain::now()?).or_refuse()?;
        ctx.accounts.certifier.set_inner(Certifier {
            version: VERSION,
            bump: ctx.bumps.certifier,
            max_level: args.max_level,
            authority: args.certifier,
            rent_payer: ctx.accounts.payer.key(),
            expires_at: args.expires_at,
            reserved: [0; 64],
        });
        emit!(CertifierAppointed {
            certifier: args.certifier,
            max_level: args.max_level,
            expires_at: args.expires_at,
        });
        Ok(())
    }
}
