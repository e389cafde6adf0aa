//! What a simulation answers.

use anyhow::Result;
use flashback_core::committee::UNMEASURED_END;
use flashback_core::sla::{SlaState, WindowResult};
use flashback_core::units::{Atoms, Gib, Seconds};

use super::simulation::{Settled, Simulation, Totals};
use crate::command::sla::show;
use crate::output::{Fact, Report};

/// The terms, each window's outcome, and everybody's money.
pub fn report(simulation: &Simulation) -> Result<Report> {
    let (body, quote) = (&simulation.body, &simulation.quote);
    let (terms, progress) = (&body.terms, &body.progress);
    let ended = progress.state()? == SlaState::Ended;
    let early = ended && progress.cursor < terms.windows;
    let cover_left = Atoms(terms.cover).minus(Atoms(body.money.penalty_total))?;
    let returned = simulation.windows.last().map(|last| last.outcome.returned);
    let report = Report::new(title(ended, early))
        .fact("state", show::standing(body))
        .fact("ended_early", early)
        .fact("size", Gib(terms.gib))
        .fact("window_length", Seconds(terms.window_secs))
        .fact("windows", u64::from(terms.windows))
        .fact("windows_settled", u64::from(progress.cursor))
        .fact("windows_not_reached", u64::try_from(simulation.not_reached)?)
        .fact("met", u64::from(progress.met))
        .fact("breached", u64::from(progress.breached))
        .fact("unmeasured", u64::from(progress.unmeasured))
        .fact("blocked", u64::from(progress.blocked))
        .fact("seats", u64::from(terms.seats))
        .fact("probes_per_window", u64::from(terms.probes))
        .fact("price", Atoms(terms.price))
        .fact("oracle_fees_at_most", quote.fee_reserve)
        .fact("deposit", quote.deposit)
        .fact("returned_at_end", returned.unwrap_or_default())
        .fact("seat_cover", quote.seat_cover.total()?)
        .fact("provider_cover", Atoms(terms.cover))
        .fact("cover_left", cover_left)
        .fact("unit_points", Fact::points(progress.points_milli));
    let report = outcomes(report, &simulation.windows);
    totals(oracles(report, simulation)?, &simulation.totals)
}

fn title(ended: bool, early: bool) -> String {
    match (ended, early) {
        (false, _) => "simulated: the SLA goes on".to_owned(),
        (true, false) => "simulated: the whole SLA".to_owned(),
        (true, true) => {
            format!(
                "simulated: the SLA ends early, with {UNMEASURED_END} unmeasured windows in a row"
            )
        }
    }
}

fn outcomes(report: Report, windows: &[Settled]) -> Report {
    let columns = [
        "window",
        "window_result",
        "shortfall_ppm",
        "due",
        "paid",
        "refunded",
        "penalty",
        "oracle_fees",
        "protocol_fees",
        "absences",
    ];
    let row = |settled: &Settled| {
        let outcome = &settled.outcome;
        let (result, measured) = match outcome.result {
            WindowResult::Met => ("met", true),
            WindowResult::Breached => ("breached", true),
            WindowResult::Unmeasured => ("unmeasured", false),
            WindowResult::Blocked => ("blocked", false),
        };
        [
            u64::from(outcome.window).into(),
            result.into(),
            measured.then_some(u64::from(outcome.shortfall.0)).into(),
            outcome.due.into(),
            outcome.paid.into(),
            outcome.refunded.into(),
            outcome.penalty.into(),
            settled.oracle_fees.into(),
            outcome.protocol_fee.into(),
            outcome.absence.into(),
        ]
    };
    report.table("outcomes", columns, windows.iter().map(row).collect())
}

fn oracles(report: Report, simulation: &Simulation) -> Result<Report> {
    let body = &simulation.body;
    let seats = &body.seats;
    let figures = seats.fees.iter().zip(&seats.absence_owed).zip(&seats.points);
    let rows = (0u64..).zip(figures).take(body.seat_indices()?.len());
    let rows = rows.map(|(seat, ((fees, absences), points))| {
        let milli = i32::from(*points).saturating_mul(1_000);
        [seat.into(), Atoms(*fees).into(), Atoms(*absences).into(), Fact::points(milli)]
    });
    Ok(report.table("oracles", ["seat", "oracle_fees", "absences", "points"], rows.collect()))
}

fn totals(report: Report, totals: &Totals) -> Result<Report> {
    let slashed = totals.penalties.plus(totals.absences)?;
    let none = Atoms::ZERO;
    let rows = [
        ("consumer", totals.deposit, none, totals.consumer),
        ("provider", none, totals.penalties, totals.provider),
        ("oracles", none, totals.absences, totals.oracles),
        ("treasury", none, none, totals.treasury),
        ("burnt", none, none, totals.burnt),
        ("escrow", none, none, totals.escrow),
        ("total", totals.deposit, slashed, totals.paid_out()?),
    ];
    let rows = rows.map(|(party, deposited, slashed, received)| {
        [party.into(), deposited.into(), slashed.into(), received.into()]
    });
    Ok(report.table("totals", ["party", "deposited", "slashed", "received"], rows.into()))
}
