use anchor_lang::prelude::*;
use flashback_core::reputation::Score;
use flashback_core::sla::{Offer, Released};
use flashback_core::text::{REGION_SIZE, URI_MAX};
use flashback_core::units::Timestamp;
use flashback_core::{CoreError, Result as CoreResult};

use super::Provider;

/// A span of announced maintenance.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// When it begins, in unix seconds; 0: none announced.
    pub starts_at: i64,
    /// How long it lasts, in seconds.
    pub secs: u32,
}

/// A data unit, at seeds `unit`, provider's address, id.
#[account]
pub struct DataUnit {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Protocols it speaks: 1 = S3, 2 = GCS, 4 = Azure Blob, added up.
    pub protocols: u8,
    /// The lowest certificate it asks of consumers, 1 to 4; 0: none.
    pub consumer_level: u8,
    /// Whether requests with the offer's own thresholds are agreed at once.
    pub auto_accept: bool,
    /// Whether it takes no new SLAs.
    pub closing: bool,
    /// For later flags.
    pub flags: [u8; 2],
    /// Where it is, as printable ASCII padded with zeros.
    pub region: [u8; REGION_SIZE],
    /// The Provider account.
    pub provider: Pubkey,
    /// The provider's number for it.
    pub id: u64,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// Capacity, in GiB.
    pub capacity_gib: u64,
    /// Reserved of it, in GiB: never more.
    pub taken_gib: u64,
    /// SLAs agreed and not yet released.
    pub live_slas: u32,
    /// What it offers.
    pub offer: Offer,
    /// Its score.
    pub score: Score,
    /// Announced maintenance, current and next.
    pub maintenance: [Maintenance; 2],
    /// Listing priority: atoms burnt, as of `boosted_at`; halves every 7 days.
    pub boost: u64,
    /// When it was last boosted, in unix seconds.
    pub boosted_at: i64,
    /// When it was listed, in unix seconds.
    pub listed_at: i64,
    /// For later versions.
    pub reserved: [u8; 64],
    /// Where clients reach it.
    pub endpoint_uri: String,
}

impl DataUnit {
    /// Bytes of the account with a URI of that length.
    pub fn space(uri: &str) -> usize {
        const OFFER_SIZE: usize = 8 + 4 * 4 + 5 * 4;
        const FIXED: usize = 8
            + 8
            + REGION_SIZE
            + 32
            + 8
            + 32
            + 8
            + 8
            + 4
            + OFFER_SIZE
            + 12
            + 2 * 12
            + 8
            + 8
            + 8
            + 64
            + 4;
        FIXED.saturating_add(uri.len().min(URI_MAX))
    }

    /// Takes capacity for a new SLA.
    pub fn take(&mut self, gib: u64) -> CoreResult<()> {
        if self.closing {
            return Err(CoreError::UnitClosing);
        }
        let taken = self.taken_gib.checked_add(gib).ok_or(CoreError::ArithmeticOverflow)?;
        if taken > self.capacity_gib {
            return Err(CoreError::CapacityInsufficient);
        }
        self.taken_gib = taken;
        self.live_slas = self.live_slas.saturating_add(1);
        Ok(())
    }

    /// Takes back what an ended SLA gives up: capacity and points here, cover to the provider.
    pub fn take_back(
        &mut self,
        provider: &mut Provider,
        released: &Released,
        now: Timestamp,
    ) -> CoreResult<()> {
        self.taken_gib =
            self.taken_gib.checked_sub(released.gib.0).ok_or(CoreError::AmountBelowZero)?;
        self.live_slas = self.live_slas.checked_sub(1).ok_or(CoreError::AmountBelowZero)?;
        provider.live_slas = provider.live_slas.checked_sub(1).ok_or(CoreError::AmountBelowZero)?;
        provider.stake.release(released.cover)?;
        let before = self.score;
        self.score = before.fold(released.points_milli, now)?;
        provider.replace_unit_score(before, self.score)
    }
}
