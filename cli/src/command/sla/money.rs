//! Money out of an SLA, and into it from stakes.

use anyhow::Result;
use clap::Args;
use flashback_core::CoreError;
use flashback_core::sla::SlaBody;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Oracle, Provider, Sla};
use flashback_sdk::{Error, Flashback, Prepared, address, instruction};
use solana_sdk::pubkey::Pubkey;

use super::show;
use super::withdraw_all::withdraw_all;
use crate::act::{Act, Finished};
use crate::output::Report;
use crate::quantity;
use crate::settings::Settings;

/// From which SLA.
#[derive(Debug, Args)]
pub struct Withdraw {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address, required_unless_present = "all")]
    sla: Option<Pubkey>,
    /// From every SLA in which the acting key has a part of its own, as consumer, provider or oracle; as an operator, with
    /// --provider
    #[arg(long, conflicts_with = "sla")]
    all: bool,
    /// With --all: what this provider has earned, by its authority, as its operator; nothing else
    #[arg(
        long,
        value_name = "ADDRESS",
        requires = "all",
        conflicts_with = "sla",
        value_parser = quantity::address
    )]
    provider: Option<Pubkey>,
}

/// In what quality the acting key has a part in an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Provider,
    Consumer,
    Oracle,
}

pub async fn withdraw(settings: &Settings, args: &Withdraw) -> Result<Finished> {
    let client = settings.client()?;
    match args.sla {
        Some(sla) => Ok(withdraw_one(settings, &client, sla).await?.into()),
        None => withdraw_all(settings, &client, args.provider).await,
    }
}

/// Withdraws whatever is the acting key's, in one transaction; a key can have several parts.
async fn withdraw_one(settings: &Settings, client: &Flashback, address: Pubkey) -> Result<Report> {
    let (key, mint) = (client.key(), client.mint().await?);
    let sla = client.sla(&address).await?;
    let provider: Provider = client.fetch(&sla.provider).await?;
    let parts = parts(&sla, &provider, &key, client.now().await?);
    if parts.is_empty() {
        let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
        let who = format!("{key} is neither provider nor consumer nor oracle of this SLA");
        return Err(refused.context(who));
    }
    let owed = |part: &Part| match part {
        Part::Provider => sla.body.money.earned,
        Part::Consumer => sla.body.money.refundable,
        Part::Oracle => fees_of(&sla, &key),
    };
    let due: Vec<Part> = parts.into_iter().filter(|part| owed(part) > 0).collect();
    let mut prepared: Option<Prepared> = None;
    for part in &due {
        let next = match part {
            Part::Provider => client.withdraw_earnings(&address).await?,
            Part::Consumer => client.withdraw_refund(&address).await?,
            Part::Oracle => client.claim_oracle_fees(&address).await?,
        };
        prepared = Some(match prepared {
            Some(before) => before.and(next),
            None => next,
        });
    }
    let prepared = prepared.ok_or(Error::Rule(CoreError::NothingToWithdraw))?;
    let mut act = Act::new("withdrawn", prepared).fact("sla", address);
    if due.contains(&Part::Provider) && provider.payout != key {
        act = act.fact("payout", provider.payout);
    }
    for part in &due {
        act = match part {
            Part::Provider => {
                act.watch("earned", address, |sla: &Sla| Atoms(sla.body.money.earned))
            }
            Part::Consumer => {
                act.watch("refundable", address, |sla: &Sla| Atoms(sla.body.money.refundable))
            }
            Part::Oracle => {
                act.watch("oracle_fees", address, move |sla: &Sla| Atoms(fees_of(sla, &key)))
            }
        };
    }
    if due.contains(&Part::Provider) && provider.payout != key {
        let payout = address::token_account(&provider.payout, &mint);
        act = act.watch_tokens("payout_wallet", payout);
    }
    let act = act.watch_tokens("wallet", address::token_account(&key, &mint));
    Ok(act.perform(settings).await?.report)
}

fn parts(sla: &Sla, provider: &Provider, key: &Pubkey, now: Timestamp) -> Vec<Part> {
    let mut parts = vec![];
    if provider.may_operate(key, now) {
        parts.push(Part::Provider);
    }
    if sla.consumer == *key {
        parts.push(Part::Consumer);
    }
    if show::committee(sla).any(|oracle| oracle == *key) {
        parts.push(Part::Oracle);
    }
    parts
}

fn fees_of(sla: &Sla, key: &Pubkey) -> u64 {
    let seats = sla.seats.iter().zip(&sla.body.seats.fees);
    seats.filter(|(oracle, _)| *oracle == key).map(|(_, fees)| *fees).next().unwrap_or(0)
}

/// Collects what stakes owe and sweeps fees, in one transaction.
pub async fn collect(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let sla = client.sla(&address).await?;
    let provider: Provider = client.fetch(&sla.provider).await?;
    let mut oracles = vec![];
    for (seat, key) in owing_seats(&sla) {
        oracles.push((seat, key, client.oracle(&key).await?));
    }
    let collection = Collection::new(&sla, &provider, &oracles)?;
    let mut all = vec![];
    if collection.penalty > Atoms::ZERO {
        all.push(instruction::collect_penalty(address, sla.provider));
    }
    for (seat, key) in &collection.absences {
        all.push(instruction::collect_absence(address, *seat, key));
    }
    if collection.sweeps {
        all.push(instruction::sweep_fees(address, sla.provider, client.mint().await?));
    }
    if all.is_empty() {
        return Ok(Report::new("nothing to collect").fact("sla", address));
    }
    let act = Act::new("collected", client.prepare(all))
        .fact("sla", address)
        .fact("burnt", collection.burnt);
    let act = watch_balances(act, address)
        .watch("provider_bonded_stake", sla.provider, |provider: &Provider| {
            Atoms(provider.stake.bonded)
        })
        .watch_tokens("treasury", address::treasury());
    Ok(act.perform(settings).await?.report)
}

fn owing_seats(sla: &Sla) -> Vec<(u8, Pubkey)> {
    let seats = (0u8..).zip(sla.seats.iter().zip(sla.body.seats.absence_owed));
    seats.filter(|(_, (_, owed))| *owed > 0).map(|(seat, (key, _))| (seat, *key)).collect()
}

/// What there is to collect, as the chain would.
#[derive(Debug, PartialEq, Eq)]
struct Collection {
    penalty: Atoms,
    /// Seats whose oracles' stakes pay something of what they owe.
    absences: Vec<(u8, Pubkey)>,
    sweeps: bool,
    burnt: Atoms,
}

impl Collection {
    fn new(sla: &Sla, provider: &Provider, oracles: &[(u8, Pubkey, Oracle)]) -> Result<Self> {
        let (mut body, mut stake) = (sla.body, provider.stake);
        let penalty = amount_of(body.collect_penalty(&mut stake))?;
        let mut absences = vec![];
        for (seat, key, oracle) in oracles {
            let mut stake = oracle.stake;
            if amount_of(body.collect_absence(usize::from(*seat), &mut stake))? > Atoms::ZERO {
                absences.push((*seat, *key));
            }
        }
        let (sweeps, burnt) = match body.take_protocol_fees() {
            Ok(swept) => (true, swept.burnt),
            Err(_) => (false, Atoms::ZERO),
        };
        Ok(Self { penalty, absences, sweeps, burnt })
    }
}

/// What is collected, if anything can be.
fn amount_of(collected: flashback_core::Result<flashback_core::sla::Collected>) -> Result<Atoms> {
    match collected {
        Ok(collected) => Ok(collected.amount),
        Err(CoreError::NothingOwed) => Ok(Atoms::ZERO),
        Err(error) => Err(Error::from(error).into()),
    }
}

/// Shows what moves within the escrow, and what stakes owe.
pub fn watch_balances(act: Act, sla: Pubkey) -> Act {
    fn sum(amounts: &[u64]) -> u64 {
        amounts.iter().fold(0, |sum, amount| sum.saturating_add(*amount))
    }
    type Balance = fn(&SlaBody) -> u64;
    let balances: [(&'static str, Balance); 7] = [
        ("unallocated", |body| body.money.unallocated),
        ("earned", |body| body.money.earned),
        ("refundable", |body| body.money.refundable),
        ("oracle_fees", |body| sum(&body.seats.fees)),
        ("protocol_fees", |body| body.money.protocol_fees),
        ("penalties_owed", |body| body.money.penalty_owed),
        ("absences_owed", |body| sum(&body.seats.absence_owed)),
    ];
    balances
        .into_iter()
        .fold(act, |act, (key, of)| act.watch(key, sla, move |sla: &Sla| Atoms(of(&sla.body))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::{active, zeroed};

    fn sla() -> Sla {
        let mut sla: Sla = zeroed();
        sla.body = active(3, 1_000);
        sla.seats = std::array::from_fn(|_| Pubkey::new_unique());
        sla
    }

    fn oracle(bonded: u64) -> Oracle {
        let mut oracle: Oracle = zeroed();
        oracle.stake.bonded = bonded;
        oracle
    }

    #[test]
    fn a_key_can_have_several_parts() {
        let mut sla = sla();
        let (me, now) = (sla.seats[1], Timestamp(0));
        let mut provider: Provider = zeroed();
        provider.authority = Pubkey::new_unique();
        assert_eq!(parts(&sla, &provider, &me, now), [Part::Oracle]);
        sla.consumer = me;
        provider.authority = me;
        sla.body.seats.fees[1] = 5;
        let all = [Part::Provider, Part::Consumer, Part::Oracle];
        assert_eq!(parts(&sla, &provider, &me, now), all);
        assert_eq!(fees_of(&sla, &me), 5);
        assert_eq!(parts(&sla, &provider, &Pubkey::new_unique(), now), []);
    }

    #[test]
    fn an_oracle_that_cannot_pay_keeps_nobody_from_collecting() {
        let mut sla = sla();
        sla.body.seats.absence_owed = [7, 0, 9, 0, 0];
        // It has nothing left, and its seat's cover is used up.
        sla.body.seats.shares_used[0] = flashback_core::committee::ABSENCES_COVERED;
        let owing = owing_seats(&sla);
        assert_eq!(owing, [(0, sla.seats[0]), (2, sla.seats[2])]);
        let oracles = [(0, sla.seats[0], oracle(0)), (2, sla.seats[2], oracle(100))];
        let collection = Collection::new(&sla, &zeroed(), &oracles).unwrap();
        let expected = Collection {
            penalty: Atoms::ZERO,
            absences: vec![(2, sla.seats[2])],
            sweeps: false,
            burnt: Atoms::ZERO,
        };
        assert_eq!(collection, expected);
    }

    #[test]
    fn what_a_penalty_burns_is_swept_with_it() {
        let mut sla = sla();
        (sla.body.money.penalty_owed, sla.body.money.penalty_total) = (1_000, 1_000);
        let mut provider: Provider = zeroed();
        provider.stake.bond(Atoms(1_000)).unwrap();
        provider.stake.cover(Atoms(1_000)).unwrap();
        let collection = Collection::new(&sla, &provider, &[]).unwrap();
        assert_eq!((collection.penalty, collection.sweeps), (Atoms(1_000), true));
        assert_eq!(collection.burnt, Atoms(300));
    }
}
