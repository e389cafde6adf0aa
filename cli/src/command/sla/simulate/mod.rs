//! `flashback sla simulate`: what an SLA would come to, by the program's own rules and without a chain.
//!
//! | module | what |
//! | --- | --- |
//! | [`scenario`] | the JSON that is read: terms, and what is wrong with it |
//! | [`crate::parameters`] | its parameters |
//! | [`figures`] | its submissions |
//! | [`simulation`] | core runs it |
//! | [`report`] | what is answered |

mod figures;
mod report;
mod scenario;
mod simulation;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::exit::usage;
use crate::output::Report;
use scenario::Scenario;

/// The path that stands for standard input.
const STDIN: &str = "-";

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
    let (name, text) = read(&args.scenario)?;
    let scenario = Scenario::parse(&text).map_err(simulation::refused);
    let simulation = scenario.and_then(|scenario| simulation::run(&scenario)).context(name)?;
    report::report(&simulation)
}

/// The name and the text of a scenario.
fn read(path: &Path) -> Result<(String, String)> {
    if path == Path::new(STDIN) {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| usage(format!("cannot read standard input: {error}")))?;
        return Ok(("standard input".to_owned(), text));
    }
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path);
    text.map(|text| (name.clone(), text))
        .map_err(|error| usage(format!("cannot read {name}: {error}")))
}
