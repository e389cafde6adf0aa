//! Every lamport of rent is still where it was paid, or back with who paid it.

use std::collections::BTreeMap;

use flashback_sdk::address;
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;
use crate::stateful::cast::CAST;
use crate::stateful::economy::{Act, Economy};

/// Everybody's lamports, and what was given away.
#[derive(Default)]
pub struct Rent {
    /// What everybody began with.
    began: BTreeMap<Pubkey, u64>,
    /// What addresses were given, in lamports: it goes to the rent's payer when the account closes.
    gifts: BTreeMap<Pubkey, u64>,
    /// What payers of rent have gained by such gifts.
    gained: BTreeMap<Pubkey, u64>,
    /// Who lent the rent of a consumer's token account that a closing SLA made, by that account.
    lent: BTreeMap<Pubkey, Pubkey>,
}

impl Rent {
    pub fn of(books: &Books) -> Self {
        let began = CAST.everybody().map(|key| (key, books.lamports(&key))).collect();
        Self { began, ..Self::default() }
    }

    /// Counts what an address was given.
    pub fn give(&mut self, to: Pubkey, lamports: u64) {
        *self.gifts.entry(to).or_default() += lamports;
    }

    /// Who lent the rent of token accounts, and which.
    pub fn loans(&self) -> Vec<(Pubkey, Pubkey)> {
        self.lent.iter().map(|(account, lender)| (*account, *lender)).collect()
    }

    /// Forgets a loan that was paid back.
    pub fn repaid(&mut self, account: &Pubkey) {
        self.lent.remove(account);
    }

    fn gift(&self, at: &Pubkey) -> u64 {
        self.gifts.get(at).copied().unwrap_or(0)
    }
}

pub fn check(economy: &mut Economy, before: &Books, act: &Act) {
    note_loan(economy, before, act);
    note_room(economy, before, act);
    note_closed(economy, before);
    check_exempt(economy);
    check_everybody(economy);
}

/// The consumer's token account is paid for by the escrow's rent, which was the SLA's payer's.
fn note_loan(economy: &mut Economy, before: &Books, act: &Act) {
    if act.name() != "close_abandoned_sla" {
        return;
    }
    let (Some(token), Some(sla)) = (act.account("consumer_token"), act.account("sla")) else {
        return;
    };
    if !before.has(&token) && economy.books.has(&token) {
        economy.rent.lent.insert(token, before.slas[&sla].rent_payer);
    }
}

/// Who pays for a unit's longer endpoint, and did not pay its rent, gives it away.
fn note_room(economy: &mut Economy, before: &Books, act: &Act) {
    let ("update_unit", Some(payer), Some(unit)) =
        (act.name(), act.account("payer"), act.account("unit"))
    else {
        return;
    };
    if payer != before.units[&unit].rent_payer {
        let given = economy.books.lamports(&unit) - before.lamports(&unit);
        economy.rent.give(unit, given);
        *economy.rent.began.get_mut(&payer).expect("a payer of the cast") -= given;
    }
}

/// What a closed account was given is now its rent payer's.
fn note_closed(economy: &mut Economy, before: &Books) {
    for (at, payer) in before.rent_payers() {
        if !economy.books.has(&at)
            && let Some(gift) = economy.rent.gifts.remove(&at)
        {
            *economy.rent.gained.entry(payer).or_default() += gift;
        }
    }
}

/// Accounts hold the rent of their size and what they were given beyond it, no more.
fn check_exempt(economy: &Economy) {
    let books = &economy.books;
    for (at, _) in books.rent_payers() {
        let body = books.bodies[&at];
        let rent = economy.chain.rent(body.bytes);
        let most = rent + economy.rent.gift(&at);
        assert!((rent..=most).contains(&body.lamports), "{at} holds {} for {rent}", body.lamports);
    }
    let registry = address::registry();
    let entries: u64 = books.registry().entries.iter().map(|entry| entry.rent_paid).sum();
    let header = economy.chain.rent(flashback_sdk::account::OracleRegistry::SPACE);
    let held = books.lamports(&registry);
    assert_eq!(held, header + entries + economy.rent.gift(&registry), "the registry's rent");
    assert!(held >= economy.chain.rent(books.bodies[&registry].bytes), "the registry is exempt");
}

/// Everybody has what it began with, less the rent that it pays just now.
fn check_everybody(economy: &Economy) {
    let (books, rent) = (&economy.books, &economy.rent);
    let mut paid: BTreeMap<Pubkey, u64> = BTreeMap::new();
    let mut pays = |payer: Pubkey, lamports: u64| *paid.entry(payer).or_default() += lamports;
    for (at, payer) in books.rent_payers() {
        pays(payer, books.lamports(&at) - rent.gift(&at));
    }
    for entry in &books.registry().entries {
        pays(entry.rent_payer, entry.rent_paid);
    }
    for (account, lender) in &rent.lent {
        pays(*lender, books.lamports(account));
    }
    for (at, lamports) in protocols_own(economy) {
        pays(books.config().rent_payer, lamports - rent.gift(&at));
    }
    for (key, began) in &rent.began {
        let of = |amounts: &BTreeMap<Pubkey, u64>| amounts.get(key).copied().unwrap_or(0);
        let has = books.lamports(key) + of(&paid);
        let name = CAST.name(key).unwrap_or_default();
        assert_eq!(has, began + of(&rent.gained), "the lamports of {name}");
    }
}

/// What stays for good, with its lamports; the registry's entries apart.
fn protocols_own(economy: &Economy) -> Vec<(Pubkey, u64)> {
    let books = &economy.books;
    let own = [address::config(), address::treasury(), address::rewards()];
    let registry = address::registry();
    let entries: u64 = books.registry().entries.iter().map(|entry| entry.rent_paid).sum();
    let own = own.map(|at| (at, books.lamports(&at)));
    own.into_iter().chain([(registry, books.lamports(&registry) - entries)]).collect()
}

/// What is left when everything is closed: the protocol's own accounts, people and their purses.
pub fn check_drained(economy: &Economy) {
    let books = &economy.books;
    assert!(economy.rent.lent.is_empty(), "a loan of rent was not paid back");
    assert!(books.rent_payers().is_empty(), "an account is left");
    let own = [address::config(), address::treasury(), address::rewards(), address::registry()];
    for at in books.bodies.keys() {
        let account = economy.chain.account(at).expect("an account that the books have");
        let left = account.owner == address::PROGRAM || account.owner == address::TOKEN_PROGRAM;
        let is_purse = books.tokens.get(at).is_some_and(|token| CAST.name(&token.owner).is_some());
        assert!(!left || own.contains(at) || is_purse || *at == Chain::flash(), "{at} is left");
    }
    let header = flashback_sdk::account::OracleRegistry::SPACE;
    assert_eq!(books.bodies[&address::registry()].bytes, header, "the registry is empty");
    for (key, began) in &economy.rent.began {
        let gained = economy.rent.gained.get(key).copied().unwrap_or(0);
        let own: u64 =
            protocols_own(economy).iter().map(|(at, held)| held - economy.rent.gift(at)).sum();
        let pays = if *key == books.config().rent_payer { own } else { 0 };
        assert_eq!(books.lamports(key) + pays, began + gained, "everybody's lamports are back");
    }
}
