//! Several transactions, against a scripted RPC server.

mod server;

use anyhow::Result;
use clap::Parser;
use flashback_sdk::instruction;
use serde_json::{Value, json};

use super::*;
use crate::arguments::Arguments;
use crate::scripted;
use server::{Answer, Server};

const TITLES: Titles = Titles { done: "settled", nothing: "nothing to settle" };

fn settings(flags: &[&str]) -> Settings {
    let line = ["flashback", "sla", "settle", "--all"].iter().chain(flags);
    Settings::new(Arguments::try_parse_from(line).unwrap().global)
}

/// Settlements, one a transaction, of SLAs of which a server says this.
fn batches(answers: &[Answer]) -> (Vec<Batch>, Server) {
    let slas: Vec<_> = answers.iter().map(|_| Pubkey::new_unique()).collect();
    let server = Server::new(slas.iter().copied().zip(answers.iter().copied()));
    let answering = server.clone();
    let client = scripted::client(move |request, params| answering.answer(request, params));
    let batches = slas.iter().map(|sla| {
        let prepared = client.prepare([instruction::settle_many(&[*sla])]);
        Batch { slas: vec![*sla], prepared }
    });
    (batches.collect(), server)
}

/// Settles SLAs, one a transaction, of which the server says this.
async fn settle(flags: &[&str], answers: &[Answer]) -> (Vec<Pubkey>, Result<Finished>, Server) {
    let (batches, server) = batches(answers);
    let slas = batches.iter().flat_map(|batch| batch.slas.clone()).collect();
    let finished = perform(&settings(flags), Batches { batches, skipped: vec![] }).await;
    (slas, finished, server)
}

async fn perform(settings: &Settings, batches: Batches) -> Result<Finished> {
    let mut several = Several::new(settings, TITLES, batches, Some(CoreError::NothingDue))?;
    let mut landed = 0u64;
    while let Some(Batch { slas, prepared }) = several.next() {
        let act = Act::new("settled", prepared);
        landed += u64::from(several.perform(settings, &slas, act).await?.is_some());
    }
    Ok(several.finish(|report| report.fact("landed", landed)))
}

/// The report, and the exit code.
fn told(finished: Finished) -> (Value, u8) {
    let code = finished.failure.map_or(0, |error| exit::said(&error).0);
    (finished.report.json(), code)
}

#[tokio::test]
async fn one_that_is_refused_hides_none_of_the_others() {
    let refused = Answer::Refuses(CoreError::Unauthorized);
    let (slas, finished, server) = settle(&[], &[Answer::Lands, refused, Answer::Lands]).await;
    let (told, code) = told(finished.unwrap());
    assert_eq!((&told["result"], code), (&json!("settled in part"), 4));
    assert_eq!(told["signatures"], json!(server.sent()));
    assert_eq!((server.sent().len(), &told["landed"]), (2, &json!(2)));
    let failed = told["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["slas"], json!([slas[1].to_string()]));
    assert_eq!(failed[0]["name"], "Unauthorized");
    assert_eq!(failed[0]["number"], CoreError::Unauthorized.number());
    assert_eq!(failed[0]["signature"], Value::Null);
    assert!(failed[0]["why"].as_str().unwrap().contains(&CoreError::Unauthorized.to_string()));
    assert_eq!(told.get("untried"), None);
}

#[tokio::test]
async fn a_server_that_is_gone_ends_it_and_what_is_left_is_told() {
    let refused = Answer::Refuses(CoreError::Unauthorized);
    let answers = [refused, Answer::Lands, Answer::IsGone, Answer::Lands, Answer::Lands];
    let (slas, finished, server) = settle(&[], &answers).await;
    let (told, code) = told(finished.unwrap());
    // Not that of the first one that failed.
    assert_eq!((&told["result"], code), (&json!("settled in part"), 3));
    assert_eq!(told["signatures"], json!(server.sent()));
    assert_eq!(server.sent().len(), 1);
    let failed = told["failed"].as_array().unwrap();
    assert_eq!((failed.len(), &failed[1]["slas"][0]), (2, &json!(slas[2].to_string())));
    assert_eq!(failed[1]["name"], Value::Null);
    assert_eq!(told["untried"], json!([slas[3].to_string(), slas[4].to_string()]));
}

#[tokio::test]
async fn what_somebody_else_has_done_is_passed_over() {
    let nothing = Answer::Refuses(CoreError::NothingDue);
    let (_, finished, server) = settle(&[], &[nothing, Answer::Lands]).await;
    let (done, code) = told(finished.unwrap());
    assert_eq!((&done["result"], code), (&json!("settled"), 0));
    assert_eq!((&done["failed"], done.get("untried")), (&json!([]), None));
    assert_eq!(server.sent().len(), 1);
    for answers in [&[][..], &[nothing, nothing]] {
        let (_, finished, _) = settle(&[], answers).await;
        let (done, code) = told(finished.unwrap());
        assert_eq!((&done["result"], code), (&json!("nothing to settle"), 0));
        assert_eq!(done.get("signatures"), None);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_is_not_nothing() {
    let address = Pubkey::new_unique();
    let skipped = || vec![Error::AccountVersionUnknown { kind: "Sla", address, version: 9 }];
    for flags in [&[][..], &["--no-wait"], &["--dry-run"]] {
        let none = Batches { batches: vec![], skipped: skipped() };
        let finished = perform(&settings(flags), none).await.unwrap();
        let (unread, code) = told(finished);
        let result = "nothing to settle of what can be read";
        assert_eq!((&unread["result"], code), (&json!(result), 1), "{flags:?}");
        let why = unread["skipped"][0]["why"].as_str().unwrap();
        assert!(why.contains(&address.to_string()) && why.contains("version 9"), "{why}");
    }
    let (batches, _) = batches(&[Answer::Lands]);
    let finished = perform(&settings(&[]), Batches { batches, skipped: skipped() }).await;
    let (done, code) = told(finished.unwrap());
    assert_eq!((&done["result"], code), (&json!("settled"), 0));
    assert_eq!(done["skipped"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_done_where_all_of_it_failed() {
    let (_, finished, _) = settle(&[], &[Answer::Refuses(CoreError::Unauthorized)]).await;
    let (told, code) = told(finished.unwrap());
    assert_eq!((&told["result"], code), (&json!("failed: nothing was done"), 4));
    assert_eq!(told["failed"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn unawaited_all_of_them_are_sent() {
    let refused = Answer::Refuses(CoreError::Unauthorized);
    let (_, finished, server) = settle(&["--no-wait"], &[Answer::Lands, Answer::Lands]).await;
    let (all, code) = told(finished.unwrap());
    assert_eq!((&all["result"], code), (&json!("sent, not awaited: settled"), 0));
    assert_eq!((&all["sent"], server.sent().len()), (&json!(server.sent()), 2));
    assert_eq!((all.get("signatures"), &all["landed"]), (None, &json!(0)));
    let answers = [Answer::Lands, refused, Answer::Lands];
    let (_, finished, server) = settle(&["--no-wait"], &answers).await;
    let (part, code) = told(finished.unwrap());
    assert_eq!((&part["result"], code), (&json!("sent in part, not awaited: settled"), 4));
    assert_eq!((&part["sent"], server.sent().len()), (&json!(server.sent()), 2));
}

#[tokio::test]
async fn a_nonce_is_not_used_twice_unawaited() {
    let nonce = Pubkey::new_unique().to_string();
    let flags = ["--no-wait", "--nonce", &nonce];
    let (_, finished, server) = settle(&flags, &[Answer::Lands, Answer::Lands]).await;
    let error = finished.err().unwrap();
    assert!(exit::is_usage(&error), "{error:#}");
    assert!(server.sent().is_empty());
    // The client of these tests has none: that one is not refused.
    assert!(settle(&flags, &[Answer::Lands]).await.1.is_ok());
}

#[tokio::test]
async fn the_first_one_is_shown_or_signed_only() {
    let refused = Answer::Refuses(CoreError::Unauthorized);
    for flag in ["--dry-run", "--sign-only"] {
        let (slas, finished, server) = settle(&[flag], &[Answer::Lands, refused]).await;
        let (told, code) = told(finished.unwrap());
        assert_eq!((&told["transactions_left"], code), (&json!(1), 0));
        assert_eq!(told["due_slas"], json!([slas[0].to_string()]));
        assert!(server.sent().is_empty());
        let (_, finished, _) = settle(&[flag], &[refused, Answer::Lands]).await;
        assert_eq!(exit::said(&finished.err().unwrap()).0, 4);
    }
}
