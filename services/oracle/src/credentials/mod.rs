//! What a consumer seals to an oracle: access to the storage that it probes.
//!
//! The consumer knows the committee's X25519 keys from the chain and makes one file per oracle: a libsodium
//! sealed box around [`Access`], with the address of the SLA, its start and the oracle's authority in the open
//! so that a file which went astray can be told. What is sealed names the SLA and its start again, and both must
//! agree with what the oracle knows from the chain: a file of another SLA, or of a former life of its address,
//! opens nothing. A sealed box hides; it does not say who made it. Where to probe is therefore never the file's
//! word but the chain's.
//!
//! Secrets live in memory only, are overwritten when they are dropped, and are in no text that anything here
//! makes. (What the storage clients copy for themselves is out of reach.)

mod access;
mod key;
mod sealed;

use std::path::PathBuf;

use flashback_core::units::Timestamp;
use solana_sdk::pubkey::Pubkey;

pub use access::{
    Access, CANARIES_MAX, CANARY_BYTES_MAX, Canary, Keys, PREFIX_BYTES_MAX, Protocol, Secret,
};
pub use key::OracleKey;
pub(crate) use key::keyed;
pub use sealed::{FORMAT, SEALED_FILE_BYTES_MAX, SealedFile, open, seal};

/// Why a key or a sealed file cannot be used. No text of it holds anything secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key's file could not be read or written.
    #[error("key file {path}: {source}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others than its owner may use the key's file.
    #[error("key file {path} has mode {mode:03o}: others may use it; it must be 600 (chmod 600)")]
    KeyExposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key's file holds no key.
    #[error("key file {path} is malformed: it must hold 64 hexadecimal digits")]
    KeyMalformed {
        /// The file.
        path: PathBuf,
    },
    /// Not a file of sealed credentials, or one that was damaged.
    #[error("not a file of sealed credentials: {0}")]
    Malformed(String),
    /// Sealed to another oracle.
    #[error("sealed to oracle {named}; this oracle is {own}")]
    AnotherOracle {
        /// To whom, by the file.
        named: Pubkey,
        /// Who reads it.
        own: Pubkey,
    },
    /// For another SLA, or a former or later life of its address.
    #[error(
        "for SLA {named} starting at {}; this is SLA {sla} starting at {} (unix seconds)",
        .named_start.0,
        .start.0
    )]
    AnotherLife {
        /// The SLA, by the file.
        named: Pubkey,
        /// Its start, by the file.
        named_start: Timestamp,
        /// The SLA, by the chain.
        sla: Pubkey,
        /// Its start, by the chain.
        start: Timestamp,
    },
    /// The sealed box does not open with this key.
    #[error(
        "cannot be opened with this oracle's key: it was damaged, or sealed to another X25519 key than \
         the one on chain"
    )]
    CannotOpen,
    /// It opened, but the oracle cannot use what is in it.
    #[error("the credentials cannot be used: {0}")]
    Unusable(String),
    /// The system gives no randomness, or the plaintext is too large for a box.
    #[error("the credentials could not be sealed")]
    CannotSeal,
}

/// What this module's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests;
