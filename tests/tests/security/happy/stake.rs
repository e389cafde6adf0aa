use flashback_sdk::instruction::{StakeOwner, stake};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;

use super::Case;
use crate::security::stages::{contested, unbonded};

pub fn cases() -> Vec<Case> {
    vec![
        ("stake", contested(), |world| stakes_for(world, "oracle 0", StakeOwner::Oracle)),
        ("stake/provider", contested(), |world| stakes_for(world, PROVIDER, StakeOwner::Provider)),
        ("unstake", contested(), |world| world.oracle(0).unstakes(Atoms(1))),
        ("unstake/provider", contested(), |world| world.provider().unstakes(Atoms(1))),
        ("withdraw_stake", unbonded(), |world| world.seat(0).withdraws_stake()),
    ]
}

/// The stranger's FLASH is staked for somebody who agrees.
fn stakes_for<'w>(
    world: &'w mut World,
    name: &str,
    owner: fn(Pubkey) -> StakeOwner,
) -> Attempt<'w> {
    let staked = stake(key(STRANGER), purse(STRANGER), owner(key(name)), Atoms(1));
    Attempt::new(&mut world.chain, staked, vec![keypair(STRANGER), keypair(name)])
}
