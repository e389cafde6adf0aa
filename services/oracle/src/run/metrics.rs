//! What an oracle counts, for Prometheus.

use flashback_core::records::{Kind, Outcome};
use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

use crate::report::Pass;
use crate::round::Probed;

const PROBES: &str = "flashback_oracle_probes_total";
const BYTES: &str = "flashback_oracle_moved_bytes_total";
const WINDOWS: &str = "flashback_oracle_windows_total";
const SEATS: &str = "flashback_oracle_seats";
const UNSEALED: &str = "flashback_oracle_seats_without_credentials";
const SCORE: &str = "flashback_oracle_score_points";
const FREE_STAKE: &str = "flashback_oracle_free_stake_atoms";
const BONDED: &str = "flashback_oracle_bonded_stake_atoms";
const CHAIN: &str = "flashback_oracle_chain_silent_seconds";

/// Says what each of them means. Call it once a recorder is installed.
pub fn describe() {
    describe_counter!(PROBES, "Probes by kind and outcome");
    describe_counter!(BYTES, Unit::Bytes, "Bytes of objects sent or asked for");
    describe_counter!(WINDOWS, "Windows by what became of their report");
    describe_gauge!(SEATS, "Seats in active SLAs");
    describe_gauge!(
        UNSEALED,
        "Seats whose consumer has sealed no usable credentials to this oracle"
    );
    describe_gauge!(SCORE, "The oracle's score, 0 to 100");
    describe_gauge!(FREE_STAKE, "Stake that covers no seat, in atoms");
    describe_gauge!(BONDED, "Bonded stake, in atoms");
    describe_gauge!(CHAIN, Unit::Seconds, "Since the chain last answered");
}

/// Counts a probe.
pub fn probed(probe: &Probed) {
    let kind = match probe.record.kind {
        Kind::Availability => "availability",
        Kind::Latency => "latency",
        Kind::Upload => "upload",
        Kind::Download => "download",
        Kind::Operation => "operation",
    };
    let outcome = match probe.record.outcome {
        Outcome::Ok => "ok",
        Outcome::Failed => "failed",
        Outcome::Inconclusive => "inconclusive",
    };
    counter!(PROBES, "kind" => kind, "outcome" => outcome).increment(1);
}

/// Counts bytes of objects that were moved.
pub fn moved(bytes: u64) {
    counter!(BYTES).increment(bytes);
}

/// Counts what a pass of the reporter came to.
pub fn passed(pass: &Pass) {
    let count = |what: &'static str, windows: usize| {
        counter!(WINDOWS, "report" => what).increment(u64::try_from(windows).unwrap_or(u64::MAX));
    };
    count("landed", pass.landed.len());
    count("missed", pass.missed.len());
    count("tried_again", pass.again.len());
}

/// Tells how many seats there are, and how many of them cannot be probed.
pub fn seated(seats: u32, without_credentials: u32) {
    gauge!(SEATS).set(seats);
    gauge!(UNSEALED).set(without_credentials);
}

/// Tells how the oracle stands.
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "gauges are floating-point")]
pub fn standing(score_milli: u32, free: u64, bonded: u64) {
    gauge!(SCORE).set(f64::from(score_milli) / 1_000.0);
    gauge!(FREE_STAKE).set(free as f64);
    gauge!(BONDED).set(bonded as f64);
}

/// Tells for how long the chain has not answered.
pub fn chain_silent(seconds: f64) {
    gauge!(CHAIN).set(seconds);
}
