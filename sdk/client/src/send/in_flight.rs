//! A transaction in the air: what has to be kept of it to learn its fate, in another process too.

use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

/// A transaction that is about to be sent, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// Of the transaction.
    pub signature: Signature,
    /// Until when it can land.
    pub lifetime: Lifetime,
}

/// Until when a transaction can land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Up to a block height.
    Blockhash {
        /// The last one.
        last_valid_height: u64,
    },
    /// While a nonce stands at this value: of several transactions that were signed with it, one lands at most.
    Nonce {
        /// The nonce account.
        account: Pubkey,
        /// What it was signed with.
        value: Hash,
    },
}

impl Lifetime {
    /// How many instructions come before the caller's: the limits and the price, and what advances a nonce.
    pub(super) fn prefix(&self) -> u8 {
        match self {
            Self::Blockhash { .. } => 3,
            Self::Nonce { .. } => 4,
        }
    }
}
