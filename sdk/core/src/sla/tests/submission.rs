use super::*;
use crate::hash::SoftwareSha256;

fn submits(sla: &mut SlaBody, seat: usize, window: u16, late: i64) -> Result<Verdict, CoreError> {
    let now = Timestamp(sla.terms.report_opens(window).unwrap().0 + late);
    let aggregate = Measures(0).aggregate(sla.terms.probes);
    sla.submit(seat, window, &aggregate, commitment_of(seat), now)
}

#[test]
fn each_verdict_is_stored_with_its_commitment() {
    let mut world = World::of(5);
    for (seat, act) in [Abstains, Measures(123_456), Excels, Absent].into_iter().enumerate() {
        world.reports(seat, act);
    }
    let round = &world.sla.round;
    assert_eq!(round.window, 0);
    assert_eq!(round.status, [1, 2, 3, 0, 0]);
    assert_eq!(round.shortfall_ppm, [0, 123_456, 0, 0, 0]);
    assert_eq!(round.commitments[..3], [commitment_of(0), commitment_of(1), commitment_of(2)]);
    assert_eq!(round.commitments[3..], [[0; COMMITMENT_SIZE]; 2]);
}

#[test]
fn only_the_report_phase_takes_submissions() {
    let sla = World::of(3).sla;
    for (late, accepted) in [(-1, false), (0, true), (21_599, true), (21_600, false)] {
        let mut sla = sla;
        let before = sla;
        let said = submits(&mut sla, 0, 0, late);
        assert_eq!(said.is_ok(), accepted, "{late}");
        if !accepted {
            assert_eq!(said, Err(CoreError::WindowNotOpen));
            assert_eq!(sla, before);
        }
    }
}

#[test]
fn only_the_window_at_the_cursor_takes_submissions() {
    let mut world = World::of(3);
    assert_eq!(submits(&mut world.sla, 0, 1, 0), Err(CoreError::WindowNotOpen));
    world.settles();
    assert_eq!(submits(&mut world.sla, 0, 0, 0), Err(CoreError::WindowNotOpen));
    assert!(submits(&mut world.sla, 0, 1, 0).is_ok());
}

#[test]
fn no_window_beyond_the_end_takes_submissions() {
    let mut sla = World::of(3).sla;
    (sla.progress.cursor, sla.progress.end) = (4, 4);
    assert_eq!(submits(&mut sla, 0, 4, 0), Err(CoreError::WindowNotOpen));
}

#[test]
fn only_an_active_sla_takes_submissions() {
    for state in [SlaState::Proposed, SlaState::Agreed, SlaState::Ended] {
        let mut sla = World::of(3).sla;
        sla.progress.state = state.code();
        assert_eq!(submits(&mut sla, 0, 0, 0), Err(CoreError::StateInvalid));
    }
}

#[test]
fn only_seats_that_count_submit() {
    let mut sla = World::of(3).sla;
    for seat in [3, 4, 5, 8, usize::MAX] {
        let aggregate = Measures(0).aggregate(288);
        let now = sla.terms.report_opens(0).unwrap();
        let said = sla.submit(seat, 0, &aggregate, [0; COMMITMENT_SIZE], now);
        assert_eq!(said, Err(CoreError::NotSeated), "seat {seat}");
    }
    // Even a key left in a place beyond the committee has no seat.
    sla.seats.first_window = [VACANT, 1, 0, 0, 0];
    assert_eq!(submits(&mut sla, 0, 0, 0), Err(CoreError::NotSeated));
    assert_eq!(submits(&mut sla, 1, 0, 0), Err(CoreError::NotSeated));
    assert_eq!(submits(&mut sla, 3, 0, 0), Err(CoreError::NotSeated));
    assert!(submits(&mut sla, 2, 0, 0).is_ok());
    sla.progress.cursor = 1;
    assert!(submits(&mut sla, 1, 1, 0).is_ok(), "a newcomer counts from its first window");
}

#[test]
fn a_seat_submits_once() {
    for act in [Abstains, Measures(7), Excels, Voided] {
        let mut world = World::of(3);
        world.reports(1, act);
        let before = world.sla;
        assert_eq!(submits(&mut world.sla, 1, 0, 9), Err(CoreError::AlreadySubmitted), "{act:?}");
        assert_eq!(world.sla, before);
        assert!(submits(&mut world.sla, 2, 0, 9).is_ok());
    }
}

#[test]
fn a_refused_aggregate_leaves_the_seat_free_to_submit_a_right_one() {
    let right = Measures(0).aggregate(288);
    let cases = [
        (Aggregate { attempts: 287, latency_count: 19, ..right }, CoreError::AttemptsTooFew),
        (Abstains.aggregate(287), CoreError::AttemptsTooFew),
        (Measures(0).aggregate(19), CoreError::AttemptsTooFew),
        (Aggregate { probes_ok: 1, ..right }, CoreError::AggregateInconsistent),
        (Aggregate { ops_total: u32::MAX, ..right }, CoreError::SampleCountTooLarge),
    ];
    for (aggregate, error) in cases {
        let mut sla = World::of(3).sla;
        let before = sla;
        let now = sla.terms.report_opens(0).unwrap();
        assert_eq!(sla.submit(0, 0, &aggregate, [0; COMMITMENT_SIZE], now), Err(error));
        assert_eq!(sla, before);
        assert!(submits(&mut sla, 0, 0, 0).is_ok());
    }
}

#[test]
fn fewer_attempts_than_agreed_measure_and_earn_like_all_of_them() {
    let mut world = World::of(3);
    let now = world.sla.terms.report_opens(0).unwrap();
    for (seat, attempts) in [20, 287, 288].into_iter().enumerate() {
        let aggregate = Measures(250_000).aggregate(attempts);
        let said = world.sla.submit(seat, 0, &aggregate, commitment_of(seat), now);
        let verdict = Verdict::Measured { shortfall: Ppm(250_000), excellent: false };
        assert_eq!(said, Ok(verdict), "{attempts} attempts");
    }
    let outcome = world.settles();
    assert_eq!((outcome.result, outcome.shortfall), (WindowResult::Breached, Ppm(250_000)));
    assert_eq!((outcome.measured, outcome.oracle_fee), (3, Atoms(10)));
    assert_eq!(world.sla.seats.fees, [10, 10, 10, 0, 0]);
    assert_eq!(world.sla.seats.points, [1, 1, 1, 0, 0]);
}

#[test]
fn the_first_submission_of_a_window_clears_the_round_before() {
    let mut world = World::of(3);
    world.window(&[Measures(900_000), Measures(900_000), Voided]);
    assert_eq!(world.sla.round.status_in(0, 1), SeatStatus::Measured);
    assert_eq!(world.sla.round.status_in(1, 1), SeatStatus::Absent, "of another window");
    world.reports(2, Measures(5));
    let round = &world.sla.round;
    assert_eq!((round.window, round.status), (1, [0, 0, 2, 0, 0]));
    assert_eq!(round.shortfall_ppm, [0, 0, 5, 0, 0]);
    assert_eq!(round.commitments[0], [0; COMMITMENT_SIZE]);
    assert_eq!(round.status_in(1, 2), SeatStatus::Measured);
    assert_eq!(round.status_in(1, usize::MAX), SeatStatus::Absent);
}

#[test]
fn a_commitment_is_160_bits_over_domain_aggregate_and_root() {
    let aggregate = Measures(42).aggregate(288);
    let made = commitment::<SoftwareSha256>(&aggregate, &[9; 32]);
    let digest = <SoftwareSha256 as crate::hash::Sha256>::hash(&[
        b"flashback:submission",
        &aggregate.encode(),
        &[9; 32],
    ]);
    assert_eq!(made, digest[..20]);
    let other = Measures(43).aggregate(288);
    assert_ne!(made, commitment::<SoftwareSha256>(&other, &[9; 32]));
    assert_ne!(made, commitment::<SoftwareSha256>(&aggregate, &[8; 32]));
}
