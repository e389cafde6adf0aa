//! What records belong to.

use std::fmt;

use flashback_core::Result;
use flashback_core::records::Series;
use flashback_core::sla::SlaTerms;
use flashback_core::units::Timestamp;
use solana_sdk::pubkey::Pubkey;

/// A life of an SLA: its address can be used again once it is closed, and then it starts at another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlaLife {
    /// The Sla's address.
    pub sla: Pubkey,
    /// When its window 0 begins.
    pub start: Timestamp,
}

/// One window of an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowKey {
    /// The SLA.
    pub life: SlaLife,
    /// The window, counted from 0.
    pub window: u16,
}

impl SlaLife {
    /// A window of it.
    pub const fn window(self, window: u16) -> WindowKey {
        WindowKey { life: self, window }
    }
}

impl WindowKey {
    /// The series of that oracle's records of it; `terms` are the SLA's.
    ///
    /// # Errors
    /// As [`Series::new`], for terms that no quote made.
    pub fn series(&self, oracle: &Pubkey, terms: &SlaTerms) -> Result<Series> {
        Series::new(
            oracle.to_bytes(),
            self.life.sla.to_bytes(),
            self.life.start,
            self.window,
            terms.window(),
            terms.probes,
        )
    }
}

impl fmt::Display for WindowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "window {} of SLA {}", self.window, self.life.sla)
    }
}
