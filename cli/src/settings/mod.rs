//! Which server, as whom and how: from flags, else the environment, else Flashback's configuration, else Solana's.

pub mod alias;
pub mod overlay;
mod signer;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use flashback_sdk::{Flashback, Nonce, PriorityFee, SendOptions};
use solana_cli_config::Config;
use solana_commitment_config::CommitmentConfig;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Keypair;

use crate::arguments::{Commitment, GlobalArguments, OutputFormat};
use crate::exit::usage;
use overlay::Overlay;
pub use signer::BoxedSigner;

/// The server where nothing else is said: a chain on this machine.
const LOCALHOST: &str = "http://127.0.0.1:8899";

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is sent.
    Send,
    /// It is sent, and not awaited.
    NoWait,
    /// It is only simulated.
    DryRun,
    /// It is only signed.
    SignOnly,
}

/// The resolved global options. Files are read when first needed.
pub struct Settings {
    global: GlobalArguments,
    file: OnceCell<Option<Config>>,
    overlay: OnceCell<Overlay>,
}

impl Settings {
    pub fn new(global: GlobalArguments) -> Self {
        Self { global, file: OnceCell::new(), overlay: OnceCell::new() }
    }

    /// How to print.
    pub fn output(&self) -> OutputFormat {
        self.global.output
    }

    /// What becomes of transactions.
    pub fn mode(&self) -> Mode {
        match &self.global {
            global if global.dry_run => Mode::DryRun,
            global if global.sign_only => Mode::SignOnly,
            global if global.no_wait => Mode::NoWait,
            _ => Mode::Send,
        }
    }

    /// Whether nobody is to be asked.
    pub fn yes(&self) -> bool {
        self.global.yes
    }

    /// The memo to attach.
    pub fn memo(&self) -> Option<&str> {
        self.global.with_memo.as_deref()
    }

    /// The RPC server's URL.
    pub fn url(&self) -> Result<String> {
        let url = match (&self.global.url, &self.overlay()?.json_rpc_url) {
            (Some(url), _) | (None, Some(url)) => url.clone(),
            _ => match self.file()? {
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

    /// How final what is read has to be.
    pub fn commitment(&self) -> Result<CommitmentConfig> {
        if let Some(level) = self.global.commitment {
            return Ok(match level {
                Commitment::Processed => CommitmentConfig::processed(),
                Commitment::Confirmed => CommitmentConfig::confirmed(),
                Commitment::Finalized => CommitmentConfig::finalized(),
            });
        }
        let said = match (&self.overlay()?.commitment, self.file()?) {
            (Some(level), _) => level.clone(),
            (None, Some(config)) if !config.commitment.is_empty() => config.commitment.clone(),
            _ => return Ok(CommitmentConfig::confirmed()),
        };
        said.parse().map_err(|_| {
            usage(format!(
                "the configuration's commitment `{said}` is none: processed, confirmed or finalized"
            ))
        })
    }

    /// A client that acts as the configured key.
    pub fn client(&self) -> Result<Flashback> {
        let keypair = self.signer()?;
        let acting = keypair.pubkey();
        let nonce_authority = match &self.global.nonce_authority {
            Some(name) => Some(signer::find(name)?),
            None => None,
        };
        let nonce = self.global.nonce.map(|account| Nonce {
            account,
            authority: nonce_authority.as_ref().map_or(acting, |signer| signer.pubkey()),
        });
        let price = self.global.with_compute_unit_price.or(self.overlay()?.compute_unit_price);
        let options = SendOptions {
            priority: price.map_or_else(PriorityFee::default, PriorityFee::Fixed),
            nonce,
            blockhash: self.global.blockhash,
            on_sent: Some(Arc::new(|signature| {
                if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
                    eprintln!("sent {signature}, waiting until it is confirmed …");
                }
            })),
            ..SendOptions::default()
        };
        let mut client = Flashback::new(self.url()?, keypair)
            .with_commitment(self.commitment()?)
            .with_options(options);
        if let Some(name) = self.global.fee_payer.as_ref().or(self.overlay()?.fee_payer.as_ref()) {
            client = client.with_fee_payer(signer::find(name)?);
        }
        if let Some(authority) = nonce_authority {
            client = client.with_signer(authority);
        }
        Ok(client)
    }

    /// A client that only reads.
    pub fn reader(&self) -> Result<Flashback> {
        Ok(Flashback::new(self.url()?, Keypair::new()).with_commitment(self.commitment()?))
    }

    /// The given key, else the configured one's.
    pub fn key_or_own(&self, key: Option<Pubkey>) -> Result<Pubkey> {
        match key {
            Some(key) => Ok(key),
            None => Ok(self.signer()?.pubkey()),
        }
    }

    /// Who acts.
    pub fn signer(&self) -> Result<BoxedSigner> {
        signer::find(&self.signer_name()?)
    }

    /// How who acts is named.
    pub fn signer_name(&self) -> Result<String> {
        if let Some(name) = self.global.keypair.as_ref().or(self.overlay()?.keypair_path.as_ref()) {
            return Ok(name.clone());
        }
        Ok(match self.file()? {
            Some(config) if !config.keypair_path.is_empty() => config.keypair_path.clone(),
            _ => home()?.join(".config/solana/id.json").display().to_string(),
        })
    }

    fn overlay(&self) -> Result<&Overlay> {
        if self.overlay.get().is_none() {
            let _ = self.overlay.set(Overlay::load()?);
        }
        self.overlay.get().context("the configuration was not read")
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
    use crate::arguments::Arguments;
    use clap::Parser;

    fn settings(flags: &[&str]) -> Settings {
        let command = ["flashback", "provider", "show"].iter().chain(flags);
        Settings::new(Arguments::try_parse_from(command).unwrap().global)
    }

    #[test]
    fn monikers_and_urls() {
        let url = |url| settings(&["-u", url]).url();
        assert_eq!(url("d").unwrap(), "https://api.devnet.solana.com");
        assert_eq!(url("localhost").unwrap(), LOCALHOST);
        assert_eq!(url("https://rpc.example").unwrap(), "https://rpc.example");
        assert!(url("devnett").is_err());
    }

    #[test]
    fn a_missing_keypair_is_named() {
        let settings = settings(&["-k", "/nonexistent/id.json"]);
        let error = settings.signer().err().unwrap().to_string();
        assert!(error.contains("/nonexistent/id.json"), "{error}");
    }

    #[test]
    fn an_address_acts_without_its_key() {
        let address = Pubkey::new_unique();
        let settings = settings(&["-k", &address.to_string()]);
        let signer = settings.signer().unwrap();
        assert_eq!(signer.pubkey(), address);
        let refused = signer.try_sign_message(&[]).unwrap_err().to_string();
        assert!(refused.contains("--sign-only"), "{refused}");
    }
}
