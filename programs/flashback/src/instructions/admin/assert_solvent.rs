use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use flashback_core::seeds;
use flashback_core::units::Atoms;

use crate::chain;
use crate::error::FlashbackError;
use crate::events::SolvencyAsserted;
use crate::state::{Sla, StakeOwner};

#[derive(Accounts)]
pub struct AssertSolvent<'info> {
    /// CHECK: an Sla, Provider or Oracle of this program: owner and discriminator are checked when it is
    /// loaded in the handler.
    pub owner: UncheckedAccount<'info>,
    /// Its vault; the handler checks that its address is the owner's.
    pub vault: Account<'info, TokenAccount>,
}

impl AssertSolvent<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let AssertSolvent { owner, vault } = ctx.accounts;
        let (seed, bump, owed) = Self::owed(owner)?;
        chain::require_address(vault.to_account_info().key, &[seed, owner.key.as_ref(), &[bump]])?;
        require_gte!(vault.amount, owed.0, FlashbackError::Insolvent);
        emit!(SolvencyAsserted { owner: owner.key(), held: vault.amount, owed: owed.0 });
        Ok(())
    }

    /// The vault's first seed and bump, and what it owes.
    fn owed(owner: &AccountInfo) -> Result<(&'static [u8], u8, Atoms)> {
        let is_sla = owner.try_borrow_data()?.starts_with(Sla::DISCRIMINATOR);
        if is_sla && *owner.owner == crate::ID {
            let data = owner.try_borrow_data()?;
            let sla = Sla::try_deserialize(&mut data.as_ref())?;
            let owed = sla.body.escrow_owed().map_err(FlashbackError::from)?;
            return Ok((seeds::ESCROW, sla.escrow_bump, owed));
        }
        let owner = StakeOwner::load(owner)?;
        let owed = owner.stake().owed().map_err(FlashbackError::from)?;
        Ok((seeds::STAKE, owner.vault_bump(), owed))
    }
}
