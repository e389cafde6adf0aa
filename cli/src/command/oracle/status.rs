//! `flashback oracle status`: how an oracle's work stands.

use anyhow::Result;
use clap::Args;
use flashback_core::quality::{Aggregate, Verdict, evaluate};
use flashback_core::units::Timestamp;
use flashback_oracle::run::{seats, standing};
use flashback_oracle::store::{Filter, Store, Window};
use flashback_oracle::window::Closed;
use flashback_sdk::Flashback;
use flashback_sdk::account::SubjectKind;
use solana_sdk::pubkey::Pubkey;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// Of what.
#[derive(Debug, Args)]
pub struct Status {
    /// Where records are kept: a file or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "FILE_OR_URL", env = "FLASHBACK_STORE", hide_env_values = true)]
    store: String,
    /// The oracle's authority [default: the acting key]
    #[arg(value_name = "ORACLE", value_parser = quantity::address)]
    oracle: Option<Pubkey>,
    /// How many windows of each SLA are told, the latest first
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    windows: u16,
}

pub async fn run(status: &Status, settings: &Settings) -> Result<()> {
    let key = settings.key_or_own(status.oracle)?;
    let client = settings.reader()?;
    if !status.store.contains("://") && !std::path::Path::new(path_of(&status.store)).exists() {
        return Err(usage(format!(
            "there is no store at {}: `flashback oracle run` makes one",
            status.store
        )));
    }
    let store = Store::open(&status.store).await.map_err(|error| usage(error.to_string()))?;
    let now = client.now().await?;
    let report = told(&client, key, now).await?;
    let seats = seats::seats(&client, &key).await?;
    let mut rows = vec![];
    for seat in &seats {
        let filter = Filter { life: Some(seat.life), ..Filter::default() };
        let mut windows = store.windows(&filter).await?;
        windows.sort_by_key(|window| std::cmp::Reverse(window.key.window));
        windows.truncate(usize::from(status.windows));
        if windows.is_empty() {
            rows.push(unprobed(seat.life.sla, seat.seat));
        }
        for window in windows {
            let sums = match &window.submission {
                Some(submission) => submission.aggregate,
                None => *Closed::read(&store, &window.key).await?.aggregate(),
            };
            rows.push(row(seat, &window, &sums));
        }
    }
    let columns = [
        "sla",
        "seat",
        "window",
        "probing_rounds",
        "attempts",
        "probes_failed",
        "operations_failed",
        "verdict",
        "report",
    ];
    let stats = store.stats().await?;
    report
        .fact("records", stats.records)
        .fact("objects_left", stats.objects)
        .table("windows", columns, rows)
        .print(settings.output());
    store.close().await;
    Ok(())
}

/// The file that a store's URL names.
fn path_of(url: &str) -> &str {
    url.strip_prefix("sqlite:").unwrap_or(url)
}

/// How the oracle stands on chain.
async fn told(client: &Flashback, key: Pubkey, now: Timestamp) -> Result<Report> {
    let oracle = client.oracle(&key).await?;
    let certificate = client.certificate(SubjectKind::Oracle, &key).await?;
    let until = certificate.map(|certificate| Timestamp(certificate.expires_at));
    let params = client.config().await?.params;
    let dangers = standing::dangers(&oracle, until, &params, now);
    let rows = dangers.iter().map(|danger| [danger.to_string().into()]);
    let score = oracle.score().at(now).map_err(flashback_sdk::Error::from)?;
    Ok(Report::new("oracle's work")
        .fact("oracle_authority", key)
        .fact("chain_time", now)
        .fact("score", Fact::score(score.milli))
        .fact("free_stake", oracle.stake.free())
        .fact("seats_held", u64::from(oracle.seats))
        .table("dangers", ["danger"], rows.collect()))
}

fn row(seat: &seats::Seat, window: &Window, sums: &Aggregate) -> [Fact; 9] {
    let (terms, failed) = (&seat.terms, |total: u32, ok: u32| u64::from(total.saturating_sub(ok)));
    let verdict = match evaluate(sums, &terms.thresholds(), &terms.judgement()) {
        Ok(Verdict::Abstained) => "too few samples: an abstention",
        Ok(Verdict::Measured { shortfall, .. }) if shortfall.0 == 0 => "as promised",
        Ok(Verdict::Measured { .. }) => "less than promised",
        Err(_) => "too few samples",
    };
    [
        window.key.life.sla.into(),
        u64::from(seat.seat).into(),
        u64::from(window.key.window).into(),
        u64::from(window.opening.rounds).into(),
        u64::from(sums.attempts).into(),
        failed(sums.probes_total, sums.probes_ok).into(),
        failed(sums.ops_total, sums.ops_ok).into(),
        verdict.into(),
        Fact::untrusted(&window.state.to_string()),
    ]
}

fn unprobed(sla: Pubkey, seat: u8) -> [Fact; 9] {
    let none = || Fact::from(None::<u64>);
    let why = "not probed: sealed credentials?";
    [sla.into(), u64::from(seat).into(), none(), none(), none(), none(), none(), none(), why.into()]
}
