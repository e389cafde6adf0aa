//! Drawn oracles that cannot cover their seats any more.

use flashback::events::{CommitteeSeated, SlaExpired};
use flashback_core::sla::{SlaState, VACANT, WindowResult};
use flashback_tests::prelude::*;

/// An SLA that waits for the draw, and what a seat of it covers.
fn ready() -> (World, Atoms) {
    let mut world = World::with_agreed_sla();
    world.wait_until_draw();
    let cover = world.terms().seat_cover().unwrap().total().unwrap();
    (world, cover)
}

/// Leaves an oracle with so much free stake.
fn keeps_free(world: &mut World, authority: &Pubkey, amount: Atoms) {
    let rest = world.oracle_account(authority).stake.free().minus(amount).unwrap();
    world.oracle_named(&name_of(authority)).unstakes(rest).succeeds();
}

fn name_of(authority: &Pubkey) -> String {
    let mut names = (0..ORACLES).map(|index| format!("oracle {index}"));
    names.find(|name| key(name) == *authority).unwrap()
}

fn short(cover: Atoms) -> Atoms {
    cover.minus(Atoms(1)).unwrap()
}

#[test]
fn an_oracle_that_cannot_cover_its_seat_leaves_it_vacant() {
    for poor in 0..3 {
        let (mut world, cover) = ready();
        let drawn = world.drawn();
        keeps_free(&mut world, &drawn[poor], short(cover));
        assert_eq!(world.drawn(), drawn, "stake moves no draw");
        let receipt = world.anyone().seats_committee().succeeds();

        let mut seats = [drawn[0], drawn[1], drawn[2], Pubkey::default(), Pubkey::default()];
        seats[poor] = Pubkey::default();
        let mut first_window = [0, 0, 0, VACANT, VACANT];
        first_window[poor] = VACANT;
        let sla = world.sla();
        assert_eq!((sla.seats, sla.body.seats.first_window), (seats, first_window));
        assert_eq!(sla.body.progress.state(), Ok(SlaState::Active));
        assert_eq!(sla.body.terms.start, world.chain.now().0 + 3_600);
        for (seat, authority) in drawn.iter().enumerate() {
            let oracle = world.oracle_account(authority);
            let (seats, covered) = if seat == poor { (0, 0) } else { (1, cover.0) };
            assert_eq!((oracle.seats, oracle.stake.covered), (seats, covered));
            let registry = world.registry();
            let entry = registry.entries.iter().find(|entry| entry.oracle == *authority).unwrap();
            assert_eq!(entry.free_stake, oracle.stake.free().0);
        }
        let event = receipt.event::<CommitteeSeated>();
        assert_eq!((event.seats, event.seat_cover), (seats, cover.0));
    }
}

#[test]
fn exactly_the_cover_is_enough() {
    let (mut world, cover) = ready();
    let drawn = world.drawn();
    for authority in &drawn {
        keeps_free(&mut world, authority, cover);
    }
    world.anyone().seats_committee().succeeds();
    assert_eq!(world.sla().seats[..3], drawn[..]);
    for authority in &drawn {
        assert_eq!(world.oracle_account(authority).stake.free(), Atoms::ZERO);
    }
}

#[test]
fn no_other_oracle_takes_the_place_of_a_poor_one() {
    let (mut world, cover) = ready();
    let drawn = world.drawn();
    let entries = world.registry().entries;
    let spare = entries.iter().find(|entry| !drawn.contains(&entry.oracle)).unwrap().oracle;
    keeps_free(&mut world, &drawn[1], short(cover));
    for committee in [vec![drawn[0], spare, drawn[2]], vec![drawn[0], drawn[2]]] {
        world.anyone().seats(&committee).is_refused(CoreError::CommitteeMismatch);
    }
}

#[test]
fn a_vacant_seat_owes_and_earns_nothing_and_is_redrawn() {
    let (mut world, cover) = ready();
    let drawn = world.drawn();
    keeps_free(&mut world, &drawn[0], short(cover));
    world.anyone().seats_committee().succeeds();
    let mut redrawn = world.clone();
    redrawn.anyone().arms_redraw(0).succeeds();

    // The other two are a majority.
    let terms = world.terms();
    world.reports(0, [None, Some(met(&terms)), Some(met(&terms))]);
    world.wait_until_settleable(0);
    world.anyone().settles().succeeds();
    let body = world.sla().body;
    assert_eq!(body.progress.last_result, WindowResult::Met.code());
    assert_eq!((body.seats.points, body.seats.fees), ([0, 1, 1, 0, 0], [0, 1_137, 1_137, 0, 0]));
    // Silent, they owe; the vacant one does not.
    world.wait_until_settleable(1);
    world.anyone().settles().succeeds();
    let seats = world.sla().body.seats;
    assert_eq!((seats.absence_owed[0], seats.missed[0]), (0, 0));
    assert_eq!(seats.absence_owed[1] + seats.absence_owed[2], terms.due(1).unwrap().0 / 2);
}

#[test]
fn an_sla_with_a_vacant_seat_ends_and_closes() {
    let (mut world, cover) = ready();
    let drawn = world.drawn();
    keeps_free(&mut world, &drawn[2], short(cover));
    world.anyone().seats_committee().succeeds();
    let terms = world.terms();
    for window in 0..4 {
        world.reports(window, [Some(met(&terms)), Some(met(&terms)), None]);
    }
    world.wait_until_settleable(3);
    world.anyone().settles().succeeds();
    world.anyone().releases().succeeds();
    world.provider().withdraws_earnings().succeeds();
    world.consumer().withdraws_refund().succeeds();
    for seat in 0..2 {
        world.seat(seat).claims_fees().succeeds();
    }
    world.anyone().sweeps_fees().succeeds();
    world.anyone().closes().succeeds();
    for authority in &drawn {
        let oracle = world.oracle_account(authority);
        assert_eq!((oracle.seats, oracle.stake.covered), (0, 0));
    }
}

#[test]
fn fewer_than_a_majority_start_nothing_and_the_sla_expires_with_a_full_refund() {
    let (mut world, cover) = ready();
    let drawn = world.drawn();
    for authority in &drawn[1..] {
        keeps_free(&mut world, authority, short(cover));
    }
    world.anyone().seats_committee().is_refused(CoreError::OraclesTooFew);
    world.anyone().expires().is_refused(CoreError::NotExpired);

    // Should one find its stake again in time, it starts after all.
    let mut mended = world.clone();
    mended.oracle_named(&name_of(&drawn[1])).stakes(Atoms(1)).succeeds();
    mended.anyone().seats_committee().succeeds();

    let slot = world.sla().body.progress.draw_slot;
    world.chain.wait_slots(slot + 512 - world.chain.slot());
    world.anyone().seats_committee().is_refused(CoreError::OraclesTooFew);
    world.anyone().expires().is_refused(CoreError::NotExpired);
    world.chain.wait_slots(1);
    world.anyone().seats(&drawn).is_refused(CoreError::DrawLapsed);
    let receipt = world.anyone().expires().succeeds();
    assert_eq!(receipt.event::<SlaExpired>().refund, world.quote().deposit.0);
    assert_eq!((world.unit().taken_gib, world.provider_account().stake.covered), (0, 0));
    for authority in &drawn {
        let oracle = world.oracle_account(authority);
        assert_eq!((oracle.seats, oracle.stake.covered), (0, 0));
    }
    world.consumer().withdraws_refund().succeeds();
    assert_eq!(world.purse(CONSUMER), PURSE);
    world.anyone().closes().succeeds();
}

#[test]
fn a_committee_of_five_starts_with_three() {
    let mut world = World::with_market();
    let mut args = reservation();
    args.request.seats = 5;
    world.consumer().reserves_with(args).succeeds();
    world.wait_until_draw();
    let cover = world.terms().seat_cover().unwrap().total().unwrap();
    let drawn = world.drawn();
    for authority in [drawn[0], drawn[3]] {
        keeps_free(&mut world, &authority, short(cover));
    }
    let mut poorer = world.clone();
    keeps_free(&mut poorer, &drawn[4], short(cover));
    poorer.anyone().seats_committee().is_refused(CoreError::OraclesTooFew);
    world.anyone().seats_committee().succeeds();
    let seats = [Pubkey::default(), drawn[1], drawn[2], Pubkey::default(), drawn[4]];
    assert_eq!(world.sla().seats, seats);
}
