//! Wrong values of `flashback certifier`.

use super::acting::{KEY, machine, reach_the_server};
use crate::common::refused;

fn hash() -> String {
    "0f".repeat(32)
}

#[test]
fn wrong_certificates_are_refused_before_anything_is_sent() {
    let certify = |rest: &str| format!("certifier certify oracle {KEY} {rest}");
    let hash = hash();
    let rest = format!("--level 1 --for 1d --evidence {hash}");
    let whole = |start: &str| format!("certifier certify {start} {rest}");
    refused(
        &machine(),
        &[
            ("certifier", 2, "subcommand"),
            (&whole(""), 2, "KIND"),
            (&whole(&format!("judge {KEY}")), 2, "provider, consumer, oracle"),
            (&whole("oracle"), 2, "ADDRESS"),
            (&whole("oracle 123"), 2, "neither an address"),
            (&certify(&format!("--for 1d --evidence {hash}")), 2, "--level"),
            (
                &certify(&format!("--level 0 --for 1d --evidence {hash}")),
                2,
                "`0` is no level: 1 to 4",
            ),
            (
                &certify(&format!("--level 5 --for 1d --evidence {hash}")),
                2,
                "`5` is no level: 1 to 4",
            ),
            (&certify(&format!("--level 1 --evidence {hash}")), 2, "--for <SPAN>|--until <TIME>"),
            (&certify(&format!("--level 1 --for 0s --evidence {hash}")), 2, "no time span"),
            (&certify(&format!("--level 1 --until 1.5 --evidence {hash}")), 2, "no time"),
            (&certify(&format!("{rest} --until +1d")), 2, "cannot be used with"),
            (&certify("--level 1 --for 1d"), 2, "--evidence"),
            (&certify("--level 1 --for 1d --evidence 0f"), 2, "64 hexadecimal digits"),
        ],
    );
}

#[test]
fn wrong_amendments_are_refused_before_anything_is_sent() {
    let amend = |rest: &str| format!("certifier amend consumer {KEY} {rest}");
    refused(
        &machine(),
        &[
            ("certifier amend judge", 2, "provider, consumer, oracle"),
            ("certifier amend consumer --level 1", 2, "ADDRESS"),
            ("certifier amend consumer 123 --level 1", 2, "neither an address"),
            (&amend(""), 2, "--level <LEVEL>|--for <SPAN>|--until <TIME>|--evidence <HEX>"),
            (&amend("--level 5"), 2, "`5` is no level: 1 to 4"),
            (&amend("--for 1"), 2, "needs a unit"),
            (&amend("--until never"), 2, "no time"),
            (&amend("--for 1d --until +1d"), 2, "cannot be used with"),
            (&amend("--evidence xyz"), 2, "64 hexadecimal digits"),
        ],
    );
}

#[test]
fn wrong_lookups_are_refused() {
    refused(
        &machine(),
        &[
            ("certifier revoke judge", 2, "provider, consumer, oracle"),
            ("certifier revoke provider", 2, "ADDRESS"),
            ("certifier revoke provider 123", 2, "neither an address"),
            ("certifier show 123", 2, "neither an address"),
            ("certifier show --certificates=yes", 2, "unexpected value"),
            ("certifier list 123", 2, "unexpected argument"),
            ("certifier certificate", 2, "KIND"),
            ("certifier certificate judge", 2, "provider, consumer, oracle"),
            ("certifier certificate oracle 123", 2, "neither an address"),
        ],
    );
}

#[test]
fn right_values_reach_the_server() {
    let lines = [
        "certifier certify provider KEY --level 4 --for 365d --evidence HASH",
        "certifier certify oracle KEY --level 1 --until +1d --evidence HASH",
        "certifier amend provider KEY --level 2",
        "certifier amend consumer KEY --for 1d --evidence HASH",
        "certifier revoke oracle KEY",
        "certifier show",
        "certifier show KEY --certificates",
        "certifier list",
        "certifier certificate consumer KEY",
    ];
    let lines = lines.map(|line| line.replace("KEY", KEY).replace("HASH", &hash()));
    reach_the_server(&lines);
}
