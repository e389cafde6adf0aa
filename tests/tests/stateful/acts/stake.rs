//! Stakes.

use flashback_core::stake::Stake;
use flashback_core::units::Atoms;
use flashback_sdk::instruction::{self as build, StakeOwner};
use solana_sdk::pubkey::Pubkey;

use crate::stateful::cast::{CAST, purse};
use crate::stateful::economy::{Act, Economy};

/// Whoever has a stake, with it.
pub fn owners(e: &Economy) -> Vec<(StakeOwner, Stake)> {
    let providers = e.books.providers.values();
    let providers = providers.map(|one| (StakeOwner::Provider(one.authority), one.stake));
    let oracles = e.books.oracles.values();
    let oracles = oracles.map(|one| (StakeOwner::Oracle(one.authority), one.stake));
    providers.chain(oracles).collect()
}

pub fn stake(e: &mut Economy) -> Option<Act> {
    let all = owners(e);
    let (owner, _) = e.random.pick(&all)?;
    let funder = match e.random.chance(80) {
        true => owner.authority(),
        false => e.stranger(),
    };
    let from = purse(&funder);
    let amount = match e.is_careless() {
        true => *[0, u64::MAX, e.books.flash(&from) + 1].get(e.random.below(3) as usize)?,
        false => e.random.magnitude(e.books.flash(&from) / 4),
    };
    Some(Act::new(build::stake(funder, from, owner, Atoms(amount))))
}

pub fn unstake(e: &mut Economy) -> Option<Act> {
    let careless = e.is_careless();
    let all = owners(e).into_iter().filter(|(_, stake)| careless || stake.free().0 > 0);
    let (owner, stake) = e.random.pick(&all.collect::<Vec<_>>())?;
    let free = stake.free().0;
    let amount = match (careless, e.random.below(4)) {
        (true, _) => free + 1,
        (_, 0) => free,
        _ => e.random.magnitude(free),
    };
    Some(Act::new(build::unstake(owner, Atoms(amount))))
}

pub fn withdraw(e: &mut Economy) -> Option<Act> {
    let (careless, now) = (e.is_careless(), e.chain.now().0);
    let released =
        |stake: &Stake| stake.unbonding.iter().any(|one| one.amount > 0 && one.release_at <= now);
    let all = owners(e).into_iter().filter(|(_, stake)| careless || released(stake));
    let (owner, _) = e.random.pick(&all.collect::<Vec<_>>())?;
    let key = owner.authority();
    let to = e.somewhere(&key);
    Some(Act::new(build::withdraw_stake(owner, to)))
}

impl Economy {
    /// Where somebody has its money paid: its own purse, or a friend's.
    pub fn somewhere(&mut self, key: &Pubkey) -> Pubkey {
        match self.random.chance(90) {
            true => purse(key),
            false => purse(&self.random.one(&CAST.strangers)),
        }
    }
}
