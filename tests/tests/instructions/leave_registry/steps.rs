//! The wait between the two steps, and coming back after the second.

use super::*;

#[test]
fn the_entry_stays_while_a_draw_that_was_fixed_before_can_be_held() {
    let mut world = World::with_market();
    world.oracle(2).leaves().succeeds();
    for slots in [0, 1, 998] {
        world.chain.wait_slots(slots);
        world.oracle(2).leaves().is_refused(CoreError::DrawPending);
        world.anyone().evicts(&authority()).is_refused(CoreError::DrawPending);
    }
    world.chain.wait_slots(1);
    world.clone().oracle(2).leaves().succeeds();
    // Whether it is certified or not, and staked or not.
    world.anyone().evicts(&authority()).succeeds();
    world.oracle(2).leaves().is_refused(CoreError::OracleNotRegistered);
    world.anyone().evicts(&authority()).is_refused(CoreError::OracleNotRegistered);
}

#[test]
fn leaving_again_does_not_begin_the_wait_anew() {
    let mut world = World::with_market();
    let slot = world.chain.slot();
    world.oracle(2).leaves().succeeds();
    world.chain.wait_slots(500);
    world.oracle(2).leaves().is_refused(CoreError::DrawPending);
    assert_eq!(entry_of(&world, &authority()).unwrap().out_slot, slot);
    world.chain.wait_slots(500);
    world.oracle(2).leaves().succeeds();
}

#[test]
fn who_left_joins_again_as_new_once_its_entry_is_gone() {
    let mut world = World::with_market();
    world.oracle(2).leaves().succeeds();
    world.oracle(2).joins_registry().is_refused(CoreError::OracleAlreadyJoined);
    world.oracle(2).unstakes(Atoms(STAKE.0 / 4)).succeeds();
    world.chain.wait_slots(1_000);
    world.oracle(2).joins_registry().is_refused(CoreError::OracleAlreadyJoined);
    world.oracle(2).leaves().succeeds();
    world.oracle(2).joins_registry().succeeds();

    assert_eq!(entered(&world), all_but(&[]));
    let entry = entry_of(&world, &authority()).unwrap();
    assert_eq!((entry.joined_slot, entry.free_stake), (world.chain.slot(), STAKE.0 / 4 * 3));
    assert_eq!((entry.rent_payer, entry.certified_until), (key(RENT_PAYER), EXPIRY.0));
    assert_eq!(entry.out_slot, 0);
    assert_eq!(world.oracle_account(&authority()).joined, 1);
    world.oracle(2).joins_registry().is_refused(CoreError::OracleAlreadyJoined);
}

#[test]
fn while_its_entry_is_there_it_says_what_stake_is_free() {
    let mut world = World::with_market();
    world.oracle(2).leaves().succeeds();
    world.oracle(2).unstakes(Atoms(500)).succeeds();
    assert_eq!(entry_of(&world, &authority()).unwrap().free_stake, STAKE.0 - 500);
    world.oracle(2).stakes(Atoms(200)).succeeds();
    assert_eq!(entry_of(&world, &authority()).unwrap().free_stake, STAKE.0 - 300);
    is_removed(&mut world, 2);
    world.oracle(2).unstakes(Atoms(100)).succeeds();
    assert_eq!(world.oracle_account(&authority()).stake.bonded, STAKE.0 - 400);
}

#[test]
fn who_left_does_not_count_for_new_slas() {
    let mut world = World::with_market();
    // Five are needed for a committee of three.
    for index in [0, 1] {
        world.oracle(index).leaves().succeeds();
    }
    world.clone().consumer().reserves().succeeds();
    world.oracle(2).leaves().succeeds();
    world.consumer().reserves().is_refused(CoreError::OraclesTooFew);
}

#[test]
fn who_leaves_once_the_hash_is_known_leaves_its_seat_vacant() {
    let mut world = World::with_agreed_sla();
    world.wait_until_draw();
    let drawn = world.drawn();
    let index = (0..ORACLES).find(|index| key(&oracle_name(*index)) == drawn[1]).unwrap();
    world.oracle(index).leaves().succeeds();
    assert_eq!(world.drawn(), drawn, "no other oracle is drawn in its place");
    world.anyone().seats_committee().succeeds();
    assert_eq!(world.sla().seats[..3], [drawn[0], Pubkey::default(), drawn[2]]);
    let oracle = world.oracle_account(&drawn[1]);
    assert_eq!((oracle.seats, oracle.stake.covered), (0, 0));
}

#[test]
fn who_left_before_the_draw_was_fixed_is_not_drawn() {
    // In the slot that fixes the draw, before it.
    let mut world = World::with_market();
    let mut drawn = World::with_agreed_sla();
    drawn.wait_until_draw();
    let first = drawn.drawn()[0];
    let index = (0..ORACLES).find(|index| key(&oracle_name(*index)) == first).unwrap();
    world.oracle(index).leaves().succeeds();
    world.consumer().reserves().succeeds();
    world.wait_until_draw();
    assert!(!world.drawn().contains(&first));
    world.anyone().seats_committee().succeeds();
}
