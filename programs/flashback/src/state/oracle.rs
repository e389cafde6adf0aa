use anchor_lang::prelude::*;
use flashback_core::reputation::Score;
use flashback_core::stake::Stake;
use flashback_core::text::URI_MAX;

use super::OracleRegistry;
use crate::error::FlashbackError;

/// An oracle, at seeds `oracle`, authority.
#[account(zero_copy)]
pub struct Oracle {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Bump of the stake vault.
    pub vault_bump: u8,
    /// 1 while it stands in the registry.
    pub joined: u8,
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
    /// When its score was last brought up to date, in unix seconds.
    pub score_updated_at: i64,
    /// Its score, in thousandths of a point.
    pub score_milli: u32,
    /// For later flags.
    pub flags: [u8; 4],
    /// Windows reported on time; not counted yet.
    pub reported: u64,
    /// Windows missed; not counted yet.
    pub missed: u64,
    /// When it registered, in unix seconds.
    pub registered_at: i64,
    /// For later versions.
    pub reserved: [u8; 64],
    /// Where it publishes its records, padded with zeros.
    pub records_url: [u8; URI_MAX],
}

const _: () = assert!(size_of::<Oracle>() == 488);

impl Oracle {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + size_of::<Oracle>();

    /// Its score.
    pub fn score(&self) -> Score {
        Score { milli: self.score_milli, updated_at: self.score_updated_at }
    }

    /// Stores its score.
    pub fn set_score(&mut self, score: Score) {
        self.score_milli = score.milli;
        self.score_updated_at = score.updated_at;
    }

    /// Brings a registered oracle's entry up to date; the registry must then be given.
    pub fn sync_registry(&self, registry: Option<&AccountLoader<OracleRegistry>>) -> Result<()> {
        if self.joined == 0 {
            return Ok(());
        }
        let registry = registry.ok_or(FlashbackError::RegistryAccountMissing)?;
        OracleRegistry::update(registry, &self.authority, |entry| {
            entry.free_stake = self.stake.free().0;
        })
    }
}
