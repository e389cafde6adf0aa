use crate::misuse::{KEY, accepts, refuses};

fn hash() -> String {
    "0f".repeat(32)
}

#[test]
fn wrong_certificates_are_refused_before_anything_is_sent() {
    let certify = |rest: &str| format!("certifier certify oracle {KEY} {rest}");
    let hash = hash();
    let rest = format!("--level 1 --for 1d --evidence {hash}");
    let whole = |start: &str| format!("certifier certify {start} {rest}");
    refuses(&[
        ("certifier", "subcommand"),
        (&whole(""), "KIND"),
        (&whole(&format!("judge {KEY}")), "provider, consumer, oracle"),
        (&whole("oracle"), "ADDRESS"),
        (&whole("oracle 123"), "neither an address"),
        (&certify(&format!("--for 1d --evidence {hash}")), "--level"),
        (&certify(&format!("--level 0 --for 1d --evidence {hash}")), "0 is not in 1..=4"),
        (&certify(&format!("--level 5 --for 1d --evidence {hash}")), "5 is not in 1..=4"),
        (&certify(&format!("--level 1 --evidence {hash}")), "--for <SPAN>|--until <TIME>"),
        (&certify(&format!("--level 1 --for 0s --evidence {hash}")), "no time span"),
        (&certify(&format!("--level 1 --until 1.5 --evidence {hash}")), "no time"),
        (&certify(&format!("{rest} --until +1d")), "cannot be used with"),
        (&certify("--level 1 --for 1d"), "--evidence"),
        (&certify("--level 1 --for 1d --evidence 0f"), "64 hexadecimal digits"),
    ]);
}

#[test]
fn wrong_amendments_are_refused_before_anything_is_sent() {
    let amend = |rest: &str| format!("certifier amend consumer {KEY} {rest}");
    refuses(&[
        ("certifier amend judge", "provider, consumer, oracle"),
        ("certifier amend consumer --level 1", "ADDRESS"),
        ("certifier amend consumer 123 --level 1", "neither an address"),
        (&amend(""), "--level <LEVEL>|--for <SPAN>|--until <TIME>|--evidence <HASH>"),
        (&amend("--level 5"), "5 is not in 1..=4"),
        (&amend("--for 1"), "needs a unit"),
        (&amend("--until never"), "no time"),
        (&amend("--for 1d --until +1d"), "cannot be used with"),
        (&amend("--evidence xyz"), "64 hexadecimal digits"),
    ]);
}

#[test]
fn wrong_lookups_are_refused() {
    refuses(&[
        ("certifier revoke judge", "provider, consumer, oracle"),
        ("certifier revoke provider", "ADDRESS"),
        ("certifier revoke provider 123", "neither an address"),
        ("certifier show 123", "neither an address"),
        ("certifier show --certificates=yes", "unexpected value"),
        ("certifier list 123", "unexpected argument"),
        ("certifier certificate", "KIND"),
        ("certifier certificate judge", "provider, consumer, oracle"),
        ("certifier certificate oracle 123", "neither an address"),
    ]);
}

#[test]
fn right_input_gets_as_far_as_the_server() {
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
    accepts(&lines.each_ref().map(String::as_str));
}
