//! What the oracle's suites share.
#![allow(dead_code, reason = "each suite uses a part")]

pub mod numbers;
pub mod postgres;

use flashback_core::units::{Seconds, Timestamp};
use flashback_oracle::key::{SlaLife, WindowKey};
use flashback_oracle::store::Opening;
use solana_sdk::pubkey::Pubkey;

/// When the SLAs of the tests start.
pub const START: Timestamp = Timestamp(1_700_000_000);
/// Length of a window.
pub const WINDOW_SECS: u32 = 3_600;

/// Ordinarily `ordinary` cases; five times as many with `FLASHBACK_FULL=1`.
pub fn cases(ordinary: u32) -> u32 {
    let full = std::env::var("FLASHBACK_FULL").is_ok_and(|value| value == "1");
    if full { ordinary * 5 } else { ordinary }
}

pub fn life(n: u8) -> SlaLife {
    SlaLife { sla: Pubkey::new_from_array([n; 32]), start: START }
}

/// A window of an hour, of the oracle 7.
pub fn opening(key: &WindowKey, rounds: u32) -> Opening {
    let end = key.life.start.0 + i64::from(WINDOW_SECS) * (i64::from(key.window) + 1);
    Opening {
        oracle: Pubkey::new_from_array([7; 32]),
        window_secs: Seconds(WINDOW_SECS),
        rounds,
        report_closes: Timestamp(end + i64::from(WINDOW_SECS / 4)),
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
