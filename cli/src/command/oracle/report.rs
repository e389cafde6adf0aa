//! `flashback oracle report`: figures typed by hand.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use flashback_core::quality::{Aggregate, NOT_PROMISED, Verdict, evaluate};
use flashback_core::sla::{SeatStatus, SlaTerms};
use flashback_core::units::Timestamp;
use flashback_sdk::account::Sla;
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use super::reports;
use crate::act::{Act, Outcome};
use crate::command::since::since;
use crate::exit::{refused, usage};
use crate::mistake::Mistake;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;
use crate::submission::{self, Count, Mean};

/// What was measured.
#[derive(Debug, Args)]
pub struct Figures {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address, required_unless_present = "file")]
    sla: Option<Pubkey>,
    /// Report several SLAs at once: a JSON array of reports (docs/reports.md); `-`: from standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "sla", "window", "probes", "failed_probes", "failed_operations", "latency", "upload", "download", "root"
        ]
    )]
    file: Option<PathBuf>,
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
            let ok = samples.checked_sub(failures);
            let ok =
                ok.ok_or_else(|| usage(format!("{what} cannot exceed the {samples} probes")))?;
            Ok::<_, anyhow::Error>(Some(Count { ok, total: samples }))
        };
        // Typed means stand for all samples, whatever has failed.
        let mean = |given: Option<u32>| {
            let given = given.filter(|mean| *mean != NOT_PROMISED)?;
            Some(Mean::Sum { sum: u64::from(samples) * u64::from(given), count: samples })
        };
        let figures = submission::Figures {
            attempts: Some(samples),
            probes: successes(self.failed_probes, "--failed-probes")?,
            operations: successes(self.failed_operations, "--failed-operations")?,
            latency: mean(self.latency),
            upload: mean(self.upload),
            download: mean(self.download),
        };
        let missing = |mistake: Mistake| {
            let flag = mistake.path;
            usage(format!("the terms promise {flag}: name what was measured with --{flag}"))
        };
        figures.aggregate(terms).map_err(missing)
    }
}

pub async fn run(figures: &Figures, settings: &Settings) -> Result<()> {
    match (&figures.file, figures.sla) {
        (Some(file), _) => reports::run(file, settings).await,
        (None, Some(sla)) => one(sla, figures, settings).await,
        (None, None) => Err(usage("name an SLA, or a file of reports with --file")),
    }
}

async fn one(address: Pubkey, figures: &Figures, settings: &Settings) -> Result<()> {
    let client = settings.client()?;
    let (act, window) = report(&client, address, figures).await?;
    let Outcome { report, slot, .. } = act.perform(settings).await?;
    let report = match slot {
        Some(slot) => with_seats(&client, report, &address, window, slot).await,
        None => report,
    };
    report.print(settings.output());
    Ok(())
}

/// Adds how many seats have reported since that slot, or why it cannot be read: this one has all the same.
async fn with_seats(
    client: &Flashback,
    report: Report,
    address: &Pubkey,
    window: u16,
    slot: u64,
) -> Report {
    let sla: Sla = match since(client, address, slot).await {
        Ok(sla) => sla,
        Err(why) => return report.fact("seats_unread", Fact::untrusted(&why.to_string())),
    };
    let reported = (0..sla.seats.len())
        .filter(|seat| sla.body.round.status_in(window, *seat) != SeatStatus::Absent);
    let reported = u64::try_from(reported.count()).unwrap_or(u64::MAX);
    report.fact("seats_reported", reported).fact("seats", u64::from(sla.body.terms.seats))
}

/// The report, and of which window it is.
async fn report(client: &Flashback, address: Pubkey, figures: &Figures) -> Result<(Act, u16)> {
    let terms = client.sla(&address).await?.body.terms;
    let window = figures.window_of(&terms, client.now().await?)?;
    let aggregate = figures.aggregate(&terms)?;
    let verdict = evaluate(&aggregate, &terms.thresholds(), &terms.judgement());
    let (finding, shortfall) = finding(verdict.map_err(Error::from)?);
    let args = SubmitReportArgs { window, aggregate, root: figures.root.unwrap_or_default() };
    let act = Act::new("reported", client.submit_report(&address, args))
        .fact("sla", address)
        .fact("window", u64::from(window))
        .fact("finding", finding);
    let act = match shortfall {
        Some(shortfall) => act.fact("shortfall_ppm", shortfall),
        None => act,
    };
    Ok((act, window))
}

/// What the program makes of figures, and how far they fall short, in ppm.
pub fn finding(verdict: Verdict) -> (&'static str, Option<u64>) {
    match verdict {
        Verdict::Abstained => ("too few samples: an abstention", None),
        Verdict::Measured { shortfall, .. } if shortfall.0 == 0 => ("as promised", Some(0)),
        Verdict::Measured { shortfall, .. } => ("less than promised", Some(u64::from(shortfall.0))),
    }
}

/// The latest window that has ended.
pub fn latest_ended(terms: &SlaTerms, now: Timestamp) -> Option<u16> {
    let windows = 0..terms.windows;
    windows.rev().find(|k| terms.report_opens(*k).is_ok_and(|opens| opens <= now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted;

    #[tokio::test]
    async fn a_report_that_landed_is_told_also_if_its_sla_cannot_be_read() {
        let told = async |client: &Flashback| {
            let report = Report::new("reported");
            with_seats(client, report, &Pubkey::new_unique(), 0, 90).await.json()
        };
        let down = told(&scripted::gone()).await;
        assert_eq!(down["result"], "reported");
        assert!(down["seats_unread"].as_str().unwrap().contains("cannot be reached"), "{down}");
        // One that lags has no such SLA, unless that slot is asked for.
        let lagging = scripted::client(|_, params| {
            let wanted = params[1]["minContextSlot"].as_u64().unwrap_or_default();
            Ok(scripted::accounts(90, &[(wanted >= 90).then(|| scripted::sla(Some(1)))]))
        });
        assert_eq!(told(&lagging).await["seats_reported"], 1);
    }

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
            sla: Some(Pubkey::default()),
            file: None,
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
        assert_eq!((aggregate.latency_count, aggregate.ops_ok), (1_440, 1_440));
        let failed = Figures { failed_operations: 40, ..figures() }.aggregate(&terms()).unwrap();
        assert_eq!((failed.latency_count, failed.ops_ok), (1_440, 1_400));
        for latency in [None, Some(NOT_PROMISED)] {
            let silent = Figures { latency, ..figures() }.aggregate(&terms()).unwrap_err();
            assert!(silent.to_string().contains("with --latency"), "{silent}");
        }
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
