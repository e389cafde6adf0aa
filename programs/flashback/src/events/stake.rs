use anchor_lang::prelude::*;

/// Stake was added; bonded stake before and after.
#[event]
pub struct StakeAdded {
    pub owner: Pubkey,
    pub before: u64,
    pub after: u64,
}
