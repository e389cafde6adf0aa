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
    /// The owner's authority.
    pub fn authority(&self) -> Pubkey {
        match self {
            Self::Provider(authority) | Self::Oracle(authority) => *authority,
        }
    }

    /// The Provider's or Oracle's address.
    pub fn address(&self) -> Pubkey {
        match self {
            Self::Provider(authority) => address::provider(authority),
            Self::Oracle(authority) => address::oracle(authority),
        }
    }
}

/// The registry, if the owner's stake is kept in step with it.
fn registry_of(owner: StakeOwner) -> Option<Pubkey> {
    match owner {
        StakeOwner::Provider(_) => None,
        StakeOwner::Oracle(_) => Some(address::registry()),
    }
}

/// Adds bonded stake from the funder's token account. Signers: the owner's authority and the funder.
pub fn stake(
    funder: Pubkey,
    funder_token: Pubkey,
    owner: StakeOwner,
    amount: Atoms,
) -> Instruction {
    let accounts = accounts::AddStake {
        authority: owner.authority(),
        funder,
        funder_token,
        owner: owner.address(),
        vault: address::stake_vault(&owner.address()),
        registry: registry_of(owner),
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::Stake { amount: amount.0 })
}

/// Starts the withdrawal of free stake. Signer: the owner's authority.
pub fn unstake(owner: StakeOwner, amount: Atoms) -> Instruction {
    let accounts = accounts::Unstake {
        authority: owner.authority(),
        config: address::config(),
        owner: owner.address(),
        registry: registry_of(owner),
    };
    build(accounts, instruction::Unstake { amount: amount.0 })
}

/// Pays out what has finished unbonding. Signer: the owner's authority.
pub fn withdraw_stake(owner: StakeOwner, destination: Pubkey) -> Instruction {
    let accounts = accounts::WithdrawStake {
        authority: owner.authority(),
        owner: owner.address(),
        vault: address::stake_vault(&owner.address()),
        destination,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::WithdrawStake {})
}
