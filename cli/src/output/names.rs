//! The names that somebody has given to addresses, shown beside them to people. Programs get the addresses alone.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use super::{Fact, printable};

/// Set once, before anything is printed.
static NAMES: OnceLock<Names> = OnceLock::new();

/// Names by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Of aliases: addresses by name. Of several for one address it takes the first in the alphabet.
    pub fn new<'a>(aliases: impl IntoIterator<Item = (&'a String, &'a String)>) -> Self {
        let mut names = BTreeMap::new();
        for (name, address) in aliases {
            names.entry(address.clone()).or_insert_with(|| printable(name));
        }
        Self(names)
    }

    /// Has all that is printed from now on show them.
    pub fn set(self) {
        // Only `main` sets them, once.
        let _ = NAMES.set(self);
    }

    /// Those that were set.
    pub(super) fn get() -> &'static Self {
        static NONE: Names = Names(BTreeMap::new());
        NAMES.get().unwrap_or(&NONE)
    }

    /// What people read of a fact: its text, with their names behind addresses, be it one or several.
    pub(super) fn shown(&self, fact: &Fact) -> Fact {
        let text = match &fact.json {
            Value::String(address) if fact.text == *address => self.beside(address),
            Value::Array(all) if all.iter().all(Value::is_string) => {
                let addresses = all.iter().filter_map(Value::as_str);
                addresses.map(|address| self.beside(address)).collect::<Vec<_>>().join(", ")
            }
            _ => fact.text.clone(),
        };
        Fact { text, json: fact.json.clone() }
    }

    fn beside(&self, address: &str) -> String {
        match self.0.get(address) {
            Some(name) => format!("{address} ({name})"),
            None => address.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Report;
    use solana_sdk::pubkey::Pubkey;

    fn names(named: &[(&str, Pubkey)]) -> Names {
        let aliases: BTreeMap<String, String> =
            named.iter().map(|(name, key)| ((*name).to_owned(), key.to_string())).collect();
        Names::new(&aliases)
    }

    #[test]
    fn an_address_with_a_name_is_shown_with_it_in_facts_and_tables_but_not_in_json() {
        let [shop, other] = [(); 2].map(|()| Pubkey::new_unique());
        let report = Report::new("found")
            .fact("consumer", shop)
            .fact("committee", vec![other, shop])
            .table("slas", ["provider"], vec![[shop.into()], [other.into()]]);
        let shown = report.text_with(&names(&[("shop", shop)]));
        let width = 14;
        for line in [
            format!("  consumer{:1$}{shop} (shop)\n", "", width - 8),
            format!("  committee{:1$}{other}, {shop} (shop)\n", "", width - 9),
            format!("   {shop} (shop)\n   {other}\n"),
        ] {
            assert!(shown.contains(&line), "`{line}` in {shown}");
        }
        assert_eq!(report.json()["consumer"], shop.to_string());
        assert!(!report.text_with(&names(&[])).contains('('));
    }

    #[test]
    fn a_name_steers_no_terminal_and_the_first_of_several_is_taken() {
        let key = Pubkey::new_unique();
        let shown = |named: &[(&str, Pubkey)]| names(named).shown(&key.into()).to_string();
        assert_eq!(shown(&[("b", key), ("a", key)]), format!("{key} (a)"));
        assert_eq!(shown(&[("a\u{1b}[2J", key)]), format!(r"{key} (a\u{{1b}}[2J)"));
    }
}
