//! Which server, as whom and how: from flags, else the environment, else Flashback's configuration, else Solana's.

pub mod alias;
mod origin;
pub mod overlay;
mod signer;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use flashback_sdk::{Flashback, Nonce, PriorityFee, SendOptions};
use solana_cli_config::Config;
use solana_commitment_config::CommitmentConfig;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Keypair;

use crate::arguments::{GlobalArguments, OutputFormat};
use crate::exit::usage;
pub use origin::{Origin, Said, Setting};
use overlay::Overlay;
pub use signer::{BoxedSigner, absolute as absolute_signer};

/// The server where nothing else is said: a chain on this machine.
const LOCALHOST: &str = "http://127.0.0.1:8899";

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is sent.
    Send,
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
        match (self.global.dry_run, self.global.sign_only) {
            (true, _) => Mode::DryRun,
            (_, true) => Mode::SignOnly,
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
        Ok(self.url_said()?.value)
    }

    /// The RPC server's URL, and who says so.
    pub fn url_said(&self) -> Result<Said> {
        let Some(said) = self.said(Setting::Url)? else {
            return Ok(Said { value: LOCALHOST.to_owned(), origin: Origin::Default });
        };
        Ok(Said { value: expand(&said.value), ..said })
    }

    /// The websocket server's URL, and who says so. What a file says of it is passed over where the RPC server is named
    /// by what goes before that file: it would be another chain's.
    pub fn ws_url(&self) -> Result<Said> {
        let url = self.url_said()?;
        match self.said(Setting::WsUrl)? {
            Some(said) if !(said.origin.is_file() && url.origin.precedes(&said.origin)) => Ok(said),
            _ => {
                let usual = Flashback::new(url.value, Keypair::new()).websocket_url();
                Ok(Said { value: usual.unwrap_or_default(), origin: Origin::Default })
            }
        }
    }

    /// How final what is read has to be.
    pub fn commitment(&self) -> Result<CommitmentConfig> {
        match self.said(Setting::Commitment)? {
            Some(said) => parse_commitment(&said.value)
                .map_err(|wrong| usage(format!("{}: {wrong}", said.origin))),
            None => Ok(CommitmentConfig::confirmed()),
        }
    }

    /// What flags, the environment and files say of a setting, by that precedence; checked.
    ///
    /// # Errors
    /// With the exit code of wrong usage and where it is said, if a file cannot be read or a value is wrong.
    pub fn said(&self, setting: Setting) -> Result<Option<Said>> {
        // A broken file is never passed over, whatever else is said.
        let overlay = self.overlay()?.get(setting);
        let said = match setting.given(&self.global) {
            Some(said) => Some(said),
            None => match overlay {
                Some(value) => {
                    let origin = Origin::Overlay(overlay::path()?.0, setting.field());
                    Some(Said { value, origin })
                }
                None => self.solana(setting)?,
            },
        };
        if let Some(Said { value, origin }) = &said
            && !matches!(setting, Setting::Keypair | Setting::FeePayer)
        {
            check(setting, value).map_err(|wrong| usage(format!("{origin}: {wrong}")))?;
        }
        Ok(said)
    }

    fn solana(&self, setting: Setting) -> Result<Option<Said>> {
        let Some(config) = self.file()? else { return Ok(None) };
        let value = match setting {
            Setting::Url => &config.json_rpc_url,
            Setting::WsUrl => &config.websocket_url,
            Setting::Keypair => &config.keypair_path,
            Setting::Commitment => &config.commitment,
            Setting::FeePayer | Setting::ComputeUnitPrice => return Ok(None),
        };
        if value.is_empty() {
            return Ok(None);
        }
        let origin = Origin::Solana(self.config_path()?.value.into(), setting.field());
        Ok(Some(Said { value: value.clone(), origin }))
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
        let price = self.said(Setting::ComputeUnitPrice)?;
        let price = price.map(|said| parse_price(&said.value)).transpose().map_err(usage)?;
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
        if let Some(payer) = self.said(Setting::FeePayer)? {
            client = client.with_fee_payer(found(&payer)?);
        }
        if let Some(authority) = nonce_authority {
            client = client.with_signer(authority);
        }
        Ok(client)
    }

    /// Refuses the options that shape a transaction, for one that is made already.
    ///
    /// # Errors
    /// With the exit code of wrong usage, if one of them is given on the command line.
    pub fn refuse_changes(&self) -> Result<()> {
        let global = &self.global;
        let given = [
            ("--with-memo", global.with_memo.is_some()),
            ("--nonce", global.nonce.is_some()),
            ("--blockhash", global.blockhash.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(usage(format!(
                "{flag} changes nothing here: the transaction is made already, and signatures are of it as it is"
            ))),
            None => Ok(()),
        }
    }

    /// A client that only reads.
    pub fn reader(&self) -> Result<Flashback> {
        let client = Flashback::new(self.url()?, Keypair::new());
        Ok(client.with_commitment(self.commitment()?).with_websocket(self.ws_url()?.value))
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
        found(&self.signer_said()?)
    }

    /// How who acts is named, and where.
    pub fn signer_said(&self) -> Result<Said> {
        match self.said(Setting::Keypair)? {
            Some(said) => Ok(said),
            None => {
                let path = home()?.join(".config/solana/id.json");
                Ok(Said { value: path.display().to_string(), origin: Origin::Default })
            }
        }
    }

    /// Who says how to print.
    pub fn output_origin(&self) -> Origin {
        if self.global.output_is_default {
            return Origin::Default;
        }
        self.global.origin("output", "--output", "FLASHBACK_OUTPUT")
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
        let path = self.config_path()?;
        if path.origin == Origin::Default && !PathBuf::from(&path.value).is_file() {
            return Ok(None);
        }
        overlay::read_yaml(path.value.as_ref()).map(Some)
    }

    /// Where the Solana tools' configuration is.
    pub fn config_path(&self) -> Result<Said> {
        if let Some(path) = &self.global.config {
            let value = path.to_str().context("the configuration's path is no valid text")?;
            let origin = self.global.origin("config", "--config", "FLASHBACK_CONFIG");
            return Ok(Said { value: value.to_owned(), origin });
        }
        let path = home()?.join(".config/solana/cli/config.yml");
        Ok(Said { value: path.display().to_string(), origin: Origin::Default })
    }
}

/// The signer of that name; an error says where it was named.
fn found(said: &Said) -> Result<BoxedSigner> {
    signer::find(&said.value).with_context(|| said.origin.to_string())
}

/// Whether a setting can have this value.
///
/// # Errors
/// Says why not, and what would be right.
pub fn check(setting: Setting, value: &str) -> Result<(), String> {
    match setting {
        Setting::Url => check_url(&expand(value), ["http://", "https://"]).map_err(|()| {
            format!("`{value}` is no URL: use http://… or https://…, or one of l, d, t, m")
        }),
        Setting::WsUrl => check_url(value, ["ws://", "wss://"])
            .map_err(|()| format!("`{value}` is no websocket's URL: use ws://… or wss://…")),
        Setting::Keypair | Setting::FeePayer => signer::check(value).map_err(|e| e.to_string()),
        Setting::Commitment => parse_commitment(value).map(drop),
        Setting::ComputeUnitPrice => parse_price(value).map(drop),
    }
}

fn check_url(url: &str, schemes: [&str; 2]) -> Result<(), ()> {
    let host = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)).ok_or(())?;
    let good = !host.is_empty() && !host.starts_with(['/', ':', '?', '#']);
    if good && !url.contains(char::is_whitespace) { Ok(()) } else { Err(()) }
}

fn parse_commitment(level: &str) -> Result<CommitmentConfig, String> {
    match level {
        "processed" => Ok(CommitmentConfig::processed()),
        "confirmed" => Ok(CommitmentConfig::confirmed()),
        "finalized" => Ok(CommitmentConfig::finalized()),
        _ => Err(format!("`{level}` is no commitment: processed, confirmed or finalized")),
    }
}

fn parse_price(price: &str) -> Result<u64, String> {
    price.parse().map_err(|_| format!("`{price}` is no price: a whole number of micro-lamports"))
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
        let error = format!("{:#}", settings.signer().err().unwrap());
        assert!(error.contains("--keypair: cannot read"), "{error}");
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
