//! Three oracles measure, one of them lies.

use flashback_sdk::core::units::Atoms;

use super::liar;
use super::stage::{Stage, WINDOW};

#[tokio::test(flavor = "multi_thread")]
async fn payout_follows_the_honest_and_the_liar_is_slashed_without_an_operator() {
    let stage = Stage::set(1).await;
    let committee = stage.committee().await;
    let [first, second, liar] = committee[..] else { panic!("three seats") };
    let client = &stage.market.consumer.client;
    let staked = client.oracle(&liar.key()).await.unwrap().stake.bonded;
    let stores = ["first.db", "second.db"];
    let one = stage.start(first, stores[0]).await;
    let _other = stage.start(second, stores[1]).await;
    let _liar = liar::start(&stage, liar);
    let auditor = stage.machine.keypair("auditor.json", &stage.market.newcomer.keypair);
    let sla = stage.sla.to_string();
    let audit = ["oracle", "audit", &sla, "--prove", "--every", "1s", "-k", &auditor];
    let log = std::fs::File::create(stage.machine.path("audit.log")).unwrap();
    let _auditor = super::stage::Process(stage.machine.spawn_logged(&audit, log));

    let terms = stage.account().await.body.terms;
    // Killed in the middle of probing: what was recorded stays.
    stage.until(terms.window_start(0).unwrap().after(u64::from(WINDOW / 2)).unwrap()).await;
    drop(one);
    let _one = stage.start(first, stores[0]).await;
    stage.until(terms.settles_at(0).unwrap()).await;
    stage.machine.json(&["sla", "settle", &sla, "-k", &auditor]);

    let after = stage.account().await;
    let logs = || format!("{}\n{}", stage.log(first), stage.log(second));
    let progress = after.body.progress;
    assert_eq!((progress.met, progress.breached, progress.unmeasured), (1, 0, 0), "{}", logs());
    assert_eq!(Atoms(after.body.money.earned), Atoms(terms.price), "paid in full");
    let slashed = client.oracle(&liar.key()).await.unwrap();
    assert_eq!(slashed.voided, 1, "the lie is proven");
    assert!(slashed.stake.bonded < staked, "and slashed");
    for honest in [first, second] {
        assert_eq!(client.oracle(&honest.key()).await.unwrap().voided, 0);
    }
    assert!(stage.storage.log().len() > 100, "the storage was really used");
    let told =
        stage.machine.json(&["oracle", "status", &first.key().to_string(), "--store", stores[0]]);
    assert_eq!(told["seats_held"], 1, "{told:#}");
}
