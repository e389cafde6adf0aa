//! Until when something is given.

use anyhow::Result;
use clap::Args;
use flashback_core::units::{Seconds, Timestamp};

use crate::exit::usage;
use crate::quantity::{self, Time};

/// Until when, in one of two ways.
#[derive(Clone, Copy, Debug, Args)]
pub struct Term {
    /// For how long from the chain's now
    #[arg(long = "for", value_name = "SPAN", value_parser = quantity::duration, conflicts_with = "until")]
    span: Option<Seconds>,
    /// Until when: 2027-01-01T00:00:00Z, unix seconds, or +SPAN
    #[arg(long, value_name = "TIME", value_parser = quantity::time)]
    until: Option<Time>,
}

impl Term {
    /// When it ends, seen at `now`; clap has it said where it has to be.
    ///
    /// # Errors
    /// If no clock shows it; wrong usage if it was not said.
    pub fn required(&self, now: Timestamp) -> Result<Timestamp> {
        self.ends(now)?.ok_or_else(|| usage("say until when: --for or --until"))
    }

    /// When it ends, seen at `now`; `None` if it was not said.
    ///
    /// # Errors
    /// If no clock shows it.
    pub fn ends(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let time = self.until.or(self.span.map(Time::After));
        Ok(time.map(|time| time.seen_at(now)).transpose()?)
    }
}
