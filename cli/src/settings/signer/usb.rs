//! A key in a hardware wallet.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Result, anyhow};
use solana_derivation_path::DerivationPath;
use solana_remote_wallet::locator::Locator;
use solana_remote_wallet::remote_keypair::{RemoteKeypair, generate_remote_keypair};
use solana_remote_wallet::remote_wallet::maybe_wallet_manager;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Signature, Signer, SignerError};

use crate::exit::usage;

type Signed = std::result::Result<Signature, SignerError>;

/// A message to sign, and where the answer goes.
struct Request {
    message: Vec<u8>,
    answer: Sender<Signed>,
}

/// A wallet's key. The connection cannot leave its thread, which serves one signer as long as that lives.
pub struct Usb {
    key: Pubkey,
    requests: Mutex<Sender<Request>>,
}

/// Connects to `usb://MANUFACTURER[/ADDRESS]`; the address is that of the wallet's first key, where several are plugged in.
///
/// # Errors
/// With the exit code of wrong usage, if that names no wallet or none is there.
pub fn connect(name: &str, path: DerivationPath) -> Result<Usb> {
    let locator = Locator::new_from_path(name).map_err(|error| {
        usage(format!(
            "`{name}` names no hardware wallet ({error}): use usb://ledger or usb://trezor"
        ))
    })?;
    let (requests, received) = channel();
    let (connected, connection) = channel();
    std::thread::Builder::new().name("hardware-wallet".to_owned()).spawn(move || {
        match open(locator, path) {
            Ok(keypair) => {
                let _ = connected.send(Ok(keypair.pubkey));
                serve(&keypair, &received);
            }
            Err(error) => {
                let _ = connected.send(Err(error));
            }
        }
    })?;
    let key =
        connection.recv().map_err(|_| anyhow!("the hardware wallet's thread has ended"))??;
    Ok(Usb { key, requests: Mutex::new(requests) })
}

fn open(locator: Locator, path: DerivationPath) -> Result<RemoteKeypair> {
    let none = || usage("no hardware wallet is plugged in, unlocked, with its Solana app open");
    let manager = maybe_wallet_manager()?.ok_or_else(none)?;
    generate_remote_keypair(locator, path, &manager, false, "the keypair")
        .map_err(|error| usage(format!("the hardware wallet has no such key: {error}")))
}

fn serve(keypair: &RemoteKeypair, requests: &Receiver<Request>) {
    for Request { message, answer } in requests {
        eprintln!("waiting for {} to be approved on the hardware wallet …", keypair.path);
        // Who has asked may have gone.
        let _ = answer.send(keypair.try_sign_message(&message));
    }
}

impl Signer for Usb {
    fn try_pubkey(&self) -> std::result::Result<Pubkey, SignerError> {
        Ok(self.key)
    }

    fn try_sign_message(&self, message: &[u8]) -> Signed {
        let gone = || SignerError::Connection("the hardware wallet's thread has ended".to_owned());
        let (answer, answered) = channel();
        let request = Request { message: message.to_vec(), answer };
        self.requests.lock().map_err(|_| gone())?.send(request).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }

    fn is_interactive(&self) -> bool {
        true
    }
}
