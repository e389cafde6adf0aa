use std::cell::{Ref, RefMut};

use anchor_lang::prelude::*;
use flashback_core::CoreError;
use flashback_core::committee::{Candidate, REGISTRY_MAX};
use flashback_core::units::{Atoms, Timestamp};

use crate::error::{OrRefuse, ensure, refusal};

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

/// An oracle that joined, certified and staked; or that has left, or lost its certificate, until its entry is removed.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
pub struct RegistryEntry {
    /// The oracle's authority.
    pub oracle: Pubkey,
    /// Who paid the entry's rent.
    pub rent_payer: Pubkey,
    /// The slot it joined.
    pub joined_slot: u64,
    /// Its free stake, in atoms: kept in step with its account.
    pub free_stake: u64,
    /// When its certificate expires, in unix seconds, as of its joining or the last amendment.
    pub certified_until: i64,
    /// What was paid for the entry's room, in lamports: it goes back to who paid it.
    pub rent_paid: u64,
    /// The slot in which it left, or its certificate was revoked: no draw that was fixed from then on draws it.
    /// 0: neither.
    pub out_slot: u64,
    /// The least stake when it joined, in atoms: a higher one puts nobody out.
    pub min_stake: u64,
}

const _: () = assert!(size_of::<RegistryEntry>() == 112);

impl RegistryEntry {
    /// Marks it as out from a slot on, unless it was before.
    pub fn mark_out(&mut self, slot: u64) {
        if self.out_slot == 0 {
            self.out_slot = slot;
        }
    }
}

impl OracleRegistry {
    /// Bytes of the empty registry.
    pub const SPACE: usize = 8 + size_of::<OracleRegistry>();

    /// Bytes of the registry with that many entries.
    pub fn space(entries: usize) -> usize {
        entries.saturating_mul(size_of::<RegistryEntry>()).saturating_add(Self::SPACE)
    }

    /// The entries in an account's data.
    pub fn entries(data: &[u8]) -> Result<&[RegistryEntry]> {
        let bytes = data.get(Self::SPACE..).ok_or(CoreError::StateInvalid).or_refuse()?;
        bytemuck::try_cast_slice(bytes).map_err(|_| refusal(CoreError::StateInvalid))
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

    /// Finds an oracle's entry and changes it. Returns it as it is now.
    pub fn update(
        account: &AccountLoader<'_, OracleRegistry>,
        oracle: &Pubkey,
        change: impl FnOnce(&mut RegistryEntry),
    ) -> Result<RegistryEntry> {
        let entry = Self::update_if_any(account, oracle, change)?;
        entry.ok_or(CoreError::OracleNotRegistered).or_refuse()
    }

    /// Changes an oracle's entry, if it has one. Returns it as it is now.
    pub fn update_if_any(
        account: &AccountLoader<'_, OracleRegistry>,
        oracle: &Pubkey,
        change: impl FnOnce(&mut RegistryEntry),
    ) -> Result<Option<RegistryEntry>> {
        let mut entries = Self::write(account)?;
        let entry = entries.iter_mut().find(|entry| entry.oracle == *oracle);
        Ok(entry.map(|entry| {
            change(entry);
            *entry
        }))
    }

    /// Appends an entry. The account grows by it, at the payer's cost, which the entry records.
    pub fn append<'info>(
        account: &AccountLoader<'info, OracleRegistry>,
        payer: &Signer<'info>,
        system_program: &Program<'info, System>,
        entry: RegistryEntry,
    ) -> Result<()> {
        let entries = Self::read(account)?.len();
        ensure(entries < REGISTRY_MAX, CoreError::RegistryFull)?;
        let space = Self::space(entries.saturating_add(1));
        // Rent may have fallen or risen since others joined: each entry pays for its own bytes, and for what lacks.
        let rent = Rent::get()?;
        let needed = rent.minimum_balance(space);
        let own = needed.saturating_sub(rent.minimum_balance(Self::space(entries)));
        let rent_paid = own.max(needed.saturating_sub(account.as_ref().lamports()));
        if rent_paid > 0 {
            let transfer = anchor_lang::system_program::Transfer {
                from: payer.to_account_info(),
                to: account.to_account_info(),
            };
            let context = CpiContext::new(system_program.key(), transfer);
            anchor_lang::system_program::transfer(context, rent_paid)?;
        }
        account.as_ref().resize(space)?;
        let mut entries = Self::write(account)?;
        let last = entries.last_mut().ok_or(CoreError::StateInvalid).or_refuse()?;
        *last = RegistryEntry { rent_paid, ..entry };
        Ok(())
    }

    /// Takes an oracle's entry out. The account shrinks by it; what was paid for it goes back to who paid it.
    pub fn remove<'info>(
        account: &AccountLoader<'info, OracleRegistry>,
        oracle: &Pubkey,
        rent_payer: &UncheckedAccount<'info>,
    ) -> Result<()> {
        let (removed, left) = {
            let mut entries = Self::write(account)?;
            let place = entries.iter().position(|entry| entry.oracle == *oracle);
            let place = place.ok_or(CoreError::OracleNotRegistered).or_refuse()?;
            let left = entries.len().saturating_sub(1);
            entries.swap(place, left);
            (*entries.last().ok_or(CoreError::StateInvalid).or_refuse()?, left)
        };
        ensure(removed.rent_payer == rent_payer.key(), CoreError::AccountMismatch)?;
        let info = account.as_ref();
        let space = Self::space(left);
        info.resize(space)?;
        let spare = info.lamports().saturating_sub(Rent::get()?.minimum_balance(space));
        let back = removed.rent_paid.min(spare);
        // Nobody keeps an entry by emptying the account that paid for it: the runtime refuses to leave one with less
        // than an empty account's rent.
        if rent_payer.lamports().saturating_add(back) < Rent::get()?.minimum_balance(0) {
            return Ok(());
        }
        info.sub_lamports(back)?;
        rent_payer.add_lamports(back)?;
        Ok(())
    }

    /// The entries as the draw takes them.
    pub fn candidates(entries: &[RegistryEntry]) -> impl Iterator<Item = Candidate<'_>> {
        entries.iter().map(|entry| Candidate {
            oracle: entry.oracle.as_array(),
            joined_slot: entry.joined_slot,
            out_slot: if entry.out_slot == 0 { u64::MAX } else { entry.out_slot },
            free_stake: Atoms(entry.free_stake),
            certified_until: Timestamp(entry.certified_until),
        })
    }
}
