//! The draw of a committee, off-chain: the same code and the same inputs as the program's.

use flashback::state::OracleRegistry;
use flashback_core::CoreError;
use flashback_core::committee::{DrawHash, Eligibility, draw, find_draw_hash};
use flashback_core::hash::{Digest, SoftwareSha256};
use solana_account::Account;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::sysvar;

use crate::account::{FlashbackAccount, Provider, Registry, Sla};
use crate::address;
use crate::client::Flashback;
use crate::error::{Error, Result};

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

impl Flashback {
    /// The oracles drawn for an SLA, by authority, in the order of their seats.
    ///
    /// # Errors
    /// [`Error::Rule`] with `DrawNotReady` until the draw's slot hash exists, `DrawLapsed` once it is
    /// forgotten, `OraclesTooFew`; as [`Flashback::fetch`].
    pub async fn draw_committee(&self, sla: &Pubkey) -> Result<Vec<Pubkey>> {
        self.read_draw(sla).await?.draw().committee()
    }

    /// The oracles drawn for an SLA's seats that wait for a redraw, by authority, in the order of the seats.
    ///
    /// # Errors
    /// As [`Flashback::draw_committee`].
    pub async fn draw_newcomers(&self, sla: &Pubkey) -> Result<Vec<Pubkey>> {
        self.read_draw(sla).await?.draw().newcomers()
    }

    async fn read_draw(&self, sla_address: &Pubkey) -> Result<DrawRead> {
        let provider_address = self.sla(sla_address).await?.provider;
        let registry_address = address::registry();
        let addresses = [*sla_address, provider_address, registry_address, sysvar::slot_hashes::ID];
        let commitment = self.rpc().commitment();
        let read = self.rpc().get_multiple_accounts_with_commitment(&addresses, commitment).await?;
        let found = |index: usize| read.value.get(index).and_then(Option::as_ref);
        Ok(DrawRead {
            address: *sla_address,
            sla: decode(sla_address, found(0))?,
            provider: decode(&provider_address, found(1))?,
            registry: decode(&registry_address, found(2))?,
            slot_hashes: found(3).map(|account| account.data.clone()).unwrap_or_default(),
        })
    }
}

/// What a draw is made from, as one request has read it.
struct DrawRead {
    address: Pubkey,
    sla: Sla,
    provider: Provider,
    registry: Registry,
    slot_hashes: Vec<u8>,
}

impl DrawRead {
    fn draw(&self) -> Draw<'_> {
        Draw {
            address: self.address,
            sla: &self.sla,
            provider: &self.provider,
            registry: &self.registry,
            slot_hashes: &self.slot_hashes,
        }
    }
}

fn decode<T: FlashbackAccount>(address: &Pubkey, account: Option<&Account>) -> Result<T> {
    let missing = Error::AccountNotFound { kind: T::KIND, address: *address };
    T::decode(address, account.ok_or(missing)?)
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
