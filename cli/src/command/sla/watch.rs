//! `flashback sla watch`: a line for each change.

use std::time::Duration;

use anyhow::Result;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::Error;
use flashback_sdk::watch::{SlaChange, Standing};
use solana_sdk::pubkey::Pubkey;
use tokio::time::sleep;

use super::list::word;
use crate::arguments::OutputFormat;
use crate::command::shell;
use crate::output::{Report, described};
use crate::progress::{note, shown};
use crate::settings::Settings;

/// How often in a row a server may fail to answer before the watch gives up.
const FAILURES: u32 = 30;
/// How long to wait after it did.
const PAUSE: Duration = Duration::from_secs(2);

pub async fn watch(settings: &Settings, address: Pubkey) -> Result<()> {
    let client = settings.reader()?;
    let mut watch = client.watch(&address);
    let (mut seen, mut failures) = (false, 0u32);
    loop {
        let change = match shown("waiting for a change", watch.next()).await {
            Ok(Some(change)) => change,
            Ok(None) => break,
            Err(error @ (Error::Network(_) | Error::Rpc(_))) if seen && failures < FAILURES => {
                note(&format!("{error}; trying again"));
                failures = failures.saturating_add(1);
                sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        (seen, failures) = (true, 0);
        let report = told(address, &change, client.now().await.ok());
        shell::print(line(&report, &change, settings.output()).as_bytes())?;
    }
    note("nothing more will change but by withdrawals and collections");
    Ok(())
}

fn line(report: &Report, change: &SlaChange, output: OutputFormat) -> String {
    described::check(&report.json());
    match output {
        OutputFormat::Display => format!("{}\n", words(change)),
        _ => format!("{}\n", report.json()),
    }
}

/// A change as an object.
fn told(address: Pubkey, change: &SlaChange, now: Option<Timestamp>) -> Report {
    let (state, settled) = (word(&Ok(change.now.state)), change.settled());
    let report = Report::new(if change.before.is_some() { "change" } else { "standing" })
        .fact("sla", address)
        .maybe("chain_time", now)
        .fact("state", state)
        .fact("newly_settled", u64::from(settled.total()))
        .fact("newly_met", u64::from(settled.met))
        .fact("newly_breached", u64::from(settled.breached))
        .fact("newly_unmeasured", u64::from(settled.unmeasured))
        .fact("newly_blocked", u64::from(settled.blocked))
        .fact("contested_windows", u64::from(change.now.contested))
        .fact("ends_after", u64::from(change.now.end));
    let moved = balances(change);
    moved.into_iter().fold(report, |report, (key, before, after)| report.amount(key, before, after))
}

/// Balances that changed; at the first look, all that are not zero.
fn balances(change: &SlaChange) -> Vec<(&'static str, Atoms, Atoms)> {
    let of = |standing: &Standing| {
        let money = &standing.money;
        [
            ("unallocated", money.unallocated),
            ("earned", money.earned),
            ("refundable", money.refundable),
            ("protocol_fees", money.protocol_fees),
            ("to_burn", money.to_burn),
            ("held", money.held),
            ("penalties_owed", money.penalty_owed),
        ]
    };
    let now = of(&change.now);
    let before = change.before.as_ref().map(of);
    let before = before.unwrap_or(now.map(|(key, _)| (key, 0)));
    let both = before.into_iter().zip(now).filter(|((_, before), (_, now))| before != now);
    both.map(|((key, before), (_, now))| (key, Atoms(before), Atoms(now))).collect()
}

/// A change as a line.
fn words(change: &SlaChange) -> String {
    let settled = change.settled();
    let mut parts = vec![word(&Ok(change.now.state)).to_owned()];
    let counts = [
        ("met", settled.met),
        ("breached", settled.breached),
        ("unmeasured", settled.unmeasured),
        ("blocked", settled.blocked),
    ];
    for (result, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        let windows = if count == 1 { "window" } else { "windows" };
        parts.push(format!("{count} {windows} {result}"));
    }
    if change.now.contested > 0 {
        parts.push(format!("{} contested", change.now.contested));
    }
    if change.before.is_some_and(|before| before.end != change.now.end) {
        parts.push(format!("ends after {} windows", change.now.end));
    }
    for (key, before, after) in balances(change) {
        let key = key.replace('_', " ");
        parts.push(match change.before {
            Some(_) => format!("{key} {before} → {after}"),
            None => format!("{key} {after}"),
        });
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::{active, zeroed};
    use flashback_sdk::account::Sla;

    fn standing(change: impl FnOnce(&mut Sla)) -> Standing {
        let mut sla: Sla = zeroed();
        sla.body = active(3, 1_000);
        sla.body.money.unallocated = 9_000_000;
        change(&mut sla);
        Standing::of(&sla).unwrap()
    }

    #[test]
    fn the_first_look_tells_all_and_the_next_what_changed() {
        let first = standing(|_| ());
        let looked = SlaChange { before: None, now: first };
        assert_eq!(words(&looked), "active, unallocated 9 FLASH");
        let then = standing(|sla| {
            (sla.body.progress.met, sla.body.progress.cursor, sla.body.progress.end) = (2, 2, 2);
            (sla.body.money.unallocated, sla.body.money.earned) = (3_000_000, 6_000_000);
        });
        let change = SlaChange { before: Some(first), now: then };
        let expected = "active, 2 windows met, ends after 2 windows, unallocated 9 FLASH → 3 FLASH, \
                        earned 0 FLASH → 6 FLASH";
        assert_eq!(words(&change), expected);
        let report = told(Pubkey::default(), &change, Some(Timestamp(5)));
        let text = line(&report, &change, OutputFormat::Json);
        assert_eq!(text.lines().count(), 1, "one object a line");
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&object["newly_met"], &object["chain_time"]), (&2.into(), &5.into()));
        assert_eq!(object["amounts"]["earned"]["after"], 6_000_000);
        assert_eq!(object["amounts"].get("refundable"), None);
    }
}
