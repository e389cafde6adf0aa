//! The demo's report: a table for people, a line for programs.

use comfy_table::{Cell, CellAlignment, Table, presets};
use flashback_core::units::ATOMS_PER_FLASH;
use serde::Serialize;

use super::ledger::{Ledger, Row};

/// Everything that `--json` prints, in one line. Amounts are atoms (10⁻⁶ FLASH).
#[derive(Serialize)]
pub struct Summary<'a> {
    /// The program's address.
    pub program: String,
    /// The SLA's address.
    pub sla: String,
    /// Figures by party, read from the chain.
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

fn cells(name: &str, row: &Row) -> Vec<Cell> {
    let figures =
        [row.before, row.deposited, row.paid, row.refunded, row.slashed, row.fees, row.after];
    std::iter::once(Cell::new(name))
        .chain(
            figures
                .into_iter()
                .map(|atoms| Cell::new(flash(atoms)).set_alignment(CellAlignment::Right)),
        )
        .collect()
}

/// The table of parties, in FLASH, with the sum line.
pub fn table(ledger: &Ledger, order: &[&str]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header([
        "FLASH",
        "before",
        "deposited",
        "paid",
        "refunded",
        "slashed",
        "fees",
        "after",
    ]);
    for party in order {
        if let Some(row) = ledger.parties.get(*party) {
            table.add_row(cells(party, row));
        }
    }
    table.add_row(cells("sum", &ledger.total()));
    table.to_string()
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
    }
}
