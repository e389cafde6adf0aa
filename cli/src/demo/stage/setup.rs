//! Everybody, before anything happens.

use std::time::Instant;

use anyhow::Result;
use flashback_core::text::region;
use flashback_core::units::{Atoms, Gib, Seconds};
use flashback_localnet::{Actor, Deployment};
use flashback_sdk::address;
use flashback_sdk::instruction::CreateUnitArgs;
use flashback_sdk::quote::Reservation;
use solana_sdk::pubkey::Pubkey;

use super::{UNIT, say};
use crate::demo::scenario::{self, AUDITOR, CONSUMER, FUNDS, ORACLES, POCKET, PROVIDERS, STAKE};

/// Everybody, and the token accounts that are to be watched.
pub(super) async fn everybody(
    deployment: &Deployment,
    started: Instant,
) -> Result<(Vec<Actor>, Vec<(String, Pubkey)>)> {
    let certifier = deployment.certifier("certifier").await?;
    let (mut actors, mut accounts) = (vec![], vec![]);
    for name in PROVIDERS {
        let provider = deployment.provider(&certifier, name, STAKE).await?;
        deployment.fund(&provider.key(), 0, POCKET).await?;
        provider.client.create_unit(unit(name)?).send().await?;
        let vault = address::stake_vault(&address::provider(&provider.key()));
        accounts.push((name.to_owned(), vault));
        actors.push(provider);
    }
    say(started, "three providers have staked and list a unit each: one promise, one price");
    for name in ORACLES {
        let oracle = deployment.oracle(&certifier, name, STAKE).await?;
        let vault = address::stake_vault(&address::oracle(&oracle.key()));
        accounts.push((name.to_owned(), vault));
        actors.push(oracle);
    }
    say(started, "five oracles have staked and joined the registry");
    actors.push(deployment.consumer(&certifier, CONSUMER, FUNDS).await?);
    actors.push(deployment.actor(AUDITOR, POCKET).await?);
    for actor in &actors {
        let wallet = address::token_account(&actor.key(), &deployment.mint());
        accounts.push((actor.name.clone(), wallet));
    }
    Ok((actors, accounts))
}

fn unit(provider: &str) -> Result<CreateUnitArgs> {
    Ok(CreateUnitArgs {
        id: UNIT,
        capacity_gib: scenario::CAPACITY_GIB,
        offer: scenario::offer(),
        protocols: 1,
        consumer_level: 1,
        auto_accept: true,
        region: region("eu-central-1")?,
        endpoint_uri: format!("https://s3.{provider}.example"),
    })
}

/// What the consumer asks for, as it asks the SDK.
pub(super) fn reservation() -> Reservation {
    let request = scenario::request();
    Reservation {
        capacity: Gib(request.gib),
        window: Seconds(request.window_secs),
        windows: request.windows,
        seats: request.seats,
        thresholds: Some(request.thresholds),
        max_total: Some(Atoms(request.max_total)),
    }
}
