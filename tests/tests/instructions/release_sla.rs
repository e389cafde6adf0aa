use flashback::events::{SeatFreed, SlaReleased};
use flashback_core::sla::CLOSE_GRACE_SECS;
use flashback_tests::prelude::*;
use solana_sdk::instruction::AccountMeta;

/// Accounts before the oracles'.
const FIXED: usize = 4;

#[test]
fn anyone_releases_what_an_ended_sla_reserved() {
    let mut world = World::with_collected_sla();
    let (address, seats, body) = (world.sla_address(), world.sla().seats, world.sla().body);
    let receipt = world.anyone().releases().succeeds();

    let (unit, provider) = (world.unit(), world.provider_account());
    assert_eq!((unit.taken_gib, unit.live_slas, provider.live_slas), (0, 0, 0));
    assert_eq!(provider.stake.covered, 0);
    // Met, breached, unmeasured, met: 2 − 2 + 0 + 2 points, folded into both.
    assert_eq!((unit.score.milli, provider.score_milli()), (52_000, 52_000));
    let event = receipt.event::<SlaReleased>();
    assert_eq!((event.sla, event.gib, event.unit_taken_gib), (address, 1_024, 0));
    assert_eq!(event.cover, body.terms.cover - body.money.penalty_total);
    assert_eq!((event.points_milli, event.unit_score_milli), (2_000, 52_000));

    let freed = receipt.events::<SeatFreed>();
    assert_eq!(freed.len(), 3);
    for (seat, event) in freed.iter().enumerate() {
        let oracle = world.oracle_account(&seats[seat]);
        assert_eq!((oracle.stake.covered, oracle.seats), (0, 0));
        let points = body.seats.points[seat];
        let score = 50_000 + i32::from(points) * 1_000;
        assert_eq!(i32::try_from(oracle.score().milli).unwrap(), score);
        let registry = world.registry();
        let entry = registry.entries.iter().find(|entry| entry.oracle == seats[seat]).unwrap();
        assert_eq!(entry.free_stake, oracle.stake.bonded);
        assert_eq!((event.sla, event.oracle), (address, address::oracle(&seats[seat])));
        assert_eq!(event.cover, body.seat_cover_left(seat).unwrap().0);
        assert_eq!((event.points, event.written_off, event.oracle_covered), (points, 0, 0));
    }
    // The money stays for whom it is.
    assert_eq!(world.sla().body.money, body.money);
    world.anyone().asserts_escrow_solvent().succeeds();
}

#[test]
fn seats_can_be_freed_in_any_order_and_one_by_one() {
    let mut world = World::with_collected_sla();
    let seats = world.sla().seats;
    world.anyone().releases_seats(&[seats[2]]).succeeds();
    assert_eq!(world.sla().body.seats.freed, 0b100);
    // What is freed already is passed over.
    world.anyone().releases_seats(&[seats[1], seats[2], seats[0]]).succeeds();
    assert_eq!(world.sla().body.seats.freed, 0b111);
    for oracle in &seats[..3] {
        assert_eq!(world.oracle_account(oracle).stake.covered, 0);
    }
}

#[test]
fn an_oracle_named_twice_is_freed_once() {
    let mut world = World::with_collected_sla();
    let seats = world.sla().seats;
    world.anyone().releases_seats(&[seats[0], seats[0]]).succeeds();
    assert_eq!(world.oracle_account(&seats[0]).seats, 0);
    assert_eq!(world.sla().body.seats.freed, 0b001);
}

#[test]
fn twice_is_refused() {
    let mut world = World::with_collected_sla();
    world.anyone().releases().succeeds();
    world.anyone().releases().is_refused(CoreError::AlreadyReleased);
    world.anyone().releases_seats(&[]).is_refused(CoreError::AlreadyReleased);
}

#[test]
fn nothing_is_released_before_the_end() {
    World::with_agreed_sla().anyone().releases().is_refused(CoreError::StateInvalid);
    World::with_active_sla().anyone().releases().is_refused(CoreError::StateInvalid);
}

#[test]
fn cover_stays_until_penalties_are_collected() {
    let mut world = World::with_ended_sla();
    world.anyone().releases_seats(&[]).is_refused(CoreError::NotClosable);
    world.anyone().collects_penalty().succeeds();
    world.anyone().releases_seats(&[]).succeeds();
}

#[test]
fn a_seat_that_owes_waits_and_the_others_do_not() {
    let mut world = World::with_ended_sla();
    let seats = world.sla().seats;
    let owing: Vec<usize> =
        (0..3).filter(|seat| world.sla().body.seats.absence_owed[*seat] > 0).collect();
    assert!(!owing.is_empty() && owing.len() < 3);
    // A penalty still owed keeps the provider's cover, not the seats that owe nothing.
    world.anyone().releases().succeeds();
    assert_eq!(world.sla().body.progress.released, 0);
    for seat in 0..3 {
        let freed = world.sla().body.seats.freed & (1 << seat) != 0;
        assert_eq!(freed, !owing.contains(&seat), "seat {seat}");
    }
    world.anyone().releases().is_refused(CoreError::NotClosable);
    world.anyone().collects_penalty().succeeds();
    world.anyone().releases_seats(&[]).succeeds();
    for seat in owing {
        world.anyone().releases_seats(&[seats[seat]]).is_refused(CoreError::NotClosable);
        world.anyone().collects_absence(u8::try_from(seat).unwrap()).succeeds();
        world.anyone().releases_seats(&[seats[seat]]).succeeds();
    }
    assert_eq!(world.sla().body.seats.freed, 0b111);
}

#[test]
fn absences_that_a_stake_can_pay_are_never_written_off() {
    let mut world = World::with_ended_sla();
    let seats = world.sla().seats;
    world.anyone().collects_penalty().succeeds();
    world.anyone().releases().succeeds();
    let grace = world.terms().settles_at(3).unwrap().after(u64::from(CLOSE_GRACE_SECS)).unwrap();
    for time in [Timestamp(grace.0 - 1), grace] {
        world.wait(time);
        world.anyone().releases_seats(&[seats[0]]).is_refused(CoreError::NotClosable);
    }
    world.anyone().collects_absence(0).succeeds();
    let receipt = world.anyone().releases_seats(&[seats[0]]).succeeds();
    assert_eq!(receipt.event::<SeatFreed>().written_off, 0);
}

#[test]
fn other_accounts_are_no_seated_oracles() {
    let mut world = World::with_collected_sla();
    let seats = world.sla().seats;
    let entries = world.registry().entries;
    let spare = entries.iter().find(|entry| !seats.contains(&entry.oracle)).unwrap().oracle;
    world.anyone().releases_seats(&[spare]).is_refused(CoreError::NotSeated);
    let provider = world.provider_address();
    let cases = [
        (provider, ErrorCode::AccountDiscriminatorMismatch),
        (purse(PROVIDER), ErrorCode::AccountOwnedByWrongProgram),
    ];
    for (account, error) in cases {
        let attempt = world.anyone().releases();
        attempt
            .remaining(FIXED, |oracles| oracles[1] = AccountMeta::new(account, false))
            .is_refused(error);
    }
    let attempt = world.anyone().releases();
    attempt
        .remaining(FIXED, |oracles| oracles[0].is_writable = false)
        .is_refused(ErrorCode::AccountNotMutable);
}

#[test]
fn other_providers_and_units_are_refused() {
    let mut world = World::with_collected_sla();
    world.other_provider().registers().succeeds();
    let mut another = listing();
    another.id = NUMBER + 1;
    world.provider().lists(another).succeeds();
    let (provider, unit) = (world.provider_address(), world.unit_address());
    let attempt = world.anyone().releases();
    attempt
        .with(address::provider(&key(OTHER_PROVIDER)), provider)
        .is_refused(ErrorCode::ConstraintHasOne);
    let attempt = world.anyone().releases();
    attempt.with(address::unit(&provider, NUMBER + 1), unit).is_refused(CoreError::AccountMismatch);
    for (other, own) in [
        (address::config(), address::registry()),
        (unit, provider),
        (provider, unit),
        (provider, world.sla_address()),
    ] {
        let attempt = world.anyone().releases().with(other, own);
        attempt.is_refused(ErrorCode::AccountDiscriminatorMismatch);
    }
    for account in [provider, unit, world.sla_address(), address::registry()] {
        world.anyone().releases().read_only(account).is_refused(ErrorCode::ConstraintMut);
    }
}

#[test]
fn the_unit_is_needed_until_its_part_was_given_back() {
    let mut world = World::with_collected_sla();
    let (unit, seats) = (world.unit_address(), world.sla().seats);
    let attempt = world.anyone().releases().with(address::PROGRAM, unit);
    attempt.is_refused(CoreError::AccountMismatch);
    world.anyone().releases_seats(&[seats[1]]).succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().removes_unit().succeeds();
    world.anyone().releases().succeeds();
    assert_eq!(world.sla().body.seats.freed, 0b111);
}

#[test]
fn a_pause_or_a_closing_unit_stops_no_release() {
    let mut world = World::with_collected_sla();
    world.guardian().pauses(100).succeeds();
    world.provider().closes_unit().succeeds();
    world.anyone().releases().succeeds();
    // What is given back is free to leave; what closes the SLA is still to come.
    let bonded = world.provider_account().stake.bonded;
    world.provider().unstakes(Atoms(bonded)).succeeds();
    assert_eq!(world.provider_account().open_slas, 1);
}
