use anchor_lang::prelude::*;

use flashback_core::params::Params;

use crate::state::SubjectKind;

/// The protocol was set up.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolInitialized {
    pub authority: Pubkey,
    pub flash_mint: Pubkey,
    pub window_min_secs: u32,
}

/// A certifier was appointed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertifierAppointed {
    pub certifier: Pubkey,
    pub max_level: u8,
    pub expires_at: i64,
}

/// A certificate was given.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    pub kind: SubjectKind,
    pub subject: Pubkey,
    pub certifier: Pubkey,
    pub level: u8,
    pub expires_at: i64,
}

/// The chain says that a vault holds what is owed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolvencyAsserted {
    pub owner: Pubkey,
    pub held: u64,
    pub owed: u64,
}

/// A certifier's appointment was ended.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertifierRemoved {
    pub certifier: Pubkey,
    pub by: Pubkey,
}

/// A certificate was changed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateAmended {
    pub kind: SubjectKind,
    pub subject: Pubkey,
    pub by: Pubkey,
    pub level_before: u8,
    pub level_after: u8,
    pub expires_at_before: i64,
    pub expires_at_after: i64,
}

/// A certificate was ended.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRevoked {
    pub kind: SubjectKind,
    pub subject: Pubkey,
    pub by: Pubkey,
}

/// The parameters were changed: later SLAs copy the new ones.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamsSet {
    pub before: Params,
    pub after: Params,
}

/// Another guardian was appointed; it may pause once.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardianAppointed {
    pub before: Pubkey,
    pub after: Pubkey,
}

/// Another arbiter was appointed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArbiterAppointed {
    pub before: Pubkey,
    pub after: Pubkey,
}

/// The authority was offered to a key, or no longer is (the default key).
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityOffered {
    pub authority: Pubkey,
    pub before: Pubkey,
    pub after: Pubkey,
}

/// The authority was taken over.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityAccepted {
    pub before: Pubkey,
    pub after: Pubkey,
}

/// New SLAs are paused; the pause ends by itself.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    pub guardian: Pubkey,
    pub until: i64,
}
