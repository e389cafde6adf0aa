//! What a consumer would reserve: the flags that quoting, proposing and reserving share.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::CoreError;
use flashback_core::committee::CommitteeSize;
use flashback_core::quality::Thresholds;
use flashback_core::sla::Offer;
use flashback_core::unit::Capacity;
use flashback_core::units::{Atoms, Gib, Seconds};
use flashback_sdk::account::DataUnit;
use flashback_sdk::quote::{Quoted, Reservation};
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use crate::exit::usage;
use crate::output::Fact;
use crate::quantity;

/// What to reserve.
#[derive(Debug, Args)]
pub struct Wanted {
    /// The provider's authority
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    pub provider: Pubkey,
    /// The provider's number of the unit
    #[arg(long, value_name = "NUMBER")]
    pub unit: u64,
    /// Capacity, such as 1TiB
    #[arg(long, value_name = "SIZE", value_parser = quantity::capacity)]
    pub size: Gib,
    /// For how long: a whole number of windows
    #[arg(long = "for", value_name = "SPAN", value_parser = quantity::duration)]
    pub duration: Seconds,
    /// Length of a window, each measured and settled for itself
    #[arg(long, value_name = "SPAN", default_value = "1d", value_parser = quantity::duration)]
    pub window: Seconds,
    /// Oracles that judge it, 3 or 5
    #[arg(long, value_name = "COUNT", default_value = "3", value_parser = seats)]
    pub seats: u8,
    /// The most that price and fees may come to [default: what is quoted now]
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::flash)]
    pub max_total: Option<Atoms>,
    /// Share of successful probes to be promised, such as 99.9%, or none [default: what the unit offers]; thresholds
    /// other than the offer's wait for the provider to accept them
    #[arg(long, value_name = "SHARE", value_parser = quantity::success_rate)]
    pub uptime: Option<u32>,
    /// Share of successful operations to be promised, or none [default: what the unit offers]
    #[arg(long, value_name = "SHARE", value_parser = quantity::success_rate)]
    pub success: Option<u32>,
    /// Mean latency to be promised, such as 100ms, or none [default: what the unit offers]
    #[arg(long, value_name = "TIME", value_parser = quantity::latency)]
    pub latency: Option<u32>,
    /// Mean upload speed to be promised, such as 50MiB/s, or none [default: what the unit offers]
    #[arg(long, value_name = "SPEED", value_parser = quantity::speed)]
    pub upload: Option<u32>,
    /// Mean download speed to be promised, or none [default: what the unit offers]
    #[arg(long, value_name = "SPEED", value_parser = quantity::speed)]
    pub download: Option<u32>,
}

/// A committee's size.
fn seats(text: &str) -> Result<u8, String> {
    let size = text.parse().map_err(|_| CoreError::CommitteeSizeInvalid);
    size.and_then(CommitteeSize::new).map(CommitteeSize::get).map_err(|error| error.to_string())
}

/// A unit, and what reserving of it as wanted costs.
pub struct Offered {
    /// The unit.
    pub unit: DataUnit,
    /// What is asked for.
    pub reservation: Reservation,
    /// What it costs.
    pub quoted: Quoted,
    /// Whether it is agreed as soon as it is proposed.
    pub at_once: bool,
}

impl Wanted {
    /// Refuses what no unit could give.
    pub fn check(&self) -> Result<()> {
        if self.size.0 == 0 {
            return Err(usage(format!("--size: {}", CoreError::CapacityZero)));
        }
        self.windows().map(|_| ())
    }

    /// Asks what it would cost of the unit as it is.
    pub async fn offered(&self, client: &Flashback) -> Result<Offered> {
        self.check()?;
        let unit = client.unit(&self.provider, self.unit).await?;
        check_free(unit.capacity(), self.size)?;
        let reservation = self.reservation(&unit.offer)?;
        let config = client.config().await?;
        let quoted = reservation.quote(&config, &unit.offer);
        let quoted = quoted.map_err(|error| self.explain(error, &unit.offer))?;
        let at_once = unit.auto_accept && quoted.request.thresholds == unit.offer.thresholds;
        Ok(Offered { unit, reservation, quoted, at_once })
    }

    fn windows(&self) -> Result<u16> {
        let whole = self.duration.0.is_multiple_of(self.window.0);
        let windows = u16::try_from(self.duration.0 / self.window.0).ok().filter(|_| whole);
        windows.ok_or_else(|| {
            usage(format!(
                "{} s is no whole number of at most 65,534 windows of {} s: change --for or --window",
                self.duration.0, self.window.0
            ))
        })
    }

    /// What is asked for of a unit with that offer.
    pub fn reservation(&self, offer: &Offer) -> Result<Reservation> {
        Ok(Reservation {
            capacity: self.size,
            window: self.window,
            windows: self.windows()?,
            seats: self.seats,
            thresholds: self.thresholds(&offer.thresholds),
            max_total: self.max_total,
        })
    }

    /// Its own thresholds, if it has any; the others are the offer's.
    fn thresholds(&self, offered: &Thresholds) -> Option<Thresholds> {
        let own = [self.uptime, self.success, self.latency, self.upload, self.download];
        own.iter().any(Option::is_some).then(|| Thresholds {
            uptime_failures_ppm: self.uptime.unwrap_or(offered.uptime_failures_ppm),
            errors_ppm: self.success.unwrap_or(offered.errors_ppm),
            latency_us: self.latency.unwrap_or(offered.latency_us),
            upload_kib_s: self.upload.unwrap_or(offered.upload_kib_s),
            download_kib_s: self.download.unwrap_or(offered.download_kib_s),
        })
    }

    /// Why it cannot be quoted, with the figures that decided it.
    fn explain(&self, error: Error, offer: &Offer) -> anyhow::Error {
        let said = match error.core() {
            Some(CoreError::DurationOutsideOffer) => format!(
                "the unit is offered for {} to {}, you asked for {}",
                Fact::from(Seconds(offer.min_duration_secs)),
                Fact::from(Seconds(offer.max_duration_secs)),
                Fact::from(self.duration),
            ),
            Some(CoreError::PriceAboveMaximum) => format!(
                "price and fees come to more than --max-total {}",
                self.max_total.unwrap_or_default()
            ),
            _ => return error.into(),
        };
        anyhow::Error::from(error).context(said)
    }
}

/// Refuses to reserve more than a unit has free.
pub fn check_free(capacity: Capacity, asked: Gib) -> Result<()> {
    capacity.take(asked).map_err(Error::from).map(|_| ()).with_context(|| {
        format!(
            "unit has {} free, you asked for {}",
            Fact::from(capacity.free()),
            Fact::from(asked)
        )
    })
}

impl Offered {
    /// What it promises and costs.
    pub fn facts(&self) -> Result<Vec<(&'static str, Fact)>> {
        let quote = &self.quoted.quote;
        let mut facts = vec![];
        let enforced = quote.terms.effective_rates().map_err(Error::from)?;
        for (key, rate) in ["enforced_uptime", "enforced_success"].into_iter().zip(enforced) {
            facts.extend(rate.map(|failures| (key, Fact::success_rate(failures.0))));
        }
        facts.extend([
            ("size", self.reservation.capacity.into()),
            ("windows", u64::from(self.reservation.windows).into()),
            ("window_length", self.reservation.window.into()),
            ("seats", u64::from(self.reservation.seats).into()),
            ("price", Atoms(quote.terms.price).into()),
            ("oracle_fees_at_most", quote.fee_reserve.into()),
            ("deposit", quote.deposit.into()),
            ("provider_cover", Atoms(quote.terms.cover).into()),
        ]);
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::params::Params;
    use flashback_core::sla::{Quote, Request};

    fn wanted(duration: u32, window: u32) -> Wanted {
        Wanted {
            provider: Pubkey::default(),
            unit: 1,
            size: Gib(1),
            duration: Seconds(duration),
            window: Seconds(window),
            seats: 3,
            max_total: None,
            uptime: None,
            success: None,
            latency: None,
            upload: None,
            download: None,
        }
    }

    fn offer() -> Offer {
        flashback_localnet::default_offer()
    }

    #[test]
    fn durations_are_whole_windows() {
        assert_eq!(wanted(2_592_000, 86_400).reservation(&offer()).unwrap().windows, 30);
        assert!(wanted(100_000, 86_400).check().is_err());
        assert!(wanted(86_400, 1).check().is_err());
        assert!(Wanted { size: Gib(0), ..wanted(86_400, 86_400) }.check().is_err());
    }

    #[test]
    fn thresholds_that_are_not_named_are_the_offers() {
        let offered = offer().thresholds;
        let daily = wanted(86_400, 86_400);
        assert_eq!(daily.thresholds(&offered), None);
        let own = Wanted { latency: Some(7), ..daily };
        let expected = Thresholds { latency_us: 7, ..offered };
        assert_eq!(own.reservation(&offer()).unwrap().thresholds, Some(expected));
        assert_ne!(expected, offered);
    }

    #[test]
    fn more_than_is_free_is_refused_with_both_figures() {
        let capacity = Capacity { total: Gib(2_048), taken: Gib(1_536) };
        check_free(capacity, Gib(512)).unwrap();
        let refused = check_free(capacity, Gib(1_024)).unwrap_err();
        assert_eq!(refused.to_string(), "unit has 512 GiB free, you asked for 1 TiB");
        let cause = refused.chain().find_map(|cause| cause.downcast_ref::<Error>());
        assert_eq!(cause.and_then(Error::core), Some(CoreError::CapacityInsufficient));
    }

    #[test]
    fn a_refused_quote_names_the_figures() {
        let quote = |wanted: &Wanted| {
            let asked = wanted.reservation(&offer()).unwrap();
            let request = Request {
                gib: asked.capacity.0,
                max_total: asked.max_total.map_or(u64::MAX, |total| total.0),
                offer_version: offer().version,
                window_secs: asked.window.0,
                windows: asked.windows,
                seats: asked.seats,
                thresholds: asked.thresholds.unwrap_or(offer().thresholds),
            };
            let refused = Quote::new(&Params::default(), &offer(), &request, Seconds(3_600));
            wanted.explain(refused.unwrap_err().into(), &offer()).to_string()
        };
        let longest = offer().max_duration_secs / 86_400 + 1;
        let long = quote(&wanted(longest * 86_400, 86_400));
        assert!(long.contains(&format!("you asked for {longest}d")), "{long}");
        let dear = Wanted { max_total: Some(Atoms(1)), ..wanted(86_400 * 30, 86_400) };
        let dear = quote(&dear);
        assert!(dear.contains("more than --max-total 0.000001 FLASH"), "{dear}");
    }

    #[test]
    fn a_committee_has_three_or_five_seats() {
        assert_eq!((seats("3"), seats("5")), (Ok(3), Ok(5)));
        for bad in ["0", "4", "7", "256", "-3", "three", ""] {
            assert!(seats(bad).unwrap_err().contains("3 or 5"), "{bad}");
        }
    }
}
