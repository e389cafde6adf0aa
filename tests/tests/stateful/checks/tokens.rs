//! No atom comes from nowhere, is lost, or leaves anybody's purse without its signature.

use std::collections::BTreeMap;

use flashback_sdk::address;
use flashback_tests::chain::Chain;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;
use crate::stateful::cast::CAST;
use crate::stateful::economy::{Act, Economy};

/// All FLASH, and what was given away.
pub struct Flash {
    /// What there must be.
    supply: u64,
    /// What vaults were given that nobody owes, in atoms.
    gifts: BTreeMap<Pubkey, u64>,
}

impl Flash {
    pub fn of(chain: &Chain) -> Self {
        Self { supply: chain.supply().0, gifts: BTreeMap::new() }
    }

    /// Counts what was given to a vault.
    pub fn give(&mut self, vault: Pubkey, amount: u64) {
        *self.gifts.entry(vault).or_default() += amount;
    }
}

/// Instructions that may burn.
const BURNING: [&str; 5] =
    ["boost_unit", "sweep_fees", "prove_fraud", "expire_challenge", "close_abandoned_sla"];

pub fn check(economy: &mut Economy, before: &Books, act: &Act) {
    let supply = economy.chain.supply().0;
    let burnt = economy.flash.supply.checked_sub(supply).expect("no FLASH comes from nowhere");
    assert!(burnt == 0 || BURNING.contains(&act.name()), "{} burnt {burnt}", act.name());
    if let Some(expected) = expected_burn(before, act) {
        assert_eq!(burnt, expected, "what {} burns", act.name());
    }
    economy.flash.supply = supply;
    let held: u64 = economy.books.tokens.values().map(|token| token.amount.0).sum();
    assert_eq!(held, supply, "all token accounts together hold the supply");
    check_purses(&economy.books, before, act);
    check_gifts(economy, act);
}

/// What is burnt by what the books say, where they say it.
fn expected_burn(before: &Books, act: &Act) -> Option<u64> {
    match act.name() {
        "sweep_fees" | "close_abandoned_sla" => {
            Some(before.slas[&act.account("sla")?].body.money.to_burn)
        }
        "boost_unit" => {
            let amount = act.instruction.data.get(8..16)?;
            Some(u64::from_le_bytes(amount.try_into().ok()?))
        }
        _ => None,
    }
}

/// A person's token account holds less only if the person signed.
fn check_purses(books: &Books, before: &Books, act: &Act) {
    for (at, token) in &before.tokens {
        let is_persons = CAST.name(&token.owner).is_some();
        let less = books.flash(at) < token.amount.0;
        assert!(!is_persons || !less || act.is_signed_by(&token.owner), "{at} was robbed");
    }
}

/// Vaults hold what is owed and what was given, to the atom. Bent instructions may give by naming a vault as their
/// destination; nothing ever takes a gift but the treasury, when the vault closes.
fn check_gifts(economy: &mut Economy, act: &Act) {
    let mut gifts = BTreeMap::new();
    for owner in economy.books.vault_owners() {
        let vault = economy.books.vault(owner);
        let held = economy.books.flash(&vault);
        let known = economy.flash.gifts.get(&vault).copied().unwrap_or(0);
        let surplus = held.checked_sub(owed(&economy.books, owner)).expect("a solvent vault");
        if act.bent.is_some() {
            assert!(surplus >= known, "{vault} lost what it was given");
        } else {
            assert_eq!(surplus, known, "{vault} holds what it owes and was given");
        }
        if surplus > 0 {
            gifts.insert(vault, surplus);
        }
    }
    economy.flash.gifts = gifts;
}

/// What an account says its vault owes.
fn owed(books: &Books, owner: &Pubkey) -> u64 {
    let owed = match (books.slas.get(owner), books.providers.get(owner)) {
        (Some(sla), _) => sla.body.escrow_owed(),
        (_, Some(provider)) => provider.stake.owed(),
        _ => books.oracles[owner].stake.owed(),
    };
    owed.expect("amounts that fit").0
}

/// What is left when everything is closed: FLASH in people's purses, the treasury and the reward vault.
pub fn check_drained(economy: &Economy) {
    let own = [address::treasury(), address::rewards()];
    for (at, token) in &economy.books.tokens {
        let kept = CAST.name(&token.owner).is_some() || own.contains(at);
        assert!(kept, "{at} of {} is left, with {}", token.owner, token.amount);
    }
    assert!(economy.flash.gifts.is_empty());
    let held: u64 = economy.books.tokens.values().map(|token| token.amount.0).sum();
    assert_eq!(held, economy.chain.supply().0);
}
