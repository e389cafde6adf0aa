use anchor_spl::token::{Token, TokenAccount};
use flashback_core::units::Atoms;

use crate::prelude::*;

/// The accounts of `stake`.
#[derive(Accounts)]
pub struct AddStake<'info> {
    /// The owner's authority: a stake that it did not ask for could keep it from closing its account.
    pub authority: Signer<'info>,
    /// Whose FLASH is staked.
    pub funder: Signer<'info>,
    /// The SPL Token program lets it pay only if the funder may, and only in the vault's mint.
    #[account(mut)]
    pub funder_token: Account<'info, TokenAccount>,
    /// CHECK: a Provider or Oracle of this program: owner and discriminator are checked when it is loaded
    /// in the handler.
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// The owner's stake vault; the handler checks its address.
    #[account(mut)]
    pub vault: Account<'info, TokenAccount>,
    /// Needed if the owner is an oracle with an entry in the registry.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
    pub token_program: Program<'info, Token>,
}

impl AddStake<'_> {
    pub fn handle(ctx: Context<Self>, amount: u64) -> Result<()> {
        let AddStake {
            authority,
            funder,
            funder_token,
            owner: account,
            vault,
            registry,
            token_program,
        } = ctx.accounts;
        let address = account.key();
        let mut owner = StakeOwner::load(account)?;
        ensure(authority.key() == owner.authority(), CoreError::Unauthorized)?;
        let vault_seeds: &[&[u8]] = &[seeds::STAKE, address.as_ref(), &[owner.vault_bump()]];
        chain::require_address(&vault.key(), vault_seeds)?;
        let before = owner.stake().bonded;
        owner.stake_mut().bond(Atoms(amount)).or_refuse()?;
        let after = owner.stake().bonded;
        owner.sync_registry(registry.as_ref())?;
        drop(owner);
        token::deposit(token_program, funder_token, vault, funder, Atoms(amount))?;
        emit!(StakeAdded { owner: address, before, after });
        Ok(())
    }
}
