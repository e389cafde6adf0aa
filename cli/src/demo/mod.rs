//! `flashback demo`: a whole SLA on an embedded chain, with a report that proves itself.

mod expected;
mod ledger;
mod report;
mod scenario;
mod stage;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};
use flashback_core::units::Seconds;

use ledger::{BURNT, CONSUMER, TREASURY};
use scenario::{ORACLES, PROVIDERS};
use stage::Stage;

/// The shortest window of the demo's chain: the default of a real deployment.
const WINDOW_MIN: Seconds = Seconds(flashback_core::params::WINDOW_MIN_SECS_DEFAULT);

/// Arguments of `flashback demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Print the same as one last line of JSON (amounts in atoms, 10⁻⁶ FLASH)
    #[arg(long)]
    pub json: bool,
    /// The program's ELF [default: what `cargo xtask build` made]
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
}

/// Runs the demo. Fails if the chain's figures differ from core's, do not balance, or a vault is not solvent.
pub async fn run(args: DemoArgs) -> Result<()> {
    let started = Instant::now();
    let mut stage = Stage::open(args.program, WINDOW_MIN, started).await?;
    let sla = stage.reserve().await?;
    for k in 0..scenario::WINDOWS {
        stage.window(&sla, k).await?;
    }
    stage.settle_and_pay_out(&sla).await?;
    stage.close(&sla).await?;
    let ledger = stage.ledger().await?;

    let seats: Vec<&str> = sla.seats.iter().map(String::as_str).collect();
    let expected = expected::ledger(&seats, WINDOW_MIN)?;
    let matches_core = ledger == expected;
    let solvent = stage.solvent();
    let mut order = vec![CONSUMER];
    order.extend(PROVIDERS.iter().chain(&ORACLES));
    order.extend([TREASURY, BURNT]);
    println!("\n{}", report::table(&ledger, &order));
    println!("{}", report::conclusion(&ledger, solvent, matches_core));
    let seconds = (started.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    println!("{} transactions in {seconds} seconds.", stage.transactions());
    if args.json {
        let summary = report::Summary {
            program: flashback_sdk::address::PROGRAM.to_string(),
            sla: sla.address.to_string(),
            ledger: &ledger,
            total: ledger.total(),
            matches_core,
            solvent,
            transactions: stage.transactions(),
            seconds,
        };
        println!("{}", serde_json::to_string(&summary)?);
    }
    let contradictions = ledger.contradictions();
    ensure!(contradictions.is_empty(), "the figures do not balance: {}", contradictions.join("; "));
    ensure!(matches_core, "the chain's figures differ from core's:\n{ledger:#?}\n{expected:#?}");
    ensure!(solvent, "the chain did not say that its vaults are solvent");
    Ok(())
}
