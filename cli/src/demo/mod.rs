//! `flashback demo`: a market on an embedded chain, with a report that proves itself.
//!
//! Three providers of different quality promise one consumer the same. The good one keeps its promise and is renewed;
//! an oracle that lies about it is proven wrong by its own records. The mediocre one is breached, left unmeasured and
//! saved once by a dispute; an oracle without records is challenged in vain. The bad one pays its whole cover, shuts
//! its oracles out and is left.
//!
//! | module | what |
//! | --- | --- |
//! | [`scenario`] | what happens: the only inputs |
//! | [`records`] | what oracles record of it |
//! | [`stage`] | it happens on a chain, whose balances [`books`] reads |
//! | [`expected`] | core alone says what it has to come to |
//! | [`ledger`] | the figures of either |

mod books;
mod expected;
mod ledger;
mod records;
mod report;
mod scenario;
mod stage;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};
use flashback_core::units::Seconds;

use scenario::{Sla, WEEK};
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
    stage.reserve(&Sla::FIRST_WEEK).await?;
    for day in 0..WEEK {
        stage.day(day).await?;
    }
    stage.renew(Sla::Good, Sla::Renewed).await?;
    stage.quiet_week().await?;
    stage.pay_out().await?;
    stage.close().await?;
    let ledger = stage.ledger().await?;

    let expected = expected::ledger(&stage.committees(), WINDOW_MIN)?;
    let matches_core = ledger == expected;
    let solvent = stage.solvent();
    println!("\n{}\n{}", report::slas(&ledger), report::parties(&ledger));
    println!("{}", report::findings(&ledger));
    println!("{}", report::conclusion(&ledger, solvent, matches_core));
    let seconds = (started.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    println!("{} transactions in {seconds} seconds.", stage.transactions());
    if args.json {
        let addresses = stage.addresses();
        let summary = report::Summary {
            program: flashback_sdk::address::PROGRAM.to_string(),
            sla: addresses.first().cloned().unwrap_or_default(),
            addresses,
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
