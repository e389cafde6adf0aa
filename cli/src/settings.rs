//! Which server, and as whom: from flags, else from the Solana configuration.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flashback_sdk::Flashback;
use solana_cli_config::Config;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer, read_keypair_file};

use crate::arguments::{GlobalArguments, OutputFormat};
use crate::exit::usage;

/// The server where nothing else is said: a chain on this machine.
const LOCALHOST: &str = "http://127.0.0.1:8899";

/// The resolved global options. Files are read when first needed.
pub struct Settings {
    global: GlobalArguments,
    file: OnceCell<Option<Config>>,
}

impl Settings {
    pub fn new(global: GlobalArguments) -> Self {
        Self { global, file: OnceCell::new() }
    }

    /// How to print.
    pub fn output(&self) -> OutputFormat {
        self.global.output
    }

    /// The RPC server's URL.
    pub fn url(&self) -> Result<String> {
        let url = match &self.global.url {
            Some(url) => url.clone(),
            None => match self.file()? {
                Some(config) if !config.json_rpc_url.is_empty() => config.json_rpc_url.clone(),
                _ => LOCALHOST.to_owned(),
            },
        };
        let url = expand(&url);
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(usage(format!(
                "`{url}` is no URL: use http://… or https://…, or one of l, d, t, m"
            )));
        }
        Ok(url)
    }

    /// A client that acts as the configured key.
    pub fn client(&self) -> Result<Flashback> {
        Ok(Flashback::new(self.url()?, self.keypair()?))
    }

    /// A client that only reads.
    pub fn reader(&self) -> Result<Flashback> {
        Ok(Flashback::new(self.url()?, Keypair::new()))
    }

    /// The given key, else the configured one's.
    pub fn key_or_own(&self, key: Option<Pubkey>) -> Result<Pubkey> {
        match key {
            Some(key) => Ok(key),
            None => Ok(self.keypair()?.pubkey()),
        }
    }

    fn keypair(&self) -> Result<Keypair> {
        let path = match &self.global.keypair {
            Some(path) => path.clone(),
            None => match self.file()? {
                Some(config) if !config.keypair_path.is_empty() => {
                    PathBuf::from(&config.keypair_path)
                }
                _ => home()?.join(".config/solana/id.json"),
            },
        };
        read_keypair_file(&path).map_err(|error| {
            usage(format!(
                "cannot read a keypair from {}: {error}; name another with --keypair, or make one with \
                 `solana-keygen new`",
                path.display()
            ))
        })
    }

    fn file(&self) -> Result<Option<&Config>> {
        if self.file.get().is_none() {
            let read = self.read_file()?;
            let _ = self.file.set(read);
        }
        Ok(self.file.get().and_then(Option::as_ref))
    }

    fn read_file(&self) -> Result<Option<Config>> {
        match &self.global.config {
            Some(path) => load(path).map(Some),
            None => {
                let path = home()?.join(".config/solana/cli/config.yml");
                if path.is_file() { load(&path).map(Some) } else { Ok(None) }
            }
        }
    }
}

fn load(path: &Path) -> Result<Config> {
    let text = path.to_str().context("the configuration's path is no valid text")?;
    Config::load(text).map_err(|error| {
        usage(format!("cannot read the Solana configuration {}: {error}", path.display()))
    })
}

fn home() -> Result<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    home.map(PathBuf::from).ok_or_else(|| {
        usage("HOME is not set: name a server with --url and a keypair with --keypair".to_owned())
    })
}

/// The URL of a moniker, as the Solana tools have them.
fn expand(url_or_moniker: &str) -> String {
    match url_or_moniker {
        "l" | "localhost" => LOCALHOST,
        "d" | "devnet" => "https://api.devnet.solana.com",
        "t" | "testnet" => "https://api.testnet.solana.com",
        "m" | "mainnet-beta" => "https://api.mainnet-beta.solana.com",
        url => url,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> Settings {
        Settings::new(GlobalArguments {
            url: Some(url.to_owned()),
            keypair: Some("/nonexistent/id.json".into()),
            config: None,
            output: OutputFormat::Display,
        })
    }

    #[test]
    fn monikers_and_urls() {
        assert_eq!(settings("d").url().unwrap(), "https://api.devnet.solana.com");
        assert_eq!(settings("localhost").url().unwrap(), LOCALHOST);
        assert_eq!(settings("https://rpc.example").url().unwrap(), "https://rpc.example");
        assert!(settings("devnett").url().is_err());
    }

    #[test]
    fn a_missing_keypair_is_named() {
        let error = settings("l").keypair().unwrap_err().to_string();
        assert!(error.contains("/nonexistent/id.json"), "{error}");
    }
}
