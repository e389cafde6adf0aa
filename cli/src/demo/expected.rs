//! The demo computed by core alone, from the scenario's inputs and never from chain state.

use anyhow::Result;
use flashback_core::hash::SoftwareSha256;
use flashback_core::sla::{Quote, SlaState, commitment};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Seconds, Timestamp};

use super::ledger::{BURNT, CONSUMER, Ledger, TREASURY};
use super::scenario::{self, FUNDS, ORACLES, PROVIDERS, STAKE};

/// The figures that the scenario must come to. `seats` names the oracle of each seat.
pub fn ledger(seats: &[&str], window_min: Seconds) -> Result<Ledger> {
    let quote =
        Quote::new(&scenario::params(), &scenario::offer(), &scenario::request(), window_min)?;
    let mut sla = quote.agreed(0);
    sla.seat(Timestamp(0))?;
    let mut ledger = Ledger::default();
    ledger.row(CONSUMER).before = i128::from(FUNDS.0);
    ledger.row(TREASURY);
    ledger.row(BURNT);
    for party in PROVIDERS.iter().chain(&ORACLES) {
        ledger.row(party).before = i128::from(STAKE.0);
    }
    let bonded = Stake { bonded: STAKE.0, ..Stake::default() };
    let mut provider = bonded;
    provider.cover(Atoms(quote.terms.cover))?;
    ledger.row(CONSUMER).deposited -= i128::from(quote.deposit.0);

    for k in 0..scenario::WINDOWS {
        let now = sla.terms.report_opens(k)?;
        for seat in 0..seats.len() {
            if let Some(aggregate) = scenario::measured(k, seat) {
                let commitment = commitment::<SoftwareSha256>(&aggregate, &[0; 32]);
                sla.submit(seat, k, &aggregate, commitment, now)?;
            }
        }
        while sla.settle_next(sla.terms.settles_at(k)?)?.is_some() {}
    }
    anyhow::ensure!(sla.progress.state()? == SlaState::Ended, "the scenario ends its SLA");

    let penalty = sla.collect_penalty(&mut provider)?;
    ledger.row(PROVIDERS[0]).slashed -= i128::from(penalty.amount.0);
    let mut compensation = penalty.consumer;
    for (seat, name) in seats.iter().enumerate() {
        let mut oracle = bonded;
        oracle.cover(quote.seat_cover.total()?)?;
        if sla.seats.absence_owed[seat] > 0 {
            let absence = sla.collect_absence(seat, &mut oracle)?;
            ledger.row(name).slashed -= i128::from(absence.amount.0);
            compensation = compensation.plus(absence.consumer)?;
        }
        ledger.row(name).fees += i128::from(sla.take_oracle_fees(seat)?.0);
    }
    let refund = sla.take_refund()?.minus(compensation)?;
    ledger.row(CONSUMER).refunded += i128::from(refund.0);
    ledger.row(CONSUMER).slashed += i128::from(compensation.0);
    ledger.row(PROVIDERS[0]).paid += i128::from(sla.take_earnings()?.0);
    let swept = sla.take_protocol_fees()?;
    ledger.row(TREASURY).fees += i128::from(swept.fees.0);
    ledger.row(BURNT).slashed += i128::from(swept.burnt.0);
    let progress = sla.progress;
    ledger.windows = [progress.met, progress.breached, progress.unmeasured, progress.blocked];
    let released = sla.release()?;
    provider.release(released.cover)?;
    for seat in 0..seats.len() {
        sla.free_seat(seat, &bonded, Timestamp(0))?;
    }
    sla.check_closable()?;
    for row in ledger.parties.values_mut() {
        row.after = row.expected_after();
    }
    Ok(ledger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_meets_27_windows_breaches_2_and_leaves_1_unmeasured() {
        let ledger = ledger(&ORACLES[..3], Seconds(3_600)).unwrap();
        assert_eq!(ledger.windows, [27, 2, 1, 0]);
        assert_eq!(ledger.contradictions(), Vec::<String>::new());
        let total = ledger.total();
        assert_eq!(total.slashed, 0, "what is slashed goes to the consumer and the fire");
        assert_eq!(total.deposited + total.paid + total.refunded + total.fees, 0);
    }

    #[test]
    fn figures_by_hand() {
        let ledger = ledger(&ORACLES[..3], Seconds(3_600)).unwrap();
        // 20.48 FLASH over 30 windows: dues of 682,666 or 682,667 atoms. A window 8 % too slow falls short by
        // 40 % and some; one 30 % too slow wholly.
        let provider = &ledger.parties[PROVIDERS[0]];
        assert!(provider.paid > 28 * 682_666 && provider.paid < 29 * 682_667);
        // Twice the due for the second breach alone.
        assert!(-provider.slashed > 2 * 682_666 && -provider.slashed < 4 * 682_667);
        // Two silent seats share half of a due.
        let absences: i128 = ORACLES[..3].iter().map(|name| -ledger.parties[*name].slashed).sum();
        assert!((341_333..=341_334).contains(&absences), "{absences}");
        assert_eq!(ledger.parties["provider-2"].after, 2_000_000_000);
    }
}
