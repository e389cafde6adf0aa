//! Acts, without a chain.

use clap::Parser;
use flashback_sdk::{Error, Flashback, Nonce, SendOptions};
use solana_sdk::signature::{Keypair, NullSigner};

use super::*;
use crate::arguments::Arguments;
use crate::exit;

#[test]
fn what_writes_all_values_says_so_while_it_stays_valid() {
    let account = Pubkey::new_unique();
    let act = |nonce| {
        let options = SendOptions { nonce, ..SendOptions::default() };
        let client = Flashback::new("http://127.0.0.1:1", Keypair::new()).with_options(options);
        Act::new("parameters set", client.prepare([]))
    };
    let written = [("cover_bps", 1u64.into()), ("z_milli", 2u64.into())];
    let nonce = Some(Nonce { account, authority: account });
    let note = act(nonce).writes(written.clone()).stays_valid(Mode::SignOnly).unwrap();
    for part in [account.to_string().as_str(), "cover_bps, z_milli"] {
        assert!(note.contains(part), "{part} in {note}");
    }
    assert!(act(nonce).writes(written.clone()).stays_valid(Mode::Send).is_some());
    assert_eq!(act(nonce).writes(written.clone()).stays_valid(Mode::DryRun), None);
    assert_eq!(act(nonce).stays_valid(Mode::SignOnly), None);
    assert_eq!(act(None).writes(written).stays_valid(Mode::SignOnly), None);
}

#[test]
fn a_memo_is_beside_every_transaction_of_several() {
    let beside = |flags: &[&str]| {
        let line = ["flashback", "sla", "settle", "--all"].iter().chain(flags);
        beside(&Settings::new(Arguments::try_parse_from(line).unwrap().global))
    };
    assert_eq!(beside(&["--with-memo", "paid"]), [memo("paid")]);
    assert_eq!(beside(&[]), []);
}

#[test]
fn what_cannot_be_read_afterwards_is_told_instead_of_amounts() {
    let client = Flashback::new("http://127.0.0.1:1", Keypair::new());
    let act = Act::new("stake added", client.prepare([]))
        .fact("number", 7u64)
        .watch_tokens("wallet", Pubkey::new_unique());
    let before = || vec![Value::Amount(Atoms(9))];
    let read = act.moved_or_unread(act.report(""), before(), Ok(vec![Value::Amount(Atoms(4))]));
    assert_eq!(read.json()["amounts"]["wallet"]["after"], 4);
    let down = Error::Network("down".into());
    let why = down.to_string();
    let unread = act.moved_or_unread(act.report(""), before(), Err(down.into())).json();
    assert_eq!(unread["amounts_unread"], why);
    assert_eq!((&unread["result"], &unread["number"]), (&"stake added".into(), &7.into()));
    assert_eq!(unread.get("amounts"), None);
}

#[test]
fn what_a_dry_run_is_not_told_is_not_said_to_stay() {
    let client = Flashback::new("http://127.0.0.1:1", Keypair::new());
    let [told, untold, unwritten] = [(); 3].map(|()| Pubkey::new_unique());
    let act = Act::new("stake added", client.prepare([]))
        .watch_tokens("wallet", told)
        .watch_tokens("vault", untold)
        .watch_tokens("treasury", unwritten);
    let gone = AccountChange { address: told, before: None, after: None };
    let mut simulation = Simulation::default();
    simulation.changes.push(gone);
    simulation.untold.push(untold);
    let before = vec![Value::Amount(Atoms(9)); 3];
    let after = act.foreseen(&simulation, &before).unwrap();
    assert_eq!(act.keys_without(&after).collect::<Vec<_>>(), ["vault"]);
    let before = before.into_iter().map(Some).collect();
    let json = act.moved(act.report("would be "), before, after).json();
    assert_eq!(json["amounts"]["wallet"]["after"], 0);
    assert_eq!(json["amounts"]["treasury"]["after"], 9);
    assert_eq!(json["amounts"].get("vault"), None);
}

#[tokio::test]
async fn what_cannot_be_signed_is_refused_before_a_server_is_asked() {
    let (key, nowhere) = (Pubkey::new_unique(), "http://127.0.0.1:1");
    let address = Flashback::new(nowhere, NullSigner::new(&key));
    let act = |client: &Flashback| Act::new("settled", client.settle(&Pubkey::new_unique()));
    for (flags, sends) in [
        (&[][..], true),
        (&["--no-wait"], true),
        (&["--dry-run"], false),
        (&["--sign-only"], false),
    ] {
        let line = ["flashback", "sla", "list"].iter().chain(flags);
        let settings = Settings::new(Arguments::try_parse_from(line).unwrap().global);
        let error = act(&address).perform(&settings).await.err().unwrap();
        assert_eq!(exit::said(&error).0, if sends { 2 } else { 3 }, "{flags:?}: {error:#}");
        // Somebody else pays, and the address signs nothing.
        let paid = address.clone().with_fee_payer(Keypair::new());
        let error = act(&paid).perform(&settings).await.err().unwrap();
        assert_eq!(exit::said(&error).0, 3, "{flags:?}: {error:#}");
    }
}
