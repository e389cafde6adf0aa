//! An entry's rent: who paid it gets it back, and nobody else anything.

use super::*;

/// What the registry's account pays for one more entry of 112 bytes.
fn entry_rent(world: &World) -> u64 {
    world.chain.rent(104 + 112) - world.chain.rent(104)
}

fn lamports(world: &World, of: Pubkey) -> u64 {
    world.chain.account(&of).map_or(0, |account| account.lamports)
}

/// A world whose stranger has lamports, and whose oracle 2 is in the registry no more.
fn without_the_oracle() -> World {
    let mut world = World::with_market();
    world.chain.fund(key(STRANGER));
    world.oracle(2).leaves().succeeds();
    world
}

#[test]
fn leaving_gives_back_what_joining_cost() {
    let mut world = World::with_market();
    let (payer, registry) = (key(RENT_PAYER), address::registry());
    let before = (lamports(&world, payer), lamports(&world, registry));
    let cost = entry_rent(&world);
    assert!(cost > 0);

    world.oracle(2).leaves().succeeds();
    assert_eq!(lamports(&world, payer), before.0 + cost);
    assert_eq!(lamports(&world, registry), before.1 - cost);
    assert_eq!(lamports(&world, registry), world.chain.rent(104 + 112 * 6));
    world.oracle(2).joins_registry().succeeds();
    assert_eq!((lamports(&world, payer), lamports(&world, registry)), before);
}

#[test]
fn it_goes_to_who_paid_for_this_entry() {
    let mut world = without_the_oracle();
    let cost = entry_rent(&world);
    let before = lamports(&world, key(STRANGER));
    let attempt = world.oracle(2).joins_registry();
    attempt.signed_by(keypair(STRANGER), key(RENT_PAYER)).succeeds();
    assert_eq!(lamports(&world, key(STRANGER)), before - cost);

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
    let attempt = world.anyone().evicts(&authority());
    attempt
        .at(5, |rent_payer| rent_payer.pubkey = key(STRANGER))
        .is_refused(CoreError::AccountMismatch);
    world.anyone().evicts(&authority()).succeeds();
    let after = (lamports(&world, key(STRANGER)), lamports(&world, key(RENT_PAYER)));
    assert_eq!(after, (before.0, before.1 + entry_rent(&world)));
}

#[test]
fn lamports_that_anyone_sent_before_make_the_entry_cheaper() {
    let mut world = without_the_oracle();
    let cost = entry_rent(&world);
    for (sent, paid) in [(1, cost - 1), (cost, 0), (cost + 1, 0)] {
        let mut world = world.clone();
        world.chain.send_lamports(address::registry(), sent);
        let before = lamports(&world, key(RENT_PAYER));
        world.oracle(2).joins_registry().succeeds();
        assert_eq!(lamports(&world, key(RENT_PAYER)), before - paid, "{sent} sent");
        let registry = world.registry();
        let entry = registry.entries.iter().find(|entry| entry.oracle == authority()).unwrap();
        assert_eq!(entry.rent_paid, paid);

        // What was not paid is not given back.
        world.oracle(2).leaves().succeeds();
        assert_eq!(lamports(&world, key(RENT_PAYER)), before, "{sent} sent");
        assert_eq!(lamports(&world, address::registry()), world.chain.rent(104 + 112 * 6) + sent);
    }
    world.oracle(2).joins_registry().succeeds();
    let registry = world.registry();
    assert!(registry.entries.iter().all(|entry| entry.rent_paid == cost));
}

#[test]
fn lamports_that_anyone_sent_later_are_nobodys() {
    let mut world = World::with_market();
    world.chain.send_lamports(address::registry(), 5_000_000);
    let before = lamports(&world, key(RENT_PAYER));
    for index in 0..ORACLES {
        world.oracle(index).leaves().succeeds();
    }
    assert_eq!(lamports(&world, key(RENT_PAYER)), before + 7 * entry_rent(&world));
    assert_eq!(lamports(&world, address::registry()), world.chain.rent(104) + 5_000_000);
}
