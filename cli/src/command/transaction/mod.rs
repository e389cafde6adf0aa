//! `flashback transaction`: what travels between those who sign.

mod known;
mod landed;
mod show;
pub mod units;

use std::io::Read;

use anyhow::Result;
use clap::{Args, Subcommand};
use flashback_sdk::OfflineTransaction;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::act;
use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::{Mode, Settings};

#[derive(Debug, Subcommand)]
pub enum TransactionAction {
    /// Show what a transaction does, who pays, and who has signed
    ///
    /// Of a transaction that is held, which asks no server; or, by its signature, of one that has landed: then also what
    /// it came to, what it paid and used, its events and its logs.
    Show {
        /// The transaction in base 64, the JSON that --sign-only prints, or the signature of one that has landed; `-`: one
        /// of these on standard input
        #[arg(value_name = "TRANSACTION")]
        transaction: String,
    },
    /// List the transactions that touched an address, newest first, as far back as the server remembers
    History(landed::History),
    /// Add the acting key's signature to a transaction; asks no server
    ///
    /// Shows the transaction on standard error, and asks first.
    Sign {
        #[command(flatten)]
        held: Held,
        /// Add this signature, made elsewhere, instead of the acting key's; may be repeated
        #[arg(long, value_name = "ADDRESS=SIGNATURE", value_parser = made_elsewhere)]
        signer: Vec<(Pubkey, Signature)>,
    },
    /// Send a transaction that everybody has signed, and wait until it is confirmed
    Send(Held),
}

/// Where a transaction is.
#[derive(Debug, Args)]
pub struct Held {
    /// The transaction in base 64, or the JSON that --sign-only prints; `-`: one of these on standard input
    #[arg(value_name = "TRANSACTION")]
    transaction: String,
}

pub async fn run(action: TransactionAction, settings: &Settings) -> Result<()> {
    settings.refuse_changes()?;
    let report = match action {
        TransactionAction::Show { transaction } => {
            let text = text(&transaction)?;
            match text.parse() {
                Ok(signature) => landed::show(&settings.reader()?, signature).await?,
                Err(_) => show::held(&decoded(&text)?)?,
            }
        }
        TransactionAction::History(args) => landed::history(&settings.reader()?, &args).await?,
        TransactionAction::Sign { held, signer } => sign(&held.read()?, &signer, settings)?,
        TransactionAction::Send(held) => send(&held.read()?, settings).await?,
    };
    report.print(settings.output());
    Ok(())
}

impl Held {
    fn read(&self) -> Result<OfflineTransaction> {
        decoded(&text(&self.transaction)?)
    }
}

/// What was given, or is on standard input.
fn text(given: &str) -> Result<String> {
    let mut text = given.to_owned();
    if given == "-" {
        text.clear();
        std::io::stdin().read_to_string(&mut text)?;
    }
    Ok(text.trim().to_owned())
}

fn decoded(text: &str) -> Result<OfflineTransaction> {
    let base64 = if text.starts_with('{') { from_json(text)? } else { text.to_owned() };
    OfflineTransaction::from_base64(&base64).map_err(|error| usage(error.to_string()))
}

/// The transaction in what a command with `--sign-only` has printed.
fn from_json(text: &str) -> Result<String> {
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        usage(format!("this is no transaction: neither base 64 nor JSON ({error})"))
    })?;
    match json.get("transaction").and_then(serde_json::Value::as_str) {
        Some(transaction) => Ok(transaction.to_owned()),
        None => {
            Err(usage("this JSON has no text `transaction`: give what --sign-only has printed"))
        }
    }
}

/// `ADDRESS=SIGNATURE`.
fn made_elsewhere(text: &str) -> Result<(Pubkey, Signature), String> {
    let (address, signature) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is no ADDRESS=SIGNATURE"))?;
    Ok((quantity::address(address)?, quantity::signature(signature)?))
}

fn sign(
    transaction: &OfflineTransaction,
    made_elsewhere: &[(Pubkey, Signature)],
    settings: &Settings,
) -> Result<Report> {
    if settings.mode() == Mode::DryRun {
        return Err(usage("--dry-run signs nothing: see it with `flashback transaction show`"));
    }
    let mut signed = transaction.clone();
    let wrong = |error: flashback_sdk::Error| usage(error.to_string());
    for (key, signature) in made_elsewhere {
        signed.add(key, *signature).map_err(wrong)?;
    }
    if made_elsewhere.is_empty() {
        let signer = settings.signer()?;
        let key = signer.pubkey();
        if !transaction.missing().contains(&key) {
            let signed = transaction.signatures().iter().any(|(signed, _)| *signed == key);
            return Err(usage(if signed {
                format!("{key} has signed this transaction already")
            } else {
                format!(
                    "this transaction does not need the signature of {key}: name who signs with --keypair"
                )
            }));
        }
        if !signer.is_interactive() && signer.try_sign_message(&[]).is_err() {
            return Err(usage(format!(
                "{key} is only an address here: name its signer with --keypair, or add the signature that was made where \
                 its key is with --signer"
            )));
        }
        eprint!("{}", show::held(transaction)?.text());
        if !settings.yes() {
            act::ask(&format!("Sign it as {key}?"))?;
        }
        signed.sign(&*signer)?;
    }
    act::signed(Report::new("signed, not sent"), &signed)
}

async fn send(transaction: &OfflineTransaction, settings: &Settings) -> Result<Report> {
    let missing = transaction.missing();
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(Pubkey::to_string).collect();
        return Err(usage(format!(
            "the signatures of these are missing: {}: let them run `flashback transaction sign`",
            missing.join(", ")
        )));
    }
    let client = settings.reader()?;
    match settings.mode() {
        Mode::Send => {
            let receipt = client.submit(transaction).await?;
            let report = Report::new("sent and confirmed").signed(&receipt);
            let report = report
                .fact("slot", receipt.slot)
                .fact("fee_at_most", Fact::lamports(transaction.budget().fee))
                // Not known of one that was sent before.
                .maybe(
                    "compute_units",
                    (receipt.compute_units > 0).then_some(receipt.compute_units),
                );
            // It has landed, whether the server tells more of it or not.
            Ok(match client.landed(&receipt.signature).await {
                Ok(Some(it)) => landed::changes(report, &it, client.mint().await.ok()),
                Ok(None) => report.fact("changes_unread", "the server does not tell of it yet"),
                Err(why) => report.fact("changes_unread", Fact::untrusted(&why.to_string())),
            })
        }
        Mode::NoWait => {
            let signature = client.dispatch(transaction).await?;
            Ok(Report::new("sent, not awaited").sent(&signature))
        }
        Mode::DryRun => {
            let simulation = client.simulate_signed(transaction).await?;
            Ok(Report::new("dry run: sent")
                .fact("dry_run", true)
                .fact("fee_at_most", Fact::lamports(transaction.budget().fee))
                .fact("compute_units", simulation.compute_units)
                .maybe("loaded_bytes", simulation.loaded_data.map(u64::from)))
        }
        Mode::SignOnly => Err(usage(
            "--sign-only sends nothing: sign with `flashback transaction sign`, or leave the flag out",
        )),
    }
}
