//! Quotes: what a reservation would cost, by the code that the chain will run.

use flashback_core::quality::Thresholds;
use flashback_core::sla::{Offer, Payouts, Quote, Request};
use flashback_core::units::{Atoms, DAY, Gib, Seconds};

use crate::account::Config;
use crate::error::Result;

/// What a consumer would like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Capacity: at least 1 GiB.
    pub capacity: Gib,
    /// Length of a window: a multiple of 4 seconds, from the deployment's shortest to 7 days.
    pub window: Seconds,
    /// Number of windows: 1 to 65,534.
    pub windows: u16,
    /// Seats of the committee: 3 or 5.
    pub seats: u8,
    /// What is to be promised; `None`: what the unit offers. Anything else than the offer's is not agreed at once: it
    /// waits for the provider to accept it.
    pub thresholds: Option<Thresholds>,
    /// The most that price and fees may come to; `None`: exactly what is quoted now.
    pub max_total: Option<Atoms>,
}

impl Reservation {
    /// That much for so many days, in daily windows, watched by three oracles, on the unit's terms.
    pub fn daily(capacity: Gib, days: u16) -> Self {
        Self {
            capacity,
            window: Seconds(DAY),
            windows: days,
            seats: 3,
            thresholds: None,
            max_total: None,
        }
    }

    /// What it would cost, and the request that gets exactly that.
    ///
    /// # Errors
    /// [`crate::Error::Rule`], as [`Quote::new`] says.
    pub fn quote(&self, config: &Config, offer: &Offer) -> Result<Quoted> {
        let mut request = Request {
            gib: self.capacity.0,
            max_total: self.max_total.map_or(u64::MAX, |total| total.0),
            offer_version: offer.version,
            window_secs: self.window.0,
            windows: self.windows,
            seats: self.seats,
            thresholds: self.thresholds.unwrap_or(offer.thresholds),
        };
        let quote = Quote::new(&config.params, offer, &request, Seconds(config.window_min_secs))?;
        if self.max_total.is_none() {
            request.max_total = quote.deposit.0;
        }
        Ok(Quoted { request, quote })
    }
}

/// A request with its quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// What to propose.
    pub request: Request,
    /// What it costs, and the terms it gets.
    pub quote: Quote,
}

impl Quoted {
    /// What it may come to, to the atom, by the chain's own settlement: if every window is met, if as many fail as the
    /// unit's score lacks of 100 points, and if every window fails.
    ///
    /// `score_milli` is the unit's score as of now, in thousandths of a point: [`crate::Listing`] has it, and
    /// [`crate::Flashback::payouts`] asks for it.
    ///
    /// # Errors
    /// [`crate::Error::Rule`], as [`Quote::payout`] says.
    pub fn payouts(&self, score_milli: u32) -> Result<Payouts> {
        Ok(self.quote.payouts(score_milli)?)
    }
}

#[cfg(test)]
mod tests;
