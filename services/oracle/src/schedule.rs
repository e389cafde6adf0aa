//! When which round probes what: drawn from a secret, so that nobody else can know.
//!
//! All of it follows from the oracle's secret, the window and the round: a restarted oracle makes the same plan
//! again. Of a window's `n` rounds exactly `t = min(n, max(2·min_samples, transfers))` move whole objects; as
//! many of the others read a canary, each canary as often as every other but for one time. If those rounds are
//! too few for every canary to be read once, transfer rounds read the rest.

mod draw;

use std::fmt;
use std::ops::Range;

use flashback_core::records::Series;
use flashback_core::units::{Seconds, Timestamp};
use zeroize::Zeroizing;

use crate::credentials::OracleKey;
use crate::key::WindowKey;
use draw::Draw;

/// Transfer rounds of a window, unless its terms need more or it has fewer rounds.
pub const TRANSFERS: u32 = 48;

/// What schedules are drawn from.
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// A key of those bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The oracle's own.
    pub fn of(key: &OracleKey) -> Self {
        Self::new(key.derive("flashback-schedule/1"))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

/// How much a window is to probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Transfer rounds, as configured; [`TRANSFERS`] by default.
    pub transfers: u32,
    /// The samples that a mean needs to count, by the SLA's terms.
    pub min_samples: u32,
    /// How many canaries there are.
    pub canaries: usize,
    /// How long a round may take. It begins early enough to end in its slice, if that is twice as long; else in
    /// its slice's first half.
    pub room: Seconds,
}

/// A window's rounds.
#[derive(Debug)]
pub struct Schedule {
    draw: Draw,
    series: Series,
    room: u64,
    transfers: Vec<bool>,
    canaries: Vec<Option<usize>>,
}

/// What one round is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundPlan {
    /// Which round.
    pub round: u32,
    /// The seconds that it owns, the end excluded.
    pub slice: Range<Timestamp>,
    /// When it begins, in its slice.
    pub at: Timestamp,
    /// Whether it moves a whole object up and down.
    pub transfer: bool,
    /// Which canary it reads.
    pub canary: Option<usize>,
    /// What the range that it reads is drawn from.
    pub offset: Seed,
    /// The name of the object that it puts, without prefix: 32 hexadecimal digits.
    pub object: String,
    /// What that object's bytes are made from.
    pub content: Seed,
}

/// 32 secret bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[seed]")
    }
}

impl Schedule {
    /// The schedule of the window `key`, whose rounds `series` has.
    pub fn new(secret: &SecretKey, series: &Series, key: WindowKey, plan: &Plan) -> Self {
        let draw = Draw::new(&secret.0, key);
        let rounds = series.shape().rounds();
        let order = draw.permutation(rounds);
        let transfer_rounds = plan.transfers.max(plan.min_samples.saturating_mul(2)).min(rounds);
        let transfer_rounds = usize::try_from(transfer_rounds).unwrap_or(usize::MAX);
        let (moving, others) = order.split_at(transfer_rounds.min(order.len()));

        let mut transfers = vec![false; order.len()];
        for &round in moving {
            transfers[round] = true;
        }
        let mut canaries = vec![None; order.len()];
        if plan.canaries > 0 {
            let reads = others.len().min(transfer_rounds);
            let missing = plan.canaries.saturating_sub(reads);
            let first = draw.first_canary(plan.canaries);
            let reading = others.iter().take(reads).chain(moving.iter().take(missing));
            for (turn, &round) in reading.enumerate() {
                canaries[round] = Some((first + turn) % plan.canaries);
            }
        }
        let room = u64::from(plan.room.0);
        Self { draw, series: *series, room, transfers, canaries }
    }

    /// How many rounds the window has.
    pub fn rounds(&self) -> u32 {
        self.series.shape().rounds()
    }

    /// What that round is to do.
    ///
    /// # Errors
    /// [`RoundsInvalid`](flashback_core::error::CoreError::RoundsInvalid) if the window has no such round.
    pub fn round(&self, round: u32) -> flashback_core::Result<RoundPlan> {
        let slice = self.series.slice(round)?;
        let seconds = slice.end.since(slice.start);
        let choice = (seconds - self.room.min(seconds / 2)).max(1);
        let at = slice.start.after(self.draw.second(round, choice))?;
        let index = usize::try_from(round).unwrap_or(usize::MAX);
        Ok(RoundPlan {
            round,
            slice,
            at,
            transfer: self.transfers.get(index).copied().unwrap_or_default(),
            canary: self.canaries.get(index).copied().unwrap_or_default(),
            offset: self.draw.offset(round),
            object: self.draw.name(round),
            content: self.draw.content(round),
        })
    }
}

#[cfg(test)]
mod tests;
