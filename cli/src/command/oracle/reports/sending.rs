//! Sending many reports, and telling what became of each.

use anyhow::Result;
use flashback_core::sla::SeatStatus;
use flashback_sdk::account::Sla;
use flashback_sdk::error::CoreError;
use flashback_sdk::event::FlashbackEvent;
use flashback_sdk::{Error, Flashback, Prepared};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::Checked;
use crate::act::{Act, Outcome};
use crate::command::oracle::report::finding;
use crate::output::{Fact, Report};
use crate::settings::{Mode, Settings};

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

/// What sending all of them would do and cost.
pub(super) async fn dry_run(transactions: Vec<Prepared>, reports: &[Checked]) -> Result<Report> {
    let (mut fee, mut units) = (0u64, 0u64);
    for transaction in &transactions {
        let simulation = transaction.simulate().await?;
        fee = fee.saturating_add(simulation.fee);
        units = units.saturating_add(simulation.compute_units);
    }
    let report = Report::new("dry run: reported")
        .fact("dry_run", true)
        .fact("transaction_count", u64::try_from(transactions.len())?)
        .fact("fee", Fact::lamports(fee))
        .fact("compute_units", units);
    Ok(table(
        report,
        reports.iter().map(|report| row(report, Fate::of("would be reported"))).collect(),
    ))
}

/// Sends all of them, and tells what became of each. What a program refuses stops no other.
pub(super) async fn send(
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
    let columns = ["sla", "window", "finding", "shortfall_ppm", "result", "why"];
    report.table("reports", columns, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_event_says_of_a_report_is_told() {
        for taken in [0, 1] {
            assert_eq!(Fate::recorded(taken).state, REPORTED);
        }
        let late = Fate::recorded(CoreError::WindowNotOpen.number());
        assert_eq!((late.state, late.rule), (REFUSED, Some(CoreError::WindowNotOpen)));
        assert!(late.why.unwrap().contains("WindowNotOpen"));
        let unknown = Fate::recorded(2);
        assert_eq!((unknown.state, unknown.rule), (REFUSED, None));
        assert!(unknown.why.unwrap().contains("error 2"));
    }
}
