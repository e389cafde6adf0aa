//! What is set up, listed and reserved unless a test says otherwise.

use flashback_core::params::{Params, WINDOW_MIN_SECS_DEFAULT};
use flashback_core::quality::Thresholds;
use flashback_core::sla::{Offer, Request};
use flashback_core::text::region;
use flashback_core::units::DAY;
use flashback_sdk::instruction::{CreateUnitArgs, InitializeArgs, ProposeSlaArgs};
use solana_sdk::pubkey::Pubkey;

use super::{ARBITER, GUARDIAN, NUMBER, PURSE};
use crate::names::key;

/// The default settings.
pub fn settings() -> InitializeArgs {
    InitializeArgs {
        guardian: key(GUARDIAN),
        arbiter: key(ARBITER),
        window_min_secs: WINDOW_MIN_SECS_DEFAULT,
        params: Params::default(),
    }
}

/// The unit that the provider lists: 10 TiB at 0.02 FLASH per GiB and month.
pub fn listing() -> CreateUnitArgs {
    CreateUnitArgs {
        id: NUMBER,
        capacity_gib: 10 * 1_024,
        offer: Offer {
            price_per_gib_month: 20_000,
            version: 1,
            min_duration_secs: DAY,
            max_duration_secs: 365 * DAY,
            probe_interval_secs: 60,
            thresholds: Thresholds {
                uptime_failures_ppm: 1_000,
                errors_ppm: 1_000,
                latency_us: 80_000,
                upload_kib_s: 20_000,
                download_kib_s: 50_000,
            },
        },
        protocols: 1,
        consumer_level: 0,
        auto_accept: true,
        region: region("eu-central-1").expect("a region"),
        endpoint_uri: "https://s3.provider.example".to_owned(),
    }
}

/// What the consumer reserves: 1 TiB for four daily windows, watched by three oracles. Its price does not divide by four.
pub fn reservation() -> ProposeSlaArgs {
    ProposeSlaArgs {
        id: NUMBER,
        delegate: Pubkey::default(),
        request: Request {
            gib: 1_024,
            max_total: PURSE.0,
            offer_version: 1,
            window_secs: DAY,
            windows: 4,
            seats: 3,
            thresholds: listing().offer.thresholds,
        },
    }
}
