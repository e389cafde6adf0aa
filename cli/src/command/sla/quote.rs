//! `flashback sla quote`.

use anyhow::Result;
use flashback_core::sla::{Payout, Payouts};
use flashback_sdk::Flashback;

use super::wanted::Wanted;
use crate::command::unit::promises;
use crate::output::{Fact, Report};

pub async fn quote(client: &Flashback, wanted: &Wanted) -> Result<Report> {
    let offered = wanted.offered(client).await?;
    let payouts = client.payouts(&wanted.provider, wanted.unit, &offered.quoted).await?;
    let terms = &offered.quoted.quote.terms;
    let seat_cover = offered.quoted.quote.seat_cover.total().map_err(flashback_sdk::Error::from)?;
    let report = Report::new("quote")
        .fact("provider_authority", wanted.provider)
        .fact("unit_number", wanted.unit)
        .fact("free_capacity", offered.unit.capacity().free())
        .fact("agreed_at_once", offered.at_once);
    let report = promises(report, &terms.thresholds());
    let report =
        offered.facts()?.into_iter().fold(report, |report, (key, fact)| report.fact(key, fact));
    Ok(outcomes(
        report.fact("probes_per_window", u64::from(terms.probes)).fact("seat_cover", seat_cover),
        &payouts,
    ))
}

/// Adds who gets what if all goes well, as the unit's score suggests, and if nothing does.
fn outcomes(report: Report, payouts: &Payouts) -> Report {
    let row = |name: &str, payout: &Payout| {
        [
            Fact::from(name),
            payout.provider_earns.into(),
            payout.consumer_refund.into(),
            payout.consumer_compensation.into(),
            payout.penalty.into(),
            payout.oracle_fees.into(),
            payout.protocol_fees.into(),
            payout.burnt.into(),
        ]
    };
    let columns = [
        "outcome",
        "provider_earns",
        "consumer_refund",
        "consumer_compensation",
        "penalty",
        "oracle_fees",
        "protocol_fees",
        "burnt",
    ];
    let rows = vec![
        row("best", &payouts.best),
        row("expected", &payouts.expected),
        row("worst", &payouts.worst),
    ];
    report.table("payouts", columns, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::params::Params;
    use flashback_core::sla::{Quote, Request};
    use flashback_core::units::Seconds;

    #[test]
    fn every_outcome_is_a_row_that_adds_up_to_the_deposit() {
        let offer = flashback_localnet::default_offer();
        let request = Request {
            gib: 1_024,
            max_total: u64::MAX,
            offer_version: offer.version,
            window_secs: 86_400,
            windows: 10,
            seats: 3,
            thresholds: offer.thresholds,
        };
        let quote = Quote::new(&Params::default(), &offer, &request, Seconds(3_600)).unwrap();
        let json = outcomes(Report::new("quote"), &quote.payouts(90_000).unwrap()).json();
        let rows = json["payouts"].as_array().unwrap();
        let names: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
        assert_eq!(names, ["best", "expected", "worst"]);
        for row in rows {
            let paid = ["provider_earns", "consumer_refund", "oracle_fees", "protocol_fees"];
            let sum: u64 = paid.iter().map(|key| row[*key].as_u64().unwrap()).sum();
            assert_eq!(sum, quote.deposit.0, "{row}");
        }
        assert_eq!(rows[0]["penalty"], 0);
        assert_eq!(rows[2]["penalty"], quote.terms.cover);
        assert_eq!(rows[2]["provider_earns"], 0);
    }
}
