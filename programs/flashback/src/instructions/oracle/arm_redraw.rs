use flashback_core::committee::DrawHash;
use flashback_core::sla::RedrawReason;

use crate::prelude::*;

#[derive(Accounts)]
pub struct ArmRedraw<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    /// The seat's oracle; none for a seat that nobody holds.
    pub oracle: Option<AccountLoader<'info, Oracle>>,
}

impl ArmRedraw<'_> {
    pub fn handle(ctx: Context<Self>, seat: u8) -> Result<()> {
        let ArmRedraw { sla: loader, oracle } = ctx.accounts;
        let clock = Clock::get()?;
        let now = Timestamp(clock.unix_timestamp);
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        sla.settle_due(address, now)?;
        let index = usize::from(seat);
        let key = sla.seats.get(index).copied().unwrap_or_default();
        let left = match oracle {
            Some(oracle) => {
                let oracle = oracle.load()?;
                ensure(oracle.authority == key, CoreError::CommitteeMismatch)?;
                !oracle.serves()
            }
            None => {
                ensure(key == Pubkey::default(), CoreError::CommitteeMismatch)?;
                false
            }
        };
        let reason = sla.body.redraw_reason(index, left).or_refuse()?;
        let pending = sla.body.progress.redraw_seats != 0;
        let lapsed = pending && chain::draw_hash(sla.body.progress.draw_slot)? == DrawHash::Lapsed;
        sla.body.arm_redraw(index, left, clock.slot, lapsed, now).or_refuse()?;
        let progress = &sla.body.progress;
        emit!(RedrawArmed {
            sla: address,
            seat,
            reason: reason.map_or(0, RedrawReason::code),
            draw_number: progress.draw_number,
            draw_slot: progress.draw_slot,
            waiting: progress.redraw_seats,
        });
        sla.invariant()
    }
}
