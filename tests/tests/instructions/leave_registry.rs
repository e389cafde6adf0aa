//! Leaving the registry, by oneself or by anyone, in two steps: at once an oracle is drawn no more; its entry goes, and
//! the entry's rent back, once no draw that was fixed before can still be held.

mod eviction;
mod rent;
mod steps;

use flashback::events::{EntryRemoved, OracleLeft};
use flashback_core::committee::DRAWS_HELD_SLOTS;
use flashback_sdk::account::RegistryEntry;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;

/// The authority of the oracle that leaves.
fn authority() -> Pubkey {
    key("oracle 2")
}

fn entry_of(world: &World, authority: &Pubkey) -> Option<RegistryEntry> {
    world.registry().entries.into_iter().find(|entry| entry.oracle == *authority)
}

/// The oracles with an entry, by authority, sorted.
fn entered(world: &World) -> Vec<Pubkey> {
    let mut all: Vec<_> = world.registry().entries.iter().map(|entry| entry.oracle).collect();
    all.sort();
    all
}

/// The authorities of all of the world's oracles but these, sorted.
fn all_but(gone: &[usize]) -> Vec<Pubkey> {
    let left = (0..ORACLES).filter(|index| !gone.contains(index));
    let mut all: Vec<_> = left.map(|index| key(&oracle_name(index))).collect();
    all.sort();
    all
}

/// Waits until the entry of an oracle that has left can go, and has it go.
pub(super) fn is_removed(world: &mut World, index: usize) {
    world.chain.wait_slots(DRAWS_HELD_SLOTS);
    world.anyone().evicts(&key(&oracle_name(index))).succeeds();
}

#[test]
fn an_oracle_leaves_and_is_drawn_no_more() {
    let mut world = World::with_market();
    let before = world.oracle_account(&authority());
    let registry = world.chain.account(&address::registry()).unwrap();
    let mut entries = world.registry().entries;
    let slot = world.chain.slot();
    let receipt = world.oracle(2).leaves().succeeds();

    let entry = entries.iter_mut().find(|entry| entry.oracle == authority()).unwrap();
    assert_eq!(entry.out_slot, 0);
    entry.out_slot = slot;
    assert_eq!(world.registry().entries, entries, "nothing else changes");
    let after = world.chain.account(&address::registry()).unwrap();
    assert_eq!((after.data.len(), after.lamports), (registry.data.len(), registry.lamports));
    let oracle = world.oracle_account(&authority());
    assert_eq!((before.joined, oracle.joined), (1, 2));
    assert_eq!((oracle.stake, oracle.seats), (before.stake, 0));
    let event = receipt.event::<OracleLeft>();
    assert_eq!((event.oracle, event.by), (address::oracle(&authority()), authority()));
    assert_eq!((event.seats, event.out_slot), (0, slot));
}

#[test]
fn its_entry_goes_and_the_others_stay() {
    let mut world = World::with_market();
    world.oracle(2).leaves().succeeds();
    let entries = world.registry().entries;
    world.chain.wait_slots(1_000);
    let receipt = world.anyone().evicts(&authority()).succeeds();

    assert_eq!(entered(&world), all_but(&[2]));
    for entry in world.registry().entries {
        assert!(entries.contains(&entry), "the other entries stay as they were");
    }
    let registry = world.chain.account(&address::registry()).unwrap();
    assert_eq!(registry.data.len(), 104 + 112 * 6);
    assert_eq!(world.oracle_account(&authority()).joined, 0);
    assert_eq!(receipt.event::<EntryRemoved>().oracle, address::oracle(&authority()));
    assert!(receipt.events::<OracleLeft>().is_empty());
}

#[test]
fn whichever_entry_goes_first_the_others_stay() {
    for order in [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 6, 0, 5, 1, 4, 2]] {
        let mut world = World::with_market();
        for index in order {
            world.oracle(index).leaves().succeeds();
        }
        assert_eq!(entered(&world), all_but(&[]));
        world.chain.wait_slots(1_000);
        for gone in 1..=order.len() {
            world.oracle(order[gone - 1]).leaves().succeeds();
            assert_eq!(entered(&world), all_but(&order[..gone]));
            let registry = world.chain.account(&address::registry()).unwrap();
            assert_eq!(registry.data.len(), 104 + 112 * (order.len() - gone));
        }
    }
}

#[test]
fn who_never_joined_cannot_leave() {
    let mut world = World::with_market();
    world.oracle(7).registers().succeeds();
    world.oracle(7).leaves().is_refused(CoreError::OracleNotRegistered);
}

#[test]
fn a_seated_oracle_leaves_and_serves_until_it_is_replaced() {
    let mut world = World::with_active_sla();
    let seats = world.sla().seats;
    let before = world.oracle_account(&seats[1]);
    let receipt = world.seat(1).leaves().succeeds();
    assert_eq!(receipt.event::<OracleLeft>().seats, 1);

    let oracle = world.oracle_account(&seats[1]);
    assert_eq!((oracle.joined, oracle.seats, oracle.stake), (2, 1, before.stake));
    assert!(oracle.stake.covered > 0);
    assert_eq!(world.sla().seats, seats);
    let report = met(&world.terms());
    world.wait_until_reports(0);
    world.seat(1).reports(0, report).succeeds();
    // Without an entry too.
    world.seat(1).leaves().succeeds();
    let oracle = world.oracle_account(&seats[1]);
    assert_eq!((oracle.joined, oracle.seats, oracle.stake), (0, 1, before.stake));
    world.wait_until_settleable(0);
    world.wait_until_reports(1);
    world.seat(1).reports(1, report).succeeds();
}

#[test]
fn a_pause_keeps_nobody_in() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * 86_400).succeeds();
    world.oracle(2).leaves().succeeds();
    is_removed(&mut world, 2);
    world.oracle(2).joins_registry().succeeds();
}

#[test]
fn the_signature_is_needed() {
    let mut world = World::with_market();
    let attempt = world.oracle(2).leaves();
    attempt.unsigned_by(authority()).is_refused(ErrorCode::AccountNotSigner);
    for another in [STRANGER, "oracle 1", CERTIFIER, DEPLOYER] {
        let attempt = world.oracle(2).leaves();
        attempt.signed_by(keypair(another), authority()).is_refused(CoreError::OracleServes);
    }
    world.oracle(2).leaves().succeeds();
    world.chain.wait_slots(1_000);
    let attempt = world.oracle(2).leaves();
    attempt.unsigned_by(authority()).is_refused(ErrorCode::AccountNotSigner);
}

#[test]
fn nobody_is_taken_out_by_another_ones_account_or_certificate() {
    let mut world = World::with_market();
    let certificate = |name: &str| address::certificate(SubjectKind::Oracle, &key(name));
    let own = certificate("oracle 2");
    let attempt = world.oracle(2).leaves();
    let other = address::oracle(&key("oracle 1"));
    attempt.with(other, address::oracle(&authority())).is_refused(ErrorCode::ConstraintSeeds);
    for other in [
        certificate("oracle 1"),
        certificate("nobody"),
        address::certificate(SubjectKind::Provider, &authority()),
        address::config(),
    ] {
        let attempt = world.anyone().evicts(&authority());
        attempt.with(other, own).is_refused(ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn other_accounts_are_no_oracle_and_no_registry() {
    let mut world = World::with_market();
    let oracle = address::oracle(&authority());
    let cases = [
        (oracle, world.provider_address(), ErrorCode::AccountDiscriminatorMismatch),
        (oracle, purse(STRANGER), ErrorCode::AccountOwnedByWrongProgram),
        (address::registry(), world.unit_address(), ErrorCode::AccountDiscriminatorMismatch),
        (address::registry(), purse(STRANGER), ErrorCode::AccountOwnedByWrongProgram),
        (address::config(), oracle, ErrorCode::AccountDiscriminatorMismatch),
        (address::config(), key("nobody"), ErrorCode::AccountNotInitialized),
    ];
    for (own, other, error) in cases {
        world.oracle(2).leaves().with(other, own).is_refused(error);
    }
    for account in [oracle, address::registry(), key(RENT_PAYER)] {
        world.oracle(2).leaves().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}
