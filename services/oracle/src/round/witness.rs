//! Whether the oracle's own side is well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::target::OwnFault;

/// Tells whether what a probe saw may be the oracle's own fault.
pub trait Witness: Send + Sync {
    /// What was wrong here at any time from `since` on, if anything was.
    fn fault_since(&self, since: Instant) -> Option<OwnFault>;
}

/// Nothing is ever wrong here.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllWell;

impl Witness for AllWell {
    fn fault_since(&self, _since: Instant) -> Option<OwnFault> {
        None
    }
}

impl<W: Witness> Witness for [W] {
    fn fault_since(&self, since: Instant) -> Option<OwnFault> {
        self.iter().find_map(|witness| witness.fault_since(since))
    }
}

impl<W: Witness + ?Sized> Witness for Box<W> {
    fn fault_since(&self, since: Instant) -> Option<OwnFault> {
        self.as_ref().fault_since(since)
    }
}

/// Watches how late the runtime's timer fires: late means that figures taken on it are late too.
#[derive(Debug)]
pub struct Lag {
    ticks: Arc<Ticks>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Ticks {
    /// What instants count from.
    base: Instant,
    /// The longest that a tick may follow the one before.
    longest: Duration,
    /// When the last tick was, in µs.
    last: AtomicU64,
    /// When the last tick was late, in µs and one more; 0 if none ever was.
    late: AtomicU64,
}

impl Lag {
    /// Begins to watch, on the runtime that this is called on: a tick every `period` may be `bound` late.
    pub fn start(period: Duration, bound: Duration) -> Self {
        let ticks = Arc::new(Ticks::new(Instant::now(), period + bound));
        let watched = Arc::clone(&ticks);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(period).await;
                watched.tick(Instant::now());
            }
        });
        Self { ticks, task }
    }
}

impl Witness for Lag {
    fn fault_since(&self, since: Instant) -> Option<OwnFault> {
        self.ticks.fault(since, Instant::now())
    }
}

impl Drop for Lag {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ticks {
    fn new(base: Instant, longest: Duration) -> Self {
        Self { base, longest, last: AtomicU64::new(0), late: AtomicU64::new(0) }
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.base).as_micros()).unwrap_or(u64::MAX)
    }

    fn overdue(&self, now: u64) -> bool {
        let waited = now.saturating_sub(self.last.load(Ordering::SeqCst));
        Duration::from_micros(waited) > self.longest
    }

    fn tick(&self, now: Instant) {
        let now = self.micros(now);
        if self.overdue(now) {
            self.late.store(now.saturating_add(1), Ordering::SeqCst);
        }
        self.last.store(now, Ordering::SeqCst);
    }

    /// The tick that is due may be the late one: it has not come yet.
    fn fault(&self, since: Instant, now: Instant) -> Option<OwnFault> {
        let late = self.late.load(Ordering::SeqCst) > self.micros(since);
        (late || self.overdue(self.micros(now))).then_some(OwnFault::Lagging)
    }
}

/// Whether the oracle's own network is up, as whoever watches it says: its connection to the chain, say.
#[derive(Clone, Debug)]
pub struct Network(Arc<Link>);

#[derive(Debug)]
struct Link {
    base: Instant,
    down: AtomicBool,
    /// When it was last seen down, in µs and one more; 0 if never.
    seen_down: AtomicU64,
}

impl Default for Network {
    fn default() -> Self {
        let base = Instant::now();
        Self(Arc::new(Link { base, down: AtomicBool::new(false), seen_down: AtomicU64::new(0) }))
    }
}

impl Network {
    /// Says whether it is up now.
    pub fn set(&self, up: bool) {
        if !up || self.0.down.load(Ordering::SeqCst) {
            let now = self.micros(Instant::now());
            self.0.seen_down.store(now.saturating_add(1), Ordering::SeqCst);
        }
        self.0.down.store(!up, Ordering::SeqCst);
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.0.base).as_micros()).unwrap_or(u64::MAX)
    }
}

impl Witness for Network {
    fn fault_since(&self, since: Instant) -> Option<OwnFault> {
        let down = self.0.down.load(Ordering::SeqCst);
        let was_down = self.0.seen_down.load(Ordering::SeqCst) > self.micros(since);
        (down || was_down).then_some(OwnFault::Network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_tick_is_a_fault_of_all_that_ran_before_it() {
        let base = Instant::now();
        let at = |millis| base + Duration::from_millis(millis);
        let ticks = Ticks::new(base, Duration::from_millis(30));
        ticks.tick(at(20));
        ticks.tick(at(50));
        assert_eq!(ticks.fault(at(0), at(60)), None);
        // The next tick is overdue, whether or not it came.
        assert_eq!(ticks.fault(at(70), at(81)), Some(OwnFault::Lagging));
        ticks.tick(at(90));
        assert_eq!(ticks.fault(at(85), at(95)), Some(OwnFault::Lagging));
        assert_eq!(ticks.fault(at(91), at(95)), None);
        ticks.tick(at(110));
        assert_eq!(ticks.fault(at(91), at(115)), None);
        assert_eq!(ticks.fault(at(60), at(115)), Some(OwnFault::Lagging));
    }

    #[test]
    fn a_network_that_was_down_for_a_moment_was_down() {
        let network = Network::default();
        let before = Instant::now();
        assert_eq!(network.fault_since(before), None);
        network.set(false);
        assert_eq!(network.fault_since(before), Some(OwnFault::Network));
        network.set(true);
        assert_eq!(network.fault_since(before), Some(OwnFault::Network));
        let after = Instant::now() + Duration::from_secs(1);
        assert_eq!(network.fault_since(after), None);
    }

    #[tokio::test]
    async fn the_first_fault_of_several_is_told() {
        let network = Network::default();
        let lag = Lag::start(Duration::from_secs(3_600), Duration::from_secs(3_600));
        let all: [Box<dyn Witness>; 3] =
            [Box::new(AllWell), Box::new(lag), Box::new(network.clone())];
        let before = Instant::now();
        assert_eq!(all.fault_since(before), None);
        network.set(false);
        assert_eq!(all.fault_since(before), Some(OwnFault::Network));
    }
}
