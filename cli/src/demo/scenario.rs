//! What happens in the demo: its inputs, and nothing that a chain said.

use flashback_core::params::Params;
use flashback_core::quality::{Aggregate, Thresholds};
use flashback_core::sla::{Offer, Request};
use flashback_core::units::{ATOMS_PER_FLASH, Atoms, DAY};

/// What the consumer has to spend.
pub const FUNDS: Atoms = Atoms(100 * ATOMS_PER_FLASH);
/// What each provider and oracle has, and stakes.
pub const STAKE: Atoms = Atoms(2_000 * ATOMS_PER_FLASH);
/// The providers, in order; the consumer reserves at the first.
pub const PROVIDERS: [&str; 2] = ["provider-1", "provider-2"];
/// The oracles: three seats, and the two more that a redraw would need.
pub const ORACLES: [&str; 5] = ["oracle-1", "oracle-2", "oracle-3", "oracle-4", "oracle-5"];
/// Windows of the SLA.
pub const WINDOWS: u16 = 30;
/// Capacity of each unit, in GiB.
pub const CAPACITY_GIB: u64 = 16 * 1024;

/// What a window is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The service is as promised.
    Good,
    /// The service is slower than promised by this part of the promise, in percent.
    Slow(u64),
    /// Only the first seat's oracle reports.
    Silent,
}

/// The course of the SLA: 27 windows met, 2 breached, 1 unmeasured.
pub fn window(k: u16) -> Window {
    match k {
        9 => Window::Slow(8),
        19 => Window::Slow(30),
        24 => Window::Silent,
        _ => Window::Good,
    }
}

/// What both units promise, and what it costs.
pub fn offer() -> Offer {
    Offer {
        price_per_gib_month: ATOMS_PER_FLASH / 50,
        version: 1,
        min_duration_secs: DAY,
        max_duration_secs: 365 * DAY,
        probe_interval_secs: 300,
        thresholds: Thresholds {
            uptime_failures_ppm: 1_000,
            errors_ppm: 5_000,
            latency_us: 50_000,
            upload_kib_s: 10_240,
            download_kib_s: 20_480,
        },
    }
}

/// What the consumer asks for: 1 TiB for 30 daily windows, judged by three oracles.
pub fn request() -> Request {
    Request {
        gib: 1024,
        max_total: 25 * ATOMS_PER_FLASH,
        offer_version: 1,
        window_secs: DAY,
        windows: WINDOWS,
        seats: 3,
        thresholds: offer().thresholds,
    }
}

/// The protocol's parameters: the defaults.
pub fn params() -> Params {
    Params::default()
}

/// What the oracle of a seat measures in a window; `None` if it stays silent.
pub fn measured(k: u16, seat: usize) -> Option<Aggregate> {
    let promise = offer().thresholds;
    let (latency_us, upload, download) = (
        u64::from(promise.latency_us),
        u64::from(promise.upload_kib_s),
        u64::from(promise.download_kib_s),
    );
    let slower = match window(k) {
        Window::Silent if seat > 0 => return None,
        Window::Slow(percent) => percent,
        Window::Good | Window::Silent => 0,
    };
    // Oracles never see quite the same: each seat measures a little differently.
    let spread = 100 * u64::try_from(seat).unwrap_or_default();
    let mean_latency = match slower {
        0 => latency_us * 7 / 10 + spread,
        percent => latency_us * (100 + percent) / 100 + spread,
    };
    let samples = 288;
    let count = u64::from(samples);
    Some(Aggregate {
        attempts: samples,
        probes_total: samples,
        probes_ok: samples,
        ops_total: samples,
        ops_ok: samples,
        latency_count: samples,
        upload_count: samples,
        download_count: samples,
        latency_sum_us: count * mean_latency,
        upload_sum_kib_s: count * upload * 13 / 10,
        download_sum_kib_s: count * download * 13 / 10,
    })
}
