//! Money out of an SLA, and into it from stakes.

use anyhow::{Result, bail};
use flashback_core::CoreError;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Provider, Sla};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::{balances, show};
use crate::output::Report;

/// In what quality the acting key has a part in an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Provider,
    Consumer,
    Oracle,
}

/// Withdraws whatever is the acting key's; a key can have several parts.
pub async fn withdraw(client: &Flashback, address: Pubkey) -> Result<Report> {
    let key = client.key();
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
    if due.is_empty() {
        return Err(Error::Rule(CoreError::NothingToWithdraw).into());
    }
    let (own, payout) = (client.balance(&key).await?, client.balance(&provider.payout).await?);
    let mut report = Report::new("withdrawn").fact("sla", address);
    for part in &due {
        let (name, receipt) = match part {
            Part::Provider => ("earnings", client.withdraw_earnings(&address).await?.send().await?),
            Part::Consumer => ("refund", client.withdraw_refund(&address).await?.send().await?),
            Part::Oracle => ("fees", client.claim_oracle_fees(&address).await?.send().await?),
        };
        report = report.signed(&receipt).amount(name, Atoms(owed(part)), Atoms::ZERO);
    }
    if due.contains(&Part::Provider) && provider.payout != key {
        let after = client.balance(&provider.payout).await?;
        report = report.fact("payout", provider.payout).amount("payout_wallet", payout, after);
    }
    Ok(report.amount("wallet", own, client.balance(&key).await?))
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

/// Collects what stakes owe, then sweeps fees.
pub async fn collect(client: &Flashback, address: Pubkey) -> Result<Report> {
    let before = client.sla(&address).await?.body;
    let treasury_before = client.tokens(&address::treasury()).await?;
    let mut receipts = vec![];
    if before.money.penalty_owed > 0 {
        receipts.push(client.collect_penalty(&address).await?.send().await?);
    }
    if before.seats.absence_owed.iter().any(|owed| *owed > 0) {
        receipts.push(client.collect_absences(&address).await?.send().await?);
    }
    let collected = client.sla(&address).await?.body;
    if collected.money.protocol_fees > 0 || collected.money.to_burn > 0 {
        receipts.push(client.sweep_fees(&address).await?.send().await?);
    }
    if receipts.is_empty() {
        return Err(Error::Rule(CoreError::NothingOwed).into());
    }
    let after = client.sla(&address).await?.body;
    let report = Report::new("collected").fact("sla", address);
    let report = receipts.iter().fold(report, Report::signed);
    Ok(balances(report.fact("burnt", Atoms(collected.money.to_burn)), &before, &after).amount(
        "treasury",
        treasury_before,
        client.tokens(&address::treasury()).await?,
    ))
}

/// Says who has still to act before an SLA can be closed.
pub fn check_nothing_left(sla: &Sla) -> Result<()> {
    let money = &sla.body.money;
    let owing = money.penalty_owed > 0
        || money.protocol_fees > 0
        || money.to_burn > 0
        || sla.body.seats.absence_owed.iter().any(|owed| *owed > 0);
    let mut left = vec![];
    if owing {
        left.push("anyone has to `flashback sla collect`".to_owned());
    }
    let mut withdraws = |who: &str, amount: u64| {
        if amount > 0 {
            left.push(format!("the {who} has to withdraw {}", Atoms(amount)));
        }
    };
    withdraws("provider", money.earned);
    withdraws("consumer", money.refundable);
    for (oracle, fees) in sla.seats.iter().zip(&sla.body.seats.fees) {
        withdraws(&format!("oracle {oracle}"), *fees);
    }
    if !left.is_empty() {
        let closed = Error::Rule(CoreError::NotClosable);
        return Err(anyhow::Error::from(closed).context(left.join("; ")));
    }
    if money.unallocated > 0 {
        bail!("the SLA has not ended: {}", show::state(&sla.body));
    }
    Ok(())
}
