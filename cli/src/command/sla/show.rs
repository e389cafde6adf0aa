//! An SLA in full.

use anyhow::Result;
use flashback_core::CoreError;
use flashback_core::committee::{DrawHash, SLOT_HASHES_KEPT};
use flashback_core::sla::{SlaBody, SlaState};
use flashback_core::units::{Atoms, Gib, Seconds, Timestamp};
use flashback_sdk::account::{Provider, Sla};
use flashback_sdk::draw::slot_hash;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::sysvar;

use super::list::word;
use crate::command::unit::promises;
use crate::output::{Fact, Report};

/// How long a slot is at least, in milliseconds, so that nobody is told of more time than there is.
const SLOT_MS: u64 = 200;

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

/// The same as a fact: one word in JSON.
pub fn standing(body: &SlaBody) -> Fact {
    Fact::worded(state(body), word(&body.progress.state()))
}

pub async fn show(client: &Flashback, address: Pubkey) -> Result<Report> {
    let sla = client.sla(&address).await?;
    let provider = client.find::<Provider>(&sla.provider).await?;
    let now = client.now().await?;
    let (terms, progress, money) = (&sla.body.terms, &sla.body.progress, &sla.body.money);
    let started = terms.start > 0;
    let report = Report::new("SLA")
        .fact("sla", address)
        .fact("sla_number", sla.id)
        .fact("state", standing(&sla.body))
        .maybe("accept_until", waits_for_provider(&sla.body))
        .maybe("seating", seating(client, &sla.body).await?.map(|outlook| outlook.text))
        .fact("chain_time", now)
        .fact("consumer", sla.consumer)
        .maybe("delegate", (sla.delegate != Pubkey::default()).then_some(sla.delegate))
        .fact("provider", sla.provider)
        .maybe("provider_authority", provider.map(|provider| provider.authority))
        .fact("unit_number", sla.unit_id)
        .fact("size", Gib(terms.gib))
        .fact("window_length", Seconds(terms.window_secs))
        .fact("windows", u64::from(terms.windows))
        .fact("ends_after", u64::from(progress.end))
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
        .fact("blocked", u64::from(progress.blocked))
        .fact("contested_windows", u64::from(sla.body.unsettled_rounds()));
    let report = next_window(report, &sla.body)?
        .fact("unallocated", Atoms(money.unallocated))
        .fact("earned", Atoms(money.earned))
        .fact("refundable", Atoms(money.refundable))
        .fact("oracle_fees", sum(&sla.body.seats.fees))
        .fact("protocol_fees", Atoms(money.protocol_fees))
        .fact("to_burn", Atoms(money.to_burn))
        .fact("held", Atoms(money.held))
        .fact("escrow_owes", sla.body.escrow_owed()?)
        .fact("paid_so_far", Atoms(money.paid_total))
        .fact("penalties_so_far", Atoms(money.penalty_total))
        .fact("penalties_owed", Atoms(money.penalty_owed))
        .fact("absences_owed", sum(&sla.body.seats.absence_owed));
    Ok(report)
}

/// Until when a proposal can be accepted.
fn waits_for_provider(body: &SlaBody) -> Option<Timestamp> {
    let proposed = body.progress.state() == Ok(SlaState::Proposed);
    proposed.then_some(Timestamp(body.progress.deadline))
}

/// Whether windows run, and one is still to be settled.
pub fn runs(body: &SlaBody) -> bool {
    let progress = &body.progress;
    progress.state() == Ok(SlaState::Active) && progress.cursor < progress.end
}

/// What can be done about a draw.
#[derive(Debug, PartialEq, Eq)]
pub struct Outlook {
    /// In words.
    pub text: String,
    /// Whether its hash is forgotten.
    pub lapsed: bool,
}

/// For an SLA that waits for its committee: whether and until when it can be seated.
pub async fn seating(client: &Flashback, body: &SlaBody) -> Result<Option<Outlook>> {
    if body.progress.state() != Ok(SlaState::Agreed) {
        return Ok(None);
    }
    let (rpc, addresses) = (client.rpc(), [sysvar::slot_hashes::ID]);
    let read = rpc.get_multiple_accounts_with_commitment(&addresses, rpc.commitment()).await;
    let read = read.map_err(Error::from)?.value.into_iter().next().flatten();
    let slot_hashes = read.map(|account| account.data).unwrap_or_default();
    Ok(Some(draw_outlook(&slot_hashes, body.progress.draw_slot).map_err(Error::from)?))
}

/// What can be done about a draw, given the bytes of the SlotHashes sysvar.
fn draw_outlook(slot_hashes: &[u8], draw_slot: u64) -> flashback_core::Result<Outlook> {
    if slot_hash(slot_hashes, draw_slot)? == DrawHash::Lapsed {
        let text = "lapsed: `flashback sla expire` refunds it".to_owned();
        return Ok(Outlook { text, lapsed: true });
    }
    let newest = slot_hashes.get(8..16).and_then(|bytes| bytes.try_into().ok());
    let newest = newest.map(u64::from_le_bytes).ok_or(CoreError::StateInvalid)?;
    let slots = draw_slot.saturating_add(SLOT_HASHES_KEPT).saturating_sub(newest);
    let secs = slots.saturating_mul(SLOT_MS) / 1_000;
    let text = format!("seat it within about {secs} s, else `flashback sla expire` refunds it");
    Ok(Outlook { text, lapsed: false })
}

/// When the window at the cursor can be reported and settled.
fn next_window(report: Report, body: &SlaBody) -> Result<Report> {
    if !runs(body) {
        return Ok(report);
    }
    let (terms, window) = (&body.terms, body.progress.cursor);
    Ok(report
        .fact("next_window", u64::from(window))
        .fact("reports_from", terms.report_opens(window)?)
        .fact("reports_until", terms.report_closes(window)?)
        .fact("settles_at", terms.settles_at(window)?))
}

fn sum(amounts: &[u64]) -> Atoms {
    Atoms(amounts.iter().fold(0, |sum, amount| sum.saturating_add(*amount)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sysvar's bytes in a slot, on a chain that skips none.
    fn slot_hashes(slot: u64) -> Vec<u8> {
        let mut bytes = SLOT_HASHES_KEPT.to_le_bytes().to_vec();
        for slot in (1..=slot).rev().take(512) {
            bytes.extend(slot.to_le_bytes());
            bytes.extend([0; 32]);
        }
        bytes
    }

    #[test]
    fn a_draw_can_be_held_until_its_hash_is_forgotten() {
        let outlook = |slot| draw_outlook(&slot_hashes(slot), 1_008).unwrap().text;
        let lapsed = |slot| draw_outlook(&slot_hashes(slot), 1_008).unwrap().lapsed;
        assert!(!lapsed(1_519) && lapsed(1_520));
        assert!(outlook(1_000).contains("within about 104 s"), "{}", outlook(1_000));
        assert!(outlook(1_270).contains("within about 50 s"), "{}", outlook(1_270));
        assert!(outlook(1_519).contains("within about 0 s"), "{}", outlook(1_519));
        assert!(outlook(1_520).contains("lapsed"), "{}", outlook(1_520));
        assert_eq!(draw_outlook(&[], 1), Err(CoreError::StateInvalid));
    }
}
