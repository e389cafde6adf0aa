//! `flashback oracle report --file`: the reports of several SLAs, in as few transactions as they need.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result};
use flashback_core::hash::SoftwareSha256;
use flashback_core::quality::Verdict;
use flashback_core::sla::{SeatStatus, commitment};
use flashback_core::units::Timestamp;
use flashback_sdk::account::Sla;
use flashback_sdk::error::CoreError;
use flashback_sdk::event::FlashbackEvent;
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_sdk::{Error, Flashback, Prepared};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::report::{finding, latest_ended};
use crate::act::{self, Act, Outcome};
use crate::document;
use crate::exit::usage;
use crate::mistake::Mistake;
use crate::output::{Fact, Report};
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

/// What became of a report.
#[derive(Clone, Debug)]
struct Fate {
    state: &'static str,
    why: Option<String>,
    /// The rule that refused it.
    rule: Option<CoreError>,
}

/// The state of a report that the program has recorded.
const REPORTED: &str = "reported";
/// The state of a report that the program did not take.
const REFUSED: &str = "refused";

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
    let memo: Vec<_> = settings.memo().map(act::memo).into_iter().collect();
    let all: Vec<_> = reports.iter().map(|report| (report.sla, report.args)).collect();
    let transactions = client.reports(&all, &memo);
    match (settings.mode(), transactions.len()) {
        (Mode::DryRun, _) => {
            let transactions = transactions
                .into_iter()
                .map(|one| memo.iter().fold(one, |one, memo| one.with(memo.clone())));
            dry_run(transactions.collect(), &reports).await?.print(settings.output());
            Ok(())
        }
        (Mode::SignOnly | Mode::NoWait, count) if count > 1 => Err(usage(format!(
            "these reports take {count} transactions, and --sign-only and --no-wait make one: list fewer reports"
        ))),
        _ => send(&client, transactions, &reports, settings).await,
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

/// What sending all of them would do and cost.
async fn dry_run(transactions: Vec<Prepared>, reports: &[Checked]) -> Result<Report> {
    let (mut fee, mut units) = (0u64, 0u64);
    for transaction in &transactions {
        let simulation = transaction.simulate().await?;
        fee = fee.saturating_add(simulation.fee);
        units = units.saturating_add(simulation.compute_units);
    }
    let report = Report::new("would be reported")
        .fact("dry_run", true)
        .fact("transactions", u64::try_from(transactions.len())?)
        .fact("fee", Fact::lamports(fee))
        .fact("compute_units", units);
    Ok(table(
        report,
        reports.iter().map(|report| row(report, Fate::of("would be reported"))).collect(),
    ))
}

/// Sends all of them, and tells what became of each. What a program refuses stops no other.
async fn send(
    client: &Flashback,
    transactions: Vec<Prepared>,
    reports: &[Checked],
    settings: &Settings,
) -> Result<()> {
    let several = transactions.len() > 1;
    let (mut rest, mut rows) = (reports, vec![]);
    let mut total: Option<Report> = None;
    let mut failed: Option<anyhow::Error> = None;
    let mut stopped = false;
    for transaction in transactions {
        let count = transaction.instructions().iter().map(|one| one.accounts.len()).sum::<usize>();
        // The first account is the oracle's authority.
        let group;
        (group, rest) = rest.split_at(count.saturating_sub(1).min(rest.len()));
        if stopped {
            rows.extend(group.iter().map(|report| row(report, Fate::of("not tried"))));
            continue;
        }
        match Act::new("reported", transaction).perform(settings).await {
            Ok(Outcome { report: next, signature, .. }) => {
                total = Some(match total.take() {
                    Some(report) => report.then(next),
                    None => next,
                });
                let fates = match (signature, settings.mode()) {
                    (Some(signature), _) => landed(client, group, signature).await,
                    (None, Mode::SignOnly) => vec![Fate::of("signed, not sent"); group.len()],
                    (None, _) => vec![Fate::of("sent, not awaited"); group.len()],
                };
                for (report, fate) in group.iter().zip(fates) {
                    if fate.state == REFUSED && failed.is_none() {
                        failed = Some(fate.error(report));
                    }
                    rows.push(row(report, fate));
                }
            }
            Err(error) => {
                let is_refused = error.chain().any(|cause| {
                    matches!(cause.downcast_ref(), Some(Error::Rule(_) | Error::Failed(_)))
                });
                // Of what was sent and not confirmed, nobody knows; more is not sent to such a server.
                stopped = !is_refused;
                let state = if is_refused { REFUSED } else { "not confirmed" };
                let fate = Fate { why: Some(format!("{error:#}")), ..Fate::of(state) };
                rows.extend(group.iter().map(|report| row(report, fate.clone())));
                failed.get_or_insert(error);
            }
        }
    }
    match (total, failed) {
        (total, Some(error)) => {
            if several || total.is_some() {
                let report = total.unwrap_or_default().titled("not all was reported");
                table(report, rows).print(settings.output());
            }
            Err(error)
        }
        (total, None) => {
            table(total.unwrap_or_default(), rows).print(settings.output());
            Ok(())
        }
    }
}

/// What became of each report of a transaction that landed: by its event, else by the SLAs as they are.
async fn landed(client: &Flashback, group: &[Checked], signature: Signature) -> Vec<Fate> {
    let events = match client.landed(&signature).await {
        Ok(Some(landed)) => landed.events(),
        _ => vec![],
    };
    let records = events.into_iter().find_map(|event| match event {
        Ok(FlashbackEvent::ReportsSubmitted(event)) => Some(event.records),
        _ => None,
    });
    if let Some(records) = records {
        return records.iter().map(|record| Fate::recorded(record.result)).collect();
    }
    let addresses: Vec<Pubkey> = group.iter().map(|report| report.sla).collect();
    let slas = client.find_many::<Sla>(&addresses).await;
    let slas = slas.map(|slas| slas.into_iter().map(|sla| sla.ok().flatten()).collect());
    let slas: Vec<Option<Sla>> = slas.unwrap_or_else(|_| vec![None; group.len()]);
    let fates = group.iter().zip(slas).map(|(report, sla)| match sla {
        Some(sla) => match sla.body.round.status_in(report.args.window, report.seat) {
            SeatStatus::Absent => Fate::of(REFUSED),
            _ => Fate::of(REPORTED),
        },
        None => Fate { why: Some("the SLA cannot be read".to_owned()), ..Fate::of("unknown") },
    });
    fates.collect()
}

impl Fate {
    fn of(state: &'static str) -> Self {
        Self { state, why: None, rule: None }
    }

    /// By the code in the event.
    fn recorded(result: u32) -> Self {
        if result <= 1 {
            return Self::of(REPORTED);
        }
        let rule = CoreError::from_number(result);
        let why = match rule {
            Some(rule) => format!("{rule} ({rule:?}, {result})"),
            None => format!("error {result} of the program"),
        };
        Self { why: Some(why), rule, ..Self::of(REFUSED) }
    }

    /// The refusal of a report as the command's error.
    fn error(&self, report: &Checked) -> anyhow::Error {
        let refused = format!("the report of SLA {} was refused", report.sla);
        match self.rule {
            Some(rule) => anyhow::Error::from(Error::Rule(rule)).context(refused),
            None => anyhow::Error::msg(refused),
        }
    }
}

fn row(report: &Checked, fate: Fate) -> [Fact; 6] {
    let (finding, shortfall) = finding(report.verdict);
    [
        report.sla.into(),
        u64::from(report.args.window).into(),
        finding.into(),
        shortfall.into(),
        fate.state.into(),
        fate.why.map(|why| Fact::untrusted(&why)).into(),
    ]
}

fn table(report: Report, rows: Vec<[Fact; 6]>) -> Report {
    let columns = ["sla", "window", "finding", "shortfall_ppm", "state", "why"];
    report.table("reports", columns, rows)
}
