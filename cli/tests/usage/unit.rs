//! Wrong values of `flashback unit`.

use crate::common::{Machine, refused};
use solana_sdk::signature::Keypair;

/// What a new unit takes at least.
const NEW: &str =
    "unit create 1 --capacity 1TiB --price 0.02 --region eu --endpoint https://s3.provider.example";

#[test]
fn a_wrong_new_unit_is_refused_before_anything_is_sent() {
    for (flags, said) in [
        ("--capacity 1TB", "cannot be used multiple times"),
        ("--protocols ftp", "`ftp` is no known protocol"),
        ("--min 0s", "is no time span"),
        ("--max 1y", "needs a unit"),
        ("--min 2d --max 1d", "shortest duration must be above zero and at most its longest"),
        ("--probe-interval 0m", "is no time span"),
        ("--probe-interval 8d", "probe interval"),
        ("--uptime 0.999", "`0.999` needs a %"),
        ("--success 101%", "is more than 100%"),
        ("--success none", "a mean without errors"),
        ("--uptime none --success none --latency none", "the terms promise nothing"),
        ("--latency 0ms", "must be above zero"),
        ("--upload 5MB/s", "needs a unit"),
        ("--download fast", "needs a unit"),
        ("--consumer-level 5", "`5` is no level"),
        ("--by-hand=no", "unexpected value 'no'"),
        ("2", "unexpected argument '2'"),
    ] {
        refused(&Machine::offline(), &[(&format!("{NEW} {flags}"), 2, said)]);
    }
    refused(
        &Machine::offline(),
        &[
            ("unit create", 2, "<NUMBER>"),
            ("unit create one", 2, "invalid digit"),
            ("unit create -1", 2, "unexpected argument '-1'"),
            ("unit create 1", 2, "--capacity <SIZE>"),
            ("unit create 1 --capacity 0GiB", 2, "at least 1GiB"),
            ("unit create 1 --capacity 1TB", 2, "needs a unit"),
            ("unit create 1 --price 0", 2, "cannot be listed for free"),
            ("unit create 1 --region ä", 2, "is no region"),
            ("unit create 1 --endpoint ä", 2, "printable ASCII"),
        ],
    );
}

#[test]
fn wrong_changes_are_refused_before_anything_is_sent() {
    refused(
        &Machine::offline(),
        &[
            ("unit update", 2, "<NUMBER>"),
            ("unit update one --price 1", 2, "invalid digit"),
            ("unit update 1", 2, "required arguments were not provided"),
            ("unit update 1 --capacity 0.5GiB", 2, "no whole number of GiB"),
            ("unit update 1 --price 0", 2, "cannot be listed for free"),
            ("unit update 1 --endpoint ä", 2, "printable ASCII"),
            ("unit update 1 --protocols s3,ftp", 2, "`ftp` is no known protocol"),
            ("unit update 1 --min 30", 2, "needs a unit"),
            ("unit update 1 --max 0d", 2, "is no time span"),
            ("unit update 1 --probe-interval often", 2, "needs a unit"),
            ("unit update 1 --uptime 99.9", 2, "needs a %"),
            ("unit update 1 --success 99.99999%", 2, "too many decimals"),
            ("unit update 1 --latency 0.5us", 2, "no whole number of us"),
            ("unit update 1 --upload 0KiB/s", 2, "must be above zero"),
            ("unit update 1 --download 1", 2, "needs a unit"),
            ("unit update 1 --consumer-level none", 2, "`none` is no level"),
            ("unit update 1 --by-hand --at-once", 2, "cannot be used with"),
            ("unit update 1 --at-once=yes", 2, "unexpected value 'yes'"),
            ("unit update 1 --region eu", 2, "unexpected argument '--region'"),
        ],
    );
}

#[test]
fn wrong_values_of_the_rest_are_refused_before_anything_is_sent() {
    refused(
        &Machine::offline(),
        &[
            ("unit maintenance --from +2d --for 1h", 2, "<NUMBER>"),
            ("unit maintenance one --from +2d --for 1h", 2, "invalid digit"),
            ("unit maintenance 1 --for 1h", 2, "--from <TIME>"),
            ("unit maintenance 1 --from +2d", 2, "--for <SPAN>"),
            ("unit maintenance 1 --from 2026-12-01 --for 1h", 2, "`2026-12-01` is no time"),
            ("unit maintenance 1 --from +2d --for 0h", 2, "is no time span"),
            ("unit maintenance 1 --from +2d --for 1h --provider nobody", 2, "neither an address"),
            ("unit boost", 2, "<NUMBER>"),
            ("unit boost one 5", 2, "invalid digit"),
            ("unit boost 1", 2, "<AMOUNT>"),
            ("unit boost 1 0", 2, "must be above zero"),
            ("unit boost 1 5 --provider nobody", 2, "neither an address"),
            ("unit refresh", 2, "<NUMBER>"),
            ("unit refresh one", 2, "invalid digit"),
            ("unit refresh 1 --provider nobody", 2, "neither an address"),
            ("unit close", 2, "<NUMBER>"),
            ("unit close one", 2, "invalid digit"),
            ("unit remove", 2, "<NUMBER>"),
            ("unit remove one", 2, "invalid digit"),
            ("unit remove 1 --provider nobody", 2, "neither an address"),
            ("unit show", 2, "<NUMBER>"),
            ("unit show one", 2, "invalid digit"),
            ("unit show 1 --provider nobody", 2, "neither an address"),
            ("unit list 1", 2, "unexpected argument '1'"),
            ("unit list --provider nobody", 2, "neither an address"),
            ("unit search --region ä", 2, "is no region"),
            ("unit search --protocols ftp", 2, "`ftp` is no known protocol"),
            ("unit search --size 1", 2, "needs a unit"),
            ("unit search --for 30", 2, "needs a unit"),
            ("unit search --max-price free", 2, "amounts are FLASH"),
            ("unit search --max-latency none", 2, "is no latency"),
            ("unit search --min-score 101", 2, "more than the highest score, 100"),
            ("unit search --level 0", 2, "`0` is no level"),
            ("unit search --any-consumer=1", 2, "unexpected value '1'"),
            ("unit search cheap", 2, "unexpected argument 'cheap'"),
            ("unit search", 2, "cannot read a keypair"),
        ],
    );
}

/// So that the exit codes above say that nothing was asked of a server.
#[test]
fn right_values_reach_the_server() {
    let machine = Machine::offline();
    machine.run(&["unit", "search", "--any-consumer"]).fails(3, "");
    let key = machine.keypair("id.json", &Keypair::new());
    let machine = machine.with("FLASHBACK_KEYPAIR", &key);
    for line in [
        NEW,
        "unit update 1 --by-hand --success 99% --consumer-level 0",
        "unit maintenance 1 --from 2026-12-01T00:00:00Z --for 2h",
        "unit boost 1 5FLASH --yes",
        "unit refresh 1",
        "unit close 1 --yes",
        "unit remove 1",
        "unit show 1",
        "unit list",
        "unit search --region eu --protocols s3,gcs --size 1TiB --for 30d --max-price 1 --max-latency 1s --min-score 50 \
         --level 4",
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        machine.run(&words).fails(3, "");
    }
}

/// Standard input is read once only.
#[test]
fn a_keypair_on_standard_input_acts() {
    let machine = Machine::offline();
    let key = serde_json::to_string(&Keypair::new().to_bytes().to_vec()).unwrap();
    for line in ["unit refresh 1", "unit remove 1", "unit show 1", "provider show"] {
        let words: Vec<&str> = line.split_whitespace().chain(["-k", "-"]).collect();
        machine.run_with_input(&words, &key).fails(3, "");
    }
}
