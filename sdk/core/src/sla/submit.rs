//! A submission: evaluated at once to one verdict; only that and a commitment are kept.

use crate::error::{CoreError, Result};
use crate::hash::{Digest, Sha256};
use crate::quality::{Aggregate, Verdict, evaluate};
use crate::sla::parts::{COMMITMENT_SIZE, Commitment, Round, SeatStatus, SlaBody, SlaState};
use crate::units::Timestamp;

/// Separates commitments from every other hash of the protocol.
const COMMITMENT_DOMAIN: &[u8] = b"flashback:submission";

/// The commitment to an aggregate and the root of its records' tree: the first 160 bits of
/// `H("flashback:submission", aggregate, root)`.
pub fn commitment<H: Sha256>(aggregate: &Aggregate, root: &Digest) -> Commitment {
    let digest = H::hash(&[COMMITMENT_DOMAIN, &aggregate.encode(), root]);
    let mut commitment = [0; COMMITMENT_SIZE];
    for (to, from) in commitment.iter_mut().zip(digest) {
        *to = from;
    }
    commitment
}

impl SlaBody {
    /// Records one seat's submission for the window at the cursor. Earlier windows must be settled.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Active; [`CoreError::WindowNotOpen`] outside the window's report
    /// phase; [`CoreError::NotSeated`] if the seat does not count yet; [`CoreError::AlreadySubmitted`];
    /// and what [`evaluate`] says of the aggregate.
    pub fn submit(
        &mut self,
        seat: usize,
        window: u16,
        aggregate: &Aggregate,
        commitment: Commitment,
        now: Timestamp,
    ) -> Result<Verdict> {
        self.progress.require(SlaState::Active)?;
        let open = window == self.progress.cursor
            && window < self.progress.end
            && now >= self.terms.report_opens(window)?
            && now < self.terms.report_closes(window)?;
        if !open {
            return Err(CoreError::WindowNotOpen);
        }
        if !self.seat_indices()?.contains(&seat) || !self.seats.counts(seat, window) {
            return Err(CoreError::NotSeated);
        }
        let verdict = evaluate(aggregate, &self.terms.thresholds(), &self.terms.judgement())?;
        if self.round.window != window {
            self.round = bytemuck::Zeroable::zeroed();
            self.round.window = window;
        }
        self.round.record(seat, verdict, commitment)?;
        Ok(verdict)
    }
}

impl crate::sla::Seats {
    /// Whether the seat counts in that window.
    #[inline]
    pub fn counts(&self, seat: usize, window: u16) -> bool {
        self.first_window.get(seat).is_some_and(|first| *first <= window)
    }
}

impl Round {
    fn record(&mut self, seat: usize, verdict: Verdict, commitment: Commitment) -> Result<()> {
        let invalid = CoreError::SeatInvalid;
        let status = self.status.get_mut(seat).ok_or(invalid)?;
        if SeatStatus::from_code(*status) != SeatStatus::Absent {
            return Err(CoreError::AlreadySubmitted);
        }
        let (code, shortfall) = match verdict {
            Verdict::Abstained => (SeatStatus::Abstained, 0),
            Verdict::Measured { shortfall, excellent: true } => {
                (SeatStatus::Excellent, shortfall.0)
            }
            Verdict::Measured { shortfall, excellent: false } => {
                (SeatStatus::Measured, shortfall.0)
            }
        };
        *status = code.code();
        *self.shortfall_ppm.get_mut(seat).ok_or(invalid)? = shortfall;
        *self.commitments.get_mut(seat).ok_or(invalid)? = commitment;
        Ok(())
    }

    /// The seat's status in `window`: absent if the round is of another one.
    #[inline]
    pub fn status_in(&self, window: u16, seat: usize) -> SeatStatus {
        if self.window != window {
            return SeatStatus::Absent;
        }
        SeatStatus::from_code(self.status.get(seat).copied().unwrap_or(0))
    }
}
