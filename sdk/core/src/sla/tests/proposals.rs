use super::*;
use proptest::prelude::*;

const PROPOSED: Timestamp = Timestamp(1_700_000_000);
const ACCEPTANCE: Seconds = Seconds(DAY);
const DEADLINE: Timestamp = Timestamp(1_700_086_400);

fn proposed() -> SlaBody {
    quote(3).proposed(PROPOSED, ACCEPTANCE).unwrap()
}

#[test]
fn a_proposal_holds_its_deposit_and_waits_for_the_provider() {
    let sla = proposed();
    assert_eq!(sla.progress.state(), Ok(SlaState::Proposed));
    assert_eq!(sla.progress.deadline, DEADLINE.0);
    assert_eq!((sla.escrow_owed(), sla.money.unallocated), (Ok(Atoms(10_350)), 10_350));
    assert_eq!((sla.progress.draw_slot, sla.progress.end), (0, 10));
    assert_eq!(sla.seats.first_window, [VACANT; SEATS_MAX]);
    assert_eq!(sla.check(), Ok(()));
    let endless = quote(3).proposed(Timestamp(i64::MAX), ACCEPTANCE);
    assert_eq!(endless, Err(CoreError::ArithmeticOverflow));
}

#[test]
fn an_accepted_proposal_is_as_if_it_had_been_agreed_at_once() {
    let mut sla = proposed();
    sla.accept(100, Timestamp(DEADLINE.0 - 1)).unwrap();
    assert_eq!(sla, quote(3).agreed(100, Timestamp(DEADLINE.0 - 1)));
    assert_eq!(sla.progress.released, 0, "capacity and cover are taken now");
}

#[test]
fn nobody_accepts_at_the_deadline_and_nobody_expires_before_it() {
    let mut sla = proposed();
    let before = sla;
    assert_eq!(sla.accept(100, DEADLINE), Err(CoreError::ProposalExpired));
    assert_eq!(sla.expire_proposal(Timestamp(DEADLINE.0 - 1)), Err(CoreError::NotExpired));
    assert_eq!(sla, before);
    assert_eq!(sla.expire_proposal(DEADLINE), Ok(Atoms(10_350)));
}

#[test]
fn a_proposal_that_came_to_nothing_refunds_everything_and_gives_nothing_back() {
    type End = fn(&mut SlaBody) -> Result<Atoms, CoreError>;
    let ends: [End; 2] = [|sla| sla.reject(), |sla| sla.expire_proposal(DEADLINE)];
    for end in ends {
        let mut sla = proposed();
        assert_eq!(end(&mut sla), Ok(Atoms(10_350)));
        assert_eq!((sla.progress.state(), sla.progress.end), (Ok(SlaState::Ended), 0));
        assert_eq!((sla.money.unallocated, sla.money.refundable), (0, 10_350));
        assert_eq!(sla.check(), Ok(()));
        assert_eq!(sla.release(), Err(CoreError::AlreadyReleased), "it never took anything");
        assert_eq!(sla.free_seat(0, &Stake::default(), DEADLINE), Err(CoreError::SeatInvalid));
        assert_eq!(sla.settle_next(Timestamp(i64::MAX)), Ok(None));
        assert_eq!(sla.check_closable(), Err(CoreError::NotClosable), "the refund is still here");
        assert_eq!(sla.take_refund(), Ok(Atoms(10_350)));
        assert_eq!(sla.check_closable(), Ok(()));
    }
}

#[test]
fn a_refund_that_nobody_fetches_is_pushed_thirty_days_after_the_deadline() {
    let mut sla = proposed();
    sla.reject().unwrap();
    let grace = DEADLINE.0 + 30 * i64::from(DAY);
    assert_eq!(sla.push_out(Timestamp(grace - 1)), Err(CoreError::GraceRunning));
    assert_eq!(sla.push_out(Timestamp(grace)).unwrap().refund, Atoms(10_350));
    assert_eq!(sla.check_closable(), Ok(()));
}

#[test]
fn only_a_proposal_is_accepted_rejected_or_expired_so() {
    for state in [SlaState::Agreed, SlaState::Active, SlaState::Ended] {
        let mut sla = proposed();
        sla.progress.state = state.code();
        let before = sla;
        assert_eq!(sla.accept(100, PROPOSED), Err(CoreError::StateInvalid));
        assert_eq!(sla.reject(), Err(CoreError::StateInvalid));
        assert_eq!(sla.expire_proposal(DEADLINE), Err(CoreError::StateInvalid));
        assert_eq!(sla, before);
    }
    let mut sla = proposed();
    assert_eq!(
        sla.expire(true, Timestamp(0)),
        Err(CoreError::StateInvalid),
        "it has no draw that could lapse"
    );
    assert_eq!(sla.seat(PROPOSED), Err(CoreError::StateInvalid));
}

/// What may be tried on an SLA before it starts.
#[derive(Clone, Copy, Debug)]
enum Attempt {
    Accept,
    Reject,
    Expire,
    ExpireDraw(bool),
    Seat,
    Release,
}

fn attempts() -> impl Strategy<Value = (Attempt, i64)> {
    let attempt = prop_oneof![
        Just(Attempt::Accept),
        Just(Attempt::Reject),
        Just(Attempt::Expire),
        any::<bool>().prop_map(Attempt::ExpireDraw),
        Just(Attempt::Seat),
        Just(Attempt::Release),
    ];
    (attempt, 0i64..40_000)
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn what_is_given_back_was_taken_and_the_deposit_is_always_somebodys(steps in prop::collection::vec(attempts(), 0..12)) {
        let mut sla = proposed();
        let mut now = PROPOSED.0;
        let (mut taken, mut given_back) = (0, 0);
        for (step, waits) in steps {
            now += waits;
            let before = sla;
            let at = Timestamp(now);
            let done = match step {
                Attempt::Accept => sla.accept(100, at).map(|()| taken += 1),
                Attempt::Reject => sla.reject().map(|all| assert_eq!(all, Atoms(10_350))),
                Attempt::Expire => sla.expire_proposal(at).map(|all| assert_eq!(all, Atoms(10_350))),
                Attempt::ExpireDraw(lapsed) => sla.expire(lapsed, at).map(|all| assert_eq!(all, Atoms(10_350))),
                Attempt::Seat => sla.seat(at),
                Attempt::Release => sla.release().map(|_| given_back += 1),
            };
            if done.is_err() {
                prop_assert_eq!(sla, before);
            }
            prop_assert!(given_back <= taken && taken <= 1);
            prop_assert_eq!(sla.escrow_owed(), Ok(Atoms(10_350)));
            prop_assert_eq!(sla.check(), Ok(()));
            prop_assert!(taken == 0 || now - waits < DEADLINE.0 || before.progress.state() != Ok(SlaState::Proposed));
        }
    }
}
