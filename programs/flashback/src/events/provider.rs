use anchor_lang::prelude::*;

/// A provider registered.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRegistered {
    pub provider: Pubkey,
    pub authority: Pubkey,
    pub payout: Pubkey,
    pub region: [u8; 16],
}

/// A data unit was listed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitListed {
    pub unit: Pubkey,
    pub provider: Pubkey,
    pub id: u64,
    pub capacity_gib: u64,
    pub price_per_gib_month: u64,
    pub offer_version: u32,
}

/// A provider's details were changed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderUpdated {
    pub provider: Pubkey,
    pub payout_before: Pubkey,
    pub payout_after: Pubkey,
    pub region: [u8; 16],
}

/// A provider's operator was named, or no longer is (the default key).
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorSet {
    pub provider: Pubkey,
    pub before: Pubkey,
    pub after: Pubkey,
    pub expires_at: i64,
}

/// A provider's account was closed; what anyone had donated to its stake vault went to the treasury.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderClosed {
    pub provider: Pubkey,
    pub authority: Pubkey,
    pub surplus: u64,
}

/// A data unit's offer, capacity or reach was changed: SLAs that run are not.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitUpdated {
    pub unit: Pubkey,
    pub capacity_gib_before: u64,
    pub capacity_gib_after: u64,
    pub price_before: u64,
    pub price_after: u64,
    pub offer_version_before: u32,
    pub offer_version_after: u32,
    pub auto_accept: bool,
}

/// FLASH was burnt for a unit's listing priority; the priority before and after, in atoms.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitBoosted {
    pub unit: Pubkey,
    pub by: Pubkey,
    pub burnt: u64,
    pub before: u64,
    pub after: u64,
}

/// Maintenance was announced.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaintenanceAnnounced {
    pub unit: Pubkey,
    pub starts_at: i64,
    pub secs: u32,
}

/// A unit takes no new SLAs any more; anyone can remove it once the last one is given back.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitClosing {
    pub unit: Pubkey,
    pub live_slas: u32,
}

/// A unit is gone; its score stays in its provider's mean.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRemoved {
    pub unit: Pubkey,
    pub provider: Pubkey,
    pub score_milli: u32,
    pub listed_units: u32,
}

/// A unit's score was brought up to date, and its provider's with it.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRefreshed {
    pub unit: Pubkey,
    pub points_milli: i32,
    pub score_milli_before: u32,
    pub score_milli_after: u32,
    pub provider_score_milli: u32,
}
