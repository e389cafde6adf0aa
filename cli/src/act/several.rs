//! Several transactions of one command: what was done is told even if one of them failed.

use std::collections::VecDeque;

use anyhow::Result;
use flashback_sdk::error::CoreError;
use flashback_sdk::{Batch, Batches, Error};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::{Act, Outcome};
use crate::arguments::OutputFormat;
use crate::exit::{self, usage};
use crate::output::{Fact, Report};
use crate::settings::{Mode, Settings};

/// What a command came to: its report, and why it failed although there is something to tell.
#[must_use = "nothing is printed before `print`"]
pub struct Finished {
    report: Report,
    failure: Option<anyhow::Error>,
}

impl Finished {
    /// The same with more in its report.
    pub fn with(self, add: impl FnOnce(Report) -> Report) -> Self {
        Self { report: add(self.report), ..self }
    }

    /// Prints the report.
    ///
    /// # Errors
    /// Why the command failed, if it did.
    pub fn print(self, format: OutputFormat) -> Result<()> {
        self.report.print(format);
        self.failure.map_or(Ok(()), Err)
    }
}

impl From<Report> for Finished {
    fn from(report: Report) -> Self {
        Self { report, failure: None }
    }
}

/// How it is said what several transactions have done.
#[derive(Clone, Copy, Debug)]
pub struct Titles {
    /// Of all of them: "settled".
    pub done: &'static str,
    /// If there was none: "nothing to settle".
    pub nothing: &'static str,
}

/// Several transactions, performed one after another. One that fails for reasons of its own keeps none of the others from
/// being sent; whatever would meet the next one too, or leaves open what it did, ends it.
pub struct Several {
    titles: Titles,
    /// What somebody else was faster with.
    passed_over: Option<CoreError>,
    left: VecDeque<Batch>,
    /// Why accounts are in none of them.
    skipped: Vec<Error>,
    report: Option<Report>,
    failures: Vec<(Vec<Pubkey>, anyhow::Error)>,
    mode: Mode,
    /// Whether those that are left are not to be performed.
    ended: bool,
}

impl Several {
    /// One that is refused by the rule `passed_over` had nothing left to do.
    ///
    /// # Errors
    /// Wrong usage, if they cannot be sent as the settings say.
    pub fn new(
        settings: &Settings,
        titles: Titles,
        batches: Batches,
        passed_over: Option<CoreError>,
    ) -> Result<Self> {
        let mode = settings.mode();
        let Batches { batches, skipped } = batches;
        if mode == Mode::NoWait && settings.has_nonce() && batches.len() > 1 {
            return Err(usage(format!(
                "--nonce is good for one transaction at a time, and this takes {}: leave out --no-wait or --nonce",
                batches.len()
            )));
        }
        let (report, failures, left) = (None, vec![], batches.into());
        Ok(Self { titles, passed_over, left, skipped, report, failures, mode, ended: false })
    }

    /// The next one to perform.
    pub fn next(&mut self) -> Option<Batch> {
        if self.ended { None } else { self.left.pop_front() }
    }

    /// Performs the one of these SLAs. The slot that it took effect in, if it did.
    ///
    /// # Errors
    /// Wrong usage; anything if it was not to be sent. What fails of what is sent is told in the end.
    pub async fn perform(
        &mut self,
        settings: &Settings,
        slas: &[Pubkey],
        act: Act,
    ) -> Result<Option<u64>> {
        match act.perform(settings).await {
            Ok(Outcome { report, done, slot, .. }) => {
                // What is only shown or signed is the first one.
                self.ended = !done && self.mode != Mode::NoWait;
                let report =
                    if self.ended { report.fact("due_slas", slas.to_vec()) } else { report };
                self.report = Some(match self.report.take() {
                    Some(before) => before.then(report),
                    None => report,
                });
                Ok(slot)
            }
            Err(error) => self.failed(slas, error).map(|()| None),
        }
    }

    fn failed(&mut self, slas: &[Pubkey], error: anyhow::Error) -> Result<()> {
        let cause = exit::sdk_error(&error);
        let core = cause.and_then(Error::core);
        if self.passed_over.is_some() && core == self.passed_over {
            return Ok(());
        }
        // Nothing was sent.
        if exit::is_usage(&error) || matches!(self.mode, Mode::DryRun | Mode::SignOnly) {
            return Err(error);
        }
        self.ended = !cause.is_some_and(Error::is_of_one_transaction);
        self.failures.push((slas.to_vec(), error));
        Ok(())
    }

    /// What they came to. That nothing was to be done is a failure where accounts were skipped: there may have been.
    pub fn finish(self, add: impl FnOnce(Report) -> Report) -> Finished {
        let title = match (&self.report, self.failures.is_empty(), self.mode) {
            (None, true, _) if self.skipped.is_empty() => self.titles.nothing.to_owned(),
            (None, true, _) => format!("{} of what can be read", self.titles.nothing),
            (None, false, _) => "failed: nothing was done".to_owned(),
            (Some(_), true, Mode::NoWait) => format!("sent, not awaited: {}", self.titles.done),
            (Some(_), false, Mode::NoWait) => {
                format!("sent in part, not awaited: {}", self.titles.done)
            }
            (Some(report), true, _) => report.title().to_owned(),
            (Some(_), false, _) => format!("{} in part", self.titles.done),
        };
        let nothing = self.report.is_none();
        let report = Report::new(title).then(self.report.unwrap_or_default());
        let report = report.skipped(&self.skipped);
        let skipped = self.skipped.into_iter().next().filter(|_| nothing);
        let skipped = skipped.map(anyhow::Error::from);
        if matches!(self.mode, Mode::DryRun | Mode::SignOnly) {
            let left = u64::try_from(self.left.len()).unwrap_or(u64::MAX);
            return Finished { report: report.fact("transactions_left", left), failure: skipped };
        }
        let rows = self.failures.iter().map(|(slas, error)| failure(slas, error)).collect();
        let columns = ["slas", "why", "name", "number", "signature"];
        let report = add(report).table("failed", columns, rows);
        let report = match self.left.iter().flat_map(|batch| batch.slas.clone()).collect::<Vec<_>>()
        {
            untried if untried.is_empty() => report,
            untried => report.fact("untried", untried),
        };
        Finished { report, failure: decisive(self.failures, self.ended).or(skipped) }
    }
}

/// The failure that the command exits with: the one that ended it, else the first.
fn decisive(mut failures: Vec<(Vec<Pubkey>, anyhow::Error)>, ended: bool) -> Option<anyhow::Error> {
    if ended {
        return failures.pop().map(|(_, error)| error);
    }
    failures.into_iter().next().map(|(_, error)| error)
}

/// A row of what failed and why; the signature is that of a transaction whose fate is to be looked up.
fn failure(slas: &[Pubkey], error: &anyhow::Error) -> [Fact; 5] {
    let core = exit::sdk_error(error).and_then(Error::core);
    [
        slas.to_vec().into(),
        Fact::untrusted(&exit::message(error)),
        core.map(|core| format!("{core:?}")).into(),
        core.map(|core| u64::from(core.number())).into(),
        exit::unconfirmed(error).as_ref().map(Signature::to_string).into(),
    ]
}

#[cfg(test)]
mod tests;
