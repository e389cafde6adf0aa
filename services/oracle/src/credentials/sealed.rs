//! The file that a consumer gives to one oracle.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flashback_core::units::Timestamp;
use serde::{Deserialize, Serialize};
use solana_sdk::pubkey::Pubkey;
use zeroize::Zeroizing;

use super::access::Access;
use super::key::{OracleKey, seal_to};
use super::{Error, Result};
use crate::key::SlaLife;
use crate::text::base58;

/// What the file says it is.
pub const FORMAT: &str = "flashback-credentials/1";
/// The largest file that is read, in bytes: the largest [`Access`] fits.
pub const SEALED_FILE_BYTES_MAX: usize = 512 * 1_024;

/// Credentials sealed to one oracle, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedFile {
    /// [`FORMAT`].
    pub format: String,
    /// The SLA.
    #[serde(with = "base58")]
    pub sla: Pubkey,
    /// When its window 0 begins, in unix seconds.
    pub sla_start: i64,
    /// The authority of the oracle that can open it.
    #[serde(with = "base58")]
    pub oracle: Pubkey,
    /// A libsodium sealed box around the JSON of [`Access`]: base64 with padding.
    pub sealed: String,
}

impl SealedFile {
    /// The file's content read.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else than a file of [`FORMAT`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > SEALED_FILE_BYTES_MAX {
            return Err(Error::Malformed(format!("more than {SEALED_FILE_BYTES_MAX} bytes")));
        }
        let file: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::Malformed(place("JSON of another form", &error)))?;
        if file.format != FORMAT {
            return Err(Error::Malformed(format!("its format must be {FORMAT:?}")));
        }
        Ok(file)
    }

    /// The file's content: JSON without blanks.
    ///
    /// # Errors
    /// [`Error::CannotSeal`], which text and numbers never cause.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| Error::CannotSeal)
    }

    /// Which SLA it is for, by its own word.
    pub fn life(&self) -> SlaLife {
        SlaLife { sla: self.sla, start: Timestamp(self.sla_start) }
    }
}

/// Seals access to an SLA's storage for one oracle of its committee, whose authority and X25519 key are those
/// on chain.
///
/// # Errors
/// [`Error::AnotherLife`] if the access is for another SLA than `life`; [`Error::Unusable`] as
/// [`Access::check`]; [`Error::CannotSeal`] without the system's randomness.
pub fn seal(
    access: &Access,
    life: SlaLife,
    oracle: Pubkey,
    x25519: [u8; 32],
) -> Result<SealedFile> {
    same_life(access.life(), life)?;
    access.check()?;
    let plaintext = Zeroizing::new(serde_json::to_vec(access).map_err(|_| Error::CannotSeal)?);
    Ok(SealedFile {
        format: FORMAT.to_owned(),
        sla: life.sla,
        sla_start: life.start.0,
        oracle,
        sealed: STANDARD.encode(seal_to(x25519, &plaintext)?),
    })
}

/// Opens a file as `oracle`, whose key `key` is, for an SLA that it has a seat on.
///
/// # Errors
/// [`Error::AnotherOracle`], [`Error::AnotherLife`]; [`Error::CannotOpen`] if it was damaged or sealed to
/// another key; [`Error::Malformed`] if what is in it is no [`Access`]; [`Error::Unusable`] as
/// [`Access::check`].
pub fn open(file: &SealedFile, key: &OracleKey, life: SlaLife, oracle: &Pubkey) -> Result<Access> {
    if file.format != FORMAT {
        return Err(Error::Malformed(format!("its format must be {FORMAT:?}")));
    }
    if file.oracle != *oracle {
        return Err(Error::AnotherOracle { named: file.oracle, own: *oracle });
    }
    same_life(file.life(), life)?;
    let sealed = STANDARD
        .decode(&file.sealed)
        .map_err(|_| Error::Malformed("sealed is not base64".to_owned()))?;
    let plaintext = key.unseal(&sealed)?;
    // The parser's own words may quote what it read.
    let access: Access = serde_json::from_slice(&plaintext)
        .map_err(|error| Error::Malformed(place("what is sealed is no access", &error)))?;
    same_life(access.life(), life)?;
    access.check()?;
    Ok(access)
}

fn same_life(named: SlaLife, known: SlaLife) -> Result<()> {
    if named == known {
        return Ok(());
    }
    Err(Error::AnotherLife {
        named: named.sla,
        named_start: named.start,
        sla: known.sla,
        start: known.start,
    })
}

/// Where a parser stopped, and nothing of what it saw.
fn place(what: &str, error: &serde_json::Error) -> String {
    format!("{what} (line {}, column {})", error.line(), error.column())
}
