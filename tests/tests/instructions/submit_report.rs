use flashback::events::{ReportSubmitted, WindowSettled};
use flashback_core::hash::SoftwareSha256;
use flashback_core::quality::{Aggregate, SAMPLES_MAX};
use flashback_core::sla::{SeatStatus, commitment};
use flashback_tests::prelude::*;

fn open() -> World {
    let mut world = World::with_active_sla();
    world.wait_until_reports(0);
    world
}

#[test]
fn a_seated_oracle_reports() {
    let mut world = open();
    let terms = world.terms();
    // 7 of the 20 % above the promise that count as no service at all.
    let aggregate = slow(&terms, 7);
    let receipt = world.seat(1).reports(0, aggregate).succeeds();

    let sla = world.sla();
    assert_eq!(sla.body.round.window, 0);
    assert_eq!(sla.body.round.status_in(0, 1), SeatStatus::Measured);
    assert_eq!(sla.body.round.status_in(0, 0), SeatStatus::Absent);
    assert_eq!(sla.body.round.shortfall_ppm, [0, 350_000, 0, 0, 0]);
    let committed = commitment::<SoftwareSha256>(&aggregate, &[9; 32]);
    assert_eq!(sla.body.round.commitments[1], committed);
    let event = receipt.event::<ReportSubmitted>();
    assert_eq!((event.sla, event.oracle), (world.sla_address(), sla.seats[1]));
    assert_eq!((event.window, event.measured, event.shortfall_ppm), (0, true, 350_000));
    assert_eq!((event.aggregate, event.root), (aggregate, [9; 32]));
}

#[test]
fn every_kind_of_submission_is_told_apart() {
    let mut world = open();
    let terms = world.terms();
    world.seat(0).reports(0, excellent(&terms)).succeeds();
    let receipt = world.seat(1).reports(0, inconclusive(&terms)).succeeds();
    assert!(!receipt.event::<ReportSubmitted>().measured);
    world.seat(2).reports(0, down(&terms)).succeeds();
    let round = world.sla().body.round;
    let statuses = [0, 1, 2].map(|seat| round.status_in(0, seat));
    assert_eq!(statuses, [SeatStatus::Excellent, SeatStatus::Abstained, SeatStatus::Measured]);
    assert_eq!(round.shortfall_ppm, [0, 0, 1_000_000, 0, 0]);
}

#[test]
fn earlier_windows_are_settled_first() {
    let mut world = open();
    let terms = world.terms();
    for seat in 0..3 {
        world.seat(seat).reports(0, met(&terms)).succeeds();
    }
    world.wait_until_reports(1);
    let receipt = world.seat(0).reports(1, met(&terms)).succeeds();
    let settled = receipt.event::<WindowSettled>();
    assert_eq!((settled.window, settled.result), (0, 1));
    let body = world.sla().body;
    assert_eq!((body.progress.cursor, body.progress.met, body.round.window), (1, 1, 1));
    assert_eq!(body.round.status_in(1, 1), SeatStatus::Absent);
}

#[test]
fn a_report_has_its_time() {
    let mut world = World::with_active_sla();
    let terms = world.terms();
    let opens = terms.report_opens(0).unwrap();
    let closes = terms.report_closes(0).unwrap();
    world.wait(Timestamp(opens.0 - 1));
    world.seat(0).reports(0, met(&terms)).is_refused(CoreError::WindowNotOpen);
    world.wait(opens);
    world.seat(0).reports(0, met(&terms)).succeeds();
    world.wait(Timestamp(closes.0 - 1));
    world.seat(1).reports(0, met(&terms)).succeeds();
    world.wait(closes);
    world.seat(2).reports(0, met(&terms)).is_refused(CoreError::WindowNotOpen);
}

#[test]
fn another_window_is_refused() {
    let mut world = open();
    let terms = world.terms();
    for window in [1, 3, 4, u16::MAX] {
        world.seat(0).reports(window, met(&terms)).is_refused(CoreError::WindowNotOpen);
    }
    world.wait_until_reports(1);
    world.seat(0).reports(0, met(&terms)).is_refused(CoreError::WindowNotOpen);
}

#[test]
fn twice_is_refused() {
    let mut world = open();
    let terms = world.terms();
    world.seat(0).reports(0, met(&terms)).succeeds();
    world.seat(0).reports(0, down(&terms)).is_refused(CoreError::AlreadySubmitted);
    world.seat(1).reports(0, inconclusive(&terms)).succeeds();
    world.seat(1).reports(0, met(&terms)).is_refused(CoreError::AlreadySubmitted);
}

#[test]
fn only_the_committee_reports() {
    let mut world = open();
    let (terms, seats) = (world.terms(), world.sla().seats);
    let attempt = world.seat(0).reports(0, met(&terms));
    attempt.signed_by(keypair(STRANGER), seats[0]).is_refused(CoreError::NotSeated);
    let attempt = world.seat(0).reports(0, met(&terms));
    attempt.unsigned_by(seats[0]).is_refused(ErrorCode::AccountNotSigner);
    let spare = (0..ORACLES).find(|index| !seats.contains(&key(&format!("oracle {index}"))));
    let attempt = world.oracle(spare.unwrap()).reports(0, met(&terms));
    attempt.is_refused(CoreError::NotSeated);
}

#[test]
fn figures_are_checked() {
    let mut world = open();
    let terms = world.terms();
    let cases: [(fn(&mut Aggregate), CoreError); 5] = [
        (|report| report.probes_ok += 1, CoreError::AggregateInconsistent),
        (|report| report.ops_ok += 1, CoreError::AggregateInconsistent),
        (|report| report.probes_total += 1, CoreError::AggregateInconsistent),
        (|report| report.attempts = SAMPLES_MAX + 1, CoreError::SampleCountTooLarge),
        (
            |report| (report.attempts, report.probes_total, report.probes_ok) = (9, 9, 9),
            CoreError::AttemptsTooFew,
        ),
    ];
    for (change, error) in cases {
        let mut aggregate = met(&terms);
        change(&mut aggregate);
        world.seat(0).reports(0, aggregate).is_refused(error);
    }
}

#[test]
fn nothing_is_reported_before_seating_or_after_the_end() {
    let mut world = World::with_agreed_sla();
    let terms = world.terms();
    let attempt = world.oracle(0).reports(0, met(&terms));
    attempt.is_refused(CoreError::NotSeated);
    let mut world = World::with_ended_sla();
    world.seat(0).reports(3, met(&terms)).is_refused(CoreError::StateInvalid);
}

#[test]
fn other_accounts_are_no_slas() {
    let mut world = open();
    let (terms, sla) = (world.terms(), world.sla_address());
    let attempt = world.seat(0).reports(0, met(&terms));
    attempt.with(address::registry(), sla).is_refused(ErrorCode::AccountDiscriminatorMismatch);
    let attempt = world.seat(0).reports(0, met(&terms));
    attempt.with(purse(CONSUMER), sla).is_refused(ErrorCode::AccountOwnedByWrongProgram);
    let attempt = world.seat(0).reports(0, met(&terms));
    attempt.read_only(sla).is_refused(ErrorCode::ConstraintMut);
}
