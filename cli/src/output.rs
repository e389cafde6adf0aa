//! What a command prints: facts and rows of facts, for people or as JSON.

mod arrangement;
pub mod described;
mod names;
mod table;

use std::io::{ErrorKind, Write};

use chrono::{DateTime, Utc};
use comfy_table::{CellAlignment, presets};
use flashback_core::quality::NOT_PROMISED;
use flashback_core::text::region_name;
use flashback_core::units::{Atoms, Gib, PPM_ONE, Seconds, Timestamp};
use flashback_sdk::Receipt;
use serde_json::{Map, Value, json};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::arguments::OutputFormat;
pub use arrangement::Arrangement;
pub use names::Names;
use table::Table;

/// Columns of the labels, at least.
const LABEL_WIDTH: usize = 12;

/// A fact's value: as people and as programs read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    text: String,
    json: Value,
}

/// The result of a command.
#[derive(Default)]
pub struct Report {
    title: String,
    signatures: Vec<String>,
    sent: Vec<String>,
    facts: Vec<(&'static str, Fact)>,
    tables: Vec<Table>,
    lines: Vec<(&'static str, Vec<String>)>,
    amounts: Vec<(&'static str, Atoms, Atoms)>,
}

impl Report {
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The same under another title.
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Adds a transaction.
    pub fn signed(mut self, receipt: &Receipt) -> Self {
        self.signatures.push(receipt.signature.to_string());
        self
    }

    /// Adds a transaction that was sent and not awaited.
    pub fn sent(mut self, signature: &Signature) -> Self {
        self.sent.push(signature.to_string());
        self
    }

    /// What was done, in words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Adds a fact; the key is its JSON name, and with spaces for underscores its label.
    pub fn fact(mut self, key: &'static str, value: impl Into<Fact>) -> Self {
        self.facts.push((key, value.into()));
        self
    }

    /// Adds a fact if there is one.
    pub fn maybe(self, key: &'static str, value: Option<impl Into<Fact>>) -> Self {
        match value {
            Some(value) => self.fact(key, value),
            None => self,
        }
    }

    /// Adds rows of facts: an array of objects in JSON, by the columns' keys. Columns of numbers are aligned right.
    pub fn table<const N: usize>(
        mut self,
        name: &'static str,
        columns: [&'static str; N],
        rows: Vec<[Fact; N]>,
    ) -> Self {
        self.tables.push(Table::new(name, columns, rows));
        self
    }

    /// Adds lines of text that others wrote: an array of strings in JSON.
    pub fn lines(mut self, name: &'static str, lines: Vec<String>) -> Self {
        self.lines.push((name, lines));
        self
    }

    /// Adds a table that is ordered as wanted, of which the wanted part is told, and how many rows there are in all.
    ///
    /// # Errors
    /// Wrong usage, if it is to be ordered by a column that it has not.
    pub fn list<const N: usize>(
        self,
        name: &'static str,
        columns: [&'static str; N],
        rows: Vec<[Fact; N]>,
        arrangement: &Arrangement,
    ) -> anyhow::Result<Self> {
        let total = u64::try_from(rows.len())?;
        let rows = arrangement.arrange(&columns, rows)?;
        Ok(self.fact("total", total).table(name, columns, rows))
    }

    /// Adds why accounts that were looked for could not be read, if there are any.
    pub fn skipped(self, errors: &[flashback_sdk::Error]) -> Self {
        if errors.is_empty() {
            return self;
        }
        let rows = errors.iter().map(|error| [Fact::untrusted(&error.to_string())]);
        self.table("skipped", ["why"], rows.collect())
    }

    /// Adds an amount before and after.
    pub fn amount(mut self, key: &'static str, before: Atoms, after: Atoms) -> Self {
        self.amounts.push((key, before, after));
        self
    }

    /// Adds what came after it, of the same matter: transactions, tables, facts that are new, and amounts, from before
    /// the first to after the last.
    pub fn then(mut self, next: Report) -> Self {
        self.signatures.extend(next.signatures);
        self.sent.extend(next.sent);
        for (key, fact) in next.facts {
            if self.facts.iter().all(|(known, _)| *known != key) {
                self.facts.push((key, fact));
            }
        }
        self.tables.extend(next.tables);
        self.lines.extend(next.lines);
        for (key, before, after) in next.amounts {
            match self.amounts.iter_mut().find(|(known, ..)| *known == key) {
                Some((_, _, last)) => *last = after,
                None => self.amounts.push((key, before, after)),
            }
        }
        self
    }

    /// Prints it to standard output. What it tells has happened: a reader that has seen enough is no error, and where it
    /// cannot be written, standard error says why, with the transactions.
    pub fn print(&self, format: OutputFormat) {
        let text = match format {
            OutputFormat::Display => self.text(),
            json => format!("{}\n", json.json_text(&self.json())),
        };
        self.write(&text, &mut std::io::stdout().lock(), &mut std::io::stderr());
        described::check(&self.json());
    }

    fn write(&self, text: &str, out: &mut impl Write, err: &mut impl Write) {
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        let Some(why) = written.err().filter(|why| why.kind() != ErrorKind::BrokenPipe) else {
            return;
        };
        let mut lines =
            format!("{}, but it cannot be written to standard output: {why}\n", self.title);
        for signature in self.signatures.iter().chain(&self.sent) {
            lines.push_str(&format!("  signature  {signature}\n"));
        }
        // There is nobody left to tell.
        let _ = err.write_all(lines.as_bytes());
    }

    /// As people read it.
    pub fn text(&self) -> String {
        self.text_with(Names::get())
    }

    fn text_with(&self, names: &Names) -> String {
        let width = self.facts.iter().map(|(key, _)| key.len()).max().unwrap_or(0).max(LABEL_WIDTH);
        let mut lines = format!("{}\n", self.title);
        for signature in &self.signatures {
            lines.push_str(&format!("  {:width$}  {signature}\n", "signature"));
        }
        for signature in &self.sent {
            lines.push_str(&format!("  {:width$}  {signature}\n", "sent"));
        }
        for (key, fact) in &self.facts {
            lines.push_str(&format!("  {:width$}  {}\n", key.replace('_', " "), names.shown(fact)));
        }
        for table in &self.tables {
            lines.push_str(&table.shown(names).text());
        }
        for (name, said) in &self.lines {
            let heading = name.replace('_', " ");
            let none = if said.is_empty() { ": none" } else { "" };
            lines.push_str(&format!("  {heading}{none}\n"));
            lines.extend(said.iter().map(|line| format!("   {}\n", printable(line))));
        }
        if !self.amounts.is_empty() {
            lines.push_str(&self.amounts_table());
        }
        lines
    }

    fn amounts_table(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_header(["", "before", "after", "change"]);
        for (key, before, after) in &self.amounts {
            let change = i128::from(after.0) - i128::from(before.0);
            let size = Atoms(u64::try_from(change.unsigned_abs()).unwrap_or(u64::MAX));
            let sign = if change < 0 { "-" } else { "+" };
            table.add_row([
                key.replace('_', " "),
                before.to_string(),
                after.to_string(),
                format!("{sign}{size}"),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.lines().map(|line| format!("  {}\n", line.trim_end())).collect()
    }

    /// As one JSON object.
    pub fn json(&self) -> Value {
        let mut all = Map::new();
        all.insert("result".to_owned(), json!(self.title));
        if !self.signatures.is_empty() {
            all.insert("signatures".to_owned(), json!(self.signatures));
        }
        if !self.sent.is_empty() {
            all.insert("sent".to_owned(), json!(self.sent));
        }
        for (key, fact) in &self.facts {
            all.insert((*key).to_owned(), fact.json.clone());
        }
        for table in &self.tables {
            all.insert(table.name.to_owned(), table.json());
        }
        for (name, lines) in &self.lines {
            all.insert((*name).to_owned(), json!(lines));
        }
        if !self.amounts.is_empty() {
            let amounts = self.amounts.iter().map(|(key, before, after)| {
                ((*key).to_owned(), json!({ "before": before.0, "after": after.0 }))
            });
            all.insert("amounts".to_owned(), Value::Object(amounts.collect()));
        }
        Value::Object(all)
    }
}

impl Fact {
    /// A value as people read it, and as programs do.
    pub fn new(text: impl ToString, json: impl Into<Value>) -> Self {
        Self { text: text.to_string(), json: json.into() }
    }

    /// The name of something, `snake_case` in JSON.
    pub fn name(key: &'static str) -> Self {
        Self::new(key.replace('_', " "), key)
    }

    /// What there is not, in words that say more of it; null in JSON.
    pub fn none(text: &str) -> Self {
        Self::new(text, Value::Null)
    }

    /// Something that has a name, which is all that JSON has of it, in more words.
    pub fn worded(text: &str, name: &'static str) -> Self {
        Self::new(text, name)
    }

    /// Allowed failures as a promised share of successes; ppm in JSON.
    pub fn success_rate(failures_ppm: u32) -> Self {
        if failures_ppm == NOT_PROMISED {
            return Self::new("not promised", Value::Null);
        }
        let share_ppm = PPM_ONE.saturating_sub(failures_ppm);
        Self::new(format!("{} %", f64::from(share_ppm) / 10_000.0), share_ppm)
    }

    /// A promised mean latency; µs in JSON.
    pub fn latency(us: u32) -> Self {
        match us {
            NOT_PROMISED => Self::new("not promised", Value::Null),
            us => Self::new(format!("{} ms", f64::from(us) / 1_000.0), us),
        }
    }

    /// Text that a stranger wrote: what could steer a terminal is shown as its number.
    pub fn untrusted(text: &str) -> Self {
        Self::new(printable(text), text)
    }

    /// An amount of SOL; lamports in JSON.
    pub fn lamports(lamports: u64) -> Self {
        let (whole, fraction) = (lamports / 1_000_000_000, lamports % 1_000_000_000);
        let text = format!("{whole}.{fraction:09}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        Self::new(format!("{text} SOL"), lamports)
    }

    /// A promised mean speed; KiB/s in JSON.
    pub fn speed(kib_s: u32) -> Self {
        match kib_s {
            NOT_PROMISED => Self::new("not promised", Value::Null),
            kib_s => Self::new(format!("{} MiB/s", f64::from(kib_s) / 1_024.0), kib_s),
        }
    }

    /// A key or hash of 32 bytes that is no address: 64 hexadecimal digits.
    pub fn digest(bytes: &[u8; 32]) -> Self {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
    }

    /// A score in thousandths of a point, as in JSON.
    pub fn score(milli: u32) -> Self {
        Self::new(format!("{:.3} of 100", f64::from(milli) / 1_000.0), milli)
    }

    /// Points in thousandths, as in JSON.
    pub fn points(milli: i32) -> Self {
        Self::new(format!("{:+.3}", f64::from(milli) / 1_000.0), milli)
    }

    /// A region's name.
    pub fn region(region: &[u8; flashback_core::text::REGION_SIZE]) -> Self {
        region_name(region).into()
    }
}

/// Text without what could steer a terminal: controls, and marks that reverse or hide what follows.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown
}

impl std::fmt::Display for Fact {
    /// As people read it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// What there is not: `-`, and null in JSON.
impl<T: Into<Fact>> From<Option<T>> for Fact {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(|| Self::new("-", Value::Null), Into::into)
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::new(&text, text.clone())
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::new(text, text)
    }
}

impl From<Pubkey> for Fact {
    fn from(address: Pubkey) -> Self {
        address.to_string().into()
    }
}

impl From<Vec<Pubkey>> for Fact {
    fn from(addresses: Vec<Pubkey>) -> Self {
        let texts: Vec<String> = addresses.iter().map(Pubkey::to_string).collect();
        Self::new(texts.join(", "), texts)
    }
}

impl From<Atoms> for Fact {
    fn from(amount: Atoms) -> Self {
        Self::new(amount, amount.0)
    }
}

impl From<u64> for Fact {
    fn from(number: u64) -> Self {
        Self::new(number, number)
    }
}

impl From<bool> for Fact {
    fn from(yes: bool) -> Self {
        Self::new(if yes { "yes" } else { "no" }, yes)
    }
}

impl From<Gib> for Fact {
    fn from(capacity: Gib) -> Self {
        let gib = capacity.0;
        let text = match gib {
            0 => "0 GiB".to_owned(),
            gib if gib.is_multiple_of(1024) => format!("{} TiB", gib / 1024),
            gib => format!("{gib} GiB"),
        };
        Self::new(text, gib)
    }
}

impl From<Seconds> for Fact {
    fn from(span: Seconds) -> Self {
        let mut rest = span.0;
        let mut parts = vec![];
        for (name, secs) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
            if rest >= secs {
                parts.push(format!("{}{name}", rest / secs));
                rest %= secs;
            }
        }
        let text = if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") };
        Self::new(text, span.0)
    }
}

impl From<Timestamp> for Fact {
    fn from(time: Timestamp) -> Self {
        let utc: Option<DateTime<Utc>> = DateTime::from_timestamp(time.0, 0);
        let text = utc.map_or_else(
            || time.0.to_string(),
            |utc| utc.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        );
        Self::new(text, time.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A standard output that fails in one way.
    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn transactions_are_told_where_they_cannot_be_printed() {
        let mut report = Report::new("staked");
        report.signatures.push("signed".to_owned());
        let said = |kind| {
            let mut err = vec![];
            report.write("staked", &mut Broken(kind), &mut err);
            String::from_utf8(err).unwrap()
        };
        assert_eq!(said(ErrorKind::BrokenPipe), "");
        let full = said(ErrorKind::StorageFull);
        assert!(full.starts_with("staked, but") && full.contains("signature  signed"), "{full}");
    }

    #[test]
    fn what_strangers_write_steers_no_terminal() {
        assert_eq!(printable("it's \"größer\" \\ 2"), "it's \"größer\" \\ 2");
        assert_eq!(printable("a\u{1b}[2Jb\n\u{202e}c"), r"a\u{1b}[2Jb\n\u{202e}c");
        assert_eq!(Fact::untrusted("\n").json, "\n");
        let said = flashback_sdk::Error::Rpc("\u{1b}[2J".into());
        let text = Report::new("slas").skipped(&[said]).text();
        assert!(text.contains(r"\u{1b}[2J") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn one_report_two_formats() {
        let report = Report::new("staked")
            .fact("stake_vault", "abc")
            .fact("size", Gib(2048))
            .fact("length", Seconds(90_061))
            .fact("ends", Timestamp(0))
            .amount("wallet", Atoms(3_000_000), Atoms(1_500_000));
        let text = report.text();
        for part in ["staked\n", "stake vault", "2 TiB", "1d 1h 1m 1s", "1970-01-01", "-1.5 FLASH"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        let json = report.json();
        assert_eq!(json["size"], 2048);
        assert_eq!(json["amounts"]["wallet"]["after"], 1_500_000);
    }

    #[test]
    fn what_follows_continues_the_amounts_and_repeats_no_fact() {
        let first = Report::new("reserved").fact("sla", "abc").amount("wallet", Atoms(9), Atoms(5));
        let next = Report::new("seated")
            .fact("sla", "other")
            .fact("starts", Timestamp(7))
            .amount("wallet", Atoms(5), Atoms(4))
            .amount("escrow", Atoms(0), Atoms(1));
        let expected = serde_json::json!({
            "result": "reserved",
            "sla": "abc",
            "starts": 7,
            "amounts": { "wallet": { "before": 9, "after": 4 }, "escrow": { "before": 0, "after": 1 } },
        });
        assert_eq!(first.then(next).json(), expected);
    }
}
