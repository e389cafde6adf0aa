//! Transactions that are made where the chain is, signed where the keys are, and sent by anybody.

use std::time::{Duration, Instant};

use flashback_localnet::{Actor, Localnet, LocalnetConfig};
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};
use serde_json::{Value, json};

use crate::common::Machine;

/// Blocks for which a blockhash is good.
const BLOCKHASH_BLOCKS: u64 = 150;

/// A chain, somebody with FLASH, a machine that reaches the chain and has no key, and one that has the key and reaches
/// nothing.
struct Stage {
    chain: Localnet,
    actor: Actor,
    online: Machine,
    cold: Machine,
}

impl Stage {
    async fn set() -> Self {
        let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
        let flash = Atoms(100 * ATOMS_PER_FLASH);
        let actor = chain.deployment().actor("alice", flash).await.unwrap();
        let online = Machine::at(chain.rpc_url());
        let cold = Machine::offline();
        cold.keypair("alice.json", &actor.keypair);
        Self { chain, actor, online, cold }
    }

    fn key(&self) -> String {
        self.actor.key().to_string()
    }

    /// Prepares the registration of a provider with a stake of 5 FLASH, without the key.
    fn prepared(&self, flags: &[&str]) -> Value {
        let key = self.key();
        let line = ["provider", "register", "--region", "eu-central-1", "--stake", "5"];
        self.online.json(&[&line[..], &["--sign-only", "-k", &key], flags].concat())
    }

    /// Signs on the cold machine what it is given on standard input.
    fn signed(&self, prepared: &Value) -> Value {
        let line = ["transaction", "sign", "-", "-k", "alice.json", "--yes", "--output", "json"];
        self.cold.run_with_input(&line, &prepared.to_string()).json()
    }

    async fn wait_for_blocks(&self, blocks: u64) {
        let rpc = self.chain.deployment().client().rpc();
        let height = || async { rpc.get_block_height().await.unwrap() };
        let (from, asked_at) = (height().await, Instant::now());
        while height().await <= from + blocks {
            assert!(asked_at.elapsed() < Duration::from_secs(120), "the chain stands still");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_on_another_machine() {
    let stage = Stage::set().await;
    let prepared = stage.prepared(&["--with-memo", "order 66"]);
    assert_eq!(prepared["still_to_sign"][0], stage.key());
    assert_eq!(prepared["signed_by"].as_array().unwrap().len(), 0);
    // It was not sent.
    stage.online.run(&["provider", "show", &stage.key()]).fails(4, "there is no Provider");

    let transaction = prepared["transaction"].as_str().unwrap();
    let shown = stage.cold.json(&["transaction", "show", transaction]);
    let names: Vec<&str> = shown["instructions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|instruction| instruction["instruction"].as_str().unwrap())
        .collect();
    assert_eq!(names[3..], ["register_provider", "stake", "memo"]);
    stage.online.run(&["transaction", "send", transaction]).fails(2, "are missing");

    let signed = stage.signed(&prepared);
    assert_eq!(signed["still_to_sign"].as_array().unwrap().len(), 0);
    let text = signed["transaction"].as_str().unwrap();
    let dry = stage.online.json(&["transaction", "send", text, "--dry-run"]);
    assert_eq!(dry["dry_run"], true);
    stage.online.run(&["provider", "show", &stage.key()]).fails(4, "there is no Provider");
    let sent = stage.online.json(&["transaction", "send", text]);
    assert_eq!(sent["signatures"].as_array().unwrap().len(), 1);
    assert_eq!(sent["signatures"][0], signed["signed_by"][0]["signature"]);
    let shown = stage.online.json(&["provider", "show", &stage.key()]);
    assert_eq!(shown["bonded_stake"], 5 * ATOMS_PER_FLASH, "{shown}");
    // Sent again, it is found to have landed, and nothing happens twice.
    let again = stage.online.json(&["transaction", "send", text]);
    assert_eq!((&again["signatures"], &again["slot"]), (&sent["signatures"], &sent["slot"]));
    let shown = stage.online.json(&["provider", "show", &stage.key()]);
    assert_eq!(shown["bonded_stake"], 5 * ATOMS_PER_FLASH);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_pays_the_fee() {
    let stage = Stage::set().await;
    let payer = stage.chain.deployment().actor("payer", Atoms(1)).await.unwrap();
    stage.online.keypair("payer.json", &payer.keypair);
    let prepared = stage.prepared(&["--fee-payer", "payer.json"]);
    assert_eq!(prepared["signed_by"][0]["signer"], payer.key().to_string());
    assert_eq!(prepared["still_to_sign"][0], stage.key());
    let signed = stage.signed(&prepared);
    let sent = stage.online.json(&["transaction", "send", &signed.to_string()]);
    assert_eq!(sent["signatures"][0], prepared["signed_by"][0]["signature"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_nonce_it_stays_valid() {
    let stage = Stage::set().await;
    // Here the key may be where the chain is.
    let key = stage.online.keypair("alice.json", &stage.actor.keypair);
    let created = stage.online.json(&["nonce", "create", "-k", &key]);
    let nonce = created["nonce_account"].as_str().unwrap();
    let before = stage.online.json(&["nonce", "show", nonce]);
    assert_eq!(before["nonce_authority"], stage.key());
    assert_eq!(before["sol"], created["rent"]);

    let perishable = stage.signed(&stage.prepared(&[]));
    let prepared = stage.prepared(&["--nonce", nonce]);
    let shown = stage.cold.json(&["transaction", "show", &prepared.to_string()]);
    assert_eq!((&shown["nonce_account"], &shown["nonce"]), (&nonce.into(), &before["nonce"]));
    let lasting = stage.signed(&prepared);
    stage.wait_for_blocks(BLOCKHASH_BLOCKS).await;

    let late = stage.online.run(&["transaction", "send", &perishable.to_string()]);
    late.fails(4, "it was signed too long ago");
    let sent = stage.online.json(&["transaction", "send", &lasting.to_string()]);
    let shown = stage.online.json(&["provider", "show", &stage.key()]);
    assert_eq!(shown["bonded_stake"], 5 * ATOMS_PER_FLASH);
    let after = stage.online.json(&["nonce", "show", nonce]);
    assert_ne!(after["nonce"], before["nonce"], "it has advanced");
    let again = stage.online.json(&["transaction", "send", &lasting.to_string()]);
    assert_eq!((&again["signatures"], &again["slot"]), (&sent["signatures"], &sent["slot"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_account_is_emptied_by_its_authority() {
    let stage = Stage::set().await;
    let other = stage.chain.deployment().actor("other", Atoms(1)).await.unwrap();
    let key = stage.online.keypair("alice.json", &stage.actor.keypair);
    let others = stage.online.keypair("other.json", &other.keypair);
    let authority = other.key().to_string();
    let created = stage.online.json(&["nonce", "create", "-k", &key, "--authority", &authority]);
    let nonce = created["nonce_account"].as_str().unwrap();
    let withdraw = |key: &str, amount: &str, flags: &[&str]| {
        let line = ["nonce", "withdraw", nonce, amount, "-k", key, "--output", "json"];
        stage.online.run(&[&line[..], flags].concat())
    };
    withdraw(&key, "all", &["--yes"]).fails(4, "may withdraw from this nonce account");
    withdraw(&others, "1000SOL", &["--yes"]).fails(4, "you asked for 1000 SOL");
    withdraw(&others, "0.000000001SOL", &["--yes"]).fails(4, "would be left");
    withdraw(&others, "all", &[]).fails(2, "give --yes");
    let to = stage.key();
    let rpc = stage.chain.deployment().client().rpc();
    let before = rpc.get_balance(&stage.actor.key()).await.unwrap();
    let dry = withdraw(&others, "all", &["--to", &to, "--dry-run"]).json();
    assert_eq!(dry["dry_run"], true);
    let done = withdraw(&others, "all", &["--to", &to, "--yes"]).json();
    assert_eq!(done["sol_withdrawn"], created["rent"]);
    assert_eq!(done["sol_after"], 0);
    let after = rpc.get_balance(&stage.actor.key()).await.unwrap();
    assert_eq!(after - before, created["rent"].as_u64().unwrap());
    stage.online.run(&["nonce", "show", nonce]).fails(4, "there is no nonce account");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_all_settings_or_none_lists_those_that_it_writes() {
    let stage = Stage::set().await;
    let key = stage.online.keypair("authority.json", stage.chain.deployment().authority());
    let line = ["admin", "params", "set", "cover_bps=2345", "-k", &key, "--output", "json"];
    let set = |flags: &[&str]| stage.online.run(&[&line[..], flags].concat());
    let perishable = set(&["--sign-only"]);
    assert_eq!(perishable.stderr, "");
    let shown = stage.online.json(&["admin", "params", "show"]);
    let parameters = shown["parameters"].as_array().unwrap();
    let expected = parameters.iter().map(|row| match row["parameter"].as_str().unwrap() {
        "cover_bps" => json!({ "what": "cover_bps", "value": 2_345 }),
        _ => json!({ "what": row["parameter"], "value": row["value"] }),
    });
    let curve = json!({ "what": "refund_curve", "value": shown["refund_curve"] });
    let expected: Value = expected.chain([curve]).collect();
    assert_eq!(perishable.json()["written"], expected);

    let created = stage.online.json(&["nonce", "create", "-k", &key]);
    let nonce = created["nonce_account"].as_str().unwrap();
    let lasting = set(&["--sign-only", "--nonce", nonce]);
    assert!(lasting.stderr.contains(nonce) && lasting.stderr.contains("cover_bps"), "{lasting:?}");
    let lasting = lasting.json();
    assert_eq!(lasting["written"], expected);

    // Set meanwhile: taken back, since the program takes all parameters or none.
    set(&["z_milli=1234"]).ok();
    stage.online.json(&["transaction", "send", &lasting.to_string()]);
    let after = stage.online.json(&["admin", "params", "show"]);
    for written in lasting["written"].as_array().unwrap() {
        let mut rows = after["parameters"].as_array().unwrap().iter();
        let is = rows.find(|row| row["parameter"] == written["what"]);
        let is = is.map_or(&after["refund_curve"], |row| &row["value"]);
        assert_eq!(*is, written["value"], "{written}");
    }

    let alice = stage.online.keypair("alice.json", &stage.actor.keypair);
    stage.online.json(&["provider", "register", "--region", "eu-central-1", "-k", &alice]);
    let update = ["provider", "update", "--region", "eu-west-3", "--sign-only", "-k", &alice];
    let written = stage.online.json(&update)["written"].clone();
    let expected = json!([
        { "what": "payout", "value": stage.key() },
        { "what": "region", "value": "eu-west-3" },
        { "what": "metadata_uri", "value": "" },
    ]);
    assert_eq!(written, expected);
}
