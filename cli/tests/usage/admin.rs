//! Wrong values of `flashback admin`.

use super::acting::{KEY, machine, reach_the_server};
use crate::common::refused;

/// Another key than the one that acts.
const OTHER: &str = "SysvarC1ock11111111111111111111111111111111";

#[test]
fn wrong_first_settings_are_refused_before_anything_is_sent() {
    let init = |rest: &str| format!("admin init --mint {OTHER} {rest}");
    refused(
        &machine(),
        &[
            ("admin init", 2, "--mint"),
            ("admin init --mint 123", 2, "neither an address"),
            (&init("--window-min 8d"), 2, "longest window of an SLA, 7 days"),
            (&init("--window-min 60"), 2, "needs a unit"),
            (&init("--window-min 0s"), 2, "no time span"),
            (&init("--guardian 0"), 2, "neither an address"),
            (&init("--arbiter 0"), 2, "neither an address"),
            (&init("cover_bps"), 2, "no NAME=VALUE"),
            (&init("cover=1"), 2, "no parameter: name one of protocol_fee_bps, "),
            (&init("cover_bps=99"), 2, "cover_bps is 100 to 10000"),
            (&init("cover_bps=200 cover_bps=300"), 2, "cover_bps is named twice"),
            (&init("--migrate"), 2, "unexpected argument"),
            (
                &init("min_samples=1000 probes_max=999"),
                4,
                "min_samples, 1000, may not exceed probes_max, 999",
            ),
        ],
    );
}

#[test]
fn wrong_parameters_are_refused_before_anything_is_sent() {
    let set = |rest: &str| format!("admin params set {rest}");
    refused(
        &machine(),
        &[
            ("admin params", 2, "subcommand"),
            ("admin params show cover_bps", 2, "unexpected argument"),
            ("admin params set", 2, "NAME=VALUE"),
            (&set("=5"), 2, "`` is no parameter"),
            (&set("cover_bps="), 2, "whole number of bps of an SLA's price"),
            (&set("cover_bps=-1"), 2, "whole number of bps"),
            (&set("cover_bps=20%"), 2, "whole number of bps"),
            (&set("cover_bps=10001"), 2, "100 to 10000, and `10001` is not"),
            (&set("cover_bps=18446744073709551616"), 2, "too large"),
            (&set("penalty_multiple=256"), 2, "1 to 10"),
            (&set("min_stake=0.5FLASH"), 2, "min_stake is 1 FLASH to 10000000 FLASH"),
            (&set("min_stake=1d"), 2, "amounts are FLASH"),
            (&set("min_stake=1000000"), 2, "write 1000000FLASH or 1000000atoms"),
            (&set("unbonding_secs=6d"), 2, "unbonding_secs is 7d to 90d"),
            (&set("unbonding_secs=8FLASH"), 2, "needs a unit"),
            (&set("refund_curve=1,2,3"), 2, "no X1,Y1,X2,Y2 in bps, such as 2000,1000,6000,6000"),
            (&set("refund_curve=1,2,3,x"), 2, "no X1,Y1,X2,Y2"),
            (&set("refund_curve=3,0,3,1"), 2, "must rise from 0 to 1"),
            (&set("refund_curve=1,1,2,2 refund_curve=1,1,2,2"), 2, "refund_curve is named twice"),
        ],
    );
}

#[test]
fn wrong_appointments_are_refused_before_anything_is_sent() {
    let appoint = |rest: &str| format!("admin certifier appoint {OTHER} {rest}");
    refused(
        &machine(),
        &[
            ("admin certifier appoint --level 1 --for 1d", 2, "ADDRESS"),
            ("admin certifier appoint 123 --level 1 --for 1d", 2, "neither an address"),
            (&appoint("--for 1d"), 2, "--level"),
            (&appoint("--level 0 --for 1d"), 2, "`0` is no level: 1 to 4"),
            (&appoint("--level 5 --for 1d"), 2, "`5` is no level: 1 to 4"),
            (&appoint("--level 1"), 2, "--for <SPAN>|--until <TIME>"),
            (&appoint("--level 1 --for 1"), 2, "needs a unit"),
            (&appoint("--level 1 --until tomorrow"), 2, "no time"),
            (&appoint("--level 1 --for 1d --until +1d"), 2, "cannot be used with"),
            ("admin certifier remove", 2, "ADDRESS"),
            ("admin certifier remove 123", 2, "neither an address"),
        ],
    );
}

#[test]
fn wrong_powers_are_refused_before_anything_is_sent() {
    let own = format!("admin authority offer {KEY}");
    refused(
        &machine(),
        &[
            ("admin", 2, "subcommand"),
            ("admin show me", 2, "unexpected argument"),
            ("admin guardian", 2, "ADDRESS"),
            ("admin guardian 123", 2, "neither an address"),
            ("admin arbiter", 2, "ADDRESS"),
            ("admin arbiter 123", 2, "neither an address"),
            ("admin authority", 2, "subcommand"),
            ("admin authority offer", 2, "ADDRESS"),
            ("admin authority offer 123", 2, "neither an address"),
            ("admin authority offer 11111111111111111111111111111111", 2, "nobody's key"),
            (&own, 2, "the key that you act as"),
            ("admin authority withdraw 123", 2, "unexpected argument"),
            ("admin authority accept 123", 2, "unexpected argument"),
            ("admin pause", 2, "SPAN"),
            ("admin pause 1", 2, "needs a unit"),
            ("admin pause 8d", 2, "at most 7 days"),
        ],
    );
}

#[test]
fn right_values_reach_the_server() {
    let lines = [
        "admin init --mint OTHER",
        "admin init --mint OTHER --window-min 4s --guardian OTHER --arbiter OTHER min_stake=1FLASH z_milli=0",
        "admin show",
        "admin params show",
        "admin params set cover_bps=2500 min_stake=1000FLASH unbonding_secs=30d refund_curve=1,1,2,2",
        "admin certifier appoint OTHER --level 4 --for 365d",
        "admin certifier appoint OTHER --level 1 --until 2030-01-01T00:00:00Z",
        "admin certifier remove OTHER",
        "admin guardian OTHER",
        "admin arbiter OTHER",
        "admin authority offer OTHER",
        "admin authority withdraw",
        "admin authority accept",
        "admin pause 7d",
    ];
    let lines = lines.map(|line| line.replace("OTHER", OTHER));
    reach_the_server(&lines);
}
