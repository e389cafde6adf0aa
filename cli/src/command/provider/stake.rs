//! A provider's stake, in and out.

use anyhow::{Context, Result};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::Provider;
use flashback_sdk::instruction::{self, StakeOwner};
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

pub async fn stake(client: &Flashback, amount: Atoms) -> Result<Act> {
    let key = client.key();
    super::own(client).await?;
    check_wallet(client, amount).await?;
    let act = Act::new("stake added", client.stake(StakeOwner::Provider(key), amount).await?);
    watch(named(act, &key), client).await
}

pub async fn unstake(client: &Flashback, amount: Atoms) -> Result<Act> {
    let key = client.key();
    let owner = StakeOwner::Provider(key);
    let (before, params) = (super::own(client).await?.stake, client.config().await?.params);
    let wait = u64::from(params.unbonding_secs);
    let ready = client.now().await?.after(wait).map_err(Error::from)?;
    let mut after = before;
    let ready = after.unbond(amount, ready).map_err(Error::from).with_context(|| {
        let (free, covered) = (before.free(), Atoms(before.covered));
        format!("{free} of the stake is free and {covered} covers SLAs: you asked for {amount}")
    })?;
    let act = Act::new("unstaking begun", client.prepare([instruction::unstake(owner, amount)]));
    let provider = address::provider(&key);
    let act = named(act, &key)
        .fact("unstaked", amount)
        .fact("withdrawable_from", ready)
        .fact("least_stake", Atoms(params.min_stake))
        .fact("enough_for_new_slas", after.bonded >= params.min_stake)
        .watch("unbonding", provider, |provider: &Provider| unbonding(&provider.stake));
    Ok(watch_shares(act, provider))
}

pub async fn withdraw(client: &Flashback, to: Option<Pubkey>) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let owner = StakeOwner::Provider(key);
    let stake = super::own(client).await?.stake;
    let mut after = stake;
    let amount = after
        .withdraw_unbonded(client.now().await?)
        .map_err(Error::from)
        .with_context(|| waiting(&stake))?;
    let to = to.unwrap_or(key);
    let destination = address::token_account(&to, &mint);
    let prepared = client.prepare([
        instruction::create_token_account(&key, &to, &mint),
        instruction::withdraw_stake(owner, destination),
    ]);
    let provider = address::provider(&key);
    Ok(named(Act::new("stake withdrawn", prepared), &key)
        .fact("withdrawn", amount)
        .fact("to", to)
        .watch("unbonding", provider, |provider: &Provider| unbonding(&provider.stake))
        .watch_tokens("stake_vault", address::stake_vault(&provider))
        .watch_tokens("wallet", destination))
}

fn named(act: Act, authority: &Pubkey) -> Act {
    let provider = address::provider(authority);
    act.fact("provider", provider).fact("stake_vault", address::stake_vault(&provider))
}

/// Shows the acting key's FLASH, and its stake as a provider.
pub async fn watch(act: Act, client: &Flashback) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let act = act.watch_tokens("wallet", address::token_account(&key, &mint));
    Ok(watch_shares(act, address::provider(&key)))
}

fn watch_shares(act: Act, provider: Pubkey) -> Act {
    act.watch("stake", provider, |provider: &Provider| Atoms(provider.stake.bonded)).watch(
        "free_stake",
        provider,
        |provider: &Provider| provider.stake.free(),
    )
}

/// What is on its way out.
fn unbonding(stake: &Stake) -> Atoms {
    Atoms(stake.unbonding.iter().fold(0, |sum, one| sum.saturating_add(one.amount)))
}

/// When what is on its way out can be withdrawn.
fn waiting(stake: &Stake) -> String {
    let under_way = stake.unbonding.iter().filter(|one| one.amount > 0);
    match under_way.min_by_key(|one| one.release_at) {
        Some(first) => {
            let ready = Fact::from(Timestamp(first.release_at));
            format!("the next, {}, can be withdrawn from {ready}", Atoms(first.amount))
        }
        None => "nothing is on its way out: `flashback provider unstake` begins it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_to_come_is_named() {
        let mut stake = Stake::default();
        assert!(waiting(&stake).contains("provider unstake"));
        stake.bond(Atoms(9_000_000)).unwrap();
        stake.unbond(Atoms(2_500_000), Timestamp(86_400)).unwrap();
        stake.unbond(Atoms(1_000_000), Timestamp(90_000)).unwrap();
        let said = waiting(&stake);
        assert!(said.contains("2.5 FLASH") && said.contains("1970-01-02 00:00:00 UTC"), "{said}");
        assert_eq!(unbonding(&stake), Atoms(3_500_000));
    }
}
