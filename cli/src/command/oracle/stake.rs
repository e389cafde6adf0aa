//! An oracle's stake, in and out.

use anyhow::{Context, Result};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::Oracle;
use flashback_sdk::instruction::{self as build, StakeOwner};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::exit::usage;
use crate::output::Fact;

/// Refuses an amount that the acting key has not.
pub async fn check_wallet(client: &Flashback, amount: Atoms) -> Result<()> {
    let key = client.key();
    let wallet = client.balance(&key).await?;
    if wallet < amount {
        return Err(usage(format!("{key} has {wallet} in its FLASH token account, not {amount}")));
    }
    Ok(())
}

/// Shows the acting key's FLASH, and its stake as an oracle.
pub async fn watched(act: Act, client: &Flashback) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let act = act.watch_tokens("wallet", address::token_account(&key, &mint));
    Ok(watch_shares(act, address::oracle(&key)))
}

fn watch_shares(act: Act, oracle: Pubkey) -> Act {
    act.watch("stake", oracle, |oracle: &Oracle| Atoms(oracle.stake.bonded)).watch(
        "free_stake",
        oracle,
        |oracle: &Oracle| oracle.stake.free(),
    )
}

/// What is on its way out.
pub fn unbonding(stake: &Stake) -> Atoms {
    Atoms(stake.unbonding.iter().fold(0, |sum, one| sum.saturating_add(one.amount)))
}

fn named(act: Act, authority: &Pubkey) -> Act {
    let oracle = address::oracle(authority);
    act.fact("oracle", oracle).fact("stake_vault", address::stake_vault(&oracle))
}

pub async fn add(client: &Flashback, amount: Atoms) -> Result<Act> {
    let key = client.key();
    // Says so at once if there is no such oracle.
    client.oracle(&key).await?;
    check_wallet(client, amount).await?;
    let act = Act::new("stake added", client.stake(StakeOwner::Oracle(key), amount).await?);
    watched(named(act, &key), client).await
}

pub async fn start(client: &Flashback, amount: Atoms) -> Result<Act> {
    let key = client.key();
    let (before, params) = (client.oracle(&key).await?.stake, client.config().await?.params);
    let wait = u64::from(params.unbonding_secs);
    let ready = client.now().await?.after(wait).map_err(Error::from)?;
    let mut after = before;
    let ready = after.unbond(amount, ready).map_err(Error::from).with_context(|| {
        let (free, covered) = (before.free(), Atoms(before.covered));
        format!("{free} of the stake is free and {covered} covers seats: you asked for {amount}")
    })?;
    let unstake = build::unstake(StakeOwner::Oracle(key), amount);
    let act = Act::new("unstaking begun", client.prepare([unstake]));
    let oracle = address::oracle(&key);
    let act = named(act, &key)
        .fact("unstaked", amount)
        .fact("withdrawable_from", ready)
        .fact("least_stake", Atoms(params.min_stake))
        .fact("enough_to_join", after.bonded >= params.min_stake)
        .watch("unbonding", oracle, |oracle: &Oracle| unbonding(&oracle.stake));
    Ok(watch_shares(act, oracle))
}

pub async fn withdraw(client: &Flashback, to: Option<Pubkey>) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let stake = client.oracle(&key).await?.stake;
    let mut after = stake;
    let amount = after
        .withdraw_unbonded(client.now().await?)
        .map_err(Error::from)
        .with_context(|| waiting(&stake))?;
    let to = to.unwrap_or(key);
    let destination = address::token_account(&to, &mint);
    let prepared = client.prepare([
        build::create_token_account(&key, &to, &mint),
        build::withdraw_stake(StakeOwner::Oracle(key), destination),
    ]);
    let oracle = address::oracle(&key);
    Ok(named(Act::new("stake withdrawn", prepared), &key)
        .fact("withdrawn", amount)
        .fact("to", to)
        .watch("unbonding", oracle, |oracle: &Oracle| unbonding(&oracle.stake))
        .watch_tokens("stake_vault", address::stake_vault(&oracle))
        .watch_tokens("wallet", destination))
}

/// When what is on its way out can be withdrawn.
fn waiting(stake: &Stake) -> String {
    let under_way = stake.unbonding.iter().filter(|one| one.amount > 0);
    match under_way.min_by_key(|one| one.release_at) {
        Some(first) => {
            let ready = Fact::from(Timestamp(first.release_at));
            format!("the next, {}, can be withdrawn from {ready}", Atoms(first.amount))
        }
        None => "nothing is on its way out: `flashback oracle unstake` begins it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::stake::Unbonding;

    #[test]
    fn the_first_to_come_is_named() {
        let mut stake = Stake::default();
        assert!(waiting(&stake).contains("oracle unstake"));
        stake.unbonding[1] = Unbonding { amount: 5, release_at: 200 };
        stake.unbonding[2] = Unbonding { amount: 7, release_at: 100 };
        let said = waiting(&stake);
        assert!(said.contains("0.000007 FLASH") && said.contains("00:01:40 UTC"), "{said}");
        assert_eq!(unbonding(&stake), Atoms(12));
    }
}
