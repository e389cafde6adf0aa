//! Probing one SLA: round after round, as its schedule says.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use flashback_core::records::{Kind, Outcome, Record};
use flashback_core::units::{Seconds, Timestamp};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;
use tracing::{debug, info, warn};

use super::metrics;
use super::seats::Seat;
use crate::clock::Clock;
use crate::credentials::Access;
use crate::key::{SlaLife, WindowKey};
use crate::round::{self, Context, Recorder, RecorderError, RoundError, State, Witness};
use crate::schedule::{Plan, RoundPlan, Schedule, SecretKey};
use crate::store::{Store, StoreError, WindowStore};
use crate::target::{Limits, Target};

/// The longest that a wait goes without a look at the clock, which may be moved.
const LOOK: Duration = Duration::from_millis(500);

/// How SLAs are probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeConfig {
    /// Transfer rounds of a window, unless its terms need more.
    pub transfers: u32,
    /// The size of the objects that are moved, in bytes.
    pub object_bytes: u32,
    /// The most bytes of objects that are moved for an SLA in a window.
    pub budget_bytes: u64,
    /// What bounds each request.
    pub limits: Limits,
}

impl Default for ProbeConfig {
    /// 48 transfers of 1 MiB a window, 1 GiB a window at most, requests of 10 seconds at most.
    fn default() -> Self {
        Self {
            transfers: crate::schedule::TRANSFERS,
            object_bytes: round::OBJECT_BYTES,
            budget_bytes: 1 << 30,
            limits: Limits::default(),
        }
    }
}

/// What all SLAs of an oracle share.
#[derive(Clone)]
pub struct Shared {
    /// Records go there.
    pub store: Store,
    /// The chain's time.
    pub clock: Arc<dyn Clock>,
    /// How the oracle's own side is.
    pub witness: Arc<dyn Witness>,
    /// How many rounds may run at once.
    pub turns: Arc<Semaphore>,
    /// What schedules are drawn from.
    pub secret: Arc<SecretKey>,
    /// How SLAs are probed.
    pub config: ProbeConfig,
}

/// Why an SLA is not probed any more.
#[derive(Debug, thiserror::Error)]
pub enum ProbingError {
    /// Of the records.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Of a round.
    #[error(transparent)]
    Round(#[from] RoundError),
    /// Of the terms.
    #[error(transparent)]
    Rule(#[from] flashback_core::CoreError),
}

/// One SLA that is probed.
pub struct Probing {
    shared: Shared,
    access: Access,
    target: Target,
    state: State,
    seat: watch::Receiver<Seat>,
}

/// The window under way.
struct Under {
    recorder: WindowStore,
    schedule: Schedule,
    attempted: BTreeSet<u32>,
    /// Rounds before this one were attempted or are over.
    next: u32,
}

impl Probing {
    /// Probes with that access, for a seat which may change.
    pub fn new(
        shared: Shared,
        access: Access,
        target: Target,
        seat: watch::Receiver<Seat>,
    ) -> Self {
        let state = State { bytes_left: shared.config.budget_bytes, ..State::default() };
        Self { shared, access, target, state, seat }
    }

    /// Probes until `stop` says so, or the seat is over: then its objects are deleted. A round under way is finished.
    ///
    /// # Errors
    /// [`ProbingError`], for which a restart may help: nothing was lost.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), ProbingError> {
        self.begin().await?;
        let mut under: Option<Under> = None;
        while !*stop.borrow() && !self.is_over() {
            let now = self.shared.clock.now();
            let seat = self.seat.borrow().clone();
            let window = seat.window_at(now);
            if under.as_ref().map(|under| *under.recorder.key()) != window {
                under = match window {
                    Some(key) => Some(self.open(&seat, key).await?),
                    None => None,
                };
            }
            let due = match &mut under {
                Some(under) => under.due(now)?,
                None => None,
            };
            match (due, &mut under) {
                (Some(plan), Some(under)) => {
                    under.attempted.insert(plan.round);
                    self.round(&seat, under, &plan).await?;
                }
                _ => tokio::select! {
                    () = sleep(LOOK) => {}
                    _ = stop.changed() => {}
                },
            }
        }
        if self.is_over() { self.clean_up().await } else { Ok(()) }
    }

    /// Whether nobody speaks of the seat any more.
    fn is_over(&self) -> bool {
        self.seat.has_changed().is_err()
    }

    /// Deletes what an earlier process left in the bucket.
    async fn begin(&mut self) -> Result<(), ProbingError> {
        let life = self.seat.borrow().life;
        let read = self.shared.store.canaries(&life).await?;
        self.state.proven = read.into_iter().map(|(key, _)| key).collect();
        self.clean_up().await
    }

    /// Deletes the oracle's own objects from the bucket.
    async fn clean_up(&mut self) -> Result<(), ProbingError> {
        let life = self.seat.borrow().life;
        let left = self.shared.store.leftovers(&life).await?;
        let recorder = LifeRecorder { store: self.shared.store.clone(), life };
        let left = round::clean_up(&self.target, left, &recorder).await;
        let left = left.map_err(RoundError::Recorder)?;
        if !left.is_empty() {
            warn!(sla = %life.sla, objects = left.len(), "objects could not be deleted");
        }
        self.state.resident = None;
        Ok(())
    }

    async fn open(&mut self, seat: &Seat, key: WindowKey) -> Result<Under, ProbingError> {
        self.shared.store.open_window(&key, &seat.opening(&key)?).await?;
        let window = self.shared.store.recording(&key).await?;
        let plan = Plan {
            transfers: self.shared.config.transfers,
            min_samples: u32::from(seat.terms.min_samples),
            canaries: self.access.canaries.len(),
            room: Seconds(self.room()),
        };
        let schedule = Schedule::new(&self.shared.secret, window.series(), key, &plan);
        let attempted = self.shared.store.attempted_rounds(&key).await?;
        self.state.bytes_left = self.shared.config.budget_bytes;
        info!(window = %key, rounds = schedule.rounds(), "probing");
        Ok(Under { recorder: window, schedule, attempted, next: 0 })
    }

    /// How long a round may take, in seconds: five requests.
    fn room(&self) -> u32 {
        u32::try_from(self.shared.config.limits.timeout.as_secs().saturating_mul(5))
            .unwrap_or(u32::MAX)
    }

    async fn round(
        &mut self,
        seat: &Seat,
        under: &Under,
        plan: &RoundPlan,
    ) -> Result<(), ProbingError> {
        if seat.in_maintenance(plan.at) {
            let left_out = Record::plain(plan.at, Kind::Availability, Outcome::Inconclusive);
            return Ok(under
                .recorder
                .record(plan.round, left_out)
                .await
                .map_err(RoundError::Recorder)?);
        }
        let context = Context {
            target: &self.target,
            canaries: &self.access.canaries,
            clock: &*self.shared.clock,
            witness: &*self.shared.witness,
            recorder: &under.recorder,
            turns: &self.shared.turns,
            object_bytes: self.shared.config.object_bytes,
        };
        let result = round::probe(&context, plan, &mut self.state).await?;
        for probe in &result.probes {
            metrics::probed(probe);
            if let Some(why) = probe.why {
                debug!(sla = %seat.life.sla, round = plan.round, kind = ?probe.record.kind, %why, "not ok");
            }
        }
        metrics::moved(result.bytes);
        Ok(())
    }
}

impl Under {
    /// The round that is to begin at `now`: of those whose time has come and that are not over, the first. A clock that is
    /// moved passes over rounds: they stay empty.
    fn due(&mut self, now: Timestamp) -> Result<Option<RoundPlan>, ProbingError> {
        while self.next < self.schedule.rounds() {
            let plan = self.schedule.round(self.next)?;
            if self.attempted.contains(&self.next) || plan.slice.end <= now {
                self.next = self.next.saturating_add(1);
                continue;
            }
            return Ok((plan.at <= now).then_some(plan));
        }
        Ok(None)
    }
}

/// Strikes out what is cleaned up while no window is under way.
struct LifeRecorder {
    store: Store,
    life: SlaLife,
}

#[async_trait]
impl Recorder for LifeRecorder {
    async fn record(&self, _round: u32, _record: Record) -> Result<(), RecorderError> {
        Err("no window is under way".into())
    }

    async fn object_put(&self, key: &str) -> Result<(), RecorderError> {
        Ok(self.store.object_put(&self.life, key).await?)
    }

    async fn object_gone(&self, key: &str) -> Result<(), RecorderError> {
        Ok(self.store.object_gone(&self.life, key).await?)
    }

    async fn canary_read(&self, _key: &str) -> Result<(), RecorderError> {
        Err("no window is under way".into())
    }
}
