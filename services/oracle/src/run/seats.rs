//! The seats that an oracle has, and what it is to probe for each.

use flashback_core::sla::{SlaState, SlaTerms};
use flashback_core::units::Timestamp;
use flashback_sdk::account::{DataUnit, Sla};
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;
use tracing::warn;

use crate::key::{SlaLife, WindowKey};
use crate::store::Opening;

/// A seat in the committee of an active SLA.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    /// The SLA.
    pub life: SlaLife,
    /// Which of its seats.
    pub seat: u8,
    /// Whose: the oracle's authority.
    pub oracle: Pubkey,
    /// The first window that the seat counts in.
    pub first_window: u16,
    /// The window at which the SLA ends (exclusive).
    pub end: u16,
    /// The SLA's terms.
    pub terms: SlaTerms,
    /// Where the storage is, by the unit's account.
    pub endpoint: String,
    /// Spans in which the unit is not probed: begin and end.
    pub maintenance: Vec<(Timestamp, Timestamp)>,
}

impl Seat {
    /// The window under way at `now`, if the seat counts in it.
    pub fn window_at(&self, now: Timestamp) -> Option<WindowKey> {
        let into = now.since(self.life.start);
        if now < self.life.start {
            return None;
        }
        let window = into.checked_div(u64::from(self.terms.window_secs))?;
        let window = u16::try_from(window).ok()?;
        (self.first_window..self.end).contains(&window).then(|| self.life.window(window))
    }

    /// What the store keeps of a window before it is probed.
    ///
    /// # Errors
    /// For terms that no quote made.
    pub fn opening(&self, key: &WindowKey) -> flashback_core::Result<Opening> {
        Ok(Opening {
            oracle: self.oracle,
            window_secs: self.terms.window(),
            rounds: self.terms.probes,
            report_closes: self.terms.report_closes(key.window)?,
        })
    }

    /// Whether the unit is under announced maintenance at `at`.
    pub fn in_maintenance(&self, at: Timestamp) -> bool {
        self.maintenance.iter().any(|(begin, end)| *begin <= at && at < *end)
    }
}

/// The seats of an oracle in active SLAs.
///
/// # Errors
/// The server's. An account that cannot be read is told in the log, and passed over.
pub async fn seats(client: &Flashback, oracle: &Pubkey) -> flashback_sdk::Result<Vec<Seat>> {
    let found = client.slas_of_oracle(oracle).await?;
    for why in &found.skipped {
        warn!(%why, "an SLA is passed over");
    }
    let active: Vec<_> =
        found.accounts.iter().filter(|(_, sla)| is_active(&sla.body.progress)).collect();
    let units: Vec<_> =
        active.iter().map(|(_, sla)| address::unit(&sla.provider, sla.unit_id)).collect();
    let units = client.find_many::<DataUnit>(&units).await?;
    let mut seats = vec![];
    for ((address, sla), unit) in active.into_iter().zip(units) {
        match unit {
            Ok(Some(unit)) => seats.extend(seat(*address, sla, &unit, oracle)),
            Ok(None) => warn!(sla = %address, "its unit is gone"),
            Err(why) => warn!(sla = %address, %why, "its unit cannot be read"),
        }
    }
    Ok(seats)
}

fn is_active(progress: &flashback_core::sla::Progress) -> bool {
    progress.state() == Ok(SlaState::Active)
}

fn seat(address: Pubkey, sla: &Sla, unit: &DataUnit, oracle: &Pubkey) -> Option<Seat> {
    let index = sla.seats.iter().position(|seat| seat == oracle)?;
    let maintenance = unit.maintenance.iter().filter(|span| span.starts_at != 0);
    let maintenance = maintenance.filter_map(|span| {
        let begin = Timestamp(span.starts_at);
        Some((begin, begin.after(u64::from(span.secs)).ok()?))
    });
    Some(Seat {
        life: SlaLife { sla: address, start: Timestamp(sla.body.terms.start) },
        seat: u8::try_from(index).ok()?,
        oracle: *oracle,
        first_window: *sla.body.seats.first_window.get(index)?,
        end: sla.body.progress.end,
        terms: sla.body.terms,
        endpoint: unit.endpoint_uri.clone(),
        maintenance: maintenance.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat() -> Seat {
        let mut terms: SlaTerms = bytemuck::Zeroable::zeroed();
        (terms.window_secs, terms.windows, terms.start, terms.probes) = (100, 5, 1_000, 10);
        Seat {
            life: SlaLife { sla: Pubkey::default(), start: Timestamp(1_000) },
            seat: 0,
            oracle: Pubkey::default(),
            first_window: 1,
            end: 4,
            terms,
            endpoint: String::new(),
            maintenance: vec![(Timestamp(1_150), Timestamp(1_160))],
        }
    }

    #[test]
    fn a_seat_probes_the_windows_that_it_counts_in() {
        let at = |now| seat().window_at(Timestamp(now)).map(|key| key.window);
        assert_eq!(at(999), None);
        assert_eq!(at(1_099), None, "it does not count yet");
        assert_eq!((at(1_100), at(1_199), at(1_399)), (Some(1), Some(1), Some(3)));
        assert_eq!(at(1_400), None, "the SLA ends there");
    }

    #[test]
    fn announced_maintenance_is_not_probed() {
        let seat = seat();
        let at = |now| seat.in_maintenance(Timestamp(now));
        assert_eq!((at(1_149), at(1_150), at(1_159), at(1_160)), (false, true, true, false));
    }
}
