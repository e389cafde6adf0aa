//! `flashback sla propose`, and the same with its committee seated, `flashback sla reserve`.

use anyhow::Result;
use clap::Args;
use flashback_core::sla::SlaState;
use flashback_core::units::Atoms;
use flashback_sdk::account::{Sla, SubjectKind};
use flashback_sdk::instruction::{self, ProposeSla, ProposeSlaArgs};
use flashback_sdk::{Error, Flashback, Prepared, address};
use solana_sdk::pubkey::Pubkey;

use super::seat::{self, Numbered, Seating};
use super::wanted::{Offered, Wanted};
use crate::act::Act;
use crate::command::wallet;
use crate::exit::refused;
use crate::output::Report;
use crate::progress::announce;
use crate::quantity;
use crate::settings::Settings;

/// What to propose.
#[derive(Debug, Args)]
pub struct Propose {
    #[command(flatten)]
    wanted: Wanted,
    /// The consumer's number for it [default: the first free one]
    #[arg(long, value_name = "NUMBER")]
    id: Option<u64>,
    /// Who else may end and dispute it for the consumer
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    delegate: Option<Pubkey>,
    /// Also seat the committee, as soon as it can be drawn
    #[arg(long)]
    seat: bool,
}

/// What to reserve.
#[derive(Debug, Args)]
pub struct Reserve {
    #[command(flatten)]
    wanted: Wanted,
    /// The consumer's number for it: called again with the same, it goes on where it was interrupted [default: the first
    /// free one]
    ///
    /// Only while that SLA exists: once it is closed, its number is free, and the same call reserves anew, with another
    /// deposit.
    #[arg(long, value_name = "NUMBER")]
    id: Option<u64>,
}

pub async fn propose(settings: &Settings, args: &Propose) -> Result<Report> {
    args.wanted.check()?;
    let client = settings.client()?;
    let id = match args.id {
        Some(id) => free(&client, id).await?,
        None => client.free_sla_id().await?,
    };
    let offered = args.wanted.offered(&client).await?;
    let act = proposal(&client, &args.wanted, &offered, id, args.delegate).await?;
    let seating = if args.seat { Seating::Now } else { Seating::Later };
    let sla = Numbered { address: address::sla(&client.key(), id), number: id };
    if args.id.is_none() {
        announce(&format!("proposing it as number {id}, {}", sla.address));
    }
    let outcome = act.perform(settings).await?;
    seat::follow(settings, &client, sla, outcome, seating).await
}

/// Proposes what is not there yet, and seats what is not seated yet.
pub async fn reserve(settings: &Settings, args: &Reserve) -> Result<Report> {
    args.wanted.check()?;
    let client = settings.client()?;
    let id = match args.id {
        Some(id) => id,
        None => client.free_sla_id().await?,
    };
    let sla = address::sla(&client.key(), id);
    let Some(existing) = client.find::<Sla>(&sla).await? else {
        let offered = args.wanted.offered(&client).await?;
        let act = proposal(&client, &args.wanted, &offered, id, None).await?;
        if args.id.is_none() {
            announce(&format!(
                "reserving it as number {id}, {sla}: if this is interrupted, go on with --id {id}"
            ));
        }
        let outcome = act.perform(settings).await?;
        let sla = Numbered { address: sla, number: id };
        return seat::follow(settings, &client, sla, outcome, Seating::Now).await;
    };
    let unit = client.unit(&args.wanted.provider, args.wanted.unit).await?;
    let provider = address::provider(&args.wanted.provider);
    let state = existing.body.progress.state().map_err(Error::from)?;
    let same = (existing.provider, existing.unit_id) == (provider, args.wanted.unit)
        && args.wanted.reservation(&unit.offer)?.got(&existing.body.terms);
    if !same || state == SlaState::Ended {
        return Err(taken(id, sla));
    }
    let report = Report::new("reserved before").fact("sla", sla).fact("sla_number", id);
    match state {
        SlaState::Agreed => Ok(report.then(seat::seat(settings, &client, sla).await?)),
        _ => Ok(report.fact("state", super::show::standing(&existing.body))),
    }
}

/// Deposits price and fees.
async fn proposal(
    client: &Flashback,
    wanted: &Wanted,
    offered: &Offered,
    id: u64,
    delegate: Option<Pubkey>,
) -> Result<Act> {
    let (consumer, mint) = (client.key(), client.mint().await?);
    let deposit = offered.quoted.quote.deposit;
    wallet::check_price(client, "deposit", deposit, Atoms::ZERO).await?;
    let prepared = match delegate {
        None => client.propose_sla(&wanted.provider, wanted.unit, id, &offered.quoted).await?,
        Some(delegate) => delegated(client, wanted, offered, id, delegate).await?,
    };
    let sla = address::sla(&consumer, id);
    let title = if offered.at_once {
        "reserved"
    } else {
        "proposed: the provider has to accept it before the deadline, else it expires"
    };
    let act = Act::new(title, prepared)
        .created("sla", sla)
        .created("escrow", address::escrow(&sla))
        .fact("sla_number", id);
    let act = offered.facts()?.into_iter().fold(act, |act, (key, fact)| act.fact(key, fact));
    let act = match delegate {
        Some(delegate) => act.fact("delegate", delegate),
        None => act,
    };
    Ok(act
        .watch_tokens("wallet", address::token_account(&consumer, &mint))
        .watch_tokens("escrow", address::escrow(&sla)))
}

async fn delegated(
    client: &Flashback,
    wanted: &Wanted,
    offered: &Offered,
    id: u64,
    delegate: Pubkey,
) -> Result<Prepared> {
    let (consumer, mint) = (client.key(), client.mint().await?);
    let certified = client.certificate(SubjectKind::Consumer, &consumer).await?.is_some();
    let certificate = address::certificate(SubjectKind::Consumer, &consumer);
    Ok(client.prepare([instruction::propose_sla(ProposeSla {
        payer: consumer,
        consumer,
        consumer_token: address::token_account(&consumer, &mint),
        provider_authority: wanted.provider,
        unit_id: wanted.unit,
        mint,
        consumer_certificate: certified.then_some(certificate),
        args: ProposeSlaArgs { id, delegate, request: offered.quoted.request },
    })]))
}

/// A number under which the acting key has no SLA.
pub async fn free(client: &Flashback, id: u64) -> Result<u64> {
    let sla = address::sla(&client.key(), id);
    match client.find::<Sla>(&sla).await? {
        None => Ok(id),
        Some(_) => Err(taken(id, sla)),
    }
}

fn taken(id: u64, sla: Pubkey) -> anyhow::Error {
    refused(format!("--id: {}", Error::SlaIdTaken { id, sla }))
}
