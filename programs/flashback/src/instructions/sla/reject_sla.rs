use crate::prelude::*;

#[derive(Accounts)]
pub struct RejectSla<'info> {
    /// The provider's authority, or its operator.
    pub signer: Signer<'info>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
}

impl RejectSla<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let RejectSla { signer, provider, sla: loader } = ctx.accounts;
        provider.load()?.check_operates(signer.key, chain::now()?)?;
        let mut sla = loader.load_mut()?;
        let refund = sla.body.reject().or_refuse()?;
        emit!(SlaRejected { sla: loader.key(), by: signer.key(), refund: refund.0 });
        sla.invariant()
    }
}
