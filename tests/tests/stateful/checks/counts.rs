//! Counters and scores say what the accounts say.

use flashback_core::sla::{SlaState, VACANT};
use flashback_sdk::account::Sla;
use solana_sdk::pubkey::Pubkey;

use crate::stateful::books::Books;
use crate::stateful::economy::{Act, Economy};

pub fn check(economy: &mut Economy, before: &Books, act: &Act) {
    remember_scores(economy, before, act);
    let books = &economy.books;
    for (at, provider) in &books.providers {
        let slas = || books.slas.values().filter(|sla| sla.provider == *at && is_agreed(sla));
        assert_eq!(count(slas().filter(|sla| is_live(sla))), provider.live_slas, "live SLAs");
        assert_eq!(count(slas()), provider.open_slas, "open SLAs");
        let units = || books.units.values().filter(|unit| unit.provider == *at);
        assert_eq!(count(units()), provider.listed_units, "listed units");
        assert!(provider.unit_count >= provider.listed_units, "units ever listed");
        let scores: u64 = units().map(|unit| u64::from(unit.score.milli)).sum();
        let left = economy.scores_left.get(at).copied().unwrap_or(0);
        assert_eq!(scores + left, provider.score_sum_milli, "the sum of scores");
        assert!(provider.score_milli() <= 100_000, "the mean of scores");
        provider.stake.check().expect("a provider's stake");
    }
    for unit in books.units.values() {
        let served = |sla: &&Sla| sla.provider == unit.provider && sla.unit_id == unit.id;
        let live = books.slas.values().filter(served).filter(|sla| is_live(sla));
        assert_eq!(count(live), unit.live_slas, "a unit's live SLAs");
    }
    for oracle in books.oracles.values() {
        let seats = books.slas.values().map(|sla| seats_held(sla, &oracle.authority));
        assert_eq!(seats.sum::<u32>(), oracle.seats, "an oracle's seats");
        assert!(oracle.score_milli <= 100_000, "an oracle's score");
        oracle.stake.check().expect("an oracle's stake");
    }
    for (at, sla) in &books.slas {
        sla.body.check().unwrap_or_else(|error| panic!("SLA {at}: {error}"));
        check_committee(books, sla);
    }
}

/// Whoever judges is nobody's party and sits once.
fn check_committee(books: &Books, sla: &Sla) {
    let held: Vec<_> = sla.seats.iter().filter(|seat| **seat != Pubkey::default()).collect();
    let provider = books.providers.get(&sla.provider).map(|provider| provider.authority);
    for (place, seat) in held.iter().enumerate() {
        assert!(**seat != sla.consumer && Some(**seat) != provider, "a party judges");
        assert!(!held[..place].contains(seat), "an oracle holds two seats");
    }
    if sla.body.terms.start != 0 {
        for (seat, first) in sla.seats.iter().zip(sla.body.seats.first_window) {
            assert_eq!(*seat == Pubkey::default(), first == VACANT, "a seat that nobody holds");
        }
    }
}

fn is_agreed(sla: &Sla) -> bool {
    sla.body.was_agreed()
}

fn is_live(sla: &Sla) -> bool {
    is_agreed(sla) && sla.body.progress.released == 0
}

/// How many seats of an SLA an oracle holds that were not given back.
fn seats_held(sla: &Sla, authority: &Pubkey) -> u32 {
    let started = sla.body.progress.state != SlaState::Proposed.code();
    let held = sla.seats.iter().enumerate().filter(|(seat, key)| {
        started && *key == authority && sla.body.seats.freed >> seat & 1 == 0
    });
    count(held)
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).expect("a small number")
}

/// What a unit that is gone was worth stays in its provider's sum.
fn remember_scores(economy: &mut Economy, before: &Books, act: &Act) {
    let Some(at) = act.account("provider") else { return };
    match act.name() {
        "remove_unit" => {
            let provider = &economy.books.providers[&at];
            let units = economy.books.units.values().filter(|unit| unit.provider == at);
            let scores: u64 = units.map(|unit| u64::from(unit.score.milli)).sum();
            let left = provider.score_sum_milli - scores;
            let known = economy.scores_left.get(&at).copied().unwrap_or(0);
            assert!((known..=known + 100_000).contains(&left), "a removed unit's score");
            economy.scores_left.insert(at, left);
        }
        "close_provider" => {
            assert!(before.providers[&at].listed_units == 0);
            economy.scores_left.remove(&at);
        }
        _ => {}
    }
}
