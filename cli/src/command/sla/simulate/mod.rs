//! `flashback sla simulate`: what an SLA would come to, by the program's own rules and without a chain.
//!
//! | module | what |
//! | --- | --- |
//! | [`scenario`] | the JSON that is read: terms, and what is wrong with it |
//! | [`crate::parameters`] | its parameters |
//! | [`crate::submission`] | its submissions |
//! | [`simulation`] | core runs it |
//! | [`report`] | what is answered |

mod report;
mod scenario;
mod simulation;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::document;
use crate::output::Report;
use scenario::Scenario;

/// Which scenario.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The scenario, as JSON (docs/scenario.md); `-`: from standard input
    #[arg(value_name = "FILE")]
    scenario: PathBuf,
}

/// Simulates a scenario.
///
/// # Errors
/// Wrong usage for a scenario that cannot be read or could not happen.
pub fn simulate(args: &Simulate) -> Result<Report> {
    let (name, text) = document::read(&args.scenario)?;
    let scenario = Scenario::parse(&text).map_err(simulation::refused);
    let simulation = scenario.and_then(|scenario| simulation::run(&scenario)).context(name)?;
    report::report(&simulation)
}
