use anchor_lang::prelude::*;
use flashback_core::CoreError;
use flashback_core::admission::{Appointment, Certification};
use flashback_core::units::Timestamp;

use super::{OracleRegistry, RegistryEntry};
use crate::error::{OrRefuse, ensure};
use crate::events::CertificateRevoked;

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
    /// What it says.
    pub fn certification(&self) -> Certification {
        Certification { level: self.level, expires_at: Timestamp(self.expires_at) }
    }
}

impl Certificate {
    /// Changes the registry's entry of an oracle whose certificate changes, if it has one; the registry must be given.
    pub fn update_entry(
        &self,
        registry: Option<&AccountLoader<OracleRegistry>>,
        change: impl FnOnce(&mut RegistryEntry),
    ) -> Result<()> {
        if self.kind != SubjectKind::Oracle {
            return Ok(());
        }
        let registry = registry.ok_or(CoreError::RegistryAccountMissing).or_refuse()?;
        OracleRegistry::update_if_any(registry, &self.subject, change)?;
        Ok(())
    }
}

impl Certificate {
    /// Closes the certificate at an address that the caller has checked, if there is one.
    pub fn close_if_any<'info>(
        account: &UncheckedAccount<'info>,
        rent_payer: &UncheckedAccount<'info>,
    ) -> Result<()> {
        if *account.owner != crate::ID {
            return Ok(());
        }
        let certificate = Self::try_deserialize(&mut account.try_borrow_data()?.as_ref())?;
        ensure(certificate.rent_payer == rent_payer.key(), CoreError::AccountMismatch)?;
        emit!(CertificateRevoked {
            kind: certificate.kind,
            subject: certificate.subject,
            by: certificate.subject,
        });
        rent_payer.add_lamports(account.lamports())?;
        account.sub_lamports(account.lamports())?;
        account.assign(&System::id());
        account.resize(0)?;
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

impl Certifier {
    /// Up to which level, and until when, it certifies.
    pub fn appointment(&self) -> Appointment {
        let expires_at = Timestamp(self.expires_at);
        Appointment(Certification { level: self.max_level, expires_at })
    }
}
