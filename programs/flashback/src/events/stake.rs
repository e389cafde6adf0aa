use anchor_lang::prelude::*;

/// Stake was added; bonded stake before and after.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakeAdded {
    pub owner: Pubkey,
    pub before: u64,
    pub after: u64,
}

/// Stake began to unbond: it can be withdrawn at `release_at`, and can be slashed until it is.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnstakeStarted {
    pub owner: Pubkey,
    pub amount: u64,
    pub bonded_before: u64,
    pub bonded_after: u64,
    pub release_at: i64,
}

/// Stake that had unbonded left its vault.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakeWithdrawn {
    pub owner: Pubkey,
    pub amount: u64,
    pub owed_before: u64,
    pub owed_after: u64,
}
