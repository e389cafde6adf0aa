//! Commands of as many transactions as it takes, where there is nothing to do, and what is not awaited.

use flashback_localnet::{Localnet, LocalnetConfig};
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};

use crate::common::Machine;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_do_is_no_failure_and_what_is_not_awaited_is_an_array() {
    let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
    let machine = Machine::at(chain.rpc_url());
    let flash = Atoms(100 * ATOMS_PER_FLASH);
    let actor = chain.deployment().actor("alice", flash).await.unwrap();
    let machine = machine.with("FLASHBACK_KEYPAIR", "alice.json");
    machine.keypair("alice.json", &actor.keypair);

    for (command, nothing) in [("settle", "nothing to settle"), ("withdraw", "nothing to withdraw")]
    {
        for flags in [&[][..], &["--no-wait"], &["--dry-run"]] {
            let done = machine.json(&[&["sla", command, "--all"][..], flags].concat());
            assert_eq!(done["result"], nothing, "{done}");
            let hint = done["hint"].as_str().unwrap_or_default();
            assert_eq!(hint.contains("--provider"), command == "withdraw", "{done}");
            assert!(done.get("signatures").is_none() && done.get("sent").is_none(), "{done}");
        }
    }

    let register = ["provider", "register", "--region", "eu-central-1", "--stake", "5"];
    let done = machine.json(&register);
    // Read at the transaction's slot or later: never as before it.
    let wallet = &done["amounts"]["wallet"];
    let (before, after) = (wallet["before"].as_u64().unwrap(), wallet["after"].as_u64().unwrap());
    assert_eq!(before - after, 5 * ATOMS_PER_FLASH, "{done}");
    let sent = machine.json(&["provider", "stake", "1", "--no-wait"]);
    assert_eq!(sent["sent"].as_array().map(Vec::len), Some(1), "{sent}");
    assert!(sent.get("signatures").is_none() && sent.get("amounts").is_none(), "{sent}");
}
