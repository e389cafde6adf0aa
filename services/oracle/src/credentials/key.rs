//! The oracle's own secret key.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crypto_box::aead::OsRng;
use crypto_box::{PublicKey, SecretKey};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::{Error, Result};
use crate::text::{decode_hex, encode_hex};

/// An oracle's X25519 secret: what consumers seal to. Its public half is in the oracle's account on chain.
pub struct OracleKey {
    bytes: Zeroizing<[u8; 32]>,
}

impl OracleKey {
    /// A new key, from the system's randomness.
    pub fn generate() -> Self {
        let secret = SecretKey::generate(&mut OsRng);
        Self { bytes: Zeroizing::new(secret.to_bytes()) }
    }

    /// Reads the key of that file.
    ///
    /// # Errors
    /// [`Error::KeyFile`] if it cannot be read, [`Error::KeyExposed`] if its group or others may read, write or
    /// execute it, [`Error::KeyMalformed`] unless it holds 64 hexadecimal digits.
    pub fn load(path: &Path) -> Result<Self> {
        let failed = |source| Error::KeyFile { path: path.into(), source };
        let file = File::open(path).map_err(failed)?;
        // Asked of the open file: what is checked is what is read.
        refuse_exposed(path, &file)?;
        let mut text = Zeroizing::new(String::with_capacity(128));
        file.take(128).read_to_string(&mut text).map_err(failed)?;
        let bytes = decode_hex(text.trim_end_matches(['\r', '\n']))
            .ok_or_else(|| Error::KeyMalformed { path: path.into() })?;
        Ok(Self { bytes: Zeroizing::new(bytes) })
    }

    /// Writes the key to a new file of mode 600. A file that exists is never replaced: what was sealed to its
    /// key could not be opened again.
    ///
    /// # Errors
    /// [`Error::KeyFile`] if the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let failed = |source| Error::KeyFile { path: path.into(), source };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        let mut text = Zeroizing::new(encode_hex(self.bytes.as_slice()));
        text.push('\n');
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }

    /// The public half, as it stands on chain.
    pub fn public(&self) -> [u8; 32] {
        self.secret().public_key().to_bytes()
    }

    /// A secret for another use, which tells nothing of this key or of those for other purposes:
    /// HMAC-SHA-256 of the purpose.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut hmac = keyed(&self.bytes);
        hmac.update(purpose.as_bytes());
        hmac.finalize().into_bytes().into()
    }

    pub(super) fn unseal(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.secret().unseal(sealed).map(Zeroizing::new).map_err(|_| Error::CannotOpen)
    }

    fn secret(&self) -> SecretKey {
        let mut bytes = *self.bytes;
        let secret = SecretKey::from_bytes(bytes);
        bytes.zeroize();
        secret
    }
}

/// HMAC-SHA-256 with that key: a shorter one than a block counts as filled up with zeros (RFC 2104).
pub(crate) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    for (byte, of_key) in block.iter_mut().zip(key) {
        *byte = *of_key;
    }
    Hmac::new((&*block).into())
}

/// Seals to an oracle's public key.
pub(super) fn seal_to(public: [u8; 32], plaintext: &[u8]) -> Result<Vec<u8>> {
    PublicKey::from_bytes(public).seal(&mut OsRng, plaintext).map_err(|_| Error::CannotSeal)
}

impl fmt::Debug for OracleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OracleKey").finish_non_exhaustive()
    }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let metadata =
        file.metadata().map_err(|source| Error::KeyFile { path: path.into(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(Error::KeyExposed { path: path.into(), mode }) }
}

#[cfg(not(unix))]
fn refuse_exposed(_path: &Path, _file: &File) -> Result<()> {
    Ok(())
}
