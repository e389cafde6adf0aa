use std::cell::RefMut;

use anchor_lang::prelude::*;
use flashback_core::stake::Stake;

use super::{Oracle, OracleRegistry, Provider};
use flashback_core::CoreError;

use crate::error::refusal;

/// An account that owns a stake vault, whichever kind it is, loaded in place.
pub enum StakeOwner<'a> {
    /// A provider.
    Provider(RefMut<'a, Provider>),
    /// An oracle.
    Oracle(RefMut<'a, Oracle>),
}

impl<'a> StakeOwner<'a> {
    /// Loads an account of this program that owns stake, by its discriminator.
    pub fn load(account: &'a AccountInfo) -> Result<Self> {
        require_keys_eq!(*account.owner, crate::ID, ErrorCode::AccountOwnedByWrongProgram);
        let data = account.try_borrow_mut_data()?;
        if data.starts_with(Provider::DISCRIMINATOR) {
            return Ok(Self::Provider(load_body(data)?));
        }
        if data.starts_with(Oracle::DISCRIMINATOR) {
            return Ok(Self::Oracle(load_body(data)?));
        }
        Err(refusal(CoreError::AccountKindUnknown))
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

    /// Its authority.
    pub fn authority(&self) -> Pubkey {
        match self {
            Self::Provider(provider) => provider.authority,
            Self::Oracle(oracle) => oracle.authority,
        }
    }

    /// Its stake vault's bump.
    pub fn vault_bump(&self) -> u8 {
        match self {
            Self::Provider(provider) => provider.vault_bump,
            Self::Oracle(oracle) => oracle.vault_bump,
        }
    }

    /// Brings an oracle's entry in the registry up to date, if it has one; the registry must then be given.
    pub fn sync_registry(&self, registry: Option<&AccountLoader<OracleRegistry>>) -> Result<()> {
        match self {
            Self::Provider(_) => Ok(()),
            Self::Oracle(oracle) => oracle.sync_registry(registry),
        }
    }
}

/// The body of a zero-copy account of that type; its discriminator is checked here.
pub(super) fn load_body<'a, T: bytemuck::Pod + Discriminator>(
    data: RefMut<'a, &mut [u8]>,
) -> Result<RefMut<'a, T>> {
    require!(data.starts_with(T::DISCRIMINATOR), ErrorCode::AccountDiscriminatorMismatch);
    let body = RefMut::filter_map(data, |data| {
        let end = size_of::<T>().checked_add(8)?;
        bytemuck::try_from_bytes_mut(data.get_mut(8..end)?).ok()
    });
    body.map_err(|_| ErrorCode::AccountDidNotDeserialize.into())
}
