//! Stake of providers and oracles.

use flashback::{accounts, instruction};
use flashback_core::units::Atoms;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::build;
use crate::address;

/// Whose stake, by authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakeOwner {
    /// The Provider of this authority.
    Provider(Pubkey),
    /// The Oracle of this authority.
    Oracle(Pubkey),
}

impl StakeOwner {
    /// The Provider's or Oracle's address.
    pub fn address(&self) -> Pubkey {
        match self {
            Self::Provider(authority) => address::provider(authority),
            Self::Oracle(authority) => address::oracle(authority),
        }
    }
}

/// Adds bonded stake from the funder's token account. Signer: the funder, who need not be the owner.
pub fn stake(
    funder: Pubkey,
    funder_token: Pubkey,
    owner: StakeOwner,
    amount: Atoms,
) -> Instruction {
    let registry = match owner {
        StakeOwner::Provider(_) => None,
        StakeOwner::Oracle(_) => Some(address::registry()),
    };
    let owner = owner.address();
    let accounts = accounts::AddStake {
        funder,
        funder_token,
        owner,
        vault: address::stake_vault(&owner),
        registry,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::Stake { amount: amount.0 })
}
