//! The demo's report: tables for people, a line for programs.

use comfy_table::{Cell, CellAlignment, Table, presets};
use flashback_core::reputation::SCORE_START_MILLI;
use flashback_core::units::ATOMS_PER_FLASH;
use serde::Serialize;

use super::ledger::{Ledger, Row, Ruled, SlaRow, Standing, Voided};
use super::scenario::PROVIDERS;

/// Everything that `--json` prints, in one line. Amounts are atoms (10⁻⁶ FLASH).
#[derive(Serialize)]
pub struct Summary<'a> {
    /// The program's address.
    pub program: String,
    /// The first SLA's address.
    pub sla: String,
    /// Every SLA's address, by number.
    pub addresses: Vec<String>,
    /// Figures by party and SLA, read from the chain.
    #[serde(flatten)]
    pub ledger: &'a Ledger,
    /// The sum of every column.
    pub total: Row,
    /// Whether the same scenario, computed by core alone, gave the same figures.
    pub matches_core: bool,
    /// Whether the chain said that every vault holds what is owed.
    pub solvent: bool,
    /// Transactions sent.
    pub transactions: usize,
    /// Seconds from the chain's start to the last check.
    pub seconds: f64,
}

/// FLASH with all six decimals; a dot for nothing.
fn flash(atoms: i128) -> String {
    if atoms == 0 {
        return "·".to_owned();
    }
    let unit = u128::from(ATOMS_PER_FLASH);
    let sign = if atoms < 0 { "-" } else { "" };
    let size = atoms.unsigned_abs();
    format!("{sign}{}.{:06}", size / unit, size % unit)
}

/// FLASH without decimals, if there are none to show.
fn whole(atoms: i128) -> String {
    let unit = i128::from(ATOMS_PER_FLASH);
    if atoms != 0 && atoms % unit == 0 { (atoms / unit).to_string() } else { flash(atoms) }
}

fn count(windows: u16) -> String {
    if windows == 0 { "·".to_owned() } else { windows.to_string() }
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    let mut header = header.into_iter();
    let first = header.next().map(Cell::new);
    table.set_header(first.into_iter().chain(header.map(|name| right(name.to_owned()))));
    table
}

fn printed(mut table: Table) -> String {
    // The columns are a space apart without any padding.
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((u16::from(index == 0), u16::from(index == last)));
    }
    table.to_string()
}

fn cells(name: &str, row: &Row) -> Vec<Cell> {
    let [before, rest @ ..] = row.figures();
    let name = Cell::new(name);
    [name, right(whole(before))].into_iter().chain(rest.map(|atoms| right(flash(atoms)))).collect()
}

/// The table of parties, in FLASH, with the sum line.
pub fn parties(ledger: &Ledger) -> String {
    let mut table = table([
        "FLASH",
        "before",
        "deposited",
        "bonds",
        "paid",
        "refunded",
        "slashed",
        "fees",
        "after",
    ]);
    for party in Ledger::order() {
        if let Some(row) = ledger.parties.get(party) {
            table.add_row(cells(party, row));
        }
    }
    table.add_row(cells("sum", &ledger.total()));
    printed(table)
}

/// The table of SLAs: who kept its promise.
pub fn slas(ledger: &Ledger) -> String {
    let mut table = table([
        "SLA at",
        "days",
        "met",
        "breached",
        "unmeasured",
        "blocked",
        "price",
        "paid",
        "penalty",
        "at most",
    ]);
    for (index, sla) in ledger.slas.iter().enumerate() {
        let SlaRow { provider, windows, reserved, price, paid, penalty, cover, .. } = sla;
        let renewed = ledger.slas[..index].iter().any(|earlier| earlier.provider == *provider);
        let name = if renewed { format!("{provider} again") } else { provider.clone() };
        let days = format!("{} of {reserved}", windows.iter().sum::<u16>());
        let amounts = [price, paid, penalty, cover].map(|atoms| right(flash(i128::from(*atoms))));
        let counts = windows.map(|windows| right(count(windows)));
        let head = [Cell::new(name), right(days)];
        table.add_row(head.into_iter().chain(counts).chain(amounts).collect::<Vec<_>>());
    }
    printed(table)
}

/// Who was good, who was caught, and what the dispute changed.
pub fn findings(ledger: &Ledger) -> String {
    let points = |milli: u32| milli / 1_000;
    let scores = PROVIDERS.iter().filter_map(|provider| {
        let score = ledger.scores_milli.get(*provider)?;
        Some(format!("{provider} {}", points(*score)))
    });
    let start = points(SCORE_START_MILLI);
    let mut lines =
        vec![format!("Scores, from {start}: {}.", scores.collect::<Vec<_>>().join(", "))];
    lines.extend(ledger.voided.iter().map(caught));
    lines.extend(ledger.ruled.iter().map(ruled));
    lines.join("\n")
}

fn caught(voided: &Voided) -> String {
    let Voided { oracle, provider, window, proven, slashed, .. } = voided;
    let how = if *proven { "lied about" } else { "had no records of" };
    let (day, slashed) = (window + 1, flash(*slashed));
    format!(
        "Caught: {oracle} {how} day {day} at {provider}: {slashed} slashed, half to the auditor."
    )
}

fn ruled(ruled: &Ruled) -> String {
    let standing = |Standing { result, penalty }: &Standing| match penalty {
        0 => (*result).to_owned(),
        penalty => format!("{result} (penalty {})", flash(i128::from(*penalty))),
    };
    let Ruled { provider, window, left_out, reported, settled } = ruled;
    let (day, reported, settled) = (window + 1, standing(reported), standing(settled));
    format!(
        "Dispute: {provider}'s day {day} was {reported}; without {left_out}'s report it is {settled}."
    )
}

/// The report's last sentences.
pub fn conclusion(ledger: &Ledger, solvent: bool, matches_core: bool) -> String {
    let [met, breached, unmeasured, blocked] = ledger.windows;
    let total = ledger.total();
    let kept =
        if total.before == total.after { "none was made or lost" } else { "THIS DOES NOT BALANCE" };
    format!(
        "Windows: {met} met, {breached} breached, {unmeasured} unmeasured, {blocked} blocked.\n\
         Conservation: {} FLASH before, {} after; {kept}.\n\
         The chain says its vaults are solvent: {}.\n\
         Core alone, from the scenario's inputs, gives the same figures: {}.",
        flash(total.before),
        flash(total.after),
        yes(solvent),
        yes(matches_core),
    )
}

fn yes(answer: bool) -> &'static str {
    if answer { "yes" } else { "NO" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        assert_eq!(flash(0), "·");
        assert_eq!(flash(-1), "-0.000001");
        assert_eq!(flash(10_000_000_000), "10000.000000");
        assert_eq!(whole(10_000_000_000), "10000");
        assert_eq!(whole(10_000_000_001), "10000.000001");
    }

    #[test]
    fn everything_fits_100_columns() {
        let ledger = crate::demo::expected::tests::run();
        let texts =
            [slas(&ledger), parties(&ledger), findings(&ledger), conclusion(&ledger, true, true)];
        for text in texts {
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        }
    }

    #[test]
    fn the_findings_name_who_was_caught_and_what_the_dispute_changed() {
        let found = findings(&crate::demo::expected::tests::run());
        let lines: Vec<_> = found.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "Scores, from 50: provider-good 92, provider-fair 54, provider-bad 42.",
                "Caught: oracle-3 lied about day 5 at provider-good: 2.047998 slashed, half to the auditor.",
                "Caught: oracle-4 had no records of day 5 at provider-fair: 2.047998 slashed, half to the auditor.",
            ]
        );
        assert!(lines[3].ends_with("without oracle-3's report it is met."), "{found}");
    }
}
