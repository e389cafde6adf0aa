//! `flashback sla settle`.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::CoreError;
use flashback_core::sla::SlaBody;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::Sla;
use flashback_sdk::watch::{Outcomes, Standing};
use flashback_sdk::{Batch, Batches, Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use super::money::watch_balances;
use super::{show, sla_since};
use crate::act::{self, Act, Finished, Outcome, Several, Titles};
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// Which SLAs.
#[derive(Debug, Args)]
pub struct Settle {
    /// The SLAs' addresses
    #[arg(value_name = "SLA", value_parser = quantity::address, required_unless_present = "all")]
    slas: Vec<Pubkey>,
    /// Every SLA of which a window is due
    #[arg(long, conflicts_with = "slas")]
    all: bool,
}

pub async fn settle(settings: &Settings, args: &Settle) -> Result<Finished> {
    let client = settings.client()?;
    match args.slas.as_slice() {
        [sla] => Ok(one(settings, &client, *sla).await?.into()),
        [] => several(settings, client.all_settlements(&act::beside(settings)).await?).await,
        slas => {
            // Says so at once if one of them is none.
            for found in client.find_many::<Sla>(slas).await?.into_iter().zip(slas) {
                let (found, address) = found;
                found?.ok_or(Error::AccountNotFound { kind: "Sla", address: *address })?;
            }
            several(settings, client.settlements(slas, &act::beside(settings)).await?).await
        }
    }
}

async fn one(settings: &Settings, client: &Flashback, address: Pubkey) -> Result<Report> {
    let before = client.sla(&address).await?.body;
    let expected = settled(&before, client.now().await?)?;
    if expected == before {
        return Err(Error::Rule(CoreError::NothingDue)).context(not_due(&before));
    }
    let act = Act::new("settled", client.settle(&address)).fact("sla", address);
    let Outcome { report, slot, .. } = watch_balances(act, address).perform(settings).await?;
    let after = match slot {
        None => expected,
        Some(slot) => match sla_since(client, &address, slot).await {
            Ok(sla) => sla.body,
            // It is settled all the same.
            Err(why) => return Ok(unread(report, &why)),
        },
    };
    let new = outcomes(&after).since(outcomes(&before));
    Ok(counts(report.fact("state", show::standing(&after)), &before, &after, new))
}

/// Says why it is not told which windows were settled.
fn unread(report: Report, why: &Error) -> Report {
    report.fact("windows_unread", Fact::untrusted(&why.to_string()))
}

fn counts(report: Report, before: &SlaBody, after: &SlaBody, new: Outcomes) -> Report {
    let windows = after.progress.cursor.saturating_sub(before.progress.cursor);
    report
        .fact("newly_settled", u64::from(windows))
        .fact("newly_met", u64::from(new.met))
        .fact("newly_breached", u64::from(new.breached))
        .fact("newly_unmeasured", u64::from(new.unmeasured))
        .fact("newly_blocked", u64::from(new.blocked))
}

fn outcomes(body: &SlaBody) -> Outcomes {
    let progress = &body.progress;
    Outcomes {
        met: progress.met,
        breached: progress.breached,
        unmeasured: progress.unmeasured,
        blocked: progress.blocked,
    }
}

/// As the chain would settle it by then.
pub fn settled(body: &SlaBody, now: Timestamp) -> Result<SlaBody> {
    let mut body = *body;
    while body.settle_next(now).map_err(Error::from)?.is_some() {}
    Ok(body)
}

/// When something will be due.
fn not_due(body: &SlaBody) -> String {
    let progress = &body.progress;
    match body.terms.settles_at(progress.cursor) {
        Ok(at) if show::runs(body) => {
            format!("window {} can be settled from {} on", progress.cursor, Fact::from(at))
        }
        _ => format!("this SLA is {}", show::state(body)),
    }
}

/// How it is said.
const TITLES: Titles = Titles { done: "settled", nothing: "nothing to settle" };

/// Settles in as many transactions as it takes.
async fn several(settings: &Settings, settlements: Batches) -> Result<Finished> {
    let mut several = Several::new(settings, TITLES, settlements, Some(CoreError::NothingDue))?;
    let (mut rows, mut not_read) = (vec![], None);
    while let Some(Batch { slas, prepared }) = several.next() {
        let client = prepared.client().clone();
        let before = client.find_many::<Sla>(&slas).await;
        let act = Act::new(TITLES.done, prepared);
        let Some(slot) = several.perform(settings, &slas, act).await? else { continue };
        match changes(&client, &slas, before, slot).await {
            Ok(changes) => rows.extend(changes),
            Err(why) => not_read = Some(why),
        }
    }
    let columns = [
        "sla",
        "newly_settled",
        "newly_met",
        "newly_breached",
        "newly_unmeasured",
        "newly_blocked",
        "paid",
        "refunded",
    ];
    Ok(several.finish(|report| {
        let report = report.table("slas", columns, rows);
        not_read.iter().fold(report, unread)
    }))
}

/// A row of what a settlement, in that slot, has changed of each SLA.
async fn changes(
    client: &Flashback,
    slas: &[Pubkey],
    before: flashback_sdk::Result<Vec<flashback_sdk::Result<Option<Sla>>>>,
    slot: u64,
) -> flashback_sdk::Result<Vec<[Fact; 8]>> {
    let after = client.find_many_since::<Sla>(slas, slot).await?;
    let both = slas.iter().zip(before?.into_iter().zip(after));
    let rows =
        both.filter_map(|(sla, (before, after))| Some(row(*sla, &before.ok()??, &after.ok()??)));
    Ok(rows.collect())
}

fn row(address: Pubkey, before: &Sla, after: &Sla) -> [Fact; 8] {
    let standing =
        |sla: &Sla| Standing::of(sla).map(|standing| standing.settled).unwrap_or_default();
    let new = standing(after).since(standing(before));
    let windows = after.body.progress.cursor.saturating_sub(before.body.progress.cursor);
    let grown = |of: fn(&SlaBody) -> u64| Atoms(of(&after.body).saturating_sub(of(&before.body)));
    [
        address.into(),
        u64::from(windows).into(),
        u64::from(new.met).into(),
        u64::from(new.breached).into(),
        u64::from(new.unmeasured).into(),
        u64::from(new.blocked).into(),
        grown(|body| body.money.paid_total).into(),
        grown(|body| body.money.refundable).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::{active, zeroed};

    #[test]
    fn what_is_due_is_settled_as_the_chain_would() {
        let body = active(3, 1_000);
        let due = Timestamp(1_000 + 86_400 + 43_200);
        let early = settled(&body, Timestamp(due.0 - 1)).unwrap();
        assert_eq!(early, body);
        let after = settled(&body, due).unwrap();
        let report = counts(Report::new("settled"), &body, &after, outcomes(&after));
        let json = report.json();
        assert_eq!((&json["newly_settled"], &json["newly_unmeasured"]), (&1.into(), &1.into()));
    }

    #[test]
    fn when_the_next_window_is_due_is_said() {
        let said = not_due(&active(3, 0));
        assert_eq!(said, "this SLA is agreed: waits for its committee");
        let said = not_due(&active(3, 1_000));
        assert_eq!(said, "window 0 can be settled from 1970-01-02 12:16:40 UTC on");
    }

    #[test]
    fn a_row_tells_what_came_with_it() {
        let (mut before, mut after): (Sla, Sla) = (zeroed(), zeroed());
        before.body = active(3, 1_000);
        after.body = before.body;
        after.body.progress.cursor = 2;
        after.body.progress.met = 2;
        (after.body.money.paid_total, after.body.money.refundable) = (7, 9);
        let row = row(Pubkey::default(), &before, &after).map(|fact| fact.to_string());
        assert_eq!(row[1..], ["2", "2", "0", "0", "0", "0.000007 FLASH", "0.000009 FLASH"]);
    }
}
