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
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    /// Counts, numbers and codes.
    const WITHOUT: &[&str] = &[
        "attempts",
        "consumer_level",
        "cursor",
        "download_count",
        "draw_number",
        "draw_slot",
        "end",
        "ending",
        "first_window",
        "fraud",
        "id",
        "joined_slot",
        "latency_count",
        "leaf",
        "level",
        "listed_units",
        "live_slas",
        "max_level",
        "measured",
        "min_samples",
        "offer_version",
        "ops_ok",
        "ops_total",
        "out_slot",
        "penalty_multiple",
        "points",
        "probes_max",
        "probes_ok",
        "probes_total",
        "reason",
        "result",
        "seat",
        "seats",
        "settled",
        "skipped",
        "unit_id",
        "upload_count",
        "version",
        "window",
        "windows",
    ];

    /// The names of all numbers in an instruction's arguments or an event's fields.
    fn numbers(idl: &Value, name: &str, kind: &Value, all: &mut BTreeSet<String>) {
        if let Some(inner) = kind.get("option").or(kind.get("vec")) {
            return numbers(idl, name, inner, all);
        }
        if let Some(inner) = kind.get("array") {
            // Bytes are no numbers.
            return if inner[0] == "u8" {
            } else {
                numbers(idl, name, &inner[0], all)
            };
        }
        if let Some(defined) = kind.get("defined") {
            let types = idl["types"].as_array().unwrap();
            let found = types.iter().find(|kind| kind["name"] == defined["name"]).unwrap();
            for field in found["type"]["fields"].as_array().unwrap_or(&vec![]) {
                numbers(idl, field["name"].as_str().unwrap(), &field["type"], all);
            }
            return;
        }
        let kind = kind.as_str().unwrap();
        if kind.starts_with(['u', 'i']) {
            all.insert(name.to_owned());
        }
    }

    #[test]
    fn every_number_of_the_interface_has_a_unit_or_needs_none() {
        let idl: Value =
            serde_json::from_str(include_str!("../../../../idls/flashback.json")).unwrap();
        let mut all = BTreeSet::new();
        for instruction in idl["instructions"].as_array().unwrap() {
            for argument in instruction["args"].as_array().unwrap() {
                let name = argument["name"].as_str().unwrap();
                numbers(&idl, name, &argument["type"], &mut all);
            }
        }
        for event in idl["events"].as_array().unwrap() {
            numbers(&idl, "", &json!({ "defined": { "name": event["name"] } }), &mut all);
        }
        assert!(all.len() > 100, "{}", all.len());
        let without: BTreeSet<&str> = WITHOUT.iter().copied().collect();
        for name in &all {
            let plain = name.strip_suffix("_before").or_else(|| name.strip_suffix("_after"));
            let is_without = without.contains(plain.unwrap_or(name));
            assert_eq!(unit(name).is_none(), is_without, "{name}: {:?}", unit(name));
        }
        for name in ATOMS.iter().chain(WITHOUT) {
            let named = ["", "_before", "_after"].map(|end| format!("{name}{end}"));
            assert!(named.iter().any(|name| all.contains(name)), "{name} is in no interface");
        }
    }

    #[test]
    fn people_read_units_and_programs_integers() {
        for (path, value, text) in [
            ("amount", json!(1_500_000), "1.5 FLASH"),
            ("args.offer.price_per_gib_month", json!(20_000), "0.02 FLASH per GiB and 30 days"),
            ("price_after", json!(20_000), "0.02 FLASH per GiB and 30 days"),
            ("price", json!(20_000), "0.02 FLASH"),
            ("args.capacity_gib", json!(10_240), "10 TiB"),
            ("args.window_secs", json!(86_400), "1d"),
            ("expires_at", json!(86_400), "1970-01-02 00:00:00 UTC"),
            ("args.offer.thresholds.errors_ppm", json!(1_000), "0.1 % may fail"),
            ("args.thresholds.uptime_failures_ppm", json!(u32::MAX), "not promised"),
            ("shortfall_ppm", json!(125_000), "12.5 %"),
            ("params.refund_curve.x1_bps", json!(50), "0.5 %"),
            ("thresholds.latency_us", json!(100_000), "100 ms"),
            ("thresholds.upload_kib_s", json!(51_200), "50 MiB/s"),
            ("aggregate.latency_sum_us", json!(72_000_500), "72000.5 ms in all"),
            ("points_milli", json!(-2_500), "-2.5"),
            ("params.maintenance_part", json!(60), "1/60"),
            ("args.protocols", json!(5), "s3,azure"),
            ("turned", json!(0b101), "0, 2"),
            ("turned", json!(0), "none"),
            ("party", json!(2), "provider"),
            ("args.windows", json!(3), "3"),
            ("reports[1].window", json!(4), "4"),
            ("consumer", json!("key"), "key"),
            ("party", json!(9), "9"),
        ] {
            let fact = of_flashback(path, value.clone());
            assert_eq!(fact.to_string(), text, "{path}");
            assert_eq!(fact, Fact::new(text, value), "{path}");
        }
    }

    #[test]
    fn tokens_have_their_mints_decimals() {
        assert_eq!(tokens(&json!(5), 6, true).unwrap().to_string(), "0.000005 FLASH");
        assert_eq!(tokens(&json!(5), 0, false).unwrap().to_string(), "5 of the mint's tokens");
        assert_eq!(decimal(u64::MAX, 255).len(), 257);
        assert_eq!(lamports(&json!(500_000_000)).unwrap().to_string(), "0.5 SOL");
    }
}
