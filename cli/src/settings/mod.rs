//! Which server, as whom and how: from flags, else the environment, else Flashback's configuration, else Solana's.

pub mod alias;
mod origin;
pub mod overlay;
mod sending;
mod signer;
mod sources;
mod value;

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
use crate::progress;
pub use origin::{Origin, Said, Setting};
use overlay::Overlay;
pub use signer::{BoxedSigner, absolute as absolute_signer};
pub use value::check;
use value::{LOCALHOST, expand, parse_commitment, parse_price};

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

    /// A client that acts as the configured key.
    pub fn client(&self) -> Result<Flashback> {
        let keypair = self.signer()?;
        let acting = keypair.pubkey();
        let nonce_authority = match &self.global.nonce_authority {
            Some(name) => Some(signer::find(name).context("--nonce-authority")?),
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
            on_sent: Some(Arc::new(|sent| {
                let signature = sent.signature;
                progress::note(&format!("sent {signature}, waiting until it is confirmed …"));
                Ok(())
            })),
            ..SendOptions::default()
        };
        let mut client = Flashback::new(self.url()?, keypair)
            .with_commitment(self.commitment()?)
            .with_websocket(self.ws_url()?.value)
            .with_options(options);
        if let Some(payer) = self.said(Setting::FeePayer)? {
            client = client.with_fee_payer(found(&payer)?);
        }
        if let Some(authority) = nonce_authority {
            client = client.with_signer(authority);
        }
        Ok(client)
    }

    /// Whether transactions are signed with a durable nonce.
    pub fn has_nonce(&self) -> bool {
        self.global.nonce.is_some()
    }

    /// Refuses the options that shape a transaction, for one that is made already.
    ///
    /// # Errors
    /// With the exit code of wrong usage, if one of them is given on the command line; what the environment or a file
    /// says is passed over.
    pub fn refuse_changes(&self) -> Result<()> {
        let global = &self.global;
        let on_line = |id: &str| global.from_environment.iter().all(|given| given != id);
        let given = [
            ("--with-memo", global.with_memo.is_some()),
            ("--nonce", global.nonce.is_some()),
            ("--blockhash", global.blockhash.is_some()),
            ("--fee-payer", global.fee_payer.is_some() && on_line("fee_payer")),
            (
                "--with-compute-unit-price",
                global.with_compute_unit_price.is_some() && on_line("with_compute_unit_price"),
            ),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(usage(format!(
                "{flag} changes nothing here: the transaction is made already, and signatures are of it as it is; give \
                 {flag} to the command that makes it with --sign-only"
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
}

/// The signer of that name; an error says where it was named.
fn found(said: &Said) -> Result<BoxedSigner> {
    signer::find(&said.value).with_context(|| said.origin.to_string())
}

fn home() -> Result<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    home.map(PathBuf::from).ok_or_else(|| {
        usage("HOME is not set: name a server with --url and a keypair with --keypair".to_owned())
    })
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
