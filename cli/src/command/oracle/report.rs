//! `flashback oracle report`: figures typed by hand.

use anyhow::Result;
use clap::Args;
use flashback_core::quality::{Aggregate, NOT_PROMISED, Verdict, evaluate};
use flashback_core::sla::{SeatStatus, SlaTerms};
use flashback_core::units::Timestamp;
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::exit::{refused, usage};
use crate::quantity;
use crate::settings::Settings;

/// What was measured.
#[derive(Debug, Args)]
pub struct Figures {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address)]
    sla: Pubkey,
    /// The window, counted from 0 [default: the latest that has ended]
    #[arg(long, value_name = "NUMBER")]
    window: Option<u16>,
    /// Availability probes, and samples of everything else [default: as many as agreed]
    #[arg(long, value_name = "COUNT")]
    probes: Option<u32>,
    /// Of them, those that found the service down
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    failed_probes: u32,
    /// Operations that failed
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    failed_operations: u32,
    /// Mean latency; needed if one is promised
    #[arg(long, value_name = "TIME", value_parser = quantity::latency)]
    latency: Option<u32>,
    /// Mean upload speed; needed if one is promised
    #[arg(long, value_name = "SPEED", value_parser = quantity::speed)]
    upload: Option<u32>,
    /// Mean download speed; needed if one is promised
    #[arg(long, value_name = "SPEED", value_parser = quantity::speed)]
    download: Option<u32>,
    /// Root of the records' tree [default: zeros, which stand for no records]
    #[arg(long, value_name = "HEX", value_parser = quantity::digest)]
    root: Option<[u8; 32]>,
}

impl Figures {
    /// Which window is meant, at `now`.
    fn window_of(&self, terms: &SlaTerms, now: Timestamp) -> Result<u16> {
        let window = self.window.or_else(|| latest_ended(terms, now));
        window.ok_or_else(|| refused("no window of this SLA has ended yet"))
    }

    fn aggregate(&self, terms: &SlaTerms) -> Result<Aggregate> {
        let samples = self.probes.unwrap_or(terms.probes);
        let successes = |failures: u32, what: &str| {
            samples
                .checked_sub(failures)
                .ok_or_else(|| usage(format!("{what} cannot exceed the {samples} probes")))
        };
        let mean = |given: Option<u32>, promised: u32, flag: &str| match given {
            Some(NOT_PROMISED) | None if promised != NOT_PROMISED => {
                Err(usage(format!("the terms promise this: name what was measured with --{flag}")))
            }
            Some(NOT_PROMISED) | None => Ok((0, 0)),
            Some(mean) => Ok((samples, u64::from(samples) * u64::from(mean))),
        };
        let (latency_count, latency_sum_us) = mean(self.latency, terms.latency_us, "latency")?;
        let (upload_count, upload_sum_kib_s) = mean(self.upload, terms.upload_kib_s, "upload")?;
        let (download_count, download_sum_kib_s) =
            mean(self.download, terms.download_kib_s, "download")?;
        Ok(Aggregate {
            attempts: samples,
            probes_total: samples,
            probes_ok: successes(self.failed_probes, "--failed-probes")?,
            ops_total: samples,
            ops_ok: successes(self.failed_operations, "--failed-operations")?,
            latency_count,
            upload_count,
            download_count,
            latency_sum_us,
            upload_sum_kib_s,
            download_sum_kib_s,
        })
    }
}

pub async fn run(figures: &Figures, settings: &Settings) -> Result<()> {
    let client = settings.client()?;
    let (act, window) = report(&client, figures).await?;
    let outcome = act.perform(settings).await?;
    let mut report = outcome.report;
    if outcome.done {
        let sla = client.sla(&figures.sla).await?;
        let reported = (0..sla.seats.len())
            .filter(|seat| sla.body.round.status_in(window, *seat) != SeatStatus::Absent)
            .count();
        report = report
            .fact("seats_reported", u64::try_from(reported)?)
            .fact("seats", u64::from(sla.body.terms.seats));
    }
    report.print(settings.output());
    Ok(())
}

/// The report, and of which window it is.
async fn report(client: &Flashback, figures: &Figures) -> Result<(Act, u16)> {
    let terms = client.sla(&figures.sla).await?.body.terms;
    let window = figures.window_of(&terms, client.now().await?)?;
    let aggregate = figures.aggregate(&terms)?;
    let verdict = evaluate(&aggregate, &terms.thresholds(), &terms.judgement());
    let (finding, shortfall) = match verdict.map_err(Error::from)? {
        Verdict::Abstained => ("too few samples: an abstention", None),
        Verdict::Measured { shortfall, .. } if shortfall.0 == 0 => ("as promised", Some(0)),
        Verdict::Measured { shortfall, .. } => ("less than promised", Some(shortfall.0)),
    };
    let args = SubmitReportArgs { window, aggregate, root: figures.root.unwrap_or_default() };
    let act = Act::new("reported", client.submit_report(&figures.sla, args))
        .fact("sla", figures.sla)
        .fact("window", u64::from(window))
        .fact("finding", finding);
    let act = match shortfall {
        Some(shortfall) => act.fact("shortfall_ppm", u64::from(shortfall)),
        None => act,
    };
    Ok((act, window))
}

/// The latest window that has ended.
fn latest_ended(terms: &SlaTerms, now: Timestamp) -> Option<u16> {
    let windows = 0..terms.windows;
    windows.rev().find(|k| terms.report_opens(*k).is_ok_and(|opens| opens <= now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> SlaTerms {
        use flashback_core::params::Params;
        use flashback_core::sla::{Quote, Request};
        use flashback_core::units::{Gib, Seconds};
        let offer = flashback_localnet::default_offer();
        let request = Request {
            gib: Gib(1024).0,
            max_total: u64::MAX,
            offer_version: offer.version,
            window_secs: 86_400,
            windows: 3,
            seats: 3,
            thresholds: offer.thresholds,
        };
        let quote = Quote::new(&Params::default(), &offer, &request, Seconds(3_600)).unwrap();
        SlaTerms { start: 1_000, ..quote.terms }
    }

    fn figures() -> Figures {
        Figures {
            sla: Pubkey::default(),
            window: None,
            probes: None,
            failed_probes: 0,
            failed_operations: 0,
            latency: Some(50_000),
            upload: Some(60_000),
            download: Some(60_000),
            root: None,
        }
    }

    #[test]
    fn typed_means_become_sums() {
        let aggregate = figures().aggregate(&terms()).unwrap();
        assert_eq!(aggregate.attempts, 1_440);
        assert_eq!(aggregate.latency_sum_us, 1_440 * 50_000);
        assert!(Figures { latency: None, ..figures() }.aggregate(&terms()).is_err());
        assert!(Figures { failed_probes: 1_441, ..figures() }.aggregate(&terms()).is_err());
    }

    #[test]
    fn the_latest_ended_window_is_meant() {
        let terms = terms();
        assert_eq!(latest_ended(&terms, Timestamp(1_000 + 86_399)), None);
        assert_eq!(latest_ended(&terms, Timestamp(1_000 + 86_400)), Some(0));
        assert_eq!(latest_ended(&terms, Timestamp(i64::MAX)), Some(2));
    }
}
