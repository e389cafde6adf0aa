//! Better quality never pays less and worse never pays more: every metric, one unit at a time, over whole SLAs.

use super::*;
use proptest::prelude::*;

const PROMISE: Thresholds = Thresholds {
    uptime_failures_ppm: 10_000,
    errors_ppm: 20_000,
    latency_us: 50_000,
    upload_kib_s: 10_000,
    download_kib_s: 20_000,
};
const WINDOWS: u16 = 4;

/// Four windows of 1,000 atoms, with every metric promised, under any cover.
fn promise_everything(cover_bps: u16, seats: u8) -> Quote {
    let offer = Offer { thresholds: PROMISE, ..offer() };
    let request = Request { windows: WINDOWS, thresholds: PROMISE, ..request(seats) };
    Quote::new(&Params { cover_bps, ..params() }, &offer, &request, Seconds(3_600)).unwrap()
}

/// The metrics, in the order of [`Thresholds`].
const METRICS: usize = 5;

/// One unit worse: one sample more that failed, or a mean one unit beyond.
fn worse(aggregate: &Aggregate, metric: usize) -> Aggregate {
    let mut worse = *aggregate;
    match metric {
        0 => worse.probes_ok -= 1,
        1 => worse.ops_ok -= 1,
        2 => worse.latency_sum_us += u64::from(worse.latency_count),
        3 => worse.upload_sum_kib_s -= u64::from(worse.upload_count),
        _ => worse.download_sum_kib_s -= u64::from(worse.download_count),
    }
    worse
}

/// Anything from excellent to no service at all, mostly around the promise.
fn aggregates() -> impl Strategy<Value = Aggregate> {
    let failures = || prop_oneof![4 => Just(0u32), 4 => 0u32..16, 1 => 0u32..200];
    let percent = || prop_oneof![4 => Just(100u64), 4 => 95u64..130, 1 => 50u64..200];
    let counts = (20u32..=288, 20u32..=400, failures(), failures());
    let means = (percent(), percent(), percent());
    (counts, means, 0u64..50).prop_map(|((probes, ops, down, failed), (l, u, d), dust)| Aggregate {
        attempts: 288,
        probes_total: probes,
        probes_ok: probes - down.min(probes - 1),
        ops_total: ops,
        ops_ok: ops - failed.min(ops - 1),
        latency_count: 288,
        latency_sum_us: 288 * 50_000 * 100 / u.max(1) + dust,
        upload_count: 288,
        upload_sum_kib_s: 288 * 10_000 * l / 100 + dust,
        download_count: 288,
        download_sum_kib_s: 288 * 20_000 * d / 100 + dust,
    })
}

/// What an SLA has come to: for its provider, its consumer and the unit's reputation.
#[derive(Debug)]
struct Total {
    paid: u64,
    penalty: u64,
    consumer: u64,
    points_milli: i32,
}

fn lived(quote: &Quote, windows: &[[Aggregate; SEATS_MAX]]) -> Total {
    let mut world = World::seated(quote, 0);
    for reports in windows {
        let window = world.sla.progress.cursor;
        let now = world.sla.terms.report_opens(window).unwrap();
        for (seat, report) in reports.iter().take(quote.terms.seats.into()).enumerate() {
            world.sla.submit(seat, window, report, commitment_of(seat), now).unwrap();
        }
        world.settles();
    }
    assert_eq!(world.sla.progress.state(), Ok(SlaState::Ended));
    let points_milli = world.sla.progress.points_milli;
    let _ = world.anyone_collects_the_penalty();
    let money = world.sla.money;
    Total {
        paid: money.paid_total,
        penalty: money.penalty_total,
        consumer: money.refundable,
        points_milli,
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn one_unit_worse_never_pays_the_provider_more_nor_the_consumer_less(
        reports in prop::collection::vec(prop::array::uniform5(aggregates()), usize::from(WINDOWS)),
        window in 0..usize::from(WINDOWS),
        seat in 0..SEATS_MAX,
        metric in 0..METRICS,
        // A small cover, so that the cap is met as well.
        cover_bps in prop_oneof![Just(100u16), Just(2_000), Just(10_000)],
        five: bool,
    ) {
        let quote = promise_everything(cover_bps, if five { 5 } else { 3 });
        let mut worsened = reports.clone();
        worsened[window][seat] = worse(&reports[window][seat], metric);
        let (before, after) = (lived(&quote, &reports), lived(&quote, &worsened));
        prop_assert!(after.paid <= before.paid, "{before:?} {after:?}");
        prop_assert!(after.penalty >= before.penalty, "{before:?} {after:?}");
        prop_assert!(after.consumer >= before.consumer, "{before:?} {after:?}");
        prop_assert!(after.points_milli <= before.points_milli, "{before:?} {after:?}");
    }
}

/// Every seat reports the same aggregate in every window.
fn all_say(aggregate: Aggregate) -> Total {
    let reports = [[aggregate; SEATS_MAX]; WINDOWS as usize];
    lived(&promise_everything(2_000, 3), &reports)
}

#[test]
fn from_perfect_to_none_each_metric_alone_takes_the_pay_down_to_nothing_without_a_cliff() {
    let perfect = Aggregate {
        attempts: 288,
        probes_total: 288,
        probes_ok: 288,
        ops_total: 288,
        ops_ok: 288,
        latency_count: 288,
        latency_sum_us: 288 * 40_000,
        upload_count: 288,
        upload_sum_kib_s: 288 * 12_000,
        download_count: 288,
        download_sum_kib_s: 288 * 24_000,
    };
    let full = u64::from(WINDOWS) * 1_000;
    for metric in 0..METRICS {
        // Means in steps of a hundredth of their threshold.
        let steps = [1, 1, 500, 100, 200][metric];
        let mut aggregate = perfect;
        let mut before = all_say(aggregate);
        assert_eq!((before.paid, before.penalty), (full, 0));
        let excellent = before.points_milli;
        while before.paid > 0 {
            (0..steps).for_each(|_| aggregate = worse(&aggregate, metric));
            let after = all_say(aggregate);
            assert!(after.paid <= before.paid && after.penalty >= before.penalty);
            assert!(after.points_milli <= before.points_milli, "{before:?} {after:?}");
            // One sample of a small count is a tenth of a full breach, a twentieth of it a hundredth of a mean.
            let steepest = if metric < 2 { full / 8 } else { full / 16 };
            assert!(
                before.paid - after.paid <= steepest + 4,
                "metric {metric}: {before:?} {after:?}"
            );
            before = after;
        }
        assert!(before.points_milli < excellent);
        assert_eq!(before.penalty, full / 5, "the whole cover");
    }
}
