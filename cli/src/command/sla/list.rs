//! `flashback sla list`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::{Args, ValueEnum};
use flashback_core::sla::SlaState;
use flashback_core::units::{Atoms, Gib};
use flashback_sdk::account::{Provider, Sla};
use flashback_sdk::{Flashback, Found};
use solana_sdk::pubkey::Pubkey;

use crate::output::{Arrangement, Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// Which SLAs. Without an address: those in which the acting key has any part.
#[derive(Debug, Args)]
pub struct List {
    /// Those of a consumer
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address, group = "whose")]
    consumer: Option<Pubkey>,
    /// Those of a provider, by its authority
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address, group = "whose")]
    provider: Option<Pubkey>,
    /// Those in which an oracle has a seat, by its authority
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address, group = "whose")]
    oracle: Option<Pubkey>,
    /// Only those in that state
    #[arg(long, value_name = "STATE")]
    state: Option<State>,
    #[command(flatten)]
    arrangement: Arrangement,
}

/// Where in its life an SLA is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    /// It waits for the provider.
    Proposed,
    /// It waits for its committee.
    Agreed,
    /// Windows run.
    Active,
    /// Nothing more will be settled.
    Ended,
}

impl From<State> for SlaState {
    fn from(state: State) -> Self {
        match state {
            State::Proposed => Self::Proposed,
            State::Agreed => Self::Agreed,
            State::Active => Self::Active,
            State::Ended => Self::Ended,
        }
    }
}

pub async fn list(settings: &Settings, args: &List) -> Result<Report> {
    args.arrangement.check(&COLUMNS)?;
    let client = settings.reader()?;
    let found = match (args.consumer, args.provider, args.oracle) {
        (Some(consumer), ..) => client.slas_of_consumer(&consumer).await?,
        (_, Some(provider), _) => client.slas_of_provider(&provider).await?,
        (.., Some(oracle)) => client.slas_of_oracle(&oracle).await?,
        _ => of_any(&client, settings.key_or_own(None)?).await?,
    };
    let providers = providers(&client, &found).await?;
    report(found, &providers, args.state.map(SlaState::from), &args.arrangement)
}

/// The authorities of the SLAs' providers, by the providers' addresses.
async fn providers(client: &Flashback, found: &Found<Sla>) -> Result<BTreeMap<Pubkey, Pubkey>> {
    let addresses: BTreeSet<Pubkey> = found.accounts.iter().map(|(_, sla)| sla.provider).collect();
    let addresses: Vec<Pubkey> = addresses.into_iter().collect();
    let read = client.find_many::<Provider>(&addresses).await?;
    // One that cannot be read has no name here; its SLAs are listed all the same.
    let named = addresses.into_iter().zip(read);
    Ok(named.filter_map(|(address, read)| Some((address, read.ok()??.authority))).collect())
}

/// Those in which a key has any part.
async fn of_any(client: &Flashback, key: Pubkey) -> Result<Found<Sla>> {
    let mut all = client.slas_of_consumer(&key).await?;
    for other in [client.slas_of_provider(&key).await?, client.slas_of_oracle(&key).await?] {
        all.skipped.extend(other.skipped);
        all.accounts.extend(other.accounts);
    }
    Ok(all)
}

/// A row for each SLA.
pub const COLUMNS: [&str; 15] = [
    "sla",
    "sla_number",
    "state",
    "size",
    "windows_settled",
    "windows",
    "ends_after",
    "ends",
    "price",
    "earned",
    "refundable",
    "provider",
    "provider_authority",
    "unit_number",
    "consumer",
];

fn report(
    mut found: Found<Sla>,
    providers: &BTreeMap<Pubkey, Pubkey>,
    state: Option<SlaState>,
    arrangement: &Arrangement,
) -> Result<Report> {
    found
        .accounts
        .retain(|(_, sla)| state.is_none_or(|state| sla.body.progress.require(state).is_ok()));
    found.accounts.sort_by_key(|(address, sla)| (sla.consumer, sla.id, *address));
    found.accounts.dedup_by_key(|(address, _)| *address);
    let authority = |sla: &Sla| providers.get(&sla.provider).copied();
    let rows = found.accounts.iter().map(|(address, sla)| row(*address, sla, authority(sla)));
    let report = Report::new("SLAs").list("slas", COLUMNS, rows.collect(), arrangement)?;
    Ok(report.skipped(&found.skipped))
}

fn row(address: Pubkey, sla: &Sla, authority: Option<Pubkey>) -> [Fact; 15] {
    let (terms, progress, money) = (&sla.body.terms, &sla.body.progress, &sla.body.money);
    let ends = (terms.start > 0).then(|| terms.window_start(progress.end).ok()).flatten();
    [
        address.into(),
        sla.id.into(),
        word(&progress.state()).into(),
        Gib(terms.gib).into(),
        u64::from(progress.cursor).into(),
        u64::from(terms.windows).into(),
        u64::from(progress.end).into(),
        ends.into(),
        Atoms(terms.price).into(),
        Atoms(money.earned).into(),
        Atoms(money.refundable).into(),
        sla.provider.into(),
        authority.into(),
        sla.unit_id.into(),
        sla.consumer.into(),
    ]
}

/// A state's name.
pub fn word(state: &flashback_core::Result<SlaState>) -> &'static str {
    match state {
        Ok(SlaState::Proposed) => "proposed",
        Ok(SlaState::Agreed) => "agreed",
        Ok(SlaState::Active) => "active",
        Ok(SlaState::Ended) => "ended",
        Err(_) => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::{active, zeroed};

    #[test]
    fn every_sla_is_listed_once_and_in_its_state() {
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        let mut running: Sla = zeroed();
        (running.body, running.id) = (active(3, 1_000), 2);
        let mut waiting: Sla = zeroed();
        (waiting.body, waiting.id) = (active(3, 0), 1);
        running.provider = key(3);
        let providers = BTreeMap::from([(key(3), key(4))]);
        let found = || Found {
            accounts: vec![(key(1), running), (key(2), waiting), (key(1), running)],
            skipped: vec![],
        };
        let all = report(found(), &providers, None, &Arrangement::default()).unwrap().json();
        let numbers: Vec<_> =
            all["slas"].as_array().unwrap().iter().map(|row| row["sla_number"].clone()).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(all["slas"][0]["ends"], serde_json::Value::Null);
        assert_eq!(all["slas"][1]["ends"], 1_000 + 3 * 86_400);
        let active = report(found(), &providers, Some(SlaState::Active), &Arrangement::default());
        let active = active.unwrap().json();
        assert_eq!(active["slas"].as_array().unwrap().len(), 1);
        assert_eq!(active["slas"][0]["state"], "active");
        assert_eq!(active["slas"][0]["provider_authority"], key(4).to_string());
        assert_eq!(all["slas"][0]["provider_authority"], serde_json::Value::Null);
        assert_eq!(active.get("skipped"), None);
    }

    #[test]
    fn every_state_can_be_asked_for_by_its_name() {
        for state in State::value_variants() {
            let name = state.to_possible_value().unwrap().get_name().to_owned();
            assert_eq!(word(&Ok(SlaState::from(*state))), name);
        }
    }
}
