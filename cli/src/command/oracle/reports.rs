//! `flashback oracle report --file`: the reports of several SLAs, in as few transactions as they need.

mod sending;

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result};
use flashback_core::hash::SoftwareSha256;
use flashback_core::quality::Verdict;
use flashback_core::sla::commitment;
use flashback_core::units::Timestamp;
use flashback_sdk::account::Sla;
use flashback_sdk::error::CoreError;
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_sdk::{Error, Flashback};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use solana_sdk::pubkey::Pubkey;

use super::report::latest_ended;
use crate::act;
use crate::document;
use crate::exit::usage;
use crate::mistake::Mistake;
use crate::quantity;
use crate::settings::{Mode, Settings};
use crate::submission::Submission;

/// A report as it is written: see docs/reports.md.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(deserialize_with = "address")]
    sla: Pubkey,
    window: Option<u16>,
    submission: Submission,
    #[serde(default, deserialize_with = "root")]
    root: [u8; 32],
}

fn address<'de, D: Deserializer<'de>>(json: D) -> Result<Pubkey, D::Error> {
    quantity::address(&String::deserialize(json)?).map_err(D::Error::custom)
}

fn root<'de, D: Deserializer<'de>>(json: D) -> Result<[u8; 32], D::Error> {
    quantity::digest(&String::deserialize(json)?).map_err(D::Error::custom)
}

/// A report that the program would take.
#[derive(Debug)]
struct Checked {
    sla: Pubkey,
    seat: usize,
    args: SubmitReportArgs,
    verdict: Verdict,
}

/// The reports in a JSON text.
fn parse(text: &str) -> Result<Vec<Written>, Mistake> {
    let mut json = serde_json::Deserializer::from_str(text);
    let written: Vec<Written> = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| Mistake::new(error.path().to_string(), error.inner()))?;
    json.end().map_err(|error| Mistake::new("", error))?;
    if written.is_empty() {
        return Err(Mistake::new("", "there is no report: list one at least"));
    }
    let mut named = HashSet::new();
    for (index, report) in written.iter().enumerate() {
        if !named.insert(report.sla) {
            let message =
                format!("{} is listed twice: one window is reported at a time", report.sla);
            return Err(Mistake::new(format!("[{index}].sla"), message));
        }
    }
    Ok(written)
}

impl Written {
    /// The report, if the program would take it of this oracle now.
    fn checked(&self, sla: &Sla, oracle: &Pubkey, now: Timestamp) -> Result<Checked> {
        let mut body = sla.body;
        let window = self.window.or_else(|| latest_ended(&body.terms, now));
        let window = window.ok_or_else(|| usage("no window of this SLA has ended yet"))?;
        let seat = sla.seats.iter().position(|seat| seat == oracle);
        let seat = seat.ok_or(Error::Rule(CoreError::NotSeated))?;
        let aggregate = self.submission.aggregate(&body.terms);
        let aggregate =
            aggregate.map_err(|mistake| usage(mistake.within("submission").to_string()))?;
        // As the program does: earlier windows are settled first.
        while body.progress.cursor < window {
            if body.settle_next(now).map_err(Error::from)?.is_none() {
                break;
            }
        }
        let committed = commitment::<SoftwareSha256>(&aggregate, &self.root);
        let verdict = body.submit(seat, window, &aggregate, committed, now).map_err(Error::from)?;
        let args = SubmitReportArgs { window, aggregate, root: self.root };
        Ok(Checked { sla: self.sla, seat, args, verdict })
    }
}

pub async fn run(file: &Path, settings: &Settings) -> Result<()> {
    let (name, text) = document::read(file)?;
    let written = parse(&text).map_err(|mistake| usage(format!("{name}: {mistake}")))?;
    let client = settings.client()?;
    let reports = check(&client, &written).await.context(name)?;
    let memo = act::beside(settings);
    let all: Vec<_> = reports.iter().map(|report| (report.sla, report.args)).collect();
    let transactions = client.reports(&all, &memo);
    match (settings.mode(), transactions.len()) {
        (Mode::DryRun, _) => {
            let transactions = transactions
                .into_iter()
                .map(|one| memo.iter().fold(one, |one, memo| one.with(memo.clone())));
            sending::dry_run(transactions.collect(), &reports).await?.print(settings.output());
            Ok(())
        }
        (Mode::SignOnly | Mode::NoWait, count) if count > 1 => Err(usage(format!(
            "these reports take {count} transactions, and --sign-only and --no-wait make one: list fewer reports"
        ))),
        _ => sending::send(&client, transactions, &reports, settings).await,
    }
}

/// All reports, or why one of them would be refused: before anything is sent.
async fn check(client: &Flashback, written: &[Written]) -> Result<Vec<Checked>> {
    let addresses: Vec<Pubkey> = written.iter().map(|report| report.sla).collect();
    let (slas, now) = (client.find_many::<Sla>(&addresses).await?, client.now().await?);
    let key = client.key();
    let all = written.iter().zip(slas).enumerate().map(|(index, (report, sla))| {
        let address = report.sla;
        let missing = Error::AccountNotFound { kind: "Sla", address };
        let checked = sla.and_then(|sla| sla.ok_or(missing)).map_err(anyhow::Error::from);
        let checked = checked.and_then(|sla| report.checked(&sla, &key, now));
        checked.with_context(|| format!("[{index}], SLA {address}"))
    });
    all.collect()
}
