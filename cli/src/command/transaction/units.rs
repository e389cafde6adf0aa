//! The units of instructions' arguments and of events' fields, by their names in the program's interface: people read
//! FLASH, TiB and dates, and programs the integers that are in the bytes.

use flashback_core::quality::NOT_PROMISED;
use flashback_core::sla::Party;
use flashback_core::units::{Atoms, Gib, Seconds, Timestamp};
use serde_json::Value;

use crate::command::unit::facts::protocols;
use crate::output::Fact;

/// What a number of the program's interface counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// 10⁻⁶ FLASH.
    Atoms,
    /// Atoms per GiB and 30 days.
    Price,
    Gib,
    Seconds,
    /// Unix seconds.
    Time,
    /// Failures that a promise allows, in ppm.
    Failures,
    /// 10⁻⁶ of a whole.
    Ppm,
    /// 10⁻⁴ of a whole.
    Bps,
    /// µs, promised.
    Latency,
    /// µs, of many samples together.
    Latencies,
    /// KiB/s, promised.
    Speed,
    /// KiB/s, of many samples together.
    Speeds,
    /// Thousandths.
    Milli,
    /// One part in so many.
    Part,
    /// A bit for each protocol.
    Protocols,
    /// A bit for each seat.
    Seats,
    Party,
}

/// Fields that hold atoms; any of them may end in `_before` or `_after`.
const ATOMS: &[&str] = &[
    "absence",
    "after",
    "amount",
    "before",
    "bond",
    "bond_min",
    "bonded",
    "burnt",
    "consumer",
    "cover",
    "deposit",
    "due",
    "earnings",
    "fee_reserve",
    "fees",
    "fraud_min",
    "held",
    "max_total",
    "min_stake",
    "oracle_covered",
    "oracle_fee",
    "oracle_fee_min",
    "oracle_fees",
    "owed",
    "paid",
    "penalty",
    "price",
    "protocol_fee",
    "provider_covered",
    "refund",
    "refunded",
    "released",
    "returned",
    "seat_cover",
    "surplus",
    "to_burn",
    "to_opener",
    "to_other",
    "to_prover",
    "treasury",
    "written_off",
];

/// Endings of names, and what they say.
const ENDINGS: &[(&str, Unit)] = &[
    ("failures_ppm", Unit::Failures),
    ("errors_ppm", Unit::Failures),
    ("_ppm", Unit::Ppm),
    ("_bps", Unit::Bps),
    ("secs", Unit::Seconds),
    ("gib", Unit::Gib),
    ("sum_us", Unit::Latencies),
    ("_us", Unit::Latency),
    ("sum_kib_s", Unit::Speeds),
    ("_kib_s", Unit::Speed),
    ("_milli", Unit::Milli),
    ("s_at", Unit::Time),
    ("release_at", Unit::Time),
];

/// The unit of a field; `None`: it is a count, a number or a code.
fn unit(name: &str) -> Option<Unit> {
    let plain = name.strip_suffix("_before").or_else(|| name.strip_suffix("_after"));
    match (name, plain.unwrap_or(name)) {
        // An offer's price, and not a reservation's.
        (_, "price_per_gib_month") | ("price_before" | "price_after", _) => Some(Unit::Price),
        (_, "deadline" | "start" | "until") => Some(Unit::Time),
        (_, "maintenance_part") => Some(Unit::Part),
        (_, "protocols") => Some(Unit::Protocols),
        (_, "turned" | "waiting") => Some(Unit::Seats),
        (_, "party") => Some(Unit::Party),
        (_, name) if ATOMS.contains(&name) => Some(Unit::Atoms),
        (_, name) => {
            let found = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
            found.map(|(_, unit)| *unit)
        }
    }
}

/// An argument or field of Flashback's, by its path.
pub fn of_flashback(path: &str, value: Value) -> Fact {
    let name = path.rsplit('.').next().unwrap_or(path);
    let name = name.split('[').next().unwrap_or(name);
    let said = unit(name).and_then(|unit| match value.as_u64() {
        Some(number) => unit.said(number),
        // Only points and times may be below zero, and no time that the program takes is.
        None => value
            .as_i64()
            .filter(|_| unit == Unit::Milli)
            .map(|points| format!("-{}", decimal(points.unsigned_abs(), 3))),
    });
    match said {
        Some(text) => Fact::new(text, value),
        None => plain(value),
    }
}

/// An amount of SOL.
pub fn lamports(value: &Value) -> Option<Fact> {
    value.as_u64().map(Fact::lamports)
}

/// An amount of a mint's tokens, which are FLASH or others.
pub fn tokens(value: &Value, decimals: u32, is_flash: bool) -> Option<Fact> {
    let name = if is_flash { "FLASH" } else { "of the mint's tokens" };
    let amount = decimal(value.as_u64()?, decimals);
    Some(Fact::new(format!("{amount} {name}"), value.clone()))
}

/// A value without a unit.
pub fn plain(value: Value) -> Fact {
    match value {
        Value::String(text) => Fact::untrusted(&text),
        Value::Number(number) => match number.as_u64() {
            Some(number) => number.into(),
            None => Fact::new(&number, number.clone()),
        },
        Value::Bool(yes) => yes.into(),
        Value::Null => None::<Fact>.into(),
        other => other.to_string().into(),
    }
}

impl Unit {
    /// As people read it; `None` if it is no value of the unit.
    fn said(self, number: u64) -> Option<String> {
        let small = u32::try_from(number);
        let promised = |text: String| match small {
            Ok(NOT_PROMISED) => "not promised".to_owned(),
            _ => text,
        };
        Some(match self {
            Self::Atoms => Atoms(number).to_string(),
            Self::Price => format!("{} per GiB and 30 days", Atoms(number)),
            Self::Gib => Fact::from(Gib(number)).to_string(),
            Self::Seconds => Fact::from(Seconds(small.ok()?)).to_string(),
            Self::Time => Fact::from(Timestamp(i64::try_from(number).ok()?)).to_string(),
            Self::Failures => promised(format!("{} % may fail", decimal(number, 4))),
            Self::Ppm => format!("{} %", decimal(number, 4)),
            Self::Bps => format!("{} %", decimal(number, 2)),
            Self::Latency => Fact::latency(small.ok()?).to_string(),
            Self::Latencies => format!("{} ms in all", decimal(number, 3)),
            Self::Speed => Fact::speed(small.ok()?).to_string(),
            Self::Speeds => format!("{number} KiB/s in all"),
            Self::Milli => decimal(number, 3),
            Self::Part => format!("1/{number}"),
            Self::Protocols => protocols(u8::try_from(number).ok().filter(|bits| *bits < 8)?),
            Self::Seats => seats(number),
            Self::Party => match Party::from_code(u8::try_from(number).ok()?).ok()? {
                Party::Consumer => "consumer".to_owned(),
                Party::Provider => "provider".to_owned(),
            },
        })
    }
}

/// The seats whose bits are set.
fn seats(bits: u64) -> String {
    let set = (0..u64::BITS).filter(|seat| bits >> seat & 1 == 1);
    let names: Vec<String> = set.map(|seat| seat.to_string()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A number of so many decimals, without zeros at its end.
fn decimal(number: u64, decimals: u32) -> String {
    let digits = format!("{number:0>width$}", width = usize::try_from(decimals).unwrap_or(0) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::try_from(decimals).unwrap_or(0));
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests;
