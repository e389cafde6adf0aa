//! Units to look at, and to choose from.

use anyhow::Result;
use clap::Args;
use flashback_core::listing::PricePerQuality;
use flashback_core::text::REGION_SIZE;
use flashback_core::units::{Atoms, Gib, PricePerGibMonth, Seconds, Timestamp};
use flashback_sdk::account::DataUnit;
use flashback_sdk::{Flashback, Listing, Search, address};
use solana_sdk::pubkey::Pubkey;

use super::{Place, facts};
use crate::output::{Arrangement, Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// What is looked for.
#[derive(Debug, Args)]
pub struct Wanted {
    /// Only in this region
    #[arg(long, value_name = "NAME", value_parser = quantity::region)]
    region: Option<[u8; REGION_SIZE]>,
    /// Protocols of s3,gcs,azure that it must all speak
    #[arg(long, value_name = "LIST", value_parser = quantity::protocols)]
    protocols: Option<u8>,
    /// Free capacity, at least [default: 1GiB]
    #[arg(long, value_name = "SIZE", value_parser = quantity::capacity)]
    size: Option<Gib>,
    /// For how long: what the offer allows and the provider's free stake covers
    #[arg(long = "for", value_name = "SPAN", value_parser = quantity::duration)]
    duration: Option<Seconds>,
    /// The highest price per GiB and 30 days
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::price)]
    max_price: Option<PricePerGibMonth>,
    /// The highest mean latency: only units that promise one
    #[arg(long, value_name = "TIME", value_parser = quantity::some_latency)]
    max_latency: Option<u32>,
    /// The lowest score, 0 to 100 points
    #[arg(long, value_name = "POINTS", value_parser = quantity::score)]
    min_score: Option<u32>,
    /// The lowest level of the provider's certificate, 1 to 4
    #[arg(long, value_name = "LEVEL", default_value = "1", value_parser = quantity::level)]
    level: u8,
    /// Also units that ask for a consumer's certificate which the acting key has not; needs no key
    #[arg(long)]
    any_consumer: bool,
    #[command(flatten)]
    arrangement: Arrangement,
}

impl Wanted {
    fn search(&self) -> Search {
        let any = Search::default();
        Search {
            region: self.region,
            protocols: self.protocols.unwrap_or(any.protocols),
            capacity: self.size.unwrap_or(any.capacity),
            duration: self.duration,
            max_price: self.max_price,
            max_latency_us: self.max_latency,
            min_score_milli: self.min_score.unwrap_or(any.min_score_milli),
            provider_level: self.level,
            any_consumer: self.any_consumer,
        }
    }
}

/// A row for each unit that was found.
pub const FOUND: [&str; 13] = [
    "provider",
    "provider_authority",
    "unit_number",
    "region",
    "free_capacity",
    "price_per_gib_month",
    "price_per_quality",
    "score",
    "uptime",
    "latency",
    "certificate_level",
    "accepts_at_once",
    "priority",
];

pub async fn search(settings: &Settings, wanted: &Wanted) -> Result<Report> {
    wanted.arrangement.check(&FOUND)?;
    let client = if wanted.any_consumer { settings.reader()? } else { settings.client()? };
    let found = client.search(&wanted.search()).await?;
    let rows = found.units.iter().map(listing).collect();
    Ok(Report::new("units that can be reserved, the best bargain first")
        .list("units", FOUND, rows, &wanted.arrangement)?
        .skipped(&found.skipped))
}

fn listing(found: &Listing) -> [Fact; 13] {
    let (unit, offer) = (&found.unit, &found.unit.offer);
    let per_quality = found.price_per_quality;
    let per_quality = (per_quality != PricePerQuality::LAST).then_some(Atoms(per_quality.0));
    [
        found.provider_address.into(),
        found.provider_authority.into(),
        unit.id.into(),
        Fact::region(&unit.region),
        found.free.into(),
        Atoms(offer.price_per_gib_month).into(),
        per_quality.into(),
        Fact::score(found.score_milli),
        Fact::success_rate(offer.thresholds.uptime_failures_ppm),
        Fact::latency(offer.thresholds.latency_us),
        u64::from(found.certificate.level).into(),
        unit.auto_accept.into(),
        found.priority.into(),
    ]
}

/// A row for each of a provider's units.
pub const UNITS: [&str; 10] = [
    "unit_number",
    "state",
    "region",
    "capacity",
    "free_capacity",
    "price_per_gib_month",
    "score",
    "live_slas",
    "accepts_at_once",
    "priority",
];

pub async fn list(
    client: &Flashback,
    authority: Pubkey,
    arrangement: &Arrangement,
) -> Result<Report> {
    // Says so at once if there is no such provider.
    client.provider(&authority).await?;
    let now = client.now().await?;
    let mut found = client.units_of_provider(&authority).await?;
    found.accounts.sort_by_key(|(_, unit)| unit.id);
    let rows = found.accounts.iter().map(|(_, unit)| row(unit, now));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    Ok(Report::new("data units of the provider")
        .fact("provider", address::provider(&authority))
        .fact("provider_authority", authority)
        .list("units", UNITS, rows, arrangement)?
        .skipped(&found.skipped))
}

fn row(unit: &DataUnit, now: Timestamp) -> Result<[Fact; 10]> {
    Ok([
        unit.id.into(),
        Fact::name(facts::state(unit, now)),
        Fact::region(&unit.region),
        Gib(unit.capacity_gib).into(),
        unit.capacity().free().into(),
        Atoms(unit.offer.price_per_gib_month).into(),
        facts::score(unit, now)?,
        u64::from(unit.live_slas).into(),
        unit.auto_accept.into(),
        facts::priority(unit, now).into(),
    ])
}

pub async fn show(client: &Flashback, place: Place) -> Result<Report> {
    let unit: DataUnit = client.fetch(&place.unit).await?;
    let report = Report::new("unit")
        .fact("unit", place.unit)
        .fact("unit_number", place.number)
        .fact("provider", place.provider)
        .fact("provider_authority", place.authority);
    facts::describe(report, &unit, client.now().await?)
}
