//! Giving seats to the oracles that were drawn for them.

mod contested;
mod draws;
mod misuse;
mod several;
mod timing;
mod vacancy;

use flashback::events::SeatRedrawn;
use flashback_core::sla::VACANT;
use flashback_sdk::instruction::{ProposeSlaArgs, RedrawnSeat, redraw_seats};
use flashback_tests::Attempt;
use flashback_tests::prelude::*;
use flashback_tests::world::oracle_name;

use super::arm_redraw::{
    cover_used, left, missed, number, passes, returns, serving, vacant, voided,
};
use super::leave_registry::is_removed;

/// What a seat of the SLA of eight windows reserves: of the largest due of 682,667 atoms, three times half an absence,
/// 170,667, and three dues against fraud.
const COVER: u64 = 3 * 170_667 + 3 * 682_667;

/// Arms a redraw of the seat and waits for the hash that decides it.
fn arm(world: &mut World, seat: u8) {
    world.anyone().arms_redraw(seat).succeeds();
    world.wait_until_draw();
}

/// Whose seat 1 is to be redrawn now.
fn drawn() -> World {
    let mut world = left();
    arm(&mut world, 1);
    world
}

/// A redraw of seats, whoever holds them, for these newcomers.
fn redraw<'w>(world: &'w mut World, seats: &[(usize, Pubkey)], round: Option<u16>) -> Attempt<'w> {
    let held = world.sla().seats;
    let seats = seats.iter().map(|(seat, newcomer)| {
        let leaver = Some(held[*seat]).filter(|key| *key != Pubkey::default());
        RedrawnSeat { leaver, newcomer: *newcomer }
    });
    let round = round.map(|window| world.round_address(window));
    let (sla, provider) = (world.sla_address(), world.provider_address());
    let instruction = redraw_seats(sla, provider, round, &seats.collect::<Vec<_>>());
    Attempt::new(&mut world.chain, instruction, vec![])
}

/// Checks that registry and counters say of every oracle what its account says, that it covers exactly the seats that
/// it holds and the contested rounds that it left, and that every vault holds what is owed.
fn is_in_step(world: &mut World) {
    let (sla, registry) = (world.sla(), world.registry());
    world.anyone().asserts_escrow_solvent().succeeds();
    let rounds: Vec<_> =
        (0..8).filter(|k| world.is_contested(*k)).map(|k| world.round(k)).collect();
    for index in 0..20 {
        let authority = key(&oracle_name(index));
        if world.chain.account(&address::oracle(&authority)).is_none() {
            continue;
        }
        let oracle = world.oracle_account(&authority);
        let seats: Vec<_> = (0..5).filter(|seat| sla.seats[*seat] == authority).collect();
        assert_eq!(usize::try_from(oracle.seats).unwrap(), seats.len(), "oracle {index}");
        let of_seats = seats.iter().map(|seat| sla.body.seat_cover_left(*seat).unwrap().0);
        let of_rounds = rounds.iter().flat_map(|round| {
            let left = (0..5).filter(|seat| round.seats[*seat] == authority);
            left.map(|seat| round.body.covers[seat])
        });
        let covered = of_seats.chain(of_rounds).sum::<u64>();
        assert_eq!(oracle.stake.covered, covered, "oracle {index}");
        let entries = registry.entries.iter().filter(|entry| entry.oracle == authority);
        let free: Vec<_> = entries.map(|entry| entry.free_stake).collect();
        let expected = if oracle.joined == 0 { vec![] } else { vec![oracle.stake.free().0] };
        assert_eq!(free, expected, "oracle {index}");
        world.anyone().asserts_stake_solvent(address::oracle(&authority)).succeeds();
    }
}

/// Whose seat 1 has earned two fees and missed a window since, and is to be redrawn now.
fn after_three_windows() -> World {
    let mut world = serving();
    passes(&mut world, 0, &[]);
    passes(&mut world, 1, &[]);
    // Unmeasured: half of the due of 682,666 is owed by seats 0 and 1.
    passes(&mut world, 2, &[0, 1]);
    world.seat(1).leaves().succeeds();
    arm(&mut world, 1);
    world
}

#[test]
fn the_drawn_oracle_takes_the_seat_and_accounts_with_the_leaver_are_settled() {
    let mut world = after_three_windows();
    let (before, escrow) = (world.sla(), world.escrow());
    let (leaver, newcomer) = (before.seats[1], world.newcomers()[0]);
    let vault = address::stake_vault(&address::oracle(&leaver));
    let (held, staked) = (world.chain.tokens(&escrow).0, world.chain.tokens(&vault).0);
    assert_eq!(world.oracle_account(&leaver).stake.covered, COVER);
    let receipt = world.anyone().redraws(None).succeeds();

    let (fees, absence) = (2 * 1_137, 170_667);
    let oracle = world.oracle_account(&leaver);
    assert_eq!((oracle.stake.bonded, oracle.stake.covered), (STAKE.0 + fees - absence, 0));
    assert_eq!((oracle.seats, oracle.slashed), (0, absence));
    // Two points for reports, one off for the absence.
    assert_eq!(oracle.score().milli, 51_000);
    assert_eq!(world.chain.tokens(&vault).0, staked + fees - absence);
    assert_eq!(world.chain.tokens(&escrow).0, held - fees + absence);

    let oracle = world.oracle_account(&newcomer);
    assert_eq!((oracle.stake.bonded, oracle.stake.covered), (STAKE.0, COVER));
    assert_eq!((oracle.seats, oracle.score().milli), (1, 50_000));

    let mut expected = before;
    expected.seats[1] = newcomer;
    expected.body.progress.redraw_seats = 0;
    expected.body.money.refundable += absence;
    let seats = &mut expected.body.seats;
    (seats.fees[1], seats.absence_owed[1], seats.points[1]) = (0, 0, 0);
    (seats.missed[1], seats.first_window[1]) = (0, 4);
    assert_eq!((world.sla().seats, world.sla().body), (expected.seats, expected.body));

    let event = receipt.event::<SeatRedrawn>();
    assert_eq!((event.sla, event.seat), (world.sla_address(), 1));
    assert_eq!((event.before, event.after, event.first_window), (leaver, newcomer, 4));
    assert_eq!((event.fees, event.absence, event.written_off), (fees, absence, 0));
    assert_eq!((event.released, event.points), (COVER, 1));
    is_in_step(&mut world);
}

#[test]
fn the_newcomer_counts_from_its_first_window_and_not_before() {
    let mut world = after_three_windows();
    let (leaver, report) = (world.sla().seats[1], met(&world.terms()));
    let newcomer = world.newcomers()[0];
    world.anyone().redraws(None).succeeds();
    world.wait_until_reports(3);
    world.oracle(number(&leaver)).reports(3, report).is_refused(CoreError::NotSeated);
    world.seat(1).reports(3, report).is_refused(CoreError::NotSeated);
    passes(&mut world, 3, &[0, 2]);
    world.anyone().settles().succeeds();
    // Nobody came, and it owes nothing: seats 0 and 2 alone do.
    let seats = world.sla().body.seats;
    assert_eq!((seats.absence_owed[1], seats.points[1], seats.missed[1]), (0, 0, 0));
    assert_eq!(seats.absence_owed[0] + seats.absence_owed[2], 170_666 + 341_333);
    passes(&mut world, 4, &[]);
    world.anyone().settles().succeeds();
    let seats = world.sla().body.seats;
    assert_eq!((seats.fees[1], seats.points[1]), (1_137, 1));
    assert_eq!(world.sla().seats[1], newcomer);
    world.seat(1).claims_fees().succeeds();
    is_in_step(&mut world);
}

#[test]
fn a_leaver_without_accounts_gets_its_cover_back() {
    let mut world = drawn();
    let leaver = world.sla().seats[1];
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.fees, event.absence, event.released, event.points), (0, 0, COVER, 0));
    let oracle = world.oracle_account(&leaver);
    assert_eq!((oracle.stake.bonded, oracle.stake.covered), (STAKE.0, 0));
    // Nothing keeps it any more: it can go.
    let index = number(&leaver);
    world.oracle(index).unstakes(STAKE).succeeds();
    world.wait_secs(u64::from(world.config().params.unbonding_secs));
    world.oracle(index).withdraws_stake().succeeds();
    world.oracle(index).leaves().succeeds();
    world.oracle(index).exits().succeeds();
}

#[test]
fn a_leaver_still_in_the_registry_is_kept_in_step() {
    let mut world = missed();
    let leaver = world.sla().seats[1];
    arm(&mut world, 1);
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.before, event.released, event.points), (leaver, COVER, -3));
    assert_eq!(world.oracle_account(&leaver).joined, 1);
    assert_eq!(world.oracle_account(&leaver).score().milli, 47_000);
    is_in_step(&mut world);
}

#[test]
fn a_leaver_whose_entry_is_gone_is_settled_with_as_well() {
    let mut world = left();
    let leaver = world.sla().seats[1];
    is_removed(&mut world, number(&leaver));
    arm(&mut world, 1);
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.before, event.released), (leaver, COVER));
    assert_eq!(world.oracle_account(&leaver).joined, 0);
    is_in_step(&mut world);
}

#[test]
fn of_a_voided_seat_only_what_is_left_of_the_cover_is_freed() {
    let mut world = voided();
    let leaver = world.sla().seats[1];
    arm(&mut world, 1);
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    // Unmeasured: seats 0, 1 and 2 share an absence of half the due, 341,333.
    assert_eq!((event.before, event.released), (leaver, 3 * 170_667));
    assert_eq!((event.fees, event.absence, event.points), (0, 113_778, -1));
    let oracle = world.oracle_account(&leaver);
    // Of the window's due of 682,666, three times was slashed.
    assert_eq!(oracle.stake.bonded, STAKE.0 - 3 * 682_666 - 113_778);
    assert_eq!(oracle.stake.covered, 0);
    assert_eq!(world.sla().body.seats.voided, 0);
    is_in_step(&mut world);
}

#[test]
fn cover_that_an_absence_used_is_not_freed_twice() {
    let mut world = cover_used();
    let leaver = world.sla().seats[1];
    let before = world.oracle_account(&leaver).stake;
    arm(&mut world, 1);
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.before, event.released), (leaver, COVER - 170_667));
    assert_eq!((event.absence, event.written_off), (0, 0));
    let stake = world.oracle_account(&leaver).stake;
    assert_eq!(
        (stake.bonded, stake.covered, stake.unbonding),
        (before.bonded, 0, before.unbonding)
    );
    assert_eq!(world.sla().body.seats.shares_used, [0; 5]);
    is_in_step(&mut world);
}

/// An SLA of ten windows of a due of 533 FLASH: a seat's cover leaves 1.25 of 2,000 FLASH free. Seat 1 lost the part of
/// it against fraud in the first window, and owes four absences.
fn ruined() -> World {
    let mut unit = listing();
    unit.offer.price_per_gib_month = 1_599_000;
    let mut world = World::initialized().and_market(STAKE, unit);
    let mut request = reservation().request;
    (request.gib, request.windows) = (10_000, 10);
    world.consumer().reserves_with(ProposeSlaArgs { request, ..reservation() }).succeeds();
    world.wait_until_draw();
    world.anyone().seats_committee().succeeds();
    world.wait_until_reports(0);
    let records = world.records(1, 0, 0).with_aggregate(down(&world.terms()));
    world.seat(1).submits(records.report(0)).succeeds();
    world.anyone().proves_fraud(None, 1, records.accusation(0)).succeeds();
    world.wait_until_settleable(0);
    for window in 1..7 {
        passes(&mut world, window, if window % 2 == 0 { &[1, 2] } else { &[] });
    }
    world
}

#[test]
fn what_a_leaver_cannot_pay_is_written_off() {
    let mut world = ruined();
    let leaver = world.sla().seats[1];
    arm(&mut world, 1);
    // Of window 0, in which nobody came but itself, a third of half the due; of three more, half of half.
    let owed = world.sla().body.seats.absence_owed[1];
    assert_eq!(owed, 88_833_333 + 3 * 133_250_000);
    let refundable = world.sla().body.money.refundable;
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();

    // Free stake, three fees, and the cover of three absences.
    let paid = 1_250_000 + 3 * 888_333 + 3 * 133_250_000;
    assert_eq!((event.fees, event.released), (3 * 888_333, 3 * 133_250_000));
    assert_eq!((event.absence, event.written_off), (paid, owed - paid));
    let oracle = world.oracle_account(&leaver);
    assert_eq!((oracle.stake.owed(), oracle.stake.covered), (Ok(Atoms::ZERO), 0));
    let body = world.sla().body;
    assert_eq!((body.money.refundable, body.seats.absence_owed[1]), (refundable + paid, 0));
    is_in_step(&mut world);
}

#[test]
fn a_seat_is_redrawn_in_a_pause_and_with_gifts_in_every_vault() {
    let mut world = after_three_windows();
    world.guardian().pauses(7 * 86_400).succeeds();
    let (leaver, newcomer) = (world.sla().seats[1], world.newcomers()[0]);
    let stake_vault = |authority| address::stake_vault(&address::oracle(&authority));
    let vaults = [world.escrow(), stake_vault(leaver), stake_vault(newcomer)];
    let held = vaults.map(|vault| world.chain.tokens(&vault).0);
    for vault in vaults {
        world.anyone().donates(vault, Atoms(1_000)).succeeds();
    }
    let event = world.anyone().redraws(None).succeeds().event::<SeatRedrawn>();
    assert_eq!((event.fees, event.absence), (2_274, 170_667));
    let expected = [held[0] - 2_274 + 170_667, held[1] + 2_274 - 170_667, held[2]];
    assert_eq!(vaults.map(|vault| world.chain.tokens(&vault).0), expected.map(|held| held + 1_000));
    is_in_step(&mut world);
}
