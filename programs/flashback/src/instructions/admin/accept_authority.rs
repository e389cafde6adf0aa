use crate::prelude::*;

#[derive(Accounts)]
pub struct AcceptAuthority<'info> {
    /// Whom the authority was offered to.
    pub pending_authority: Signer<'info>,
    #[account(
        mut, seeds = [seeds::CONFIG], bump = config.bump,
        has_one = pending_authority @ FlashbackError::AuthorityNotOffered,
    )]
    pub config: Box<Account<'info, Config>>,
}

impl AcceptAuthority<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let config = &mut ctx.accounts.config;
        let before = config.authority;
        config.authority = config.pending_authority;
        config.pending_authority = Pubkey::default();
        emit!(AuthorityAccepted { before, after: config.authority });
        Ok(())
    }
}
