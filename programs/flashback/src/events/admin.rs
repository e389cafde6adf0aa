use anchor_lang::prelude::*;

use crate::state::SubjectKind;

/// The protocol was set up.
#[event]
pub struct ProtocolInitialized {
    pub authority: Pubkey,
    pub flash_mint: Pubkey,
    pub window_min_secs: u32,
}

/// A certifier was appointed.
#[event]
pub struct CertifierAppointed {
    pub certifier: Pubkey,
    pub max_level: u8,
    pub expires_at: i64,
}

/// A certificate was given.
#[event]
pub struct Certified {
    pub kind: SubjectKind,
    pub subject: Pubkey,
    pub certifier: Pubkey,
    pub level: u8,
    pub expires_at: i64,
}

/// The chain says that a vault holds what is owed.
#[event]
pub struct SolvencyAsserted {
    pub owner: Pubkey,
    pub held: u64,
    pub owed: u64,
}
