use anchor_lang::prelude::*;
use flashback_core::reputation::{Score, mean_milli};
use flashback_core::stake::Stake;
use flashback_core::text::{REGION_SIZE, URI_MAX};
use flashback_core::units::Timestamp;
use flashback_core::{CoreError, Result as CoreResult};

use crate::error::ensure;

/// A storage provider, at seeds `provider`, authority.
#[account(zero_copy)]
pub struct Provider {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Bump of the stake vault.
    pub vault_bump: u8,
    /// For later flags.
    pub flags: u8,
    /// Data units that it ever listed: those of the mean.
    pub unit_count: u32,
    /// SLAs agreed and not yet released.
    pub live_slas: u32,
    /// Data units listed now.
    pub listed_units: u32,
    /// Where the provider is, as printable ASCII padded with zeros.
    pub region: [u8; REGION_SIZE],
    /// The cold key: everything.
    pub authority: Pubkey,
    /// The hot key: daily work, never money's destination. Default: none.
    pub operator: Pubkey,
    /// Who owns the token accounts that earnings go to.
    pub payout: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// When the operator's powers end, in unix seconds.
    pub operator_expires_at: i64,
    /// Stake in the vault.
    pub stake: Stake,
    /// Sum of the scores of its units, those that are gone as they were last, in thousandths of a point; over
    /// `unit_count` it is the provider's score.
    pub score_sum_milli: u64,
    /// Protocol fees that its SLAs have paid and that were swept, in atoms.
    pub fees_swept: u64,
    /// When it registered, in unix seconds.
    pub registered_at: i64,
    /// SLAs agreed and not yet closed: their earnings and fees are paid through this account.
    pub open_slas: u32,
    /// Versions of offers so far: one counter for all its units, so that no unit listed anew has a version again that
    /// somebody was quoted.
    pub offer_versions: u32,
    /// For rewards and later versions.
    pub reserved: [u8; 120],
    /// A document about the provider, padded with zeros.
    pub metadata_uri: [u8; URI_MAX],
}

const _: () = assert!(size_of::<Provider>() == 600);

impl Provider {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + size_of::<Provider>();

    /// Its score, in thousandths of a point: the mean over its units, rounded down; the start without units.
    pub fn score_milli(&self) -> u32 {
        mean_milli(self.score_sum_milli, self.unit_count)
    }

    /// The next version of an offer.
    pub fn next_offer_version(&mut self) -> CoreResult<u32> {
        self.offer_versions =
            self.offer_versions.checked_add(1).ok_or(CoreError::ArithmeticOverflow)?;
        Ok(self.offer_versions)
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
        let operates = *key == self.operator && now.0 < self.operator_expires_at;
        *key == self.authority || (operates && *key != Pubkey::default())
    }

    /// Refuses a key that may not.
    pub fn check_operates(&self, key: &Pubkey, now: Timestamp) -> Result<()> {
        ensure(self.may_operate(key, now), CoreError::Unauthorized)
    }
}
