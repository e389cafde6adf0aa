//! The engine on a chain in memory.

mod killed;
mod model;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;
use solana_sdk::pubkey::Pubkey;

use super::earlier;
use super::engine::{Became, Cost, Line, Migration};
use super::journal::Journal;
use super::manifest::Manifest;
use super::manifest::tests::{KEY, manifest};
use crate::exit::is_usage;
use model::Model;

/// A folder that is gone afterwards.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("flashback-migrate-{name}-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.0, "genesis", "program").unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Two manifests of which the second changes what the first has set: five steps that send.
fn manifests() -> Vec<Manifest> {
    let first = format!(
        r#"{{"params": {{"min_stake": 2000000000}}}}, {{"guardian": "{KEY}"}},
           {{"params": {{"min_stake": 2000000000}}}}"#
    );
    let second = format!(
        r#"{{"params": {{"min_stake": 3000000000, "z_milli": 1000}}}},
           {{"certifiers": {{"appoint": [{{"address": "{KEY}", "level": 2, "until": "2030-01-01T00:00:00Z"}}]}}}},
           {{"certifiers": {{"remove": ["{KEY}"]}}}},
           {{"treasury": {{"expect": {{"at_least": 0}}}}}}"#
    );
    vec![manifest(1, &first), manifest(2, &second)]
}

async fn run<'a>(
    chain: &'a Model,
    manifests: &'a [Manifest],
    to: u32,
    folder: &Folder,
) -> Result<Vec<Line<'a>>> {
    let mut journal = folder.journal();
    earlier::resolve(chain, manifests, &mut journal).await?;
    let migration = Migration::begin(chain, manifests, to, &journal, false).await?;
    migration.apply(&mut journal, false).await
}

fn position(folder: &Folder, manifests: &[Manifest]) -> String {
    folder.journal().position(manifests)
}

#[tokio::test]
async fn each_is_applied_once_and_in_order() {
    let (chain, manifests, folder) = (Model::new(), manifests(), Folder::new("once"));
    assert_eq!(position(&folder, &manifests), "none");
    let lines = run(&chain, &manifests, 1, &folder).await.unwrap();
    let became: Vec<_> = lines.iter().map(|line| line.became.clone()).collect();
    let applied = |signature: &str| Became::Applied(signature.to_owned());
    let [first, second] = &chain.signatures()[..] else { panic!("{:?}", chain.signatures()) };
    assert_eq!(became, [applied(first), applied(second), Became::AlreadySo]);
    assert_eq!(position(&folder, &manifests), "0001");
    run(&chain, &manifests, 2, &folder).await.unwrap();
    assert_eq!(position(&folder, &manifests), "0002");
    let memos: Vec<_> = [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3)]
        .iter()
        .map(|(index, step)| manifests[*index as usize].memo(*step))
        .collect();
    assert_eq!(chain.memos(), memos);
    for to in [1, 2] {
        assert!(run(&chain, &manifests, to, &folder).await.unwrap().is_empty());
    }
    assert_eq!(chain.memos().len(), 5);
    assert_eq!(chain.state.borrow().params.min_stake, 3_000_000_000);
}

#[tokio::test]
async fn a_server_that_lags_behind_undoes_nothing() {
    let (mut chain, folder) = (Model::new(), Folder::new("lag"));
    chain.lags = true;
    let steps = r#"{"params": {"min_stake": 2000000000}}, {"params": {"z_milli": 1000}}"#;
    let manifests = [manifest(1, steps)];
    run(&chain, &manifests, 1, &folder).await.unwrap();
    let params = chain.state.borrow().params;
    assert_eq!((params.min_stake, params.z_milli), (2_000_000_000, 1_000));
}

#[tokio::test]
async fn without_its_journal_what_is_so_is_not_sent_again() {
    let (chain, folder) = (Model::new(), Folder::new("lost"));
    let manifests = vec![manifests().remove(0)];
    run(&chain, &manifests, 1, &folder).await.unwrap();
    std::fs::remove_dir_all(folder.0.join("applied")).unwrap();
    let lines = run(&chain, &manifests, 1, &folder).await.unwrap();
    assert!(lines.iter().all(|line| line.became == Became::AlreadySo));
    assert_eq!(chain.memos().len(), 2);
    assert_eq!(folder.journal().signatures(), [None, None, None]);
}

#[tokio::test]
async fn a_dry_run_sends_and_writes_nothing() {
    let (chain, manifests, folder) = (Model::new(), manifests(), Folder::new("dry"));
    let journal = folder.journal();
    let migration = Migration::begin(&chain, &manifests, 2, &journal, false).await.unwrap();
    let lines = migration.foresee(&journal).await.unwrap();
    let cost = Some(Cost { fee: 5_000, compute_units: 100 });
    let became: Vec<_> = lines.iter().map(|line| line.became.clone()).collect();
    let expected = [
        Became::WouldApply(cost),
        Became::WouldApply(cost),
        Became::AlreadySo,
        // The whole of the parameters is set: with the same result, whatever they were.
        Became::WouldApply(cost),
        Became::WouldApply(cost),
        // There is no such certifier yet.
        Became::WouldApply(None),
        Became::AlreadySo,
    ];
    assert_eq!(became, expected);
    let change = &lines[3].planned.changes[0];
    assert_eq!(
        (&change.before, &change.after),
        (&2_000_000_000u64.into(), &3_000_000_000u64.into())
    );
    assert!(chain.memos().is_empty());
    assert!(!folder.0.exists());
}

#[tokio::test]
async fn a_changed_or_missing_manifest_is_refused() {
    let (chain, folder) = (Model::new(), Folder::new("changed"));
    let mut manifests = manifests();
    run(&chain, &manifests, 1, &folder).await.unwrap();
    let whole = manifests.clone();
    manifests[0].sha256 = "0".repeat(64);
    let refused = run(&chain, &manifests, 2, &folder).await.unwrap_err();
    assert!(is_usage(&refused));
    let message = refused.to_string();
    assert!(message.contains("may not change") && message.contains(&whole[0].sha256), "{message}");
    let refused = run(&chain, &[], 2, &folder).await.unwrap_err().to_string();
    assert!(refused.contains("0001 (a test) was applied, and there is no such file"), "{refused}");
    // One that was not applied yet may change.
    let mut later = whole;
    later[1].sha256 = "0".repeat(64);
    run(&chain, &later, 2, &folder).await.unwrap();
}

#[tokio::test]
async fn only_the_authority_migrates() {
    let (mut chain, manifests, folder) = (Model::new(), manifests(), Folder::new("authority"));
    let authority = chain.acting.to_string();
    chain.acting = KEY.parse().unwrap();
    let refused = run(&chain, &manifests, 2, &folder).await.unwrap_err();
    assert!(is_usage(&refused) && refused.to_string().contains(&authority), "{refused}");
    chain.state.borrow_mut().pending_authority = chain.acting;
    let refused = run(&chain, &manifests, 2, &folder).await.unwrap_err().to_string();
    assert!(refused.contains("accept it first"), "{refused}");
    chain.state.borrow_mut().authority = chain.acting;
    run(&chain, &manifests, 2, &folder).await.unwrap();
}

#[tokio::test]
async fn a_chain_that_is_not_as_it_was_left_is_refused_unless_that_is_accepted() {
    let (chain, manifests, folder) = (Model::new(), manifests(), Folder::new("drift"));
    run(&chain, &manifests, 1, &folder).await.unwrap();
    chain.state.borrow_mut().params.min_stake = 5_000_000_000;
    // What no manifest has set is nobody's business.
    chain.state.borrow_mut().params.bond_bps = 500;
    let refused = run(&chain, &manifests, 1, &folder).await.unwrap_err();
    assert!(is_usage(&refused));
    let message = refused.to_string();
    let expected = "params.min_stake was left at 2000000000 and is 5000000000;";
    assert!(message.contains(expected) && !message.contains("bond_bps"), "{message}");
    let mut journal = folder.journal();
    let migration = Migration::begin(&chain, &manifests, 1, &journal, true).await.unwrap();
    assert!(migration.apply(&mut journal, true).await.unwrap().is_empty());
    assert_eq!(chain.state.borrow().params.min_stake, 5_000_000_000);
    assert!(run(&chain, &manifests, 1, &folder).await.unwrap().is_empty());
    run(&chain, &manifests, 2, &folder).await.unwrap();
    assert_eq!(chain.state.borrow().params.min_stake, 3_000_000_000);
    assert_eq!(chain.state.borrow().params.bond_bps, 500);
}

#[tokio::test]
async fn what_ends_by_itself_is_no_difference() {
    let (mut chain, folder) = (Model::new(), Folder::new("lapsed"));
    let certifier = Pubkey::new_unique();
    let steps = format!(
        r#"{{"certifiers": {{"appoint": [{{"address": "{certifier}", "level": 2, "until": "2030-01-01T00:00:00Z"}}]}}}},
           {{"offer_authority": "{KEY}"}}"#
    );
    let manifests = [manifest(1, &steps)];
    run(&chain, &manifests, 1, &folder).await.unwrap();
    chain.state.borrow_mut().certifiers.clear();
    let refused = run(&chain, &manifests, 1, &folder).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("certifier.{certifier}")), "{refused}");
    chain.state.borrow_mut().now.0 = 1_893_456_000;
    chain.state.borrow_mut().pending_authority = Pubkey::default();
    let refused = run(&chain, &manifests, 1, &folder).await.unwrap_err().to_string();
    assert!(
        refused.contains("authority_offered_to") && !refused.contains("certifier"),
        "{refused}"
    );
    chain.acting = KEY.parse().unwrap();
    chain.state.borrow_mut().authority = chain.acting;
    assert!(run(&chain, &manifests, 1, &folder).await.unwrap().is_empty());
}

#[test]
fn a_journal_of_another_chain_or_of_another_form_is_refused() {
    let folder = Folder::new("other");
    let applied = folder.0.join("applied");
    std::fs::create_dir_all(&applied).unwrap();
    let text = r#"{"chain": "other", "program": "program", "applied": [], "left": {}}"#;
    std::fs::write(applied.join("genesis-program.json"), text).unwrap();
    let open = |folder: &Path| Journal::open(folder, "genesis", "program").unwrap_err();
    assert!(open(&folder.0).to_string().contains("genesis hash other"));
    for more in [r#""sent": []"#, r#""sending": [{"signature": "1"}]"#] {
        let text = format!(
            r#"{{"chain": "genesis", "program": "program", "applied": [], "left": {{}}, {more}}}"#
        );
        std::fs::write(applied.join("genesis-program.json"), text).unwrap();
        let refused = open(&folder.0);
        assert!(is_usage(&refused) && refused.to_string().contains("malformed"), "{refused}");
    }
    std::fs::write(applied.join("genesis-program.json"), "{").unwrap();
    assert!(is_usage(&open(&folder.0)) && open(&folder.0).to_string().contains("malformed"));
}
