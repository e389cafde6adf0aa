//! An oracle that leaves while windows of its time are contested: what it still backs, and what pays for it.

use super::*;

fn rich() -> Stake {
    Stake { bonded: 1 << 40, ..Stake::default() }
}

/// Seat 0 owes half of an unmeasured due, and its oracle has nothing but its cover. The next window is contested.
fn owing() -> (World, ContestedRound, Timestamp) {
    let mut world = World::seated(&quote(3), 0);
    world.window(&[Absent, Absent, Measures(0)]);
    for seat in 0..3 {
        world.reports(seat, Measures(0));
    }
    let now = world.sla.terms.report_closes(1).unwrap();
    let (round, _) = world.sla.contest(now).unwrap();
    (world, round, now)
}

#[test]
fn its_absence_takes_its_shares_and_the_rest_of_its_cover_waits_in_the_round() {
    let (mut world, mut round, now) = owing();
    let cover = world.sla.terms.seat_cover().unwrap().total().unwrap().0;
    world.sla.arm_redraw(0, true, 1, false, now).unwrap();
    let leaver = &mut world.oracles[0];
    let replaced =
        world.sla.replace_seat(0, Some(leaver), &mut rich(), Some(&mut round), now).unwrap();
    world.escrow += replaced.absence.0;
    assert_eq!((replaced.absence, replaced.written_off), (Atoms(250), Atoms::ZERO));
    assert_eq!((replaced.released, round.covers[0]), (Atoms(250), cover - 250));
    let leaver = world.oracles[0];
    assert_eq!((leaver.covered, leaver.bonded), (cover - 250, cover - 250));
    world.is_solvent();
}

#[test]
fn free_stake_pays_its_absence_before_its_shares_do() {
    let (mut world, mut round, now) = owing();
    let cover = world.sla.terms.seat_cover().unwrap().total().unwrap().0;
    world.oracles[0].bond(Atoms(100)).unwrap();
    world.sla.arm_redraw(0, true, 1, false, now).unwrap();
    let leaver = &mut world.oracles[0];
    let replaced =
        world.sla.replace_seat(0, Some(leaver), &mut rich(), Some(&mut round), now).unwrap();
    assert_eq!((replaced.absence, replaced.released), (Atoms(250), Atoms(150)));
    assert_eq!((round.covers[0], world.oracles[0].free()), (cover - 150, Atoms::ZERO));
}
