//! The draw of a committee, off-chain: the same code and the same inputs as the program's.

use flashback::state::OracleRegistry;
use flashback_core::CoreError;
use flashback_core::committee::{DrawHash, Eligibility, draw, find_draw_hash};
use flashback_core::hash::{Digest, SoftwareSha256};
use solana_sdk::pubkey::Pubkey;

use crate::account::{Provider, Registry, Sla};
use crate::error::Result;

/// Bytes of the SlotHashes sysvar before its first entry: the number of entries.
const HEADER: usize = 8;
/// Bytes of an entry: slot and hash.
const ENTRY: usize = 40;

/// What a draw is made from, all read at one moment.
#[derive(Clone, Copy)]
pub struct Draw<'a> {
    /// The Sla's address.
    pub address: Pubkey,
    /// The SLA, waiting for its committee, or for newcomers to some of its seats.
    pub sla: &'a Sla,
    /// Its provider.
    pub provider: &'a Provider,
    /// The registry of oracles.
    pub registry: &'a Registry,
    /// The bytes of the SlotHashes sysvar.
    pub slot_hashes: &'a [u8],
}

impl Draw<'_> {
    /// The drawn oracles' authorities, in the order of their seats: what the instruction is to be given.
    ///
    /// One that cannot cover its seat, or has left the registry since, leaves it vacant.
    ///
    /// # Errors
    /// [`CoreError::DrawNotReady`], [`CoreError::DrawLapsed`], [`CoreError::OraclesTooFew`];
    /// [`CoreError::StateInvalid`] for bytes that are no SlotHashes sysvar.
    pub fn committee(&self) -> Result<Vec<Pubkey>> {
        let excluded = Sla::parties(&self.sla.consumer, self.provider);
        self.draw(&excluded, self.sla.body.terms.seats)
    }

    /// The oracles drawn for the seats that wait for a redraw, by authority, in the order of the seats.
    ///
    /// # Errors
    /// As [`Draw::committee`].
    pub fn newcomers(&self) -> Result<Vec<Pubkey>> {
        let mut excluded = Sla::parties(&self.sla.consumer, self.provider).to_vec();
        excluded.extend(self.sla.seats.map(|seat| seat.to_bytes()));
        let waiting = self.sla.body.progress.redraw_seats.count_ones();
        self.draw(&excluded, u8::try_from(waiting).unwrap_or(u8::MAX))
    }

    fn draw(&self, excluded: &[[u8; 32]], count: u8) -> Result<Vec<Pubkey>> {
        let progress = &self.sla.body.progress;
        let hash = match slot_hash(self.slot_hashes, progress.draw_slot)? {
            DrawHash::NotReady => return Err(CoreError::DrawNotReady.into()),
            DrawHash::Lapsed => return Err(CoreError::DrawLapsed.into()),
            DrawHash::Ready(hash) => hash,
        };
        let eligibility = Eligibility {
            joined_before: self.sla.body.draw_armed_slot(),
            now: self.sla.body.draw_armed_at(),
            excluded,
        };
        let drawn = draw::<SoftwareSha256>(
            OracleRegistry::candidates(&self.registry.entries),
            &eligibility,
            &hash,
            self.address.as_array(),
            progress.draw_number,
            count,
        )?;
        Ok(drawn.into_iter().flatten().copied().map(Pubkey::new_from_array).collect())
    }
}

/// What became of the hash that decides a draw, given the bytes of the SlotHashes sysvar.
///
/// # Errors
/// [`CoreError::StateInvalid`] for bytes that are no SlotHashes sysvar.
pub fn slot_hash(slot_hashes: &[u8], draw_slot: u64) -> flashback_core::Result<DrawHash> {
    let (count, entries) =
        slot_hashes.split_first_chunk::<HEADER>().ok_or(CoreError::StateInvalid)?;
    let entries = entries.as_chunks::<ENTRY>().0;
    find_draw_hash(draw_slot, u64::from_le_bytes(*count), |index| {
        let entry = usize::try_from(index).ok().and_then(|index| entries.get(index));
        let (slot, hash) = entry
            .and_then(|entry| entry.split_first_chunk::<8>())
            .ok_or(CoreError::StateInvalid)?;
        let hash: Digest = hash.try_into().map_err(|_| CoreError::StateInvalid)?;
        Ok((u64::from_le_bytes(*slot), hash))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sysvar_is_read_as_the_program_reads_it() {
        let mut bytes = 3u64.to_le_bytes().to_vec();
        for slot in [12u64, 11, 9] {
            bytes.extend(slot.to_le_bytes());
            bytes.extend([u8::try_from(slot).unwrap(); 32]);
        }
        assert_eq!(slot_hash(&bytes, 10), Ok(DrawHash::Ready([11; 32])));
        assert_eq!(slot_hash(&bytes, 12), Ok(DrawHash::Ready([12; 32])));
        assert_eq!(slot_hash(&bytes, 13), Ok(DrawHash::NotReady));
        assert_eq!(slot_hash(&bytes[..60], 10), Err(CoreError::StateInvalid));
        assert_eq!(slot_hash(&[], 10), Err(CoreError::StateInvalid));
    }
}
