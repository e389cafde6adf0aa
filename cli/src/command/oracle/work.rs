//! `flashback oracle run`: an oracle at work.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use flashback_core::units::Seconds;
use flashback_oracle::credentials::OracleKey;
use flashback_oracle::run::probing::ProbeConfig;
use flashback_oracle::run::{Config, Oracle, RETENTION_MIN};
use flashback_oracle::store::Store;
use flashback_oracle::target::{Limits, PlainHttp};
use tokio::sync::watch;

use crate::exit::usage;
use crate::output::Report;
use crate::quantity;
use crate::settings::Settings;

/// How to work.
#[derive(Debug, Args)]
pub struct Work {
    /// The file of the X25519 key that consumers seal to: `flashback oracle key new` makes one
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The folder that consumers' sealed files are put into; looked at again and again
    #[arg(long, value_name = "FOLDER")]
    credentials: PathBuf,
    /// Where records are kept: a file, made if need be, or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "FILE_OR_URL", env = "FLASHBACK_STORE", hide_env_values = true)]
    store: String,
    /// Where records (/v1/records), /health and /metrics are served: the oracle's records URL has to lead here
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Rounds of a window that move a whole object up and down, unless an SLA's terms need more
    #[arg(long, value_name = "COUNT", default_value_t = 48)]
    transfers: u32,
    /// Size of the objects that are moved, in KiB: 4 to 65536
    #[arg(long, value_name = "KIB", default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(4..=65_536))]
    object_kib: u32,
    /// Most bytes of objects moved for an SLA in a window, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..))]
    budget_mib: u32,
    /// The longest that a request may take: 1s to 60s
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = timeout)]
    timeout: Seconds,
    /// Rounds that may run at once, of all SLAs
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    at_once: u32,
    /// How often seats, challenges and what is to be reported are looked at: 1s or more
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = look)]
    look: Seconds,
    /// For how long records of reported windows are kept one by one: 15d or more; then hourly sums stay
    #[arg(long, value_name = "SPAN", default_value = "90d", value_parser = retention)]
    retention: Seconds,
    /// Probe storage without TLS too
    #[arg(long)]
    allow_http: bool,
    /// How to log, to standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log: LogFormat,
}

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

fn timeout(text: &str) -> Result<Seconds, String> {
    within(text, Seconds(1), Seconds(60), "from 1s to 60s")
}

fn look(text: &str) -> Result<Seconds, String> {
    within(text, Seconds(1), Seconds(3_600), "from 1s to 1h")
}

fn retention(text: &str) -> Result<Seconds, String> {
    within(
        text,
        RETENTION_MIN,
        Seconds(u32::MAX),
        "15d or more, since windows can be contested so long",
    )
}

fn within(text: &str, least: Seconds, most: Seconds, right: &str) -> Result<Seconds, String> {
    match quantity::duration(text)? {
        span if span.0 < least.0 || span.0 > most.0 => Err(format!("`{text}` is not {right}")),
        span => Ok(span),
    }
}

impl Work {
    fn config(&self) -> Config {
        let plain_http = if self.allow_http { PlainHttp::Anywhere } else { PlainHttp::Never };
        let timeout = Duration::from_secs(u64::from(self.timeout.0));
        Config {
            credentials: self.credentials.clone(),
            listen: self.listen,
            probing: ProbeConfig {
                transfers: self.transfers,
                object_bytes: self.object_kib.saturating_mul(1_024),
                budget_bytes: u64::from(self.budget_mib).saturating_mul(1_024 * 1_024),
                limits: Limits { timeout, plain_http },
            },
            turns: usize::try_from(self.at_once).unwrap_or(usize::MAX),
            look: Duration::from_secs(u64::from(self.look.0)),
            retention: self.retention,
        }
    }
}

pub async fn run(work: &Work, settings: &Settings) -> Result<()> {
    settings.refuse_modes()?;
    let key = OracleKey::load(&work.key).map_err(|error| usage(error.to_string()))?;
    let client = settings.client()?;
    log_as(work.log);
    let store = Store::open(&work.store).await.map_err(|error| usage(error.to_string()))?;
    let database = store.dialect().name();
    let oracle = Oracle::start(client.clone(), key, store.clone(), work.config()).await?;
    Report::new("oracle at work, until Ctrl-C")
        .fact("oracle_authority", client.key())
        .fact("listening", oracle.address().to_string())
        .fact("database", database)
        .print(settings.output());
    let (stop, stopped) = watch::channel(false);
    let asked = tokio::spawn(async move {
        if terminated().await.is_ok() {
            let _ = stop.send(true);
        }
    });
    let ran = oracle.run(stopped).await;
    asked.abort();
    store.close().await;
    Ok(ran?)
}

/// Logs to standard error from now on.
fn log_as(format: LogFormat) {
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_target(false);
    // A second call in one process changes nothing.
    let _ = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// Ctrl-C, or the signal by which services are stopped.
async fn terminated() -> Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate()).context("signals cannot be awaited")?;
        tokio::select! {
            asked = tokio::signal::ctrl_c() => asked.context("Ctrl-C cannot be awaited"),
            _ = term.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be awaited")
}
