//! `flashback admin migrate`, by the program itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flashback_localnet::elf::ProgramElf;
use flashback_localnet::{Localnet, LocalnetConfig};
use flashback_sdk::account::Certifier;
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms};
use flashback_sdk::instruction::transfer;
use flashback_sdk::{Flashback, address};
use serde_json::Value;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, write_keypair_file};

/// A chain, a folder of manifests, and the keypair of whoever acts.
pub struct Deployed {
    pub chain: Localnet,
    folder: PathBuf,
}

impl Deployed {
    pub async fn new(name: &str) -> Self {
        // Where cargo was told to build, the program lies there too.
        let built = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
        let built = built.map(|folder| Path::new(&folder).join("deploy/flashback.so"));
        let program = ProgramElf::path_or_find(built.filter(|path| path.is_file()));
        let config = LocalnetConfig { program, ..LocalnetConfig::default() };
        let chain = Localnet::start(config).await.unwrap();
        let folder = std::env::temp_dir().join(format!("flashback-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let deployed = Self { chain, folder };
        deployed.keypair("authority", deployed.chain.deployment().authority());
        deployed
    }

    fn keypair(&self, name: &str, keypair: &Keypair) {
        write_keypair_file(keypair, self.folder.join(format!("{name}.key"))).unwrap();
    }

    pub fn client(&self) -> &Flashback {
        self.chain.deployment().client()
    }

    pub fn manifest(&self, file: &str, number: u32, steps: &str) {
        let text = format!(r#"{{"number": {number}, "title": "{file}", "steps": [{steps}]}}"#);
        std::fs::write(self.folder.join(file), text).unwrap();
    }

    /// A command as one of the keypairs; it may name a server of its own.
    pub fn flashback(&self, acting: &str, flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flashback"));
        command
            .args(flags)
            .args(["--output", "json", "--keypair"])
            .arg(self.folder.join(format!("{acting}.key")))
            .env("FLASHBACK_URL", self.chain.rpc_url())
            .env("HOME", &self.folder)
            .stdin(Stdio::null());
        command
    }

    pub fn command(&self, acting: &str, flags: &[&str]) -> Command {
        let mut command = self.flashback(acting, &["admin", "migrate"]);
        command.arg("--dir").arg(&self.folder).args(flags);
        command
    }

    /// What it prints, and whether it succeeds; an error is its message.
    async fn migrate(&self, acting: &str, flags: &[&str]) -> Result<Value, String> {
        let mut command = self.command(acting, flags);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let json = |bytes: &[u8]| -> Value {
            serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("{output:?}"))
        };
        match output.status.success() {
            true => Ok(json(&output.stdout)),
            false => Err(json(&output.stderr)["error"].as_str().unwrap().to_owned()),
        }
    }

    pub fn journal(&self) -> Option<Value> {
        let files = std::fs::read_dir(self.folder.join("applied")).ok()?;
        let mut paths = files.map(|file| file.unwrap().path());
        let path = paths.find(|path| path.extension().is_some_and(|e| e == "json"))?;
        Some(serde_json::from_slice(&std::fs::read(path).ok()?).unwrap())
    }

    /// The memos of every transaction of the authority that took effect, newest first, as the chain has them.
    pub async fn memos(&self) -> Vec<String> {
        let authority = self.client().key();
        let found = self.client().rpc().get_signatures_for_address(&authority).await.unwrap();
        // The embedded chain lists what it refused to take, too.
        let landed = found.into_iter().filter(|status| status.err.is_none());
        landed.filter_map(|status| status.memo).collect()
    }

    async fn lamports(&self) -> u64 {
        self.client().rpc().get_balance(&self.client().key()).await.unwrap()
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub fn results(report: &Value) -> Vec<&str> {
    let steps = report["steps"].as_array().unwrap();
    steps.iter().map(|step| step["result"].as_str().unwrap()).collect()
}

fn launch(certifier: &Pubkey, guardian: &Pubkey) -> String {
    format!(
        r#"{{"params": {{"min_stake": 2000000000, "refund_curve": {{"x1_bps": 1}}}}}},
           {{"certifiers": {{"appoint": [{{"address": "{certifier}", "level": 3, "until": "2100-01-01T00:00:00Z"}}]}}}},
           {{"guardian": "{guardian}"}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_are_applied_once_in_order_and_by_the_authority() {
    let deployed = Deployed::new("migrating").await;
    let (certifier, guardian, heir) = (Pubkey::new_unique(), Pubkey::new_unique(), Keypair::new());
    deployed.keypair("stranger", &heir);
    deployed.manifest("0001-launch.json", 1, &launch(&certifier, &guardian));
    let second = format!(
        r#"{{"certifiers": {{"appoint": [{{"address": "{certifier}", "level": 4, "until": "2100-01-01T00:00:00Z"}}]}}}},
           {{"treasury": {{"expect": {{"solvent": true, "at_least": {ATOMS_PER_FLASH}}}}}}},
           {{"params": {{"min_stake": 3000000000}}}}"#
    );
    deployed.manifest("0002-more.json", 2, &second);
    let fund = || async {
        let client = deployed.client();
        let mint = deployed.chain.deployment().mint();
        let from = address::token_account(&client.key(), &mint);
        let amount = Atoms(ATOMS_PER_FLASH);
        let transfer = transfer(&client.key(), &from, &mint, &address::treasury(), amount);
        client.send(&[transfer], &[]).await.unwrap();
    };

    // Only the authority, and nothing before it is said.
    let refused = deployed.migrate("stranger", &[]).await.unwrap_err();
    assert!(refused.contains(&deployed.client().key().to_string()), "{refused}");
    let before = (deployed.lamports().await, deployed.client().config().await.unwrap().params);
    let foreseen = deployed.migrate("authority", &["--dry-run", "--to", "1"]).await.unwrap();
    assert_eq!(results(&foreseen), ["would succeed"; 3]);
    assert_eq!(foreseen["changes"][0]["before"], 1_000 * ATOMS_PER_FLASH);
    assert_eq!(foreseen["changes"][0]["after"], 2_000 * ATOMS_PER_FLASH);
    assert!(foreseen["steps"][0]["compute_units"].as_u64().unwrap() > 0);
    assert_eq!(deployed.lamports().await, before.0);
    assert_eq!(deployed.client().config().await.unwrap().params, before.1);
    assert_eq!(deployed.journal(), None);

    let first = deployed.migrate("authority", &["--to", "1"]).await.unwrap();
    assert_eq!(results(&first), ["applied"; 3]);
    assert_eq!((&first["position_before"], &first["position"]), (&"none".into(), &"0001".into()));
    let config = deployed.client().config().await.unwrap();
    assert_eq!(config.params.min_stake, 2_000 * ATOMS_PER_FLASH);
    assert_eq!(config.params.refund_curve.x1_bps, 1);
    assert_eq!(config.guardian, guardian);

    // A check that does not hold stops it; what was done before stays done.
    let refused = deployed.migrate("authority", &[]).await.unwrap_err();
    assert!(
        refused.contains("migration 0002, step 2") && refused.contains("treasury"),
        "{refused}"
    );
    let steps = deployed.journal().unwrap()["applied"][1]["steps"].as_array().unwrap().len();
    assert_eq!(steps, 1);
    fund().await;
    let second = deployed.migrate("authority", &[]).await.unwrap();
    assert_eq!(second["position_before"], "0002, step 1 of 3");
    assert_eq!(results(&second), ["already so", "applied"]);
    let appointed: Certifier =
        deployed.client().fetch(&address::certifier(&certifier)).await.unwrap();
    assert_eq!(appointed.max_level, 4);
    assert_eq!(deployed.client().config().await.unwrap().params.min_stake, 3_000 * ATOMS_PER_FLASH);

    // Again: nothing is sent.
    let before = deployed.lamports().await;
    let again = deployed.migrate("authority", &[]).await.unwrap();
    assert_eq!((&again["result"], results(&again).len()), (&"nothing to migrate".into(), 0));
    assert_eq!(deployed.lamports().await, before);

    // Every transaction says which step of what it is, and the journal names it.
    let journal = deployed.journal().unwrap();
    let memos = deployed.memos().await;
    let mut sent = 0;
    for applied in journal["applied"].as_array().unwrap() {
        let (number, sha256) = (&applied["number"], applied["sha256"].as_str().unwrap());
        for (index, done) in applied["steps"].as_array().unwrap().iter().enumerate() {
            let memo =
                format!("flashback migration 000{number} sha256:{sha256} step {}/3", index + 1);
            let said = memos.iter().filter(|said| said.contains(&memo)).count();
            assert_eq!(said, usize::from(!done["signature"].is_null()), "{memo} in {memos:?}");
            sent += said;
        }
    }
    assert_eq!(sent, 5);

    // What was applied may not change.
    deployed.manifest("0001-launch.json", 1, &launch(&certifier, &certifier));
    let refused = deployed.migrate("authority", &[]).await.unwrap_err();
    assert!(refused.contains("0001") && refused.contains("may not change"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_a_step_it_goes_on_with_the_next() {
    let deployed = Deployed::new("killed").await;
    let (guardian, arbiter) = (Pubkey::new_unique(), Pubkey::new_unique());
    let steps = format!(
        r#"{{"params": {{"min_stake": 2000000000}}}}, {{"guardian": "{guardian}"}}, {{"arbiter": "{arbiter}"}}"#
    );
    deployed.manifest("0001-launch.json", 1, &steps);
    let mut command = deployed.command("authority", &[]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let asked_at = Instant::now();
    let recorded = || deployed.journal().is_some_and(|journal| !journal["applied"][0].is_null());
    while !recorded() {
        assert!(asked_at.elapsed() < Duration::from_secs(60), "no step was recorded");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let done = deployed.journal().unwrap()["applied"][0]["steps"].as_array().unwrap().clone();
    assert!((1..=3).contains(&done.len()));
    let rest = deployed.migrate("authority", &[]).await.unwrap();
    let landed = rest["earlier"].as_array().unwrap().iter();
    let landed = landed.filter(|earlier| earlier["result"] == "landed").count();
    assert_eq!(landed + results(&rest).len(), 3 - done.len());
    let journal = deployed.journal().unwrap();
    let steps = journal["applied"][0]["steps"].as_array().unwrap();
    assert_eq!((steps.len(), &steps[..done.len()]), (3, &done[..]), "what was recorded stays");
    let config = deployed.client().config().await.unwrap();
    assert_eq!((config.guardian, config.arbiter), (guardian, arbiter));
    assert_eq!(config.params.min_stake, 2_000 * ATOMS_PER_FLASH);
    let memos = deployed.memos().await;
    for step in 1..=3 {
        let step = format!(" step {step}/3");
        assert_eq!(memos.iter().filter(|memo| memo.contains(&step)).count(), 1, "{memos:?}");
    }
}
