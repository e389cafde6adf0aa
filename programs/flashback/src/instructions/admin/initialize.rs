use anchor_lang::solana_program::bpf_loader_upgradeable;
use anchor_spl::token::{Mint, Token, TokenAccount};
use flashback_core::params::{Params, WINDOW_MAX_SECS};
use flashback_core::units;

use crate::prelude::*;

/// The protocol's first settings.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct InitializeArgs {
    /// Who may pause new SLAs, once.
    pub guardian: Pubkey,
    /// Who decides disputes.
    pub arbiter: Pubkey,
    /// The shortest window of an SLA, in seconds: 4 to 604,800. For good; a local net may use seconds.
    pub window_min_secs: u32,
    /// The parameters, within their hard bounds.
    pub params: Params,
}

#[derive(Accounts)]
pub struct Initialize<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The program's upgrade authority; becomes the Config's authority.
    pub authority: Signer<'info>,
    #[account(init, payer = payer, space = Config::SPACE, seeds = [seeds::CONFIG], bump)]
    pub config: Box<Account<'info, Config>>,
    /// FLASH: SPL Token, 6 decimals, no freeze authority.
    pub flash_mint: Box<Account<'info, Mint>>,
    #[account(
        init, payer = payer, seeds = [seeds::TREASURY], bump,
        token::mint = flash_mint, token::authority = treasury,
    )]
    pub treasury: Box<Account<'info, TokenAccount>>,
    #[account(
        init, payer = payer, seeds = [seeds::REWARDS], bump,
        token::mint = flash_mint, token::authority = rewards,
    )]
    pub rewards: Box<Account<'info, TokenAccount>>,
    #[account(init, payer = payer, space = OracleRegistry::SPACE, seeds = [seeds::REGISTRY], bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
    /// CHECK: this program's ProgramData account: the seeds pin it, the loader owns that address; `validate` reads
    /// its upgrade authority.
    #[account(seeds = [crate::ID.as_ref()], bump, seeds::program = bpf_loader_upgradeable::ID)]
    pub program_data: UncheckedAccount<'info>,
    pub token_program: Program<'info, Token>,
    pub system_program: Program<'info, System>,
}

impl Initialize<'_> {
    fn validate(&self, args: &InitializeArgs) -> Result<()> {
        let mint = &self.flash_mint;
        let sound = mint.decimals == units::FLASH_DECIMALS && mint.freeze_authority.is_none();
        ensure(sound, CoreError::MintInvalid)?;
        let upgrade_authority = chain::upgrade_authority(&self.program_data)?;
        let signed = upgrade_authority == Some(self.authority.key());
        ensure(signed, CoreError::UpgradeAuthorityMismatch)?;
        let window = 4..=WINDOW_MAX_SECS;
        ensure(window.contains(&args.window_min_secs), CoreError::WindowLengthInvalid)?;
        args.params.check().or_refuse()?;
        Ok(())
    }

    pub fn handle(ctx: Context<Self>, args: InitializeArgs) -> Result<()> {
        ctx.accounts.validate(&args)?;
        let accounts = ctx.accounts;
        accounts.config.set_inner(Config {
            version: VERSION,
            bump: ctx.bumps.config,
            treasury_bump: ctx.bumps.treasury,
            rewards_bump: ctx.bumps.rewards,
            authority: accounts.authority.key(),
            pending_authority: Pubkey::default(),
            guardian: args.guardian,
            arbiter: args.arbiter,
            flash_mint: accounts.flash_mint.key(),
            rent_payer: accounts.payer.key(),
            paused_until: 0,
            window_min_secs: args.window_min_secs,
            migration: 0,
            guardian_paused: false,
            params: args.params,
            reserved: [0; 127],
        });
        *accounts.registry.load_init()? = OracleRegistry {
            version: VERSION,
            bump: ctx.bumps.registry,
            reserved: [0; 62],
            rent_payer: accounts.payer.key(),
        };
        emit!(ProtocolInitialized {
            authority: accounts.authority.key(),
            flash_mint: accounts.flash_mint.key(),
            window_min_secs: args.window_min_secs,
        });
        Ok(())
    }
}
