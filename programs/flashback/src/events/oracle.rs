use anchor_lang::prelude::*;
use flashback_core::quality::Aggregate;

/// An oracle registered.
#[event]
pub struct OracleRegistered {
    pub oracle: Pubkey,
    pub authority: Pubkey,
    pub x25519: [u8; 32],
}

/// An oracle joined the registry.
#[event]
pub struct OracleJoined {
    pub oracle: Pubkey,
    pub joined_slot: u64,
}

/// An oracle reported a window. `shortfall_ppm` is meaningful if `measured`; else it abstained.
#[event]
pub struct ReportSubmitted {
    pub sla: Pubkey,
    pub oracle: Pubkey,
    pub window: u16,
    pub measured: bool,
    pub shortfall_ppm: u32,
    pub aggregate: Aggregate,
    pub root: [u8; 32],
}
