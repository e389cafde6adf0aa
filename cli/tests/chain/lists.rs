//! Lists in the order that was asked for, and what is refused as things stand.

use flashback_localnet::{Localnet, LocalnetConfig};
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};
use serde_json::Value;

use crate::common::Machine;

/// The stakes of the rows, in FLASH.
fn stakes(listed: &Value) -> Vec<u64> {
    let rows = listed["providers"].as_array().unwrap().iter();
    rows.map(|row| row["bonded_stake"].as_u64().unwrap() / ATOMS_PER_FLASH).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_listed_by_what_they_have_staked() {
    let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
    let machine = Machine::at(chain.rpc_url());
    let mut largest = String::new();
    for (name, stake) in [("alice", "9"), ("bob", "10"), ("carol", "2")] {
        let flash = Atoms(10 * ATOMS_PER_FLASH);
        let actor = chain.deployment().actor(name, flash).await.unwrap();
        let key = machine.keypair(name, &actor.keypair);
        machine.json(&["provider", "register", "--region", "r", "--stake", stake, "-k", &key]);
        if name == "bob" {
            largest = actor.key().to_string();
        }
    }
    let list = |flags: &[&str]| machine.json(&[&["provider", "list"][..], flags].concat());
    assert_eq!(stakes(&list(&["--sort", "bonded_stake"])), [2, 9, 10]);
    let page = list(&["--sort", "bonded_stake", "--reverse", "--skip", "1", "--limit", "1"]);
    assert_eq!((stakes(&page), &page["total"]), (vec![9], &3.into()));
    let (usual, mut reversed) = (stakes(&list(&[])), stakes(&list(&["--reverse"])));
    reversed.reverse();
    assert_eq!(usual, reversed);

    // People read the same rows, and the name of an address with it.
    machine.run(&["config", "alias", "bobs", &largest]).ok();
    let line = ["provider", "list", "--sort", "bonded_stake", "--reverse", "--limit", "1"];
    let text = machine.run(&line).ok().stdout;
    assert!(text.contains(&format!("{largest} (bobs)")) && !text.contains(" 9"), "{text}");

    let bob = |line: &[&str]| machine.run(&[line, &["-k", "bob", "--output", "json"]].concat());
    for (line, said) in [
        (&["provider", "stake", "1"][..], "has 0 FLASH in its FLASH token account, not 1 FLASH"),
        (&["provider", "unstake", "11"], "you asked for 11 FLASH"),
        (&["provider", "register", "--region", "r"], "is registered as a provider already"),
        (&["provider", "operator", "unset"], "this provider has no operator"),
    ] {
        bob(line).fails(4, said);
    }
    let dry = bob(&["provider", "unstake", "1", "--dry-run"]).json();
    assert_eq!(dry["result"], "dry run: unstaking begun");
    assert_eq!(dry["amounts"]["unbonding_stake"]["after"], ATOMS_PER_FLASH);
    let operator = bob(&["provider", "operator", "set", &largest, "--for", "90d", "--dry-run"]);
    operator.fails(2, "name another key");
    let other = "So11111111111111111111111111111111111111112";
    let operator = bob(&["provider", "operator", "set", other, "--for", "90d"]);
    let changes = operator.json()["changes"].clone();
    assert_eq!(changes[1]["what"], "operator_until");
}
