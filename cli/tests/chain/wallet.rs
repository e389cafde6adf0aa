//! `flashback wallet`: what a key has, and what it is.

use flashback_localnet::{Localnet, LocalnetConfig};
use flashback_sdk::address;
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};
use serde_json::Value;
use solana_sdk::signature::{Keypair, Signer};

use crate::common::Machine;

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_what_a_key_has_and_what_it_is() {
    let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
    let machine = Machine::at(chain.rpc_url()).with("FLASHBACK_WS_URL", chain.ws_url());
    let flash = Atoms(100 * ATOMS_PER_FLASH);
    let actor = chain.deployment().actor("alice", flash).await.unwrap();
    let file = machine.keypair("alice", &actor.keypair);
    let key = actor.key();

    let before = machine.json(&["wallet", "-k", &file]);
    assert_eq!(before["address"], key.to_string());
    assert_eq!(before["flash"], flash.0);
    let account = address::token_account(&key, &actor.client.mint().await.unwrap());
    assert_eq!(before["flash_account"], account.to_string());
    for role in ["provider", "oracle", "certifier"] {
        assert_eq!(before[role], Value::Null, "{role}");
    }

    let line = ["provider", "register", "--region", "eu-central-1", "--stake", "5", "-k", &file];
    machine.run(&line).ok();
    let line = ["oracle", "register", "--x25519", &"0f".repeat(32), "-k", &file];
    machine.run(&line).ok();
    // Of any address.
    let after = machine.json(&["wallet", &key.to_string()]);
    assert_eq!(after["flash"], 95 * ATOMS_PER_FLASH);
    assert_eq!(after["provider"], address::provider(&key).to_string());
    assert_eq!(after["oracle"], address::oracle(&key).to_string());
    assert_eq!(after["certifier"], Value::Null);
    // Rent and fees were paid of it.
    assert!(after["sol"].as_u64().unwrap() < before["sol"].as_u64().unwrap());
    let text = machine.run(&["wallet", "-k", &file]).ok().stdout;
    for said in [" SOL\n", "95 FLASH\n", "not appointed as a certifier"] {
        assert!(text.contains(said), "{said} in {text}");
    }

    let nobody = machine.json(&["wallet", &Keypair::new().pubkey().to_string()]);
    assert_eq!((&nobody["sol"], &nobody["flash"]), (&0.into(), &0.into()));
}
