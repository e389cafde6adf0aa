use anchor_spl::token::{Mint, Token, TokenAccount};
use flashback_core::stake::Stake;
use flashback_core::text::{REGION_SIZE, check_region, uri_bytes};

use crate::prelude::*;

/// A provider's details.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RegisterProviderArgs {
    /// Who owns the token accounts that earnings go to.
    pub payout: Pubkey,
    /// Where the provider is: printable ASCII, padded with zeros.
    pub region: [u8; REGION_SIZE],
    /// A document about the provider: printable ASCII, at most 200 bytes.
    pub metadata_uri: String,
}

#[derive(Accounts)]
#[instruction(args: RegisterProviderArgs)]
pub struct RegisterProvider<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump, has_one = flash_mint)]
    pub config: Box<Account<'info, Config>>,
    pub flash_mint: Box<Account<'info, Mint>>,
    #[account(
        init, payer = payer, space = Provider::SPACE,
        seeds = [seeds::PROVIDER, authority.key().as_ref()], bump,
    )]
    pub provider: AccountLoader<'info, Provider>,
    #[account(
        init, payer = payer, seeds = [seeds::STAKE, provider.key().as_ref()], bump,
        token::mint = flash_mint, token::authority = vault,
    )]
    pub vault: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
    pub system_program: Program<'info, System>,
}

impl RegisterProvider<'_> {
    pub fn handle(ctx: Context<Self>, args: RegisterProviderArgs) -> Result<()> {
        check_region(&args.region).or_refuse()?;
        let metadata_uri = uri_bytes(&args.metadata_uri).or_refuse()?;
        let accounts = ctx.accounts;
        let authority = accounts.authority.key();
        emit!(ProviderRegistered {
            provider: accounts.provider.key(),
            authority,
            payout: args.payout,
            region: args.region,
        });
        *accounts.provider.load_init()? = Provider {
            version: VERSION,
            bump: ctx.bumps.provider,
            vault_bump: ctx.bumps.vault,
            flags: 0,
            unit_count: 0,
            live_slas: 0,
            listed_units: 0,
            region: args.region,
            authority,
            operator: Pubkey::default(),
            operator_expires_at: 0,
            payout: args.payout,
            rent_payer: accounts.payer.key(),
            stake: Stake::default(),
            score_sum_milli: 0,
            fees_swept: 0,
            registered_at: chain::now()?.0,
            open_slas: 0,
            offer_versions: 0,
            reserved: [0; 120],
            metadata_uri,
        };
        Ok(())
    }
}
