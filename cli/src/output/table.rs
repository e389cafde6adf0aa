//! Rows of facts: a table that fits the terminal, an array of objects in JSON.

use comfy_table::{CellAlignment, ContentArrangement, Table as Layout, presets};
use serde_json::{Map, Value};

use super::Fact;

/// Columns by which a report is indented.
const INDENT: u16 = 2;

/// Rows under a name; a column's key is its JSON name, and with spaces for underscores its heading.
pub struct Table {
    pub(super) name: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Fact>>,
}

impl Table {
    pub(super) fn new<const N: usize>(
        name: &'static str,
        columns: [&'static str; N],
        rows: Vec<[Fact; N]>,
    ) -> Self {
        Self { name, columns: columns.into(), rows: rows.into_iter().map(Vec::from).collect() }
    }

    /// As one object for each row.
    pub(super) fn json(&self) -> Value {
        let row = |row: &Vec<Fact>| {
            let fields = self.columns.iter().zip(row);
            let fields = fields.map(|(column, fact)| ((*column).to_owned(), fact.json.clone()));
            Value::Object(fields.collect::<Map<_, _>>())
        };
        self.rows.iter().map(row).collect()
    }

    /// For people: as wide as the terminal at most, and as wide as need be where there is none.
    pub(super) fn text(&self) -> String {
        self.laid_out(Layout::new().width())
    }

    fn laid_out(&self, terminal: Option<u16>) -> String {
        let heading = self.name.replace('_', " ");
        if self.rows.is_empty() {
            return format!("  {heading}: none\n");
        }
        let units: Vec<Option<&str>> =
            (0..self.columns.len()).map(|column| self.unit(column)).collect();
        let headings = self.columns.iter().zip(&units).map(|(column, unit)| {
            let heading = column.replace('_', " ");
            unit.map_or(heading.clone(), |unit| format!("{heading}\n{unit}"))
        });
        let mut layout = Layout::new();
        layout
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(headings);
        if let Some(width) = terminal {
            layout.set_width(width.saturating_sub(INDENT));
        }
        for row in &self.rows {
            layout.add_row(row.iter().zip(&units).map(|(fact, unit)| {
                let number = unit.and_then(|unit| fact.text.strip_suffix(unit));
                number.map_or(fact.text.as_str(), str::trim_end)
            }));
        }
        for (index, column) in layout.column_iter_mut().enumerate() {
            if self.is_quantity(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines = layout.lines().map(|line| format!("  {}\n", line.trim_end()));
        format!("  {heading}\n{}", lines.collect::<String>())
    }

    /// The one unit of all of a column's numbers, which its heading says instead of every cell.
    fn unit(&self, column: usize) -> Option<&str> {
        let facts = self.rows.iter().filter_map(|row| row.get(column));
        let mut units = facts.filter(|fact| !fact.json.is_null()).map(|fact| {
            let (number, unit) = fact.text.split_once(' ')?;
            number.parse::<f64>().is_ok().then_some(unit)
        });
        let first = units.next()??;
        units.all(|unit| unit == Some(first)).then_some(first)
    }

    /// Whether a column has numbers, and nothing else but gaps.
    fn is_quantity(&self, column: usize) -> bool {
        let mut values = self.rows.iter().filter_map(|row| row.get(column)).map(|fact| &fact.json);
        values.clone().any(Value::is_number)
            && values.all(|json| json.is_number() || json.is_null())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Report;
    use flashback_core::units::{Atoms, Gib};
    use serde_json::json;

    fn units() -> Table {
        let row = |name: &str, size, price: Option<Atoms>| {
            [Fact::from(name), Gib(size).into(), price.into()]
        };
        let rows =
            vec![row("first", 2048, Some(Atoms(20_000))), row("second with a long name", 7, None)];
        Table::new("units", ["name", "free_capacity", "price"], rows)
    }

    #[test]
    fn numbers_are_aligned_and_gaps_are_shown() {
        let expected = [
            "  units",
            "   name                     free capacity  price",
            "                                           FLASH",
            "   first                            2 TiB   0.02",
            "   second with a long name          7 GiB      -",
            "",
        ]
        .join("\n");
        assert_eq!(units().laid_out(None), expected);
    }

    #[test]
    fn only_a_unit_that_all_numbers_share_moves_into_the_heading() {
        use flashback_core::units::Seconds;
        let row = |size, length| [Fact::from(Gib(size)), Seconds(length).into()];
        let mixed =
            Table::new("mixed", ["size", "length"], vec![row(1, 90_000), row(1024, 90_000)]);
        let text = mixed.laid_out(None);
        for whole in ["1 GiB", "1 TiB", "1d 1h"] {
            assert!(text.contains(whole), "{whole} in {text}");
        }
    }

    #[test]
    fn it_fits_the_terminal() {
        let narrow = units().laid_out(Some(40));
        assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
        for word in ["second", "long", "2 TiB", "FLASH"] {
            assert!(narrow.contains(word), "{word} in {narrow}");
        }
    }

    #[test]
    fn rows_become_objects() {
        let expected = json!([
            { "name": "first", "free_capacity": 2048, "price": 20_000 },
            { "name": "second with a long name", "free_capacity": 7, "price": null },
        ]);
        assert_eq!(units().json(), expected);
    }

    #[test]
    fn a_report_holds_several_tables_and_says_which_are_empty() {
        let report = Report::new("found")
            .table("units", ["name"], vec![[Fact::from("one")]])
            .table("open_slas", ["sla"], vec![]);
        assert_eq!(report.text(), "found\n  units\n   name\n   one\n  open slas: none\n");
        assert_eq!(
            report.json(),
            json!({ "result": "found", "units": [{ "name": "one" }], "open_slas": [] })
        );
    }
}
