//! `flashback events` on what two actors do.

use std::io::{BufRead, BufReader};

use flashback_localnet::{Localnet, LocalnetConfig};
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};
use serde_json::Value;

use crate::common::Machine;

/// What a command prints, line by line.
fn told(machine: &Machine, flags: &[&str]) -> Vec<Value> {
    let run = machine.run(&[&["events", "--output", "json"], flags].concat()).ok();
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_happened_is_told_in_order() {
    let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
    let machine = Machine::at(chain.rpc_url()).with("FLASHBACK_WS_URL", chain.ws_url());
    let flash = Atoms(100 * ATOMS_PER_FLASH);
    let mut keys = vec![];
    for name in ["alice", "bob"] {
        let actor = chain.deployment().actor(name, flash).await.unwrap();
        let key = machine.keypair(name, &actor.keypair);
        let line = ["provider", "register", "--region", "eu-central-1", "--stake", "5"];
        let done = machine.json(&[&line[..], &["-k", &key]].concat());
        keys.push((actor.key().to_string(), done["signatures"][0].as_str().unwrap().to_owned()));
    }
    let [(alice, first), (_, second)] = keys.try_into().unwrap();

    let all = told(&machine, &[]);
    let expected = [
        "ProtocolInitialized",
        "ProviderRegistered",
        "StakeAdded",
        "ProviderRegistered",
        "StakeAdded",
    ];
    assert_eq!(names(&all), expected);
    assert_eq!(all[1]["fields"]["authority"], alice.as_str());
    assert_eq!((&all[1]["signature"], &all[1]["index"]), (&first.as_str().into(), &0.into()));
    assert_eq!((&all[2]["signature"], &all[2]["index"]), (&first.as_str().into(), &1.into()));

    let hers = told(&machine, &["--provider", &alice]);
    assert_eq!(names(&hers), ["ProviderRegistered", "StakeAdded"]);
    assert_eq!(hers, all[1..3]);
    assert_eq!(told(&machine, &["--since", &first]), all[3..]);
    assert!(told(&machine, &["--since", &second]).is_empty());
    assert!(told(&machine, &["--sla", &alice, "--provider", &alice]).len() < hers.len());

    let text = machine.run(&["events", "--provider", &alice]).ok().stdout;
    assert_eq!(text.lines().count(), 2);
    assert!(text.contains(" StakeAdded ") && text.contains(&first), "{text}");
    assert!(text.contains(" before=0 FLASH after=5 FLASH "), "{text}");
    assert_eq!(hers[1]["fields"]["after"], 5 * ATOMS_PER_FLASH);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_as_it_happens() {
    let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
    let machine = Machine::at(chain.rpc_url()).with("FLASHBACK_WS_URL", chain.ws_url());
    let actor = chain.deployment().actor("alice", Atoms(100 * ATOMS_PER_FLASH)).await.unwrap();
    let key = machine.keypair("alice", &actor.keypair);
    let done = machine.json(&["provider", "register", "--region", "eu-central-1", "-k", &key]);
    let first = done["signatures"][0].as_str().unwrap();
    // Behind that transaction, so that it does not matter when it has begun.
    let line = ["events", "--follow", "--since", first, "--output", "json"];
    let mut child = machine.spawn(&line);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        let done = machine.json(&["provider", "stake", "1", "-k", &key]);
        let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(event["event"], "StakeAdded");
        assert_eq!(event["signature"], done["signatures"][0]);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
