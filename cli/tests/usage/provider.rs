//! Wrong values of `flashback provider`.

use crate::common::{Machine, refused};
use solana_sdk::signature::Keypair;

#[test]
fn wrong_values_are_refused_before_anything_is_sent() {
    refused(
        &Machine::offline(),
        &[
            ("provider register", 2, "--region <NAME>"),
            ("provider register --region zürich", 2, "`zürich` is no region"),
            ("provider register --region 12345678901234567", 2, "is no region"),
            ("provider register --region eu --metadata-uri zürich", 2, "printable ASCII"),
            ("provider register --region eu --payout nobody", 2, "neither an address"),
            ("provider register --region eu --stake 0", 2, "`0` must be above zero"),
            ("provider register --region eu --stake 1.0000001", 2, "too many decimals"),
            ("provider register eu", 2, "unexpected argument 'eu'"),
            ("provider update", 2, "required arguments were not provided"),
            ("provider update --payout nobody", 2, "neither an address"),
            ("provider update --region a,ä", 2, "is no region"),
            ("provider update --metadata-uri ä", 2, "printable ASCII"),
            ("provider operator", 2, "Usage: flashback provider operator"),
            ("provider operator set", 2, "<ADDRESS>"),
            ("provider operator set nobody --until +1d", 2, "neither an address"),
            (
                "provider operator set So11111111111111111111111111111111111111112",
                2,
                "--for <SPAN>|--until <TIME>",
            ),
            (
                "provider operator set So11111111111111111111111111111111111111112 --until tomorrow",
                2,
                "`tomorrow` is no time",
            ),
            (
                "provider operator set 11111111111111111111111111111111 --until +1d",
                2,
                "`flashback provider operator unset`",
            ),
            ("provider operator unset 1", 2, "unexpected argument '1'"),
            ("provider stake", 2, "<AMOUNT>"),
            ("provider stake 0FLASH", 2, "must be above zero"),
            ("provider stake -1", 2, "unexpected argument '-1'"),
            ("provider stake 5SOL", 2, "amounts are FLASH"),
            ("provider unstake", 2, "<AMOUNT>"),
            ("provider unstake 0", 2, "must be above zero"),
            ("provider unstake 18446744073710", 2, "is too large"),
            ("provider unstake ALL", 2, "amounts are FLASH"),
            ("provider withdraw-stake --to nobody", 2, "neither an address"),
            ("provider withdraw-stake 5", 2, "unexpected argument '5'"),
            ("provider show nobody", 2, "neither an address"),
            ("provider list nobody", 2, "unexpected argument 'nobody'"),
            ("provider slas nobody", 2, "neither an address"),
            ("provider close nobody", 2, "unexpected argument 'nobody'"),
            ("provider close --keypair missing.json", 2, "cannot read a keypair from missing.json"),
        ],
    );
}

/// So that the exit codes above say that nothing was asked of a server.
#[test]
fn right_values_reach_the_server() {
    let machine = Machine::offline();
    let key = machine.keypair("id.json", &Keypair::new());
    let machine = machine.with("FLASHBACK_KEYPAIR", &key);
    for line in [
        "provider register --region eu-west-3 --stake 1",
        "provider update --metadata-uri=",
        "provider operator set So11111111111111111111111111111111111111112 --until +90d",
        "provider operator set So11111111111111111111111111111111111111112 --for 90d",
        "provider operator unset",
        "provider stake 1FLASH",
        "provider unstake 1FLASH --yes",
        "provider unstake all",
        "provider withdraw-stake",
        "provider show",
        "provider list",
        "provider slas",
        "provider close --yes",
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        machine.run(&words).fails(3, "");
    }
}
