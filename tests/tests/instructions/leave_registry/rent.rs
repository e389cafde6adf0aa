//! An entry's rent: who paid it gets it back, and nobody else anything.

use flashback_tests::Attempt;
use flashback_tests::chain::transfer_lamports;

use super::*;

/// What the registry's account pays for one more entry of 112 bytes.
fn entry_rent(world: &World) -> u64 {
    world.chain.rent(104 + 112) - world.chain.rent(104)
}

fn lamports(world: &World, of: Pubkey) -> u64 {
    world.chain.account(&of).map_or(0, |account| account.lamports)
}

/// A world whose stranger has lamports, and whose oracle 2 has no entry.
fn without_the_oracle() -> World {
    let mut world = World::with_market();
    world.chain.fund(key(STRANGER));
    world.oracle(2).leaves().succeeds();
    is_removed(&mut world, 2);
    world
}

/// Has the stranger pay for the entry of oracle 2.
fn joins_at_the_strangers_cost(world: &mut World) {
    let attempt = world.oracle(2).joins_registry();
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
}

/// Has the entry of oracle 2, which the stranger paid for, go.
fn gives_back(world: &mut World) {
    world.oracle(2).leaves().succeeds();
    world.chain.wait_slots(1_000);
    world.oracle(2).leaves().with(key(STRANGER), key(RENT_PAYER)).succeeds();
}

#[test]
fn the_second_step_gives_back_what_joining_cost() {
    let mut world = World::with_market();
    let (payer, registry) = (key(RENT_PAYER), address::registry());
    let before = (lamports(&world, payer), lamports(&world, registry));
    let cost = entry_rent(&world);
    assert!(cost > 0);

    world.oracle(2).leaves().succeeds();
    assert_eq!((lamports(&world, payer), lamports(&world, registry)), before);
    is_removed(&mut world, 2);
    assert_eq!(lamports(&world, payer), before.0 + cost);
    assert_eq!(lamports(&world, registry), before.1 - cost);
    assert_eq!(lamports(&world, registry), world.chain.rent(104 + 112 * 6));
    world.oracle(2).joins_registry().succeeds();
    assert_eq!((lamports(&world, payer), lamports(&world, registry)), before);
}

#[test]
fn it_goes_to_who_paid_for_this_entry() {
    let mut world = without_the_oracle();
    let before = lamports(&world, key(STRANGER));
    joins_at_the_strangers_cost(&mut world);
    assert_eq!(lamports(&world, key(STRANGER)), before - entry_rent(&world));
    world.oracle(2).leaves().succeeds();
    world.chain.wait_slots(1_000);
    for other in [key(RENT_PAYER), authority(), key(PROVIDER)] {
        let attempt = world.oracle(2).leaves();
        attempt
            .at(5, |rent_payer| rent_payer.pubkey = other)
            .is_refused(CoreError::AccountMismatch);
    }
    world.oracle(2).leaves().with(key(STRANGER), key(RENT_PAYER)).succeeds();
    assert_eq!(lamports(&world, key(STRANGER)), before);
}

#[test]
fn who_evicts_gets_nothing() {
    let mut world = without_the_oracle();
    world.oracle(2).joins_registry().succeeds();
    world.oracle(2).unstakes(Atoms(STAKE.0 / 2 + 1)).succeeds();
    let before = (lamports(&world, key(STRANGER)), lamports(&world, key(RENT_PAYER)));
    world.anyone().evicts(&authority()).succeeds();
    world.chain.wait_slots(1_000);
    let attempt = world.anyone().evicts(&authority());
    attempt
        .at(5, |rent_payer| rent_payer.pubkey = key(STRANGER))
        .is_refused(CoreError::AccountMismatch);
    world.anyone().evicts(&authority()).succeeds();
    let after = (lamports(&world, key(STRANGER)), lamports(&world, key(RENT_PAYER)));
    assert_eq!(after, (before.0, before.1 + entry_rent(&world)));
}

#[test]
fn lamports_that_anyone_sent_are_nobodys() {
    let mut world = without_the_oracle();
    world.chain.send_lamports(address::registry(), 5_000_000);
    let before = lamports(&world, key(STRANGER));
    joins_at_the_strangers_cost(&mut world);
    assert_eq!(lamports(&world, key(STRANGER)), before - entry_rent(&world));
    world.chain.send_lamports(address::registry(), 1_000_000);
    gives_back(&mut world);
    assert_eq!(lamports(&world, key(STRANGER)), before);
    assert_eq!(lamports(&world, address::registry()), world.chain.rent(104 + 112 * 6) + 6_000_000);
}

#[test]
fn what_the_registry_lacks_is_paid_by_who_joins_and_given_back() {
    // As if rent had risen since the others joined.
    let mut world = without_the_oracle();
    let mut registry = world.chain.account(&address::registry()).unwrap();
    registry.lamports -= 70_000;
    world.chain.put(address::registry(), registry);
    let before = lamports(&world, key(STRANGER));
    joins_at_the_strangers_cost(&mut world);
    let paid = entry_rent(&world) + 70_000;
    assert_eq!(lamports(&world, key(STRANGER)), before - paid);
    assert_eq!(entry_of(&world, &authority()).unwrap().rent_paid, paid);
    assert_eq!(lamports(&world, address::registry()), world.chain.rent(104 + 112 * 7));

    // What the registry needs for the others stays.
    gives_back(&mut world);
    assert_eq!(lamports(&world, key(STRANGER)), before - 70_000);
    assert_eq!(lamports(&world, address::registry()), world.chain.rent(104 + 112 * 6));
}

#[test]
fn who_paid_more_gets_more_back_whoever_joined_since() {
    // As if rent had fallen since oracles 0 and 1 joined.
    let mut world = without_the_oracle();
    let cost = entry_rent(&world);
    let mut registry = world.chain.account(&address::registry()).unwrap();
    for entry in registry.data[104..].chunks_mut(112) {
        if [0, 1].iter().any(|index| entry[..32] == *key(&oracle_name(*index)).as_ref()) {
            // What was paid, after two keys and three figures.
            entry[88..96].copy_from_slice(&(cost + 300_000).to_le_bytes());
            registry.lamports += 300_000;
        }
    }
    world.chain.put(address::registry(), registry);
    let before = lamports(&world, key(STRANGER));
    joins_at_the_strangers_cost(&mut world);
    assert_eq!(lamports(&world, key(STRANGER)), before - cost, "it pays for its own bytes");

    let payer = lamports(&world, key(RENT_PAYER));
    for index in [0, 1] {
        world.oracle(index).leaves().succeeds();
    }
    world.chain.wait_slots(1_000);
    for index in [0, 1] {
        world.oracle(index).leaves().succeeds();
    }
    assert_eq!(lamports(&world, key(RENT_PAYER)), payer + 2 * (cost + 300_000));
    gives_back(&mut world);
    assert_eq!(lamports(&world, key(STRANGER)), before);
    assert_eq!(lamports(&world, address::registry()), world.chain.rent(104 + 112 * 4));
}

#[test]
fn nobody_keeps_an_entry_by_emptying_the_account_that_paid_for_it() {
    let mut world = without_the_oracle();
    joins_at_the_strangers_cost(&mut world);
    let all = lamports(&world, key(STRANGER));
    let emptied = transfer_lamports(&key(STRANGER), &key(PROVIDER), all);
    Attempt::new(&mut world.chain, emptied, vec![keypair(STRANGER)]).succeeds();
    gives_back(&mut world);
    // So little rent makes no account: it stays.
    assert_eq!(lamports(&world, key(STRANGER)), 0);
    assert_eq!(entered(&world), all_but(&[2]));
    let registry = lamports(&world, address::registry());
    assert_eq!(registry, world.chain.rent(104 + 112 * 6) + entry_rent(&world));
    // Who joins pays its own all the same.
    let before = lamports(&world, key(RENT_PAYER));
    world.oracle(2).joins_registry().succeeds();
    assert_eq!(lamports(&world, key(RENT_PAYER)), before - entry_rent(&world));
}
