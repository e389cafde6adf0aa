//! An oracle's stake.

use anyhow::{Context, Result};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::Oracle;
use flashback_sdk::instruction::{self as build, StakeOwner};
use flashback_sdk::{Error, Flashback, address};

use crate::act::Act;
use crate::output::Fact;
use crate::quantity;

/// An amount of stake: more than nothing.
pub fn amount(text: &str) -> Result<Atoms, String> {
    match quantity::flash(text)? {
        Atoms::ZERO => Err(format!("`{text}` is nothing: name an amount above zero")),
        amount => Ok(amount),
    }
}

/// Shows the acting key's FLASH, and its stake as an oracle.
pub async fn watched(act: Act, client: &Flashback) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let oracle = address::oracle(&key);
    Ok(act
        .watch_tokens("wallet", address::token_account(&key, &mint))
        .watch("stake", oracle, |oracle: &Oracle| Atoms(oracle.stake.bonded))
        .watch("free_stake", oracle, |oracle: &Oracle| oracle.stake.free())
        .watch("unbonding_stake", oracle, |oracle: &Oracle| unbonding(&oracle.stake)))
}

/// What is on its way out.
pub fn unbonding(stake: &Stake) -> Atoms {
    Atoms(stake.unbonding.iter().fold(0, |sum, one| sum.saturating_add(one.amount)))
}

pub async fn add(client: &Flashback, amount: Atoms) -> Result<Act> {
    let key = client.key();
    let account = address::oracle(&key);
    // Says so at once if there is no such oracle.
    client.oracle(&key).await?;
    let act = Act::new("stake added", client.stake(StakeOwner::Oracle(key), amount).await?)
        .fact("oracle", account)
        .fact("stake_vault", address::stake_vault(&account));
    watched(act, client).await
}

pub async fn start(client: &Flashback, amount: Atoms) -> Result<Act> {
    let (key, now) = (client.key(), client.now().await?);
    let mut stake = client.oracle(&key).await?.stake;
    let wait = client.config().await?.params.unbonding_secs;
    let (free, bonded) = (stake.free(), Atoms(stake.bonded));
    let said = || format!("of {bonded} staked {free} are free, and you asked for {amount}");
    let release_at = now.after(u64::from(wait)).map_err(Error::from)?;
    let release_at = stake.unbond(amount, release_at).map_err(Error::from).with_context(said)?;
    let prepared = client.prepare([build::unstake(StakeOwner::Oracle(key), amount)]);
    let act = Act::new("withdrawal of stake started", prepared)
        .fact("oracle", address::oracle(&key))
        .fact("amount", amount)
        .fact("withdrawable_from", release_at);
    watched(act, client).await
}

pub async fn withdraw(client: &Flashback) -> Result<Act> {
    let (key, now, mint) = (client.key(), client.now().await?, client.mint().await?);
    let stake = client.oracle(&key).await?.stake;
    let said = || match next(&stake) {
        Some(release_at) => format!("the next can be withdrawn at {}", release_at.text()),
        None => "no stake is on its way out: `flashback oracle unstake` first".to_owned(),
    };
    let mut left = stake;
    let amount = left.withdraw_unbonded(now).map_err(Error::from).with_context(said)?;
    let wallet = address::token_account(&key, &mint);
    let prepared = client.prepare([
        build::create_token_account(&key, &key, &mint),
        build::withdraw_stake(StakeOwner::Oracle(key), wallet),
    ]);
    let act = Act::new("stake withdrawn", prepared)
        .fact("oracle", address::oracle(&key))
        .fact("amount", amount);
    watched(act, client).await
}

/// When the next withdrawal can be made.
fn next(stake: &Stake) -> Option<Fact> {
    let under_way = stake.unbonding.iter().filter(|one| one.amount > 0);
    under_way.map(|one| one.release_at).min().map(|at| Timestamp(at).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::stake::Unbonding;

    #[test]
    fn the_next_withdrawal_is_the_earliest_that_holds_something() {
        let mut stake = Stake::default();
        assert!(next(&stake).is_none());
        stake.unbonding[1] = Unbonding { amount: 5, release_at: 200 };
        stake.unbonding[2] = Unbonding { amount: 7, release_at: 100 };
        assert_eq!(next(&stake).unwrap().text(), "1970-01-01 00:01:40 UTC");
        assert_eq!(unbonding(&stake), Atoms(12));
    }
}
