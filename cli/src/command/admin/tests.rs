use crate::misuse::{KEY, accepts, refuses};

/// Another key than the one that acts.
const OTHER: &str = "SysvarC1ock11111111111111111111111111111111";

#[test]
fn wrong_first_settings_are_refused_before_anything_is_sent() {
    let init = |rest: &str| format!("admin init --mint {OTHER} {rest}");
    refuses(&[
        ("admin init", "--mint"),
        ("admin init --mint 123", "neither an address"),
        (&init("--window-min 8d"), "longest window of an SLA, 7 days"),
        (&init("--window-min 60"), "needs a unit"),
        (&init("--window-min 0s"), "no time span"),
        (&init("--guardian 0"), "neither an address"),
        (&init("--arbiter 0"), "neither an address"),
        (&init("cover_bps"), "no NAME=VALUE"),
        (&init("cover=1"), "no parameter: name one of protocol_fee_bps, "),
        (&init("cover_bps=99"), "cover_bps is 100 to 10000"),
        (&init("cover_bps=200 cover_bps=300"), "cover_bps is named twice"),
        (&init("--migrate"), "unexpected argument"),
    ]);
    let (code, message) = crate::misuse::outcome(&init("min_samples=1000 probes_max=999"));
    assert_eq!(code, 4, "{message}");
    assert!(message.contains("min_samples, 1000, may not exceed probes_max, 999"), "{message}");
}

#[test]
fn wrong_parameters_are_refused_before_anything_is_sent() {
    let set = |rest: &str| format!("admin params set {rest}");
    refuses(&[
        ("admin params", "subcommand"),
        ("admin params show cover_bps", "unexpected argument"),
        ("admin params set", "NAME=VALUE"),
        (&set("=5"), "`` is no parameter"),
        (&set("cover_bps="), "whole number of bps of an SLA's price"),
        (&set("cover_bps=-1"), "whole number of bps"),
        (&set("cover_bps=20%"), "whole number of bps"),
        (&set("cover_bps=10001"), "100 to 10000, and `10001` is not"),
        (&set("cover_bps=18446744073709551616"), "too large"),
        (&set("penalty_multiple=256"), "1 to 10"),
        (&set("min_stake=0.5FLASH"), "min_stake is 1 FLASH to 10000000 FLASH"),
        (&set("min_stake=1d"), "amounts are FLASH"),
        (&set("unbonding_secs=6d"), "unbonding_secs is 7d to 90d"),
        (&set("unbonding_secs=8FLASH"), "needs a unit"),
        (&set("refund_curve=1,2,3"), "no X1,Y1,X2,Y2 in bps, such as 2000,1000,6000,6000"),
        (&set("refund_curve=1,2,3,x"), "no X1,Y1,X2,Y2"),
        (&set("refund_curve=3,0,3,1"), "must rise from 0 to 1"),
        (&set("refund_curve=1,1,2,2 refund_curve=1,1,2,2"), "refund_curve is named twice"),
    ]);
}

#[test]
fn wrong_appointments_are_refused_before_anything_is_sent() {
    let appoint = |rest: &str| format!("admin certifier appoint {OTHER} {rest}");
    refuses(&[
        ("admin certifier appoint --level 1 --for 1d", "ADDRESS"),
        ("admin certifier appoint 123 --level 1 --for 1d", "neither an address"),
        (&appoint("--for 1d"), "--level"),
        (&appoint("--level 0 --for 1d"), "0 is not in 1..=4"),
        (&appoint("--level 5 --for 1d"), "5 is not in 1..=4"),
        (&appoint("--level 1"), "--for <SPAN>|--until <TIME>"),
        (&appoint("--level 1 --for 1"), "needs a unit"),
        (&appoint("--level 1 --until tomorrow"), "no time"),
        (&appoint("--level 1 --for 1d --until +1d"), "cannot be used with"),
        ("admin certifier remove", "ADDRESS"),
        ("admin certifier remove 123", "neither an address"),
    ]);
}

#[test]
fn wrong_powers_are_refused_before_anything_is_sent() {
    let own = format!("admin authority offer {KEY}");
    refuses(&[
        ("admin", "subcommand"),
        ("admin show me", "unexpected argument"),
        ("admin guardian", "ADDRESS"),
        ("admin guardian 123", "neither an address"),
        ("admin arbiter", "ADDRESS"),
        ("admin arbiter 123", "neither an address"),
        ("admin authority", "subcommand"),
        ("admin authority offer", "ADDRESS"),
        ("admin authority offer 123", "neither an address"),
        ("admin authority offer 11111111111111111111111111111111", "nobody's key"),
        (&own, "the key that you act as"),
        ("admin authority withdraw 123", "unexpected argument"),
        ("admin authority accept 123", "unexpected argument"),
        ("admin pause", "SPAN"),
        ("admin pause 1", "needs a unit"),
        ("admin pause 8d", "at most 7 days"),
    ]);
}

#[test]
fn right_input_gets_as_far_as_the_server() {
    let line = |line: &str| line.replace("OTHER", OTHER);
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
    let lines = lines.map(line);
    accepts(&lines.each_ref().map(String::as_str));
}
