//! Who signs, by the name that a command line gives.

mod derivation;
mod prompt;
#[cfg(feature = "remote-wallet")]
mod usb;

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signature, Signer, SignerError, read_keypair_file};

use crate::exit::usage;

/// Any signer of a command.
pub type BoxedSigner = Box<dyn Signer + Send + Sync>;

/// A signer's name, understood.
enum Named<'a> {
    StandardInput,
    /// With what follows the colon.
    Prompt(&'a str),
    /// All of it.
    Usb(&'a str),
    File(&'a str),
    Address(Pubkey),
}

impl<'a> Named<'a> {
    /// A file goes before an alias of the same name.
    fn new(name: &'a str) -> Self {
        if matches!(name, "-" | "stdin:") {
            return Self::StandardInput;
        }
        if let Some(query) = name.strip_prefix("prompt:") {
            return Self::Prompt(query);
        }
        if name.starts_with("usb:") {
            return Self::Usb(name);
        }
        if let Some(path) = name.strip_prefix("file:") {
            return Self::File(path.strip_prefix("//").unwrap_or(path));
        }
        match crate::quantity::address(name) {
            Ok(address) if !Path::new(name).exists() => Self::Address(address),
            _ => Self::File(name),
        }
    }
}

/// Finds a signer: a keypair file, `-` or `stdin:`, `prompt:`, `usb:`, an address or an alias.
///
/// # Errors
/// With the exit code of wrong usage, if there is no such signer.
pub fn find(name: &str) -> Result<BoxedSigner> {
    match Named::new(name) {
        Named::StandardInput => from_standard_input(),
        Named::Prompt(query) => Ok(Box::new(prompt::ask(derivation::path(query)?)?)),
        Named::Usb(locator) => from_usb(locator),
        Named::Address(address) => Ok(Box::new(AddressOnly(address))),
        Named::File(path) => Ok(Box::new(read(path)?)),
    }
}

/// Whether there is such a signer, as far as that shows without asking for its key.
///
/// # Errors
/// As [`find`].
pub fn check(name: &str) -> Result<()> {
    match Named::new(name) {
        Named::StandardInput | Named::Address(_) => Ok(()),
        Named::Prompt(query) => derivation::path(query).map(drop),
        Named::Usb(locator) => derivation::path(query_of(locator)).map(drop),
        Named::File(path) => read(path).map(drop),
    }
}

/// The same name, good in every folder.
pub fn absolute(name: &str) -> Result<String> {
    match Named::new(name) {
        Named::File(path) => {
            let path = std::path::absolute(path)?;
            Ok(path.to_str().context("the keypair's path is no valid text")?.to_owned())
        }
        _ => Ok(name.to_owned()),
    }
}

fn read(path: &str) -> Result<Keypair> {
    read_keypair_file(path).map_err(|error| {
        usage(format!(
            "cannot read a keypair from {path}: {error}; name another with --keypair, or make one with \
             `solana-keygen new`"
        ))
    })
}

fn from_standard_input() -> Result<BoxedSigner> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let bytes: Vec<u8> = serde_json::from_str(&text)
        .map_err(|_| usage("standard input has no keypair: a JSON array of 64 bytes"))?;
    let keypair = Keypair::try_from(bytes.as_slice());
    Ok(Box::new(keypair.map_err(|error| usage(format!("standard input has no keypair: {error}")))?))
}

/// What follows the address in the name of a hardware wallet: `?key=0/1`.
fn query_of(locator: &str) -> &str {
    locator.find('?').and_then(|start| locator.get(start..)).unwrap_or_default()
}

#[cfg(feature = "remote-wallet")]
fn from_usb(locator: &str) -> Result<BoxedSigner> {
    Ok(Box::new(usb::connect(locator, derivation::path(query_of(locator))?)?))
}

#[cfg(not(feature = "remote-wallet"))]
fn from_usb(_: &str) -> Result<BoxedSigner> {
    Err(usage(
        "this build knows no hardware wallets: build one that does with `cargo build -p flashback-cli --features \
         remote-wallet`, or sign elsewhere (--sign-only)",
    ))
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
