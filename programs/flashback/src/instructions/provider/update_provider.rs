use flashback_core::text::{REGION_SIZE, check_region, uri_bytes};

use crate::prelude::*;

/// A provider's details, all of them.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct UpdateProviderArgs {
    /// Who owns the token accounts that earnings go to.
    pub payout: Pubkey,
    /// Where the provider is: printable ASCII, padded with zeros.
    pub region: [u8; REGION_SIZE],
    /// A document about the provider: printable ASCII, at most 200 bytes.
    pub metadata_uri: String,
}

/// The accounts of what only a provider's authority may do to its account.
#[derive(Accounts)]
pub struct UpdateProvider<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority @ FlashbackError::Unauthorized)]
    pub provider: AccountLoader<'info, Provider>,
}

impl UpdateProvider<'_> {
    pub fn handle(ctx: Context<Self>, args: UpdateProviderArgs) -> Result<()> {
        check_region(&args.region).or_refuse()?;
        let metadata_uri = uri_bytes(&args.metadata_uri).or_refuse()?;
        let mut provider = ctx.accounts.provider.load_mut()?;
        let payout_before = provider.payout;
        provider.payout = args.payout;
        provider.region = args.region;
        provider.metadata_uri = metadata_uri;
        emit!(ProviderUpdated {
            provider: ctx.accounts.provider.key(),
            payout_before,
            payout_after: args.payout,
            region: args.region,
        });
        Ok(())
    }

    /// Names the hot key for daily work, or none (the default key).
    pub fn set_operator(ctx: Context<Self>, operator: Pubkey, expires_at: i64) -> Result<()> {
        let named = operator != Pubkey::default();
        ensure(!named || expires_at > chain::now()?.0, CoreError::ExpiryInPast)?;
        let mut provider = ctx.accounts.provider.load_mut()?;
        let before = provider.operator;
        provider.operator = operator;
        provider.operator_expires_at = if named { expires_at } else { 0 };
        emit!(OperatorSet {
            provider: ctx.accounts.provider.key(),
            before,
            after: operator,
            expires_at: provider.operator_expires_at,
        });
        Ok(())
    }
}
