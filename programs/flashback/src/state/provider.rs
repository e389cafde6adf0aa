use anchor_lang::prelude::*;
use flashback_core::reputation::{SCORE_START_MILLI, Score};
use flashback_core::stake::Stake;
use flashback_core::text::{REGION_SIZE, URI_MAX};
use flashback_core::units::Timestamp;
use flashback_core::{CoreError, Result as CoreResult};

/// A storage provider, at seeds `provider`, authority.
#[account]
pub struct Provider {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Bump of the stake vault.
    pub vault_bump: u8,
    /// Reserved for flags.
    pub flags: u8,
    /// Data units listed.
    pub unit_count: u32,
    /// SLAs agreed and not yet closed.
    pub live_slas: u32,
    /// Where the provider is, as printable ASCII padded with zeros.
    pub region: [u8; REGION_SIZE],
    /// The cold key: everything.
    pub authority: Pubkey,
    /// The hot key: daily work, never money's destination. Default: none.
    pub operator: Pubkey,
    /// When the operator's powers end, in unix seconds.
    pub operator_expires_at: i64,
    /// Who owns the token accounts that earnings go to.
    pub payout: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// Stake in the vault.
    pub stake: Stake,
    /// Sum of the units' scores, in thousandths of a point; over `unit_count` it is the provider's score.
    pub score_sum_milli: u64,
    /// Protocol fees that its SLAs have paid and that were swept, in atoms.
    pub fees_swept: u64,
    /// When it registered, in unix seconds.
    pub registered_at: i64,
    /// For rewards and later versions.
    pub reserved: [u8; 128],
    /// A document about the provider.
    pub metadata_uri: String,
}

impl Provider {
    /// Bytes of the account with a URI of that length.
    pub fn space(uri: &str) -> usize {
        const FIXED: usize =
            8 + 4 + 4 + 4 + REGION_SIZE + 32 + 32 + 8 + 32 + 32 + STAKE_SIZE + 8 + 8 + 8 + 128 + 4;
        FIXED.saturating_add(uri.len().min(URI_MAX))
    }

    /// Its score, in thousandths of a point: the mean over its units, rounded down; the start without units.
    pub fn score_milli(&self) -> u32 {
        let mean = self.score_sum_milli.checked_div(u64::from(self.unit_count));
        mean.and_then(|mean| u32::try_from(mean).ok()).unwrap_or(SCORE_START_MILLI)
    }

    /// Replaces one unit's score in the sum.
    pub fn replace_unit_score(&mut self, before: Score, after: Score) -> CoreResult<()> {
        self.score_sum_milli = self
            .score_sum_milli
            .checked_sub(u64::from(before.milli))
            .and_then(|sum| sum.checked_add(u64::from(after.milli)))
            .ok_or(CoreError::AmountBelowZero)?;
        Ok(())
    }

    /// Whether a key may do the provider's daily work at `now`: the authority, or its unexpired operator.
    pub fn may_operate(&self, key: &Pubkey, now: Timestamp) -> bool {
        *key == self.authority || (*key == self.operator && now.0 < self.operator_expires_at)
    }
}

/// Bytes of an encoded [`Stake`].
pub const STAKE_SIZE: usize = 8 + 8 + 4 * 16;
