//! The commands of docs/provider-guide.md and docs/consumer-guide.md, run as they stand, against `flashback localnet`.

mod guides {
    pub mod life;
    pub mod script;
}

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flashback_sdk::account::Sla;
use flashback_sdk::{Flashback, address};
use serde_json::Value;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Keypair;

/// What each SLA's oracles report, window by window, in ms of latency; by the consumer's number of it.
const REPORTS: [(u64, &[Option<u32>]); 3] =
    [(1, &[Some(80), Some(110), Some(80)]), (11, &[Some(80), Some(120), None]), (12, &[Some(80)])];
const TERMINATED: u64 = 12;

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

    fn oracles(&self) -> Vec<Pubkey> {
        let oracles = self.facts["oracles"].as_array().unwrap().iter();
        oracles.map(|key| key.as_str().unwrap().parse().unwrap()).collect()
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

/// Everybody's FLASH, in atoms, wallets and stakes; and FLASH in existence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Holdings {
    consumer: i128,
    newcomer: i128,
    provider: i128,
    oracles: i128,
    treasury: i128,
    supply: i128,
}

async fn holdings(client: &Flashback, localnet: &Localnet) -> Holdings {
    let tokens = async |account: Pubkey| i128::from(client.tokens(&account).await.unwrap().0);
    let mint = client.mint().await.unwrap();
    let wallet = async |key: Pubkey| tokens(address::token_account(&key, &mint)).await;
    let (provider, newcomer) = (localnet.key("provider"), localnet.key("newcomer"));
    let staked = async |owner: Pubkey| tokens(address::stake_vault(&owner)).await;
    let mut oracles = 0;
    for key in localnet.oracles() {
        oracles += wallet(key).await + staked(address::oracle(&key)).await;
    }
    let supply = client.rpc().get_token_supply(&mint).await.unwrap();
    Holdings {
        consumer: wallet(localnet.key("consumer")).await,
        newcomer: wallet(newcomer).await + staked(address::provider(&newcomer)).await,
        provider: wallet(provider).await + staked(address::provider(&provider)).await,
        oracles,
        treasury: tokens(address::treasury()).await,
        supply: supply.amount.parse().unwrap(),
    }
}

/// The addresses of all accounts of the program.
async fn accounts(client: &Flashback) -> BTreeSet<Pubkey> {
    let accounts =
        client.rpc().get_program_ui_accounts_with_config(&address::PROGRAM, Default::default());
    accounts.await.unwrap().into_iter().map(|(address, _)| address).collect()
}

/// Keeps each SLA as it was when its committee had been seated, until it is aborted.
async fn notes(
    client: Flashback,
    consumer: Pubkey,
    noted: tokio::sync::mpsc::UnboundedSender<(u64, Sla)>,
) {
    let mut seen = BTreeSet::new();
    loop {
        for (id, _) in REPORTS {
            let sla = client.find::<Sla>(&address::sla(&consumer, id)).await.ok().flatten();
            if let Some(sla) = sla.filter(|sla| sla.body.terms.start > 0)
                && seen.insert(id)
            {
                noted.send((id, sla)).unwrap();
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_run_as_they_stand_and_leave_nothing_behind() {
    let localnet = Localnet::start().await;
    let client = Flashback::new(localnet.text("rpc_url"), Keypair::new());
    let (consumer, newcomer) = (localnet.key("consumer"), localnet.key("newcomer"));
    let sol = async |key: Pubkey| client.rpc().get_balance(&key).await.unwrap();
    let (before, accounts_before) = (holdings(&client, &localnet).await, accounts(&client).await);
    let sol_before = (sol(consumer).await, sol(newcomer).await);
    let (noted, mut notes_of) = tokio::sync::mpsc::unbounded_channel();
    let noting = tokio::spawn(notes(client.clone(), consumer, noted));
    for guide in ["provider-guide.md", "consumer-guide.md"] {
        let (folder, home) = (localnet.folder(), localnet.root.clone());
        let run = move || guides::script::run(guide, &folder, &home);
        tokio::task::spawn_blocking(run).await.unwrap();
    }
    noting.abort();
    let mut seated = BTreeMap::new();
    while let Ok((id, sla)) = notes_of.try_recv() {
        seated.insert(id, sla);
    }

    // Everybody has what core says, to the atom.
    let mut expected = before;
    for (id, latencies) in REPORTS {
        let sla = seated.get(&id).unwrap_or_else(|| panic!("SLA {id} was never active"));
        let end = guides::life::lived(&sla.body, latencies, id == TERMINATED);
        let came = guides::life::came_to(&sla.body, &end);
        expected.consumer += came.consumer;
        *(if id == 1 { &mut expected.newcomer } else { &mut expected.provider }) += came.provider;
        expected.oracles += came.oracles;
        expected.treasury += came.treasury;
        expected.supply -= came.burnt;
    }
    assert_eq!(holdings(&client, &localnet).await, expected);

    // Nothing is left of what was opened: neither accounts, nor tokens, nor rent.
    assert_eq!(accounts(&client).await, accounts_before);
    let escrows = REPORTS.map(|(id, _)| address::escrow(&address::sla(&consumer, id)));
    for vault in escrows.into_iter().chain([address::stake_vault(&address::provider(&newcomer))]) {
        let left = client.rpc().get_multiple_accounts(&[vault]).await.unwrap();
        assert_eq!(left, [None], "{vault}");
    }
    for (before, key) in [(sol_before.0, consumer), (sol_before.1, newcomer)] {
        let spent = before - sol(key).await;
        assert!(spent < 1_000_000, "{key} has spent {spent} lamports: more than transaction fees");
    }
}
