//! Lamports at an address keep nobody from making an account there: anybody could send some before.

use flashback_tests::prelude::*;
use solana_account::Account;

use super::happy::{Happy, every_instruction};

/// Which accounts the cases make.
const MADE: &[(&str, &[&str])] = &[
    ("initialize", &["config", "treasury", "rewards", "registry"]),
    ("appoint_certifier", &["certifier"]),
    ("certify", &["certificate"]),
    ("register_provider", &["provider", "vault"]),
    ("create_unit", &["unit"]),
    ("register_oracle", &["oracle", "vault"]),
    ("propose_sla", &["sla", "escrow"]),
    ("propose_sla/waiting", &["sla", "escrow"]),
    ("close_abandoned_sla", &["consumer_token"]),
    ("challenge_leaf", &["round", "challenge"]),
    ("challenge_leaf/again", &["challenge"]),
    ("open_dispute", &["round", "dispute"]),
    ("open_dispute/again", &["dispute"]),
];

/// An account that is made, by name, and as it is made where nobody has sent anything.
struct Made {
    name: String,
    address: Pubkey,
    account: Account,
}

#[test]
fn lamports_at_its_address_keep_no_account_from_being_made() {
    for mut happy in every_instruction() {
        let made = made(&mut happy);
        let names: Vec<_> = made.iter().map(|one| one.name.as_str()).collect();
        let expected = MADE.iter().find(|(case, _)| *case == happy.name);
        assert_eq!(names, expected.map_or(&[][..], |(_, names)| names), "{}", happy.name);
        for one in &made {
            is_made_all_the_same(&happy, std::slice::from_ref(one));
        }
        is_made_all_the_same(&happy, &made);
    }
}

fn made(happy: &mut Happy) -> Vec<Made> {
    let mut after = happy.clone();
    after.attempt().succeeds();
    let mut made = vec![];
    for (place, meta) in happy.metas().into_iter().enumerate() {
        let was_there = happy.world.chain.account(&meta.pubkey).is_some();
        if let (false, Some(account)) = (was_there, after.world.chain.account(&meta.pubkey)) {
            made.push(Made { name: happy.account(place), address: meta.pubkey, account });
        }
    }
    made
}

/// The least that an address can hold, what the account needs, and more than that.
fn is_made_all_the_same(happy: &Happy, made: &[Made]) {
    for beyond in [None, Some(0), Some(1)] {
        let sent = |one: &Made| match beyond {
            None => happy.world.chain.rent(0),
            Some(more) => one.account.lamports + more,
        };
        let mut happy = happy.clone();
        for one in made {
            happy.world.chain.send_lamports(one.address, sent(one));
        }
        happy.attempt().succeeds();
        for one in made {
            let lamports = one.account.lamports.max(sent(one));
            let expected = Account { lamports, ..one.account.clone() };
            let account = happy.world.chain.account(&one.address).expect("an account");
            assert_eq!(account, expected, "{}: {}", happy.name, one.name);
        }
    }
}

#[test]
fn lamports_keep_no_account_from_growing() {
    // An entry pays for its own room, whatever is there.
    for (case, grows, own) in [("join_registry", "registry", true), ("update_unit", "unit", false)]
    {
        let mut happy = Happy::of(case);
        let metas = happy.metas();
        let place = (0..metas.len()).find(|place| happy.account(*place) == grows);
        let address = metas[place.expect("an account")].pubkey;
        let before = happy.world.chain.account(&address).expect("an account").data.len();
        happy.world.chain.send_lamports(address, 1_000_000_000);
        let payer = |happy: &Happy| happy.world.chain.account(&key(RENT_PAYER)).map(|a| a.lamports);
        let paid_before = payer(&happy);
        happy.attempt().succeeds();
        let after = happy.world.chain.account(&address).expect("an account");
        assert!(after.data.len() > before, "{case}");
        assert!(after.lamports >= happy.world.chain.rent(after.data.len()), "{case}");
        let rent = |bytes| happy.world.chain.rent(bytes);
        let due = if own { rent(after.data.len()) - rent(before) } else { 0 };
        assert_eq!(payer(&happy).map(|left| left + due), paid_before, "{case}");
    }
}
