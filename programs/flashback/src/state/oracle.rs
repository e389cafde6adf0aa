use anchor_lang::prelude::*;
use flashback_core::reputation::Score;
use flashback_core::stake::Stake;
use flashback_core::text::URI_MAX;

use super::provider::STAKE_SIZE;

/// An oracle, at seeds `oracle`, authority.
#[account]
pub struct Oracle {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Bump of the stake vault.
    pub vault_bump: u8,
    /// Whether it stands in the registry.
    pub joined: bool,
    /// Seats it holds.
    pub seats: u32,
    /// Its key: signs submissions.
    pub authority: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// Credentials for probing are sealed to this X25519 key.
    pub x25519: [u8; 32],
    /// Stake in the vault.
    pub stake: Stake,
    /// Its score.
    pub score: Score,
    /// Windows reported on time, as folded.
    pub reported: u64,
    /// Windows missed, as folded.
    pub missed: u64,
    /// When it registered, in unix seconds.
    pub registered_at: i64,
    /// For later versions.
    pub reserved: [u8; 64],
    /// Where it publishes its records.
    pub records_url: String,
}

impl Oracle {
    /// Bytes of the account with a URL of that length.
    pub fn space(url: &str) -> usize {
        const FIXED: usize = 8 + 4 + 4 + 32 + 32 + 32 + STAKE_SIZE + 12 + 8 + 8 + 8 + 64 + 4;
        FIXED.saturating_add(url.len().min(URI_MAX))
    }
}
