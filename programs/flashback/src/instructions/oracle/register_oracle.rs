use anchor_spl::token::{Mint, Token, TokenAccount};
use flashback_core::reputation::Score;
use flashback_core::stake::Stake;
use flashback_core::text::uri_bytes;

use crate::prelude::*;

/// An oracle's details.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RegisterOracleArgs {
    /// Credentials for probing are sealed to this X25519 key.
    pub x25519: [u8; 32],
    /// Where it publishes its records: printable ASCII, at most 200 bytes.
    pub records_url: String,
}

#[derive(Accounts)]
#[instruction(args: RegisterOracleArgs)]
pub struct RegisterOracle<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump, has_one = flash_mint)]
    pub config: Box<Account<'info, Config>>,
    pub flash_mint: Box<Account<'info, Mint>>,
    #[account(
        init, payer = payer, space = Oracle::SPACE,
        seeds = [seeds::ORACLE, authority.key().as_ref()], bump,
    )]
    pub oracle: AccountLoader<'info, Oracle>,
    #[account(
        init, payer = payer, seeds = [seeds::STAKE, oracle.key().as_ref()], bump,
        token::mint = flash_mint, token::authority = vault,
    )]
    pub vault: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
    pub system_program: Program<'info, System>,
}

impl RegisterOracle<'_> {
    pub fn handle(ctx: Context<Self>, args: RegisterOracleArgs) -> Result<()> {
        let records_url = uri_bytes(&args.records_url).or_refuse()?;
        let accounts = ctx.accounts;
        let authority = accounts.authority.key();
        let now = chain::now()?;
        emit!(OracleRegistered { oracle: accounts.oracle.key(), authority, x25519: args.x25519 });
        let score = Score::start(now);
        *accounts.oracle.load_init()? = Oracle {
            version: VERSION,
            bump: ctx.bumps.oracle,
            vault_bump: ctx.bumps.vault,
            joined: 0,
            seats: 0,
            authority,
            rent_payer: accounts.payer.key(),
            x25519: args.x25519,
            stake: Stake::default(),
            score_updated_at: score.updated_at,
            score_milli: score.milli,
            flags: [0; 4],
            slashed: 0,
            voided: 0,
            registered_at: now.0,
            reserved: [0; 64],
            records_url,
        };
        Ok(())
    }
}
