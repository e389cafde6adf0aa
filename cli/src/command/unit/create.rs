//! A new unit, as it is typed.

use anyhow::Result;
use clap::Args;
use flashback_core::quality::Thresholds;
use flashback_core::sla::Offer;
use flashback_core::text::REGION_SIZE;
use flashback_core::units::{Gib, PricePerGibMonth, Seconds};
use flashback_sdk::instruction::CreateUnitArgs;

use crate::exit::usage;
use crate::quantity;

/// What a unit is and offers.
#[derive(Debug, Args)]
pub struct Create {
    /// The provider's number for it, which no other unit of its has
    #[arg(value_name = "NUMBER")]
    pub unit: u64,
    /// Capacity, such as 10TiB
    #[arg(long, value_name = "SIZE", value_parser = quantity::capacity)]
    capacity: Gib,
    /// Price per GiB and 30 days
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::price)]
    price: PricePerGibMonth,
    /// Where it is, 1 to 16 characters
    #[arg(long, value_name = "NAME", value_parser = quantity::region)]
    region: [u8; REGION_SIZE],
    /// Where clients reach it
    #[arg(long, value_name = "URI", value_parser = quantity::uri)]
    endpoint: String,
    /// Protocols that it speaks, of s3,gcs,azure
    #[arg(long, value_name = "LIST", default_value = "s3", value_parser = quantity::protocols)]
    protocols: u8,
    /// Shortest reservation
    #[arg(long, value_name = "SPAN", default_value = "1d", value_parser = quantity::duration)]
    min: Seconds,
    /// Longest reservation
    #[arg(long, value_name = "SPAN", default_value = "365d", value_parser = quantity::duration)]
    max: Seconds,
    /// Time between two probes of one oracle
    #[arg(long, value_name = "SPAN", default_value = "1m", value_parser = quantity::duration)]
    probe_interval: Seconds,
    /// Promised share of successful availability probes, or none
    #[arg(long, value_name = "SHARE", default_value = "99.9%", value_parser = quantity::success_rate)]
    uptime: u32,
    /// Promised share of successful operations, or none
    #[arg(long, value_name = "SHARE", default_value = "99.9%", value_parser = quantity::success_rate)]
    success: u32,
    /// Promised mean latency, or none
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = quantity::latency)]
    latency: u32,
    /// Promised mean upload speed, or none
    #[arg(long, value_name = "SPEED", default_value = "none", value_parser = quantity::speed)]
    upload: u32,
    /// Promised mean download speed, or none
    #[arg(long, value_name = "SPEED", default_value = "none", value_parser = quantity::speed)]
    download: u32,
    /// Lowest certificate asked of consumers, 1 to 4; 0: none
    #[arg(long, value_name = "LEVEL", default_value_t = 0, value_parser = quantity::level_or_none)]
    consumer_level: u8,
    /// Accept each request by hand, with `flashback sla accept`, instead of agreeing at once
    #[arg(long)]
    by_hand: bool,
}

impl Create {
    /// What the program is told.
    ///
    /// # Errors
    /// Wrong usage, if what is offered contradicts itself.
    pub fn args(&self) -> Result<CreateUnitArgs> {
        let offer = Offer {
            price_per_gib_month: self.price.0,
            version: 1,
            min_duration_secs: self.min.0,
            max_duration_secs: self.max.0,
            probe_interval_secs: self.probe_interval.0,
            thresholds: Thresholds {
                uptime_failures_ppm: self.uptime,
                errors_ppm: self.success,
                latency_us: self.latency,
                upload_kib_s: self.upload,
                download_kib_s: self.download,
            },
        };
        check(&offer)?;
        Ok(CreateUnitArgs {
            id: self.unit,
            capacity_gib: self.capacity.0,
            offer,
            protocols: self.protocols,
            consumer_level: self.consumer_level,
            auto_accept: !self.by_hand,
            region: self.region,
            endpoint_uri: self.endpoint.clone(),
        })
    }
}

/// Refuses an offer that contradicts itself.
///
/// # Errors
/// Wrong usage.
pub fn check(offer: &Offer) -> Result<()> {
    offer.check().map_err(|error| usage(error.to_string()))
}
