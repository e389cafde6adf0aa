//! The examples come to what was worked out for them by hand, from the formulas in the documentation; what is wrong
//! with a scenario is said where it stands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::simulation::{Totals, run};
use super::*;
use crate::exit::is_usage;
use flashback_core::params::{ParamRow, TABLE};
use flashback_core::units::Atoms;

/// A window: result, shortfall in ppm, paid, penalty, in atoms.
type Window = (&'static str, u64, u64, u64);

/// What an example comes to.
struct Golden {
    file: &'static str,
    windows: &'static [Window],
    /// Deposit, penalties, absences; provider, consumer, oracles, treasury, burnt, escrow, in atoms.
    totals: [u64; 9],
}

const GOLDEN: [Golden; 6] = [
    // 1024 · 20,000 · 3 · 86,400 / 2,592,000 = 2,048,000. Reserve: 9 · ⌈682,667 · 0.5 % / 3⌉ + 10,240 = 20,482, of which
    // 9 · 3,411 + 10,240 is spent.
    Golden {
        file: "as-promised.json",
        windows: &[("met", 0, 682_666, 0), ("met", 0, 682_667, 0), ("met", 0, 682_667, 0)],
        totals: [2_068_482, 0, 0, 2_048_000, 9, 10_233, 10_240, 0, 0],
    },
    // 5 % too slow: a quarter of the fifth that is no service, so that 10 % and an eighth of 50 % is refunded. Of 288
    // operations at 0.5 % ⌈1.44 + 1.645 · 1.197⌉ = 4 may fail: the sixth is two beyond, over a divisor of 10. Of 288
    // probes at 0.1 % two may fail; the majority of three is the second-largest shortfall: one beyond. By then the cover,
    // 409,600, is lost.
    Golden {
        file: "slow-and-down.json",
        windows: &[
            ("breached", 250_000, 571_732, 341_333),
            ("breached", 200_000, 614_400, 68_267),
            ("breached", 100_000, 648_533, 0),
        ],
        totals: [2_068_482, 409_600, 0, 1_834_665, 502_268, 9_096, 9_173, 122_880, 0],
    },
    // Three unmeasured windows end it: three times half a due from the silent. The last three dues go back.
    Golden {
        file: "silent-oracles.json",
        windows: &[
            ("met", 0, 682_666, 0),
            ("unmeasured", 0, 682_667, 0),
            ("unmeasured", 0, 682_666, 0),
            ("unmeasured", 0, 682_667, 0),
        ],
        totals: [4_826_457, 0, 1_023_999, 2_730_666, 3_101_589, 4_548, 13_653, 0, 0],
    },
    // The cover is three dues less an atom; a window without service costs two, so that the second takes what is left.
    Golden {
        file: "whole-cover-lost.json",
        windows: &[
            ("breached", 1_000_000, 0, 1_365_332),
            ("breached", 1_000_000, 0, 682_667),
            ("breached", 1_000_000, 0, 0),
            ("met", 0, 682_667, 0),
        ],
        totals: [2_757_975, 2_047_999, 0, 682_667, 3_492_987, 12_507, 3_413, 614_400, 0],
    },
    // Five seats, parameters of its own. Without a margin one of 72 probes may fail at 1 %: six are five beyond, over a
    // divisor of 10. The refund at 50 % is 10 % and four fifths of 50 %, from 10 % on. Three silent oracles share 80 %.
    Golden {
        file: "shut-out.json",
        windows: &[
            ("blocked", 0, 125_000, 0),
            ("breached", 500_000, 125_000, 200_000),
            ("unmeasured", 0, 250_000, 0),
            ("met", 0, 250_000, 0),
        ],
        totals: [1_015_000, 200_000, 200_000, 750_000, 595_750, 5_500, 3_750, 60_000, 0],
    },
    // Two of thirty windows: the rest stays in the escrow.
    Golden {
        file: "under-way.json",
        windows: &[("met", 0, 682_666, 0), ("breached", 500_000, 358_400, 682_667)],
        totals: [20_684_820, 682_667, 0, 1_041_066, 802_133, 6_822, 5_205, 204_801, 19_307_460],
    },
];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios")
}

fn example(file: &str) -> Scenario {
    Scenario::parse(&std::fs::read_to_string(examples().join(file)).unwrap()).unwrap()
}

#[test]
fn every_example_comes_to_what_it_should() {
    let files = std::fs::read_dir(examples()).unwrap();
    let files: BTreeSet<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, GOLDEN.iter().map(|golden| golden.file.to_owned()).collect());
    for golden in &GOLDEN {
        let simulation = run(&example(golden.file)).unwrap();
        let report = report::report(&simulation).unwrap().json();
        let outcomes = report["outcomes"].as_array().unwrap().iter().map(|row| {
            let figure = |name: &str| row[name].as_u64().unwrap_or(0);
            let result = row["window_result"].as_str().unwrap().to_owned();
            (result, figure("shortfall_ppm"), figure("paid"), figure("penalty"))
        });
        let expected =
            golden.windows.iter().map(|(result, a, b, c)| ((*result).to_owned(), *a, *b, *c));
        assert_eq!(outcomes.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{}", golden.file);
        let [deposit, penalties, absences, provider, consumer, oracles, treasury, burnt, escrow] =
            golden.totals.map(Atoms);
        let expected = Totals {
            deposit,
            penalties,
            absences,
            provider,
            consumer,
            oracles,
            treasury,
            burnt,
            escrow,
        };
        assert_eq!(simulation.totals, expected, "{}", golden.file);
        let total = &report["totals"].as_array().unwrap()[6];
        let paid_in = total["deposited"].as_u64().unwrap() + total["slashed"].as_u64().unwrap();
        assert_eq!(total["received"], paid_in, "{}", golden.file);
    }
}

#[test]
fn three_unmeasured_windows_end_it_early() {
    let report = report::report(&run(&example("silent-oracles.json")).unwrap()).unwrap().json();
    assert_eq!(report["state"], "ended");
    assert_eq!(report["ended_early"], true);
    assert_eq!(
        (&report["windows_settled"], &report["windows_not_reached"]),
        (&json!(4), &json!(3))
    );
    // The dues of three windows, and what is left of the fees.
    assert_eq!(report["returned_at_end"], 4_778_666 - 2_730_666 + 47_791 - 4_548 - 13_653);
    let owed: Vec<_> =
        report["oracles"].as_array().unwrap().iter().map(|row| &row["absences"]).collect();
    // 170,666 or 170,667 for each of two silent, 113,777 or 113,778 for each of three.
    assert_eq!(owed, [284_443, 455_111, 284_445]);
}

#[test]
fn what_goes_on_has_not_ended() {
    let report = report::report(&run(&example("under-way.json")).unwrap()).unwrap().json();
    assert_eq!((&report["state"], &report["ended_early"]), (&json!("active"), &json!(false)));
    assert_eq!(report["cover_left"], 4_096_000 - 682_667);
}

/// An example with one change, as an error or what it comes to.
fn changed(change: impl Fn(&mut Value)) -> Result<Totals> {
    let text = std::fs::read_to_string(examples().join("as-promised.json")).unwrap();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    change(&mut json);
    let scenario = Scenario::parse(&json.to_string()).map_err(simulation::refused)?;
    Ok(run(&scenario)?.totals)
}

#[test]
fn mistakes_are_named_where_they_stand() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str, &str); 24] = [
        (|j| j["terms"]["size"] = json!("1TiB"), "terms.size: ", "expected u64"),
        (|j| j["terms"]["size"] = json!(0), "terms.size: ", "at least 1 GiB"),
        (
            |j| j["terms"]["price_per_gib_month"] = json!(0),
            "terms.price_per_gib_month: ",
            "one atom",
        ),
        (|j| j["terms"]["seats"] = json!(4), "terms.seats: ", "3 or 5"),
        (|j| j["terms"]["window"] = json!(1_800), "terms.window: ", "multiple of 4"),
        (|j| j["terms"]["windows"] = json!(400), "terms.windows: ", "limits"),
        (|j| j["terms"]["windows"] = json!(2), "windows: ", "lists 3 windows"),
        (
            |j| j["terms"]["probe_interval"] = json!(0),
            "terms.probe_interval: ",
            "probes per window",
        ),
        (|j| j["terms"]["uptime"] = json!(1_000_001), "terms.uptime: ", "0 to 1000000"),
        (|j| j["terms"]["latency"] = json!(0), "terms.latency: ", "1 to 4294967294, or null"),
        (|j| j["terms"]["success"] = json!(null), "terms: ", "a mean without errors"),
        (|j| j["terms"]["price"] = json!(7), "terms.price: ", "unknown field `price`"),
        (|j| j["windos"] = json!([]), "windos: ", "unknown field `windos`"),
        (|j| j["parameters"] = json!({ "cover": 1 }), "parameters", "`cover` is no parameter"),
        (
            |j| j["parameters"] = json!({ "cover_bps": 99 }),
            "parameters.cover_bps: ",
            "100 to 10000",
        ),
        (
            |j| j["parameters"] = json!({ "cover_bps": "a" }),
            "parameters.cover_bps: ",
            "expected u64",
        ),
        (
            |j| j["parameters"] = json!({ "refund_curve": { "x1_bps": 6_000 } }),
            "parameters: ",
            "x1 < x2",
        ),
        (
            |j| j["parameters"] = json!({ "refund_curve": { "x_bps": 1 } }),
            "parameters.refund_curve.x_bps: ",
            "unknown field",
        ),
        (|j| j["windows"][1] = json!([{}]), "windows[1][0].latency: ", "the terms promise it"),
        (
            |j| j["windows"][1] = json!([null, null, null, null]),
            "windows[1]: ",
            "lists 4 submissions",
        ),
        (|j| j["windows"][2][1] = json!("absent"), "windows[2][1]: ", "\"abstain\""),
        (
            |j| j["windows"][2][1]["probes"] = json!({ "ok": 9, "total": 8 }),
            "windows[2][1]: ",
            "contradicts itself",
        ),
        (
            |j| j["windows"][0][2]["latency"] = json!(-1),
            "windows[0][2].latency: ",
            "a whole number below 2^32",
        ),
        (
            |j| {
                j["windows"][0][0] = json!({ "attempts": 10, "latency": 1 });
            },
            "windows[0][0]: ",
            "fewer probes were attempted",
        ),
    ];
    for (change, place, message) in cases {
        let error = changed(change).unwrap_err();
        assert!(is_usage(&error), "{error}");
        let error = error.to_string();
        assert!(error.starts_with(place) && error.contains(message), "{error}: {place}{message}");
    }
    let broken = Scenario::parse("{ \"terms\": ").unwrap_err().to_string();
    assert!(broken.contains("line 1"), "{broken}");
    let trailing = std::fs::read_to_string(examples().join("as-promised.json")).unwrap() + "}";
    assert!(Scenario::parse(&trailing).unwrap_err().to_string().contains("trailing"));
}

#[test]
fn defaults_are_as_documented() {
    let base = changed(|_| ()).unwrap();
    let said = changed(|j| {
        let terms = j["terms"].as_object_mut().unwrap();
        terms.remove("window");
        terms.remove("seats");
        j["parameters"] = json!({ "penalty_multiple": 2, "refund_curve": {} });
        j["shortest_window"] = json!(3_600);
        j["windows"][0][0] = json!({
            "attempts": 288,
            "probes": { "ok": 288, "total": 288 },
            "operations": { "ok": 288, "total": 288 },
            "latency": { "sum": 288 * 30_000, "count": 288 },
        });
        j["windows"][2] = json!([j["windows"][2][0], j["windows"][2][1]]);
        j["windows"][2].as_array_mut().unwrap().push(json!(null));
    });
    // The third oracle of the last window is silent now: its fee goes back.
    let said = said.unwrap();
    assert_eq!((said.provider, said.treasury), (base.provider, base.treasury));
    assert_eq!(base.oracles.minus(said.oracles), Ok(Atoms(1_137)));
    assert_eq!(said.consumer.minus(base.consumer), Ok(Atoms(1_137)));
    let minute = changed(|j| {
        j["terms"].as_object_mut().unwrap().remove("probe_interval");
        j["windows"] = json!([[{ "attempts": 1_439, "latency": { "sum": 0, "count": 0 } }]]);
    });
    assert!(minute.unwrap_err().to_string().contains("fewer probes"));
}

#[test]
fn documented_parameters_are_those_of_core() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scenario.md");
    let document = std::fs::read_to_string(path).unwrap();
    for ParamRow { name, default, min, max, .. } in TABLE {
        let row = document.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let figures = format!("| {default} | {min} to {max} |");
        assert!(row.is_none_or(|row| row.ends_with(&figures)), "{name}: {row:?}, {figures}");
        assert!(document.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let missing = Simulate { scenario: "no/such.json".into() };
    let error = simulate(&missing).err().unwrap();
    assert!(is_usage(&error) && error.to_string().contains("no/such.json"), "{error}");
}
