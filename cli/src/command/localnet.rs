//! `flashback localnet`: an embedded chain with a market, until Ctrl-C.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use flashback_core::params::WINDOW_MAX_SECS;
use flashback_core::units::{Seconds, Timestamp};
use flashback_localnet::elf::ProgramElf;
use flashback_localnet::{Localnet, LocalnetConfig, Market, MarketConfig, travel};
use flashback_sdk::address;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer, write_keypair_file};

use crate::arguments::OutputFormat;
use crate::exit::usage;
use crate::output::Report;
use crate::quantity;
use crate::settings::Settings;

/// Marks a folder as ours to overwrite.
const MARKER: &str = "flashback-localnet.json";

/// How to run the chain.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LocalnetArgs {
    #[command(subcommand)]
    action: Option<LocalnetAction>,
    /// Folder for the actors' keypairs and a configuration [default: a new temporary one]
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// The program's ELF [default: what `cargo xtask build` made]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Length of a slot in milliseconds; a committee has to be seated within 512 slots
    #[arg(long, value_name = "MS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(10..=10_000))]
    slot_ms: u64,
    /// Shortest window of an SLA
    #[arg(long, value_name = "SPAN", default_value = "20s", value_parser = window_min)]
    window_min: Seconds,
    /// Time from seating a committee to the first window
    #[arg(long, value_name = "SPAN", default_value = "1h", value_parser = quantity::duration)]
    access_delay: Seconds,
}

/// The shortest window that a deployment may allow: 4 seconds to 7 days.
fn window_min(text: &str) -> Result<Seconds, String> {
    match quantity::duration(text)? {
        length if (4..=WINDOW_MAX_SECS).contains(&length.0) => Ok(length),
        _ => Err(format!("`{text}` is not from 4s to 7d")),
    }
}

#[derive(Debug, Subcommand)]
pub enum LocalnetAction {
    /// Move the running chain's clock forward
    Travel {
        /// By how much
        #[arg(value_name = "SPAN", value_parser = quantity::duration)]
        by: Seconds,
    },
}

pub async fn run(args: LocalnetArgs, settings: &Settings) -> Result<()> {
    match args.action {
        Some(LocalnetAction::Travel { by }) => travel_by(by, settings).await,
        None => serve(args, settings).await,
    }
}

async fn travel_by(by: Seconds, settings: &Settings) -> Result<()> {
    let client = settings.reader()?;
    let before = client.now().await?;
    let wanted: Timestamp = before.after(u64::from(by.0))?;
    travel(&client, wanted).await?;
    Report::new("travelled")
        .fact("chain_time_before", before)
        .fact("chain_time", client.now().await?)
        .print(settings.output());
    Ok(())
}

async fn serve(args: LocalnetArgs, settings: &Settings) -> Result<()> {
    if let Some(dir) = &args.dir {
        check_ours(dir)?;
        check_not_running(dir)?;
    }
    let program = ProgramElf::path_or_find(args.program).read();
    let program = program.map_err(|why| usage(format!("{why:#}")))?;
    let mut config = LocalnetConfig {
        program: ProgramElf::Bytes(program),
        slot_time_ms: args.slot_ms,
        window_min: args.window_min,
        ..LocalnetConfig::default()
    };
    config.params.access_delay_secs = args.access_delay.0;
    let localnet = Localnet::start(config).await?;
    let market = Market::open(localnet.deployment(), MarketConfig::default()).await?;
    let folder = create_folder(args.dir)?;
    let report = describe(&localnet, &market, &folder);
    write(&localnet, &market, &folder).context("the folder's files were not written")?;
    std::fs::write(folder.join(MARKER), format!("{:#}\n", report.json()))?;
    report.print(settings.output());
    if settings.output() == OutputFormat::Display {
        print!("{}", session(&folder, &market));
    }
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be awaited")
}

/// Refuses a folder with files that are not ours.
fn check_ours(folder: &Path) -> Result<()> {
    let ours = match std::fs::read_dir(folder) {
        Ok(mut files) => files.next().is_none() || folder.join(MARKER).is_file(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    ensure!(
        ours,
        usage(format!("{} is no empty folder: name another with --dir", folder.display()))
    );
    Ok(())
}

/// Refuses a folder whose chain still answers: its files would point to another chain.
fn check_not_running(folder: &Path) -> Result<()> {
    let Some(address) = recorded_address(folder) else { return Ok(()) };
    let answers = TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
    ensure!(
        !answers,
        usage(format!(
            "the chain of {} still answers at {address}: end it with Ctrl-C, or name another folder with --dir",
            folder.display()
        ))
    );
    Ok(())
}

/// Where the chain that wrote a folder listened.
fn recorded_address(folder: &Path) -> Option<SocketAddr> {
    let text = std::fs::read_to_string(folder.join(MARKER)).ok()?;
    let record: serde_json::Value = serde_json::from_str(&text).ok()?;
    record.get("rpc_url")?.as_str()?.strip_prefix("http://")?.trim_end_matches('/').parse().ok()
}

/// Creates the given folder, or a new temporary one.
fn create_folder(given: Option<PathBuf>) -> Result<PathBuf> {
    let folder = given.unwrap_or_else(|| {
        std::env::temp_dir().join(format!("flashback-localnet-{}", std::process::id()))
    });
    std::fs::create_dir_all(&folder)
        .map_err(|why| usage(format!("cannot create the folder {}: {why}", folder.display())))?;
    Ok(folder.canonicalize()?)
}

fn describe(localnet: &Localnet, market: &Market, folder: &Path) -> Report {
    let oracles: Vec<Pubkey> = market.oracles.iter().map(|oracle| oracle.key()).collect();
    let provider = address::provider(&market.provider.key());
    Report::new("Flashback runs on an embedded chain")
        .fact("rpc_url", localnet.rpc_url())
        .fact("websocket_url", localnet.ws_url())
        .fact("folder", folder.display().to_string())
        .fact("program", address::PROGRAM)
        .fact("flash_mint", localnet.deployment().mint())
        .fact("config", address::config())
        .fact("authority", localnet.deployment().authority().pubkey())
        .fact("certifier_authority", market.certifier.key())
        .fact("provider", provider)
        .fact("provider_authority", market.provider.key())
        .fact("unit", address::unit(&provider, market.unit_id))
        .fact("consumer", market.consumer.key())
        .fact("newcomer", market.newcomer.key())
        .fact("oracle_authorities", oracles)
}

fn write(localnet: &Localnet, market: &Market, folder: &Path) -> Result<()> {
    write_keypair(folder, "authority", localnet.deployment().authority())?;
    for actor in market.actors() {
        write_keypair(folder, &actor.name, &actor.keypair)?;
    }
    let config = solana_cli_config::Config {
        json_rpc_url: localnet.rpc_url().to_owned(),
        websocket_url: localnet.ws_url().to_owned(),
        keypair_path: keypair_path(folder, "consumer").display().to_string(),
        address_labels: Default::default(),
        commitment: "confirmed".to_owned(),
    };
    let path = folder.join("config.yml");
    config.save(path.to_str().context("the folder's name is no valid text")?)?;
    Ok(())
}

fn keypair_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

/// Writes a keypair that only its owner can read.
fn write_keypair(folder: &Path, name: &str, keypair: &Keypair) -> Result<()> {
    let path = keypair_path(folder, name);
    if path.exists() {
        // A new file gets the right permissions.
        std::fs::remove_file(&path)?;
    }
    let written = write_keypair_file(keypair, &path);
    written.map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    Ok(())
}

/// Commands to paste into another terminal.
fn session(folder: &Path, market: &Market) -> String {
    let dir = folder.display();
    let provider = market.provider.key();
    let unit = market.unit_id;
    let sla = address::sla(&market.consumer.key(), 1);
    format!(
        "
In another terminal (the consumer acts unless -k says otherwise):
  export FLASHBACK_CONFIG={dir}/config.yml
  flashback sla propose --provider {provider} --unit {unit} --size 1TiB --for 3d --window 1d --seat
  flashback sla show {sla}
  flashback localnet travel 1d2h
  for o in 1 2 3 4 5; do flashback oracle report {sla} -k {dir}/oracle-$o.json \\
    --latency 50ms --upload 80MiB/s --download 80MiB/s; done   # the two that are not seated are refused
  flashback localnet travel 12h
  flashback sla settle {sla}
  flashback sla withdraw {sla} -k {dir}/provider.json
  flashback sla show {sla}

Ctrl-C ends the chain.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_running_chains_folder_is_refused() {
        let name = format!("flashback-localnet-test-{}", std::process::id());
        let folder = create_folder(Some(std::env::temp_dir().join(name))).unwrap();
        check_not_running(&folder).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let record = Report::new("running").fact("rpc_url", url).json();
        std::fs::write(folder.join(MARKER), record.to_string()).unwrap();
        let refused = check_not_running(&folder).unwrap_err().to_string();
        assert!(refused.contains("still answers"), "{refused}");
        drop(listener);
        check_not_running(&folder).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }
}
