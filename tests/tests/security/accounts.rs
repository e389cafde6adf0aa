//! Other accounts in an account's place: of another kind, of another owner, of other people, or forged.

use flashback_sdk::account::VERSION;
use flashback_tests::prelude::*;
use solana_account::Account;
use solana_sdk::instruction::AccountMeta;

use super::happy::{Happy, every_instruction};

/// A substitute, by name.
struct Substitute {
    name: String,
    address: Pubkey,
}

/// What may stand in an account's place: (instruction, account, substitutes). Whoever signs decides it.
const FREE: &[(&str, &str, &[&str])] = &[
    // Earnings go to any FLASH account of the payout owner, refunds and fees wherever their owner says.
    ("withdraw_refund", "destination", &["purse of", "vault of", "treasury", "rewards"]),
    ("claim_oracle_fees", "destination", &["purse of", "vault of", "treasury", "rewards"]),
    // Any of the seated oracles, in any order; those who were freed already are passed over.
    ("release_sla", "a remaining account", &["seated oracle"]),
];

fn is_free(happy: &Happy, place: usize, substitute: &str) -> bool {
    FREE.iter().any(|(name, account, free)| {
        happy.name == *name
            && happy.account(place) == *account
            && free.iter().any(|free| substitute.starts_with(free))
    })
}

#[test]
fn no_account_can_stand_for_another() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        let substitutes = substitutes(&happy.world);
        for place in 0..happy.attempt().accounts().len() {
            for substitute in &substitutes {
                tried += usize::from(is_tried(&mut happy, place, substitute));
            }
        }
    }
    assert!(tried > 3_000, "only {tried} were tried");
}

fn is_tried(happy: &mut Happy, place: usize, substitute: &Substitute) -> bool {
    let case = format!("{}: {} for {}", happy.name, substitute.name, happy.account(place));
    let free = is_free(happy, place, &substitute.name);
    let attempt = happy.attempt();
    if attempt.accounts()[place].pubkey == substitute.address || free {
        return false;
    }
    // A substitute's own signature is somebody else's to give; that case is `privileges`' and each instruction's.
    let outcome = attempt
        .at(place, |meta| {
            *meta = AccountMeta { pubkey: substitute.address, is_signer: false, ..meta.clone() };
        })
        .outcome();
    assert!(outcome.is_err(), "{case}: it was accepted");
    true
}

/// Accounts of every kind that there are in this world, copies of them that other programs own, and nothing at all.
fn substitutes(world: &World) -> Vec<Substitute> {
    let mut all = vec![];
    let mut add = |name: &str, address: Pubkey| {
        all.push(Substitute { name: name.to_owned(), address });
    };
    add("config", address::config());
    add("registry", address::registry());
    add("treasury", address::treasury());
    add("rewards", address::rewards());
    for name in [PROVIDER, OTHER_PROVIDER] {
        let provider = address::provider(&key(name));
        add(&format!("account of {name}"), provider);
        add(&format!("unit of {name}"), address::unit(&provider, NUMBER));
        add(&format!("vault of {name}"), address::stake_vault(&provider));
        for kind in [SubjectKind::Provider, SubjectKind::Consumer] {
            add(&format!("certificate of {name}"), address::certificate(kind, &key(name)));
        }
    }
    add("certifier", address::certifier(&key(CERTIFIER)));
    add("sla", world.sla_address());
    add("escrow", world.escrow());
    let seats = world.chain.account(&world.sla_address()).map(|_| world.sla().seats);
    for index in [0, 1, 2, 3, 4, 5, 6, 19] {
        let authority = key(&format!("oracle {index}"));
        let seated = seats.is_some_and(|seats| seats.contains(&authority));
        let kind = if seated { "seated oracle" } else { "oracle" };
        let oracle = address::oracle(&authority);
        add(&format!("{kind} {index}"), oracle);
        add(&format!("vault of oracle {index}"), address::stake_vault(&oracle));
    }
    for name in [CONSUMER, STRANGER, PROVIDER] {
        add(&format!("purse of {name}"), purse(name));
    }
    for name in [CONSUMER, STRANGER, RENT_PAYER, "nobody"] {
        add(name, key(name));
    }
    add("FLASH", Chain::flash());
    add("program", address::PROGRAM);
    add("token program", address::TOKEN_PROGRAM);
    add("system program", Pubkey::default());
    all
}

/// An account of another program with the very bytes of ours.
#[test]
fn no_forged_copy_is_accepted() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        for place in 0..happy.attempt().accounts().len() {
            let genuine = happy.attempt().accounts()[place].pubkey;
            let Some(account) = happy.world.chain.account(&genuine) else { continue };
            if account.owner != address::PROGRAM && account.owner != address::TOKEN_PROGRAM {
                continue;
            }
            let case = format!("{}: {}", happy.name, happy.account(place));
            let forged = key("forged");
            happy.world.chain.put(forged, Account { owner: key("other program"), ..account });
            let attempt = happy.attempt().at(place, |meta| meta.pubkey = forged);
            let refusal = attempt.outcome().expect_err(&case);
            assert_eq!(refusal.reason, ErrorCode::AccountOwnedByWrongProgram.into(), "{case}");
            tried += 1;
        }
    }
    assert!(tried > 60, "only {tried} were tried");
}

/// An account of ours whose kind is another, or that was never initialized.
#[test]
fn an_account_is_what_its_discriminator_says() {
    let mut tried = 0;
    for mut happy in every_instruction() {
        for place in 0..happy.attempt().accounts().len() {
            let genuine = happy.attempt().accounts()[place].pubkey;
            let Some(account) = happy.world.chain.account(&genuine) else { continue };
            if account.owner != address::PROGRAM {
                continue;
            }
            for tag in [[0; 8], [7; 8]] {
                let case = format!("{}: {} {tag:?}", happy.name, happy.account(place));
                let mut other = account.clone();
                other.data[..8].copy_from_slice(&tag);
                happy.world.chain.put(genuine, other);
                // Built from the genuine account, sent to the other one.
                let refused = with_account(&mut happy, genuine, &account);
                assert!(refused, "{case}: it was accepted");
                tried += 1;
            }
            happy.world.chain.put(genuine, account);
        }
    }
    assert!(tried > 90, "only {tried} were tried");
}

/// Builds the attempt while the genuine account is there, and sends it with what was put in its place.
fn with_account(happy: &mut Happy, address: Pubkey, genuine: &Account) -> bool {
    let other = happy.world.chain.account(&address).expect("an account");
    happy.world.chain.put(address, genuine.clone());
    let attempt = happy.attempt();
    attempt.putting(address, other).outcome().is_err()
}

#[test]
fn every_account_begins_with_its_version() {
    let world = World::with_active_sla();
    let oracle = address::oracle(&world.sla().seats[0]);
    for address in [
        address::config(),
        address::registry(),
        address::certifier(&key(CERTIFIER)),
        address::certificate(SubjectKind::Provider, &key(PROVIDER)),
        world.provider_address(),
        world.unit_address(),
        world.sla_address(),
        oracle,
    ] {
        assert_eq!(world.chain.account(&address).unwrap().data[8], VERSION);
    }
}
