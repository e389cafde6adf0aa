//! Accounts agree with each other about every atom and GiB: `flashback_core::invariants`.

use flashback_core::committee::SEATS_MAX;
use flashback_core::invariants::{
    ContestAccount, Donations, Kind, Ledger, RoundAccount, SlaAccount, StakeAccount, UnitAccount,
    Violation,
};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, Gib};
use flashback_sdk::account::Sla;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;

pub fn check(books: &Books) {
    let ledger = ledger(books);
    let found = ledger.violations(Donations::Possible);
    let found: Vec<_> = found.into_iter().filter(|one| !is_allowed(books, one)).collect();
    assert!(found.is_empty(), "{}", found.iter().map(|one| format!("{one}\n")).collect::<String>());
}

/// A proposal that came to nothing may outlive its provider and unit; an SLA whose reservation was given back its unit.
fn is_allowed(books: &Books, violation: &Violation) -> bool {
    let Violation::Missing { kind, by_kind: Kind::Sla, by, .. } = violation else { return false };
    let sla = &books.slas[&Pubkey::new_from_array(*by)];
    match kind {
        Kind::Provider => !sla.body.was_agreed(),
        Kind::Unit => !sla.body.was_agreed() || sla.body.progress.released != 0,
        _ => false,
    }
}

fn ledger(books: &Books) -> Ledger {
    let stake = |at: &Pubkey, key: [u8; 32], stake: Stake| {
        let vault = Atoms(books.flash(&books.vault(at)));
        StakeAccount { key, stake, vault }
    };
    let contests = books.disputes.iter().map(|(at, one)| (at, one.round, one.bond));
    let challenges = books.challenges.iter().map(|(at, one)| (at, one.round, one.bond));
    Ledger {
        slas: books.slas.iter().map(|(at, sla)| sla_account(books, at, sla)).collect(),
        rounds: books
            .rounds
            .iter()
            .map(|(at, round)| RoundAccount {
                key: at.to_bytes(),
                sla: round.sla.to_bytes(),
                oracles: keys(&round.seats),
                body: round.body,
            })
            .collect(),
        contests: contests
            .chain(challenges)
            .map(|(at, round, bond)| ContestAccount {
                key: at.to_bytes(),
                round: round.to_bytes(),
                bond: Atoms(bond),
            })
            .collect(),
        providers: books
            .providers
            .iter()
            .map(|(at, one)| stake(at, at.to_bytes(), one.stake))
            .collect(),
        oracles: books
            .oracles
            .iter()
            .map(|(at, one)| stake(at, one.authority.to_bytes(), one.stake))
            .collect(),
        units: books
            .units
            .values()
            .map(|unit| UnitAccount {
                key: unit_key(&unit.provider, unit.id),
                capacity: Gib(unit.capacity_gib),
                taken: Gib(unit.taken_gib),
            })
            .collect(),
    }
}

fn sla_account(books: &Books, at: &Pubkey, sla: &Sla) -> SlaAccount {
    SlaAccount {
        key: at.to_bytes(),
        provider: sla.provider.to_bytes(),
        unit: unit_key(&sla.provider, sla.unit_id),
        seats: keys(&sla.seats),
        body: sla.body,
        escrow: Atoms(books.flash(&books.vault(at))),
    }
}

/// A unit by provider and number: what its address follows from.
fn unit_key(provider: &Pubkey, id: u64) -> [u8; 32] {
    let mut key = provider.to_bytes();
    key[..8].copy_from_slice(&id.to_le_bytes());
    key
}

fn keys(seats: &[Pubkey; SEATS_MAX]) -> [[u8; 32]; SEATS_MAX] {
    seats.map(|seat| seat.to_bytes())
}
