//! An act: one transaction of a command, with what it is to tell about it. Every command that changes something goes
//! through here, so that `--dry-run`, `--sign-only`, `--with-memo` and the question before what cannot be undone work for all
//! of them, and each shows amounts before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};

use anyhow::{Result, bail};
use flashback_core::units::Atoms;
use flashback_sdk::account::{FlashbackAccount, TokenAccount};
use flashback_sdk::{AccountChange, Error, Flashback, OfflineTransaction, Prepared};
use solana_account::Account;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::settings::{Mode, Settings};

/// The program that logs memos.
pub const MEMO: Pubkey = Pubkey::from_str_const("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

/// Has a memo logged by the transaction that this is put into.
pub fn memo(text: &str) -> Instruction {
    Instruction::new_with_bytes(MEMO, text.as_bytes(), vec![])
}

/// What an account says.
#[derive(Clone)]
enum Value {
    /// An amount, shown whether it changes or not.
    Amount(Atoms),
    /// Anything else, shown if it changes.
    Said(Fact),
}

/// Reads from an account, or from there being none.
type Reading = Box<dyn Fn(&Pubkey, Option<&Account>) -> flashback_sdk::Result<Value> + Send + Sync>;

/// What is shown before and after.
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
            Some(account) => T::decode(address, account).map(|it| Value::Amount(read(&it))),
            None => Ok(Value::Amount(Atoms::ZERO)),
        })
    }

    /// Shows a token account's balance before and after.
    pub fn watch_tokens(self, key: &'static str, address: Pubkey) -> Self {
        self.watch_raw(key, address, |address, account| match account {
            Some(account) => {
                TokenAccount::decode(address, account).map(|it| Value::Amount(it.amount))
            }
            None => Ok(Value::Amount(Atoms::ZERO)),
        })
    }

    /// Shows, if it changes, what one of the program's accounts says before and after; nothing while there is none.
    pub fn compare<T: FlashbackAccount>(
        self,
        key: &'static str,
        address: Pubkey,
        read: impl Fn(&T) -> Fact + Send + Sync + 'static,
    ) -> Self {
        self.watch_raw(key, address, move |address, account| match account {
            Some(account) => T::decode(address, account).map(|it| Value::Said(read(&it))),
            None => Ok(Value::Said(None::<Fact>.into())),
        })
    }

    fn watch_raw(
        mut self,
        key: &'static str,
        address: Pubkey,
        read: impl Fn(&Pubkey, Option<&Account>) -> flashback_sdk::Result<Value> + Send + Sync + 'static,
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
            Mode::NoWait => self.dispatch(settings).await,
            Mode::DryRun => self.simulate().await,
            Mode::SignOnly => self.sign().await,
        }
    }

    fn confirm(&self, settings: &Settings) -> Result<()> {
        match &self.question {
            Some(question) if !settings.yes() => ask(question),
            _ => Ok(()),
        }
    }

    async fn dispatch(self, settings: &Settings) -> Result<Outcome> {
        self.confirm(settings)?;
        let signed = self.prepared.sign_offline().await?;
        let signature = self.prepared.client().dispatch(&signed).await?;
        let report = self.report("sent, not awaited: ").fact("sent", signature.to_string());
        Ok(Outcome { report, done: false, signature: None })
    }

    async fn send(self, settings: &Settings) -> Result<Outcome> {
        self.confirm(settings)?;
        let before = self.values().await?;
        let receipt = self.prepared.send().await?;
        let report = self.report("").signed(&receipt);
        let report = self.moved_or_unread(report, before, self.values().await);
        let signature = Some(receipt.signature);
        Ok(Outcome { report, done: true, signature })
    }

    async fn simulate(self) -> Result<Outcome> {
        let before = self.values().await?;
        let simulation = self.prepared.simulate().await?;
        let after = self.watched.iter().zip(&before).map(|(watched, before)| {
            match simulation.changes.iter().find(|change| change.address == watched.address) {
                Some(change) => (watched.read)(&watched.address, change.after.as_ref()),
                None => Ok(before.clone()),
            }
        });
        let after = after.collect::<flashback_sdk::Result<Vec<_>>>()?;
        let report = self
            .report("dry run: ")
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
        Ok(Outcome { report, done: false, signature: None })
    }

    async fn sign(self) -> Result<Outcome> {
        let signed = self.prepared.sign_offline().await?;
        let report = self::signed(self.report("signed, not sent: "), &signed)?;
        Ok(Outcome { report, done: false, signature: None })
    }

    fn report(&self, before_title: &str) -> Report {
        let report = Report::new(format!("{before_title}{}", self.title));
        let report =
            self.facts.iter().fold(report, |report, (key, fact)| report.fact(key, fact.clone()));
        self.created.iter().fold(report, |report, (key, address)| report.fact(key, *address))
    }

    fn moved(&self, mut report: Report, before: Vec<Value>, after: Vec<Value>) -> Report {
        let mut changes = None;
        for ((watched, before), after) in self.watched.iter().zip(before).zip(after) {
            match (before, after) {
                (Value::Amount(before), Value::Amount(after)) => {
                    report = report.amount(watched.key, before, after);
                }
                (Value::Said(before), Value::Said(after)) => {
                    let rows = changes.get_or_insert_with(Vec::new);
                    if before != after {
                        rows.push([Fact::name(watched.key), before, after]);
                    }
                }
                _ => {}
            }
        }
        match changes {
            Some(rows) => report.table("changes", ["what", "before", "after"], rows),
            None => report,
        }
    }

    /// What has moved; why that could not be read, if so: it has moved all the same, and nobody is to send it again.
    fn moved_or_unread(
        &self,
        report: Report,
        before: Vec<Value>,
        after: Result<Vec<Value>>,
    ) -> Report {
        match after {
            Ok(after) => self.moved(report, before, after),
            Err(why) => report.fact("amounts_unread", Fact::untrusted(&format!("{why:#}"))),
        }
    }

    /// What is watched, as it is now.
    async fn values(&self) -> Result<Vec<Value>> {
        let addresses: BTreeSet<Pubkey> =
            self.watched.iter().map(|watched| watched.address).collect();
        if addresses.is_empty() {
            return Ok(vec![]);
        }
        let addresses: Vec<Pubkey> = addresses.into_iter().collect();
        let accounts = read(self.prepared.client(), &addresses).await?;
        let accounts: BTreeMap<_, _> = addresses.into_iter().zip(accounts).collect();
        let values = self.watched.iter().map(|watched| {
            let account = accounts.get(&watched.address).and_then(Option::as_ref);
            (watched.read)(&watched.address, account)
        });
        Ok(values.collect::<flashback_sdk::Result<Vec<_>>>()?)
    }
}

/// Adds a transaction, who has signed it and who still has to.
///
/// # Errors
/// If it cannot be encoded.
pub fn signed(report: Report, transaction: &OfflineTransaction) -> Result<Report> {
    let signatures = transaction.signatures().into_iter();
    let signatures = signatures.map(|(key, signature)| [key.into(), signature.to_string().into()]);
    Ok(report
        .fact("transaction", transaction.to_base64()?)
        .table("signed_by", ["signer", "signature"], signatures.collect())
        .fact("still_to_sign", transaction.missing()))
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
///
/// # Errors
/// If the answer is no; wrong usage if nobody can be asked.
pub fn ask(question: &str) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use solana_sdk::signature::Keypair;

    #[test]
    fn what_cannot_be_read_afterwards_is_told_instead_of_amounts() {
        let client = Flashback::new("http://127.0.0.1:1", Keypair::new());
        let act = Act::new("stake added", client.prepare([]))
            .fact("number", 7u64)
            .watch_tokens("wallet", Pubkey::new_unique());
        let before = || vec![Value::Amount(Atoms(9))];
        let read = act.moved_or_unread(act.report(""), before(), Ok(vec![Value::Amount(Atoms(4))]));
        assert_eq!(read.json()["amounts"]["wallet"]["after"], 4);
        let down = Error::Network("down".into());
        let why = down.to_string();
        let unread = act.moved_or_unread(act.report(""), before(), Err(down.into())).json();
        assert_eq!(unread["amounts_unread"], why);
        assert_eq!((&unread["result"], &unread["number"]), (&"stake added".into(), &7.into()));
        assert_eq!(unread.get("amounts"), None);
    }
}
