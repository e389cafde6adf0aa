//! Finding accounts of the program by what they say, filtered by the RPC server.

use std::mem::offset_of;

use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::{Progress, SlaBody, SlaState};
use flashback_core::text::REGION_SIZE;
use solana_account::Account;
use solana_rpc_client_api::config::{
    RpcAccountInfoConfig, RpcProgramAccountsConfig, UiAccountEncoding,
};
use solana_rpc_client_api::filter::{Memcmp, RpcFilterType};
use solana_sdk::pubkey::Pubkey;

use crate::account::{
    Certificate, Certifier, Challenge, DISCRIMINATOR_SIZE, DataUnit, Dispute, FlashbackAccount,
    Provider, Round, Sla,
};
use crate::address;
use crate::client::Flashback;
use crate::error::{Error, Result};

/// The most accounts that a server reads at once.
pub(crate) const READ_MAX: usize = 100;

/// Accounts that were looked for.
#[derive(Debug)]
pub struct Found<T> {
    /// Those that decode, by address.
    pub accounts: Vec<(Pubkey, T)>,
    /// Why the others do not: one each, with its address. They are of a layout that this SDK does not know.
    pub skipped: Vec<Error>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { accounts: vec![], skipped: vec![] }
    }
}

impl<T: FlashbackAccount> Found<T> {
    /// Decodes them, sorted by address.
    fn decode(read: Vec<(Pubkey, Account)>) -> Self {
        let mut found = Self::default();
        for (address, account) in read {
            match T::decode(&address, &account) {
                Ok(decoded) => found.accounts.push((address, decoded)),
                Err(error) => found.skipped.push(error),
            }
        }
        found.accounts.sort_by_key(|(address, _)| *address);
        found
    }

    /// Adds what is not there yet.
    fn join(&mut self, other: Self) {
        self.skipped.extend(other.skipped);
        self.accounts.extend(other.accounts);
        self.accounts.sort_by_key(|(address, _)| *address);
        self.accounts.dedup_by_key(|(address, _)| *address);
    }
}

/// Bytes that an account must have at an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Has {
    offset: usize,
    bytes: Vec<u8>,
}

impl Has {
    fn key(offset: usize, key: &Pubkey) -> Self {
        Self { offset, bytes: key.to_bytes().to_vec() }
    }

    /// A DataUnit that takes new SLAs.
    pub(crate) fn open_unit() -> Self {
        Self { offset: UNIT_CLOSING, bytes: vec![0] }
    }

    /// A DataUnit in a region.
    pub(crate) fn unit_region(region: [u8; REGION_SIZE]) -> Self {
        Self { offset: UNIT_REGION, bytes: region.to_vec() }
    }

    /// A DataUnit of a Provider's address.
    fn unit_provider(provider: &Pubkey) -> Self {
        Self::key(UNIT_REGION + REGION_SIZE, provider)
    }

    /// A Certificate of a certifier's key.
    fn certificate_certifier(certifier: &Pubkey) -> Self {
        Self::key(CERTIFICATE_CERTIFIER, certifier)
    }

    fn sla_consumer(consumer: &Pubkey) -> Self {
        Self::key(DISCRIMINATOR_SIZE + offset_of!(Sla, consumer), consumer)
    }

    /// An Sla of a Provider's address.
    fn sla_provider(provider: &Pubkey) -> Self {
        Self::key(DISCRIMINATOR_SIZE + offset_of!(Sla, provider), provider)
    }

    fn sla_seat(seat: usize, oracle: &Pubkey) -> Self {
        let seats = DISCRIMINATOR_SIZE + offset_of!(Sla, seats);
        Self::key(seats + seat * size_of::<Pubkey>(), oracle)
    }

    pub(crate) fn sla_state(state: SlaState) -> Self {
        let body = DISCRIMINATOR_SIZE + offset_of!(Sla, body);
        let offset = body + offset_of!(SlaBody, progress) + offset_of!(Progress, state);
        Self { offset, bytes: vec![state.code()] }
    }

    /// A Round of an Sla's address.
    fn round_sla(sla: &Pubkey) -> Self {
        Self::key(DISCRIMINATOR_SIZE + offset_of!(Round, sla), sla)
    }

    /// A Dispute of an Sla's address: after version, bump and party, a byte each.
    fn dispute_sla(sla: &Pubkey) -> Self {
        Self::key(DISCRIMINATOR_SIZE + 3, sla)
    }

    /// A Challenge of an Sla's address: after version, bump and seat, a byte each, and the leaf.
    fn challenge_sla(sla: &Pubkey) -> Self {
        Self::key(DISCRIMINATOR_SIZE + 3 + size_of::<u32>(), sla)
    }
}

/// A DataUnit's fields stand as Borsh writes them: version, bump, protocols, consumer level and acceptance, a byte each,
/// come before this one.
const UNIT_CLOSING: usize = DISCRIMINATOR_SIZE + 5;
/// After it come two flags, then the region, then the provider.
const UNIT_REGION: usize = UNIT_CLOSING + 3;
/// Of a Certificate, version, bump, kind and level, a byte each, and its subject come before this one.
const CERTIFICATE_CERTIFIER: usize = DISCRIMINATOR_SIZE + 4 + size_of::<Pubkey>();

impl Flashback {
    /// Every account of a kind that has those bytes.
    pub(crate) async fn scan<T: FlashbackAccount>(&self, having: &[Has]) -> Result<Found<T>> {
        let kind = [Has { offset: 0, bytes: T::TAG.to_vec() }];
        let filters = kind
            .iter()
            .chain(having)
            .map(|has| RpcFilterType::Memcmp(Memcmp::new_base58_encoded(has.offset, &has.bytes)));
        let config = RpcProgramAccountsConfig {
            filters: Some(filters.collect()),
            account_config: RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                ..Default::default()
            },
            ..Default::default()
        };
        let read =
            self.rpc().get_program_ui_accounts_with_config(&address::PROGRAM, config).await?;
        let accounts = read.into_iter().map(|(address, account)| {
            let malformed = Error::AccountMalformed { kind: T::KIND, address };
            Ok((address, account.to_account().ok_or(malformed)?))
        });
        Ok(Found::decode(accounts.collect::<Result<_>>()?))
    }

    /// Reads accounts of one kind, in the order of their addresses here; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`]. One that does not decode is an error in its own place.
    pub async fn find_many<T: FlashbackAccount>(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Result<Option<T>>>> {
        let commitment = self.rpc().commitment();
        let mut found = Vec::with_capacity(addresses.len());
        for chunk in addresses.chunks(READ_MAX) {
            let read = self.rpc().get_multiple_accounts_with_commitment(chunk, commitment).await?;
            for (address, account) in chunk.iter().zip(read.value) {
                found.push(account.map(|account| T::decode(address, &account)).transpose());
            }
        }
        Ok(found)
    }

    /// Every provider.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn providers(&self) -> Result<Found<Provider>> {
        self.scan(&[]).await
    }

    /// The units of a provider, by its authority, until they are removed.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn units_of_provider(&self, authority: &Pubkey) -> Result<Found<DataUnit>> {
        self.scan(&[Has::unit_provider(&address::provider(authority))]).await
    }

    /// Every certifier, also those whose appointment is over, until it is ended.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn certifiers(&self) -> Result<Found<Certifier>> {
        self.scan(&[]).await
    }

    /// The certificates that a certifier (by its key) has given, also expired ones, until they are ended.
    ///
    /// # Errors
    /// As [`Flashback::certifiers`].
    pub async fn certificates_of(&self, certifier: &Pubkey) -> Result<Found<Certificate>> {
        self.scan(&[Has::certificate_certifier(certifier)]).await
    }

    /// The SLAs of a consumer, in any state until they are closed.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn slas_of_consumer(&self, consumer: &Pubkey) -> Result<Found<Sla>> {
        self.scan(&[Has::sla_consumer(consumer)]).await
    }

    /// The SLAs of a provider, by its authority, in any state until they are closed.
    ///
    /// # Errors
    /// As [`Flashback::slas_of_consumer`].
    pub async fn slas_of_provider(&self, authority: &Pubkey) -> Result<Found<Sla>> {
        self.slas_with(&address::provider(authority)).await
    }

    /// The SLAs with a Provider's address.
    pub(crate) async fn slas_with(&self, provider: &Pubkey) -> Result<Found<Sla>> {
        self.scan(&[Has::sla_provider(provider)]).await
    }

    /// The SLAs in which an oracle has a seat, by its authority, in any state until they are closed. One that it has
    /// left is not among them: what it had earned there went to its stake.
    ///
    /// # Errors
    /// As [`Flashback::slas_of_consumer`].
    pub async fn slas_of_oracle(&self, authority: &Pubkey) -> Result<Found<Sla>> {
        let mut all = Found::default();
        for seat in 0..SEATS_MAX {
            all.join(self.scan(&[Has::sla_seat(seat, authority)]).await?);
        }
        Ok(all)
    }

    /// The contested rounds of an SLA, until they are closed.
    ///
    /// # Errors
    /// As [`Flashback::slas_of_consumer`].
    pub async fn rounds_of(&self, sla: &Pubkey) -> Result<Found<Round>> {
        self.scan(&[Has::round_sla(sla)]).await
    }

    /// The open disputes of an SLA's windows.
    ///
    /// # Errors
    /// As [`Flashback::slas_of_consumer`].
    pub async fn disputes_of(&self, sla: &Pubkey) -> Result<Found<Dispute>> {
        self.scan(&[Has::dispute_sla(sla)]).await
    }

    /// The open challenges of an SLA's windows.
    ///
    /// # Errors
    /// As [`Flashback::slas_of_consumer`].
    pub async fn challenges_of(&self, sla: &Pubkey) -> Result<Found<Challenge>> {
        self.scan(&[Has::challenge_sla(sla)]).await
    }
}

#[cfg(test)]
mod tests;
