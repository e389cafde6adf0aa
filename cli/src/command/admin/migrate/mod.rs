//! `flashback admin migrate`: numbered manifests, each applied once and in order.
//!
//! | module | what |
//! | --- | --- |
//! | [`manifest`] | what is written |
//! | [`state`] | what is |
//! | [`plan`] | what a step takes to make it so |
//! | [`journal`] | how far a chain is |
//! | [`engine`] | step after step |

mod engine;
mod journal;
mod manifest;
mod plan;
mod state;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use flashback_sdk::{Error, Flashback, Prepared, address};
use serde_json::Value;
use solana_sdk::pubkey::Pubkey;

use crate::act::{Act, memo};
use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::settings::{Mode, Settings};
use engine::{Became, Chain, Cost, Line, Migration};
use journal::Journal;
use manifest::Manifest;
use plan::Planned;
use state::{State, Wanted};

/// Which manifests.
#[derive(Debug, Args)]
pub struct Migrate {
    /// The folder of manifests; the journals of what was applied are in its folder `applied`
    #[arg(long, value_name = "FOLDER", default_value = "migrations")]
    dir: PathBuf,
    /// Apply manifests up to this number only [default: all]
    #[arg(long, value_name = "NUMBER")]
    to: Option<u32>,
    /// Go on although the chain is no longer as the applied manifests left it
    #[arg(long)]
    accept_changes: bool,
}

pub async fn migrate(args: &Migrate, settings: &Settings) -> Result<Report> {
    let manifests = manifest::read_all(&args.dir)?;
    let to = last(&manifests, args)?;
    let client = settings.client()?;
    let genesis = client.rpc().get_genesis_hash().await.map_err(Error::from)?;
    let program = address::PROGRAM.to_string();
    let mut journal = Journal::open(&args.dir, &genesis.to_string(), &program)?;
    let chain = Server { client, settings };
    let accept = args.accept_changes;
    let migration = Migration::begin(&chain, &manifests, to, &journal, accept).await?;
    let before = journal.position(&manifests);
    let (title, lines) = match settings.mode() {
        Mode::SignOnly => return sign_next(&migration, &journal, &chain).await,
        Mode::DryRun => ("would migrate", migration.foresee(&journal).await?),
        Mode::NoWait => {
            return Err(usage(
                "--no-wait: a step is recorded once it is confirmed, so it is awaited",
            ));
        }
        Mode::Send => ("migrated", migration.apply(&mut journal, accept).await?),
    };
    let title = if lines.is_empty() { "nothing to migrate" } else { title };
    let report = Report::new(title)
        .fact("chain", genesis.to_string())
        .fact("position_before", before)
        .fact("position", journal.position(&manifests))
        .fact("journal", journal.path().display().to_string());
    Ok(steps(report, &lines))
}

/// Up to which number.
fn last(manifests: &[Manifest], args: &Migrate) -> Result<u32> {
    let folder = args.dir.display();
    let Some(last) = manifests.last() else {
        return Err(usage(format!("{folder} has no manifests, such as 0001-launch.json")));
    };
    match args.to {
        Some(to) if !manifests.iter().any(|manifest| manifest.number == to) => Err(usage(format!(
            "there is no manifest {to:04} in {folder}: the last is {}",
            last.name()
        ))),
        to => Ok(to.unwrap_or(last.number)),
    }
}

/// Signs the first step that is not so. It is recorded as done once it is found to be so.
async fn sign_next(
    migration: &Migration<'_, Server<'_>>,
    journal: &Journal,
    chain: &Server<'_>,
) -> Result<Report> {
    match migration.next(journal)? {
        None => Ok(Report::new("nothing to sign")),
        Some((step, planned)) => {
            let act = chain.act(&planned, &step.manifest.memo(step.number));
            Ok(act.perform(chain.settings).await?.report)
        }
    }
}

fn steps(report: Report, lines: &[Line<'_>]) -> Report {
    let step = |line: &Line<'_>| [line.step.manifest.name().into(), number(line.step.number)];
    let rows = lines.iter().map(|line| {
        let [migration, step] = step(line);
        let (result, signature, cost) = match &line.became {
            Became::Applied(signature) => ("applied", Some(signature.clone()), None),
            Became::AlreadySo => ("already so", None, None),
            Became::WouldApply(Some(cost)) => ("would succeed", None, Some(*cost)),
            Became::WouldApply(None) => ("would follow those before", None, None),
        };
        let fee = cost.map(|cost| Fact::lamports(cost.fee));
        let units = cost.map(|cost| cost.compute_units);
        let does = line.step.step.summary().into();
        [migration, step, does, result.into(), fee.into(), units.into(), signature.into()]
    });
    let columns = ["migration", "step", "does", "result", "fee", "compute_units", "signature"];
    let report = report.table("steps", columns, rows.collect());
    let changes = lines.iter().flat_map(|line| {
        line.planned.changes.iter().map(move |change| {
            let [migration, step] = step(line);
            let what = change.what.clone().into();
            [migration, step, what, value(&change.before), value(&change.after)]
        })
    });
    report.table("changes", ["migration", "step", "what", "before", "after"], changes.collect())
}

fn number(number: usize) -> Fact {
    u64::try_from(number).unwrap_or(u64::MAX).into()
}

fn value(value: &Value) -> Fact {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => number.as_u64().into(),
        other => other.to_string().into(),
    }
}

/// A chain behind a server.
struct Server<'a> {
    client: Flashback,
    settings: &'a Settings,
}

impl Server<'_> {
    fn prepare(&self, planned: &Planned, text: &str) -> Prepared {
        self.client.prepare(planned.instructions.iter().cloned()).with(memo(text))
    }

    fn act(&self, planned: &Planned, text: &str) -> Act {
        Act::new("migration step applied", self.prepare(planned, text)).fact("memo", text)
    }
}

impl Chain for Server<'_> {
    fn acting(&self) -> Pubkey {
        self.client.key()
    }

    async fn state(&self, wanted: &Wanted) -> Result<State> {
        State::read(&self.client, wanted).await
    }

    async fn send(&self, planned: &Planned, text: &str) -> Result<String> {
        let outcome = self.act(planned, text).perform(self.settings).await?;
        Ok(outcome.signature.context("the transaction was not sent")?.to_string())
    }

    async fn simulate(&self, planned: &Planned, text: &str) -> Result<Cost> {
        let simulation = self.prepare(planned, text).simulate().await?;
        Ok(Cost { fee: simulation.fee, compute_units: simulation.compute_units })
    }
}
