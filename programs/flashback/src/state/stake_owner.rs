use anchor_lang::prelude::*;
use flashback_core::stake::Stake;

use super::{Oracle, OracleRegistry, Provider};
use crate::error::FlashbackError;

/// An account that owns a stake vault, whichever kind it is.
pub enum StakeOwner {
    /// A provider.
    Provider(Provider),
    /// An oracle.
    Oracle(Oracle),
}

impl StakeOwner {
    /// Loads an account of this program that owns stake, by its discriminator.
    pub fn load(account: &AccountInfo) -> Result<Self> {
        require_keys_eq!(*account.owner, crate::ID, ErrorCode::AccountOwnedByWrongProgram);
        let data = account.try_borrow_data()?;
        let mut bytes: &[u8] = &data;
        if bytes.starts_with(Provider::DISCRIMINATOR) {
            return Ok(Self::Provider(Provider::try_deserialize(&mut bytes)?));
        }
        if bytes.starts_with(Oracle::DISCRIMINATOR) {
            return Ok(Self::Oracle(Oracle::try_deserialize(&mut bytes)?));
        }
        err!(FlashbackError::AccountKindUnknown)
    }

    /// Writes the account back.
    pub fn store(&self, account: &AccountInfo) -> Result<()> {
        let mut data = account.try_borrow_mut_data()?;
        let mut bytes: &mut [u8] = &mut data;
        match self {
            Self::Provider(provider) => provider.try_serialize(&mut bytes),
            Self::Oracle(oracle) => oracle.try_serialize(&mut bytes),
        }
    }

    /// Its stake.
    pub fn stake(&self) -> &Stake {
        match self {
            Self::Provider(provider) => &provider.stake,
            Self::Oracle(oracle) => &oracle.stake,
        }
    }

    /// Its stake, to change.
    pub fn stake_mut(&mut self) -> &mut Stake {
        match self {
            Self::Provider(provider) => &mut provider.stake,
            Self::Oracle(oracle) => &mut oracle.stake,
        }
    }

    /// Its stake vault's bump.
    pub fn vault_bump(&self) -> u8 {
        match self {
            Self::Provider(provider) => provider.vault_bump,
            Self::Oracle(oracle) => oracle.vault_bump,
        }
    }

    /// Brings a registered oracle's entry up to date; the registry must then be given.
    pub fn sync_registry(&self, registry: Option<&AccountLoader<OracleRegistry>>) -> Result<()> {
        match self {
            Self::Provider(_) => Ok(()),
            Self::Oracle(oracle) => oracle.sync_registry(registry),
        }
    }
}

impl Oracle {
    /// Brings the entry of a registered oracle up to date; the registry must then be given.
    pub fn sync_registry(&self, registry: Option<&AccountLoader<OracleRegistry>>) -> Result<()> {
        if !self.joined {
            return Ok(());
        }
        let registry = registry.ok_or(FlashbackError::RegistryAccountMissing)?;
        OracleRegistry::update(registry, &self.authority, |entry| {
            entry.free_stake = self.stake.free().0;
        })
    }
}
