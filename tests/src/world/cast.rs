//! Who is who, and what they begin with.

use flashback_core::committee::REGISTRY_MAX;
use flashback_core::units::{ATOMS_PER_FLASH, Atoms};
use flashback_sdk::address;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Keypair;

use crate::chain::Chain;
use crate::names::{key, keypair};

/// Who pays all rent.
pub const RENT_PAYER: &str = "rent payer";
/// The provider.
pub const PROVIDER: &str = "provider";
/// Another provider, not registered unless a test does it.
pub const OTHER_PROVIDER: &str = "other provider";
/// Who owns the token accounts that the provider's earnings go to.
pub const PAYOUT: &str = "provider's payout owner";
/// The consumer.
pub const CONSUMER: &str = "consumer";
/// The certifier.
pub const CERTIFIER: &str = "certifier";
/// Who may pause new SLAs, once.
pub const GUARDIAN: &str = "guardian";
/// Who rules on disputes.
pub const ARBITER: &str = "arbiter";
/// The provider's hot key, once a test names it.
pub const OPERATOR: &str = "operator";
/// Somebody who has nothing to do with it, and some FLASH.
pub const STRANGER: &str = "stranger";
/// Oracles in the registry.
pub const ORACLES: usize = 7;
/// What the provider and each oracle stake.
pub const STAKE: Atoms = Atoms(2_000 * ATOMS_PER_FLASH);
/// What the consumer, the provider, each oracle and the stranger begin with.
pub const PURSE: Atoms = Atoms(10_000 * ATOMS_PER_FLASH);
/// The provider's unit and the consumer's SLA have this number.
pub const NUMBER: u64 = 1;

/// The name of the oracle of that number.
pub fn oracle_name(index: usize) -> String {
    format!("oracle {index}")
}

/// The name of an oracle's authority.
pub(super) fn name_of(authority: &Pubkey) -> String {
    let mut names = (0..REGISTRY_MAX).map(oracle_name);
    names.find(|name| key(name) == *authority).expect("an oracle of this world")
}

/// A person's FLASH account.
pub fn purse(name: &str) -> Pubkey {
    address::token_account(&key(name), &Chain::flash())
}

/// Who pays all rent.
pub fn rent_payer() -> Keypair {
    keypair(RENT_PAYER)
}
