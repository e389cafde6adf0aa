use anchor_lang::prelude::*;

/// A provider registered.
#[event]
pub struct ProviderRegistered {
    pub provider: Pubkey,
    pub authority: Pubkey,
    pub payout: Pubkey,
    pub region: [u8; 16],
}

/// A data unit was listed.
#[event]
pub struct UnitListed {
    pub unit: Pubkey,
    pub provider: Pubkey,
    pub id: u64,
    pub capacity_gib: u64,
    pub price_per_gib_month: u64,
    pub offer_version: u32,
}
