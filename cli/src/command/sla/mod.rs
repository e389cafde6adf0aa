//! `flashback sla`: reserving storage, and seeing an SLA through.

mod money;
mod propose;
mod show;
mod simulate;

use anyhow::{Context, Result};
use clap::Subcommand;
use flashback_core::sla::{SlaBody, SlaState};
use flashback_core::units::{Atoms, Gib, Timestamp};
use flashback_sdk::account::Provider;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use crate::command::oracle::report;
use crate::output::Report;
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum SlaAction {
    /// Reserve capacity of a unit: deposits price and fees, the acting key being the consumer
    Propose(Box<propose::Propose>),
    /// Run a scenario through the program's rules, without a chain: every window's outcome, everybody's money
    Simulate(simulate::Simulate),
    /// Seat the drawn committee, as anyone; waits until the draw is ready
    Seat(Address),
    /// Show an SLA
    Show(Address),
    /// What is `flashback oracle report` now
    #[command(hide = true)]
    Report(Box<report::Figures>),
    /// Settle every window that is due, as anyone
    Settle(Address),
    /// Collect penalties and absences from stakes and sweep fees, as anyone
    Collect(Address),
    /// Withdraw what is the acting key's: a provider's earnings, a consumer's refund, an oracle's fees
    Withdraw(Address),
    /// End an SLA whose committee was not seated in time, as anyone
    Expire(Address),
    /// Give back what an ended SLA reserved, as anyone: capacity and stakes, whoever has withdrawn or not
    Release(Address),
    /// Close a finished SLA, as anyone: releases it if need be, and rent goes back
    Close(Address),
}

/// Which SLA.
#[derive(Debug, clap::Args)]
pub struct Address {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address)]
    sla: Pubkey,
}

pub async fn run(action: SlaAction, settings: &Settings) -> Result<()> {
    let report = match action {
        SlaAction::Propose(wanted) => propose::propose(&settings.client()?, &wanted).await?,
        SlaAction::Simulate(args) => simulate::simulate(&args)?,
        SlaAction::Seat(Address { sla }) => {
            let report = Report::new("committee seated").fact("sla", sla);
            seated(&settings.client()?, sla, report).await?
        }
        SlaAction::Show(Address { sla }) => show::show(&settings.reader()?, sla).await?,
        SlaAction::Report(figures) => return report::run(&figures, settings).await,
        SlaAction::Settle(Address { sla }) => settle(&settings.client()?, sla).await?,
        SlaAction::Collect(Address { sla }) => money::collect(&settings.client()?, sla).await?,
        SlaAction::Withdraw(Address { sla }) => money::withdraw(&settings.client()?, sla).await?,
        SlaAction::Expire(Address { sla }) => expire(&settings.client()?, sla).await?,
        SlaAction::Release(Address { sla }) => release(&settings.client()?, sla).await?,
        SlaAction::Close(Address { sla }) => close(&settings.client()?, sla).await?,
    };
    report.print(settings.output());
    Ok(())
}

/// Seats the committee and adds who is on it.
async fn seated(client: &Flashback, address: Pubkey, report: Report) -> Result<Report> {
    require(&client.sla(&address).await?.body, SlaState::Agreed)?;
    let receipt = client
        .seat_committee(&address)
        .await?
        .send()
        .await
        .context("its committee is not seated")?;
    let sla = client.sla(&address).await?;
    let committee: Vec<Pubkey> = show::committee(&sla).collect();
    Ok(report
        .signed(&receipt)
        .fact("committee", committee)
        .fact("starts", Timestamp(sla.body.terms.start))
        .fact("seat_cover", sla.body.terms.seat_cover()?.total()?))
}

/// Refuses, as the program would, an SLA in another state than this; says in which it is.
fn require(body: &SlaBody, state: SlaState) -> Result<()> {
    let said = || format!("this SLA is {}", show::state(body).replace(": ", ", and "));
    body.progress.require(state).map_err(Error::from).with_context(said)
}

async fn settle(client: &Flashback, address: Pubkey) -> Result<Report> {
    let before = client.sla(&address).await?.body;
    let receipt = client.settle(&address).send().await?;
    let after = client.sla(&address).await?.body;
    let settled = u64::from(after.progress.cursor.saturating_sub(before.progress.cursor));
    let report = Report::new("settled")
        .signed(&receipt)
        .fact("sla", address)
        .fact("state", show::state(&after))
        .fact("windows_settled", settled)
        .fact("met", new(before.progress.met, after.progress.met))
        .fact("breached", new(before.progress.breached, after.progress.breached))
        .fact("unmeasured", new(before.progress.unmeasured, after.progress.unmeasured))
        .fact("blocked", new(before.progress.blocked, after.progress.blocked));
    Ok(balances(report, &before, &after))
}

fn new(before: u16, after: u16) -> u64 {
    u64::from(after.saturating_sub(before))
}

/// What settling moves within the escrow, and what it makes stakes owe.
fn balances(report: Report, before: &SlaBody, after: &SlaBody) -> Report {
    let absences =
        |body: &SlaBody| Atoms(body.seats.absence_owed.iter().fold(0, |a, b| a.saturating_add(*b)));
    let fees = |body: &SlaBody| Atoms(body.seats.fees.iter().fold(0, |a, b| a.saturating_add(*b)));
    let (old, new) = (&before.money, &after.money);
    report
        .amount("unallocated", Atoms(old.unallocated), Atoms(new.unallocated))
        .amount("earned", Atoms(old.earned), Atoms(new.earned))
        .amount("refundable", Atoms(old.refundable), Atoms(new.refundable))
        .amount("oracle_fees", fees(before), fees(after))
        .amount("protocol_fees", Atoms(old.protocol_fees), Atoms(new.protocol_fees))
        .amount("penalties_owed", Atoms(old.penalty_owed), Atoms(new.penalty_owed))
        .amount("absences_owed", absences(before), absences(after))
}

async fn expire(client: &Flashback, address: Pubkey) -> Result<Report> {
    let before = client.sla(&address).await?.body;
    require(&before, SlaState::Proposed).or_else(|_| require(&before, SlaState::Agreed))?;
    let receipt = client.expire_sla(&address).await?.send().await?;
    let after = client.sla(&address).await?.body;
    let report =
        Report::new("expired: the deposit is refunded").signed(&receipt).fact("sla", address);
    Ok(report.amount("refundable", Atoms(before.money.refundable), Atoms(after.money.refundable)))
}

async fn release(client: &Flashback, address: Pubkey) -> Result<Report> {
    let sla = client.sla(&address).await?;
    require(&sla.body, SlaState::Ended)?;
    let before: Provider = client.fetch(&sla.provider).await?;
    let receipt = client.release_sla(&address).await?.send().await?;
    let after: Provider = client.fetch(&sla.provider).await?;
    Ok(Report::new("released")
        .signed(&receipt)
        .fact("sla", address)
        .fact("size", Gib(sla.body.terms.gib))
        .amount("provider_free_stake", before.stake.free(), after.stake.free()))
}

async fn close(client: &Flashback, address: Pubkey) -> Result<Report> {
    let sla = client.sla(&address).await?;
    money::check_nothing_left(&sla)?;
    let receipt = client.close_sla(&address).await?.send().await?;
    Ok(Report::new("closed").signed(&receipt).fact("sla", address).fact("rent_to", sla.rent_payer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::CoreError;
    use flashback_core::params::Params;
    use flashback_core::sla::{Quote, Request};
    use flashback_core::units::Seconds;

    #[test]
    fn a_wrong_state_is_named() {
        let offer = flashback_localnet::default_offer();
        let request = Request {
            gib: 1024,
            max_total: u64::MAX,
            offer_version: offer.version,
            window_secs: 86_400,
            windows: 3,
            seats: 3,
            thresholds: offer.thresholds,
        };
        let quote = Quote::new(&Params::default(), &offer, &request, Seconds(3_600)).unwrap();
        let body = quote.agreed(100, Timestamp(0));
        require(&body, SlaState::Agreed).unwrap();
        let refused = require(&body, SlaState::Ended).unwrap_err();
        assert_eq!(refused.to_string(), "this SLA is agreed, and waits for its committee");
        let cause = refused.chain().find_map(|cause| cause.downcast_ref::<Error>());
        assert_eq!(cause.and_then(Error::core), Some(CoreError::StateInvalid));
    }
}
