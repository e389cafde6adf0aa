use clap::CommandFactory;
use flashback_core::committee::DRAWS_HELD_SLOTS;
use flashback_core::params::Params;
use flashback_core::units::{Atoms, DAY};

use crate::misuse::{KEY, accepts, refuses};

#[test]
fn wrong_standing_is_refused_before_anything_is_sent() {
    let x25519 = "0f".repeat(32);
    let register = |rest: &str| format!("oracle register --x25519 {x25519} {rest}");
    let long = format!("https://{}", "a".repeat(200));
    refuses(&[
        ("oracle", "subcommand"),
        ("oracle register", "--x25519"),
        ("oracle register --x25519 0f", "64 hexadecimal digits"),
        (&register("--records-url ä"), "printable ASCII"),
        (&register(&format!("--records-url {long}")), "more than 200 characters"),
        (&register("--stake 0"), "above zero"),
        (&register("--stake 1e6"), "amounts are FLASH"),
        ("oracle update", "--x25519 <HEX>|--records-url <URI>"),
        ("oracle update --x25519 xyz", "64 hexadecimal digits"),
        (&format!("oracle update --records-url {long}"), "more than 200 characters"),
        ("oracle close now", "unexpected argument"),
    ]);
}

#[test]
fn wrong_stakes_are_refused_before_anything_is_sent() {
    refuses(&[
        ("oracle stake", "AMOUNT"),
        ("oracle stake 0", "above zero"),
        ("oracle stake 0.0000001", "too many decimals"),
        ("oracle stake -1", "unexpected argument"),
        ("oracle unstake", "AMOUNT"),
        ("oracle unstake 0FLASH", "above zero"),
        ("oracle unstake 18446744073710", "too large"),
        ("oracle withdraw-stake 1", "unexpected argument"),
    ]);
}

#[test]
fn wrong_lookups_and_entries_are_refused() {
    refuses(&[
        ("oracle join 1", "unexpected argument"),
        ("oracle leave 123", "neither an address"),
        ("oracle show 123", "neither an address"),
        ("oracle list 123", "unexpected argument"),
        ("oracle slas 123", "neither an address"),
    ]);
}

#[test]
fn wrong_figures_are_refused_before_anything_is_sent() {
    for command in ["oracle report", "sla report"] {
        let report = |rest: &str| format!("{command} {KEY} {rest}");
        refuses(&[
            (command, "SLA"),
            (&format!("{command} 123"), "neither an address"),
            (&report("--window 65536"), "not in 0..=65535"),
            (&report("--probes -1"), "unexpected argument"),
            (&report("--probes 4294967296"), "not in 0..=4294967295"),
            (&report("--failed-probes x"), "invalid digit"),
            (&report("--failed-operations x"), "invalid digit"),
            (&report("--latency 100"), "needs a unit"),
            (&report("--upload 50MB/s"), "needs a unit"),
            (&report("--download 0MiB/s"), "above zero"),
            (&report("--root 0f"), "64 hexadecimal digits"),
        ]);
    }
}

#[test]
fn right_input_gets_as_far_as_the_server() {
    let lines = [
        "oracle register --x25519 HEX",
        "oracle register --x25519 HEX --records-url https://o.example/records --stake 1000FLASH",
        "oracle update --x25519 HEX",
        "oracle update --records-url https://o.example/records",
        "oracle stake 0.000001",
        "oracle unstake 5",
        "oracle withdraw-stake",
        "oracle join",
        "oracle leave",
        "oracle leave KEY",
        "oracle close",
        "oracle report KEY --window 0 --probes 20 --failed-probes 1 --failed-operations 1 --root HEX",
        "sla report KEY --latency 50ms --upload 80MiB/s --download 80MiB/s",
        "oracle show",
        "oracle show KEY",
        "oracle list",
        "oracle slas",
        "oracle slas KEY",
    ];
    let lines = lines.map(|line| line.replace("KEY", KEY).replace("HEX", &"0f".repeat(32)));
    accepts(&lines.each_ref().map(String::as_str));
}

#[test]
fn help_says_what_the_rules_say() {
    let params = Params::default();
    let least = Atoms(params.min_stake).to_string();
    let wait = format!("{} days", params.unbonding_secs / DAY);
    let held = format!("{DRAWS_HELD_SLOTS} slots");
    let arguments = crate::arguments::Arguments::command();
    let oracle = arguments.find_subcommand("oracle").unwrap();
    for (name, said) in [("register", least), ("unstake", wait), ("leave", held)] {
        let action = oracle.find_subcommand(name).unwrap();
        let help = action.clone().render_long_help().to_string();
        assert!(help.contains(&said), "{said} in {help}");
    }
}

#[test]
fn the_former_name_of_report_still_works_and_is_not_shown() {
    let arguments = crate::arguments::Arguments::command();
    let report = arguments.find_subcommand("sla").and_then(|sla| sla.find_subcommand("report"));
    assert!(report.is_some_and(clap::Command::is_hide_set));
}
