use flashback_core::sla::Ruling;

use crate::prelude::*;

#[derive(Accounts)]
pub struct RuleDispute<'info> {
    pub arbiter: Signer<'info>,
    #[account(
        seeds = [seeds::CONFIG], bump = config.bump, has_one = arbiter @ FlashbackError::Unauthorized,
    )]
    pub config: Box<Account<'info, Config>>,
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

impl RuleDispute<'_> {
    /// `turned` are the seats whose submissions become abstentions, a bit each; `None` rejects the dispute.
    pub fn handle(ctx: Context<Self>, turned: Option<u8>) -> Result<()> {
        let RuleDispute { sla: loader, round: round_loader, dispute, .. } = ctx.accounts;
        let mut sla = loader.load_mut()?;
        let mut round = round_loader.load_mut()?;
        let ruling = turned.map_or(Ruling::Rejected, |turned| Ruling::Upheld { turned });
        let returned = sla
            .body
            .rule_dispute(
                &mut round.body,
                &dispute.contest(),
                dispute.opener()?,
                ruling,
                chain::now()?,
            )
            .or_refuse()?;
        emit!(DisputeEnded {
            sla: loader.key(),
            round: round_loader.key(),
            party: dispute.party,
            ending: if turned.is_some() { 1 } else { 2 },
            turned: turned.unwrap_or(0),
            to_opener: returned.to_opener.0,
            to_other: returned.to_other.0,
        });
        sla.invariant()
    }
}
