//! An act: one transaction of a command, with what it is to tell about it. Every command that changes something goes
//! through here, so that `--dry-run`, `--sign-only`, `--with-memo` and the question before what cannot be undone work for all
//! of them, and each shows amounts before and after.

use std::io::{IsTerminal, Write};

use anyhow::{Result, bail};
use flashback_core::units::Atoms;
use flashback_sdk::account::{FlashbackAccount, TokenAccount};
use flashback_sdk::{AccountChange, Error, Flashback, Prepared};
use solana_account::Account;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::settings::{Mode, Settings};

/// The program that logs memos.
const MEMO: Pubkey = Pubkey::from_str_const("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

/// Has a memo logged by the transaction that this is put into.
pub fn memo(text: &str) -> Instruction {
    Instruction::new_with_bytes(MEMO, text.as_bytes(), vec![])
}

/// Reads an amount from an account, or from there being none.
type Reading = Box<dyn Fn(&Pubkey, Option<&Account>) -> flashback_sdk::Result<Atoms> + Send + Sync>;

/// An amount that is shown before and after.
struct Watched {
    key: &'static str,
    address: Pubkey,
    read: Reading,
}

/// One transaction, and what to tell about it.
#[must_use = "nothing happens before `perform`"]
pub struct Act {
    title: &'static str,
    prepared: Prepared,
    facts: Vec<(&'static str, Fact)>,
    created: Vec<(&'static str, Pubkey)>,
    watched: Vec<Watched>,
    question: Option<String>,
}

/// What an act came to.
pub struct Outcome {
    /// What to print.
    pub report: Report,
    /// Whether it was sent, and has taken effect.
    pub done: bool,
    /// Of the transaction, if it was sent.
    pub signature: Option<Signature>,
    /// The logs of its simulation.
    pub logs: Vec<String>,
}

impl Act {
    /// `title` says what has happened once it is done: "stake added".
    pub fn new(title: &'static str, prepared: Prepared) -> Self {
        let (facts, created, watched) = Default::default();
        Self { title, prepared, facts, created, watched, question: None }
    }

    /// Adds a fact that is known beforehand.
    pub fn fact(mut self, key: &'static str, value: impl Into<Fact>) -> Self {
        self.facts.push((key, value.into()));
        self
    }

    /// Adds an account that comes into being.
    pub fn created(mut self, key: &'static str, address: Pubkey) -> Self {
        self.created.push((key, address));
        self
    }

    /// Shows an amount in one of the program's accounts before and after; zero while there is none.
    pub fn watch<T: FlashbackAccount>(
        self,
        key: &'static str,
        address: Pubkey,
        read: impl Fn(&T) -> Atoms + Send + Sync + 'static,
    ) -> Self {
        self.watch_raw(key, address, move |address, account| match account {
            Some(account) => T::decode(address, account).map(|account| read(&account)),
            None => Ok(Atoms::ZERO),
        })
    }

    /// Shows a token account's balance before and after.
    pub fn watch_tokens(self, key: &'static str, address: Pubkey) -> Self {
        self.watch_raw(key, address, |address, account| match account {
            Some(account) => TokenAccount::decode(address, account).map(|account| account.amount),
            None => Ok(Atoms::ZERO),
        })
    }

    fn watch_raw(
        mut self,
        key: &'static str,
        address: Pubkey,
        read: impl Fn(&Pubkey, Option<&Account>) -> flashback_sdk::Result<Atoms> + Send + Sync + 'static,
    ) -> Self {
        self.watched.push(Watched { key, address, read: Box::new(read) });
        self
    }

    /// Asks before it is sent, since it cannot be undone: the question says what would happen, as in "End the SLA?".
    pub fn ask(mut self, question: impl Into<String>) -> Self {
        self.question = Some(question.into());
        self
    }

    /// Sends it, or simulates or signs it only, as the settings say.
    ///
    /// # Errors
    /// As sending says; wrong usage if it must be asked for and nobody can be asked.
    pub async fn perform(mut self, settings: &Settings) -> Result<Outcome> {
        if let Some(text) = settings.memo() {
            self.prepared = self.prepared.with(memo(text));
        }
        match settings.mode() {
            Mode::Send => self.send(settings).await,
            Mode::DryRun => self.simulate().await,
            Mode::SignOnly => self.sign().await,
        }
    }

    async fn send(self, settings: &Settings) -> Result<Outcome> {
        if let Some(question) = &self.question
            && !settings.yes()
        {
            ask(question)?;
        }
        let before = self.amounts().await?;
        let receipt = self.prepared.send().await?;
        let after = self.amounts().await?;
        let report = self.report("").signed(&receipt);
        let report = self.moved(report, before, after);
        let signature = Some(receipt.signature);
        Ok(Outcome { report, done: true, signature, logs: receipt.logs })
    }

    async fn simulate(self) -> Result<Outcome> {
        let before = self.amounts().await?;
        let simulation = self.prepared.simulate().await?;
        let after = self.watched.iter().zip(&before).map(|(watched, before)| {
            match simulation.changes.iter().find(|change| change.address == watched.address) {
                Some(change) => (watched.read)(&watched.address, change.after.as_ref()),
                None => Ok(*before),
            }
        });
        let after = after.collect::<flashback_sdk::Result<Vec<_>>>()?;
        let report = self
            .report("would be ")
            .fact("dry_run", true)
            .fact("fee", Fact::lamports(simulation.fee))
            .fact("compute_units", simulation.compute_units)
            .maybe("loaded_bytes", simulation.loaded_data.map(u64::from));
        let report = report.table(
            "account_changes",
            ["account", "sol_before", "sol_after", "flash_before", "flash_after"],
            simulation
                .changes
                .iter()
                .filter(|change| change.before != change.after)
                .map(row)
                .collect(),
        );
        let report = self.moved(report, before, after);
        Ok(Outcome { report, done: false, signature: None, logs: simulation.logs })
    }

    async fn sign(self) -> Result<Outcome> {
        let signed = self.prepared.sign_offline().await?;
        let report = self.report("signed, not sent: ").fact("transaction", signed.to_base64()?);
        let present = signed.signatures().into_iter();
        let report = report
            .table(
                "signed_by",
                ["signer", "signature"],
                present
                    .map(|(key, signature)| [key.into(), signature.to_string().into()])
                    .collect(),
            )
            .fact("still_to_sign", signed.missing());
        Ok(Outcome { report, done: false, signature: None, logs: vec![] })
    }

    fn report(&self, before_title: &str) -> Report {
        let report = Report::new(format!("{before_title}{}", self.title));
        let report =
            self.facts.iter().fold(report, |report, (key, fact)| report.fact(key, fact.clone()));
        self.created.iter().fold(report, |report, (key, address)| report.fact(key, *address))
    }

    fn moved(&self, report: Report, before: Vec<Atoms>, after: Vec<Atoms>) -> Report {
        let amounts = self.watched.iter().zip(before).zip(after);
        amounts.fold(report, |report, ((watched, before), after)| {
            report.amount(watched.key, before, after)
        })
    }

    /// What is watched, as it is now.
    async fn amounts(&self) -> Result<Vec<Atoms>> {
        let addresses: Vec<Pubkey> = self.watched.iter().map(|watched| watched.address).collect();
        if addresses.is_empty() {
            return Ok(vec![]);
        }
        let accounts = read(self.prepared.client(), &addresses).await?;
        let amounts = self.watched.iter().zip(accounts);
        let amounts =
            amounts.map(|(watched, account)| (watched.read)(&watched.address, account.as_ref()));
        Ok(amounts.collect::<flashback_sdk::Result<Vec<_>>>()?)
    }
}

async fn read(client: &Flashback, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>> {
    let (rpc, commitment) = (client.rpc(), client.rpc().commitment());
    let read = rpc.get_multiple_accounts_with_commitment(addresses, commitment).await;
    Ok(read.map_err(Error::from)?.value)
}

/// An account's SOL and, if it is a token account, tokens.
fn row(change: &AccountChange) -> [Fact; 5] {
    let sol =
        |account: &Option<Account>| Fact::lamports(account.as_ref().map_or(0, |a| a.lamports));
    let tokens = |account: &Option<Account>| -> Fact {
        let token = account.as_ref().and_then(|a| TokenAccount::decode(&change.address, a).ok());
        token.map(|token| token.amount).into()
    };
    [
        change.address.into(),
        sol(&change.before),
        sol(&change.after),
        tokens(&change.before),
        tokens(&change.after),
    ]
}

/// Asks a person; without one, `--yes` has to be given.
fn ask(question: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(usage(format!(
            "{question} This cannot be undone, and nobody is here to be asked: give --yes"
        )));
    }
    eprint!("{question} This cannot be undone. [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        bail!("not done: the answer was no");
    }
    Ok(())
}
