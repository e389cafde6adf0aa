//! How a list is ordered, and which part of it is told.

use std::cmp::Ordering;

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use super::Fact;
use crate::exit::usage;

/// What every list takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Order and part of the list")]
pub struct Arrangement {
    /// Order by this column, by its name in JSON: numbers by their size, what there is not last
    #[arg(long, value_name = "COLUMN")]
    sort: Option<String>,
    /// Turn the order round
    #[arg(long)]
    reverse: bool,
    /// Tell so many rows at most
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Leave out so many rows at the beginning
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    skip: usize,
}

impl Arrangement {
    /// Refuses to order by a column that the list has not: for before a server is asked.
    ///
    /// # Errors
    /// Wrong usage, with the columns that there are.
    pub fn check(&self, columns: &[&str]) -> Result<()> {
        self.column(columns).map(|_| ())
    }

    fn column(&self, columns: &[&str]) -> Result<Option<usize>> {
        let Some(name) = &self.sort else { return Ok(None) };
        let found = columns.iter().position(|column| column == name);
        let named =
            || format!("--sort: `{name}` is no column of this list: {}", columns.join(", "));
        found.map(Some).ok_or_else(|| usage(named()))
    }

    /// Orders the rows, and leaves those that are to be told.
    ///
    /// # Errors
    /// As [`Arrangement::check`].
    pub(super) fn arrange<const N: usize>(
        &self,
        columns: &[&str; N],
        mut rows: Vec<[Fact; N]>,
    ) -> Result<Vec<[Fact; N]>> {
        if let Some(column) = self.column(columns)? {
            // Rows that are alike stay as they were, turned round or not.
            rows.sort_by(|one, other| match (one.get(column), other.get(column)) {
                (Some(one), Some(other)) => order(&one.json, &other.json, self.reverse),
                _ => Ordering::Equal,
            });
        } else if self.reverse {
            rows.reverse();
        }
        let limit = self.limit.unwrap_or(usize::MAX);
        Ok(rows.into_iter().skip(self.skip).take(limit).collect())
    }
}

/// Numbers by their size, texts by their letters, no before yes; what there is not comes last, either way round.
fn order(one: &Value, other: &Value, reverse: bool) -> Ordering {
    let turned = |order: Ordering| if reverse { order.reverse() } else { order };
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Number(one), Value::Number(other)) => {
            // All of the numbers are integers of at most 64 bits.
            turned(one.as_i128().cmp(&other.as_i128()))
        }
        (Value::Bool(one), Value::Bool(other)) => turned(one.cmp(other)),
        (Value::String(one), Value::String(other)) => turned(one.cmp(other)),
        (one, other) => turned(one.to_string().cmp(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Report;
    use flashback_core::units::Gib;
    use serde_json::json;

    const COLUMNS: [&str; 3] = ["name", "size", "open"];

    fn names(arrangement: &Arrangement) -> (Vec<String>, Value) {
        let row = |name: &str, size: Option<u64>, open: bool| {
            [Fact::from(name), size.map(Gib).into(), open.into()]
        };
        let rows = vec![
            row("b", Some(10), true),
            row("d", Some(9), false),
            row("a", None, true),
            row("c", Some(1_024), false),
        ];
        let json = Report::new("units").list("units", COLUMNS, rows, arrangement).unwrap().json();
        let rows = json["units"].as_array().unwrap();
        let names = rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
        (names, json["total"].clone())
    }

    fn by(sort: &str, reverse: bool) -> Arrangement {
        Arrangement { sort: Some(sort.to_owned()), reverse, ..Arrangement::default() }
    }

    #[test]
    fn numbers_are_ordered_as_numbers_and_gaps_come_last() {
        assert_eq!(names(&by("size", false)).0, ["d", "b", "c", "a"]);
        assert_eq!(names(&by("size", true)).0, ["c", "b", "d", "a"]);
        assert_eq!(names(&by("name", false)).0, ["a", "b", "c", "d"]);
        // Those that are alike stay as they were.
        assert_eq!(names(&by("open", false)).0, ["d", "c", "b", "a"]);
        assert_eq!(names(&by("open", true)).0, ["b", "a", "d", "c"]);
        let largest = [json!(u64::MAX), json!(u64::MAX - 1), json!(-1)];
        assert_eq!(order(&largest[0], &largest[1], false), Ordering::Greater);
        assert_eq!(order(&largest[2], &largest[1], false), Ordering::Less);
    }

    #[test]
    fn a_list_is_told_page_by_page_with_its_whole_length() {
        let page = |skip, limit| names(&Arrangement { skip, limit, ..by("name", false) });
        assert_eq!(page(0, None), (["a", "b", "c", "d"].map(str::to_owned).into(), json!(4)));
        assert_eq!(page(1, Some(2)), (["b", "c"].map(str::to_owned).into(), json!(4)));
        assert_eq!(page(3, Some(2)).0, ["d"]);
        assert_eq!(page(4, Some(2)), (vec![], json!(4)));
        assert_eq!(page(0, Some(0)), (vec![], json!(4)));
        let reversed = Arrangement { reverse: true, limit: Some(1), ..Arrangement::default() };
        assert_eq!(names(&reversed).0, ["c"], "the order of before, turned round");
        assert_eq!(names(&Arrangement::default()).0, ["b", "d", "a", "c"]);
    }

    #[test]
    fn a_column_that_is_not_there_is_refused_with_those_that_are() {
        let refused = by("price", false).check(&COLUMNS).unwrap_err();
        assert!(crate::exit::is_usage(&refused), "{refused}");
        let said = refused.to_string();
        assert!(said.contains("`price`") && said.contains("name, size, open"), "{said}");
        by("open", false).check(&COLUMNS).unwrap();
    }
}
