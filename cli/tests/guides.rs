//! The commands of docs/provider-guide.md and docs/consumer-guide.md, run as they stand, against `flashback localnet`.

mod guide;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flashback_sdk::{Flashback, address};
use guide::books::{self, Cast};
use guide::script;
use serde_json::Value;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Keypair;

/// A running `flashback localnet`, with its folder. Both end when it is dropped.
struct Localnet {
    child: Child,
    root: PathBuf,
    facts: Value,
}

impl Localnet {
    async fn start() -> Self {
        let root = std::env::temp_dir().join(format!("flashback-guides-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let folder = root.join("localnet");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let child = Command::new(env!("CARGO_BIN_EXE_flashback"))
            .arg("localnet")
            .arg("--dir")
            .arg(&folder)
            .current_dir(workspace)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut localnet = Self { child, root, facts: Value::Null };
        let patience = Instant::now() + Duration::from_secs(60);
        while localnet.facts.is_null() {
            assert!(localnet.child.try_wait().unwrap().is_none(), "the local net has ended");
            assert!(Instant::now() < patience, "the local net does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
            let text = std::fs::read_to_string(folder.join("flashback-localnet.json"));
            localnet.facts =
                text.ok().and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
        }
        localnet
    }

    fn folder(&self) -> PathBuf {
        self.root.join("localnet")
    }

    fn text(&self, fact: &str) -> &str {
        self.facts[fact].as_str().unwrap()
    }

    fn key(&self, fact: &str) -> Pubkey {
        self.text(fact).parse().unwrap()
    }

    fn cast(&self) -> Cast {
        let oracles = self.facts["oracle_authorities"].as_array().unwrap().iter();
        Cast {
            consumer: self.key("consumer"),
            newcomer: self.key("newcomer"),
            provider: self.key("provider_authority"),
            oracles: oracles.map(|key| key.as_str().unwrap().parse().unwrap()).collect(),
        }
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.root);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_run_as_they_stand_and_leave_nothing_behind() {
    let localnet = Localnet::start().await;
    let client = Flashback::new(localnet.text("rpc_url"), Keypair::new());
    let cast = localnet.cast();
    let (consumer, newcomer) = (cast.consumer, cast.newcomer);
    let sol = async |key: Pubkey| client.rpc().get_balance(&key).await.unwrap();
    let before = books::holdings(&client, &cast).await;
    let accounts_before = books::accounts(&client).await;
    let sol_before = (sol(consumer).await, sol(newcomer).await);
    let (noted, mut notes) = tokio::sync::mpsc::unbounded_channel();
    let noting = tokio::spawn(books::notes(client.clone(), consumer, noted));
    for guide in script::GUIDES {
        let (folder, home) = (localnet.folder(), localnet.root.clone());
        let run = move || script::run(guide, &["sh", "sh later"], &folder, &home, &[]);
        tokio::task::spawn_blocking(run).await.unwrap();
    }
    noting.abort();
    let seated: BTreeMap<_, _> = std::iter::from_fn(|| notes.try_recv().ok()).collect();

    // Everybody has what core says, to the atom.
    assert_eq!(books::holdings(&client, &cast).await, books::expected(before, &seated));
    // Nothing is left of what was opened: neither accounts, nor tokens, nor rent.
    assert_eq!(books::accounts(&client).await, accounts_before);
    books::check_escrows_are_gone(&client, &consumer).await;
    let vault = address::stake_vault(&address::provider(&newcomer));
    assert_eq!(client.rpc().get_multiple_accounts(&[vault]).await.unwrap(), [None]);
    for (before, key) in [(sol_before.0, consumer), (sol_before.1, newcomer)] {
        let spent = before - sol(key).await;
        assert!(spent < 1_000_000, "{key} has spent {spent} lamports: more than transaction fees");
    }
}
