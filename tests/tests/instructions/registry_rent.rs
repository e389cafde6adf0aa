//! Rent of the registry's entries on a chain whose rent changes: each entry pays for its own bytes, and that goes back
//! to who paid it.

use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;
use solana_sdk::sysvar::rent;

/// Bytes of the header and of an entry; entries of the market.
const HEADER: usize = 104;
const ENTRY: usize = 112;

/// Multiplies the chain's rent: the Rent sysvar begins with its lamports per byte.
fn rent_becomes(world: &mut World, numerator: u64, divisor: u64) {
    let mut sysvar = world.chain.account(&rent::ID).unwrap();
    let (rate, _) = sysvar.data.split_first_chunk_mut::<8>().unwrap();
    *rate = (u64::from_le_bytes(*rate) * numerator / divisor).to_le_bytes();
    world.chain.put(rent::ID, sysvar);
}

/// What an entry costs at today's rent.
fn entry_rent(world: &World) -> u64 {
    world.chain.rent(HEADER + ENTRY) - world.chain.rent(HEADER)
}

/// What a registry of so many entries needs at today's rent.
fn needed(world: &World, entries: usize) -> u64 {
    world.chain.rent(HEADER + ENTRY * entries)
}

fn lamports(world: &World, of: Pubkey) -> u64 {
    world.chain.account(&of).map_or(0, |account| account.lamports)
}

/// What the registry and the rent payer hold, of which nothing may get lost.
fn held(world: &World) -> (u64, u64) {
    (lamports(world, address::registry()), lamports(world, key(RENT_PAYER)))
}

/// What an entry has cost.
fn paid(world: &World, index: usize) -> u64 {
    let entries = world.registry().entries;
    let entry = entries.iter().find(|entry| entry.oracle == key(&oracle_name(index)));
    entry.expect("an entry").rent_paid
}

/// Has the oracle of that number join, at a cost.
fn joins_for(world: &mut World, index: usize, cost: u64) {
    let before = held(world);
    world.oracle(index).joins_registry().succeeds();
    assert_eq!(held(world), (before.0 + cost, before.1 - cost));
    assert_eq!(paid(world, index), cost);
}

/// Has the oracle of that number go, and so much come back.
fn goes_for(world: &mut World, index: usize, back: u64) {
    let before = held(world);
    world.takes_leave(index);
    assert_eq!(held(world), (before.0 - back, before.1 + back), "oracle {index}");
}

/// Six oracles in the registry, the seventh out of it, and what each of the six has paid.
fn six() -> (World, u64) {
    let mut world = World::with_market();
    let cost = entry_rent(&world);
    assert_eq!(cost, 112 * 6_960);
    goes_for(&mut world, 6, cost);
    assert_eq!(held(&world).0, needed(&world, 6));
    (world, cost)
}

#[test]
fn who_joins_after_rent_has_fallen_pays_the_lower_rent_of_its_own_bytes() {
    let (mut world, dear) = six();
    rent_becomes(&mut world, 1, 2);
    let cheap = entry_rent(&world);
    assert_eq!(cheap, dear / 2);
    // The others' surplus would pay for it, but is theirs.
    joins_for(&mut world, 6, cheap);
    let registry = held(&world).0;
    // Whoever goes first, each gets back what it has paid.
    for index in [2, 6, 0, 5] {
        goes_for(&mut world, index, if index == 6 { cheap } else { dear });
    }
    joins_for(&mut world, 5, cheap);
    for index in [5, 1, 3, 4] {
        goes_for(&mut world, index, if index == 5 { cheap } else { dear });
    }
    assert!(world.registry().entries.is_empty());
    // What is left is the header's, of the higher rent.
    assert_eq!(held(&world).0, registry - 6 * dear - cheap);
    assert_eq!(held(&world).0, 2 * needed(&world, 0));
}

#[test]
fn who_joins_after_rent_has_risen_pays_what_the_registry_lacks_too() {
    let (mut world, cheap) = six();
    let before = held(&world).0;
    rent_becomes(&mut world, 2, 1);
    let dear = entry_rent(&world);
    assert_eq!(dear, 2 * cheap);
    let lacked = needed(&world, 7) - before;
    joins_for(&mut world, 6, lacked);
    assert_eq!(held(&world).0, needed(&world, 7));
    // The next pays for itself alone.
    world.add_oracle(7);
    assert_eq!(paid(&world, 7), dear);
    // What others need stays there: each gets back what it paid, if that is not needed.
    goes_for(&mut world, 6, dear);
    goes_for(&mut world, 0, cheap);
    goes_for(&mut world, 7, dear);
    assert_eq!(held(&world).0, needed(&world, 5) + dear - cheap);
}

#[test]
fn rent_that_rose_and_fell_costs_nobody_but_who_joined_then() {
    let (mut world, cost) = six();
    rent_becomes(&mut world, 3, 1);
    let lacked = needed(&world, 7) - held(&world).0;
    joins_for(&mut world, 6, lacked);
    rent_becomes(&mut world, 1, 3);
    assert_eq!(entry_rent(&world), cost);
    // Nothing is needed any more of what it had to add.
    for index in [0, 6, 1, 2, 3, 4, 5] {
        goes_for(&mut world, index, if index == 6 { lacked } else { cost });
    }
    assert_eq!(held(&world).0, needed(&world, 0));
}
