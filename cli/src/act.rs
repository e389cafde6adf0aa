//! An act: one transaction of a command, with what it is to tell about it. Every command that changes something goes
//! through here, so that `--dry-run`, `--sign-only`, `--with-memo` and the question before what cannot be undone work for all
//! of them, and each shows amounts before and after.

mod confirm;
mod several;

pub use confirm::ask;
pub use several::{Finished, Several, Titles};

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use flashback_core::units::Atoms;
use flashback_sdk::account::{FlashbackAccount, TokenAccount};
use flashback_sdk::{AccountChange, OfflineTransaction, Prepared, Simulation};
use solana_account::Account;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::progress::announce;
use crate::settings::{Mode, Settings};

/// The program that logs memos.
pub const MEMO: Pubkey = Pubkey::from_str_const("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

/// Has a memo logged by the transaction that this is put into.
pub fn memo(text: &str) -> Instruction {
    Instruction::new_with_bytes(MEMO, text.as_bytes(), vec![])
}

/// What is put beside the instructions of each of a command's transactions, and has to fit in with them.
pub fn beside(settings: &Settings) -> Vec<Instruction> {
    settings.memo().map(memo).into_iter().collect()
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
    written: Vec<(&'static str, Fact)>,
    question: Option<String>,
}

/// What an act came to.
pub struct Outcome {
    /// What to print.
    pub report: Report,
    /// Whether it was sent, and has taken effect.
    pub done: bool,
    /// Of the transaction, if it has taken effect.
    pub signature: Option<Signature>,
    /// The slot that it has taken effect in: what is read to tell of it must not be older.
    pub slot: Option<u64>,
}

impl Act {
    /// `title` says what has happened once it is done: "stake added".
    pub fn new(title: &'static str, prepared: Prepared) -> Self {
        let (facts, created, watched, written) = Default::default();
        Self { title, prepared, facts, created, watched, written, question: None }
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

    /// Names all values that it writes, where the program takes all or none of them: those that are not to change are
    /// written too, as they are now, and take back what somebody changes before it is sent.
    pub fn writes(mut self, written: impl IntoIterator<Item = (&'static str, Fact)>) -> Self {
        self.written.extend(written);
        self
    }

    /// The names of what it shows.
    #[cfg(test)]
    pub fn shows(&self) -> Vec<&'static str> {
        let facts = self.facts.iter().map(|(key, _)| *key);
        facts.chain(self.watched.iter().map(|watched| watched.key)).collect()
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
        if matches!(settings.mode(), Mode::Send | Mode::NoWait) {
            self.require_signers()?;
        }
        if let Some(note) = self.stays_valid(settings.mode()) {
            announce(&note);
        }
        match settings.mode() {
            Mode::Send => self.send(settings).await,
            Mode::NoWait => self.dispatch(settings).await,
            Mode::DryRun => self.simulate().await,
            Mode::SignOnly => self.sign().await,
        }
    }

    /// Refuses, before anybody is asked anything, what could not be signed.
    fn require_signers(&self) -> Result<()> {
        match self.prepared.cannot_sign().first() {
            Some(key) => Err(usage(format!(
                "{key} has to sign, and is only an address here: name its signer (--keypair, --fee-payer, \
                 --nonce-authority), or use --sign-only and sign where its key is; --dry-run needs no key"
            ))),
            None => Ok(()),
        }
    }

    /// What has to be known of a transaction that writes all values of something and may be sent at any time.
    fn stays_valid(&self, mode: Mode) -> Option<String> {
        let nonce = self.prepared.client().options().nonce?;
        if self.written.is_empty() || mode == Mode::DryRun {
            return None;
        }
        let names: Vec<&str> = self.written.iter().map(|(name, _)| *name).collect();
        Some(format!(
            "note: whenever this transaction is sent while the nonce account {} stands, it writes all of these as they are \
             now, or as you say: {}; what somebody changes of them meanwhile is taken back",
            nonce.account,
            names.join(", ")
        ))
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
        let report = self.report("sent, not awaited: ").sent(&signature);
        Ok(Outcome { report, done: false, signature: None, slot: None })
    }

    async fn send(self, settings: &Settings) -> Result<Outcome> {
        self.confirm(settings)?;
        let before = self.values(None).await?;
        let receipt = self.prepared.send().await?;
        let report = self.report("").signed(&receipt);
        let (signature, slot) = (Some(receipt.signature), Some(receipt.slot));
        let report = self.moved_or_unread(report, before, self.values(slot).await);
        Ok(Outcome { report, done: true, signature, slot })
    }

    async fn simulate(self) -> Result<Outcome> {
        let before = self.values(None).await?;
        let simulation = self.prepared.simulate().await?;
        let after = self.foreseen(&simulation, &before)?;
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
        let report = match simulation.untold.as_slice() {
            [] => report,
            untold => report.fact("accounts_untold", untold.to_vec()),
        };
        let untold: Vec<&str> = self.keys_without(&after).collect();
        let report = match untold.as_slice() {
            [] => report,
            keys => report.fact(
                "amounts_unread",
                format!("the server does not tell what becomes of: {}", keys.join(", ")),
            ),
        };
        let before = before.into_iter().map(Some).collect();
        let report = self.moved(report, before, after);
        Ok(Outcome { report, done: false, signature: None, slot: None })
    }

    /// What is watched, as it would be; `None` where the server does not tell.
    fn foreseen(
        &self,
        simulation: &Simulation,
        before: &[Value],
    ) -> flashback_sdk::Result<Vec<Option<Value>>> {
        let after = self.watched.iter().zip(before).map(|(watched, before)| {
            let address = watched.address;
            if simulation.untold.contains(&address) {
                return Ok(None);
            }
            match simulation.changes.iter().find(|change| change.address == address) {
                Some(change) => (watched.read)(&address, change.after.as_ref()).map(Some),
                // It cannot write that account.
                None => Ok(Some(before.clone())),
            }
        });
        after.collect()
    }

    /// The names of what is watched and has no value.
    fn keys_without<'a>(
        &'a self,
        values: &'a [Option<Value>],
    ) -> impl Iterator<Item = &'static str> {
        let unknown = self.watched.iter().zip(values).filter(|(_, value)| value.is_none());
        unknown.map(|(watched, _)| watched.key)
    }

    async fn sign(self) -> Result<Outcome> {
        let signed = self.prepared.sign_offline().await?;
        let report = self::signed(self.report("signed, not sent: "), &signed)?;
        let written = self.written.iter();
        let written = written.map(|(name, value)| [Fact::name(name), value.clone()]);
        let report = match self.written.is_empty() {
            true => report,
            false => report.table("written", ["what", "value"], written.collect()),
        };
        Ok(Outcome { report, done: false, signature: None, slot: None })
    }

    fn report(&self, before_title: &str) -> Report {
        let report = Report::new(format!("{before_title}{}", self.title));
        let report =
            self.facts.iter().fold(report, |report, (key, fact)| report.fact(key, fact.clone()));
        self.created.iter().fold(report, |report, (key, address)| report.fact(key, *address))
    }

    /// What moves, as far as it is known.
    fn moved(
        &self,
        mut report: Report,
        before: Vec<Option<Value>>,
        after: Vec<Option<Value>>,
    ) -> Report {
        let mut changes = None;
        for ((watched, before), after) in self.watched.iter().zip(before).zip(after) {
            match (before, after) {
                (Some(Value::Amount(before)), Some(Value::Amount(after))) => {
                    report = report.amount(watched.key, before, after);
                }
                (Some(Value::Said(before)), Some(Value::Said(after))) => {
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
            Ok(after) => {
                let known = |values: Vec<Value>| values.into_iter().map(Some).collect();
                self.moved(report, known(before), known(after))
            }
            Err(why) => report.fact("amounts_unread", Fact::untrusted(&format!("{why:#}"))),
        }
    }

    /// What is watched, as it is now; in that slot at the earliest, if one is given.
    async fn values(&self, slot: Option<u64>) -> Result<Vec<Value>> {
        let addresses: BTreeSet<Pubkey> =
            self.watched.iter().map(|watched| watched.address).collect();
        if addresses.is_empty() {
            return Ok(vec![]);
        }
        let addresses: Vec<Pubkey> = addresses.into_iter().collect();
        let client = self.prepared.client();
        let accounts = client.accounts_since(&addresses, slot.unwrap_or_default()).await?;
        let accounts: BTreeMap<_, _> = addresses.into_iter().zip(accounts).collect();
        let values = self.watched.iter().map(|watched| {
            let account = accounts.get(&watched.address).and_then(Option::as_ref);
            (watched.read)(&watched.address, account)
        });
        Ok(values.collect::<flashback_sdk::Result<Vec<_>>>()?)
    }
}

/// Adds a transaction, its message for signers elsewhere, who has signed it and who still has to.
///
/// # Errors
/// If it cannot be encoded.
pub fn signed(report: Report, transaction: &OfflineTransaction) -> Result<Report> {
    let signatures = transaction.signatures().into_iter();
    let signatures = signatures.map(|(key, signature)| [key.into(), signature.to_string().into()]);
    Ok(report
        .fact("transaction", transaction.to_base64()?)
        .fact("message", transaction.message_base64())
        .fact("message_hash", transaction.message_hash().to_string())
        .table("signed_by", ["signer", "signature"], signatures.collect())
        .fact("still_to_sign", transaction.missing()))
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

#[cfg(test)]
mod tests;
