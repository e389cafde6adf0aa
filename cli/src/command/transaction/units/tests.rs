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
        serde_json::from_str(include_str!("../../../../../idls/flashback.json")).unwrap();
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
