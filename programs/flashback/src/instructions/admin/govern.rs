//! What the Config's authority may set. Nothing here changes the terms of an SLA that runs; but a new arbiter rules on
//! open disputes too, and some parameters count at once (see `flashback_core::params`).

use flashback_core::params::Params;

use crate::prelude::*;

/// The accounts of every setting.
#[derive(Accounts)]
pub struct Govern<'info> {
    pub authority: Signer<'info>,
    #[account(
        mut, seeds = [seeds::CONFIG], bump = config.bump,
        has_one = authority @ FlashbackError::Unauthorized,
    )]
    pub config: Box<Account<'info, Config>>,
}

impl Govern<'_> {
    /// Sets the parameters that later SLAs copy, within their hard bounds.
    pub fn set_params(ctx: Context<Self>, params: Params) -> Result<()> {
        params.check().or_refuse()?;
        let before = ctx.accounts.config.params;
        ctx.accounts.config.params = params;
        emit!(ParamsSet { before, after: params });
        Ok(())
    }

    /// Appoints a guardian, who may pause once.
    pub fn appoint_guardian(ctx: Context<Self>, guardian: Pubkey) -> Result<()> {
        let config = &mut ctx.accounts.config;
        let before = config.guardian;
        config.guardian = guardian;
        config.guardian_paused = false;
        emit!(GuardianAppointed { before, after: guardian });
        Ok(())
    }

    /// Appoints an arbiter, for disputes that are open too.
    pub fn appoint_arbiter(ctx: Context<Self>, arbiter: Pubkey) -> Result<()> {
        let config = &mut ctx.accounts.config;
        let before = config.arbiter;
        config.arbiter = arbiter;
        emit!(ArbiterAppointed { before, after: arbiter });
        Ok(())
    }

    /// Offers the authority to a key, which takes it over by signing; the default key withdraws the offer.
    pub fn offer_authority(ctx: Context<Self>, to: Pubkey) -> Result<()> {
        let config = &mut ctx.accounts.config;
        let before = config.pending_authority;
        config.pending_authority = to;
        emit!(AuthorityOffered { authority: config.authority, before, after: to });
        Ok(())
    }
}
