//! `flashback sla renew`.

use anyhow::Result;
use clap::Args;
use flashback_core::CoreError;
use flashback_core::units::{Atoms, Gib};
use flashback_sdk::account::{DataUnit, Sla};
use flashback_sdk::{Error, address};
use solana_sdk::pubkey::Pubkey;

use super::propose::free;
use super::seat::{self, Numbered, Seating};
use super::wanted::check_free;
use crate::act::Act;
use crate::command::wallet;
use crate::output::Report;
use crate::quantity;
use crate::settings::Settings;

/// What to renew.
#[derive(Debug, Args)]
pub struct Renew {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address)]
    sla: Pubkey,
    /// The consumer's number for the next one [default: the first free one]
    #[arg(long, value_name = "NUMBER")]
    id: Option<u64>,
    /// Also seat the committee, as soon as it can be drawn
    #[arg(long)]
    seat: bool,
}

/// Withdraws what an SLA refunds and proposes the same once more, in one transaction.
pub async fn renew(settings: &Settings, args: &Renew) -> Result<Report> {
    let client = settings.client()?;
    let (key, mint) = (client.key(), client.mint().await?);
    let old = client.sla(&args.sla).await?;
    if old.consumer != key {
        let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
        return Err(refused.context(format!("{key} is not its consumer, {}", old.consumer)));
    }
    let unit: DataUnit = client.fetch(&address::unit(&old.provider, old.unit_id)).await?;
    check_free(unit.capacity(), Gib(old.body.terms.gib))?;
    let quoted = client.quote_renewal(&args.sla).await?;
    let refund = Atoms(old.body.money.refundable);
    wallet::check_price(&client, "deposit", quoted.quote.deposit, refund).await?;
    let id = match args.id {
        Some(id) => free(&client, id).await?,
        None => client.free_sla_id().await?,
    };
    let sla = address::sla(&key, id);
    let act = Act::new("renewed", client.renew(&args.sla, id, &quoted).await?)
        .fact("renewed_sla", args.sla)
        .created("sla", sla)
        .created("escrow", address::escrow(&sla))
        .fact("sla_number", id)
        .fact("price", Atoms(quoted.quote.terms.price))
        .fact("oracle_fees_at_most", quoted.quote.fee_reserve)
        .fact("deposit", quoted.quote.deposit)
        .watch("refundable", args.sla, |sla: &Sla| Atoms(sla.body.money.refundable))
        .watch_tokens("wallet", address::token_account(&key, &mint))
        .watch_tokens("escrow", address::escrow(&sla));
    let outcome = act.perform(settings).await?;
    let seating = if args.seat { Seating::Now } else { Seating::Later };
    let sla = Numbered { address: sla, number: id };
    seat::follow(settings, &client, sla, outcome, seating).await
}
