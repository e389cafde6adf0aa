use anchor_lang::prelude::*;
use flashback_core::params::{PARAMS_SIZE, Params};

/// The protocol's settings. One, at seeds `config`.
#[account]
pub struct Config {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Bump of the treasury vault.
    pub treasury_bump: u8,
    /// Bump of the reward vault.
    pub rewards_bump: u8,
    /// Who may change settings: a deployer, a multisig, later governance.
    pub authority: Pubkey,
    /// Who may take the authority over, by signing; default: nobody.
    pub pending_authority: Pubkey,
    /// Who may pause new SLAs, once.
    pub guardian: Pubkey,
    /// Who decides disputes.
    pub arbiter: Pubkey,
    /// The FLASH mint, pinned for good.
    pub flash_mint: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// New SLAs are paused until then, in unix seconds; 0: not paused.
    pub paused_until: i64,
    /// The shortest window of an SLA, in seconds; set once.
    pub window_min_secs: u32,
    /// How many migration manifests were applied.
    pub migration: u32,
    /// Whether this guardian has paused already.
    pub guardian_paused: bool,
    /// The parameters that later SLAs copy; see there which ones count at once.
    pub params: Params,
    /// For later versions.
    pub reserved: [u8; 127],
}

impl Config {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + 4 + 6 * 32 + 8 + 4 + 4 + PARAMS_SIZE + 128;
}
