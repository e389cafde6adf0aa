//! An SLA in full.

use anyhow::Result;
use flashback_core::sla::{SlaBody, SlaState};
use flashback_core::units::{Atoms, Gib, Seconds, Timestamp};
use flashback_sdk::Flashback;
use flashback_sdk::account::Sla;
use solana_sdk::pubkey::Pubkey;

use crate::command::unit::promises;
use crate::output::Report;

/// The seated oracles' authorities.
pub fn committee(sla: &Sla) -> impl Iterator<Item = Pubkey> {
    sla.seats.iter().copied().filter(|key| *key != Pubkey::default())
}

/// Where in its life it is.
pub fn state(body: &SlaBody) -> &'static str {
    match body.progress.state() {
        Ok(SlaState::Proposed) => "proposed: waits for the provider",
        Ok(SlaState::Agreed) => "agreed: waits for its committee",
        Ok(SlaState::Active) => "active",
        Ok(SlaState::Ended) => "ended",
        Err(_) => "unknown",
    }
}

pub async fn show(client: &Flashback, address: Pubkey) -> Result<Report> {
    let sla = client.sla(&address).await?;
    let now = client.now().await?;
    let (terms, progress, money) = (&sla.body.terms, &sla.body.progress, &sla.body.money);
    let started = terms.start > 0;
    let report = Report::new("SLA")
        .fact("sla", address)
        .fact("number", sla.id)
        .fact("state", state(&sla.body))
        .fact("chain_time", now)
        .fact("consumer", sla.consumer)
        .fact("provider", sla.provider)
        .fact("unit_number", sla.unit_id)
        .fact("size", Gib(terms.gib))
        .fact("window", Seconds(terms.window_secs))
        .fact("windows", u64::from(terms.windows))
        .fact("seats", u64::from(terms.seats))
        .fact("committee", committee(&sla).collect::<Vec<_>>())
        .maybe("starts", started.then_some(Timestamp(terms.start)))
        .maybe("ends", if started { Some(terms.window_start(progress.end)?) } else { None });
    let report = promises(report, &terms.thresholds())
        .fact("probes_per_window", u64::from(terms.probes))
        .fact("price", Atoms(terms.price))
        .fact("provider_cover", Atoms(terms.cover))
        .fact("windows_settled", u64::from(progress.cursor))
        .fact("met", u64::from(progress.met))
        .fact("breached", u64::from(progress.breached))
        .fact("unmeasured", u64::from(progress.unmeasured))
        .fact("blocked", u64::from(progress.blocked));
    let report = next_window(report, &sla.body)?
        .fact("unallocated", Atoms(money.unallocated))
        .fact("earned", Atoms(money.earned))
        .fact("refundable", Atoms(money.refundable))
        .fact("oracle_fees", sum(&sla.body.seats.fees))
        .fact("protocol_fees", Atoms(money.protocol_fees))
        .fact("to_burn", Atoms(money.to_burn))
        .fact("escrow_owed", sla.body.escrow_owed()?)
        .fact("paid_so_far", Atoms(money.paid_total))
        .fact("penalties_so_far", Atoms(money.penalty_total))
        .fact("penalties_owed", Atoms(money.penalty_owed))
        .fact("absences_owed", sum(&sla.body.seats.absence_owed));
    Ok(report)
}

/// When the window at the cursor can be reported and settled.
fn next_window(report: Report, body: &SlaBody) -> Result<Report> {
    let (terms, progress) = (&body.terms, &body.progress);
    if progress.state() != Ok(SlaState::Active) || progress.cursor >= progress.end {
        return Ok(report);
    }
    let window = progress.cursor;
    Ok(report
        .fact("next_window", u64::from(window))
        .fact("reports_from", terms.report_opens(window)?)
        .fact("reports_until", terms.report_closes(window)?)
        .fact("settles_at", terms.settles_at(window)?))
}

fn sum(amounts: &[u64]) -> Atoms {
    Atoms(amounts.iter().fold(0, |sum, amount| sum.saturating_add(*amount)))
}
