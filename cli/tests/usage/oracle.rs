//! Wrong values of `flashback oracle`.

use super::acting::{KEY, machine, reach_the_server};
use crate::common::refused;

#[test]
fn wrong_standing_is_refused_before_anything_is_sent() {
    let x25519 = "0f".repeat(32);
    let register = |rest: &str| format!("oracle register --x25519 {x25519} {rest}");
    let long = format!("https://{}", "a".repeat(200));
    refused(
        &machine(),
        &[
            ("oracle", 2, "subcommand"),
            ("oracle register", 2, "--x25519"),
            ("oracle register --x25519 0f", 2, "64 hexadecimal digits"),
            (&register("--records-url ä"), 2, "printable ASCII"),
            (&register(&format!("--records-url {long}")), 2, "more than 200 characters"),
            (&register("--stake 0"), 2, "above zero"),
            (&register("--stake 1e6"), 2, "amounts are FLASH"),
            ("oracle update", 2, "--x25519 <HEX>|--records-url <URI>"),
            ("oracle update --x25519 xyz", 2, "64 hexadecimal digits"),
            (&format!("oracle update --records-url {long}"), 2, "more than 200 characters"),
            ("oracle close now", 2, "unexpected argument"),
        ],
    );
}

#[test]
fn wrong_stakes_are_refused_before_anything_is_sent() {
    refused(
        &machine(),
        &[
            ("oracle stake", 2, "AMOUNT"),
            ("oracle stake 0", 2, "above zero"),
            ("oracle stake 0.0000001", 2, "too many decimals"),
            ("oracle stake -1", 2, "unexpected argument"),
            ("oracle unstake", 2, "AMOUNT"),
            ("oracle unstake 0FLASH", 2, "above zero"),
            ("oracle unstake everything", 2, "amounts are FLASH"),
            ("oracle unstake 18446744073710", 2, "too large"),
            ("oracle withdraw-stake --to nobody", 2, "neither an address"),
            ("oracle withdraw-stake 1", 2, "unexpected argument"),
        ],
    );
}

#[test]
fn wrong_lookups_and_entries_are_refused() {
    refused(
        &machine(),
        &[
            ("oracle join 1", 2, "unexpected argument"),
            ("oracle leave 123", 2, "neither an address"),
            ("oracle show 123", 2, "neither an address"),
            ("oracle list 123", 2, "unexpected argument"),
            ("oracle slas 123", 2, "neither an address"),
        ],
    );
}

#[test]
fn wrong_figures_are_refused_before_anything_is_sent() {
    for command in ["oracle report", "sla report"] {
        let report = |rest: &str| format!("{command} {KEY} {rest}");
        refused(
            &machine(),
            &[
                (command, 2, "SLA"),
                (&format!("{command} 123"), 2, "neither an address"),
                (&report("--window 65536"), 2, "not in 0..=65535"),
                (&report("--probes -1"), 2, "unexpected argument"),
                (&report("--probes 4294967296"), 2, "not in 0..=4294967295"),
                (&report("--failed-probes x"), 2, "invalid digit"),
                (&report("--failed-operations x"), 2, "invalid digit"),
                (&report("--latency 100"), 2, "needs a unit"),
                (&report("--upload 50MB/s"), 2, "needs a unit"),
                (&report("--download 0MiB/s"), 2, "above zero"),
                (&report("--root 0f"), 2, "64 hexadecimal digits"),
            ],
        );
    }
}

#[test]
fn wrong_files_of_reports_are_refused_where_they_are_wrong() {
    let machine = machine();
    let good = format!(r#"{{"sla":"{KEY}","submission":{{"latency":80000}}}}"#);
    for (text, message) in [
        ("", "EOF while parsing"),
        ("{}", "invalid type: map, expected a sequence"),
        ("[]", "list one at least"),
        ("[{}]", "[0]: missing field `sla`"),
        (r#"[{"sla":"nobody"}]"#, "[0].sla: `nobody` is neither an address"),
        (&format!(r#"[{{"sla":"{KEY}"}}]"#), "[0]: missing field `submission`"),
        (&format!(r#"[{{"sla":"{KEY}","submission":"absent"}}]"#), "[0].submission: invalid value"),
        (&format!(r#"[{{"sla":"{KEY}","submission":{{"speed":1}}}}]"#), "unknown field `speed`"),
        (&format!(r#"[{{"sla":"{KEY}","window":65536}}]"#), "[0].window: invalid value"),
        (&format!(r#"[{{"sla":"{KEY}","root":"0f"}}]"#), "[0].root: `0f` is no digest"),
        (&format!(r#"[{{"sla":"{KEY}","seat":1}}]"#), "unknown field `seat`"),
        (&format!("[{good},{good}]"), "[1].sla: "),
        (&format!("[{good}] []"), "trailing characters"),
    ] {
        machine.write("reports.json", text);
        for file in ["reports.json", "-"] {
            let line = ["oracle", "report", "--file", file];
            let run = machine.run_with_input(&line, text).fails(2, message);
            let name = if file == "-" { "standard input: " } else { "reports.json: " };
            assert!(run.stderr.contains(name), "{}", run.stderr);
        }
    }
    machine.write("reports.json", &format!("[{good}]"));
    let refused = |flags: &[&str], code: i32, message: &str| {
        let line = [&["oracle", "report", "--file", "reports.json"], flags].concat();
        machine.run(&line).fails(code, message);
    };
    refused(&[], 3, "cannot be reached");
    for flags in [
        &[KEY][..],
        &["--window", "0"],
        &["--probes", "20"],
        &["--failed-probes", "1"],
        &["--failed-operations", "1"],
        &["--latency", "1ms"],
        &["--upload", "1MiB/s"],
        &["--download", "1MiB/s"],
        &["--root", &"0f".repeat(32)],
    ] {
        refused(flags, 2, "cannot be used with");
    }
    machine
        .run(&["oracle", "report", "--file", "missing.json"])
        .fails(2, "cannot read missing.json");
    machine.run(&["oracle", "report", "--file"]).fails(2, "a value is required");
}

#[test]
fn right_values_reach_the_server() {
    let lines = [
        "oracle register --x25519 HEX",
        "oracle register --x25519 HEX --records-url https://o.example/records --stake 1000FLASH",
        "oracle update --x25519 HEX",
        "oracle update --records-url https://o.example/records",
        "oracle stake 0.000001",
        "oracle unstake 5",
        "oracle unstake all",
        "oracle withdraw-stake",
        "oracle withdraw-stake --to KEY",
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
    reach_the_server(&lines);
}

#[test]
fn wrong_work_is_refused_before_anything_is_probed() {
    let machine = machine();
    machine.write("short.x25519", "0f");
    let run = |rest: &str| format!("oracle run --credentials sealed --store s.db {rest}");
    refused(
        &machine,
        &[
            ("oracle key", 2, "subcommand"),
            ("oracle key new", 2, "FILE"),
            ("oracle key new no-folder/oracle.x25519", 2, "no-folder/oracle.x25519"),
            ("oracle key show nothing.x25519", 2, "nothing.x25519"),
            ("oracle key show short.x25519", 2, "short.x25519"),
            ("oracle key show short.x25519 --dry-run", 2, "--dry-run is of transactions"),
            ("oracle run", 2, "--key"),
            (&run(""), 2, "--key"),
            (&run("--key nothing.x25519"), 2, "nothing.x25519"),
            (&run("--key k --listen here"), 2, "--listen"),
            (&run("--key k --transfers many"), 2, "--transfers"),
            (&run("--key k --object-kib 3"), 2, "4..=65536"),
            (&run("--key k --budget-mib 0"), 2, "--budget-mib"),
            (&run("--key k --timeout 61s"), 2, "from 1s to 60s"),
            (&run("--key k --at-once 0"), 2, "1..=10000"),
            (&run("--key k --look 2h"), 2, "from 1s to 1h"),
            (&run("--key k --retention 14d"), 2, "15d or more"),
            (&run("--key k --log loud"), 2, "text, json"),
            (&run("--key k --sign-only"), 2, "--sign-only"),
            ("oracle status --store nowhere.db", 2, "there is no store at nowhere.db"),
            ("oracle status --store nowhere.db --windows -1", 2, "unexpected argument"),
            ("oracle status --store nowhere.db 123", 2, "neither an address"),
            ("oracle audit 123", 2, "neither an address"),
            ("oracle audit --challenge 5", 2, "--prove"),
            ("oracle audit --prove --challenge 0", 2, "above zero"),
            ("oracle audit --every 2d", 2, "from 1s to 1d"),
            ("oracle audit --dry-run", 2, "--dry-run"),
        ],
    );
}
