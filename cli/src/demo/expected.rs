//! The demo computed by core alone, from the scenario's inputs and never from chain state: only who was drawn for
//! which seat comes from outside.

mod acts;
mod market;
mod money;
#[cfg(test)]
pub mod tests;

use std::collections::BTreeMap;

use anyhow::Result;
use flashback_core::units::Seconds;

use super::ledger::Ledger;
use super::scenario::{self, Sla, WEEK};
use market::Market;

/// The oracles' names of each SLA's committee, by seat.
pub type Committees = BTreeMap<Sla, Vec<String>>;

/// The figures that the scenario must come to.
pub fn ledger(committees: &Committees, window_min: Seconds) -> Result<Ledger> {
    let mut market = Market::open(committees, window_min)?;
    for sla in Sla::FIRST_WEEK {
        market.reserve(sla)?;
    }
    for day in 0..WEEK {
        market.report(&Sla::FIRST_WEEK, day)?;
        market.contest(scenario::contests(day), day)?;
        market.settle(&Sla::FIRST_WEEK, day)?;
        market.follow_up(scenario::aftermath(day), day)?;
    }
    market.renew(Sla::Good, Sla::Renewed)?;
    for day in 0..WEEK {
        market.report(&[Sla::Renewed], day)?;
        market.settle(&[Sla::Renewed], day)?;
    }
    for sla in Sla::ALL {
        market.pay_out(sla)?;
    }
    for sla in Sla::ALL {
        market.close(sla)?;
    }
    market.into_ledger()
}
