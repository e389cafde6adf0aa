//! Reporting windows: each once, whatever ends the process and wherever.
//!
//! A window's tree is built once its report phase opens. Its transaction is written down before it is sent, and its
//! fate is learnt before another one is made. The chain has the last word: what it has of a seat counts as reported,
//! whoever sent it.

use std::collections::BTreeMap;
use std::sync::Arc;

use flashback_core::sla::{SeatStatus, SlaState};
use flashback_core::units::Timestamp;
use flashback_sdk::account::Sla;
use flashback_sdk::instruction::SubmitReportArgs;
use flashback_sdk::{Error, Flashback, InFlight, Lifetime, Prepared, SendOptions};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;
use tokio::runtime::Handle;
use tracing::{info, warn};

use crate::key::WindowKey;
use crate::store::{Filter, State, Store, StoreError, Submission, Window};
use crate::window::Closed;

/// Reports one oracle's windows.
#[derive(Clone)]
pub struct Reporter {
    client: Flashback,
    store: Store,
}

/// What a pass came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Windows whose tree was built.
    pub closed: Vec<WindowKey>,
    /// Windows whose report is on chain now.
    pub landed: Vec<WindowKey>,
    /// Windows that will not be reported, and why.
    pub missed: Vec<(WindowKey, String)>,
    /// Windows that are tried again, and why they were not reported.
    pub again: Vec<(WindowKey, String)>,
}

/// What the chain says of a window's seat.
enum Standing {
    /// A report can be made.
    Due,
    /// Its report phase has not begun by the chain.
    Early,
    /// This very report is there.
    Reported,
    /// It cannot be reported any more, or never could be.
    Never(String),
}

impl Reporter {
    /// Reports what is in `store` as the client's key, which is the oracle's authority.
    pub fn new(client: Flashback, store: Store) -> Self {
        Self { client, store }
    }

    /// Does what is due at `now`: builds trees, learns the fate of what was sent, and sends.
    ///
    /// # Errors
    /// The store's. What the chain or the server refuses is told in the pass, and tried again in the next.
    pub async fn pass(&self, now: Timestamp) -> Result<Pass, StoreError> {
        let mut pass = Pass::default();
        let unfinished = Filter { unfinished: true, ..Filter::default() };
        for window in self.store.windows(&unfinished).await? {
            let over = window.opening.ends(&window.key).is_ok_and(|end| end <= now);
            if window.state == State::Open && over {
                let closed = Closed::read(&self.store, &window.key).await?;
                self.store.close_window(&window.key, &closed).await?;
                pass.closed.push(window.key);
            }
        }
        for window in self.store.windows(&unfinished).await? {
            if let State::Sent { signature, last_valid_block_height } = window.state {
                self.learn(&window.key, signature, last_valid_block_height, &mut pass).await?;
            }
        }
        let closed = self.store.windows(&unfinished).await?;
        let closed = closed.into_iter().filter(|window| window.state == State::Closed);
        self.report(closed.collect(), now, &mut pass).await?;
        Ok(pass)
    }

    /// Learns what became of a transaction that was sent, perhaps by a process before this one.
    async fn learn(
        &self,
        key: &WindowKey,
        signature: Signature,
        last_valid_height: u64,
        pass: &mut Pass,
    ) -> Result<(), StoreError> {
        let lifetime = Lifetime::Blockhash { last_valid_height };
        match self.client.await_sent(&InFlight { signature, lifetime }).await {
            Ok(Some(slot)) => match self.client.find::<Sla>(&key.life.sla).await {
                Ok(sla) if self.took_effect(sla.as_ref(), key) => {
                    self.landed(key, signature, slot, pass).await
                }
                Ok(_) => self.store.failed_to_land(key).await,
                Err(error) => {
                    pass.again.push((*key, error.to_string()));
                    Ok(())
                }
            },
            Ok(None) | Err(Error::Failed(_) | Error::Expired { .. }) => {
                self.store.failed_to_land(key).await
            }
            Err(error) => {
                pass.again.push((*key, error.to_string()));
                Ok(())
            }
        }
    }

    /// Whether a transaction that landed brought this window's report: one that is refused stops no other. What the chain
    /// has forgotten since was taken.
    fn took_effect(&self, sla: Option<&Sla>, key: &WindowKey) -> bool {
        let sla = sla.filter(|sla| sla.body.terms.start == key.life.start.0);
        let awaited = sla.filter(|sla| sla.body.progress.cursor <= key.window);
        awaited.is_none_or(|sla| {
            let seat = self.seat(sla);
            seat.is_some_and(|seat| {
                sla.body.round.status_in(key.window, seat) != SeatStatus::Absent
            })
        })
    }

    /// Reports closed windows, as many to a transaction as fit.
    async fn report(
        &self,
        closed: Vec<Window>,
        now: Timestamp,
        pass: &mut Pass,
    ) -> Result<(), StoreError> {
        let mut due = BTreeMap::new();
        for (window, standing) in self.standings(closed, now, pass).await {
            let Some(submission) = window.submission else { continue };
            match standing {
                Standing::Early => {}
                Standing::Due => {
                    due.insert(window.key.life.sla, (window.key, submission));
                }
                Standing::Reported => {
                    self.landed(&window.key, Signature::default(), 0, pass).await?;
                }
                Standing::Never(why) => {
                    self.store.missed(&window.key, why.clone()).await?;
                    pass.missed.push((window.key, why));
                }
            }
        }
        let reports: Vec<_> = due.iter().map(|(sla, (key, of))| (*sla, args(key, of))).collect();
        for batch in self.client.reports(&reports, &[]) {
            self.send(&batch, &due, pass).await?;
        }
        Ok(())
    }

    /// Sends a batch, and asks the chain which of its reports were taken.
    async fn send(
        &self,
        batch: &Prepared,
        due: &BTreeMap<Pubkey, (WindowKey, Submission)>,
        pass: &mut Pass,
    ) -> Result<(), StoreError> {
        let accounts = batch.instructions().iter().flat_map(|one| &one.accounts);
        let windows: Vec<_> = accounts.filter_map(|meta| due.get(&meta.pubkey).copied()).collect();
        let keys: Vec<_> = windows.iter().map(|(key, _)| *key).collect();
        let client = self.client.clone().with_options(self.options(keys.clone()));
        let sent = client.prepare(batch.instructions().to_vec()).send().await;
        let again = match &sent {
            Ok(_) => None,
            // In the air: its fate is learnt in the next pass.
            Err(Error::Unknown { .. } | Error::NotSent(_)) => {
                let why = sent.as_ref().err().map(ToString::to_string).unwrap_or_default();
                pass.again.extend(keys.iter().map(|key| (*key, why.clone())));
                return Ok(());
            }
            Err(error) => Some(error.to_string()),
        };
        let read = self.client.find_many::<Sla>(&addresses(&keys)).await;
        let Ok(slas) = read else { return Ok(()) };
        for ((key, submission), sla) in windows.iter().zip(slas) {
            let taken = sla.ok().flatten().is_some_and(|sla| {
                matches!(self.reported(&sla, key, submission), Some(Standing::Reported))
            });
            match (&sent, taken) {
                (Ok(receipt), true) => {
                    self.landed(key, receipt.signature, receipt.slot, pass).await?;
                }
                (Err(_), true) => self.landed(key, Signature::default(), 0, pass).await?,
                (_, false) => {
                    self.store.failed_to_land(key).await?;
                    let why = again.clone().unwrap_or_else(|| "the program refused it".to_owned());
                    warn!(window = %key, why, "not reported: tried again");
                    pass.again.push((*key, why));
                }
            }
        }
        Ok(())
    }

    async fn landed(
        &self,
        key: &WindowKey,
        signature: Signature,
        slot: u64,
        pass: &mut Pass,
    ) -> Result<(), StoreError> {
        self.store.landed(key, signature, slot).await?;
        info!(window = %key, %signature, "reported");
        pass.landed.push(*key);
        Ok(())
    }

    /// One transaction for each signing, written down before it is sent.
    fn options(&self, keys: Vec<WindowKey>) -> SendOptions {
        let store = self.store.clone();
        let write_down = move |sent: &InFlight| {
            let Lifetime::Blockhash { last_valid_height } = sent.lifetime else {
                return Err("a report is signed with a blockhash".into());
            };
            let write = async {
                for key in &keys {
                    store.sent(key, sent.signature, last_valid_height).await?;
                }
                Ok::<_, StoreError>(())
            };
            tokio::task::block_in_place(|| Handle::current().block_on(write)).map_err(Into::into)
        };
        SendOptions {
            signings: 1,
            on_sent: Some(Arc::new(write_down)),
            ..self.client.options().clone()
        }
    }

    /// How each window's seat stands on chain.
    async fn standings(
        &self,
        closed: Vec<Window>,
        now: Timestamp,
        pass: &mut Pass,
    ) -> Vec<(Window, Standing)> {
        let keys: Vec<_> = closed.iter().map(|window| window.key).collect();
        let read = match self.client.find_many::<Sla>(&addresses(&keys)).await {
            Ok(read) => read,
            Err(error) => {
                pass.again.extend(keys.into_iter().map(|key| (key, error.to_string())));
                return vec![];
            }
        };
        let mut standings = vec![];
        for (window, sla) in closed.into_iter().zip(read) {
            match sla {
                Ok(sla) => {
                    let standing = self.standing(sla.as_ref(), &window, now);
                    standings.push((window, standing));
                }
                Err(error) => pass.again.push((window.key, error.to_string())),
            }
        }
        standings
    }

    fn standing(&self, sla: Option<&Sla>, window: &Window, now: Timestamp) -> Standing {
        let key = &window.key;
        let sla = sla.filter(|sla| sla.body.terms.start == key.life.start.0);
        let Some(sla) = sla else { return Standing::Never("the SLA is closed".to_owned()) };
        if let Some(submission) = &window.submission
            && let Some(standing) = self.reported(sla, key, submission)
        {
            return standing;
        }
        let (progress, terms) = (&sla.body.progress, &sla.body.terms);
        let never = |why: &str| Standing::Never(why.to_owned());
        let Some(seat) = self.seat(sla) else { return never("the seat is held by another") };
        if !sla.body.seats.counts(seat, key.window) {
            return never("the seat does not count yet");
        }
        if progress.state() != Ok(SlaState::Active) || key.window >= progress.end {
            return never("the SLA ended before it");
        }
        match (terms.report_opens(key.window), terms.report_closes(key.window)) {
            (Ok(opens), _) if now < opens => Standing::Early,
            (Ok(_), Ok(closes)) if now < closes && progress.cursor <= key.window => Standing::Due,
            _ => never("its report phase is over"),
        }
    }

    /// What the chain has of this seat and window, if it has anything.
    fn reported(&self, sla: &Sla, key: &WindowKey, submission: &Submission) -> Option<Standing> {
        let seat = self.seat(sla)?;
        let round = &sla.body.round;
        if round.status_in(key.window, seat) == SeatStatus::Absent {
            return None;
        }
        Some(match round.commitments.get(seat) {
            Some(commitment) if *commitment == submission.commitment() => Standing::Reported,
            _ => Standing::Never(
                "another report of this seat is on chain: does another process run with this key?"
                    .to_owned(),
            ),
        })
    }

    fn seat(&self, sla: &Sla) -> Option<usize> {
        sla.seats.iter().position(|seat| *seat == self.client.key())
    }
}

fn addresses(keys: &[WindowKey]) -> Vec<Pubkey> {
    keys.iter().map(|key| key.life.sla).collect()
}

fn args(key: &WindowKey, submission: &Submission) -> SubmitReportArgs {
    let Submission { aggregate, root } = *submission;
    SubmitReportArgs { window: key.window, aggregate, root }
}
