use std::cell::{Ref, RefMut};

use anchor_lang::prelude::*;
use flashback_core::committee::{Candidate, REGISTRY_MAX};
use flashback_core::units::{Atoms, Timestamp};

use crate::error::FlashbackError;

/// The registry of oracles that committees are drawn from, at seeds `oracles`: this header, then up to 256
/// entries, in no order. The account grows and shrinks with its entries.
#[account(zero_copy)]
pub struct OracleRegistry {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 62],
    /// Who paid the header's rent; each entry names who paid its own.
    pub rent_payer: Pubkey,
}

/// A certified, staked oracle.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
pub struct RegistryEntry {
    /// The oracle's authority.
    pub oracle: Pubkey,
    /// Who paid the entry's rent.
    pub rent_payer: Pubkey,
    /// The slot it joined.
    pub joined_slot: u64,
    /// Its free stake, in atoms.
    pub free_stake: u64,
    /// When its certificate expires, in unix seconds.
    pub certified_until: i64,
    /// For later versions.
    pub reserved: [u8; 24],
}

const _: () = assert!(size_of::<RegistryEntry>() == 112);

impl OracleRegistry {
    /// Bytes of the empty registry.
    pub const SPACE: usize = 8 + size_of::<OracleRegistry>();

    /// Bytes of the registry with that many entries.
    pub fn space(entries: usize) -> usize {
        entries.saturating_mul(size_of::<RegistryEntry>()).saturating_add(Self::SPACE)
    }

    /// Bytes of a registry account with one more entry than it has. (A plain number: `realloc` must not find
    /// the data borrowed.)
    pub fn space_for_one_more(account: &AccountLoader<'_, OracleRegistry>) -> Result<usize> {
        Ok(Self::space(Self::read(account)?.len().saturating_add(1)))
    }

    /// The entries in an account's data.
    pub fn entries(data: &[u8]) -> Result<&[RegistryEntry]> {
        let bytes = data.get(Self::SPACE..).ok_or(FlashbackError::StateInvalid)?;
        bytemuck::try_cast_slice(bytes).map_err(|_| FlashbackError::StateInvalid.into())
    }

    /// The entries of a registry account, whose address and owner the caller's constraints have checked.
    pub fn read<'a>(
        account: &'a AccountLoader<'_, OracleRegistry>,
    ) -> Result<Ref<'a, [RegistryEntry]>> {
        let data = account.as_ref().try_borrow_data()?;
        Self::entries(&data)?;
        Ok(Ref::map(data, |data| Self::entries(data).unwrap_or_default()))
    }

    fn write<'a>(
        account: &'a AccountLoader<'_, OracleRegistry>,
    ) -> Result<RefMut<'a, [RegistryEntry]>> {
        let data = account.as_ref().try_borrow_mut_data()?;
        Self::entries(&data)?;
        Ok(RefMut::map(data, |data| {
            data.get_mut(Self::SPACE..)
                .and_then(|bytes| bytemuck::try_cast_slice_mut(bytes).ok())
                .unwrap_or_default()
        }))
    }

    /// Finds an oracle's entry and changes it.
    pub fn update(
        account: &AccountLoader<'_, OracleRegistry>,
        oracle: &Pubkey,
        change: impl FnOnce(&mut RegistryEntry),
    ) -> Result<()> {
        let mut entries = Self::write(account)?;
        let entry = entries.iter_mut().find(|entry| entry.oracle == *oracle);
        change(entry.ok_or(FlashbackError::OracleNotRegistered)?);
        Ok(())
    }

    /// Appends an entry to an account that has just grown by one.
    pub fn append(account: &AccountLoader<'_, OracleRegistry>, entry: RegistryEntry) -> Result<()> {
        let mut entries = Self::write(account)?;
        require_gte!(REGISTRY_MAX, entries.len(), FlashbackError::RegistryFull);
        *entries.last_mut().ok_or(FlashbackError::StateInvalid)? = entry;
        Ok(())
    }

    /// The entries as the draw takes them.
    pub fn candidates(entries: &[RegistryEntry]) -> impl Iterator<Item = Candidate<'_>> {
        entries.iter().map(|entry| Candidate {
            oracle: entry.oracle.as_array(),
            joined_slot: entry.joined_slot,
            free_stake: Atoms(entry.free_stake),
            certified_until: Timestamp(entry.certified_until),
        })
    }
}
