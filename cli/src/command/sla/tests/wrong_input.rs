use crate::command::wrong_input::{ADDRESS, Case, check, one_sla, with};

const NETWORK: &str = "the RPC server cannot be reached";

/// Of quoting, proposing and reserving: what each flag refuses.
const RESERVATION: [(&str, &str, &str); 23] = [
    ("--provider", "nobody", "neither an address (32 to 44 base-58 characters) nor an alias"),
    ("--provider", "-", "--provider"),
    ("--unit", "first", "invalid digit"),
    ("--unit", "18446744073709551616", "too large"),
    ("--unit", "-", "--unit"),
    ("--size", "1TB", "needs a unit of: GiB, TiB, PiB"),
    ("--size", "0.3GiB", "is no whole number of GiB"),
    ("--size", "0GiB", "at least 1GiB"),
    ("--size", "-", "--size"),
    ("--for", "30", "needs a unit of: s, m, h, d, w"),
    ("--for", "36h", "is no whole number of at most 65,534 windows"),
    ("--for", "-", "--for"),
    ("--window", "0s", "is no time span such as 20s, 1h or 30d"),
    ("--window", "7h", "change --for or --window"),
    ("--seats", "4", "a committee has 3 or 5 seats"),
    ("--seats", "three", "a committee has 3 or 5 seats"),
    ("--max-total", "0.0000001", "amounts are FLASH with up to 6 decimals"),
    ("--uptime", "0.999", "needs a %"),
    ("--success", "101%", "more than 100%"),
    ("--latency", "100", "needs a unit of: us, ms, s"),
    ("--latency", "0ms", "`none` promises nothing"),
    ("--upload", "50MB/s", "needs a unit of: KiB/s, MiB/s, GiB/s"),
    ("--download", "0MiB/s", "must be above zero"),
];

fn reservations() -> Vec<Case> {
    let flags = [("--provider", ADDRESS), ("--unit", "1"), ("--size", "1TiB"), ("--for", "30d")];
    let own = [
        ("--window", "12h"),
        ("--seats", "5"),
        ("--max-total", "20FLASH"),
        ("--uptime", "99.9%"),
        ("--success", "none"),
        ("--latency", "80ms"),
        ("--upload", "1MiB/s"),
        ("--download", "512KiB/s"),
    ];
    let mut cases = vec![];
    for command in ["sla quote", "sla propose", "sla reserve"] {
        cases.push((with(command, &flags, &[]), 3, NETWORK));
        cases.push((with(command, &flags, &own), 3, NETWORK));
        for (flag, value, says) in RESERVATION {
            cases.push((with(command, &flags, &[(flag, value)]), 2, says));
        }
    }
    for command in ["sla propose", "sla reserve"] {
        cases.push((with(command, &flags, &[("--id", "7")]), 3, NETWORK));
        cases.push((with(command, &flags, &[("--id", "seven")]), 2, "for '--id <NUMBER>'"));
    }
    let propose = |given| with("sla propose", &flags, given);
    cases.push((propose(&[("--delegate", "nobody")]), 2, "for '--delegate <ADDRESS>'"));
    cases.push((propose(&[("--seat", "yes")]), 2, "unexpected value 'yes' for '--seat'"));
    cases
}

fn of_one() -> Vec<Case> {
    let commands = [
        "accept",
        "reject",
        "seat",
        "show",
        "watch",
        "collect",
        "fold",
        "terminate",
        "expire",
        "redraw",
        "release",
        "close",
        "close-abandoned",
        "check",
    ];
    commands.iter().flat_map(|name| one_sla(&format!("sla {name}"))).collect()
}

fn of_several() -> Vec<Case> {
    let case = |line: String, code, says| (line, code, says);
    vec![
        case(format!("sla settle {ADDRESS}"), 3, NETWORK),
        case(format!("sla settle {ADDRESS} {ADDRESS}"), 3, NETWORK),
        case("sla settle --all".to_owned(), 3, NETWORK),
        case("sla settle".to_owned(), 2, "<SLA>"),
        case(format!("sla settle {ADDRESS} nobody"), 2, "for '[SLA]...'"),
        case(format!("sla settle --all {ADDRESS}"), 2, "'--all' cannot be used with"),
        case(format!("sla withdraw {ADDRESS}"), 3, NETWORK),
        case("sla withdraw --all".to_owned(), 3, NETWORK),
        case(format!("sla withdraw --all --provider {ADDRESS}"), 3, NETWORK),
        case(format!("sla withdraw {ADDRESS} --provider {ADDRESS}"), 2, "cannot be used with"),
        case(format!("sla withdraw --provider {ADDRESS}"), 2, "required arguments"),
        case("sla withdraw".to_owned(), 2, "<SLA>"),
        case("sla withdraw nobody".to_owned(), 2, "invalid value 'nobody'"),
        case(format!("sla withdraw --all {ADDRESS}"), 2, "'--all' cannot be used with"),
        case("sla list".to_owned(), 3, NETWORK),
        case(format!("sla list --consumer {ADDRESS} --state ended"), 3, NETWORK),
        case(format!("sla list --provider {ADDRESS}"), 3, NETWORK),
        case(format!("sla list --oracle {ADDRESS}"), 3, NETWORK),
        case("sla list --consumer nobody".to_owned(), 2, "for '--consumer <ADDRESS>'"),
        case("sla list --provider nobody".to_owned(), 2, "for '--provider <ADDRESS>'"),
        case("sla list --oracle nobody".to_owned(), 2, "for '--oracle <ADDRESS>'"),
        case(format!("sla list --consumer {ADDRESS} --oracle {ADDRESS}"), 2, "cannot be used with"),
        case("sla list --sort charm".to_owned(), 2, "--sort: `charm` is no column"),
        case("sla list --reverse=yes".to_owned(), 2, "unexpected value 'yes' for '--reverse'"),
        case("sla list --limit some".to_owned(), 2, "for '--limit <COUNT>'"),
        case("sla list --skip some".to_owned(), 2, "for '--skip <COUNT>'"),
        case("sla list --state over".to_owned(), 2, "proposed, agreed, active, ended"),
        case(format!("sla arm-redraw {ADDRESS} 0 2"), 3, NETWORK),
        case(format!("sla arm-redraw {ADDRESS}"), 2, "<SEAT>"),
        case(format!("sla arm-redraw {ADDRESS} 5"), 2, "has seats 0 to 4"),
        case("sla arm-redraw nobody 0".to_owned(), 2, "for '<SLA>'"),
        case(format!("sla renew {ADDRESS} --id 7 --seat"), 3, NETWORK),
        case("sla renew".to_owned(), 2, "<SLA>"),
        case(format!("sla renew {ADDRESS} --id seven"), 2, "for '--id <NUMBER>'"),
        case(format!("sla renew {ADDRESS} --seat=yes"), 2, "for '--seat'"),
    ]
}

/// Of sealing, which reads a file before it asks a chain.
fn sealing() -> Vec<Case> {
    let line = |rest: &str| format!("sla seal {rest}");
    vec![
        (line(&format!("{ADDRESS} --access Cargo.toml --out out")), 3, NETWORK),
        (line("nobody --access Cargo.toml --out out"), 2, "for '<SLA>'"),
        (line(&format!("{ADDRESS} --out out")), 2, "--access <FILE>"),
        (
            line(&format!("{ADDRESS} --access nothing.json --out out")),
            2,
            "cannot read nothing.json",
        ),
        (line(&format!("{ADDRESS} --access Cargo.toml")), 2, "--out <FOLDER>"),
    ]
}

#[test]
fn every_flag_and_argument_refuses_what_is_wrong_before_a_chain_is_asked() {
    let cases = [reservations(), of_one(), of_several(), sealing()].concat();
    check("sla", &["report", "simulate"], &cases);
}
