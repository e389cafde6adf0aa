//! An oracle at work: everything together, until it is told to stop.
//!
//! | module | what |
//! | --- | --- |
//! | [`access`] | what consumers have sealed to it |
//! | [`seats`] | the seats that it has |
//! | [`probing`] | probes one SLA |
//! | [`defence`] | opens challenged leaves |
//! | [`standing`] | watches its stake and score |
//! | [`server`] | records, health and metrics over HTTP |
//! | [`metrics`] | what is counted |
//!
//! It may be killed at any line and started again: what was recorded is kept, what was sent is found again.

pub mod access;
pub mod defence;
pub mod metrics;
pub mod probing;
pub mod seats;
pub mod server;
pub mod standing;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flashback_core::units::Seconds;
use flashback_sdk::Flashback;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tracing::{error, info, warn};

use crate::clock::{ChainClock, Clock};
use crate::credentials::OracleKey;
use crate::key::SlaLife;
use crate::report::Reporter;
use crate::round::{Lag, Network, Witness};
use crate::schedule::SecretKey;
use crate::store::{Store, StoreError};
use crate::target::Target;
use crate::text::encode_hex;
use access::Folder;
use probing::{ProbeConfig, Probing, ProbingError, Shared};
use seats::Seat;
use server::Vitals;

/// How an oracle runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of sealed files.
    pub credentials: PathBuf,
    /// Where records, health and metrics are served.
    pub listen: SocketAddr,
    /// How SLAs are probed.
    pub probing: ProbeConfig,
    /// How many rounds may run at once.
    pub turns: usize,
    /// How often seats, challenges and what is to be reported are looked at.
    pub look: Duration,
    /// For how long records of reported windows are kept, by the chain's clock.
    pub retention: Seconds,
}

/// The shortest retention: disputes and challenges of a window last 7 days and a window at most.
pub const RETENTION_MIN: Seconds = Seconds(15 * 86_400);

/// How long the chain may be silent before the network here counts as down.
const SILENCE: Duration = Duration::from_secs(15);
/// How late the runtime's timers may be before measurements count for nothing.
const LAG: Duration = Duration::from_millis(50);
/// How often the runtime's timers are looked at.
const LAG_PERIOD: Duration = Duration::from_millis(50);
/// How often the chain is asked for its time.
const CLOCK: Duration = Duration::from_secs(1);
/// How often stake and score are looked at, and old records are rolled up.
const UPKEEP: Duration = Duration::from_secs(60);

/// Why an oracle stopped, or did not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The chain.
    #[error(transparent)]
    Chain(#[from] flashback_sdk::Error),
    /// Of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address to listen at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The key file and the chain's account do not fit.
    #[error(
        "this key file's public key is {here}, and the oracle's account says {chain}: consumers seal to the latter. \
         `flashback oracle update --x25519 {here}` changes it"
    )]
    KeyDiffers {
        /// The file's.
        here: String,
        /// The account's.
        chain: String,
    },
    /// Metrics.
    #[error("metrics cannot be recorded: {0}")]
    Metrics(String),
}

/// An oracle that is ready to run.
pub struct Oracle {
    client: Flashback,
    key: OracleKey,
    config: Config,
    store: Store,
    clock: Arc<ChainClock>,
    network: Network,
    shared: Shared,
    folder: Folder,
    tasks: BTreeMap<SlaLife, Task>,
    /// Why SLAs cannot be probed, as it was told.
    told: BTreeMap<SlaLife, String>,
    /// Until it is served at.
    listener: Option<TcpListener>,
    address: SocketAddr,
    vitals: Arc<Vitals>,
}

/// An SLA that is probed.
struct Task {
    seat: watch::Sender<Seat>,
    work: JoinHandle<Result<(), ProbingError>>,
}

impl Oracle {
    /// Gets an oracle ready: opens its store is the caller's; asks the chain for its account and the time, and listens.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn start(
        client: Flashback,
        key: OracleKey,
        store: Store,
        config: Config,
    ) -> Result<Self, RunError> {
        let account = client.oracle(&client.key()).await?;
        if account.x25519 != key.public() {
            return Err(RunError::KeyDiffers {
                here: encode_hex(&key.public()),
                chain: encode_hex(&account.x25519),
            });
        }
        let clock = Arc::new(ChainClock::start(client.clone(), CLOCK).await?);
        let network = Network::default();
        let lag: Box<dyn Witness> = Box::new(Lag::start(LAG_PERIOD, LAG));
        let witnesses: Box<[Box<dyn Witness>]> = Box::new([Box::new(network.clone()), lag]);
        let shared = Shared {
            store: store.clone(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            witness: Arc::new(witnesses),
            turns: Arc::new(Semaphore::new(config.turns)),
            secret: Arc::new(SecretKey::of(&key)),
            config: config.probing.clone(),
        };
        let address = config.listen;
        let failed = |source| RunError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            folder: Folder::new(&config.credentials, client.key()),
            client,
            key,
            store,
            clock,
            network,
            shared,
            tasks: BTreeMap::new(),
            told: BTreeMap::new(),
            listener: Some(listener),
            address,
            vitals: Arc::new(Vitals::default()),
            config,
        })
    }

    /// Where it is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Works until `stop` says so. Rounds under way are finished, and the bucket's own objects stay for the next start.
    ///
    /// # Errors
    /// [`RunError`], if the store fails.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), RunError> {
        let prometheus = server::recorder()?;
        metrics::describe();
        let serving = self.listener.take().map(|listener| {
            let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
            let (store, vitals) = (self.store.clone(), Arc::clone(&self.vitals));
            let oracle = self.client.key();
            let all =
                server::serve(listener, store, oracle, clock, vitals, prometheus, stop.clone());
            tokio::spawn(all)
        });
        let reporter = Reporter::new(self.client.clone(), self.store.clone());
        let mut upkeep: Option<Instant> = None;
        info!(oracle = %self.client.key(), "at work");
        while !*stop.borrow() {
            self.watch_network();
            if let Err(why) = self.look(&stop).await {
                warn!(%why, "the chain could not be looked at: tried again");
            }
            let pass = reporter.pass(self.clock.now()).await?;
            metrics::passed(&pass);
            for (window, why) in &pass.missed {
                warn!(%window, why, "not reported");
            }
            let lives: Vec<_> = self.tasks.keys().copied().collect();
            defence::open_challenged(&self.client, &self.store, &lives, self.clock.now()).await?;
            if upkeep.is_none_or(|last| last.elapsed() >= UPKEEP) {
                upkeep = Some(Instant::now());
                standing::watch(&self.client).await;
                self.store.roll_up(self.clock.now(), self.config.retention).await?;
            }
            self.vitals.alive(self.tasks.len());
            tokio::select! {
                () = sleep(self.config.look) => {}
                _ = stop.changed() => {}
            }
        }
        for (life, task) in std::mem::take(&mut self.tasks) {
            ended(life, task.work.await);
        }
        if let Some(serving) = serving {
            let _ = serving.await;
        }
        info!("stopped");
        Ok(())
    }

    /// The network here is down if the chain has been silent.
    fn watch_network(&self) {
        let silent = self.clock.silent();
        self.network.set(silent <= SILENCE);
        metrics::chain_silent(silent.as_secs_f64());
    }

    /// Looks at the seats: probes those that are new, tells tasks of changes, ends those that are over.
    async fn look(&mut self, stop: &watch::Receiver<bool>) -> flashback_sdk::Result<()> {
        self.folder.look();
        let seats = seats::seats(&self.client, &self.client.key()).await?;
        let held: BTreeMap<_, _> = seats.into_iter().map(|seat| (seat.life, seat)).collect();
        let over =
            |life: &SlaLife, task: &mut Task| !held.contains_key(life) || task.work.is_finished();
        for (life, task) in self.tasks.extract_if(.., over).collect::<Vec<_>>() {
            // Its receiver sees that nobody speaks any more.
            drop(task.seat);
            ended(life, task.work.await);
        }
        let mut unsealed = 0u32;
        let count = u32::try_from(held.len()).unwrap_or(u32::MAX);
        for (life, seat) in held {
            match self.tasks.get(&life) {
                Some(task) => {
                    task.seat.send_if_modified(|known| {
                        let changed = *known != seat;
                        *known = seat;
                        changed
                    });
                }
                None => match self.begin(seat, stop) {
                    Some(task) => {
                        self.tasks.insert(life, task);
                    }
                    None => unsealed = unsealed.saturating_add(1),
                },
            }
        }
        metrics::seated(count, unsealed);
        Ok(())
    }

    /// Begins to probe an SLA, if its consumer has sealed something usable.
    fn begin(&mut self, seat: Seat, stop: &watch::Receiver<bool>) -> Option<Task> {
        let life = seat.life;
        let access = match self.folder.access(life, &self.key)? {
            Ok(access) => access,
            Err(why) => {
                self.tell_once(life, &why);
                return None;
            }
        };
        let target = match Target::new(&seat.endpoint, &access, &self.config.probing.limits) {
            Ok(target) => target,
            Err(why) => {
                self.tell_once(life, &why);
                return None;
            }
        };
        info!(sla = %life.sla, endpoint = seat.endpoint, "seated and sealed to");
        let (seat, receiver) = watch::channel(seat);
        let probing = Probing::new(self.shared.clone(), access, target, receiver);
        Some(Task { seat, work: tokio::spawn(probing.run(stop.clone())) })
    }
}

impl Oracle {
    /// Says why an SLA cannot be probed, unless that is known.
    fn tell_once(&mut self, life: SlaLife, why: &dyn std::fmt::Display) {
        let why = why.to_string();
        if self.told.get(&life) != Some(&why) {
            warn!(sla = %life.sla, why, "it cannot be probed");
            self.told.insert(life, why);
        }
    }
}

fn ended(life: SlaLife, work: Result<Result<(), ProbingError>, tokio::task::JoinError>) {
    match work {
        Ok(Ok(())) => info!(sla = %life.sla, "not probed any more"),
        Ok(Err(why)) => error!(sla = %life.sla, %why, "probing stopped: begun again"),
        Err(why) => error!(sla = %life.sla, %why, "probing stopped: begun again"),
    }
}
