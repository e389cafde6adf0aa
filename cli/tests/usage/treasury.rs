//! Wrong values of `flashback treasury`.

use super::acting::{KEY, machine, reach_the_server};
use crate::common::refused;

#[test]
fn wrong_values_are_refused_before_anything_is_sent() {
    let twice = format!("treasury sweep {KEY} {KEY}");
    refused(
        &machine(),
        &[
            ("treasury", 2, "subcommand"),
            ("treasury show now", 2, "unexpected argument"),
            ("treasury sweep", 2, "SLA"),
            ("treasury sweep 123", 2, "neither an address"),
            (&twice, 2, "named twice"),
            ("treasury check all", 2, "unexpected argument"),
        ],
    );
}

#[test]
fn right_values_reach_the_server() {
    let lines = ["treasury show", "treasury check", "treasury sweep KEY"];
    reach_the_server(&lines.map(|line| line.replace("KEY", KEY)));
}
