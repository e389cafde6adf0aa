use anchor_spl::token::TokenAccount;
use flashback_core::units::Atoms;

use crate::prelude::*;

#[derive(Accounts)]
pub struct AssertSolvent<'info> {
    /// CHECK: an Sla, Provider or Oracle of this program, or its Config for the treasury and the reward vault: owner
    /// and discriminator are checked when it is loaded in the handler.
    pub owner: UncheckedAccount<'info>,
    /// Its vault; the handler checks that its address is the owner's.
    pub vault: Account<'info, TokenAccount>,
}

impl AssertSolvent<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let AssertSolvent { owner, vault } = ctx.accounts;
        let owed = Self::owed(owner, vault.to_account_info().key)?;
        ensure(vault.amount >= owed.0, CoreError::Insolvent)?;
        emit!(SolvencyAsserted { owner: owner.key(), held: vault.amount, owed: owed.0 });
        Ok(())
    }

    /// What a vault owes by its owner's account; checks that it is the owner's.
    fn owed(owner: &AccountInfo, vault: &Pubkey) -> Result<Atoms> {
        let address = owner.key.as_ref();
        let own = *owner.owner == crate::ID;
        if own && owner.try_borrow_data()?.starts_with(Sla::DISCRIMINATOR) {
            let sla = Sla::try_deserialize(&mut owner.try_borrow_data()?.as_ref())?;
            chain::require_address(vault, &[seeds::ESCROW, address, &[sla.escrow_bump]])?;
            return sla.body.escrow_owed().or_refuse();
        }
        if own && owner.try_borrow_data()?.starts_with(Config::DISCRIMINATOR) {
            let config = Config::try_deserialize(&mut owner.try_borrow_data()?.as_ref())?;
            // Neither owes anybody anything yet: rewards are paid as far as they are funded.
            return chain::require_address(vault, &[seeds::TREASURY, &[config.treasury_bump]])
                .or_else(|_| {
                    chain::require_address(vault, &[seeds::REWARDS, &[config.rewards_bump]])
                })
                .map(|()| Atoms::ZERO);
        }
        let owner = StakeOwner::load(owner)?;
        chain::require_address(vault, &[seeds::STAKE, address, &[owner.vault_bump()]])?;
        owner.stake().owed().or_refuse()
    }
}
