use crate::prelude::*;

#[derive(Accounts)]
pub struct ExpireDispute<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, has_one = sla)]
    pub round: AccountLoader<'info, Round>,
    #[account(mut, has_one = round, has_one = rent_payer, close = rent_payer)]
    pub dispute: Box<Account<'info, Dispute>>,
    /// CHECK: who paid the rent: the Dispute's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

impl ExpireDispute<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let ExpireDispute { sla: loader, round: round_loader, dispute, .. } = ctx.accounts;
        let mut sla = loader.load_mut()?;
        let mut round = round_loader.load_mut()?;
        let (contest, opener) = (dispute.contest(), dispute.opener()?);
        let returned = sla
            .body
            .expire_dispute(&mut round.body, &contest, opener, chain::now()?)
            .or_refuse()?;
        emit!(DisputeEnded {
            sla: loader.key(),
            round: round_loader.key(),
            party: dispute.party,
            ending: 0,
            turned: 0,
            to_opener: returned.to_opener.0,
            to_other: returned.to_other.0,
        });
        sla.invariant()
    }
}
