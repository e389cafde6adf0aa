use flashback_core::records::verify_opening;

use super::contested::series;
use crate::prelude::*;

/// Opens a challenged leaf. Anyone may send it: the proof speaks for itself.
#[derive(Accounts)]
pub struct OpenLeaf<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, has_one = sla)]
    pub round: AccountLoader<'info, Round>,
    #[account(mut, has_one = round, has_one = rent_payer, close = rent_payer)]
    pub challenge: Box<Account<'info, Challenge>>,
    /// CHECK: who paid the rent: the Challenge's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl OpenLeaf<'_> {
    pub fn handle(ctx: Context<Self>, proof: Vec<u8>) -> Result<()> {
        let OpenLeaf { sla: loader, round: round_loader, challenge, .. } = ctx.accounts;
        let now = chain::now()?;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        let mut round = round_loader.load_mut()?;
        let (seat, leaf) = (usize::from(challenge.seat), challenge.leaf);
        let window = round.body.round.window;
        let series = series(&sla, address, round.seat_key(challenge.seat)?, window)?;
        let commitment = round.body.round.commitments.get(seat).copied();
        let commitment = commitment.ok_or(CoreError::SeatInvalid).or_refuse()?;
        verify_opening::<SyscallSha256>(&series, &commitment, leaf, &proof).or_refuse()?;
        let holds = round.holders(&sla).holds(seat);
        let contest = challenge.contest();
        sla.body.answer_challenge(&mut round.body, &contest, seat, holds, now).or_refuse()?;
        emit!(LeafOpened {
            sla: address,
            round: round_loader.key(),
            seat: challenge.seat,
            leaf,
            bond: challenge.bond,
        });
        sla.invariant()
    }
}
