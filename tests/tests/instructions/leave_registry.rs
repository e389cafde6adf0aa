//! Leaving the registry, by oneself or by anyone; what the registry gives back.

mod eviction;
mod rent;

use flashback::events::OracleLeft;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;

/// The authority of the oracle that leaves.
fn authority() -> Pubkey {
    key("oracle 2")
}

/// The registered oracles' authorities, sorted.
fn registered(world: &World) -> Vec<Pubkey> {
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

#[test]
fn an_oracle_leaves() {
    let mut world = World::with_market();
    let before = world.oracle_account(&authority());
    let entries = world.registry().entries;
    let receipt = world.oracle(2).leaves().succeeds();

    assert_eq!(registered(&world), all_but(&[2]));
    for entry in world.registry().entries {
        assert!(entries.contains(&entry), "the other entries stay as they were");
    }
    let oracle = world.oracle_account(&authority());
    assert_eq!((before.joined, oracle.joined), (1, 0));
    assert_eq!((oracle.stake, oracle.seats), (before.stake, 0));
    let event = receipt.event::<OracleLeft>();
    assert_eq!((event.oracle, event.by), (address::oracle(&authority()), authority()));
    assert_eq!(event.seats, 0);
}

#[test]
fn whatever_leaves_first_the_others_stay() {
    for order in [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 6, 0, 5, 1, 4, 2]] {
        let mut world = World::with_market();
        for gone in 1..=order.len() {
            world.oracle(order[gone - 1]).leaves().succeeds();
            assert_eq!(registered(&world), all_but(&order[..gone]));
            let registry = world.chain.account(&address::registry()).unwrap();
            assert_eq!(registry.data.len(), 104 + 112 * (order.len() - gone));
        }
    }
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_market();
    world.oracle(2).leaves().succeeds();
    world.oracle(2).leaves().is_refused(CoreError::OracleNotRegistered);
    world.anyone().evicts(&authority()).is_refused(CoreError::OracleNotRegistered);
}

#[test]
fn who_never_joined_cannot_leave() {
    let mut world = World::with_market();
    world.oracle(7).registers().succeeds();
    world.oracle(7).leaves().is_refused(CoreError::OracleNotRegistered);
}

#[test]
fn who_left_joins_again_as_new() {
    let mut world = World::with_market();
    world.oracle(2).leaves().succeeds();
    world.oracle(2).unstakes(Atoms(STAKE.0 / 4)).succeeds();
    world.chain.wait_slots(100);
    world.oracle(2).joins_registry().succeeds();

    assert_eq!(registered(&world), all_but(&[]));
    let registry = world.registry();
    let entry = registry.entries.iter().find(|entry| entry.oracle == authority()).unwrap();
    assert_eq!((entry.joined_slot, entry.free_stake), (world.chain.slot(), STAKE.0 / 4 * 3));
    assert_eq!((entry.rent_payer, entry.certified_until), (key(RENT_PAYER), EXPIRY.0));
    assert_eq!(world.oracle_account(&authority()).joined, 1);
    world.oracle(2).joins_registry().is_refused(CoreError::OracleAlreadyJoined);
}

#[test]
fn a_seated_oracle_leaves_and_serves_until_it_is_replaced() {
    let mut world = World::with_active_sla();
    let seats = world.sla().seats;
    let before = world.oracle_account(&seats[1]);
    let receipt = world.seat(1).leaves().succeeds();
    assert_eq!(receipt.event::<OracleLeft>().seats, 1);

    let oracle = world.oracle_account(&seats[1]);
    assert_eq!((oracle.joined, oracle.seats, oracle.stake), (0, 1, before.stake));
    assert!(oracle.stake.covered > 0);
    assert_eq!(world.sla().seats, seats);
    let report = met(&world.terms());
    world.wait_until_reports(0);
    world.seat(1).reports(0, report).succeeds();
}

#[test]
fn a_pause_keeps_nobody_in() {
    let mut world = World::with_market();
    world.guardian().pauses(7 * 86_400).succeeds();
    world.oracle(2).leaves().succeeds();
    world.oracle(2).joins_registry().succeeds();
}

#[test]
fn the_signature_is_needed() {
    let mut world = World::with_market();
    let attempt = world.oracle(2).leaves();
    attempt.unsigned_by(authority()).is_refused(ErrorCode::AccountNotSigner);
    let attempt = world.oracle(2).leaves();
    attempt.signed_by(keypair(STRANGER), authority()).is_refused(CoreError::OracleServes);
    let attempt = world.oracle(2).leaves();
    let another = keypair("oracle 1");
    attempt.signed_by(another, authority()).is_refused(CoreError::OracleServes);
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
