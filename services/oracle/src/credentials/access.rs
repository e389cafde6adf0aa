//! What is sealed.

use std::collections::BTreeSet;
use std::fmt;

use flashback_core::units::Timestamp;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use solana_sdk::pubkey::Pubkey;
use zeroize::Zeroize;

use super::{Error, Result};
use crate::key::SlaLife;
use crate::text::{base58, decode_hex};

/// The most bytes of a bucket's name.
const BUCKET_BYTES_MAX: usize = 255;
/// The most bytes of a prefix: with an object's own name, the longest key stays below S3's 1,024.
pub const PREFIX_BYTES_MAX: usize = 512;
/// The most bytes of an object's key.
const KEY_BYTES_MAX: usize = 1_024;
/// The most bytes of a region's name.
const REGION_BYTES_MAX: usize = 64;
/// The most bytes of one secret; a service account's key file has about 2,400.
const SECRET_BYTES_MAX: usize = 16 * 1_024;
/// The most canaries of an SLA.
pub const CANARIES_MAX: usize = 64;
/// The largest canary, in bytes.
pub const CANARY_BYTES_MAX: u32 = 16 * 1_024 * 1_024;

/// How the storage is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Amazon S3's, which most providers speak.
    S3,
    /// Google Cloud Storage's XML API.
    Gcs,
    /// Azure Blob Storage's.
    Azure,
}

/// Access to the storage of one life of an SLA.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The SLA that it is for.
    #[serde(with = "base58")]
    pub sla: Pubkey,
    /// When that SLA's window 0 begins, in unix seconds.
    pub sla_start: i64,
    /// How the storage is spoken to.
    pub protocol: Protocol,
    /// The bucket (Azure: container).
    pub bucket: String,
    /// Under which the oracle's objects go: neither begins nor ends with `/`. None: at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The region that signatures name. None: us-east-1, which most providers take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The keys.
    pub access: Keys,
    /// Objects of the consumer's own that the oracle reads now and then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canaries: Vec<Canary>,
}

/// The keys of one protocol.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Keys {
    /// S3.
    S3 {
        /// Which key.
        access_key_id: Secret,
        /// The key.
        secret_access_key: Secret,
        /// Of temporary keys.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_token: Option<Secret>,
    },
    /// Google Cloud Storage.
    Gcs {
        /// A service account's key file: the JSON, as text.
        service_account_key: Secret,
    },
    /// Azure with an account's key.
    AzureKey {
        /// The storage account's name.
        account: String,
        /// Its key, base64.
        access_key: Secret,
    },
    /// Azure with a shared access signature.
    AzureSas {
        /// The storage account's name.
        account: String,
        /// The signature: a query, with or without `?`.
        sas: Secret,
    },
}

/// An object of the consumer's own.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// Its key in the bucket, whole: the prefix is not put before it.
    pub key: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// How many bytes it has, at most [`CANARY_BYTES_MAX`].
    pub bytes: u32,
}

/// Text that is overwritten when dropped and never shown.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Access {
    /// Which SLA it is for.
    pub fn life(&self) -> SlaLife {
        SlaLife { sla: self.sla, start: Timestamp(self.sla_start) }
    }

    /// Checks everything that can be checked without the storage.
    ///
    /// # Errors
    /// [`Error::Unusable`] naming the field: keys of another protocol, a text that is empty or too long, a
    /// prefix or key that no object can have, a digest that is none, two canaries of one key.
    pub fn check(&self) -> Result<()> {
        length("bucket", &self.bucket, BUCKET_BYTES_MAX)?;
        if self.bucket.contains(['/', '?', '#', '\\']) || self.bucket.contains(char::is_whitespace)
        {
            return unusable("bucket is not the name of one");
        }
        if let Some(prefix) = &self.prefix {
            length("prefix", prefix, PREFIX_BYTES_MAX)?;
            object_key("prefix", prefix)?;
        }
        if let Some(region) = &self.region {
            length("region", region, REGION_BYTES_MAX)?;
        }
        self.access.check(self.protocol)?;
        if self.canaries.len() > CANARIES_MAX {
            return unusable(format!("more than {CANARIES_MAX} canaries"));
        }
        let mut keys = BTreeSet::new();
        for canary in &self.canaries {
            canary.check()?;
            if !keys.insert(&canary.key) {
                return unusable("two canaries have the same key");
            }
        }
        Ok(())
    }
}

impl Keys {
    fn check(&self, protocol: Protocol) -> Result<()> {
        let secrets = match (protocol, self) {
            (Protocol::S3, Self::S3 { access_key_id, secret_access_key, session_token }) => {
                let always =
                    [("access_key_id", access_key_id), ("secret_access_key", secret_access_key)];
                let token = session_token.as_ref().map(|token| ("session_token", token));
                always.into_iter().chain(token).collect()
            }
            (Protocol::Gcs, Self::Gcs { service_account_key }) => {
                vec![("service_account_key", service_account_key)]
            }
            (Protocol::Azure, Self::AzureKey { account, access_key }) => {
                length("account", account, BUCKET_BYTES_MAX)?;
                vec![("access_key", access_key)]
            }
            (Protocol::Azure, Self::AzureSas { account, sas }) => {
                length("account", account, BUCKET_BYTES_MAX)?;
                vec![("sas", sas)]
            }
            _ => return unusable("access holds the keys of another protocol"),
        };
        secrets.into_iter().try_for_each(|(name, secret)| length(name, &secret.0, SECRET_BYTES_MAX))
    }
}

impl Canary {
    /// The SHA-256 of its bytes.
    ///
    /// # Errors
    /// [`Error::Unusable`] unless it is 64 hexadecimal digits.
    pub fn digest(&self) -> Result<[u8; 32]> {
        match decode_hex(&self.sha256) {
            Some(digest) => Ok(digest),
            None => unusable("a canary's sha256 must be 64 hexadecimal digits"),
        }
    }

    fn check(&self) -> Result<()> {
        length("a canary's key", &self.key, KEY_BYTES_MAX)?;
        object_key("a canary's key", &self.key)?;
        if self.bytes == 0 || self.bytes > CANARY_BYTES_MAX {
            return unusable(format!("a canary must have 1 to {CANARY_BYTES_MAX} bytes"));
        }
        self.digest().map(|_| ())
    }
}

fn length(name: &str, text: &str, most: usize) -> Result<()> {
    if text.is_empty() || text.len() > most {
        return unusable(format!("{name} must have 1 to {most} bytes"));
    }
    Ok(())
}

/// Whether the storage clients take the key as it is: no empty, `.` or `..` part, no control characters.
fn object_key(name: &str, key: &str) -> Result<()> {
    match Path::parse(key) {
        Ok(path) if path.as_ref() == key => Ok(()),
        _ => unusable(format!(
            "{name} must be parts joined by single /, without control characters, none of them . or .."
        )),
    }
}

fn unusable<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::Unusable(what.into()))
}

impl Secret {
    /// The text itself. Nothing but the storage's client is to see it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[keys]")
    }
}

// Where canaries are is what a provider would like to know.
impl fmt::Debug for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canary").finish_non_exhaustive()
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("sla", &self.sla)
            .field("sla_start", &self.sla_start)
            .field("protocol", &self.protocol)
            .field("canaries", &self.canaries.len())
            .finish_non_exhaustive()
    }
}
