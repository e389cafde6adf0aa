//! A scenario: the JSON that `docs/scenario.md` describes, in the units and under the names of the CLI's JSON output.

use flashback_core::CoreError;
use flashback_core::params::{DURATION_MAX_SECS, Params, WINDOW_MIN_SECS_DEFAULT};
use flashback_core::quality::{NOT_PROMISED, Thresholds};
use flashback_core::sla::{Offer, Quote, Request};
use flashback_core::units::{DAY, PPM_ONE, Seconds};
use serde::Deserialize;

use crate::mistake::Mistake;
use crate::parameters::parameters;
use crate::submission::Submission;

/// What is agreed, by which parameters, and what the oracles report of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    terms: Terms,
    #[serde(default, deserialize_with = "parameters")]
    parameters: Params,
    #[serde(default = "shortest_window")]
    shortest_window: u32,
    /// By window, by seat; a seat that is not listed says nothing.
    pub windows: Vec<Vec<Option<Submission>>>,
}

/// A reservation, and the offer that it is of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    size: u64,
    price_per_gib_month: u64,
    windows: u16,
    #[serde(default = "day")]
    window: u32,
    #[serde(default = "three")]
    seats: u8,
    #[serde(default = "minute")]
    probe_interval: u32,
    uptime: Option<u32>,
    success: Option<u32>,
    latency: Option<u32>,
    upload: Option<u32>,
    download: Option<u32>,
}

impl Scenario {
    /// The scenario in a JSON text.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let mut json = serde_json::Deserializer::from_str(text);
        let scenario: Scenario = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Mistake::new(error.path().to_string(), error.inner()))?;
        json.end().map_err(|error| Mistake::new("", error))?;
        scenario.check()?;
        Ok(scenario)
    }

    /// What it costs and promises.
    pub fn quote(&self) -> Result<Quote, Mistake> {
        let thresholds = self.terms.thresholds()?;
        let offer = self.terms.offer(thresholds);
        let request = self.terms.request(thresholds);
        let shortest = Seconds(self.shortest_window);
        offer
            .check()
            .and_then(|()| Quote::new(&self.parameters, &offer, &request, shortest))
            .map_err(|error| Mistake::new(place_of(error), error))
    }

    fn check(&self) -> Result<(), Mistake> {
        self.parameters.check().map_err(|error| Mistake::new("parameters", error))?;
        let (listed, agreed) = (self.windows.len(), usize::from(self.terms.windows));
        if listed > agreed {
            let message = format!("lists {listed} windows, and terms.windows agrees on {agreed}");
            return Err(Mistake::new("windows", message));
        }
        for (window, submissions) in self.windows.iter().enumerate() {
            let (listed, seats) = (submissions.len(), self.terms.seats);
            if listed > usize::from(seats) {
                let message =
                    format!("lists {listed} submissions, and terms.seats agrees on {seats}");
                return Err(Mistake::new(format!("windows[{window}]"), message));
            }
        }
        Ok(())
    }
}

impl Terms {
    fn offer(&self, thresholds: Thresholds) -> Offer {
        Offer {
            price_per_gib_month: self.price_per_gib_month,
            version: 1,
            min_duration_secs: 1,
            max_duration_secs: DURATION_MAX_SECS,
            probe_interval_secs: self.probe_interval,
            thresholds,
        }
    }

    fn request(&self, thresholds: Thresholds) -> Request {
        Request {
            gib: self.size,
            max_total: u64::MAX,
            offer_version: 1,
            window_secs: self.window,
            windows: self.windows,
            seats: self.seats,
            thresholds,
        }
    }

    fn thresholds(&self) -> Result<Thresholds, Mistake> {
        let failures = |promised: Option<u32>, path: &str| match promised {
            None => Ok(NOT_PROMISED),
            Some(share) => PPM_ONE.checked_sub(share).ok_or_else(|| {
                Mistake::new(path, format!("{share} is no share in ppm: 0 to {PPM_ONE}"))
            }),
        };
        let mean = |promised: Option<u32>, path: &str| match promised {
            None => Ok(NOT_PROMISED),
            Some(mean @ (0 | NOT_PROMISED)) => {
                let message =
                    format!("{mean} cannot be promised: 1 to {}, or null", NOT_PROMISED - 1);
                Err(Mistake::new(path, message))
            }
            Some(mean) => Ok(mean),
        };
        Ok(Thresholds {
            uptime_failures_ppm: failures(self.uptime, "terms.uptime")?,
            errors_ppm: failures(self.success, "terms.success")?,
            latency_us: mean(self.latency, "terms.latency")?,
            upload_kib_s: mean(self.upload, "terms.upload")?,
            download_kib_s: mean(self.download, "terms.download")?,
        })
    }
}

/// Which part of a scenario an error of its quote is about.
fn place_of(error: CoreError) -> &'static str {
    match error {
        CoreError::CapacityZero => "terms.size",
        CoreError::PriceBelowOneAtomPerWindow => "terms.price_per_gib_month",
        CoreError::WindowLengthInvalid => "terms.window",
        CoreError::WindowCountInvalid | CoreError::DurationOutsideOffer => "terms.windows",
        CoreError::CommitteeSizeInvalid => "terms.seats",
        CoreError::ProbeRateInvalid => "terms.probe_interval",
        _ => "terms",
    }
}

fn shortest_window() -> u32 {
    WINDOW_MIN_SECS_DEFAULT
}

fn day() -> u32 {
    DAY
}

fn three() -> u8 {
    3
}

fn minute() -> u32 {
    60
}
