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
        assert_eq!(
            sla.free_seat(0, &Stake::default(), Timestamp(i64::MAX)),
            Err(CoreError::StateInvalid)
        );
        assert_eq!(sla.check_closable(), Err(CoreError::StateInvalid));
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
    let back = Released { gib: Gib(30), cover: Atoms(1_200), points_milli: 9 * 2_000 - 2_000 };
    assert_eq!(world.sla.release(), Ok(back));
    world.provider.release(back.cover).unwrap();
    assert_eq!(world.provider.covered, 0, "covered = penalties collected + given back");
    let before = world.sla;
    assert_eq!(world.sla.release(), Err(CoreError::AlreadyReleased));
    assert_eq!(world.sla, before);
}

#[test]
fn a_seat_is_freed_once_whatever_others_have_not_withdrawn() {
    let mut world = ended();
    let cover = world.sla.terms.seat_cover().unwrap().total().unwrap();
    let freed = FreedSeat { cover, points: 10, written_off: Atoms::ZERO };
    assert_eq!(world.sla.free_seat(1, &Stake::default(), Timestamp(0)), Ok(freed));
    let before = world.sla;
    assert_eq!(
        world.sla.free_seat(1, &Stake::default(), Timestamp(0)),
        Err(CoreError::AlreadyReleased)
    );
    assert_eq!(
        world.sla.free_seat(3, &Stake::default(), Timestamp(0)),
        Err(CoreError::SeatInvalid)
    );
    assert_eq!(
        world.sla.free_seat(usize::MAX, &Stake::default(), Timestamp(0)),
        Err(CoreError::SeatInvalid)
    );
    assert_eq!(world.sla, before);
}

fn given_back() -> World {
    let mut world = drained();
    world.sla.release().unwrap();
    for seat in 0..3 {
        world.sla.free_seat(seat, &Stake::default(), Timestamp(0)).unwrap();
    }
    world
}

#[test]
fn an_sla_closes_when_nothing_is_left_in_it() {
    let world = given_back();
    assert_eq!((world.escrow, world.sla.escrow_owed()), (0, Ok(Atoms::ZERO)));
    assert_eq!(world.sla.check_closable(), Ok(()));
}

#[test]
fn whatever_is_left_keeps_an_sla_open() {
    let left: [fn(&mut SlaBody); 10] = [
        |sla| sla.money.unallocated = 1,
        |sla| sla.money.earned = 1,
        |sla| sla.money.refundable = 1,
        |sla| sla.money.protocol_fees = 1,
        |sla| sla.money.to_burn = 1,
        |sla| sla.money.held = 1,
        |sla| sla.seats.fees[0] = 1,
        |sla| sla.seats.fees[4] = 1,
        |sla| sla.progress.released = 0,
        |sla| sla.seats.freed = 0b011,
    ];
    for (index, leave) in left.into_iter().enumerate() {
        let mut world = given_back();
        leave(&mut world.sla);
        assert_eq!(world.sla.check_closable(), Err(CoreError::NotClosable), "case {index}");
    }
}

#[test]
fn absences_that_nothing_pays_are_written_off_after_the_grace_period() {
    let mut world = drained();
    let last = world.sla.terms.settles_at(world.sla.progress.end - 1).unwrap();
    let grace = last.after(u64::from(CLOSE_GRACE_SECS)).unwrap();
    // Its shares are used up, and it has nothing else.
    world.sla.seats.shares_used[1] = 3;
    world.sla.seats.absence_owed[1] = 5;
    assert_eq!(
        world.sla.free_seat(1, &Stake::default(), Timestamp(grace.0 - 1)),
        Err(CoreError::NotClosable)
    );
    assert!(
        world.sla.free_seat(0, &Stake::default(), Timestamp(grace.0 - 1)).is_ok(),
        "the others do not wait"
    );
    assert_eq!(world.sla.free_seat(1, &Stake::default(), grace).unwrap().written_off, Atoms(5));
    assert_eq!(world.sla.seats.absence_owed[1], 0);
}

#[test]
fn what_an_oracle_can_pay_is_never_written_off() {
    let mut world = drained();
    world.sla.seats.absence_owed[1] = 5;
    let mut oracle = Stake { bonded: 5, ..Stake::default() };
    let late = Timestamp(i64::MAX);
    assert_eq!(world.sla.free_seat(1, &oracle, late), Err(CoreError::NotClosable));
    world.sla.collect_absence(1, &mut oracle).unwrap();
    assert_eq!(world.sla.free_seat(1, &oracle, late).unwrap().written_off, Atoms::ZERO);
}

#[test]
fn an_open_contest_keeps_seats() {
    let mut world = drained();
    world.sla.progress.open_rounds = 1;
    assert_eq!(
        world.sla.free_seat(1, &Stake::default(), Timestamp(i64::MAX)),
        Err(CoreError::NotClosable)
    );
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

#[test]
fn after_the_grace_period_everything_is_pushed_to_its_owners() {
    let mut world = ended();
    world.anyone_collects_the_penalty().unwrap();
    let last = world.sla.terms.settles_at(9).unwrap();
    let grace = last.after(u64::from(CLOSE_GRACE_SECS)).unwrap();
    let before = world.sla;
    let early = world.sla.push_out(Timestamp(grace.0 - 1));
    assert_eq!((early, world.sla), (Err(CoreError::GraceRunning), before));
    world.sla.progress.open_rounds = 1;
    assert_eq!(world.sla.push_out(grace), Err(CoreError::NotClosable));
    world.sla.progress.open_rounds = 0;
    let all = world.sla.escrow_owed().unwrap();
    let pushed = world.sla.push_out(grace).unwrap();
    // 650 and nine dues; 350, and 560 of the penalty; ⌊9,650 · 0.5 %⌋.
    assert_eq!((pushed.earnings, pushed.treasury), (Atoms(9_650), Atoms(48)));
    assert_eq!((pushed.burnt, pushed.oracle_fees[..3].to_vec()), (Atoms(240), vec![Atoms(100); 3]));
    assert_eq!(pushed.refund.0 + 9_650 + 48 + 240 + 300, all.0);
    assert_eq!(world.sla.escrow_owed(), Ok(Atoms::ZERO));
    assert_eq!(world.sla.push_out(grace), Err(CoreError::NothingToWithdraw));
    world.sla.progress.state = SlaState::Active.code();
    assert_eq!(world.sla.push_out(grace), Err(CoreError::StateInvalid));
}
