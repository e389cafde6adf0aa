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
use crate::exit;
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
/// The state of a report whose transaction landed, and of which the server does not tell what the program said.
const UNKNOWN: &str = "unknown";
/// The state of a report that was not sent.
const NOT_TRIED: &str = "not tried";

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
            rows.extend(group.iter().map(|report| row(report, Fate::of(NOT_TRIED))));
            continue;
        }
        match Act::new("reported", transaction).perform(settings).await {
            Ok(Outcome { report: next, signature, slot, .. }) => {
                total = Some(match total.take() {
                    Some(report) => report.then(next),
                    None => next,
                });
                let fates = match (signature.zip(slot), settings.mode()) {
                    (Some((signature, slot)), _) => landed(client, group, signature, slot).await,
                    (None, Mode::SignOnly) => vec![Fate::of("signed, not sent"); group.len()],
                    (None, _) => vec![Fate::of("sent, not awaited"); group.len()],
                };
                for (report, fate) in group.iter().zip(fates) {
                    if failed.is_none() {
                        failed = fate.error(report, signature.unwrap_or_default());
                    }
                    rows.push(row(report, fate));
                }
            }
            Err(error) => {
                // Of what was sent and not confirmed, nobody knows; more is not sent to such a server.
                stopped = !exit::sdk_error(&error).is_some_and(Error::is_of_one_transaction);
                let fate = Fate::failed(&error);
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

/// What became of each report of a transaction that landed in that slot: by its event, else by the SLAs as they are since.
async fn landed(
    client: &Flashback,
    group: &[Checked],
    signature: Signature,
    slot: u64,
) -> Vec<Fate> {
    let events = match client.landed(&signature).await {
        Ok(Some(landed)) => landed.events(),
        _ => vec![],
    };
    let records = events.into_iter().find_map(|event| match event {
        Ok(FlashbackEvent::ReportsSubmitted(event)) => Some(event.records),
        _ => None,
    });
    if let Some(records) = records {
        return by_event(records.iter().map(|record| record.result), group.len());
    }
    let addresses: Vec<Pubkey> = group.iter().map(|report| report.sla).collect();
    match client.find_many_since::<Sla>(&addresses, slot).await {
        Ok(slas) => {
            let fates = group.iter().zip(slas).map(|(report, sla)| Fate::read(report, sla));
            fates.collect()
        }
        Err(why) => vec![Fate::unknown(&format!("the SLA cannot be read: {why}")); group.len()],
    }
}

/// By the codes of an event of so many reports.
fn by_event(results: impl Iterator<Item = u32>, reports: usize) -> Vec<Fate> {
    let missing = std::iter::repeat_with(|| Fate::unknown("the transaction's event lacks it"));
    results.map(Fate::recorded).chain(missing).take(reports).collect()
}

impl Fate {
    fn of(state: &'static str) -> Self {
        Self { state, why: None, rule: None }
    }

    fn unknown(why: &str) -> Self {
        Self { why: Some(why.to_owned()), ..Self::of(UNKNOWN) }
    }

    /// Of a transaction that failed: some errors come before it is sent, and only a few after.
    fn failed(error: &anyhow::Error) -> Self {
        let state = match exit::sdk_error(error) {
            Some(Error::Rule(_) | Error::Failed(_)) => REFUSED,
            _ if exit::unconfirmed(error).is_some() => "not confirmed",
            _ => NOT_TRIED,
        };
        Self { why: Some(exit::message(error)), ..Self::of(state) }
    }

    /// By the SLA after the transaction landed. A report that is not in it may have been refused, or have gone with its
    /// window.
    fn read(report: &Checked, sla: flashback_sdk::Result<Option<Sla>>) -> Self {
        match sla {
            Ok(Some(sla)) => match sla.body.round.status_in(report.args.window, report.seat) {
                SeatStatus::Absent => Self::unknown(
                    "the server does not tell the transaction's event, and the SLA does not have the report, or not any more",
                ),
                _ => Self::of(REPORTED),
            },
            Ok(None) => Self::unknown("the SLA is gone"),
            Err(why) => Self::unknown(&format!("the SLA cannot be read: {why}")),
        }
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

    /// The command's error, if a report of the transaction that landed was refused or may have been.
    fn error(&self, report: &Checked, signature: Signature) -> Option<anyhow::Error> {
        let refused = format!("the report of SLA {} was refused", report.sla);
        match (self.state, self.rule) {
            (REFUSED, Some(rule)) => Some(anyhow::Error::from(Error::Rule(rule)).context(refused)),
            (REFUSED, None) => Some(anyhow::Error::msg(refused)),
            (UNKNOWN, _) => {
                let why = self.why.as_deref().unwrap_or_default();
                let reason = format!("the report of SLA {}: {why}", report.sla).into();
                Some(Error::Unknown { signature, reason }.into())
            }
            _ => None,
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
    use crate::scripted;
    use flashback_core::quality::{Aggregate, Verdict};
    use flashback_sdk::instruction::SubmitReportArgs;
    use serde_json::Value;
    use solana_rpc_client_api::request::RpcRequest;

    fn report() -> Checked {
        let args = SubmitReportArgs { window: 0, aggregate: Aggregate::EMPTY, root: [0; 32] };
        Checked { sla: Pubkey::new_unique(), seat: 1, args, verdict: Verdict::Abstained }
    }

    /// What is told where the server does not know the transaction's event.
    async fn without_event(client: &Flashback) -> Fate {
        let fates = landed(client, &[report()], Signature::default(), 90).await;
        let [fate] = fates.try_into().unwrap();
        fate
    }

    #[tokio::test]
    async fn what_landed_is_refused_only_if_its_event_says_so() {
        // The SLA as it was before, unless that slot is asked for: then with or without the report.
        let lagging = |reported: bool| {
            scripted::client(move |request, params| {
                if request == RpcRequest::GetTransaction {
                    return Ok(Value::Null);
                }
                let wanted = params[1]["minContextSlot"].as_u64().unwrap_or_default();
                let seat = (reported && wanted >= 90).then_some(1);
                Ok(scripted::accounts(wanted.max(80), &[Some(scripted::sla(seat))]))
            })
        };
        assert_eq!(without_event(&lagging(true)).await.state, REPORTED);
        for client in [lagging(false), scripted::gone()] {
            let fate = without_event(&client).await;
            assert_eq!(fate.state, UNKNOWN);
            let error = fate.error(&report(), Signature::default()).unwrap();
            assert_eq!(exit::said(&error).0, 5, "{error:#}");
        }
    }

    #[test]
    fn every_report_has_a_fate_whatever_the_event_has() {
        let states = |results: &[u32]| {
            let fates = by_event(results.iter().copied(), 2);
            fates.iter().map(|fate| fate.state).collect::<Vec<_>>()
        };
        assert_eq!(states(&[1, 6_000]), [REPORTED, REFUSED]);
        assert_eq!(states(&[1]), [REPORTED, UNKNOWN]);
        assert_eq!(states(&[1, 1, 1]), [REPORTED, REPORTED]);
    }

    #[test]
    fn what_was_not_sent_was_not_tried() {
        let state = |error: Error| Fate::failed(&error.into()).state;
        for unsent in [
            Error::Network("down".into()),
            Error::Rpc("no".into()),
            Error::NotSent("full".into()),
            Error::Signing("unplugged".into()),
        ] {
            assert_eq!(state(unsent), NOT_TRIED);
        }
        let signature = Signature::default();
        assert_eq!(state(Error::Unknown { signature, reason: "down".into() }), "not confirmed");
        assert_eq!(state(Error::Expired { signature }), "not confirmed");
        assert_eq!(state(Error::Rule(CoreError::NotSeated)), REFUSED);
    }

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
