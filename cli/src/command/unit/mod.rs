//! `flashback unit`: listing data units, looking.

use anyhow::Result;
use clap::{Args, Subcommand};
use flashback_core::quality::Thresholds;
use flashback_core::sla::Offer;
use flashback_core::text::REGION_SIZE;
use flashback_core::units::{Atoms, Gib, PricePerGibMonth, Seconds, Timestamp};
use flashback_sdk::account::DataUnit;
use flashback_sdk::instruction::CreateUnitArgs;
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum UnitAction {
    /// List a data unit of the acting provider
    Create(Box<Create>),
    /// Show a data unit
    Show {
        /// The provider's number of the unit
        #[arg(value_name = "NUMBER")]
        unit: u64,
        /// The provider's authority [default: the acting key]
        #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
        provider: Option<Pubkey>,
    },
}

/// What a unit is and offers.
#[derive(Debug, Args)]
pub struct Create {
    /// The provider's number for it, which no other unit of its has
    #[arg(value_name = "NUMBER")]
    unit: u64,
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
    #[arg(long, value_name = "LEVEL", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=4))]
    consumer_level: u8,
    /// Accept each request by hand, instead of agreeing at once (accepting: by the SDK, there is no command yet)
    #[arg(long)]
    by_hand: bool,
}

impl Create {
    fn args(&self) -> CreateUnitArgs {
        CreateUnitArgs {
            id: self.unit,
            capacity_gib: self.capacity.0,
            offer: Offer {
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
            },
            protocols: self.protocols,
            consumer_level: self.consumer_level,
            auto_accept: !self.by_hand,
            region: self.region,
            endpoint_uri: self.endpoint.clone(),
        }
    }
}

pub async fn run(action: UnitAction, settings: &Settings) -> Result<()> {
    let report = match action {
        UnitAction::Create(create) => {
            let client = settings.client()?;
            let args = create.args();
            args.offer.check().map_err(flashback_sdk::Error::from)?;
            let provider = client.key();
            let account = address::unit(&address::provider(&provider), create.unit);
            if client.find::<DataUnit>(&account).await?.is_some() {
                return Err(usage(format!("unit {} is listed already, at {account}", create.unit)));
            }
            let receipt = client.create_unit(args).send().await?;
            let report = Report::new("unit listed").signed(&receipt);
            describe(&client, provider, create.unit, report).await?
        }
        UnitAction::Show { unit, provider } => {
            let provider = settings.key_or_own(provider)?;
            describe(&settings.reader()?, provider, unit, Report::new("unit")).await?
        }
    };
    report.print(settings.output());
    Ok(())
}

async fn describe(
    client: &Flashback,
    provider: Pubkey,
    number: u64,
    report: Report,
) -> Result<Report> {
    let unit = client.unit(&provider, number).await?;
    let account = address::provider(&provider);
    let offer = unit.offer;
    let report = report
        .fact("unit", address::unit(&account, number))
        .fact("number", number)
        .fact("provider", account)
        .fact("provider_authority", provider)
        .fact("region", Fact::region(&unit.region))
        .fact("endpoint", unit.endpoint_uri.clone())
        .fact("protocols", protocols(unit.protocols))
        .fact("listed", Timestamp(unit.listed_at))
        .fact("score", Fact::score(unit.score.milli))
        .fact("capacity", Gib(unit.capacity_gib))
        .fact("free_capacity", Gib(unit.capacity_gib.saturating_sub(unit.taken_gib)))
        .fact("live_slas", u64::from(unit.live_slas))
        .fact("accepts_at_once", unit.auto_accept)
        .fact("consumer_level", u64::from(unit.consumer_level))
        .fact("price_per_gib_month", Atoms(offer.price_per_gib_month))
        .fact("offer_version", u64::from(offer.version))
        .fact("shortest", Seconds(offer.min_duration_secs))
        .fact("longest", Seconds(offer.max_duration_secs))
        .fact("probe_interval", Seconds(offer.probe_interval_secs));
    Ok(promises(report, &offer.thresholds))
}

/// Adds what is promised.
pub fn promises(report: Report, thresholds: &Thresholds) -> Report {
    report
        .fact("uptime", Fact::success_rate(thresholds.uptime_failures_ppm))
        .fact("success", Fact::success_rate(thresholds.errors_ppm))
        .fact("latency", Fact::latency(thresholds.latency_us))
        .fact("upload", Fact::speed(thresholds.upload_kib_s))
        .fact("download", Fact::speed(thresholds.download_kib_s))
}

fn protocols(bits: u8) -> String {
    let known = [(1, "s3"), (2, "gcs"), (4, "azure")];
    let spoken: Vec<&str> =
        known.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    spoken.join(",")
}
