//! `flashback admin migrate`: numbered manifests, each applied once and in order.
//!
//! | module | what |
//! | --- | --- |
//! | [`manifest`] | what is written |
//! | [`state`] | what is |
//! | [`plan`] | what a step takes to make it so |
//! | [`journal`], [`sending`] | how far a chain is, and what may be in the air |
//! | [`lock`] | one run at a time |
//! | [`earlier`] | what an earlier run has left in the air |
//! | [`engine`] | step after step |

mod earlier;
mod engine;
mod journal;
mod lock;
mod manifest;
mod plan;
mod sending;
mod state;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use flashback_sdk::{Error, Flashback, InFlight, Lifetime, Prepared, address};
use serde_json::Value;
use solana_sdk::pubkey::Pubkey;

use super::params;
use crate::act::{Act, memo};
use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::progress;
use crate::settings::{Mode, Settings};
use earlier::Earlier;
use engine::{Became, Chain, Cost, Fate, Line, Migration, Record};
use journal::Journal;
use lock::Lock;
use manifest::{Manifest, Step};
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
    let mode = settings.mode();
    if mode == Mode::NoWait {
        let why = "--no-wait: a step is recorded once it is confirmed, so it is awaited";
        return Err(usage(why));
    }
    let manifests = manifest::read_all(&args.dir)?;
    let to = last(&manifests, args)?;
    let client = settings.client()?;
    let genesis = client.rpc().get_genesis_hash().await.map_err(Error::from)?.to_string();
    let program = address::PROGRAM.to_string();
    // For as long as it runs; before the journal is read, which another run may be about to write.
    let _lock = match mode {
        Mode::Send => {
            let journal = Journal::place(&args.dir, &genesis, &program);
            Some(Lock::take(&journal, &client.key())?)
        }
        _ => None,
    };
    let journal = Journal::open(&args.dir, &genesis, &program)?;
    let mut journal = if mode == Mode::Send { journal } else { journal.unwritten() };
    let before = journal.position(&manifests);
    let chain = Server { client, settings };
    let earlier = earlier::resolve(&chain, &manifests, &mut journal).await?;
    earlier.iter().for_each(announce);
    let accept = args.accept_changes;
    let migration = Migration::begin(&chain, &manifests, to, &journal, accept).await?;
    let lines = match mode {
        Mode::SignOnly => return sign_next(&migration, &journal, &chain).await,
        Mode::Send => migration.apply(&mut journal, accept).await?,
        _ => migration.foresee(&journal).await?,
    };
    let report = Report::new(title(&lines, &earlier))
        .fact("chain", genesis)
        .fact("position_before", before)
        .fact("position", journal.position(&manifests))
        .fact("journal", journal.path().display().to_string());
    Ok(steps(report, &lines).table("earlier", EARLIER, earlier.iter().map(row).collect()))
}

/// What has happened, or would.
fn title(lines: &[Line<'_>], earlier: &[Earlier]) -> &'static str {
    let became = |is: fn(&Became) -> bool| lines.iter().any(|line| is(&line.became));
    let landed = earlier.iter().any(|one| one.became == Fate::Landed);
    if became(|became| matches!(became, Became::WouldApply(_))) {
        "dry run: migrated"
    } else if landed || became(|became| matches!(became, Became::Applied(_))) {
        "migrated"
    } else if lines.is_empty() {
        "nothing to migrate"
    } else {
        "nothing to change"
    }
}

/// What is told of a transaction that an earlier run has left in the air.
const EARLIER: [&str; 4] = ["migration", "step", "result", "signature"];

fn row(earlier: &Earlier) -> [Fact; 4] {
    let Earlier { does, sent, became } = earlier;
    let became = match became {
        Fate::Landed => "landed",
        Fate::Failed(_) => "failed",
        Fate::Gone => "did not land",
        Fate::Open => "may land",
    };
    let migration = format!("{:04}", does.number);
    [migration.into(), number(does.step), became.into(), sent.signature.to_string().into()]
}

/// Says at once what became of it: what follows may fail.
fn announce(earlier: &Earlier) {
    let Earlier { does, sent, became } = earlier;
    let (place, signature) = (does.place(), sent.signature);
    let said = format!("{place}: transaction {signature} of an earlier run");
    match became {
        Fate::Landed => progress::note(&format!("{said} has landed")),
        Fate::Failed(why) => {
            progress::announce(&format!("{said} has failed, and changed nothing: {why}"));
        }
        Fate::Gone => progress::note(&format!("{said} did not land, and cannot any more")),
        Fate::Open => progress::note(&format!("{said} may land, unless the next one does")),
    }
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
            let act = chain.act(&chain.client, &planned, &step.manifest.memo(step.number));
            let act = match step.step {
                Step::Params(_) => act.writes(params::all(&planned.after.params)),
                _ => act,
            };
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

/// Blocks by which a transaction outlives the newest block that any server knows, at most; generously.
const BLOCKS_AHEAD_MAX: u64 = 1_000;

impl Server<'_> {
    /// Refuses to wait on a chain that has begun anew, with the same genesis.
    async fn check_height(&self, sent: &InFlight) -> Result<()> {
        let Lifetime::Blockhash { last_valid_height } = sent.lifetime else { return Ok(()) };
        let height = self.client.rpc().get_block_height().await.map_err(Error::from)?;
        if last_valid_height <= height.saturating_add(BLOCKS_AHEAD_MAX) {
            return Ok(());
        }
        Err(usage(format!(
            "by the journal, transaction {} may land up to block {last_valid_height}, and this chain has only {height}: if \
             it is a new chain of an old genesis, delete its journal",
            sent.signature
        )))
    }

    fn act(&self, client: &Flashback, planned: &Planned, text: &str) -> Act {
        Act::new("migration step applied", prepare(client, planned, text)).fact("memo", text)
    }
}

fn prepare(client: &Flashback, planned: &Planned, text: &str) -> Prepared {
    client.prepare(planned.instructions.iter().cloned()).with(memo(text))
}

impl Chain for Server<'_> {
    fn acting(&self) -> Pubkey {
        self.client.key()
    }

    async fn state(&self, wanted: &Wanted) -> Result<State> {
        State::read(&self.client, wanted).await
    }

    async fn send(&self, planned: &Planned, text: &str, record: Record) -> Result<String> {
        let mut options = self.client.options().clone();
        let told = options.on_sent.take();
        options.on_sent = Some(Arc::new(move |sent| {
            record(sent).map_err(|error| format!("{error:#}"))?;
            told.as_ref().map_or(Ok(()), |told| told(sent))
        }));
        let client = self.client.clone().with_options(options);
        let outcome = self.act(&client, planned, text).perform(self.settings).await?;
        Ok(outcome.signature.context("the transaction was not sent")?.to_string())
    }

    async fn fate(&self, sent: &InFlight) -> Result<Fate> {
        self.check_height(sent).await?;
        let said = format!("waiting for transaction {} of an earlier run", sent.signature);
        match progress::shown(&said, self.client.await_sent(sent)).await {
            Ok(Some(_)) => Ok(Fate::Landed),
            Ok(None) => Ok(Fate::Open),
            Err(Error::Failed(failure)) => Ok(Fate::Failed(failure.to_string())),
            Err(Error::Expired { .. }) => Ok(Fate::Gone),
            Err(other) => Err(other.into()),
        }
    }

    fn replaces(&self, sent: &InFlight) -> bool {
        match (&sent.lifetime, &self.client.options().nonce) {
            (Lifetime::Nonce { account, .. }, Some(nonce)) => nonce.account == *account,
            _ => false,
        }
    }

    async fn simulate(&self, planned: &Planned, text: &str) -> Result<Cost> {
        let simulation = prepare(&self.client, planned, text).simulate().await?;
        Ok(Cost { fee: simulation.fee, compute_units: simulation.compute_units })
    }
}
