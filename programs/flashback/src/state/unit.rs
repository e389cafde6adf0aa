use anchor_lang::prelude::*;
use flashback_core::admission::LEVEL_MAX;
use flashback_core::reputation::Score;
use flashback_core::sla::{Offer, Released};
use flashback_core::text::{REGION_SIZE, URI_MAX};
use flashback_core::unit::{self, Boost, Capacity};
use flashback_core::units::{Atoms, Gib, Seconds, Timestamp};
use flashback_core::{CoreError, Result as CoreResult};

use super::Provider;
use crate::error::ensure;

/// The known protocols, added up: S3, GCS, Azure Blob.
const PROTOCOLS: std::ops::RangeInclusive<u8> = 1..=7;

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
    /// Whether requests with the offer's own thresholds are agreed at once; all others wait for the provider.
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
    /// Reserved of it, in GiB: never more than there is.
    pub taken_gib: u64,
    /// SLAs agreed and not yet released.
    pub live_slas: u32,
    /// What it offers.
    pub offer: Offer,
    /// Its score.
    pub score: Score,
    /// The last two announced maintenances, the older one first: of the two only the second can be still to come.
    pub maintenance: [Maintenance; 2],
    /// Listing priority: atoms burnt, as of `boosted_at`; halves every 7 days, falling evenly in between.
    pub boost: u64,
    /// When the 7 days began in which it was last boosted, in unix seconds; 0: it never was.
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

    /// Checks which protocols it speaks, and the certificate it asks of consumers.
    pub fn check_reach(protocols: u8, consumer_level: u8) -> Result<()> {
        ensure(PROTOCOLS.contains(&protocols), CoreError::ProtocolsInvalid)?;
        ensure(consumer_level <= LEVEL_MAX, CoreError::CertificateLevelInvalid)
    }

    /// When it was listed, the last 32 bits.
    pub fn listed_stamp(&self) -> u32 {
        let [a, b, c, d, ..] = self.listed_at.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// Its capacity.
    pub fn capacity(&self) -> Capacity {
        Capacity { total: Gib(self.capacity_gib), taken: Gib(self.taken_gib) }
    }

    /// Takes capacity for a new SLA.
    pub fn take(&mut self, gib: Gib) -> CoreResult<()> {
        self.taken_gib = self.capacity().take(gib)?.taken.0;
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
        self.taken_gib = self.capacity().give_back(released.gib)?.taken.0;
        self.live_slas = self.live_slas.checked_sub(1).ok_or(CoreError::AmountBelowZero)?;
        provider.live_slas = provider.live_slas.checked_sub(1).ok_or(CoreError::AmountBelowZero)?;
        provider.stake.release(released.cover)?;
        self.fold(provider, released.points_milli, now)
    }

    /// Folds points into its score, and corrects the provider's sum, for decay too.
    pub fn fold(
        &mut self,
        provider: &mut Provider,
        points_milli: i32,
        now: Timestamp,
    ) -> CoreResult<()> {
        let before = self.score;
        self.score = before.fold(points_milli, now)?;
        provider.replace_unit_score(before, self.score)
    }

    /// Its listing priority.
    pub fn boost(&self) -> Boost {
        Boost { atoms: Atoms(self.boost), at: Timestamp(self.boosted_at) }
    }
}

impl From<Maintenance> for unit::Maintenance {
    fn from(stored: Maintenance) -> Self {
        Self { starts_at: Timestamp(stored.starts_at), secs: Seconds(stored.secs) }
    }
}

impl From<unit::Maintenance> for Maintenance {
    fn from(announced: unit::Maintenance) -> Self {
        Self { starts_at: announced.starts_at.0, secs: announced.secs.0 }
    }
}
