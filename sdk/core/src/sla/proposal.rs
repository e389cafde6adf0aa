//! A proposal: the deposit waits for the provider's word. It takes neither capacity nor cover.

use crate::committee::{DRAW_DELAY_SLOTS, SEATS_MAX};
use crate::error::{CoreError, Result};
use crate::sla::parts::{SlaBody, SlaState, VACANT};
use crate::sla::quote::Quote;
use crate::units::{Atoms, Seconds, Timestamp};

impl Quote {
    /// The body of an SLA proposed on these terms at `now`: the provider may accept for that long.
    ///
    /// # Errors
    /// [`CoreError::ArithmeticOverflow`] for a time that no clock shows.
    pub fn proposed(&self, now: Timestamp, acceptance: Seconds) -> Result<SlaBody> {
        let mut body: SlaBody = bytemuck::Zeroable::zeroed();
        body.terms = self.terms;
        body.money.unallocated = self.deposit.0;
        body.progress.state = SlaState::Proposed.code();
        body.progress.deadline = now.after(u64::from(acceptance.0))?.0;
        body.progress.end = self.terms.windows;
        body.seats.first_window = [VACANT; SEATS_MAX];
        Ok(body)
    }

    /// The body of an SLA agreed on these terms at `slot` and `now`: its deposit unallocated, its draw fixed.
    pub fn agreed(&self, slot: u64, now: Timestamp) -> SlaBody {
        let mut body: SlaBody = bytemuck::Zeroable::zeroed();
        body.terms = self.terms;
        body.money.unallocated = self.deposit.0;
        body.progress.end = self.terms.windows;
        body.seats.first_window = [VACANT; SEATS_MAX];
        body.agree(slot, now);
        body
    }
}

impl SlaBody {
    /// The provider accepts: the SLA is Agreed, and its draw fixed at `slot`. The caller takes capacity and
    /// cover, which may have become too little since.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Proposed; [`CoreError::ProposalExpired`] at the deadline or later.
    pub fn accept(&mut self, slot: u64, now: Timestamp) -> Result<()> {
        self.progress.require(SlaState::Proposed)?;
        if now.0 >= self.progress.deadline {
            return Err(CoreError::ProposalExpired);
        }
        self.agree(slot, now);
        Ok(())
    }

    /// The provider rejects, at any time: everything is refunded. Says how much.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Proposed.
    pub fn reject(&mut self) -> Result<Atoms> {
        self.progress.require(SlaState::Proposed)?;
        self.end_proposal()
    }

    /// Anyone ends a proposal that was not accepted in time: everything is refunded. Says how much.
    ///
    /// # Errors
    /// [`CoreError::StateInvalid`] unless Proposed; [`CoreError::NotExpired`] before the deadline.
    pub fn expire_proposal(&mut self, now: Timestamp) -> Result<Atoms> {
        self.progress.require(SlaState::Proposed)?;
        if now.0 < self.progress.deadline {
            return Err(CoreError::NotExpired);
        }
        self.end_proposal()
    }

    /// What was never taken is marked as given back, so that nobody ever gives it back.
    fn end_proposal(&mut self) -> Result<Atoms> {
        let refund = self.end_unstarted()?;
        self.progress.released = 1;
        Ok(refund)
    }

    /// Ends an SLA of which no window began: the whole deposit is the consumer's.
    pub(super) fn end_unstarted(&mut self) -> Result<Atoms> {
        let refund = Atoms(self.money.unallocated);
        refund.add_to(&mut self.money.refundable)?;
        self.money.unallocated = 0;
        self.progress.end = 0;
        self.progress.state = SlaState::Ended.code();
        Ok(refund)
    }

    fn agree(&mut self, slot: u64, now: Timestamp) {
        self.progress.state = SlaState::Agreed.code();
        self.fix_draw(slot, now);
    }

    /// Fixes a draw: from `slot` and `now` on nothing that oracles, certifiers or time do changes who can be drawn.
    pub(super) fn fix_draw(&mut self, slot: u64, now: Timestamp) {
        self.progress.draw_slot = slot.saturating_add(DRAW_DELAY_SLOTS);
        self.progress.deadline = now.0;
    }
}
