//! `flashback oracle key`: the key that consumers seal credentials to.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use flashback_oracle::credentials::OracleKey;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum KeyAction {
    /// Make a key, in a new file that only its owner may read; a file that exists is never replaced
    New {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show a key's public half, for `flashback oracle register --x25519`
    Show {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub fn run(action: &KeyAction, settings: &Settings) -> Result<()> {
    let wrong = |error: flashback_oracle::credentials::Error| usage(error.to_string());
    let (title, key, file) = match action {
        KeyAction::New { file } => {
            let key = OracleKey::generate();
            key.save(file).map_err(wrong)?;
            ("key made: keep its file, what is sealed to it cannot be opened without", key, file)
        }
        KeyAction::Show { file } => ("key", OracleKey::load(file).map_err(wrong)?, file),
    };
    Report::new(title)
        .fact("file", file.display().to_string())
        .fact("x25519", Fact::digest(&key.public()))
        .print(settings.output());
    Ok(())
}
