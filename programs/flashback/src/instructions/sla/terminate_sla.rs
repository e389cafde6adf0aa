use crate::prelude::*;

#[derive(Accounts)]
pub struct TerminateSla<'info> {
    /// The consumer or its delegate, or the provider's authority.
    pub signer: Signer<'info>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
}

impl TerminateSla<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let TerminateSla { signer, provider, sla: loader } = ctx.accounts;
        let now = chain::now()?;
        let address = loader.key();
        let mut sla = loader.load_mut()?;
        // What is due decides where it can end.
        sla.settle_due(address, now)?;
        let ended = if sla.acts_for_consumer(signer.key) {
            sla.body.terminate_by_consumer(now)
        } else {
            ensure(signer.key() == provider.load()?.authority, CoreError::Unauthorized)?;
            sla.body.terminate_by_provider(now)
        };
        let ended = ended.or_refuse()?;
        emit!(SlaTerminated {
            sla: address,
            by: signer.key(),
            end_before: ended.end_before,
            end_after: ended.end,
        });
        sla.invariant()
    }
}
