//! Reserves storage and sees it through: `cargo run -p flashback-example-consumer -- --help`.

use std::process::ExitCode;

use clap::Parser;
use flashback_example_consumer::{Config, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Config::parse(), |line| println!("{line}")).await {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
