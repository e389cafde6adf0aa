//! A provider's or an oracle's stake, in and out.

use anyhow::{Context, Result};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{FlashbackAccount, Oracle, Provider};
use flashback_sdk::instruction::{self, StakeOwner};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::wallet;
use crate::act::Act;
use crate::output::Fact;
use crate::quantity;

/// What stakes: a kind of account, and what is said of its stake.
pub trait Staker: FlashbackAccount + 'static {
    /// Its name, as a fact and as the command that stakes.
    const NAME: &'static str;
    /// What its covered stake covers.
    const COVERED: &'static str;
    /// The fact that tells whether what stays bonded is enough.
    const ENOUGH: &'static str;

    /// Where an authority's account lies.
    fn address(authority: &Pubkey) -> Pubkey;
    /// Whose stake it is, as instructions have it.
    fn owner(authority: Pubkey) -> StakeOwner;
    /// Its stake.
    fn stake(&self) -> &Stake;
    /// The acting key's account, which has to exist.
    async fn own(client: &Flashback) -> Result<Self>;
}

impl Staker for Provider {
    const NAME: &'static str = "provider";
    const COVERED: &'static str = "SLAs";
    const ENOUGH: &'static str = "enough_for_new_slas";

    fn address(authority: &Pubkey) -> Pubkey {
        address::provider(authority)
    }

    fn owner(authority: Pubkey) -> StakeOwner {
        StakeOwner::Provider(authority)
    }

    fn stake(&self) -> &Stake {
        &self.stake
    }

    async fn own(client: &Flashback) -> Result<Self> {
        super::provider::own(client).await
    }
}

impl Staker for Oracle {
    const NAME: &'static str = "oracle";
    const COVERED: &'static str = "seats";
    const ENOUGH: &'static str = "enough_to_join";

    fn address(authority: &Pubkey) -> Pubkey {
        address::oracle(authority)
    }

    fn owner(authority: Pubkey) -> StakeOwner {
        StakeOwner::Oracle(authority)
    }

    fn stake(&self) -> &Stake {
        &self.stake
    }

    async fn own(client: &Flashback) -> Result<Self> {
        Ok(client.oracle(&client.key()).await?)
    }
}

pub async fn add<T: Staker>(client: &Flashback, amount: Atoms) -> Result<Act> {
    let key = client.key();
    // Says so at once if it is not registered.
    T::own(client).await?;
    wallet::check(client, amount).await?;
    let act = Act::new("stake added", client.stake(T::owner(key), amount).await?);
    watch::<T>(named::<T>(act, &key), client).await
}

/// How much to unstake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// All that is free.
    Free,
    /// So much.
    Flash(Atoms),
}

/// An amount above zero, or `all`.
///
/// # Errors
/// Says what an amount looks like.
pub fn amount(text: &str) -> Result<Amount, String> {
    match text {
        "all" => Ok(Amount::Free),
        text => quantity::flash_above_zero(text).map(Amount::Flash),
    }
}

pub async fn unstake<T: Staker>(client: &Flashback, amount: Amount) -> Result<Act> {
    let key = client.key();
    let (before, params) = (*T::own(client).await?.stake(), client.config().await?.params);
    let amount = match amount {
        Amount::Free => before.free(),
        Amount::Flash(amount) => amount,
    };
    let wait = u64::from(params.unbonding_secs);
    let ready = client.now().await?.after(wait).map_err(Error::from)?;
    let mut after = before;
    let ready = after.unbond(amount, ready).map_err(Error::from).with_context(|| {
        let (free, covered, what) = (before.free(), Atoms(before.covered), T::COVERED);
        format!("{free} of the stake is free and {covered} covers {what}: you asked for {amount}")
    })?;
    let unstake = instruction::unstake(T::owner(key), amount);
    let act = Act::new("unstaking begun", client.prepare([unstake]));
    let act = named::<T>(act, &key)
        .fact("unstaked", amount)
        .fact("withdrawable_from", ready)
        .fact("least_stake", Atoms(params.min_stake))
        .fact(T::ENOUGH, after.bonded >= params.min_stake)
        .watch("unbonding_stake", T::address(&key), |account: &T| unbonding(account.stake()));
    Ok(watch_shares::<T>(act, T::address(&key)))
}

pub async fn withdraw<T: Staker>(client: &Flashback, to: Option<Pubkey>) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let stake = *T::own(client).await?.stake();
    let mut after = stake;
    let amount = after
        .withdraw_unbonded(client.now().await?)
        .map_err(Error::from)
        .with_context(|| waiting::<T>(&stake))?;
    let to = to.unwrap_or(key);
    let destination = address::token_account(&to, &mint);
    let prepared = client.prepare([
        instruction::create_token_account(&key, &to, &mint),
        instruction::withdraw_stake(T::owner(key), destination),
    ]);
    let account = T::address(&key);
    Ok(named::<T>(Act::new("stake withdrawn", prepared), &key)
        .fact("withdrawn", amount)
        .fact("to", to)
        .watch("unbonding_stake", account, |account: &T| unbonding(account.stake()))
        .watch_tokens("stake_vault", address::stake_vault(&account))
        .watch_tokens("wallet", destination))
}

fn named<T: Staker>(act: Act, authority: &Pubkey) -> Act {
    let account = T::address(authority);
    act.fact(T::NAME, account).fact("stake_vault", address::stake_vault(&account))
}

/// Shows the acting key's FLASH, and its stake.
pub async fn watch<T: Staker>(act: Act, client: &Flashback) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let act = act.watch_tokens("wallet", address::token_account(&key, &mint));
    Ok(watch_shares::<T>(act, T::address(&key)))
}

fn watch_shares<T: Staker>(act: Act, account: Pubkey) -> Act {
    act.watch("bonded_stake", account, |account: &T| Atoms(account.stake().bonded)).watch(
        "free_stake",
        account,
        |account: &T| account.stake().free(),
    )
}

/// What is on its way out.
pub fn unbonding(stake: &Stake) -> Atoms {
    Atoms(stake.unbonding.iter().fold(0, |sum, one| sum.saturating_add(one.amount)))
}

/// When what is on its way out can be withdrawn.
fn waiting<T: Staker>(stake: &Stake) -> String {
    let under_way = stake.unbonding.iter().filter(|one| one.amount > 0);
    match under_way.min_by_key(|one| one.release_at) {
        Some(first) => {
            let ready = Fact::from(Timestamp(first.release_at));
            format!("the next, {}, can be withdrawn from {ready}", Atoms(first.amount))
        }
        None => format!("nothing is on its way out: `flashback {} unstake` begins it", T::NAME),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::stake::Unbonding;

    #[test]
    fn the_first_to_come_is_named() {
        let mut stake = Stake::default();
        assert!(waiting::<Oracle>(&stake).contains("oracle unstake"));
        stake.unbonding[1] = Unbonding { amount: 5, release_at: 200 };
        stake.unbonding[2] = Unbonding { amount: 7, release_at: 100 };
        let said = waiting::<Oracle>(&stake);
        assert!(said.contains("0.000007 FLASH") && said.contains("00:01:40 UTC"), "{said}");
        assert_eq!(unbonding(&stake), Atoms(12));
    }

    #[test]
    fn what_was_unstaked_first_is_the_first_to_come() {
        let mut stake = Stake::default();
        assert!(waiting::<Provider>(&stake).contains("provider unstake"));
        stake.bond(Atoms(9_000_000)).unwrap();
        stake.unbond(Atoms(2_500_000), Timestamp(86_400)).unwrap();
        stake.unbond(Atoms(1_000_000), Timestamp(90_000)).unwrap();
        let said = waiting::<Provider>(&stake);
        assert!(said.contains("2.5 FLASH") && said.contains("1970-01-02 00:00:00 UTC"), "{said}");
        assert_eq!(unbonding(&stake), Atoms(3_500_000));
    }
}
