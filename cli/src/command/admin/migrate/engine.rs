//! Applying manifests: step by step, each recorded before it is sent and before the next.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use flashback_sdk::InFlight;
use solana_sdk::pubkey::Pubkey;

use super::journal::{Journal, Pending};
use super::manifest::Manifest;
use super::plan::{Planned, plan};
use super::sending::Begun;
use super::state::{State, Wanted, names};
use crate::exit::usage;

/// How often a server is asked until it shows what was confirmed, and how long between.
pub const LOOKS: (usize, Duration) = (60, Duration::from_millis(if cfg!(test) { 1 } else { 250 }));

/// Records a transaction that is about to be sent.
pub type Record = Arc<dyn Fn(&InFlight) -> Result<()> + Send + Sync>;

/// A chain, and who acts on it.
pub trait Chain {
    /// Who signs and pays.
    fn acting(&self) -> Pubkey;
    /// Reads what the manifests name.
    async fn state(&self, wanted: &Wanted) -> Result<State>;
    /// Sends a step, and returns its signature once it is confirmed. Every transaction of it is recorded before it is
    /// sent, and not sent if it cannot be recorded; another one only when the one before can land no more.
    async fn send(&self, planned: &Planned, memo: &str, record: Record) -> Result<String>;
    /// Waits for what became of a transaction that was recorded.
    async fn fate(&self, sent: &InFlight) -> Result<Fate>;
    /// Whether of that transaction and what is sent from now on one lands at most.
    fn replaces(&self, sent: &InFlight) -> bool;
    /// Says what sending a step would cost.
    async fn simulate(&self, planned: &Planned, memo: &str) -> Result<Cost>;
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It took effect.
    Landed,
    /// It landed, failed, and changed nothing; why.
    Failed(String),
    /// It did not land, and cannot any more.
    Gone,
    /// Its nonce stands, so that it may land at any time.
    Open,
}

/// What a step would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// In lamports, without rent.
    pub fee: u64,
    pub compute_units: u64,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// Sent, with that signature.
    Applied(String),
    /// There was nothing to send.
    AlreadySo,
    /// It would be sent; nobody can say what it costs if it builds on a step that is not applied yet.
    WouldApply(Option<Cost>),
}

/// A step, and what became of it.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    pub step: Pending<'a>,
    pub planned: Planned,
    pub became: Became,
}

/// A migration that can begin: whoever acts may, and the chain is as the journal says.
pub struct Migration<'a, C> {
    chain: &'a C,
    manifests: &'a [Manifest],
    to: u32,
    wanted: Wanted,
    state: State,
}

impl<'a, C: Chain> Migration<'a, C> {
    /// Checks what has to hold before anything is done. `accept`: what the chain has otherwise than the steps left it
    /// is meant.
    ///
    /// # Errors
    /// Wrong usage: if an applied manifest was changed, if somebody else has the authority, or if the chain is not as
    /// the journal says; as reading says.
    pub async fn begin(
        chain: &'a C,
        manifests: &'a [Manifest],
        to: u32,
        journal: &Journal,
        accept: bool,
    ) -> Result<Self> {
        journal.check(manifests)?;
        let wanted = Wanted::by(manifests);
        let state = chain.state(&wanted).await?;
        require_authority(&state, &chain.acting())?;
        let migration = Self { chain, manifests, to, wanted, state };
        if !accept {
            migration.require_agreement(journal)?;
        }
        Ok(migration)
    }

    fn require_agreement(&self, journal: &Journal) -> Result<()> {
        // A step that was signed by `--sign-only` and sent elsewhere has changed what it sets.
        let landed = journal.pending(self.manifests, u32::MAX).first().and_then(|next| {
            let planned = self.plan(*next, &self.state).ok()?;
            planned.is_so().then(|| names(next.step))
        });
        let landed = landed.unwrap_or_default();
        let differences = journal.differences(&self.state).into_iter();
        let differences: Vec<_> = differences
            .filter(|(name, ..)| !landed.contains(name))
            .map(|(name, left, is)| format!("{name} was left at {left} and is {is}"))
            .collect();
        if differences.is_empty() {
            return Ok(());
        }
        Err(usage(format!(
            "the chain is not as the applied manifests left it, by the journal {}: {}; if that is meant, go on with \
             --accept-changes; if this is a new chain of an old genesis, delete its journal",
            journal.path().display(),
            differences.join("; ")
        )))
    }

    fn plan(&self, step: Pending<'_>, state: &State) -> Result<Planned> {
        let planned = plan(step.step, state, &self.chain.acting());
        planned.with_context(|| place(step))
    }

    /// Applies what is not applied.
    ///
    /// # Errors
    /// As planning, sending and recording say. What was done before stays done, and is recorded; what was sent and is not
    /// recorded as done is recorded as sent, and the next run begins with what became of it.
    pub async fn apply(mut self, journal: &mut Journal, accept: bool) -> Result<Vec<Line<'a>>> {
        if accept && !journal.differences(&self.state).is_empty() {
            journal.accept(&self.state)?;
        }
        let mut lines = vec![];
        for step in journal.pending(self.manifests, self.to) {
            let planned = self.plan(step, &self.state)?;
            let became = if planned.is_so() {
                journal.record(&Begun::new(step, &self.state), None, self.state.now)?;
                Became::AlreadySo
            } else {
                let begun = Begun::new(step, &planned.after);
                let sent = self.send(step, &planned, &begun, journal).await;
                let signature = sent.with_context(|| place(step))?;
                journal.record(&begun, Some(signature.clone()), planned.after.now)?;
                self.see(step).await?;
                Became::Applied(signature)
            };
            lines.push(Line { step, planned, became });
        }
        Ok(lines)
    }

    /// Sends a step whose every transaction is in the journal before it is in the air.
    async fn send(
        &self,
        step: Pending<'_>,
        planned: &Planned,
        begun: &Begun,
        journal: &mut Journal,
    ) -> Result<String> {
        let recorded = Arc::new(Mutex::new(journal.clone()));
        let (shared, begun) = (recorded.clone(), begun.clone());
        let record: Record = Arc::new(move |sent| {
            shared.lock().unwrap_or_else(PoisonError::into_inner).begin(&begun, sent)
        });
        let sent = self.chain.send(planned, &step.manifest.memo(step.number), record).await;
        journal.clone_from(&recorded.lock().unwrap_or_else(PoisonError::into_inner));
        sent
    }

    /// Waits until the server shows what a step did: planned on an older state, the next one could undo it.
    async fn see(&mut self, step: Pending<'_>) -> Result<()> {
        for look in 0..LOOKS.0 {
            if look > 0 {
                tokio::time::sleep(LOOKS.1).await;
            }
            self.state = self.chain.state(&self.wanted).await?;
            if self.plan(step, &self.state)?.is_so() {
                return Ok(());
            }
        }
        bail!("{} was confirmed, and the server does not show it: run again later", place(step))
    }

    /// What applying would do. Each step is planned on what those before it would leave.
    ///
    /// # Errors
    /// As planning and simulating say.
    pub async fn foresee(self, journal: &Journal) -> Result<Vec<Line<'a>>> {
        let mut lines = vec![];
        let mut state = self.state.clone();
        for step in journal.pending(self.manifests, self.to) {
            let planned = self.plan(step, &state)?;
            state = planned.after.clone();
            let became = if planned.is_so() {
                Became::AlreadySo
            } else {
                Became::WouldApply(self.cost(step, &planned).await?)
            };
            lines.push(Line { step, planned, became });
        }
        Ok(lines)
    }

    /// Only what would be sent on the chain as it is now too can be simulated on it.
    async fn cost(&self, step: Pending<'_>, planned: &Planned) -> Result<Option<Cost>> {
        match self.plan(step, &self.state) {
            Ok(now) if now.instructions == planned.instructions => {
                let memo = step.manifest.memo(step.number);
                let cost = self.chain.simulate(planned, &memo).await;
                Ok(Some(cost.with_context(|| place(step))?))
            }
            _ => Ok(None),
        }
    }

    /// The first step that is not so, if there is one.
    ///
    /// # Errors
    /// As planning says.
    pub fn next(&self, journal: &Journal) -> Result<Option<(Pending<'a>, Planned)>> {
        for step in journal.pending(self.manifests, self.to) {
            let planned = self.plan(step, &self.state)?;
            if !planned.is_so() {
                return Ok(Some((step, planned)));
            }
        }
        Ok(None)
    }
}

/// Where in the manifests a step is.
fn place(step: Pending<'_>) -> String {
    format!("migration {}, step {}", step.manifest.name(), step.number)
}

fn require_authority(state: &State, acting: &Pubkey) -> Result<()> {
    let State { authority, pending_authority, .. } = state;
    if authority == acting {
        return Ok(());
    }
    let offered =
        if pending_authority == acting { "; it was offered to you: accept it first" } else { "" };
    Err(usage(format!(
        "the authority of this Flashback is {authority}, and {acting} is not: act as the authority with \
         --keypair{offered}"
    )))
}
