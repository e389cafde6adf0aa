//! `flashback sla`: reserving storage, and seeing an SLA through.

mod answer;
mod close;
mod end;
mod list;
mod money;
mod propose;
mod quote;
mod redraw;
mod renew;
mod seal;
mod seat;
mod settle;
mod show;
mod simulate;
mod wanted;
mod watch;
mod withdraw_all;

use anyhow::{Context, Result};
use clap::Subcommand;
use flashback_core::CoreError;
use flashback_core::sla::{SlaBody, SlaState};
use flashback_sdk::account::Sla;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

pub use list::word;
pub use money::watch_balances;
pub use settle::settled;

use crate::command::oracle::report;
use crate::command::since::since;
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum SlaAction {
    /// Quote a reservation: what it costs, to the atom, who gets what in the end, and what its oracles can enforce
    Quote(Box<wanted::Wanted>),
    /// Reserve capacity of a unit: deposits price and fees, the acting key being the consumer
    Propose(Box<propose::Propose>),
    /// Reserve capacity of a unit and seat its committee; called again with the same --id, it goes on where it was
    /// interrupted
    Reserve(Box<propose::Reserve>),
    /// Run a scenario through the program's rules, without a chain: every window's outcome, everybody's money
    Simulate(simulate::Simulate),
    /// Accept a proposal, as the provider's authority or operator
    Accept(Address),
    /// Reject a proposal, as the provider's authority or operator: its deposit is refunded
    Reject(Address),
    /// Seat the drawn committee, as anyone; waits until the draw is ready
    Seat(Address),
    /// Seal access to the storage to the oracles of the committee, a file for each: they measure nothing without
    Seal(seal::Seal),
    /// Show an SLA
    Show(Address),
    /// List SLAs
    List(list::List),
    /// Tell what becomes of an SLA, a line for each change (in JSON an object a line), until nothing more will
    Watch(Address),
    /// What is `flashback oracle report` now
    #[command(hide = true)]
    Report(Box<report::Figures>),
    /// Settle every window that is due, of one SLA, several or all, as anyone
    Settle(settle::Settle),
    /// Collect penalties and absences from stakes and sweep fees, as anyone, in one transaction
    Collect(Address),
    /// Withdraw what is the acting key's: a provider's earnings (as its operator, too), a consumer's refund, an oracle's fees
    Withdraw(money::Withdraw),
    /// Fold the points that wait in an SLA into scores, as anyone
    Fold(Address),
    /// End an SLA early, as its consumer, its delegate or its provider
    ///
    /// The consumer ends it with the window after the current one, the provider with a notice of seven windows and seven
    /// days. What is not used is refunded with the last window. It cannot be undone.
    Terminate(Address),
    /// End a proposal that was not accepted, or an SLA whose committee was not seated in time, as anyone
    Expire(Address),
    /// Fix a draw for seats whose oracles do not serve, as anyone
    ArmRedraw(redraw::ArmRedraw),
    /// Give the seats of a fixed draw to the oracles that were drawn, as anyone; waits until the draw is ready
    Redraw(Address),
    /// Propose the same once more at today's price, as the consumer; what the old one refunds is part of the deposit
    Renew(renew::Renew),
    /// Give back what an ended SLA reserved, as anyone: capacity and stakes, whoever has withdrawn or not
    Release(Address),
    /// Close a finished SLA, as anyone: releases it if need be, and rent goes back
    Close(Address),
    /// Push what is left in an SLA to its owners 30 days after its end, and close it, as anyone
    CloseAbandoned(Address),
    /// Have the chain check that an SLA's escrow holds what it owes, as anyone
    Check(Address),
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
        SlaAction::Seal(args) => return seal::run(&args, settings).await,
        SlaAction::Quote(wanted) => {
            wanted.check()?;
            quote::quote(&settings.reader()?, &wanted).await?
        }
        SlaAction::Propose(args) => propose::propose(settings, &args).await?,
        SlaAction::Reserve(args) => propose::reserve(settings, &args).await?,
        SlaAction::Simulate(args) => simulate::simulate(&args)?,
        SlaAction::Accept(Address { sla }) => answer::accept(settings, sla).await?,
        SlaAction::Reject(Address { sla }) => answer::reject(settings, sla).await?,
        SlaAction::Seat(Address { sla }) => seat::seat(settings, &settings.client()?, sla).await?,
        SlaAction::Show(Address { sla }) => show::show(&settings.reader()?, sla).await?,
        SlaAction::List(args) => list::list(settings, &args).await?,
        SlaAction::Watch(Address { sla }) => return watch::watch(settings, sla).await,
        SlaAction::Report(figures) => return report::run(&figures, settings).await,
        SlaAction::Settle(args) => {
            return settle::settle(settings, &args).await?.print(settings.output());
        }
        SlaAction::Collect(Address { sla }) => money::collect(settings, sla).await?,
        SlaAction::Withdraw(args) => {
            return money::withdraw(settings, &args).await?.print(settings.output());
        }
        SlaAction::Fold(Address { sla }) => close::fold(settings, sla).await?,
        SlaAction::Terminate(Address { sla }) => end::terminate(settings, sla).await?,
        SlaAction::Expire(Address { sla }) => end::expire(settings, sla).await?,
        SlaAction::ArmRedraw(args) => redraw::arm(settings, &args).await?,
        SlaAction::Redraw(Address { sla }) => redraw::redraw(settings, sla).await?,
        SlaAction::Renew(args) => renew::renew(settings, &args).await?,
        SlaAction::Release(Address { sla }) => close::release(settings, sla).await?,
        SlaAction::Close(Address { sla }) => close::close(settings, sla).await?,
        SlaAction::CloseAbandoned(Address { sla }) => close::close_abandoned(settings, sla).await?,
        SlaAction::Check(Address { sla }) => close::check(settings, sla).await?,
    };
    report.print(settings.output());
    Ok(())
}

/// Refuses, as the program would, an SLA in another state than this; says in which it is.
pub fn require(body: &SlaBody, state: SlaState) -> Result<()> {
    let said = || format!("this SLA is {}", show::state(body).replace(": ", ", and "));
    body.progress.require(state).map_err(Error::from).with_context(said)
}

/// An SLA as a transaction that took effect in that slot has left it, or later.
///
/// # Errors
/// As [`since`].
pub async fn sla_since(
    client: &Flashback,
    address: &Pubkey,
    slot: u64,
) -> flashback_sdk::Result<Sla> {
    since(client, address, slot).await
}

/// The rule that refused, if one did.
pub fn core(error: &anyhow::Error) -> Option<CoreError> {
    crate::exit::sdk_error(error).and_then(Error::core)
}

/// A rule's refusal; if it is the one that is foreseen, with the figures that decided it.
pub fn because(
    foreseen: CoreError,
    figures: impl FnOnce() -> String,
) -> impl FnOnce(CoreError) -> anyhow::Error {
    move |refused| {
        let error = anyhow::Error::from(Error::Rule(refused));
        if refused == foreseen { error.context(figures()) } else { error }
    }
}

#[cfg(test)]
pub mod tests;
