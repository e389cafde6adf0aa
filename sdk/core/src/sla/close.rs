//! The end of an SLA: what goes back to whom.

use crate::error::{CoreError, Result};
use crate::sla::parts::{SlaBody, SlaState};
use crate::units::{Atoms, DAY, Gib, Timestamp};

/// After it anyone may push out what is left in an ended SLA and close it (fixed): 30 days.
pub const CLOSE_GRACE_SECS: u32 = 30 * DAY;

/// What closing gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Capacity, to the unit; zero if it was given back before.
    pub gib: Gib,
    /// Cover, to the provider's free stake; zero if it was given back before.
    pub cover: Atoms,
    /// Points of the unit that were not folded yet, in thousandths.
    pub points_milli: i32,
}

impl SlaBody {
    /// Gives capacity and cover back, once, when nothing more can be settled or collected.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Ended; [`CoreError::NotClosable`] while penalties or contests are open.
    pub fn release(&mut self) -> Result<Closing> {
        self.progress.require(SlaState::Ended)?;
        if self.money.penalty_owed > 0 || self.progress.open_rounds > 0 {
            return Err(CoreError::NotClosable);
        }
        let (gib, cover) = if self.progress.released == 0 {
            let cover = Atoms(self.terms.cover).minus(Atoms(self.money.penalty_total))?;
            (Gib(self.terms.gib), cover)
        } else {
            (Gib(0), Atoms::ZERO)
        };
        self.progress.released = 1;
        let points_milli = core::mem::take(&mut self.progress.points_milli);
        Ok(Closing { gib, cover, points_milli })
    }

    /// Closes the SLA for good, if nothing is left in it: everything withdrawn and collected.
    ///
    /// Absences that an oracle's stake cannot pay block closing only until [`CLOSE_GRACE_SECS`] after the last
    /// window could be settled; then they are written off, so that nobody's empty stake keeps an SLA open.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Ended; [`CoreError::NotClosable`].
    pub fn close(&mut self, now: Timestamp) -> Result<Closing> {
        self.progress.require(SlaState::Ended)?;
        let absences = self.seats.absence_owed.iter().any(|owed| *owed > 0);
        let money = self.escrow_owed()? != Atoms::ZERO;
        if money || (absences && now < self.grace_ends()?) {
            return Err(CoreError::NotClosable);
        }
        self.release()
    }

    /// When the grace period of an ended SLA is over.
    fn grace_ends(&self) -> Result<Timestamp> {
        let last = self.progress.end.saturating_sub(1);
        self.terms.settles_at(last)?.after(u64::from(CLOSE_GRACE_SECS))
    }
}
