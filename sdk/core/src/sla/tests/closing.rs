use super::*;

/// An SLA that ended with its tenth window, the first of them breached.
fn ended() -> World {
    let mut world = World::of(3);
    world.window(&[Measures(400_000); 3]);
    for _ in 0..9 {
        world.window(&[Measures(0); 3]);
    }
    world
}

fn drained() -> World {
    let mut world = ended();
    world.anyone_collects_the_penalty().unwrap();
    world.provider_withdraws().unwrap();
    world.consumer_withdraws().unwrap();
    world.anyone_sweeps().unwrap();
    for seat in 0..3 {
        world.oracle_claims(seat).unwrap();
    }
    world
}

#[test]
fn nothing_is_given_back_before_the_end() {
    for state in [SlaState::Proposed, SlaState::Agreed, SlaState::Active] {
        let mut sla = World::of(3).sla;
        sla.progress.state = state.code();
        let before = sla;
        assert_eq!(sla.release(), Err(CoreError::StateInvalid));
        assert_eq!(sla.close(Timestamp(i64::MAX)), Err(CoreError::StateInvalid));
        assert_eq!(sla, before);
    }
}

#[test]
fn the_cover_stays_while_a_penalty_or_a_contest_is_open() {
    let mut world = ended();
    assert_eq!(world.sla.release(), Err(CoreError::NotClosable));
    world.anyone_collects_the_penalty().unwrap();
    world.sla.progress.open_rounds = 1;
    let before = world.sla;
    assert_eq!(world.sla.release(), Err(CoreError::NotClosable));
    assert_eq!(world.sla, before);
}

#[test]
fn capacity_and_what_is_left_of_the_cover_are_given_back_once() {
    let mut world = ended();
    world.anyone_collects_the_penalty().unwrap();
    let back = Closing { gib: Gib(30), cover: Atoms(1_200), points_milli: 9 * 2_000 - 2_000 };
    assert_eq!(world.sla.release(), Ok(back));
    world.provider.release(back.cover).unwrap();
    assert_eq!(world.provider.covered, 0, "covered = penalties collected + given back");
    world.sla.progress.points_milli = 7;
    let again = Closing { gib: Gib(0), cover: Atoms::ZERO, points_milli: 7 };
    assert_eq!(world.sla.release(), Ok(again));
}

#[test]
fn an_sla_closes_when_nothing_is_left_in_it() {
    let mut world = drained();
    assert_eq!((world.escrow, world.sla.escrow_owed()), (0, Ok(Atoms::ZERO)));
    assert!(world.sla.close(Timestamp(0)).is_ok());
}

#[test]
fn whatever_is_left_keeps_an_sla_open() {
    let left: [fn(&mut SlaBody); 12] = [
        |sla| sla.money.unallocated = 1,
        |sla| sla.money.earned = 1,
        |sla| sla.money.refundable = 1,
        |sla| sla.money.protocol_fees = 1,
        |sla| sla.money.to_burn = 1,
        |sla| sla.money.held = 1,
        |sla| sla.money.penalty_owed = 1,
        |sla| sla.seats.fees[0] = 1,
        |sla| sla.seats.fees[4] = 1,
        |sla| sla.seats.absence_owed[0] = 1,
        |sla| sla.seats.absence_owed[4] = 1,
        |sla| sla.progress.open_rounds = 1,
    ];
    for (index, leave) in left.into_iter().enumerate() {
        let mut world = drained();
        leave(&mut world.sla);
        assert_eq!(world.sla.close(Timestamp(0)), Err(CoreError::NotClosable), "case {index}");
    }
}

#[test]
fn absences_that_nothing_pays_are_written_off_after_the_grace_period_and_nothing_else_is() {
    let grace_ends = |sla: &SlaBody| {
        let last = sla.terms.settles_at(sla.progress.end - 1).unwrap();
        last.after(u64::from(CLOSE_GRACE_SECS)).unwrap()
    };
    let mut world = drained();
    let grace = grace_ends(&world.sla);
    world.sla.seats.absence_owed[1] = 1;
    assert_eq!(world.sla.close(Timestamp(grace.0 - 1)), Err(CoreError::NotClosable));
    assert!(world.sla.close(grace).is_ok());
    let mut world = drained();
    world.sla.money.refundable = 1;
    assert_eq!(world.sla.close(grace), Err(CoreError::NotClosable));
}

#[test]
fn the_escrow_owes_every_balance_and_nothing_else() {
    let mut sla: SlaBody = bytemuck::Zeroable::zeroed();
    sla.money = Money {
        unallocated: 1,
        earned: 10,
        refundable: 100,
        protocol_fees: 1_000,
        to_burn: 10_000,
        held: 100_000,
        paid_total: 1 << 40,
        penalty_total: 1 << 41,
        penalty_owed: 1 << 42,
    };
    sla.seats.fees = [1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000];
    sla.seats.absence_owed = [1 << 43; SEATS_MAX];
    assert_eq!(sla.escrow_owed(), Ok(Atoms(15_111_111)));
    sla.money.held = u64::MAX;
    assert_eq!(sla.escrow_owed(), Err(CoreError::ArithmeticOverflow));
}

#[test]
fn an_account_that_contradicts_itself_is_refused() {
    assert_eq!(ended().sla.check(), Ok(()));
    let contradictions: [fn(&mut SlaBody); 8] = [
        |sla| sla.progress.cursor += 1,
        |sla| (sla.progress.met, sla.progress.cursor) = (10, 11),
        |sla| sla.progress.end = sla.terms.windows + 1,
        |sla| sla.progress.blocked += 1,
        |sla| sla.money.penalty_owed = sla.money.penalty_total + 1,
        |sla| sla.money.penalty_total = sla.terms.cover + 1,
        |sla| sla.money.paid_total = sla.terms.price + 1,
        |sla| sla.money.unallocated = 1,
    ];
    for (index, spoil) in contradictions.into_iter().enumerate() {
        let mut sla = ended().sla;
        spoil(&mut sla);
        assert_eq!(sla.check(), Err(CoreError::StateInvalid), "case {index}");
    }
    let mut sla = World::of(3).sla;
    sla.progress.state = 0;
    assert_eq!(sla.check(), Err(CoreError::StateInvalid));
}
