//! The chain's time: what records are stamped with.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use flashback_core::units::Timestamp;
use flashback_sdk::Flashback;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// Tells the chain's time without asking anybody.
pub trait Clock: Send + Sync {
    /// The chain's time, as far as it is known here.
    fn now(&self) -> Timestamp;
}

/// A clock that is set by hand: where chain time is moved.
#[derive(Clone, Debug, Default)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// What the chain said last, and when.
#[derive(Clone, Copy, Debug)]
struct Heard {
    time: Timestamp,
    at: Instant,
}

impl Heard {
    /// The chain's time at `now`, had it gone on like the one here.
    fn time_at(&self, now: Instant) -> Timestamp {
        let passed = now.saturating_duration_since(self.at).as_secs();
        self.time.after(passed).unwrap_or(self.time)
    }
}

/// The chain's clock: asked for regularly, and taken to go on in between as the clock here does.
#[derive(Debug)]
pub struct ChainClock {
    heard: Arc<RwLock<Heard>>,
    asking: JoinHandle<()>,
}

impl ChainClock {
    /// Asks the chain, and from then on again every `every`.
    ///
    /// # Errors
    /// [`flashback_sdk::Error`], if the first question is not answered.
    pub async fn start(client: Flashback, every: Duration) -> flashback_sdk::Result<Self> {
        let heard = Arc::new(RwLock::new(ask(&client).await?));
        let kept = Arc::clone(&heard);
        let asking = tokio::spawn(async move {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                // Unanswered questions show in `silent`.
                if let Ok(now) = ask(&client).await {
                    *kept.write().unwrap_or_else(PoisonError::into_inner) = now;
                }
            }
        });
        Ok(Self { heard, asking })
    }

    /// For how long the chain has not answered: if for long, the network here may be down.
    pub fn silent(&self) -> Duration {
        self.heard().at.elapsed()
    }

    fn heard(&self) -> Heard {
        *self.heard.read().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(client: &Flashback) -> flashback_sdk::Result<Heard> {
    let time = client.now().await?;
    Ok(Heard { time, at: Instant::now() })
}

impl Clock for ChainClock {
    fn now(&self) -> Timestamp {
        self.heard().time_at(Instant::now())
    }
}

impl Drop for ChainClock {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_answers_the_chains_time_goes_on_in_whole_seconds() {
        let at = Instant::now();
        let heard = Heard { time: Timestamp(1_000), at };
        assert_eq!(heard.time_at(at), Timestamp(1_000));
        assert_eq!(heard.time_at(at + Duration::from_millis(1_999)), Timestamp(1_001));
        let end = Heard { time: Timestamp(i64::MAX), at };
        assert_eq!(end.time_at(at + Duration::from_secs(5)), Timestamp(i64::MAX));
    }
}
