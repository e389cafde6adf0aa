//! `flashback config` changes Flashback's own file, and only to what can be used.

use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer};

use crate::common::{Machine, refused};

const FILE: &str = ".config/flashback/config.yml";

#[test]
fn what_is_set_is_used_until_it_is_unset() {
    let machine = Machine::new();
    let key = Keypair::new();
    let path = machine.keypair("own.json", &key);
    for (setting, value, stored) in [
        ("url", "d", "d"),
        ("ws-url", "ws://a:1", "ws://a:1"),
        // Good in every folder.
        ("keypair", "own.json", path.as_str()),
        ("fee-payer", "prompt://?key=0/0", "prompt://?key=0/0"),
        ("commitment", "finalized", "finalized"),
        ("compute-unit-price", "1000", "1000"),
    ] {
        let set = machine.json(&["config", "set", setting, value]);
        assert_eq!((&set["before"], &set["value"]), (&().into(), &stored.into()), "{setting}");
    }
    let text = std::fs::read_to_string(machine.path(FILE)).unwrap();
    assert!(text.contains("compute_unit_price: 1000\n"), "{text}");
    let shown = machine.run(&["config", "show"]).ok().stdout;
    for value in
        ["https://api.devnet.solana.com", "ws://a:1", &path, "?key=0/0", "finalized", "1000"]
    {
        assert!(shown.contains(value), "{value} in {shown}");
    }
    for setting in ["url", "ws-url", "keypair", "fee-payer", "commitment", "compute-unit-price"] {
        machine.run(&["config", "unset", setting]).ok();
        let line = ["config", "unset", setting];
        machine.run(&line).fails(2, "is not set in");
    }
    assert!(!machine.run(&["config", "show"]).ok().stdout.contains("devnet"));
}

#[test]
fn an_alias_stands_for_its_address_everywhere() {
    let machine = Machine::offline();
    let address = Pubkey::new_unique().to_string();
    machine.run(&["provider", "show", "shop"]).fails(2, "`flashback config alias shop ADDRESS`");
    machine.run(&["config", "alias", "shop", &address]).ok();
    // As far as asking the server.
    machine.run(&["provider", "show", "shop"]).fails(3, "cannot be reached");
    let shown = machine.json(&["config", "alias", "also", "shop"]);
    assert_eq!(shown["address"], address.as_str());
    let listed = machine.json(&["config", "aliases"]);
    assert_eq!(listed["aliases"][0]["alias"], "also");
    assert_eq!(listed["aliases"][1]["address"], address.as_str());
    // What is sent to it would go elsewhere.
    let other = Pubkey::new_unique().to_string();
    machine.run(&["config", "alias", "also", &other]).fails(2, "stands for");
    assert_eq!(machine.json(&["config", "aliases"])["aliases"][0]["address"], address.as_str());
    machine.run(&["config", "alias", "also", &address]).ok();
    let replaced = machine.json(&["config", "alias", "also", &other, "--yes"]);
    assert_eq!((&replaced["before"], &replaced["address"]), (&address.into(), &other.into()));
    machine.run(&["config", "unalias", "shop"]).ok();
    machine.run(&["provider", "show", "shop"]).fails(2, "nor an alias");
    machine.run(&["config", "unalias", "shop"]).fails(2, "there is no alias `shop`");
}

#[test]
fn what_cannot_be_used_is_not_set() {
    let machine = Machine::offline();
    refused(
        &machine,
        &[
            ("config", 2, "Usage: flashback config"),
            ("config set", 2, "<SETTING> <VALUE>"),
            ("config set url", 2, "<VALUE>"),
            ("config set colour red", 2, "invalid value 'colour'"),
            ("config set url devnett", 2, "url: `devnett` is no URL"),
            ("config set ws-url http://a", 2, "ws-url: `http://a` is no websocket's URL"),
            ("config set keypair missing.json", 2, "cannot read a keypair from"),
            ("config set keypair prompt:?key=x", 2, "names no derivation path"),
            ("config set keypair usb://ledger?path=0", 2, "names no derivation path"),
            ("config set fee-payer missing.json", 2, "cannot read a keypair from"),
            ("config set commitment max", 2, "commitment: `max` is no commitment"),
            ("config set compute-unit-price -1", 2, "compute-unit-price: `-1` is no price"),
            ("config set compute-unit-price 0.5", 2, "compute-unit-price: `0.5` is no price"),
            ("config unset", 2, "<SETTING>"),
            ("config unset colour", 2, "invalid value 'colour'"),
            ("config unset url", 2, "url is not set in"),
            ("config alias", 2, "<NAME> <ADDRESS>"),
            ("config alias 1st 11111111111111111111111111111111", 2, "`1st` is no alias"),
            ("config alias shop nobody", 2, "`nobody` is neither an address"),
            ("config unalias", 2, "<NAME>"),
            ("config unalias shop", 2, "there is no alias `shop`"),
            ("config aliases all", 2, "unexpected argument 'all'"),
            ("config show all", 2, "unexpected argument 'all'"),
            ("config set url d --dry-run", 2, "--dry-run is of transactions"),
            ("config unset url --no-wait", 2, "--no-wait is of transactions"),
            (
                "config alias shop 11111111111111111111111111111111 --sign-only",
                2,
                "--sign-only is of transactions",
            ),
            ("config unalias shop --dry-run", 2, "--dry-run is of transactions"),
            ("localnet travel 1h --dry-run", 2, "--dry-run is of transactions"),
        ],
    );
    assert!(!machine.path(FILE).exists());
}

#[test]
fn signers_are_named_as_the_solana_tools_name_them() {
    let machine = Machine::offline();
    let key = Keypair::new();
    let path = machine.keypair("own.json", &key);
    let bytes = std::fs::read_to_string(&path).unwrap();
    let address = key.pubkey().to_string();
    // As far as asking the server for the provider of that key.
    for name in ["own.json", "file:own.json", &path, &address] {
        machine.run(&["provider", "show", "-k", name]).fails(3, "cannot be reached");
    }
    for name in ["-", "stdin:"] {
        let run = machine.run_with_input(&["provider", "show", "-k", name], &bytes);
        run.fails(3, "cannot be reached");
    }
    refused(
        &machine,
        &[
            ("provider show -k prompt:", 2, "a seed phrase is typed at a terminal"),
            ("provider show -k prompt://?key=0/1", 2, "a seed phrase is typed at a terminal"),
            ("provider show -k prompt://?key=a", 2, "names no derivation path"),
            ("provider show -k file:other.json", 2, "cannot read a keypair from other.json"),
            ("provider stake 1 -k own.json --fee-payer other.json", 2, "--fee-payer"),
        ],
    );
    #[cfg(not(feature = "remote-wallet"))]
    refused(&machine, &[("provider show -k usb://ledger", 2, "--features remote-wallet")]);
}
