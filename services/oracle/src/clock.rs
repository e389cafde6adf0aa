//! The chain's time: what records are stamped with.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use flashback_core::units::Timestamp;

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
