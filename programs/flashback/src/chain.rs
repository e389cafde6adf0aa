//! What the runtime provides: time, slot hashes, hashing.

use anchor_lang::prelude::*;
use flashback_core::CoreError;
use flashback_core::committee::{DrawHash, find_draw_hash};
use flashback_core::hash::{Digest, Sha256};
use flashback_core::units::Timestamp;

use crate::error::{OrRefuse, refusal};

/// SHA-256 by syscall.
pub struct SyscallSha256;

impl Sha256 for SyscallSha256 {
    fn hash(parts: &[&[u8]]) -> Digest {
        solana_sha256_hasher::hashv(parts).to_bytes()
    }
}

/// Where the Clock sysvar has its time, after slot, epoch's start, epoch and leader schedule's epoch.
const CLOCK_TIME: u64 = 32;

/// The chain's time: the eight bytes of the Clock that are wanted.
pub fn now() -> Result<Timestamp> {
    let mut time = [0; 8];
    solana_sysvar::get_sysvar(&mut time, &solana_sdk_ids::sysvar::clock::ID, CLOCK_TIME, 8)?;
    Ok(Timestamp(i64::from_le_bytes(time)))
}

/// Checks that an address is the program's, derived from these seeds (the stored bump last).
pub fn require_address(address: &Pubkey, seeds: &[&[u8]]) -> Result<()> {
    let derived = Pubkey::create_program_address(seeds, &crate::ID);
    let matches = derived.is_ok_and(|derived| derived == *address);
    require!(matches, ErrorCode::ConstraintSeeds);
    Ok(())
}

/// The upgrade authority in a program's ProgramData account, as the upgradeable loader lays it out: the state
/// (4 bytes: 3), the slot of deployment (8), whether there is an authority (1), the authority (32).
pub fn upgrade_authority(program_data: &AccountInfo) -> Result<Option<Pubkey>> {
    let data = program_data.try_borrow_data()?;
    let header = data.first_chunk::<45>().ok_or(ErrorCode::AccountNotProgramData)?;
    let (state, rest) = header.split_at(4);
    let (_slot, authority) = rest.split_at(8);
    require!(state == [3, 0, 0, 0], ErrorCode::AccountNotProgramData);
    Ok(match authority.split_first() {
        Some((1, key)) => Pubkey::try_from(key).ok(),
        _ => None,
    })
}

/// Bytes before the first entry of the SlotHashes sysvar: the number of entries.
const HEADER: u64 = 8;
/// Bytes of one entry: slot and hash.
const ENTRY: usize = 40;

/// The hash that decides a draw, read entry by entry: the whole sysvar would fill most of the heap.
pub fn draw_hash(draw_slot: u64) -> Result<DrawHash> {
    let mut header = [0; 8];
    read_slot_hashes(&mut header, 0)?;
    find_draw_hash(draw_slot, u64::from_le_bytes(header), |index| {
        let offset = index
            .checked_mul(40)
            .and_then(|bytes| bytes.checked_add(HEADER))
            .ok_or(CoreError::ArithmeticOverflow)
            .or_refuse()?;
        let mut entry = [0; ENTRY];
        read_slot_hashes(&mut entry, offset)?;
        let (slot, hash) = entry.split_at(8);
        let slot = slot.try_into().map_err(|_| refusal(CoreError::StateInvalid))?;
        let hash = hash.try_into().map_err(|_| refusal(CoreError::StateInvalid))?;
        Ok((u64::from_le_bytes(slot), hash))
    })
}

fn read_slot_hashes(into: &mut [u8], offset: u64) -> Result<()> {
    let length = u64::try_from(into.len()).map_err(|_| refusal(CoreError::ArithmeticOverflow))?;
    solana_sysvar::get_sysvar(into, &solana_sdk_ids::sysvar::slot_hashes::ID, offset, length)?;
    Ok(())
}
