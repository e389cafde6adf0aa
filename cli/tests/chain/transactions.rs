//! `flashback transaction show SIGNATURE` and `history`.

use flashback_localnet::{Actor, Localnet, LocalnetConfig};
use flashback_sdk::SendOptions;
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};
use flashback_sdk::instruction as build;
use serde_json::Value;
use solana_sdk::signature::{Keypair, Signature};

use crate::common::Machine;

/// A chain, and somebody who is registered with 5 FLASH.
struct Stage {
    chain: Localnet,
    actor: Actor,
    machine: Machine,
    registered: String,
}

impl Stage {
    async fn set() -> Self {
        let chain = Localnet::start(LocalnetConfig::default()).await.unwrap();
        let flash = Atoms(100 * ATOMS_PER_FLASH);
        let actor = chain.deployment().actor("alice", flash).await.unwrap();
        let machine = Machine::at(chain.rpc_url());
        let key = machine.keypair("alice.json", &actor.keypair);
        let machine = machine.with("FLASHBACK_KEYPAIR", &key);
        let line = ["provider", "register", "--region", "eu-west-3", "--stake", "5"];
        let done = machine.json(&[&line[..], &["--with-memo", "order 66"]].concat());
        let registered = signature_of(&done);
        Self { chain, actor, machine, registered }
    }

    /// Sends a transaction that fails on the chain: it unstakes what another did first.
    async fn fail(&self) -> String {
        let unstake = ["provider", "unstake", "5", "--sign-only"];
        let late = self.machine.json(&[&unstake[..], &["--with-memo", "late"]].concat());
        let all = self.machine.json(&["provider", "unstake", "all"]);
        assert_eq!(all["unstaked"], 5 * ATOMS_PER_FLASH);
        let sent = self.machine.json(&["transaction", "send", &late.to_string(), "--no-wait"]);
        let failed = late["signed_by"][0]["signature"].as_str().unwrap().to_owned();
        assert!(sent["sent"].to_string().contains(&failed), "{sent}");
        let signature: Signature = failed.parse().unwrap();
        let client = self.chain.deployment().client();
        while client.landed(&signature).await.unwrap().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        failed
    }
}

fn signature_of(done: &Value) -> String {
    done["signatures"][0].as_str().unwrap().to_owned()
}

/// What a table's rows have in a column.
fn column<'a>(json: &'a Value, table: &str, column: &str) -> Vec<&'a Value> {
    json[table].as_array().unwrap().iter().map(|row| &row[column]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_landed_is_told_with_what_it_came_to() {
    let stage = Stage::set().await;
    let shown = stage.machine.json(&["transaction", "show", &stage.registered]);
    assert_eq!(shown["signature"], stage.registered);
    assert_eq!(shown["outcome"], "ok");
    assert!(shown["slot"].as_u64().unwrap() > 0 && shown["time"].as_i64().unwrap() > 0, "{shown}");
    assert!(
        shown["fee"].as_u64().unwrap() >= 5_000 && shown["compute_units"].as_u64().unwrap() > 0
    );
    assert_eq!(shown["fee_payer"], stage.actor.key().to_string());
    assert_eq!(shown["signers"][0]["signature"], stage.registered);
    let instructions = column(&shown, "instructions", "instruction");
    assert_eq!(instructions[3..], ["register_provider", "stake", "memo"]);
    assert_eq!(column(&shown, "events", "event"), ["ProviderRegistered", "StakeAdded"]);
    let fields = shown["event_fields"].as_array().unwrap();
    let amounts = fields.iter().filter(|field| field["number"] == 2);
    let amounts: Vec<_> = amounts.map(|field| &field["value"]).collect();
    assert!(amounts.contains(&&Value::from(5 * ATOMS_PER_FLASH)), "{fields:?}");
    let logs = shown["logs"].as_array().unwrap();
    assert!(logs.iter().any(|line| line.as_str().unwrap().contains("order 66")), "{logs:?}");
    let text = stage.machine.run(&["transaction", "show", &stage.registered]).ok().stdout;
    assert!(text.contains("5 FLASH") && text.contains("Program log: Memo"), "{text}");
    // Piped in, too.
    let line = ["transaction", "show", "-", "--output", "json"];
    assert_eq!(stage.machine.run_with_input(&line, &stage.registered).json(), shown);

    let failed = stage.machine.json(&["transaction", "show", &stage.fail().await]);
    assert_eq!(
        (&failed["outcome"], &failed["error_name"]),
        (&"failed".into(), &"StakeCovered".into())
    );
    assert!(failed["error_number"].as_u64().unwrap() >= 6_000);
    assert_eq!(failed["failed_instruction"], 4, "behind limits and fee");
    assert!(failed["error"].as_str().unwrap().starts_with("the program refused"), "{failed}");
    assert_eq!(failed["events"].as_array().unwrap().len(), 0);
    assert!(failed["fee"].as_u64().unwrap() >= 5_000, "it was paid all the same");

    let unknown = Signature::from([7; 64]).to_string();
    let run = stage.machine.run(&["transaction", "show", &unknown]);
    run.fails(1, "the server does not know the transaction");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_from_lookup_tables_are_told() {
    let stage = Stage::set().await;
    let client = &stage.actor.client;
    let (mint, other) = (client.mint().await.unwrap(), Keypair::new());
    let key = stage.actor.key();
    use solana_sdk::signature::Signer;
    let to = flashback_sdk::address::token_account(&other.pubkey(), &mint);
    let from = flashback_sdk::address::token_account(&key, &mint);
    let table = client.create_lookup_table(&[to, mint]).await.unwrap();
    let instructions = [
        build::create_token_account(&key, &other.pubkey(), &mint),
        build::transfer(&key, &from, &mint, &to, Atoms(2_500_000)),
    ];
    let options = SendOptions { lookup_tables: vec![table], ..SendOptions::default() };
    let sender = client.clone().with_options(options);
    let receipt = sender.send(&instructions, &[]).await.unwrap();
    let line = ["transaction", "show", &receipt.signature.to_string()];
    let shown = stage.machine.json(&line);
    let accounts = shown["accounts"].as_array().unwrap();
    let named = |name: &str| -> &Value {
        let row = accounts.iter().filter(|row| row["number"] == 5);
        &row.into_iter().find(|row| row["account"] == name).unwrap()["address"]
    };
    assert_eq!(*named("destination"), to.to_string());
    assert_eq!(*named("mint"), mint.to_string());
    let changes = shown["account_changes"].as_array().unwrap();
    let change = |account: String| changes.iter().find(|row| row["account"] == account).unwrap();
    let (paid, got) = (change(from.to_string()), change(to.to_string()));
    let whole = (100 - 5) * ATOMS_PER_FLASH;
    assert_eq!(
        (&paid["flash_before"], &paid["flash_after"]),
        (&whole.into(), &(whole - 2_500_000).into())
    );
    assert_eq!((&got["flash_before"], &got["flash_after"]), (&Value::Null, &2_500_000.into()));
    assert_eq!(got["sol_before"], 0);
    assert!(got["sol_after"].as_u64().unwrap() > 0, "its rent");
    let amount = shown["arguments"].as_array().unwrap().iter().find(|row| row["number"] == 5);
    assert_eq!(amount.unwrap()["value"], 2_500_000);
    // Which mint is that of FLASH, this chain says.
    let text = stage.machine.run(&line).ok().stdout;
    assert!(text.contains("2.5 FLASH"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_touched_an_address_is_listed_newest_first() {
    let stage = Stage::set().await;
    let machine = &stage.machine;
    let staked = signature_of(&machine.json(&["provider", "stake", "1"]));
    let back = machine.json(&["provider", "unstake", "1"]);
    let unstaked = signature_of(&back);
    let failed = stage.fail().await;
    machine.json(&["config", "alias", "alice", &stage.actor.key().to_string()]);
    let history =
        |flags: &[&str]| machine.json(&[&["transaction", "history", "alice"], flags].concat());
    let all = history(&[]);
    assert_eq!(all["address"], stage.actor.key().to_string());
    let signatures = column(&all, "transactions", "signature");
    let known = [&failed, &unstaked, &staked, &stage.registered];
    let place = |known: &String| signatures.iter().position(|listed| *listed == known).unwrap();
    assert!(known.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{signatures:?}");
    let row = |known: &String| &all["transactions"][place(known)];
    assert_eq!(
        (&row(&failed)["outcome"], &row(&failed)["error_name"]),
        (&"failed".into(), &"StakeCovered".into())
    );
    assert_eq!(row(&failed)["memo"], "late");
    let first = row(&stage.registered);
    assert_eq!((&first["outcome"], &first["memo"]), (&"ok".into(), &"order 66".into()));
    assert_eq!(first["error"], Value::Null);
    assert!(first["slot"].as_u64().unwrap() > 0 && first["time"].as_i64().unwrap() > 0, "{first}");

    let some = history(&["--before", &failed, "--until", &stage.registered]);
    let some = column(&some, "transactions", "signature");
    assert_eq!(some, signatures[place(&failed) + 1..place(&stage.registered)]);
    let two = history(&["--limit", "2"]);
    assert_eq!(column(&two, "transactions", "signature"), signatures[..2]);
}
