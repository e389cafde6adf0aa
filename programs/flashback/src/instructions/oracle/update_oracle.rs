use flashback_core::text::uri_bytes;

use super::RegisterOracleArgs;
use crate::prelude::*;

#[derive(Accounts)]
pub struct UpdateOracle<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ FlashbackError::Unauthorized)]
    pub oracle: AccountLoader<'info, Oracle>,
}

impl UpdateOracle<'_> {
    pub fn handle(ctx: Context<Self>, args: RegisterOracleArgs) -> Result<()> {
        let records_url = uri_bytes(&args.records_url).or_refuse()?;
        let mut oracle = ctx.accounts.oracle.load_mut()?;
        let before = oracle.x25519;
        oracle.x25519 = args.x25519;
        oracle.records_url = records_url;
        emit!(OracleUpdated {
            oracle: ctx.accounts.oracle.key(),
            x25519_before: before,
            x25519_after: args.x25519,
        });
        Ok(())
    }
}
