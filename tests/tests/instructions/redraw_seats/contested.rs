//! While a contested round is open, a leaver's cover waits in it.

use super::timing::short;
use super::*;

/// The cover of a seat of the SLA of four windows, whose largest due is the same.
const KEPT: u64 = COVER;

/// Whose window 0, met, is contested by a challenge of seat 2; seat 1 is to be redrawn now.
fn contested() -> World {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 2, 0).succeeds();
    world.seat(1).leaves().succeeds();
    arm(&mut world, 1);
    world
}

/// Has seat 2 open its leaf, and settles the round.
fn settle(world: &mut World) {
    let opening = world.records(2, 0, 0).opening(0);
    world.anyone().opens_leaf(0, 2, 0, opening).succeeds();
    world.wait_until_settleable(0);
    world.anyone().settles_round(0).succeeds();
}

#[test]
fn the_leavers_cover_stays_in_the_round_until_it_is_settled() {
    let mut world = contested();
    let (leaver, newcomer) = (world.sla().seats[1], world.newcomers()[0]);
    let event = world.anyone().redraws(Some(0)).succeeds().event::<SeatRedrawn>();

    assert_eq!((event.before, event.after, event.released), (leaver, newcomer, 0));
    assert_eq!((event.fees, event.absence, event.points, event.first_window), (0, 0, 0, 2));
    let oracle = world.oracle_account(&leaver);
    assert_eq!((oracle.stake.covered, oracle.seats), (KEPT, 0));
    assert_eq!(world.round(0).body.covers, [0, KEPT, 0, 0, 0]);
    assert_eq!(world.oracle_account(&newcomer).stake.covered, KEPT);
    is_in_step(&mut world);

    settle(&mut world);
    assert_eq!(world.round(0).body.fees, [0, 1_137, 0, 0, 0]);
    is_in_step(&mut world);
    world.anyone().frees_round_seat(0, 1).succeeds();
    let oracle = world.oracle_account(&leaver);
    assert_eq!((oracle.stake.covered, oracle.stake.bonded), (0, STAKE.0 + 1_137));
    assert_eq!(oracle.score().milli, 51_000);
    assert!(!world.is_contested(0));
    is_in_step(&mut world);
}

#[test]
fn the_open_round_has_to_be_given() {
    let mut world = contested();
    world.anyone().redraws(None).is_refused(CoreError::NotClosable);
    // Another SLA's round is none.
    let (own, other) = (world.round_address(0), key("another round"));
    let mut foreign = world.chain.account(&own).unwrap();
    // The Sla, after discriminator and eight single bytes.
    foreign.data[16] ^= 1;
    world.chain.put(other, foreign);
    let cases: [(Pubkey, flashback_tests::Reason); 4] = [
        (other, CoreError::AccountMismatch.into()),
        (world.unit_address(), ErrorCode::AccountDiscriminatorMismatch.into()),
        (purse(STRANGER), ErrorCode::AccountOwnedByWrongProgram.into()),
        (world.round_address(1), ErrorCode::AccountOwnedByWrongProgram.into()),
    ];
    for (account, reason) in cases {
        world.anyone().redraws(Some(0)).with(account, own).is_refused(reason);
    }
    world.anyone().redraws(Some(0)).read_only(own).is_refused(ErrorCode::ConstraintMut);
}

#[test]
fn a_round_that_is_settled_keeps_no_more_cover() {
    let mut world = contested();
    world.anyone().redraws(Some(0)).succeeds();
    settle(&mut world);
    // It is open still, for who left seat 1.
    assert!(world.is_contested(0));
    let leaver = world.sla().seats[2];
    world.seat(2).leaves().succeeds();
    arm(&mut world, 2);
    let event = world.anyone().redraws(Some(0)).succeeds().event::<SeatRedrawn>();
    // A fee for the window, and the challenge's bond.
    assert_eq!((event.released, event.fees, event.points), (KEPT, 1_137 + 1_000_000, 1));
    assert_eq!(world.oracle_account(&leaver).stake.covered, 0);
    assert_eq!(world.round(0).body.covers, [0, KEPT, 0, 0, 0]);
    is_in_step(&mut world);
}

#[test]
fn who_came_after_the_round_leaves_no_cover_in_it() {
    let mut world = contested();
    world.anyone().redraws(Some(0)).succeeds();
    let newcomer = world.sla().seats[1];
    world.seat(1).leaves().succeeds();
    arm(&mut world, 1);
    let event = world.anyone().redraws(Some(0)).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.before, event.released), (newcomer, KEPT));
    assert_eq!(world.oracle_account(&newcomer).stake.covered, 0);
    assert_eq!(world.round(0).body.covers, [0, KEPT, 0, 0, 0]);
    is_in_step(&mut world);
}

#[test]
fn several_leavers_of_one_round_keep_their_covers_there() {
    let mut world = World::with_contestable_window();
    world.anyone().challenges(0, 2, 0).succeeds();
    for seat in [0, 1] {
        world.seat(usize::from(seat)).leaves().succeeds();
        world.anyone().arms_redraw(seat).succeeds();
    }
    world.wait_until_draw();
    world.anyone().redraws(Some(0)).succeeds();
    assert_eq!(world.round(0).body.covers, [KEPT, KEPT, 0, 0, 0]);
    is_in_step(&mut world);
    settle(&mut world);
    for seat in [0, 1] {
        world.anyone().frees_round_seat(0, seat).succeeds();
    }
    assert!(!world.is_contested(0));
    is_in_step(&mut world);
}

#[test]
fn with_two_rounds_open_nobody_is_redrawn_until_one_is_closed() {
    // Windows of 40 seconds, so short that one is contested between arming and redrawing.
    let mut world = short();
    let report = met(&world.terms());
    world.reports(0, [Some(report); 3]);
    world.wait_until_challenges(0);
    world.consumer().disputes(0).succeeds();
    let leaver = world.sla().seats[1];
    world.seat(1).leaves().succeeds();
    arm(&mut world, 1);
    world.reports(1, [Some(report); 3]);
    world.wait_until_challenges(1);
    world.consumer().disputes(1).succeeds();
    for round in [None, Some(0), Some(1)] {
        world.anyone().redraws(round).is_refused(CoreError::RoundOpen);
    }
    // It serves on, with its cover.
    assert_eq!(world.sla().seats[1], leaver);
    is_in_step(&mut world);

    world.arbiter().rules(0, Party::Consumer, None).succeeds();
    world.anyone().settles_round(0).succeeds();
    assert!(!world.is_contested(0));
    let event = world.anyone().redraws(Some(1)).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.before, event.released, event.fees), (leaver, 0, 1_000));
    // Of a due of 316, thrice half of half; and the least against fraud.
    assert_eq!(world.round(1).body.covers, [0, 3 * 79 + 1_000_000, 0, 0, 0]);
    is_in_step(&mut world);
}

#[test]
fn a_vacant_seat_has_no_cover_to_keep_however_many_rounds_are_open() {
    let mut world = World::with_contestable_window();
    world.consumer().disputes(0).succeeds();
    world.seat(1).leaves().succeeds();
    arm(&mut world, 1);
    let poor = world.newcomers()[0];
    world.oracle(number(&poor)).unstakes(STAKE).succeeds();
    world.anyone().redraws(Some(0)).succeeds();
    assert_eq!(world.sla().seats[1], Pubkey::default());
    let report = met(&world.terms());
    world.reports(1, [Some(report), None, Some(report)]);
    world.wait_until_challenges(1);
    world.provider().disputes(1).is_refused(CoreError::NothingToDispute);
    world.anyone().challenges(1, 0, 0).succeeds();
    arm(&mut world, 1);
    let newcomer = world.newcomers()[0];
    world.oracle(number(&newcomer)).stakes(Atoms(KEPT)).succeeds();
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.before, event.after), (Pubkey::default(), newcomer));
    is_in_step(&mut world);
}

#[test]
fn an_absence_is_paid_by_the_covers_part_for_absences() {
    let mut world = serving();
    let leaver = world.sla().seats[1];
    let free = world.oracle_account(&leaver).stake.free();
    world.seat(1).unstakes(free).succeeds();
    passes(&mut world, 0, &[1, 2]);
    let report = met(&world.terms());
    world.reports(1, [Some(report); 3]);
    world.wait_until_challenges(1);
    world.consumer().disputes(1).succeeds();
    world.seat(1).leaves().succeeds();
    arm(&mut world, 1);
    let event = world.anyone().redraws(Some(1)).succeeds().event::<SeatRedrawn>();
    // Half of the due of 682,666, in two shares; the first is seat 1's.
    assert_eq!((event.absence, event.released, event.written_off), (170_666, 170_666, 0));
    let stake = world.oracle_account(&leaver).stake;
    assert_eq!((stake.bonded, stake.covered), (KEPT - 170_666, KEPT - 170_666));
    assert_eq!(stake.unbonding[0].amount, free.0);
    assert_eq!(world.round(1).body.covers, [0, KEPT - 170_666, 0, 0, 0]);
    is_in_step(&mut world);
}
