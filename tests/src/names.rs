//! Keys that follow from names, so that no run's addresses, bumps and compute units differ from another's.

use flashback_core::hash::{Sha256, SoftwareSha256};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer};

/// The keypair of that name.
pub fn keypair(name: &str) -> Keypair {
    Keypair::new_from_array(SoftwareSha256::hash(&[b"flashback-tests:", name.as_bytes()]))
}

/// The public key of that name.
pub fn key(name: &str) -> Pubkey {
    keypair(name).pubkey()
}
