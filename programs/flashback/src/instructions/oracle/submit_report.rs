use flashback_core::quality::{Aggregate, Verdict};
use flashback_core::sla::commitment;

use crate::prelude::*;

/// What an oracle measured.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct SubmitReportArgs {
    /// The window.
    pub window: u16,
    /// Counts and sums over the oracle's records.
    pub aggregate: Aggregate,
    /// Root of the Merkle-sum tree over the records.
    pub root: [u8; 32],
}

#[derive(Accounts)]
pub struct SubmitReport<'info> {
    /// The seat's oracle.
    pub authority: Signer<'info>,
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
}

impl SubmitReport<'_> {
    pub fn handle(ctx: Context<Self>, args: SubmitReportArgs) -> Result<()> {
        let address = ctx.accounts.sla.key();
        let now = chain::now()?;
        let mut sla = ctx.accounts.sla.load_mut()?;
        // One round of storage is enough because earlier windows are settled first.
        while sla.body.progress.cursor < args.window {
            let settled = sla.body.settle_next(now).or_refuse()?;
            let Some(outcome) = settled else { break };
            emit_settled(address, &outcome);
        }
        let seat = sla.seat_of(ctx.accounts.authority.key)?;
        let commitment = commitment::<SyscallSha256>(&args.aggregate, &args.root);
        let verdict =
            sla.body.submit(seat, args.window, &args.aggregate, commitment, now).or_refuse()?;
        let (measured, shortfall_ppm) = match verdict {
            Verdict::Abstained => (false, 0),
            Verdict::Measured { shortfall, .. } => (true, shortfall.0),
        };
        emit!(ReportSubmitted {
            sla: address,
            oracle: ctx.accounts.authority.key(),
            window: args.window,
            measured,
            shortfall_ppm,
            aggregate: args.aggregate,
            root: args.root,
        });
        sla.invariant()
    }
}
