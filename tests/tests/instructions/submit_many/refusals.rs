//! A report that is refused stops no other.

use solana_sdk::instruction::AccountMeta;

use super::*;

/// Accounts before the SLAs.
const FIXED: usize = 1;

fn refused(window: u16, error: CoreError) -> ReportRecord {
    ReportRecord { window, result: error.number(), ..Default::default() }
}

fn malformed(terms: &flashback_core::sla::SlaTerms) -> Aggregate {
    Aggregate { probes_ok: terms.probes + 1, ..met(terms) }
}

#[test]
fn refused_reports_are_skipped_and_say_why() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let (good, provider) = (report(0, slow(&terms, 7)), world.provider_address());
    let few = Aggregate { attempts: 9, probes_total: 9, probes_ok: 9, ..met(&terms) };
    let reports = [
        (oracle.other, good),
        (oracle.slas[0], good),
        (provider, good),
        (oracle.slas[1], report(1, met(&terms))),
        (oracle.slas[2], report(0, malformed(&terms))),
        (oracle.slas[3], report(0, few)),
        (oracle.slas[4], good),
    ];
    let mut singly = world.clone();
    oracle.submits_singly(&mut singly, &[reports[1], reports[6]]);
    let receipt = oracle.submits(&mut world, &reports).succeeds();

    let records = [
        refused(0, CoreError::NotSeated),
        recorded(0, 0, 350_000),
        refused(0, CoreError::AccountKindUnknown),
        refused(1, CoreError::WindowNotOpen),
        refused(0, CoreError::AggregateInconsistent),
        refused(0, CoreError::AttemptsTooFew),
        recorded(0, 0, 350_000),
    ];
    assert_eq!(receipt.event::<ReportsSubmitted>().records, records);
    assert_eq!(slas(&world), slas(&singly), "nothing else has changed");
}

#[test]
fn what_is_no_sla_is_skipped_whatever_it_is() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let good = report(0, met(&terms));
    let others = [
        address::registry(),
        world.unit_address(),
        purse(CONSUMER),
        key("nobody"),
        address::PROGRAM,
    ];
    let mut reports: Vec<_> = others.map(|other| (other, good)).to_vec();
    reports.push((oracle.slas[0], good));
    let receipt = oracle.submits(&mut world, &reports).succeeds();
    let records = receipt.event::<ReportsSubmitted>().records;
    assert_eq!(records[..5], [refused(0, CoreError::AccountKindUnknown); 5]);
    assert_eq!(records[5], recorded(0, 0, 0));
}

#[test]
fn an_sla_that_may_not_be_written_is_skipped() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let reports = oracle.reports(0, &[met(&terms); 2]);
    let attempt = oracle.submits(&mut world, &reports);
    let receipt = attempt.remaining(FIXED, |slas| slas[0].is_writable = false).succeeds();
    let records = receipt.event::<ReportsSubmitted>().records;
    assert_eq!(records, [refused(0, CoreError::AccountKindUnknown), recorded(0, 0, 0)]);
    assert_eq!(oracle.status(&world, &oracle.slas[0]), SeatStatus::Absent);
}

#[test]
fn the_first_report_of_a_window_stands() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let sla = oracle.slas[0];
    let twice = [(sla, report(0, met(&terms))), (sla, report(0, down(&terms)))];
    let receipt = oracle.submits(&mut world, &twice).succeeds();
    let records = receipt.event::<ReportsSubmitted>().records;
    assert_eq!(records, [recorded(0, 0, 0), refused(0, CoreError::AlreadySubmitted)]);
    let (seat, body) = (oracle.seat(&world, &sla), world.chain.read::<Sla>(&sla).body);
    assert_eq!(body.round.shortfall_ppm[seat], 0);
    // The same batch again brings nothing new.
    oracle.submits(&mut world, &twice).is_refused(CoreError::AlreadySubmitted);
}

#[test]
fn what_was_settled_for_a_refused_report_stays_settled() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    world.wait_until_reports(1);
    let mut settled = world.clone();
    Attempt::new(&mut settled.chain, settle(oracle.other), vec![]).succeeds();
    let good = report(1, met(&terms));
    let receipt =
        oracle.submits(&mut world, &[(oracle.other, good), (oracle.slas[0], good)]).succeeds();
    let records = receipt.event::<ReportsSubmitted>().records;
    let first = ReportRecord { settled: 1, ..refused(1, CoreError::NotSeated) };
    assert_eq!(records, [first, recorded(1, 1, 0)]);
    assert_eq!(world.chain.account(&oracle.other), settled.chain.account(&oracle.other));
}

#[test]
fn an_sla_that_ends_meanwhile_is_skipped() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    // In the first SLA everybody is silent for three windows; in the second a majority reports window 0.
    let sla = oracle.slas[1];
    for seat in world.chain.read::<Sla>(&sla).seats {
        let index = (0..ORACLES).find(|index| key(&oracle_name(*index)) == seat).unwrap();
        let single = [(sla, report(0, met(&terms)))];
        world.oracle(index).submits_many(&single).succeeds();
    }
    world.wait_until_reports(3);
    let reports = oracle.reports(3, &[met(&terms); 2]);
    let receipt = oracle.submits(&mut world, &reports).succeeds();
    let records = receipt.event::<ReportsSubmitted>().records;
    let ended = ReportRecord { settled: 3, ..refused(3, CoreError::StateInvalid) };
    assert_eq!(records, [ended, recorded(3, 3, 0)]);
    let states = [0, 1].map(|index| {
        let body = world.chain.read::<Sla>(&oracle.slas[index]).body;
        body.progress.state().unwrap()
    });
    assert_eq!(states, [SlaState::Ended, SlaState::Active]);
}

#[test]
fn if_all_are_refused_the_batch_fails_for_the_last_ones_reason() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let unseated = (oracle.other, report(0, met(&terms)));
    let early = (oracle.slas[0], report(1, met(&terms)));
    let wrong = (oracle.slas[1], report(0, malformed(&terms)));
    for (batch, error) in [
        (vec![unseated], CoreError::NotSeated),
        (vec![early, unseated], CoreError::NotSeated),
        (vec![unseated, early], CoreError::WindowNotOpen),
        (vec![unseated, early, wrong], CoreError::AggregateInconsistent),
        (vec![(address::registry(), early.1)], CoreError::AccountKindUnknown),
    ] {
        oracle.submits(&mut world, &batch).is_refused(error);
    }
    // Not even what was settled first stays, as nothing was recorded.
    world.wait_until_settleable(0);
    oracle.submits(&mut world, &[early, unseated]).is_refused(CoreError::NotSeated);
}

#[test]
fn each_report_has_its_account() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let reports = oracle.reports(0, &[met(&terms); 2]);
    oracle.submits(&mut world, &[]).is_refused(CoreError::BatchInvalid);
    let third = AccountMeta::new(oracle.slas[2], false);
    let attempt = oracle.submits(&mut world, &reports);
    attempt.remaining(FIXED, |slas| slas.push(third)).is_refused(CoreError::BatchInvalid);
    let attempt = oracle.submits(&mut world, &reports);
    attempt.remaining(FIXED, |slas| slas.truncate(1)).is_refused(CoreError::BatchInvalid);
    let attempt = oracle.submits(&mut world, &reports);
    attempt.remaining(FIXED, Vec::clear).is_refused(CoreError::BatchInvalid);
}

#[test]
fn only_the_seats_oracle_reports() {
    let mut world = open();
    let (oracle, terms) = (busiest(&world), world.terms());
    let reports = oracle.reports(0, &[met(&terms); 2]);
    let authority = key(&oracle.name);
    let attempt = oracle.submits(&mut world, &reports);
    attempt.unsigned_by(authority).is_refused(ErrorCode::AccountNotSigner);
    let attempt = oracle.submits(&mut world, &reports);
    attempt.signed_by(keypair(STRANGER), authority).is_refused(CoreError::NotSeated);
}
