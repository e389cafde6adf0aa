//! Each instruction's happy case, with more accounts around than it needs.

mod admin;
mod contest;
mod money;
mod oracle;
mod provider;
mod sla;
mod stake;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

use flashback_tests::attempt::Attempt;
use flashback_tests::elf;
use flashback_tests::prelude::*;
use solana_sdk::instruction::{AccountMeta, Instruction};
use solana_sdk::signature::Keypair;

use super::crowd::signers;

/// A case's name, the world in which it is about to succeed, and what is sent.
type Case = (&'static str, World, fn(&mut World) -> Attempt<'_>);

/// An instruction that is about to succeed.
#[derive(Clone)]
pub struct Happy {
    /// The instruction as in the IDL; a second case of it has something more after a `/`.
    pub name: &'static str,
    /// The accounts in order, as in the IDL: the remaining accounts are not among them.
    accounts: Vec<Named>,
    /// Where it succeeds.
    pub world: World,
    /// What is sent.
    pub sent: Instruction,
    signers: Arc<[Keypair]>,
}

/// An account of the IDL.
#[derive(Clone)]
struct Named {
    name: String,
    optional: bool,
}

impl Happy {
    fn new(idl: &[serde_json::Value], (name, mut world, attempt): Case) -> Self {
        let sent = attempt(&mut world).instruction();
        let (accounts, signers) = (named(idl, name), signers(&sent).into());
        Self { name, accounts, world, sent, signers }
    }

    /// The case of that name.
    pub fn of(name: &str) -> Self {
        every_instruction().into_iter().find(|one| one.name == name).expect("a case")
    }

    /// The instruction, to be bent and sent.
    pub fn attempt(&mut self) -> Attempt<'_> {
        let signers = self.signers.iter().map(Keypair::insecure_clone).collect();
        Attempt::new(&mut self.world.chain, self.sent.clone(), signers)
    }

    /// The instruction's name in the IDL.
    pub fn instruction(&self) -> &'static str {
        self.name.split('/').next().expect("a name")
    }

    /// The name of the account at a place.
    pub fn account(&self, place: usize) -> String {
        match self.accounts.get(place) {
            Some(named) => named.name.clone(),
            None => format!("remaining_{}", place - self.accounts.len()),
        }
    }

    /// Whether the account at a place may be left out.
    pub fn is_optional(&self, place: usize) -> bool {
        self.accounts.get(place).is_some_and(|named| named.optional)
    }

    /// How many accounts it names in the IDL.
    pub fn fixed(&self) -> usize {
        self.accounts.len()
    }

    /// The accounts that it names.
    pub fn metas(&self) -> Vec<AccountMeta> {
        self.sent.accounts.clone()
    }
}

/// Every instruction of the program.
pub fn every_instruction() -> Vec<Happy> {
    static EVERY: LazyLock<Mutex<Vec<Happy>>> = LazyLock::new(|| Mutex::new(build()));
    EVERY.lock().expect("the worlds could be built").clone()
}

fn build() -> Vec<Happy> {
    let families: [fn() -> Vec<Case>; 7] = [
        admin::cases,
        provider::cases,
        oracle::cases,
        stake::cases,
        money::cases,
        sla::cases,
        contest::cases,
    ];
    let idl = idl();
    let cases = families.iter().flat_map(|cases| cases());
    cases.map(|case| Happy::new(&idl, case)).collect()
}

fn named(idl: &[serde_json::Value], case: &str) -> Vec<Named> {
    let instruction = idl.iter().find(|one| one["name"].as_str() == case.split('/').next());
    let instruction = instruction.unwrap_or_else(|| panic!("{case} is not in the IDL"));
    let accounts = instruction["accounts"].as_array().expect("accounts").iter();
    accounts
        .map(|account| Named {
            name: account["name"].as_str().expect("a name").to_owned(),
            optional: account["optional"] == true,
        })
        .collect()
}

fn idl() -> Vec<serde_json::Value> {
    let path = elf::workspace().join("idls/flashback.json");
    let text = std::fs::read_to_string(&path).expect("idls/flashback.json");
    let idl: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    idl["instructions"].as_array().expect("instructions").clone()
}

#[test]
fn no_instruction_is_forgotten() {
    let happy = every_instruction();
    let tried: BTreeSet<_> = happy.iter().map(Happy::instruction).collect();
    let idl = idl();
    let all: BTreeSet<_> = idl.iter().map(|one| one["name"].as_str().expect("a name")).collect();
    assert_eq!(tried, all);
}

#[test]
fn the_happy_cases_are_happy() {
    for mut one in every_instruction() {
        println!("{}", one.name);
        one.attempt().succeeds();
    }
}
