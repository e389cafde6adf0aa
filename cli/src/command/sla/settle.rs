//! `flashback sla settle`.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::CoreError;
use flashback_core::sla::SlaBody;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::Sla;
use flashback_sdk::watch::{Outcomes, Standing};
use flashback_sdk::{Error, Flashback, Prepared};
use solana_sdk::pubkey::Pubkey;

use super::money::watch_balances;
use super::{core, show};
use crate::act::{Act, Outcome};
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

pub async fn settle(settings: &Settings, args: &Settle) -> Result<Report> {
    let client = settings.client()?;
    match args.slas.as_slice() {
        [sla] => one(settings, &client, *sla).await,
        [] => several(settings, client.all_settlements().await?).await,
        slas => {
            // Says so at once if one of them is none.
            for found in client.find_many::<Sla>(slas).await?.into_iter().zip(slas) {
                let (found, address) = found;
                found?.ok_or(Error::AccountNotFound { kind: "Sla", address: *address })?;
            }
            several(settings, client.settlements(slas).await?).await
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
    let Outcome { report, done, .. } = watch_balances(act, address).perform(settings).await?;
    let after = if done { client.sla(&address).await?.body } else { expected };
    let new = outcomes(&after).since(outcomes(&before));
    Ok(counts(report.fact("state", show::standing(&after)), &before, &after, new))
}

fn counts(report: Report, before: &SlaBody, after: &SlaBody, new: Outcomes) -> Report {
    let windows = after.progress.cursor.saturating_sub(before.progress.cursor);
    report
        .fact("windows_settled", u64::from(windows))
        .fact("met", u64::from(new.met))
        .fact("breached", u64::from(new.breached))
        .fact("unmeasured", u64::from(new.unmeasured))
        .fact("blocked", u64::from(new.blocked))
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

/// Settles in as many transactions as it takes.
async fn several(settings: &Settings, settlements: Vec<Prepared>) -> Result<Report> {
    let transactions = settlements.len();
    let mut report: Option<Report> = None;
    let mut rows = vec![];
    for (settlement, sent) in settlements.into_iter().zip(1..) {
        let slas: Vec<Pubkey> = settlement
            .instructions()
            .iter()
            .flat_map(|one| &one.accounts)
            .map(|a| a.pubkey)
            .collect();
        let client = settlement.client().clone();
        let before = client.find_many::<Sla>(&slas).await?;
        let performed = Act::new("settled", settlement).perform(settings).await;
        let Outcome { report: next, done, .. } = match performed {
            // Somebody was faster with all of them.
            Err(error) if core(&error) == Some(CoreError::NothingDue) => continue,
            performed => performed?,
        };
        let total = match report.take() {
            Some(report) => report.then(next),
            None => next,
        };
        if !done {
            let left = u64::try_from(transactions.saturating_sub(sent))?;
            return Ok(total.fact("due_slas", slas).fact("transactions_left", left));
        }
        report = Some(total);
        let after = client.find_many::<Sla>(&slas).await?;
        let both = slas.iter().zip(before.into_iter().zip(after));
        rows.extend(
            both.filter_map(|(sla, (before, after))| {
                Some(row(*sla, &before.ok()??, &after.ok()??))
            }),
        );
    }
    let report = report.ok_or(Error::Rule(CoreError::NothingDue))?;
    let columns =
        ["sla", "windows_settled", "met", "breached", "unmeasured", "blocked", "paid", "refunded"];
    Ok(report.table("slas", columns, rows))
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
        assert_eq!((&json["windows_settled"], &json["unmeasured"]), (&1.into(), &1.into()));
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
