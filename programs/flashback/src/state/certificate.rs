use anchor_lang::prelude::*;
use flashback_core::units::Timestamp;
use flashback_core::{CoreError, Result as CoreResult};

/// What a certificate says its subject is.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SubjectKind {
    /// A storage provider.
    Provider,
    /// A consumer.
    Consumer,
    /// An oracle.
    Oracle,
}

impl SubjectKind {
    /// The certificate's second seed.
    pub const fn seed(self) -> [u8; 1] {
        match self {
            Self::Provider => [0],
            Self::Consumer => [1],
            Self::Oracle => [2],
        }
    }
}

/// A certificate, at seeds `cert`, kind, subject. Its expiry never ends a live SLA.
#[account]
#[derive(InitSpace)]
pub struct Certificate {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// What the subject is.
    pub kind: SubjectKind,
    /// Level, 1 to 4.
    pub level: u8,
    /// The subject's authority key.
    pub subject: Pubkey,
    /// The certifier's authority key.
    pub certifier: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// Hash of the evidence that the certifier keeps.
    pub evidence_hash: [u8; 32],
    /// When it was given, in unix seconds.
    pub issued_at: i64,
    /// When it expires, in unix seconds.
    pub expires_at: i64,
    /// For later versions.
    pub reserved: [u8; 64],
}

impl Certificate {
    /// Checks that the certificate is valid at `now` and of at least a level.
    pub fn check(&self, least_level: u8, now: Timestamp) -> CoreResult<()> {
        if now.0 >= self.expires_at {
            return Err(CoreError::CertificateExpired);
        }
        if self.level < least_level {
            return Err(CoreError::CertificateLevelTooLow);
        }
        Ok(())
    }
}

/// A certifier, at seeds `certifier`, authority.
#[account]
#[derive(InitSpace)]
pub struct Certifier {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// The highest level it may give, 1 to 4.
    pub max_level: u8,
    /// Its key.
    pub authority: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// When its appointment ends, in unix seconds.
    pub expires_at: i64,
    /// For later versions.
    pub reserved: [u8; 64],
}
