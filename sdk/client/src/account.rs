//! The program's accounts, decoded with every check that the program itself makes: owner, kind, version.

pub use flashback::state::{
    Certificate, Certifier, Challenge, Config, DataUnit, Dispute, Maintenance, Oracle,
    OracleRegistry, Provider, RegistryEntry, Round, Sla, SubjectKind, VERSION,
};

use anchor_lang::{AnchorDeserialize, Discriminator};
use flashback_core::units::Atoms;
use solana_account::ReadableAccount;
use solana_sdk::program_pack::Pack;
use solana_sdk::pubkey::Pubkey;

use crate::address;
use crate::error::{Error, Result};

/// Bytes of an account's discriminator.
pub(crate) const DISCRIMINATOR_SIZE: usize = 8;

/// An account of the program that can be decoded.
pub trait FlashbackAccount: Sized {
    /// What it is called in messages.
    const KIND: &'static str;

    /// The discriminator of its kind.
    const TAG: &'static [u8];

    /// Decodes what follows the discriminator; `None` if it is malformed.
    fn decode_body(body: &[u8]) -> Option<Self>;

    /// Decodes an account as read from a chain.
    ///
    /// # Errors
    /// [`Error::AccountOwnerWrong`], [`Error::AccountKindWrong`], [`Error::AccountVersionUnknown`],
    /// [`Error::AccountMalformed`].
    fn decode(address: &Pubkey, account: &impl ReadableAccount) -> Result<Self> {
        let (address, kind) = (*address, Self::KIND);
        if *account.owner() != address::PROGRAM {
            return Err(Error::AccountOwnerWrong { kind, address, owner: *account.owner() });
        }
        let data = account.data();
        let body = data.strip_prefix(Self::TAG).ok_or(Error::AccountKindWrong {
            kind,
            address,
            found: kind_of(data),
        })?;
        match body.first() {
            Some(&VERSION) => {}
            version => {
                let version = version.copied().unwrap_or_default();
                return Err(Error::AccountVersionUnknown { kind, address, version });
            }
        }
        Self::decode_body(body).ok_or(Error::AccountMalformed { kind, address })
    }
}

macro_rules! borsh_account {
    ($($ty:ident),*) => {
        $(impl FlashbackAccount for $ty {
            const KIND: &'static str = stringify!($ty);
            const TAG: &'static [u8] = <$ty as Discriminator>::DISCRIMINATOR;

            fn decode_body(mut body: &[u8]) -> Option<Self> {
                <$ty as AnchorDeserialize>::deserialize(&mut body).ok()
            }
        })*
    };
}
borsh_account!(Config, Certificate, Certifier, DataUnit, Dispute, Challenge);

macro_rules! zero_copy_account {
    ($($ty:ident),*) => {
        $(impl FlashbackAccount for $ty {
            const KIND: &'static str = stringify!($ty);
            const TAG: &'static [u8] = <$ty as Discriminator>::DISCRIMINATOR;

            fn decode_body(body: &[u8]) -> Option<Self> {
                bytemuck::try_pod_read_unaligned(body).ok()
            }
        })*
    };
}
zero_copy_account!(Provider, Oracle, Sla, Round);

/// The oracle registry with its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// Who paid the header's rent.
    pub rent_payer: Pubkey,
    /// The entries, in no order: of the oracles that can be drawn, and of those that have left (see
    /// [`RegistryEntry::out_slot`]).
    pub entries: Vec<RegistryEntry>,
}

impl FlashbackAccount for Registry {
    const KIND: &'static str = "OracleRegistry";
    const TAG: &'static [u8] = <OracleRegistry as Discriminator>::DISCRIMINATOR;

    fn decode_body(body: &[u8]) -> Option<Self> {
        let (header, entries) = body.split_at_checked(size_of::<OracleRegistry>())?;
        let header: OracleRegistry = bytemuck::try_pod_read_unaligned(header).ok()?;
        let entries = entries
            .chunks(size_of::<RegistryEntry>())
            .map(|entry| bytemuck::try_pod_read_unaligned(entry).ok())
            .collect::<Option<Vec<RegistryEntry>>>()?;
        Some(Self { rent_payer: header.rent_payer, entries })
    }
}

/// The kind of account that these bytes begin like.
fn kind_of(data: &[u8]) -> &'static str {
    let kinds: [(&'static str, &'static [u8]); 11] = [
        (Config::KIND, Config::TAG),
        (Provider::KIND, Provider::TAG),
        (Oracle::KIND, Oracle::TAG),
        (Certificate::KIND, Certificate::TAG),
        (Certifier::KIND, Certifier::TAG),
        (DataUnit::KIND, DataUnit::TAG),
        (Sla::KIND, Sla::TAG),
        (Registry::KIND, Registry::TAG),
        (Round::KIND, Round::TAG),
        (Dispute::KIND, Dispute::TAG),
        (Challenge::KIND, Challenge::TAG),
    ];
    let found = kinds.iter().find(|(_, tag)| data.starts_with(tag));
    found.map_or("unknown account", |(kind, _)| *kind)
}

/// An SPL token account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenAccount {
    /// Whose it is.
    pub owner: Pubkey,
    /// Of which mint.
    pub mint: Pubkey,
    /// What it holds, in the mint's atoms.
    pub amount: Atoms,
}

impl TokenAccount {
    /// Decodes an account as read from a chain.
    ///
    /// # Errors
    /// [`Error::AccountOwnerWrong`], [`Error::AccountMalformed`].
    pub fn decode(address: &Pubkey, account: &impl ReadableAccount) -> Result<Self> {
        let (address, kind) = (*address, "token account");
        if *account.owner() != address::TOKEN_PROGRAM {
            return Err(Error::AccountOwnerWrong { kind, address, owner: *account.owner() });
        }
        let token = spl_token_interface::state::Account::unpack(account.data())
            .map_err(|_| Error::AccountMalformed { kind, address })?;
        Ok(Self { owner: token.owner, mint: token.mint, amount: Atoms(token.amount) })
    }
}

const _: () = assert!(Sla::TAG.len() == DISCRIMINATOR_SIZE);
