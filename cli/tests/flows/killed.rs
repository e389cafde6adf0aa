//! `flashback admin migrate`, killed while a transaction is on its way, on the chain itself.

use std::process::{Child, Stdio};

use serde_json::Value;
use solana_sdk::pubkey::Pubkey;

use super::migrating::{Deployed, results};
use super::proxy::{Held, Proxy};

/// A chain behind a proxy, and a manifest of two steps.
struct Stage {
    deployed: Deployed,
    proxy: Proxy,
    guardian: Pubkey,
    arbiter: Pubkey,
}

impl Stage {
    async fn set(name: &str) -> Self {
        let deployed = Deployed::new(name).await;
        let proxy = Proxy::new(deployed.chain.rpc_url());
        let (guardian, arbiter) = (Pubkey::new_unique(), Pubkey::new_unique());
        let steps = format!(r#"{{"guardian": "{guardian}"}}, {{"arbiter": "{arbiter}"}}"#);
        deployed.manifest("0001-launch.json", 1, &steps);
        Self { deployed, proxy, guardian, arbiter }
    }

    fn spawn(&self, flags: &[&str]) -> Child {
        let mut command = self.deployed.command("authority", flags);
        command.args(["--url", self.proxy.url()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Starts a run, and kills it when that request has come. Returns the request.
    async fn kill(&self, flags: &[&str], held: Held) -> Vec<u8> {
        let mut child = self.spawn(flags);
        let held = tokio::task::spawn_blocking(move || held.wait()).await.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        held
    }

    async fn run(&self, flags: &[&str]) -> Result<Value, (i32, String)> {
        let child = self.spawn(flags);
        let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await;
        let output = output.unwrap().unwrap();
        let json = |bytes: &[u8]| -> Value {
            serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("{output:?}"))
        };
        match output.status.code() {
            Some(0) => Ok(json(&output.stdout)),
            code => {
                let error = json(&output.stderr)["error"].as_str().unwrap().to_owned();
                Err((code.unwrap_or(-1), error))
            }
        }
    }

    /// How many steps the journal has, and how many transactions may be in the air by it.
    fn journal(&self) -> (usize, usize) {
        let journal = self.deployed.journal().unwrap();
        let count = |value: &Value| value.as_array().map_or(0, Vec::len);
        let applied = journal["applied"].as_array().unwrap();
        (applied.iter().map(|one| count(&one["steps"])).sum(), count(&journal["sending"]))
    }

    /// Each step was applied once, by the transaction that the journal names.
    async fn check_applied_once(&self) {
        let memos = self.deployed.memos().await;
        for step in [" step 1/2", " step 2/2"] {
            let said = memos.iter().filter(|memo| memo.contains(step)).count();
            assert_eq!(said, 1, "{step} in {memos:?}");
        }
        let config = self.deployed.client().config().await.unwrap();
        assert_eq!((config.guardian, config.arbiter), (self.guardian, self.arbiter));
        assert_eq!(self.journal(), (2, 0));
        let journal = self.deployed.journal().unwrap();
        let authority = self.deployed.client().key();
        let landed = self.deployed.client().rpc().get_signatures_for_address(&authority).await;
        let landed: Vec<_> = landed.unwrap().into_iter().map(|status| status.signature).collect();
        for done in journal["applied"][0]["steps"].as_array().unwrap() {
            assert!(landed.iter().any(|landed| done["signature"] == **landed), "{done}");
        }
    }
}

/// What became of the transaction that the earlier run left in the air.
fn earlier(report: &Value) -> Vec<(&str, &str)> {
    let rows = report["earlier"].as_array().unwrap().iter();
    rows.map(|row| (row["migration"].as_str().unwrap(), row["result"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_it_is_sent_a_step_is_sent_once_its_first_transaction_is_gone() {
    for step in [0, 1] {
        let stage = Stage::set(&format!("unsent-{step}")).await;
        stage.kill(&[], stage.proxy.hold("sendTransaction", step)).await;
        assert_eq!(stage.journal(), (step, 1));
        stage.proxy.open();
        let foreseen = stage.run(&["--dry-run"]).await.unwrap();
        assert_eq!(
            (earlier(&foreseen), stage.journal()),
            (vec![("0001", "did not land")], (step, 1))
        );
        let report = stage.run(&[]).await.unwrap();
        assert_eq!(earlier(&report), [("0001", "did not land")]);
        assert_eq!(results(&report), vec!["applied"; 2 - step]);
        stage.check_applied_once().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lands_only_after_its_sender_was_killed_is_waited_for() {
    for step in [0, 1] {
        let stage = Stage::set(&format!("late-{step}")).await;
        let held = stage.kill(&[], stage.proxy.hold("sendTransaction", step)).await;
        let delivered = stage.proxy.deliver("getSignatureStatuses", held);
        let report = stage.run(&[]).await.unwrap();
        delivered.wait();
        assert_eq!(earlier(&report), [("0001", "landed")]);
        assert_eq!(results(&report), vec!["applied"; 1 - step]);
        assert_eq!(report["result"], "migrated");
        stage.check_applied_once().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_is_confirmed_or_before_that_is_recorded_a_step_is_not_sent_again() {
    for (name, method) in [("sent", "sendTransaction"), ("told", "getSignatureStatuses")] {
        for step in [0, 1] {
            let stage = Stage::set(&format!("{name}-{step}")).await;
            // The first question about each step is whether it was signed before.
            let before = if method == "sendTransaction" { step } else { 1 };
            if step == 1 && method == "getSignatureStatuses" {
                stage.run_first_step().await;
            }
            stage.kill(&[], stage.proxy.hold_answer(method, before)).await;
            assert_eq!(stage.journal(), (step, 1), "{name}");
            stage.proxy.open();
            let report = stage.run(&[]).await.unwrap();
            assert_eq!(earlier(&report), [("0001", "landed")], "{name}");
            assert_eq!(results(&report), vec!["applied"; 1 - step], "{name}");
            stage.check_applied_once().await;
        }
    }
}

impl Stage {
    /// Has the first step applied, and no more: the second run begins with the other one.
    async fn run_first_step(&self) {
        self.kill(&[], self.proxy.hold("simulateTransaction", 1)).await;
        self.proxy.open();
        assert_eq!(self.journal(), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_beside_the_first_is_refused() {
    let stage = Stage::set("beside").await;
    let held = stage.proxy.hold("sendTransaction", 0);
    let mut first = stage.spawn(&[]);
    tokio::task::spawn_blocking(move || held.wait()).await.unwrap();
    let before = stage.deployed.journal();
    let beside = stage.deployed.command("authority", &[]).output().unwrap();
    assert_eq!(beside.status.code(), Some(1), "{beside:?}");
    let error: Value = serde_json::from_slice(&beside.stderr).unwrap();
    let error = error["error"].as_str().unwrap();
    let authority = stage.deployed.client().key();
    for part in [format!("process {}, as {authority}", first.id()), ".lock".to_owned()] {
        assert!(error.contains(&part), "{part} in {error}");
    }
    assert_eq!(stage.deployed.journal(), before);
    first.kill().unwrap();
    first.wait().unwrap();
    // What died has let go of it.
    stage.proxy.open();
    stage.run(&[]).await.unwrap();
    stage.check_applied_once().await;
}

/// Kills a run that signs with a nonce, before it sends; returns the nonce and what was not sent.
async fn killed_with_a_nonce(stage: &Stage) -> (String, Vec<u8>) {
    let created = stage.deployed.flashback("authority", &["nonce", "create"]).output().unwrap();
    let created: Value =
        serde_json::from_slice(&created.stdout).unwrap_or_else(|_| panic!("{created:?}"));
    let nonce = created["nonce_account"].as_str().unwrap().to_owned();
    let held = stage.kill(&["--nonce", &nonce], stage.proxy.hold("sendTransaction", 0)).await;
    assert_eq!(stage.journal(), (0, 1));
    stage.proxy.open();
    (nonce, held)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_nonce_keeps_valid_is_sent_again_or_refused() {
    let stage = Stage::set("same").await;
    let (nonce, held) = killed_with_a_nonce(&stage).await;
    let (code, refused) = stage.run(&[]).await.unwrap_err();
    assert!(code == 2 && refused.contains(&format!("--nonce {nonce}")), "{code}: {refused}");
    // With the same nonce the same step is the same transaction, whoever sends it.
    let delivered = stage.proxy.deliver("sendTransaction", held);
    let report = stage.run(&["--nonce", &nonce]).await.unwrap();
    delivered.wait();
    assert_eq!(earlier(&report), [("0001", "may land")]);
    assert_eq!(results(&report), ["applied"; 2]);
    stage.check_applied_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_transactions_with_one_nonce_the_one_that_lands_is_recorded() {
    let stage = Stage::set("other").await;
    let (nonce, held) = killed_with_a_nonce(&stage).await;
    // The other one lands right before this run's own, which is void then.
    let delivered = stage.proxy.deliver("sendTransaction", held);
    let other = ["--nonce", &nonce, "--with-compute-unit-price", "1"];
    let (code, said) = stage.run(&other).await.unwrap_err();
    delivered.wait();
    assert_eq!((code, stage.journal()), (5, (0, 2)), "{said}");
    stage.proxy.open();
    let report = stage.run(&other).await.unwrap();
    assert_eq!((earlier(&report), results(&report)), (vec![("0001", "landed")], vec!["applied"]));
    stage.check_applied_once().await;
}
