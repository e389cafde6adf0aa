use crate::prelude::*;

#[derive(Accounts)]
pub struct CloseSla<'info> {
    #[account(mut, has_one = rent_payer, close = rent_payer)]
    pub sla: AccountLoader<'info, Sla>,
    /// CHECK: who paid the rent: the Sla's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::TREASURY], bump = sla.load()?.treasury_bump)]
    pub treasury: Box<Account<'info, TokenAccount>>,
    /// Needed if the SLA was ever agreed.
    #[account(mut, constraint = provider.key() == sla.load()?.provider @ FlashbackError::AccountMismatch)]
    pub provider: Option<AccountLoader<'info, Provider>>,
    pub token_program: Program<'info, Token>,
}

impl CloseSla<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let CloseSla { sla: loader, rent_payer, escrow, treasury, provider, token_program } =
            ctx.accounts;
        let address = loader.key();
        let sla = loader.load()?;
        sla.body.check_closable().or_refuse()?;
        sla.forget(provider.as_ref())?;
        let bump = [sla.escrow_bump];
        let escrow_seeds = Sla::escrow_seeds(&address, &bump);
        token::close_vault(token_program, escrow, treasury, rent_payer, &escrow_seeds)?;
        emit!(SlaClosed { sla: address, surplus: escrow.amount });
        Ok(())
    }
}
