//! Who signs, by the name that a command line gives.

use std::io::Read;

use anyhow::Result;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signature, Signer, SignerError, read_keypair_file};

use crate::exit::usage;

/// Any signer of a command.
pub type BoxedSigner = Box<dyn Signer + Send + Sync>;

/// Finds a signer: a keypair file, `-` or `stdin:`, `prompt:`, `usb:`, an address or an alias.
///
/// # Errors
/// With the exit code of wrong usage, if there is no such signer.
pub fn find(name: &str) -> Result<BoxedSigner> {
    let path = name.strip_prefix("file:").unwrap_or(name);
    if name == "-" || name == "stdin:" {
        return from_standard_input();
    }
    if !std::path::Path::new(path).exists()
        && let Ok(address) = crate::quantity::address(name)
    {
        return Ok(Box::new(AddressOnly(address)));
    }
    let keypair = read_keypair_file(path).map_err(|error| {
        usage(format!(
            "cannot read a keypair from {path}: {error}; name another with --keypair, or make one with \
             `solana-keygen new`"
        ))
    })?;
    Ok(Box::new(keypair))
}

fn from_standard_input() -> Result<BoxedSigner> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let bytes: Vec<u8> = serde_json::from_str(&text)
        .map_err(|_| usage("standard input has no keypair: a JSON array of 64 bytes"))?;
    let keypair = Keypair::try_from(bytes.as_slice());
    Ok(Box::new(keypair.map_err(|error| usage(format!("standard input has no keypair: {error}")))?))
}

/// An address whose key is elsewhere.
struct AddressOnly(Pubkey);

impl Signer for AddressOnly {
    fn try_pubkey(&self) -> std::result::Result<Pubkey, SignerError> {
        Ok(self.0)
    }

    fn try_sign_message(&self, _: &[u8]) -> std::result::Result<Signature, SignerError> {
        Err(SignerError::Custom(format!(
            "{} is only an address here: use --sign-only, and sign where its key is",
            self.0
        )))
    }

    fn is_interactive(&self) -> bool {
        false
    }
}
