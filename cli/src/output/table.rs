//! Rows of facts: a table where the terminal is wide enough for it, an array of objects in JSON.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Table as Layout, Width, presets,
};
use serde_json::{Map, Value};

use super::{Fact, Names};

/// Columns by which a report is indented.
const INDENT: u16 = 2;
/// Blanks beside a column, both sides together.
const PADDING: u16 = 2;

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

    /// The same with their names behind addresses.
    pub(super) fn shown(&self, names: &Names) -> Self {
        let row = |row: &Vec<Fact>| row.iter().map(|fact| names.shown(fact)).collect();
        let rows = self.rows.iter().map(row).collect();
        Self { name: self.name, columns: self.columns.clone(), rows }
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

    /// For people: columns where the terminal is wide enough, and where there is none; else a row below the other.
    pub(super) fn text(&self) -> String {
        self.fitted(Layout::new().width())
    }

    fn fitted(&self, terminal: Option<u16>) -> String {
        let heading = self.name.replace('_', " ");
        if self.rows.is_empty() {
            return format!("  {heading}: none\n");
        }
        let widths: Vec<u16> =
            (0..self.columns.len()).map(|column| self.narrowest(column)).collect();
        let needed = widths
            .iter()
            .fold(INDENT, |sum, width| sum.saturating_add(*width).saturating_add(PADDING));
        let fits = terminal.is_none_or(|width| needed <= width);
        let rows = if fits { self.in_columns(terminal, &widths) } else { self.in_records() };
        format!("  {heading}\n{rows}")
    }

    fn in_columns(&self, terminal: Option<u16>, widths: &[u16]) -> String {
        let columns = 0..self.columns.len();
        let headings = columns.clone().map(|column| match self.unit(column) {
            Some(unit) => format!("{}\n{unit}", self.label(column)),
            None => self.label(column),
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
            layout.add_row(columns.clone().zip(row).map(|(column, fact)| self.cell(column, fact)));
        }
        for ((index, column), width) in layout.column_iter_mut().enumerate().zip(widths) {
            let least = Width::Fixed(width.saturating_add(PADDING));
            column.set_constraint(ColumnConstraint::LowerBoundary(least));
            if self.is_quantity(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        layout.lines().map(|line| format!("  {}\n", line.trim_end())).collect()
    }

    fn in_records(&self) -> String {
        let labels = (0..self.columns.len()).map(|column| self.label(column).len());
        let width = labels.max().unwrap_or(0);
        let record = |row: &Vec<Fact>| {
            let lines = row
                .iter()
                .enumerate()
                .map(|(column, fact)| format!("   {:width$}  {}\n", self.label(column), fact.text));
            lines.collect::<String>()
        };
        self.rows.iter().map(record).collect::<Vec<_>>().join("\n")
    }

    fn label(&self, column: usize) -> String {
        self.columns.get(column).map(|key| key.replace('_', " ")).unwrap_or_default()
    }

    /// A cell, without the unit that the heading says.
    fn cell<'a>(&self, column: usize, fact: &'a Fact) -> &'a str {
        let number = self.unit(column).and_then(|unit| fact.text.strip_suffix(unit));
        number.map_or(fact.text.as_str(), str::trim_end)
    }

    /// How narrow a column can be without breaking a word or a number.
    fn narrowest(&self, column: usize) -> u16 {
        let label = self.label(column);
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        let words = cells.map(|fact| self.cell(column, fact)).flat_map(str::split_whitespace);
        let words = words.chain(label.split_whitespace()).chain(self.unit(column));
        let longest = words.map(|word| word.chars().count()).max().unwrap_or(0);
        u16::try_from(longest).unwrap_or(u16::MAX)
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
        assert_eq!(units().fitted(None), expected);
    }

    #[test]
    fn only_a_unit_that_all_numbers_share_moves_into_the_heading() {
        use flashback_core::units::Seconds;
        let row = |size, length| [Fact::from(Gib(size)), Seconds(length).into()];
        let mixed =
            Table::new("mixed", ["size", "length"], vec![row(1, 90_000), row(1024, 90_000)]);
        let text = mixed.fitted(None);
        for whole in ["1 GiB", "1 TiB", "1d 1h"] {
            assert!(text.contains(whole), "{whole} in {text}");
        }
    }

    #[test]
    fn it_fits_the_terminal_without_breaking_a_word() {
        for width in 27..60 {
            let text = units().fitted(Some(width));
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{text}");
            for word in ["second", "capacity", "0.02", "FLASH"] {
                assert!(text.contains(word), "{word} in {text}");
            }
        }
        let expected = [
            "  units",
            "   name           first",
            "   free capacity  2 TiB",
            "   price          0.02 FLASH",
            "",
            "   name           second with a long name",
            "   free capacity  7 GiB",
            "   price          -",
            "",
        ];
        assert_eq!(units().fitted(Some(26)), expected.join("\n"));
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
