//! Submitting, settling and withdrawing allocate nothing: on chain the heap is small and never given back, and a
//! batch of settlements must not run out of it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use flashback_core::params::Params;
use flashback_core::quality::{Aggregate, Thresholds};
use flashback_core::sla::{Offer, Party, Quote, Request, Ruling, SlaBody, WindowResult};
use flashback_core::stake::Stake;
use flashback_core::units::{Atoms, DAY, Seconds, Timestamp};

/// The system's allocator, which counts for each thread how often it is asked.
struct Counting;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is going away counts no more.
    let _ = ASKED.try_with(|asked| asked.set(asked.get() + 1));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is the system's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs it, and fails if it allocated.
fn without_allocating<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let before = ASKED.get();
    let result = black_box(run());
    let asked = ASKED.get() - before;
    assert_eq!(asked, 0, "{what} allocates");
    result
}

const PROMISE: Thresholds = Thresholds {
    uptime_failures_ppm: 1_000,
    errors_ppm: 5_000,
    latency_us: 50_000,
    upload_kib_s: 10_000,
    download_kib_s: 20_000,
};

fn running() -> (SlaBody, Stake) {
    let offer = Offer {
        price_per_gib_month: 1_000_000,
        version: 1,
        min_duration_secs: DAY,
        max_duration_secs: 365 * DAY,
        probe_interval_secs: 300,
        thresholds: PROMISE,
    };
    let request = Request {
        gib: 1_000,
        max_total: u64::MAX,
        offer_version: 1,
        window_secs: DAY,
        windows: 12,
        seats: 5,
        thresholds: PROMISE,
    };
    let quote = Quote::new(&Params::default(), &offer, &request, Seconds(3_600)).unwrap();
    let mut sla = quote.agreed(1, Timestamp(0));
    sla.seat(Timestamp(1_700_000_000)).unwrap();
    let mut stake = Stake { bonded: 1 << 50, ..Stake::default() };
    stake.cover(quote.seat_cover.total().unwrap().max(Atoms(sla.terms.cover))).unwrap();
    (sla, stake)
}

fn measured(failed: u32) -> Aggregate {
    Aggregate {
        attempts: 288,
        probes_total: 288,
        probes_ok: 288 - failed,
        ops_total: 864,
        ops_ok: 864,
        latency_count: 288,
        latency_sum_us: 288 * 20_000,
        upload_count: 288,
        upload_sum_kib_s: 288 * 20_000,
        download_count: 288,
        download_sum_kib_s: 288 * 40_000,
    }
}

fn submits(sla: &mut SlaBody, seat: usize, aggregate: &Aggregate) {
    let window = sla.progress.cursor;
    let now = sla.terms.report_opens(window).unwrap();
    without_allocating("submit", || sla.submit(seat, window, aggregate, [1; 20], now)).unwrap();
}

fn settles(sla: &mut SlaBody) -> WindowResult {
    let now = sla.terms.settles_at(sla.progress.cursor).unwrap();
    without_allocating("settle_next", || sla.settle_next(now)).unwrap().unwrap().result
}

#[test]
fn the_counter_counts() {
    let before = ASKED.get();
    black_box(Box::new(1));
    assert_eq!(ASKED.get() - before, 1);
}

#[test]
fn submitting_settling_and_withdrawing_allocate_nothing() {
    let (mut sla, mut provider) = running();
    let mut oracle = provider;
    let abstained = Aggregate { attempts: 288, ..Aggregate::EMPTY };
    let windows = [
        (vec![measured(0); 5], WindowResult::Met),
        (vec![measured(9); 5], WindowResult::Breached),
        (vec![abstained; 3], WindowResult::Blocked),
        (vec![measured(0); 2], WindowResult::Unmeasured),
    ];
    for (reports, result) in windows {
        for (seat, report) in reports.iter().enumerate() {
            submits(&mut sla, seat, report);
        }
        assert_eq!(settles(&mut sla), result);
        without_allocating("settle_next of nothing due", || sla.settle_next(Timestamp(0)).unwrap());
        without_allocating("check", || sla.check()).unwrap();
        without_allocating("escrow_owed", || sla.escrow_owed()).unwrap();
    }
    without_allocating("take_earnings", || sla.take_earnings()).unwrap();
    without_allocating("take_refund", || sla.take_refund()).unwrap();
    without_allocating("take_oracle_fees", || sla.take_oracle_fees(0)).unwrap();
    without_allocating("take_protocol_fees", || sla.take_protocol_fees()).unwrap();
    without_allocating("collect_penalty", || sla.collect_penalty(&mut provider)).unwrap();
    without_allocating("collect_absence", || sla.collect_absence(4, &mut oracle)).unwrap();
    // Refusals do not either: a batch goes on after them.
    let nothing = without_allocating("a refused withdrawal", || sla.take_earnings());
    assert!(nothing.is_err());
    let late = without_allocating("a refused submission", || {
        sla.submit(0, 0, &measured(0), [1; 20], Timestamp(0))
    });
    assert!(late.is_err());
}

#[test]
fn contests_allocate_nothing() {
    let (mut sla, mut oracle) = running();
    (0..5).for_each(|seat| submits(&mut sla, seat, &measured(9)));
    let now = sla.terms.report_closes(0).unwrap();
    let (mut round, _) = without_allocating("contest", || sla.contest(now)).unwrap();
    let consumer = Party::Consumer;
    let open = || sla.open_dispute(&mut round, consumer, now);
    let dispute = without_allocating("open_dispute", open).unwrap();
    let upheld = Ruling::Upheld { turned: 1 };
    let rule = || sla.rule_dispute(&mut round, &dispute, consumer, upheld, now);
    without_allocating("rule_dispute", rule).unwrap();
    let void = || sla.void_contested(&mut round, 1, &mut oracle, true);
    without_allocating("void_contested", void).unwrap();
    let later = sla.terms.settles_at(0).unwrap();
    let holders = sla.holders(&round, &[0; 5], &[0; 5]);
    let settled =
        without_allocating("settle_round", || sla.settle_round(&mut round, holders, later));
    assert_eq!(settled.unwrap().measured, 3);
}
