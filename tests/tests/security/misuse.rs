//! Every account of every instruction misused, with the exact error of each misuse in a table: `misuse.txt`.
//!
//! A line is a case, an account, what stands in its place, and the error. In its place stands
//!
//! - a key that has no account: `nobody`;
//! - an account of the right kind that belongs to others;
//! - for an optional account, the program's own address, by which it is left out: `program`;
//! - for a signer, somebody else who signs.
//!
//! In the place of `all_of` a provider, an SLA or an oracle stands everything that belongs to another one; who signs stays.

use std::collections::BTreeSet;
use std::{env, fs};

use flashback_core::sla::Party;
use flashback_tests::attempt::Refusal;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;
use flashback_tests::{Attempt, Reason, elf};
use solana_sdk::instruction::AccountMeta;

use super::beside::{Beside, CONTESTED, NEIGHBOURS, SECOND};
use super::crowd::{IDLE_ORACLE, IDLE_PROVIDER, NEIGHBOUR, NOBODY, SECOND_UNIT};
use super::free::{TOGETHER, are_free, is_free};
use super::happy::{Happy, every_instruction};
use super::stages::{CHALLENGED, LEAVER};
use super::substitutes::{Kind, kind_at, substitutes};

/// Others' accounts, of every kind that others have.
const OTHERS: &[&str] = &[
    "other_provider",
    "unit_of_other_provider",
    "second_unit_of_provider",
    "certificate_of_other_provider_as_provider",
    "certificate_of_neighbour_as_consumer",
    "certificate_of_oracle_1_as_oracle",
    "other_certifiers_certificate_of_oracle",
    "other_certifier",
    "neighbours_sla",
    "second_sla",
    "neighbours_round",
    "providers_dispute",
    "neighbours_dispute",
    "challenge_of_leaf_1",
    "neighbours_challenge",
    "oracle_of_seat_2",
    "oracle_20",
    "vault_of_other_provider",
    "escrow_of_neighbours_sla",
    "purse_of_neighbour",
    "copper_of_stranger",
    "copper",
    "token_2022_program",
    "stranger",
    "rent_payer",
];

/// Set to record today's refusals.
const BLESS: &str = "FLASHBACK_BLESS";
/// In an error's place.
const ACCEPTED: &str = "accepted";

#[test]
fn every_misuse_has_its_exact_error() {
    let mut rows = BTreeSet::new();
    for mut happy in every_instruction() {
        rows.extend(misuses(&mut happy));
    }
    check_accepted(&rows);
    let path = elf::workspace().join("tests/tests/security/misuse.txt");
    if env::var_os(BLESS).is_some_and(|value| value == "1") {
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        fs::write(&path, text).expect("misuse.txt can be written");
    }
    let table = fs::read_to_string(&path).unwrap_or_default();
    let known: BTreeSet<_> = table.lines().map(str::to_owned).collect();
    let new: Vec<_> = rows.difference(&known).collect();
    let gone: Vec<_> = known.difference(&rows).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "refusals have changed. Read each; {BLESS}=1 records them.\n\
         now: {new:#?}\nin the table: {gone:#?}"
    );
}

/// What was accepted may be, and every exception and substitute is needed.
fn check_accepted(rows: &BTreeSet<String>) {
    let words = rows.iter().map(|row| row.split(' ').collect::<Vec<_>>());
    let accepted: Vec<_> = words.filter(|words| words[4] == ACCEPTED).collect();
    let holes: Vec<_> = accepted
        .iter()
        .filter(|words| {
            let (case, account, substitute) = (words[0], words[1], words[2]);
            !is_free(case, account, substitute) && !are_free(case, account, substitute)
        })
        .collect();
    assert!(holes.is_empty(), "these were accepted: {holes:#?}");
    for name in OTHERS {
        assert!(rows.iter().any(|row| row.contains(&format!(" {name} -> "))), "{name}");
    }
    for free in TOGETHER {
        let needed = accepted.iter().any(|words| free.lets(words[0], words[1], words[2]));
        assert!(needed, "no exception is needed for {} in {}", free.account, free.case);
    }
}

/// The rows of one case.
fn misuses(happy: &mut Happy) -> Vec<String> {
    let mut rows = vec![];
    for (place, genuine) in happy.metas().into_iter().enumerate() {
        let account = happy.account(place);
        for (name, address) in canonical(happy, place, &genuine) {
            let error = misuse(happy, |attempt| attempt.at(place, |meta| meta.pubkey = address));
            rows.push(row(happy, &account, &name, &error));
        }
        if genuine.is_signer {
            let somebody = if genuine.pubkey == key(STRANGER) { NEIGHBOUR } else { STRANGER };
            let error = misuse(happy, |attempt| {
                let attempt = attempt.at(place, |meta| meta.pubkey = key(somebody));
                attempt.signed_also_by(keypair(somebody))
            });
            rows.push(row(happy, &account, &format!("{somebody}_signing"), &error));
        }
    }
    for Whole { name, another, pairs } in wholes(happy) {
        let error = misuse(happy, |attempt| {
            pairs.iter().fold(attempt, |attempt, (from, to)| attempt.with(*to, *from))
        });
        rows.push(row(happy, &format!("all_of_{name}"), another, &error));
    }
    rows
}

/// What stands in the account's place, by name: `nobody`, others' accounts of its kind, and the program's own address, by
/// which an optional account is left out.
fn canonical(happy: &Happy, place: usize, genuine: &AccountMeta) -> Vec<(String, Pubkey)> {
    if genuine.is_signer {
        return vec![];
    }
    let mut all = vec![(NOBODY.to_owned(), key(NOBODY))];
    let left_out = genuine.pubkey == address::PROGRAM;
    if left_out {
        return all;
    }
    if happy.is_optional(place) {
        all.push(("program".to_owned(), address::PROGRAM));
    }
    let kind = kind_of(happy, &genuine.pubkey);
    for one in substitutes(&happy.world) {
        let other = OTHERS.contains(&one.name.as_str()) && one.address != genuine.pubkey;
        if other && kind_at(&happy.world, &one.address) == kind {
            all.push((one.name, one.address));
        }
    }
    all
}

/// What an account is, or will be.
fn kind_of(happy: &Happy, address: &Pubkey) -> Kind {
    match kind_at(&happy.world, address) {
        Kind::Nothing => {
            let mut after = happy.clone();
            after.attempt().succeeds();
            match kind_at(&after.world, address) {
                // A key that nobody has given any lamports.
                Kind::Nothing => Kind::Wallet,
                kind => kind,
            }
        }
        kind => kind,
    }
}

/// Everything that belongs together, by name, and what replaces it.
struct Whole {
    name: &'static str,
    another: &'static str,
    pairs: Vec<(Pubkey, Pubkey)>,
}

impl Whole {
    fn new<const N: usize>(
        name: &'static str,
        another: &'static str,
        from: [Pubkey; N],
        to: [Pubkey; N],
    ) -> Self {
        Self { name, another, pairs: from.into_iter().zip(to).collect() }
    }
}

/// Those of which the instruction names more than one account.
fn wholes(happy: &mut Happy) -> Vec<Whole> {
    let named: Vec<_> = happy.metas().iter().map(|meta| meta.pubkey).collect();
    let own = Beside { consumer: CONSUMER, id: NUMBER, provider: PROVIDER };
    let mut second = Whole::new("sla", "second_sla", of_sla(own), of_sla(SECOND));
    let idle = named.contains(&address::provider(&key(IDLE_PROVIDER)));
    let provider = of_provider(if idle { IDLE_PROVIDER } else { PROVIDER }, SECOND_UNIT);
    let other = of_provider(OTHER_PROVIDER, NUMBER);
    let providers = Whole::new("provider", "other_provider", provider, other);
    // It is of another provider too.
    second.pairs.extend(&providers.pairs);
    let mut wholes = vec![
        providers,
        second,
        Whole::new("sla", "neighbours_sla", of_sla(own), of_sla(NEIGHBOURS)),
        Whole::new("sla", "neighbours_contested_sla", of_sla(own), of_sla(CONTESTED)),
    ];
    let oracles = (0..ORACLES).chain([IDLE_ORACLE]).map(|index| of_oracle(&oracle_name(index)));
    let is_named = |[oracle, ..]: &[Pubkey; 3]| named.contains(oracle);
    if let Some(oracle) = oracles.clone().find(is_named) {
        let another = oracles.clone().find(|one| !is_named(one)).expect("another oracle");
        wholes.push(Whole::new("oracle", "another_oracle", oracle, another));
    }
    wholes.retain(|whole| named.contains(&whole.pairs[0].0));
    for whole in &mut wholes {
        whole.pairs.retain(|(from, _)| named.contains(from));
    }
    wholes.retain(|whole| whole.pairs.len() > 1);
    wholes
}

fn of_provider(name: &str, second_unit: u64) -> [Pubkey; 5] {
    let provider = address::provider(&key(name));
    [
        provider,
        address::stake_vault(&provider),
        address::unit(&provider, NUMBER),
        address::unit(&provider, second_unit),
        address::certificate(SubjectKind::Provider, &key(name)),
    ]
}

fn of_oracle(name: &str) -> [Pubkey; 3] {
    let oracle = address::oracle(&key(name));
    let certificate = address::certificate(SubjectKind::Oracle, &key(name));
    [oracle, address::stake_vault(&oracle), certificate]
}

fn of_sla(sla: Beside) -> [Pubkey; 7] {
    [
        sla.address(),
        sla.escrow(),
        sla.round(),
        sla.dispute(Party::Consumer),
        sla.dispute(Party::Provider),
        sla.challenge(CHALLENGED, 0),
        sla.challenge(LEAVER, 5),
    ]
}

/// Sends the instruction bent, in a copy of the world, and says what came of it.
fn misuse(happy: &Happy, bend: impl FnOnce(Attempt<'_>) -> Attempt<'_>) -> String {
    let mut copy = happy.clone();
    match bend(copy.attempt()).outcome() {
        Ok(_) => ACCEPTED.to_owned(),
        Err(refusal) => error_name(&refusal),
    }
}

/// A line of the table.
fn row(happy: &Happy, account: &str, substitute: &str, error: &str) -> String {
    format!("{} {account} {substitute} -> {error}", happy.name)
}

/// The error's name, as its program calls it.
fn error_name(refusal: &Refusal) -> String {
    match &refusal.reason {
        Reason::Rule(error) => format!("{error:?}"),
        Reason::Anchor(number) => {
            let name =
                refusal.logs.split_once("Error Code: ").and_then(|(_, rest)| rest.split_once('.'));
            name.map_or_else(|| format!("Anchor({number})"), |(name, _)| name.to_owned())
        }
        Reason::Token(error) => format!("Token({error:?})"),
        Reason::System(error) => format!("System({error:?})"),
        Reason::Instruction(error) => format!("Instruction({error:?})"),
        Reason::Other(error) => error.clone(),
    }
}
