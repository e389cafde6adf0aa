use super::contested::close_if_done;
use crate::prelude::*;

/// Settles a contested window once nothing about it is open, and closes its round if nobody has left its seat since.
#[derive(Accounts)]
pub struct SettleRound<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, has_one = sla, has_one = rent_payer)]
    pub round: AccountLoader<'info, Round>,
    /// CHECK: who paid the rent: the Round's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl SettleRound<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let SettleRound { sla: loader, round: round_loader, rent_payer } = ctx.accounts;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        {
            let mut round = round_loader.load_mut()?;
            let holders = round.holders(&sla);
            let outcome =
                sla.body.settle_round(&mut round.body, holders, chain::now()?).or_refuse()?;
            emit_settled(address, &outcome);
        }
        close_if_done(&mut sla, address, round_loader, rent_payer)?;
        sla.invariant()
    }
}
