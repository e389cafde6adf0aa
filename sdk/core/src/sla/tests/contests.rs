//! Figures of quote(3): a due of 1,000, a fee of 10 a report, protocol fee 5, cover 2,000, fraud slash 1 FLASH.

use super::*;
use proptest::prelude::*;

const A_DAY: i64 = 86_400;

/// Window 0 is reported so, and contested at the beginning of its challenge phase.
fn contested(acts: &[Act]) -> (World, ContestedRound, Timestamp) {
    let mut world = World::of(u8::try_from(acts.len()).unwrap());
    for (seat, act) in acts.iter().enumerate() {
        world.reports(seat, *act);
    }
    let now = world.sla.terms.report_closes(0).unwrap();
    let (round, _) = world.sla.contest(now).unwrap();
    world.is_solvent();
    (world, round, now)
}

/// Bonds of 1 FLASH and more, as the quote's terms have them, are moved along with the SLA's word.
fn disputes(
    world: &mut World,
    round: &mut ContestedRound,
    party: Party,
    now: Timestamp,
) -> Contest {
    let contest = world.sla.open_dispute(round, party, now).unwrap();
    world.escrow += contest.bond.0;
    world.is_solvent();
    contest
}

fn challenges(
    world: &mut World,
    round: &mut ContestedRound,
    seat: usize,
    now: Timestamp,
) -> Contest {
    let contest = world.sla.open_challenge(round, seat, 0, now).unwrap();
    world.escrow += contest.bond.0;
    world.is_solvent();
    contest
}

const FLASH: u64 = 1_000_000;

#[test]
fn a_contested_window_moves_into_its_round_and_the_next_one_settles() {
    let (mut world, mut round, now) = contested(&[Measures(400_000), Measures(400_000), Absent]);
    let money = world.sla.money;
    assert_eq!((money.held, money.unallocated), (1_020, 10_350 - 1_020));
    assert_eq!((money.earned, money.refundable, money.penalty_total), (0, 0, 0));
    assert_eq!((round.due, round.held, round.penalty), (1_000, 1_020, 800));
    assert_eq!((round.counted, round.round.status[..3].to_vec()), (0b111, vec![2, 2, 0]));
    let progress = world.sla.progress;
    assert_eq!((progress.cursor, progress.open_rounds, world.sla.unsettled_rounds()), (1, 1, 1));
    assert_eq!((progress.last_result, world.sla.seats.missed), (2, [0, 0, 1, 0, 0]));
    assert_eq!(world.sla.seats.points, [0; SEATS_MAX], "points come with the settlement");
    assert_eq!(
        world.sla.settle_round(&mut round, Holders::of(0b111), now),
        Err(CoreError::RoundOpen)
    );
    let next = world.window(&[Measures(0); 3]);
    assert_eq!((next.window, next.result), (1, WindowResult::Met));
    let later = world.sla.terms.settles_at(1).unwrap();
    let outcome = world.sla.settle_round(&mut round, Holders::of(0b111), later).unwrap();
    world.is_solvent();
    assert_eq!(
        (outcome.paid, outcome.penalty, outcome.protocol_fee),
        (Atoms(650), Atoms(800), Atoms(3))
    );
    let money = world.sla.money;
    assert_eq!((money.held, money.earned, money.refundable), (0, 1_650, 350));
    // 1,650 paid: ⌊8.25⌋. Two reports of the first window, three of the second.
    assert_eq!((money.protocol_fees, money.unallocated), (8, 10_350 - 2_000 - 8 - 50));
    assert_eq!(world.sla.seats.fees, [20, 20, 10, 0, 0]);
    assert_eq!(world.sla.seats.points, [2, 2, 0, 0, 0]);
    assert_eq!(world.sla.seats.missed, [0; SEATS_MAX], "runs follow the clock");
    assert_eq!(world.sla.progress.points_milli, 0);
    assert_eq!((world.sla.progress.met, world.sla.progress.breached), (1, 1));
    assert_eq!(
        world.sla.settle_round(&mut round, Holders::of(0b111), later),
        Err(CoreError::RoundSettled)
    );
    assert_eq!(world.sla.close_round(&round), Ok(()));
    assert_eq!(world.sla.progress.open_rounds, 0);
    assert_eq!(world.sla.close_round(&round), Err(CoreError::NotClosable));
}

#[test]
fn contests_are_opened_in_the_challenge_phase_alone() {
    let opens = World::of(3).sla.terms.report_closes(0).unwrap().0;
    let closes = World::of(3).sla.terms.settles_at(0).unwrap().0;
    for (now, fits) in [(opens - 1, false), (opens, true), (closes - 1, true), (closes, false)] {
        let mut world = World::of(3);
        let before = world.sla;
        let done = world.sla.contest(Timestamp(now)).map(drop);
        assert_eq!(done, if fits { Ok(()) } else { Err(CoreError::ContestClosed) });
        assert!(fits || world.sla == before);
    }
    let (mut world, mut round, _) = contested(&[Measures(0); 3]);
    let (sla, kept) = (world.sla, round);
    let late = Timestamp(closes);
    let dispute = world.sla.open_dispute(&mut round, Party::Consumer, late);
    assert_eq!(dispute, Err(CoreError::ContestClosed));
    assert_eq!(world.sla.open_challenge(&mut round, 0, 0, late), Err(CoreError::ContestClosed));
    assert_eq!((world.sla, round), (sla, kept));
    world.sla.progress.open_rounds = u8::MAX;
    assert_eq!(world.sla.contest(Timestamp(opens + A_DAY)).err(), Some(CoreError::ContestClosed));
}

#[test]
fn the_bond_of_a_dispute_is_a_tenth_of_due_and_penalty_and_at_least_the_minimum() {
    let (mut world, mut round, now) = contested(&[Measures(400_000); 3]);
    world.sla.terms.bond_min = 1;
    (round.due, round.penalty) = (1_000, 801);
    let contest = disputes(&mut world, &mut round, Party::Provider, now);
    let deadline = Timestamp(now.0 + 7 * A_DAY);
    assert_eq!(contest, Contest { bond: Atoms(181), deadline });
    let again = world.sla.open_dispute(&mut round, Party::Provider, now);
    assert_eq!(again, Err(CoreError::AlreadyDisputed));
    world.sla.terms.bond_min = 500;
    assert_eq!(disputes(&mut world, &mut round, Party::Consumer, now).bond, Atoms(500));
    assert_eq!((round.open, world.sla.money.held), (2, 1_030 + 681));
    for acts in [[Measures(0), Measures(0), Absent], [Measures(0), Measures(0), Abstains]] {
        let (mut world, mut round, now) = contested(&acts);
        let none = world.sla.open_dispute(&mut round, Party::Consumer, now);
        assert_eq!(none, Err(CoreError::NothingToDispute));
    }
}

#[test]
fn an_upheld_dispute_leaves_a_submission_out_and_slashes_nobody() {
    let (mut world, mut round, now) =
        contested(&[Measures(400_000), Measures(900_000), Measures(0)]);
    let contest = disputes(&mut world, &mut round, Party::Provider, now);
    let stakes = world.oracles;
    let upheld = Ruling::Upheld { turned: 0b010 };
    let provider = Party::Provider;
    let back = world.sla.rule_dispute(&mut round, &contest, provider, upheld, now);
    assert_eq!(back, Ok(BondReturned { to_opener: Atoms(FLASH), to_other: Atoms::ZERO }));
    assert_eq!((world.sla.money.earned, round.open), (FLASH, 0));
    world.is_solvent();
    let later = world.sla.terms.settles_at(0).unwrap();
    let outcome = world.sla.settle_round(&mut round, Holders::of(0b111), later).unwrap();
    // 40 % and 0 are left: two of three saw nothing worse than 0.
    assert_eq!((outcome.result, outcome.measured), (WindowResult::Met, 2));
    assert_eq!(world.sla.seats.fees, [10, 0, 10, 0, 0]);
    assert_eq!(world.sla.seats.points, [1, -1, 1, 0, 0]);
    assert_eq!(world.oracles, stakes);
    // The fee that was held for it is the consumer's deposit again.
    assert_eq!(world.sla.money.unallocated, 10_350 - 1_000 - 5 - 20);
    world.is_solvent();
}

#[test]
fn a_rejected_disputes_bond_is_the_other_partys_and_a_tenth_of_an_expired_ones() {
    for (opener, other) in [(Party::Consumer, Party::Provider), (Party::Provider, Party::Consumer)]
    {
        assert_eq!(opener.other(), other);
        let of = |world: &World, party| match party {
            Party::Consumer => world.sla.money.refundable,
            Party::Provider => world.sla.money.earned,
        };
        let (mut world, mut round, now) = contested(&[Measures(0); 3]);
        let contest = disputes(&mut world, &mut round, opener, now);
        let deadline = contest.deadline;
        let early = Timestamp(deadline.0 - 1);
        let (mut expired, mut its_round) = (world.clone(), round);
        let too_early = expired.sla.expire_dispute(&mut its_round, &contest, opener, early);
        assert_eq!(too_early, Err(CoreError::NotExpired));
        expired.sla.expire_dispute(&mut its_round, &contest, opener, deadline).unwrap();
        assert_eq!((of(&expired, opener), of(&expired, other)), (900_000, 100_000));
        expired.is_solvent();
        let late = world.sla.rule_dispute(&mut round, &contest, opener, Ruling::Rejected, deadline);
        assert_eq!(late, Err(CoreError::DeadlinePassed));
        world.sla.rule_dispute(&mut round, &contest, opener, Ruling::Rejected, early).unwrap();
        assert_eq!((of(&world, opener), of(&world, other)), (0, FLASH));
        assert_eq!((round.open, round.turned), (0, 0));
        world.is_solvent();
    }
}

#[test]
fn the_arbiter_leaves_out_a_minority_and_never_so_that_no_majority_counts() {
    let measured = [Measures(0); 5];
    let (world, round, now) = contested(&measured);
    let rule = |round: &ContestedRound, turned| {
        let (mut world, mut round) = (world.clone(), *round);
        let contest = disputes(&mut world, &mut round, Party::Consumer, now);
        let before = (world.sla, round);
        let upheld = Ruling::Upheld { turned };
        let done = world.sla.rule_dispute(&mut round, &contest, Party::Consumer, upheld, now);
        assert!(done.is_ok() || before == (world.sla, round));
        done.map(|_| round.turned)
    };
    let refused = Err(CoreError::RulingInvalid);
    assert_eq!(rule(&round, 0b00011), Ok(0b00011));
    assert_eq!(rule(&round, 0b00111), refused);
    assert_eq!(rule(&round, 0b100000), refused, "there is no sixth seat");
    assert_eq!(rule(&round, 0), Ok(0));
    let turned = ContestedRound { turned: 0b00001, ..round };
    assert_eq!(rule(&turned, 0b00001), refused, "turned before");
    assert_eq!(rule(&turned, 0b00110), refused, "two a round at most");
    assert_eq!(rule(&turned, 0b00010), Ok(0b00011));
    let (world, round, now) =
        contested(&[Measures(0), Measures(0), Measures(0), Measures(0), Absent]);
    let rule = |turned| {
        let (mut world, mut round) = (world.clone(), round);
        let contest = disputes(&mut world, &mut round, Party::Consumer, now);
        let upheld = Ruling::Upheld { turned };
        world.sla.rule_dispute(&mut round, &contest, Party::Consumer, upheld, now).map(drop)
    };
    assert_eq!(rule(0b00011), refused.map(drop), "two would count");
    assert_eq!(rule(0b10000), refused.map(drop), "nobody spoke there");
    assert_eq!(rule(0b00001), Ok(()));
}

#[test]
fn what_was_left_out_counts_again_if_voiding_would_leave_no_majority() {
    let (mut world, mut round, now) =
        contested(&[Measures(400_000), Measures(400_000), Measures(0)]);
    let contest = disputes(&mut world, &mut round, Party::Consumer, now);
    let upheld = Ruling::Upheld { turned: 0b100 };
    world.sla.rule_dispute(&mut round, &contest, Party::Consumer, upheld, now).unwrap();
    world.sla.void_contested(&mut round, 0, &mut world.oracles[0], true).unwrap();
    let later = world.sla.terms.settles_at(0).unwrap();
    let outcome = world.sla.settle_round(&mut round, Holders::of(0b111), later).unwrap();
    assert_eq!((outcome.result, outcome.measured), (WindowResult::Met, 2));
}

#[test]
fn an_opened_leaf_earns_the_oracle_the_bond() {
    let (mut world, mut round, now) = contested(&[Measures(0), Measures(0), Absent]);
    assert_eq!(world.sla.open_challenge(&mut round, 2, 0, now), Err(CoreError::NothingSubmitted));
    assert_eq!(world.sla.open_challenge(&mut round, 3, 0, now), Err(CoreError::NotSeated));
    let contest = challenges(&mut world, &mut round, 1, now);
    let deadline = Timestamp(now.0 + A_DAY);
    assert_eq!(contest, Contest { bond: Atoms(FLASH), deadline });
    let late = world.sla.answer_challenge(&mut round, &contest, 1, true, deadline);
    assert_eq!(late, Err(CoreError::DeadlinePassed));
    let in_time = Timestamp(deadline.0 - 1);
    let mut left = (world.clone(), round);
    left.0.sla.answer_challenge(&mut left.1, &contest, 1, false, in_time).unwrap();
    left.0.is_solvent();
    assert_eq!((left.1.fees[1], left.0.sla.seats.fees[1], left.1.open), (FLASH, 0, 0));
    world.sla.answer_challenge(&mut round, &contest, 1, true, in_time).unwrap();
    world.is_solvent();
    assert_eq!((world.sla.seats.fees[1], round.open, world.sla.money.held), (FLASH, 0, 1_020));
}

#[test]
fn an_unopened_leaf_voids_and_slashes() {
    let (mut world, mut round, now) = contested(&[Measures(0), Measures(0), Absent]);
    world.oracles[1].unbond(Atoms(1_000_000), Timestamp(i64::MAX)).unwrap();
    let contest = challenges(&mut world, &mut round, 1, now);
    let deadline = contest.deadline;
    let oracle = &mut world.oracles[1];
    let bonded = oracle.bonded;
    let early = Timestamp(deadline.0 - 1);
    let too_early = world.sla.expire_challenge(&mut round, &contest, 1, oracle, true, early);
    assert_eq!(too_early, Err(CoreError::NotExpired));
    let won = world.sla.expire_challenge(&mut round, &contest, 1, oracle, true, deadline);
    // max(1,000 · 3, 1 FLASH), out of the seat's cover.
    let slashed = Slashed { to_prover: Atoms(500_000), to_burn: Atoms(500_000) };
    assert_eq!(won, Ok(ChallengeWon { bond: Atoms(FLASH), slashed: Some(slashed) }));
    world.escrow -= FLASH;
    world.is_solvent();
    assert_eq!((world.oracles[1].bonded, world.oracles[1].covered), (bonded - FLASH, 750));
    assert_eq!(world.sla.seat_cover_left(1), Ok(Atoms(750)));
    assert_eq!(world.sla.redraw_reason(1, false), Ok(Some(RedrawReason::Voided)));
    let outcome = world.sla.settle_round(&mut round, Holders::of(0b111), deadline).unwrap();
    // It counts as absent: nobody measured with the other, and two owe half the due.
    assert_eq!((outcome.result, outcome.absence), (WindowResult::Unmeasured, Atoms(500)));
    assert_eq!(world.sla.seats.absence_owed, [0, 250, 250, 0, 0]);
    world.is_solvent();
}

#[test]
fn a_submission_is_voided_once_and_never_after_settlement() {
    let (mut world, mut round, now) = contested(&[Measures(0), Measures(0), Measures(0)]);
    let contest = challenges(&mut world, &mut round, 0, now);
    let oracle = &mut world.oracles[0];
    assert!(world.sla.void_contested(&mut round, 0, oracle, true).is_ok());
    let again = world.sla.void_contested(&mut round, 0, oracle, true);
    assert_eq!(again, Err(CoreError::NothingSubmitted));
    let answer = world.sla.answer_challenge(&mut round, &contest, 0, true, now);
    assert_eq!(answer, Err(CoreError::NothingSubmitted));
    // The challenger is not made to wait, nor is the oracle slashed again.
    let stake = *oracle;
    let won = world.sla.expire_challenge(&mut round, &contest, 0, oracle, true, now);
    assert_eq!(won, Ok(ChallengeWon { bond: Atoms(FLASH), slashed: None }));
    assert_eq!(world.oracles[0], stake);
    let later = world.sla.terms.settles_at(0).unwrap();
    world.sla.settle_round(&mut round, Holders::of(0b111), later).unwrap();
    let late = world.sla.void_contested(&mut round, 1, &mut world.oracles[1], true);
    assert_eq!(late, Err(CoreError::RoundSettled));
}

#[test]
fn a_proof_voids_the_window_at_the_cursor_until_it_is_due() {
    let mut world = World::of(3);
    for seat in 0..3 {
        world.reports(seat, Measures(0));
    }
    let due = world.sla.terms.settles_at(0).unwrap();
    let before = world.sla;
    let mut oracle = world.oracles[2];
    let late = world.sla.void_current(2, &mut oracle, due);
    assert_eq!((late, world.sla), (Err(CoreError::ContestClosed), before));
    let now = Timestamp(due.0 - 1);
    let half = Atoms(500_000);
    let slashed = world.sla.void_current(2, &mut oracle, now);
    assert_eq!(slashed, Ok(Slashed { to_prover: half, to_burn: half }));
    assert_eq!(
        (oracle.covered, oracle.owed()),
        (750, world.oracles[2].owed().unwrap().minus(Atoms(FLASH)))
    );
    let again = world.sla.void_current(2, &mut oracle, now);
    assert_eq!(again, Err(CoreError::NothingSubmitted));
    assert_eq!(world.sla.void_current(3, &mut oracle, now), Err(CoreError::SeatInvalid));
    world.oracles[2] = oracle;
    assert_eq!(world.settles().measured, 2);
    assert_eq!(world.sla.seats.points, [1, 1, -1, 0, 0]);
    // Its next lie finds the fraud cover used: free stake pays, and what covers absences is spared.
    world.reports(2, Measures(0));
    let free = world.oracles[2].free();
    let now = world.sla.terms.report_opens(1).unwrap();
    world.sla.void_current(2, &mut oracle, now).unwrap();
    assert_eq!((oracle.covered, free.minus(oracle.free())), (750, Ok(Atoms(FLASH))));
}

#[test]
fn a_leavers_cover_waits_in_a_contested_round() {
    let (mut world, mut round, _) = contested(&[Measures(0), Measures(0), Measures(0)]);
    let cover = world.sla.terms.seat_cover().unwrap().total().unwrap();
    let now = world.sla.terms.settles_at(0).unwrap();
    world.sla.arm_redraw(1, true, 1, false, now).unwrap();
    let mut newcomer = Stake { bonded: 1 << 40, ..Stake::default() };
    let leaver = &mut world.oracles[1];
    let early = world.sla.replace_seat(1, Some(leaver), &mut newcomer, None, now);
    assert_eq!(early, Err(CoreError::NotClosable));
    let replaced = world.sla.replace_seat(1, Some(leaver), &mut newcomer, Some(&mut round), now);
    assert_eq!(replaced.unwrap().released, Atoms::ZERO);
    assert_eq!((round.covers[1], leaver.covered), (cover.0, cover.0));
    // Proven wrong after it left: its cover pays, and the newcomer's does not.
    world.sla.void_contested(&mut round, 1, leaver, false).unwrap();
    assert_eq!((round.covers[1], leaver.covered), (750, 750));
    assert_eq!(world.sla.seats.voided, 0);
    world.sla.void_contested(&mut round, 0, &mut world.oracles[0], true).unwrap();
    let leaver = &mut world.oracles[1];
    let unsettled = world.sla.free_round_seat(&mut round, 1, leaver);
    assert_eq!(unsettled, Err(CoreError::RoundOpen));
    let outcome = world.sla.settle_round(&mut round, Holders::of(0b101), now).unwrap();
    assert_eq!((outcome.result, outcome.absence), (WindowResult::Unmeasured, Atoms(500)));
    assert_eq!((round.absence_owed[1], world.sla.seats.absence_owed[1]), (250, 0));
    assert_eq!(world.sla.close_round(&round), Err(CoreError::NotClosable));
    let before = leaver.owed().unwrap();
    let freed = world.sla.free_round_seat(&mut round, 1, leaver).unwrap();
    let zero = Atoms::ZERO;
    assert_eq!(
        freed,
        RoundSeatFreed {
            fees: zero,
            absence: Atoms(250),
            written_off: zero,
            released: Atoms(750),
            points: -1
        }
    );
    assert_eq!((leaver.covered, leaver.owed()), (0, before.minus(Atoms(250))));
    world.escrow += 250;
    world.is_solvent();
    let nothing = world.sla.free_round_seat(&mut round, 1, &mut world.oracles[1]);
    assert_eq!(nothing, Err(CoreError::AlreadyReleased));
    assert_eq!(world.sla.close_round(&round), Ok(()));
}

#[test]
fn a_round_waits_for_its_contests() {
    let (mut world, mut round, now) = contested(&[Measures(0); 3]);
    let contest = challenges(&mut world, &mut round, 0, now);
    let later = world.sla.terms.settles_at(0).unwrap();
    let before = (world.sla, round);
    assert_eq!(
        world.sla.settle_round(&mut round, Holders::of(0b111), later),
        Err(CoreError::RoundOpen)
    );
    assert_eq!(world.sla.close_round(&round), Err(CoreError::RoundOpen));
    assert_eq!((world.sla, round), before);
    world.sla.answer_challenge(&mut round, &contest, 0, true, later).unwrap();
    assert!(world.sla.settle_round(&mut round, Holders::of(0b111), later).is_ok());
}

#[test]
fn a_round_of_its_predecessor_keeps_nobodys_cover() {
    let (mut world, mut round, _) = contested(&[Measures(0); 3]);
    world.sla.seats.first_window[1] = 1;
    world.window(&[Measures(0); 3]);
    let now = world.sla.terms.settles_at(1).unwrap();
    world.sla.arm_redraw(1, true, 1, false, now).unwrap();
    let mut newcomer = Stake { bonded: 1 << 40, ..Stake::default() };
    let leaver = &mut world.oracles[1];
    let cover = leaver.covered;
    let replaced = world.sla.replace_seat(1, Some(leaver), &mut newcomer, Some(&mut round), now);
    assert_eq!(replaced.unwrap().released, Atoms(cover));
    assert_eq!((round.covers, leaver.covered), ([0; SEATS_MAX], 0));
}

#[test]
fn no_seat_is_redrawn_while_several_rounds_are_open() {
    // One cover cannot wait in two rounds: whichever of them proved a fraud first would find it elsewhere.
    let (mut world, mut first, _) = contested(&[Measures(0); 3]);
    let noon = world.sla.terms.settles_at(0).unwrap();
    world.sla.arm_redraw(1, true, 1, false, noon).unwrap();
    for seat in 0..3 {
        world.reports(seat, Measures(0));
    }
    let now = world.sla.terms.report_closes(1).unwrap();
    let (mut second, _) = world.sla.contest(now).unwrap();
    let mut newcomer = Stake { bonded: 1 << 40, ..Stake::default() };
    for round in [&mut first, &mut second] {
        let mut leaver = world.oracles[1];
        let refused = world.sla.replace_seat(1, Some(&mut leaver), &mut newcomer, Some(round), now);
        assert_eq!(refused, Err(CoreError::RoundOpen));
    }
    // Nor is a draw fixed that could not be held: who sees it could wait for a better one.
    for (seat, lapsed) in [(1, true), (2, false)] {
        let refused = world.sla.arm_redraw(seat, true, 2, lapsed, now);
        assert_eq!(refused, Err(CoreError::RoundOpen));
    }
    world.sla.settle_round(&mut first, Holders::of(0b111), now).unwrap();
    world.sla.close_round(&first).unwrap();
    world.sla.arm_redraw(1, true, 9_000, true, now).unwrap();
    let leaver = &mut world.oracles[1];
    world.sla.replace_seat(1, Some(leaver), &mut newcomer, Some(&mut second), now).unwrap();
    assert!(second.covers[1] > 0);
}

#[test]
fn silence_counts_when_it_is_silent_not_when_it_is_settled() {
    // Contesting the third silent window ends the SLA as settling it would.
    let mut world = World::of(3);
    world.window(&[Absent; 3]);
    world.window(&[Absent; 3]);
    let now = world.sla.terms.report_closes(2).unwrap();
    let (mut round, outcome) = world.sla.contest(now).unwrap();
    assert!(outcome.ended);
    assert_eq!((world.sla.progress.state(), world.sla.progress.end), (Ok(SlaState::Ended), 3));
    // Of 3,000 dues 2,000 are paid: 5 atoms of protocol fees may still come.
    assert_eq!((world.sla.money.unallocated, world.sla.money.held), (5, 1_000));
    world.is_solvent();
    assert_eq!(world.sla.release(), Err(CoreError::NotClosable));
    let later = world.sla.terms.settles_at(2).unwrap();
    let last = world.sla.settle_round(&mut round, Holders::of(0b111), later).unwrap();
    assert_eq!((last.protocol_fee, last.returned), (Atoms(5), Atoms::ZERO));
    assert_eq!((world.sla.money.unallocated, world.sla.money.held), (0, 0));
    world.is_solvent();
}

/// What happens about a contested round; seats and parties by number.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Dispute(bool),
    Challenge(usize),
    Void(usize),
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        any::<bool>().prop_map(Deed::Dispute),
        (0usize..5).prop_map(Deed::Challenge),
        (0usize..5).prop_map(Deed::Void),
    ]
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn whatever_is_contested_and_in_whatever_order_it_settles_every_atom_is_somebodys(
        five: bool,
        rounds in prop::collection::vec((
            prop::array::uniform5(prop_oneof![1 => Just(Absent), 1 => Just(Abstains), 3 => Just(Measures(0)), 4 => (0u32..=1_000_000).prop_map(Measures)]),
            any::<bool>(),
            prop::collection::vec((deeds(), 0u8..4), 0..5),
        ), 10),
        order in prop::collection::vec(any::<prop::sample::Index>(), 10),
        leaver in 0usize..5,
    ) {
        let seats = if five { 5 } else { 3 };
        let mut world = World::seated(&quote(if five { 5 } else { 3 }), 50_000_000);
        let mut leavers = world.oracles;
        let mut left = [false; SEATS_MAX];
        let mut open: Vec<ContestedRound> = Vec::new();
        // Tokens outside: bonds brought in and taken back, slashes that went to provers or the fire.
        let (mut bonds_in, mut bonds_back, mut slashed) = (0u64, 0u64, 0u64);
        let mut brought = 0;
        let all = |world: &World, leavers: &[Stake; 5], left: &[bool; 5]| {
            let stakes = world.oracles.iter().map(|o| o.owed().unwrap().0).sum::<u64>();
            let gone: u64 = (0..5).filter(|s| left[*s]).map(|s| leavers[s].owed().unwrap().0).sum();
            world.escrow + world.provider.owed().unwrap().0 + stakes + gone
        };
        let total = all(&world, &leavers, &left);
        let far = Timestamp(world.sla.terms.settles_at(9).unwrap().0 + 30 * A_DAY);
        for (acts, contests, deeds) in rounds {
            if world.sla.progress.state() != Ok(SlaState::Active) {
                break;
            }
            if !contests {
                world.window(&acts[..seats]);
                continue;
            }
            for (seat, act) in acts[..seats].iter().enumerate() {
                world.reports(seat, *act);
            }
            let window = world.sla.progress.cursor;
            let now = world.sla.terms.report_closes(window).unwrap();
            let (mut round, _) = world.sla.contest(now).unwrap();
            world.is_solvent();
            for (deed, end) in deeds {
                match deed {
                    Deed::Dispute(by_provider) => {
                        let party = if by_provider { Party::Provider } else { Party::Consumer };
                        let Ok(contest) = world.sla.open_dispute(&mut round, party, now) else { continue };
                        world.escrow += contest.bond.0;
                        bonds_in += contest.bond.0;
                        let upheld = Ruling::Upheld { turned: 1 << (end % 3) };
                        let done = match end {
                            0 | 1 => world.sla.rule_dispute(&mut round, &contest, party, upheld, now).map(drop),
                            _ => Err(CoreError::NotExpired),
                        };
                        if done.is_err() && end == 2 {
                            world.sla.rule_dispute(&mut round, &contest, party, Ruling::Rejected, now).unwrap();
                        } else if done.is_err() {
                            world.sla.expire_dispute(&mut round, &contest, party, contest.deadline).unwrap();
                        }
                    }
                    Deed::Challenge(seat) => {
                        let Ok(contest) = world.sla.open_challenge(&mut round, seat, 0, now) else { continue };
                        world.escrow += contest.bond.0;
                        bonds_in += contest.bond.0;
                        if end < 2 {
                            world.sla.answer_challenge(&mut round, &contest, seat, true, now).unwrap();
                        } else {
                            let won = world.sla.expire_challenge(&mut round, &contest, seat, &mut world.oracles[seat], true, contest.deadline).unwrap();
                            world.escrow -= won.bond.0;
                            bonds_back += won.bond.0;
                            let taken = won.slashed.unwrap();
                            slashed += taken.to_prover.0 + taken.to_burn.0;
                        }
                    }
                    Deed::Void(seat) => {
                        let before = (world.sla, round);
                        match world.sla.void_contested(&mut round, seat, &mut world.oracles[seat], true) {
                            Ok(taken) => slashed += taken.to_prover.0 + taken.to_burn.0,
                            Err(_) => prop_assert_eq!((world.sla, round), before),
                        }
                    }
                }
                world.is_solvent();
            }
            open.push(round);
            // One oracle leaves while its rounds are contested.
            let noon = world.sla.terms.settles_at(window).unwrap();
            if !left[leaver] && open.len() == 1 && world.sla.arm_redraw(leaver, true, 1, true, noon).is_ok() {
                let mut newcomer = Stake { bonded: 60_000_000, ..Stake::default() };
                let kept = open.last_mut();
                let done = world.sla.replace_seat(leaver, Some(&mut world.oracles[leaver]), &mut newcomer, kept, noon).unwrap();
                world.escrow = world.escrow + done.absence.0 - done.fees.0;
                brought += newcomer.owed().unwrap().0;
                leavers[leaver] = world.oracles[leaver];
                left[leaver] = true;
                world.oracles[leaver] = newcomer;
                // All rounds so far are of the leaver.
                for round in &mut open {
                    round.reserved[0] = 1;
                }
                world.is_solvent();
            }
            prop_assert_eq!(all(&world, &leavers, &left) + bonds_back + slashed, total + bonds_in + brought);
        }
        while world.sla.progress.state() == Ok(SlaState::Active) {
            world.window(&[Measures(0); 5][..seats]);
        }
        // Rounds settle in any order.
        let uncapped = std::cell::Cell::new(0u64);
        for pick in order.iter().cycle() {
            if open.is_empty() {
                break;
            }
            let at = pick.index(open.len());
            let mut round = open.swap_remove(at);
            let holders = if round.reserved[0] == 1 { !(1 << leaver) } else { u8::MAX };
            round.reserved[0] = 0;
            let outcome = world.sla.settle_round(&mut round, Holders::of(holders), far).unwrap();
            uncapped.set(uncapped.get() + outcome.due.0 * 2 * u64::from(outcome.shortfall.0) / 1_000_000);
            world.is_solvent();
            for (seat, gone) in leavers.iter_mut().enumerate() {
                if let Ok(freed) = world.sla.free_round_seat(&mut round, seat, gone) {
                    world.escrow = world.escrow + freed.absence.0 - freed.fees.0;
                    world.is_solvent();
                }
            }
            world.sla.close_round(&round).unwrap();
            prop_assert_eq!(all(&world, &leavers, &left) + bonds_back + slashed, total + bonds_in + brought);
        }
        prop_assert!(!left[leaver] || leavers[leaver].covered == 0, "a leaver goes free in the end");
        let money = world.sla.money;
        prop_assert_eq!((money.held, money.unallocated, world.sla.progress.open_rounds), (0, 0, 0));
        // The cap holds whatever the order, and the fee is of all that was paid.
        prop_assert!(money.penalty_total <= world.sla.terms.cover);
        prop_assert!(money.penalty_total >= uncapped.get().min(world.sla.terms.cover));
        prop_assert_eq!(money.protocol_fees, money.paid_total * 50 / 10_000);
    }
}
