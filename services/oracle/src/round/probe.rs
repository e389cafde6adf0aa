//! The order of a round.

use std::future::Future;
use std::time::Instant;

use bytes::Bytes;
use flashback_core::records::{Kind, Outcome, Record};
use flashback_core::units::Timestamp;
use sha2::{Digest, Sha256};

use super::{Context, Probed, Recorder, RecorderError, Resident, RoundError, RoundResult, State};
use crate::credentials::Canary;
use crate::schedule::RoundPlan;
use crate::target::{Measured, OwnFault, Target, Why};

type Result<T, E = RoundError> = std::result::Result<T, E>;

/// Does one round, keeping each record as it is made.
///
/// # Errors
/// [`RoundError`] if a record or an object could not be kept: the round stops there.
pub async fn probe(
    context: &Context<'_>,
    plan: &RoundPlan,
    state: &mut State,
) -> Result<RoundResult> {
    let _turn = context.turns.acquire().await.map_err(|_| RoundError::Closing)?;
    let mut round = Round { context, plan, state, result: RoundResult::default() };
    round.run().await?;
    Ok(round.result)
}

/// Deletes objects of the oracle's own, those of a round that a crash ended or of a seat that has ended, and
/// returns the keys of those that could not be deleted: they stay written down.
///
/// # Errors
/// The recorder's.
pub async fn clean_up(
    target: &Target,
    keys: impl IntoIterator<Item = String>,
    recorder: &dyn Recorder,
) -> Result<Vec<String>, RecorderError> {
    let mut left = Vec::new();
    for key in keys {
        if is_gone(&target.delete(&key).await) {
            recorder.object_gone(&key).await?;
        } else {
            left.push(key);
        }
    }
    Ok(left)
}

fn is_gone(deletion: &Measured) -> bool {
    matches!(deletion.result, Ok(_) | Err(Why::NotFound))
}

struct Round<'a> {
    context: &'a Context<'a>,
    plan: &'a RoundPlan,
    state: &'a mut State,
    result: RoundResult,
}

/// A probe that was made: when it began, and what came of it.
struct Made {
    time: Timestamp,
    measured: Measured,
}

impl Round<'_> {
    async fn run(&mut self) -> Result<()> {
        let had_resident = self.state.resident.is_some();
        if had_resident {
            if !self.ask_resident(None).await? {
                return Ok(());
            }
            if self.plan.transfer && self.afford(self.transfer_bytes()) {
                self.transfer().await?;
            }
        } else if self.afford(self.transfer_bytes()) {
            self.settle_in().await?;
        } else if let Some(time) = self.begin() {
            let why = Why::OwnSide(OwnFault::Budget);
            self.keep(Record::plain(time, Kind::Availability, why.outcome()), Some(why)).await?;
        }
        self.read_canary().await
    }

    /// HEAD of the resident, and its range. An upload that was just made is kept between the two: availability
    /// comes first. False if the slice has ended before.
    async fn ask_resident(&mut self, upload: Option<Made>) -> Result<bool> {
        let Some(resident) = self.state.resident.clone() else { return Ok(true) };
        let head = match self.begin() {
            Some(time) => {
                let measured = self.timed(self.context.target.head(&resident.key)).await;
                Some(Made { time, measured })
            }
            None => None,
        };
        let (mut head, upload) = match (head, upload) {
            (Some(head), upload) => (head, upload),
            // The slice ended with the upload: it was answered, so the service was there.
            (None, Some(upload)) => {
                self.keep_plain(Kind::Availability, &upload).await?;
                self.keep_transfer(Kind::Upload, &upload).await?;
                return Ok(false);
            }
            (None, None) => return Ok(false),
        };
        let unexplained = head.measured.is_unexplained();
        if !unexplained {
            self.keep_availability(&head, upload.as_ref()).await?;
        }
        let range = resident.range(self.plan.offset);
        let latency = match self.begin() {
            Some(time) => {
                let get = self.context.target.get_range(&resident.key, range.clone());
                let mut measured = self.timed(get).await;
                compare(&mut measured, |bytes| *bytes == resident.part(range));
                Some(Made { time, measured })
            }
            None => None,
        };
        if unexplained {
            if let Some(latency) = &latency {
                head.measured.explain(&latency.measured);
            }
            self.keep_availability(&head, upload.as_ref()).await?;
        }
        let latency_result = latency.as_ref().map(|latency| latency.measured.result.clone());
        if let Some(latency) = latency {
            self.keep_latency(&latency).await?;
        }
        if head.measured.result == Err(Why::NotFound) || latency_result == Some(Err(Why::NotFound))
        {
            self.state.resident = None;
        }
        Ok(true)
    }

    async fn keep_availability(&mut self, head: &Made, upload: Option<&Made>) -> Result<()> {
        self.keep_plain(Kind::Availability, head).await?;
        match upload {
            Some(upload) => self.keep_transfer(Kind::Upload, upload).await,
            None => Ok(()),
        }
    }

    /// A round without a resident: it makes one.
    async fn settle_in(&mut self) -> Result<()> {
        let Some((object, content, upload)) = self.put().await? else { return Ok(()) };
        if upload.measured.result.is_err() {
            self.keep_plain(Kind::Availability, &upload).await?;
            return self.keep_transfer(Kind::Upload, &upload).await;
        }
        self.state.resident = Some(object.clone());
        if self.ask_resident(Some(upload)).await? {
            self.download(&object, content).await?;
        }
        Ok(())
    }

    /// A new object up and down, in place of the former.
    async fn transfer(&mut self) -> Result<()> {
        let Some((object, content, upload)) = self.put().await? else { return Ok(()) };
        self.keep_transfer(Kind::Upload, &upload).await?;
        if upload.measured.result.is_err() {
            return Ok(());
        }
        let former = self.state.resident.replace(object.clone());
        self.download(&object, content).await?;
        match former {
            Some(former) => self.replace(&former).await,
            None => Ok(()),
        }
    }

    /// Puts the round's object, written down before.
    async fn put(&mut self) -> Result<Option<(Resident, Bytes, Made)>> {
        let object = Resident {
            key: self.context.target.key(&self.plan.object),
            content: self.plan.content,
            bytes: self.context.object_bytes,
        };
        let made = object.clone();
        let content = off_thread(move || made.content()).await;
        if self.begin().is_none() {
            return Ok(None);
        }
        self.context.recorder.object_put(&object.key).await?;
        let Some(time) = self.begin() else {
            self.context.recorder.object_gone(&object.key).await?;
            return Ok(None);
        };
        self.spend(u64::from(object.bytes));
        let measured = self.timed(self.context.target.put(&object.key, content.clone())).await;
        Ok(Some((object, content, Made { time, measured })))
    }

    async fn download(&mut self, object: &Resident, content: Bytes) -> Result<()> {
        let Some(time) = self.begin() else { return Ok(()) };
        let bytes = u64::from(object.bytes);
        self.spend(bytes);
        let mut measured = self.timed(self.context.target.get(&object.key, bytes)).await;
        compare(&mut measured, |bytes| *bytes == content);
        self.keep_transfer(Kind::Download, &Made { time, measured }).await
    }

    /// Deletes the former resident: a record, unless the round's canary has it.
    async fn replace(&mut self, former: &Resident) -> Result<()> {
        let Some(time) = self.begin() else { return Ok(()) };
        let measured = self.timed(self.context.target.delete(&former.key)).await;
        // Told that it is not there, the clean-up makes sure.
        let gone = measured.result.is_ok();
        if self.canary().is_none() {
            self.keep_plain(Kind::Operation, &Made { time, measured }).await?;
        }
        if gone {
            self.context.recorder.object_gone(&former.key).await?;
        }
        Ok(())
    }

    async fn read_canary(&mut self) -> Result<()> {
        let Some(canary) = self.canary() else { return Ok(()) };
        // Checked when the credentials were opened.
        let Ok(digest) = canary.digest() else { return Ok(()) };
        let Some(time) = self.begin() else { return Ok(()) };
        self.spend(u64::from(canary.bytes));
        let get = self.context.target.get(&canary.key, u64::from(canary.bytes));
        let mut measured = self.timed(get).await;
        if let Ok(bytes) = measured.result.clone() {
            let right = off_thread(move || Sha256::digest(bytes).as_slice() == digest).await;
            compare(&mut measured, |_| right);
        }
        if measured.result.is_ok() {
            if self.state.proven.insert(canary.key.clone()) {
                self.context.recorder.canary_read(&canary.key).await?;
            }
        } else if matches!(measured.result, Err(Why::NotFound | Why::WrongBytes))
            && !self.state.proven.contains(&canary.key)
        {
            measured.result = Err(Why::CanaryUnproven);
        }
        self.keep_plain(Kind::Operation, &Made { time, measured }).await
    }

    /// The round's canary, if the budget allows to read it.
    fn canary(&self) -> Option<Canary> {
        let canary = self.context.canaries.get(self.plan.canary?)?;
        self.afford(u64::from(canary.bytes)).then(|| canary.clone())
    }

    /// The chain's time, if the round may still begin a request.
    fn begin(&self) -> Option<Timestamp> {
        let now = self.context.clock.now();
        self.plan.slice.contains(&now).then_some(now)
    }

    fn transfer_bytes(&self) -> u64 {
        2 * u64::from(self.context.object_bytes)
    }

    fn afford(&self, bytes: u64) -> bool {
        bytes <= self.state.bytes_left
    }

    fn spend(&mut self, bytes: u64) {
        self.state.bytes_left = self.state.bytes_left.saturating_sub(bytes);
        self.result.bytes = self.result.bytes.saturating_add(bytes);
    }

    /// Makes a probe. Silence while the oracle's own side was unwell says nothing.
    async fn timed(&self, probe: impl Future<Output = Measured>) -> Measured {
        let began = Instant::now();
        let mut measured = probe.await;
        measured.unwell = self.context.witness.fault_since(began);
        if let (Err(why), Some(fault)) = (&measured.result, measured.unwell)
            && why.is_silence()
        {
            measured.result = Err(Why::OwnSide(fault));
        }
        measured
    }

    async fn keep_plain(&mut self, kind: Kind, made: &Made) -> Result<()> {
        let why = made.measured.result.as_ref().err().copied();
        let outcome = why.map_or(Outcome::Ok, Why::outcome);
        self.keep(Record::plain(made.time, kind, outcome), why).await
    }

    async fn keep_latency(&mut self, made: &Made) -> Result<()> {
        let record = Record::latency(made.time, made.measured.latency_us);
        self.keep_figure(record, made).await
    }

    async fn keep_transfer(&mut self, kind: Kind, made: &Made) -> Result<()> {
        let Measured { bytes, duration_us, .. } = made.measured;
        let record = match kind {
            Kind::Upload => Record::upload(made.time, bytes, duration_us),
            _ => Record::download(made.time, bytes, duration_us),
        };
        self.keep_figure(record, made).await
    }

    /// Keeps a figure, unless there is none or it was taken while the oracle's own side was unwell.
    async fn keep_figure(&mut self, figure: Record, made: &Made) -> Result<()> {
        let unwell = made.measured.unwell.map(Why::OwnSide);
        match made.measured.result.as_ref().err().copied().or(unwell) {
            None => self.keep(figure, None).await,
            Some(why) => {
                let record = Record::plain(figure.time, figure.kind, why.outcome());
                self.keep(record, Some(why)).await
            }
        }
    }

    async fn keep(&mut self, record: Record, why: Option<Why>) -> Result<()> {
        self.context.recorder.record(self.plan.round, record).await?;
        self.result.probes.push(Probed { record, why });
        Ok(())
    }
}

/// Turns what was ok into a failure unless the bytes are the right ones.
fn compare(measured: &mut Measured, right: impl FnOnce(&Bytes) -> bool) {
    if measured.result.as_ref().is_ok_and(|bytes| !right(bytes)) {
        measured.result = Err(Why::WrongBytes);
    }
}

/// Runs work that would hold up the runtime, and with it the figures of others.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + Clone + 'static) -> T {
    match tokio::task::spawn_blocking(work.clone()).await {
        Ok(done) => done,
        Err(_) => work(),
    }
}
