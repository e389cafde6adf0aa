//! Fraud proofs: one path of its own records contradicts a submission.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::CoreError;
use flashback_core::hash::SoftwareSha256;
use flashback_core::records::{Fraud, prove_fraud};
use flashback_core::units::Atoms;
use flashback_sdk::account::{Oracle, Round};
use flashback_sdk::{Error, address};

use super::entered::{phase, series};
use super::{Seat, proof};
use crate::act::Act;
use crate::output::Report;
use crate::settings::Settings;

/// What proves it.
#[derive(Debug, Args)]
pub struct Prove {
    #[command(flatten)]
    of: Seat,
    #[command(flatten)]
    proof: proof::File,
}

pub async fn prove(settings: &Settings, args: &Prove) -> Result<Report> {
    let proof = args.proof.read()?;
    let client = settings.client()?;
    let Seat { of, seat } = args.of;
    let index = usize::from(seat);
    let sla = client.sla(&of.sla).await?;
    let round: Option<Round> = client.find(&address::round(&of.sla, of.window)).await?;
    let (submissions, seats) = match &round {
        Some(round) => (round.body.round, round.seats),
        None if sla.body.progress.cursor == of.window => (sla.body.round, sla.seats),
        None => {
            let closed = Err(Error::Rule(CoreError::ContestClosed));
            let now = client.now().await?;
            return closed.with_context(|| phase(&sla.body.terms, of.window, now));
        }
    };
    let invalid = Error::Rule(CoreError::SeatInvalid);
    let known = seats.get(index).zip(submissions.commitments.get(index));
    let (oracle, committed) = known.ok_or(invalid)?;
    let fraud = prove_fraud::<SoftwareSha256>(&series(&sla, of, oracle)?, committed, &proof);
    let fraud = fraud
        .map_err(Error::from)
        .with_context(|| format!("{} proves nothing wrong of seat {seat}", args.proof))?;
    let prepared = client.prove_fraud(&of.sla, of.window, seat, proof).await?;
    let wallet = address::token_account(&client.key(), &client.mint().await?);
    let act = Act::new("fraud proven: the submission is voided", prepared)
        .fact("sla", of.sla)
        .fact("window", u64::from(of.window))
        .fact("seat", u64::from(seat))
        .fact("oracle_authority", *oracle)
        .fact("fraud", name(fraud))
        .watch("oracle_bonded_stake", address::oracle(oracle), |oracle: &Oracle| {
            Atoms(oracle.stake.bonded)
        })
        .watch_tokens("wallet", wallet);
    Ok(act.perform(settings).await?.report)
}

fn name(fraud: Fraud) -> String {
    match fraud {
        Fraud::LeafMalformed => "a leaf's records are malformed".to_owned(),
        Fraud::LeafForeign => "a leaf is bound to another oracle, SLA, window or index".to_owned(),
        Fraud::LeafOutsideSlice => "a leaf has a record outside its slice of the window".to_owned(),
        Fraud::SumMismatch { height: 0 } => "a leaf's records do not add up to its sums".to_owned(),
        Fraud::SumMismatch { height } => {
            format!("the children of a node at height {height} do not add up to its sums")
        }
        Fraud::RootMismatch => "the records do not add up to the submitted aggregate".to_owned(),
    }
}
