//! A provider with faults, a consumer with a bucket there, and an oracle that probes it round by round.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use flashback_core::records::{Record, Series};
use flashback_core::units::{Seconds, Timestamp};
use flashback_oracle::clock::{Clock, SetClock};
use flashback_oracle::credentials::{
    Access, Canary, Keys, OracleKey, Protocol, SealedFile, open, seal,
};
use flashback_oracle::key::SlaLife;
use flashback_oracle::round::{
    AllWell, Context, Recorder, RecorderError, RoundError, RoundResult, State, Witness, clean_up,
    probe,
};
use flashback_oracle::schedule::{Plan, RoundPlan, Schedule, SecretKey};
use flashback_oracle::target::{Limits, Target};
use flashback_test_storage::{Entry, Faults, StorageConfig, TestStorage};
use sha2::{Digest, Sha256};
use solana_sdk::pubkey::Pubkey;
use tokio::sync::Semaphore;

pub const OBJECT_BYTES: u32 = 24_000;
pub const CANARIES: [&str; 3] = ["backups/monday.tar", "photos/1.jpg", "readme.txt"];
const START: Timestamp = Timestamp(1_800_000_000);

/// Whether `cargo xtask test --full` asks for more.
pub fn full() -> bool {
    std::env::var("FLASHBACK_FULL").is_ok_and(|value| value == "1")
}

/// Rounds of a window: a few hundred operations, or with the full tests several thousand.
pub fn rounds() -> u32 {
    if full() { 1_000 } else { 150 }
}

/// What a recorder was told, in memory.
#[derive(Default)]
pub struct MemoryRecorder {
    kept: Mutex<Kept>,
}

#[derive(Clone, Default)]
pub struct Kept {
    pub records: Vec<(u32, Record)>,
    /// Objects that are written down and not struck out.
    pub objects: BTreeSet<String>,
    pub canaries: Vec<String>,
    /// After how many more records it fails.
    pub fails_after: Option<usize>,
}

impl MemoryRecorder {
    pub fn kept(&self) -> Kept {
        self.kept.lock().unwrap().clone()
    }

    pub fn fail_after(&self, records: usize) {
        self.kept.lock().unwrap().fails_after = Some(records);
    }
}

#[async_trait]
impl Recorder for MemoryRecorder {
    async fn record(&self, round: u32, record: Record) -> Result<(), RecorderError> {
        let mut kept = self.kept.lock().unwrap();
        if let Some(left) = kept.fails_after.as_mut() {
            *left = left.checked_sub(1).ok_or("the disk is full")?;
        }
        let twice = kept.records.iter().any(|(of, was)| *of == round && was.kind == record.kind);
        assert!(!twice, "round {round} has two records of {:?}", record.kind);
        kept.records.push((round, record));
        Ok(())
    }

    async fn object_put(&self, key: &str) -> Result<(), RecorderError> {
        self.kept.lock().unwrap().objects.insert(key.to_owned());
        Ok(())
    }

    async fn object_gone(&self, key: &str) -> Result<(), RecorderError> {
        self.kept.lock().unwrap().objects.remove(key);
        Ok(())
    }

    async fn canary_read(&self, key: &str) -> Result<(), RecorderError> {
        self.kept.lock().unwrap().canaries.push(key.to_owned());
        Ok(())
    }
}

/// How a world is set up.
pub struct Setting {
    pub faults: Faults,
    pub rounds: u32,
    pub transfers: u32,
    pub object_bytes: u32,
    pub budget: u64,
    pub timeout: Duration,
    /// Canaries that the consumer names and never put there.
    pub invented: usize,
    pub witness: Box<dyn Witness>,
    pub seed: u8,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            faults: Faults::default(),
            rounds: rounds(),
            transfers: rounds() / 2,
            object_bytes: OBJECT_BYTES,
            budget: u64::MAX,
            timeout: Duration::from_secs(60),
            invented: 0,
            witness: Box::new(AllWell),
            seed: 1,
        }
    }
}

pub struct World {
    pub storage: TestStorage,
    pub recorder: MemoryRecorder,
    pub state: State,
    pub schedule: Schedule,
    pub clock: SetClock,
    pub target: Target,
    pub canaries: Vec<Canary>,
    witness: Box<dyn Witness>,
    turns: Arc<Semaphore>,
    object_bytes: u32,
}

/// A round, and what the server has logged of it.
pub struct Done {
    pub plan: RoundPlan,
    pub had_resident: bool,
    pub proven: BTreeSet<String>,
    pub result: RoundResult,
    pub log: Vec<Entry>,
}

impl World {
    pub async fn new(setting: Setting) -> Self {
        let seed = u64::from(setting.seed);
        let storage =
            TestStorage::start(StorageConfig { seed, ..StorageConfig::default() }).await.unwrap();
        let mut canaries = Vec::new();
        for (at, key) in (0_u8..).zip(CANARIES) {
            let bytes = vec![at; 5_000 + usize::from(at)];
            storage.put_object(key, &bytes).unwrap();
            canaries.push(canary(key, &bytes));
        }
        canaries.extend((0..setting.invented).map(|at| canary(&format!("invented/{at}"), b"none")));
        let life = SlaLife { sla: Pubkey::new_from_array([setting.seed; 32]), start: START };
        let access = delivered(&storage, life, canaries);
        let limits = Limits { timeout: setting.timeout, ..Limits::default() };
        let target = Target::new(&storage.url(), &access, &limits).unwrap();
        storage.set_faults(setting.faults);

        let series = Series::new(
            [2; 32],
            life.sla.to_bytes(),
            life.start,
            0,
            Seconds(setting.rounds * 60),
            setting.rounds,
        )
        .unwrap();
        let plan = Plan {
            transfers: setting.transfers,
            min_samples: 0,
            canaries: access.canaries.len(),
            room: Seconds(20),
        };
        let secret = SecretKey::new([setting.seed; 32]);
        let schedule = Schedule::new(&secret, &series, life.window(0), &plan);
        Self {
            storage,
            recorder: MemoryRecorder::default(),
            state: State { bytes_left: setting.budget, ..State::default() },
            schedule,
            clock: SetClock::new(START),
            target,
            canaries: access.canaries.clone(),
            witness: setting.witness,
            turns: Arc::new(Semaphore::new(1)),
            object_bytes: setting.object_bytes,
        }
    }

    /// Shares a bound on rounds with other worlds.
    pub fn with_turns(mut self, turns: &Arc<Semaphore>) -> Self {
        self.turns = Arc::clone(turns);
        self
    }

    /// Runs one round at its time.
    pub async fn round(&mut self, round: u32) -> Done {
        let plan = self.schedule.round(round).unwrap();
        self.clock.set(plan.at);
        self.try_plan(plan).await.unwrap()
    }

    /// Runs one round of that plan at the time that the clock shows.
    pub async fn try_plan(&mut self, plan: RoundPlan) -> Result<Done, RoundError> {
        let clock = self.clock.clone();
        self.try_plan_by(plan, &clock).await
    }

    /// Runs one round of that plan by another clock.
    pub async fn try_plan_by(
        &mut self,
        plan: RoundPlan,
        clock: &dyn Clock,
    ) -> Result<Done, RoundError> {
        self.storage.clear_log();
        let had_resident = self.state.resident.is_some();
        let proven = self.state.proven.clone();
        let context = Context {
            target: &self.target,
            canaries: &self.canaries,
            clock,
            witness: &*self.witness,
            recorder: &self.recorder,
            turns: &self.turns,
            object_bytes: self.object_bytes,
        };
        let result = probe(&context, &plan, &mut self.state).await?;
        let mut log = self.storage.log();
        log.sort_by_key(|entry| entry.serial);
        Ok(Done { plan, had_resident, proven, result, log })
    }

    pub async fn rounds(&mut self, rounds: Range<u32>) -> Vec<Done> {
        let mut done = Vec::new();
        for round in rounds {
            done.push(self.round(round).await);
        }
        done
    }

    pub async fn all_rounds(&mut self) -> Vec<Done> {
        self.rounds(0..self.schedule.rounds()).await
    }

    /// The seat ends: the oracle deletes what it has there, and only the consumer's objects are left.
    pub async fn leave(&mut self) {
        self.storage.set_faults(Faults::default());
        let written_down = self.recorder.kept().objects;
        let left = clean_up(&self.target, written_down, &self.recorder).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
        assert!(self.recorder.kept().objects.is_empty());
        assert_eq!(self.storage.objects(), CANARIES);
    }
}

fn canary(key: &str, bytes: &[u8]) -> Canary {
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Canary { key: key.into(), sha256, bytes: bytes.len().try_into().unwrap() }
}

/// The access as the oracle gets it: sealed, as a file, opened.
fn delivered(storage: &TestStorage, life: SlaLife, canaries: Vec<Canary>) -> Access {
    let access = Access {
        sla: life.sla,
        sla_start: life.start.0,
        protocol: Protocol::S3,
        bucket: storage.bucket().into(),
        prefix: Some("backups/2026".into()),
        region: None,
        access: Keys::S3 {
            access_key_id: storage.access_key_id().into(),
            secret_access_key: storage.secret_access_key().into(),
            session_token: None,
        },
        canaries,
    };
    let (key, oracle) = (OracleKey::generate(), Pubkey::new_from_array([8; 32]));
    let file = seal(&access, life, oracle, key.public()).unwrap().to_json().unwrap();
    open(&SealedFile::parse(file.as_bytes()).unwrap(), &key, life, &oracle).unwrap()
}
