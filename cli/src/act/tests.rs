//! Acts, without a chain.

use flashback_sdk::{Error, Flashback};

use super::*;
use solana_sdk::signature::Keypair;

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
