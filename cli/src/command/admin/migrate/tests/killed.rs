//! Killed with any request: each step is applied once, and the journal ends as if nobody had been killed.

use solana_sdk::pubkey::Pubkey;

use super::super::earlier;
use super::super::engine::{Fate, Migration};
use super::model::{Air, Model};
use super::{Folder, manifests, position, run};
use crate::exit::is_usage;

/// A chain on which nobody was killed, and its journal's steps.
async fn whole() -> (Model, Vec<bool>) {
    let (chain, folder) = (Model::new(), Folder::new("whole"));
    run(&chain, &manifests(), 2, &folder).await.unwrap();
    (chain, folder.journal().signatures().iter().map(Option::is_some).collect())
}

/// Kills a run with each of its requests, the next one with its every second one, and has the last one finish. Returns how
/// many places there were to be killed at.
async fn kill_everywhere(new: impl Fn() -> Model, more: usize) -> usize {
    let manifests = manifests();
    let (whole, sends) = whole().await;
    for requests in 0.. {
        let (chain, folder) = (new(), Folder::new("killed"));
        chain.requests_left.set(requests);
        if run(&chain, &manifests, 2, &folder).await.is_ok() {
            return requests;
        }
        // A journal that was being written counts for nothing.
        let applied = folder.0.join("applied");
        std::fs::create_dir_all(&applied).unwrap();
        std::fs::write(applied.join("genesis-program.json.new"), "{").unwrap();
        chain.requests_left.set(more);
        let _ = run(&chain, &manifests, 2, &folder).await;
        chain.requests_left.set(usize::MAX);
        let mut runs = 0;
        while let Err(error) = run(&chain, &manifests, 2, &folder).await {
            // What was in the air with the same nonce has landed instead.
            assert!(chain.nonce.is_some(), "{error:#}");
            runs += 1;
            assert!(runs < 3, "{error:#}");
        }
        chain.calm();
        assert_eq!(chain.memos(), whole.memos(), "after {requests} and {more} requests");
        assert_eq!(*chain.state.borrow(), *whole.state.borrow());
        assert_eq!(position(&folder, &manifests), "0002");
        let journal = folder.journal();
        let recorded: Vec<bool> = journal.signatures().iter().map(Option::is_some).collect();
        assert_eq!(recorded, sends);
        let recorded: Vec<String> = journal.signatures().into_iter().flatten().collect();
        assert_eq!(recorded, chain.signatures(), "the journal names what landed");
        assert!(journal.sending().is_empty());
    }
    unreachable!("a run that is not killed ends")
}

/// Where a run of five steps that send can be killed: reading at first; of each step, before it is signed, recorded and not
/// sent, sent and not landed, landed and not told, and before it is seen.
const PLACES: usize = 1 + 5 * 5;

#[tokio::test]
async fn what_was_in_the_air_lands_is_lost_or_fails() {
    for becomes in [Air::LandsLate, Air::IsLost, Air::FailsLate] {
        for more in 0..8 {
            assert_eq!(kill_everywhere(|| Model::that(becomes), more).await, PLACES);
        }
    }
}

#[tokio::test]
async fn with_a_nonce_the_next_run_takes_the_place_of_what_is_in_the_air() {
    let nonce = Pubkey::new_unique();
    for becomes in [Air::LandsLate, Air::IsLost, Air::FailsLate] {
        for more in 0..8 {
            let new = || Model::that(becomes).signing_with(nonce);
            assert_eq!(kill_everywhere(new, more).await, PLACES);
        }
    }
}

/// A run that was killed with its first step in the air.
async fn in_the_air(chain: &Model, folder: &Folder) {
    chain.requests_left.set(3);
    run(chain, &manifests(), 2, folder).await.unwrap_err();
    chain.requests_left.set(usize::MAX);
    assert_eq!(folder.journal().sending().len(), 1);
}

#[tokio::test]
async fn what_may_land_at_any_time_is_not_sent_beside_without_its_nonce() {
    let nonce = Pubkey::new_unique();
    let mut chain = Model::that(Air::LandsLate).signing_with(nonce);
    let folder = Folder::new("open");
    in_the_air(&chain, &folder).await;
    for other in [None, Some(Pubkey::new_unique())] {
        chain.nonce = other;
        let mut journal = folder.journal();
        let sent = journal.sending()[0].in_flight();
        let refused = earlier::resolve(&chain, &manifests(), &mut journal).await.unwrap_err();
        let message = format!("{refused:#}");
        assert!(is_usage(&refused), "{message}");
        let by = ["migration 0001, step 1".to_owned(), format!("--nonce {nonce}")];
        for part in by.into_iter().chain([sent.signature.to_string()]) {
            assert!(message.contains(&part), "{part} in {message}");
        }
        assert_eq!(journal.sending().len(), 1);
    }
    chain.nonce = Some(nonce);
    run(&chain, &manifests(), 2, &folder).await.unwrap_err();
    run(&chain, &manifests(), 2, &folder).await.unwrap();
    assert_eq!(chain.memos(), whole().await.0.memos());
}

#[tokio::test]
async fn what_became_of_it_is_told_and_a_dry_run_records_nothing_of_it() {
    let fates = [
        (Air::LandsLate, Fate::Landed),
        (Air::IsLost, Fate::Gone),
        (Air::FailsLate, Fate::Failed("full".to_owned())),
    ];
    for (becomes, fate) in fates {
        let (chain, folder) = (Model::that(becomes), Folder::new("told"));
        in_the_air(&chain, &folder).await;
        let before = std::fs::read(folder.journal().path()).unwrap();
        let manifests = manifests();
        let mut journal = folder.journal().unwritten();
        let told = earlier::resolve(&chain, &manifests, &mut journal).await.unwrap();
        let [only] = &told[..] else { panic!("{told:?}") };
        assert_eq!(only.became, fate);
        assert_eq!(only.does.place(), "migration 0001, step 1");
        let migration = Migration::begin(&chain, &manifests, 2, &journal, false).await.unwrap();
        let left = migration.foresee(&journal).await.unwrap().len();
        assert_eq!(left, if fate == Fate::Landed { 6 } else { 7 });
        assert_eq!(std::fs::read(folder.journal().path()).unwrap(), before);
    }
}

#[tokio::test]
async fn a_step_that_landed_may_not_change_any_more() {
    let (chain, folder) = (Model::that(Air::LandsLate), Folder::new("edited"));
    in_the_air(&chain, &folder).await;
    let mut edited = manifests();
    edited[0].sha256 = "0".repeat(64);
    let refused = run(&chain, &edited, 2, &folder).await.unwrap_err();
    assert!(is_usage(&refused) && refused.to_string().contains("may not change"), "{refused}");
    run(&chain, &manifests(), 2, &folder).await.unwrap();
    // Lost in the air, it was never applied.
    let (chain, folder) = (Model::that(Air::IsLost), Folder::new("unapplied"));
    in_the_air(&chain, &folder).await;
    run(&chain, &edited, 2, &folder).await.unwrap();
}

#[tokio::test]
async fn what_somebody_has_changed_since_it_landed_is_a_difference() {
    let (chain, folder) = (Model::that(Air::LandsLate), Folder::new("since"));
    // The fifth request: the step has landed, and nobody was told.
    chain.requests_left.set(4);
    run(&chain, &manifests(), 2, &folder).await.unwrap_err();
    chain.requests_left.set(usize::MAX);
    assert_eq!(chain.memos().len(), 1);
    chain.state.borrow_mut().params.min_stake = 5_000_000_000;
    let refused = run(&chain, &manifests(), 2, &folder).await.unwrap_err();
    let message = refused.to_string();
    assert!(message.contains("was left at 2000000000 and is 5000000000"), "{message}");
}
