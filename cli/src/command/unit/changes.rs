//! What is to change of a unit, as it is typed.

use anyhow::Result;
use clap::Args;
use flashback_core::quality::Thresholds;
use flashback_core::sla::Offer;
use flashback_core::units::{Gib, PricePerGibMonth, Seconds};
use flashback_sdk::account::DataUnit;
use flashback_sdk::instruction::UpdateUnitArgs;

use super::create::check;
use crate::exit::refused;
use crate::quantity;

/// What is to change.
#[derive(Clone, Debug, Default, Args)]
#[group(required = true, multiple = true)]
pub struct Changes {
    /// Capacity, at least what is reserved of it
    #[arg(long, value_name = "SIZE", value_parser = quantity::capacity)]
    pub capacity: Option<Gib>,
    /// Price per GiB and 30 days
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::price)]
    price: Option<PricePerGibMonth>,
    /// Where clients reach it
    #[arg(long, value_name = "URI", value_parser = quantity::uri)]
    endpoint: Option<String>,
    /// Protocols that it speaks, of s3,gcs,azure
    #[arg(long, value_name = "LIST", value_parser = quantity::protocols)]
    protocols: Option<u8>,
    /// Shortest reservation
    #[arg(long, value_name = "SPAN", value_parser = quantity::duration)]
    min: Option<Seconds>,
    /// Longest reservation
    #[arg(long, value_name = "SPAN", value_parser = quantity::duration)]
    max: Option<Seconds>,
    /// Time between two probes of one oracle
    #[arg(long, value_name = "SPAN", value_parser = quantity::duration)]
    probe_interval: Option<Seconds>,
    /// Promised share of successful availability probes, or none
    #[arg(long, value_name = "SHARE", value_parser = quantity::success_rate)]
    uptime: Option<u32>,
    /// Promised share of successful operations, or none
    #[arg(long, value_name = "SHARE", value_parser = quantity::success_rate)]
    success: Option<u32>,
    /// Promised mean latency, or none
    #[arg(long, value_name = "TIME", value_parser = quantity::latency)]
    latency: Option<u32>,
    /// Promised mean upload speed, or none
    #[arg(long, value_name = "SPEED", value_parser = quantity::speed)]
    upload: Option<u32>,
    /// Promised mean download speed, or none
    #[arg(long, value_name = "SPEED", value_parser = quantity::speed)]
    download: Option<u32>,
    /// Lowest certificate asked of consumers, 1 to 4; 0: none
    #[arg(long, value_name = "LEVEL", value_parser = quantity::level_or_none)]
    consumer_level: Option<u8>,
    /// Accept each request by hand, with `flashback sla accept`
    #[arg(long)]
    by_hand: bool,
    /// Agree at once to requests with the offer's own thresholds
    #[arg(long, conflicts_with = "by_hand")]
    at_once: bool,
}

impl Changes {
    /// All that the unit is to be, given what it is.
    ///
    /// # Errors
    /// Wrong usage, if it is so already, or what is offered contradicts itself.
    pub fn apply(&self, unit: &DataUnit) -> Result<UpdateUnitArgs> {
        let (offer, promised) = (unit.offer, unit.offer.thresholds);
        let seconds = |named: Option<Seconds>, now: u32| named.map_or(now, |span| span.0);
        let offer = Offer {
            price_per_gib_month: self.price.map_or(offer.price_per_gib_month, |price| price.0),
            version: offer.version,
            min_duration_secs: seconds(self.min, offer.min_duration_secs),
            max_duration_secs: seconds(self.max, offer.max_duration_secs),
            probe_interval_secs: seconds(self.probe_interval, offer.probe_interval_secs),
            thresholds: Thresholds {
                uptime_failures_ppm: self.uptime.unwrap_or(promised.uptime_failures_ppm),
                errors_ppm: self.success.unwrap_or(promised.errors_ppm),
                latency_us: self.latency.unwrap_or(promised.latency_us),
                upload_kib_s: self.upload.unwrap_or(promised.upload_kib_s),
                download_kib_s: self.download.unwrap_or(promised.download_kib_s),
            },
        };
        check(&offer)?;
        let args = UpdateUnitArgs {
            capacity_gib: self.capacity.map_or(unit.capacity_gib, |capacity| capacity.0),
            offer,
            protocols: self.protocols.unwrap_or(unit.protocols),
            consumer_level: self.consumer_level.unwrap_or(unit.consumer_level),
            auto_accept: self.at_once || (unit.auto_accept && !self.by_hand),
            endpoint_uri: self.endpoint.clone().unwrap_or_else(|| unit.endpoint_uri.clone()),
        };
        let same = args.capacity_gib == unit.capacity_gib
            && args.offer == unit.offer
            && args.protocols == unit.protocols
            && args.consumer_level == unit.consumer_level
            && args.auto_accept == unit.auto_accept
            && args.endpoint_uri == unit.endpoint_uri;
        if same {
            return Err(refused("nothing would change: the unit says all of that already"));
        }
        Ok(args)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::arguments::{Arguments, Command};
    use crate::command::unit::UnitAction;
    use clap::Parser;
    use flashback_core::quality::NOT_PROMISED;
    use flashback_core::reputation::Score;
    use flashback_core::units::Timestamp;
    use solana_sdk::pubkey::Pubkey;

    pub fn unit() -> DataUnit {
        DataUnit {
            version: flashback_sdk::account::VERSION,
            bump: 255,
            protocols: 1,
            consumer_level: 0,
            auto_accept: true,
            closing: false,
            flags: [0; 2],
            region: quantity::region("eu-west-3").unwrap(),
            provider: Pubkey::default(),
            id: 1,
            rent_payer: Pubkey::default(),
            capacity_gib: 10_240,
            taken_gib: 1_024,
            live_slas: 1,
            offer: flashback_localnet::default_offer(),
            score: Score::start(Timestamp(0)),
            maintenance: Default::default(),
            boost: 0,
            boosted_at: 0,
            listed_at: 0,
            reserved: [0; 64],
            endpoint_uri: "https://s3.provider.example".to_owned(),
        }
    }

    fn changes(flags: &str) -> Changes {
        let line = format!("flashback unit update 1 {flags}");
        let parsed = Arguments::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Unit(UnitAction::Update { changes, .. }) = parsed.command else {
            panic!("{line}")
        };
        *changes
    }

    fn text(args: &UpdateUnitArgs) -> String {
        format!("{args:?}")
    }

    /// The arguments that change nothing.
    fn kept() -> UpdateUnitArgs {
        let unit = unit();
        UpdateUnitArgs {
            capacity_gib: unit.capacity_gib,
            offer: unit.offer,
            protocols: unit.protocols,
            consumer_level: unit.consumer_level,
            auto_accept: unit.auto_accept,
            endpoint_uri: unit.endpoint_uri,
        }
    }

    #[test]
    fn each_flag_changes_one_thing_and_keeps_the_rest() {
        type Change = fn(&mut UpdateUnitArgs);
        let cases: [(&str, Change); 14] = [
            ("--capacity 20TiB", |args| args.capacity_gib = 20_480),
            ("--price 0.5", |args| args.offer.price_per_gib_month = 500_000),
            ("--endpoint https://new.example", |args| {
                args.endpoint_uri = "https://new.example".to_owned();
            }),
            ("--protocols gcs,azure", |args| args.protocols = 6),
            ("--min 2h", |args| args.offer.min_duration_secs = 7_200),
            ("--max 100d", |args| args.offer.max_duration_secs = 8_640_000),
            ("--probe-interval 7m", |args| args.offer.probe_interval_secs = 420),
            ("--uptime none", |args| args.offer.thresholds.uptime_failures_ppm = NOT_PROMISED),
            ("--success 98.5%", |args| args.offer.thresholds.errors_ppm = 15_000),
            ("--latency 33ms", |args| args.offer.thresholds.latency_us = 33_000),
            ("--upload 7MiB/s", |args| args.offer.thresholds.upload_kib_s = 7_168),
            ("--download 8MiB/s", |args| args.offer.thresholds.download_kib_s = 8_192),
            ("--consumer-level 4", |args| args.consumer_level = 4),
            ("--by-hand", |args| args.auto_accept = false),
        ];
        for (flags, change) in cases {
            let mut expected = kept();
            change(&mut expected);
            assert_ne!(text(&expected), text(&kept()), "{flags}");
            let applied = changes(flags).apply(&unit()).unwrap();
            assert_eq!(text(&applied), text(&expected), "{flags}");
        }
        let by_hand = DataUnit { auto_accept: false, ..unit() };
        assert!(changes("--at-once").apply(&by_hand).unwrap().auto_accept);
        assert!(!changes("--capacity 1TiB").apply(&by_hand).unwrap().auto_accept);
    }

    #[test]
    fn what_changes_nothing_is_refused_and_what_contradicts_the_rest_is_wrong_usage() {
        for (flags, said) in [
            ("--at-once", "nothing would change"),
            ("--capacity 10TiB --protocols s3", "nothing would change"),
            ("--max 1s", "shortest duration"),
            ("--success none", "threshold"),
        ] {
            let refused = changes(flags).apply(&unit()).unwrap_err();
            let nothing = said == "nothing would change";
            assert_eq!(crate::exit::is_usage(&refused), !nothing, "{flags}: {refused}");
            assert_eq!(crate::exit::is_refused(&refused), nothing, "{flags}: {refused}");
            assert!(refused.to_string().contains(said), "{flags}: {refused}");
        }
    }
}
