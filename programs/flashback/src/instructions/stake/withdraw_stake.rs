use crate::prelude::*;

#[derive(Accounts)]
pub struct WithdrawStake<'info> {
    /// The owner's authority.
    pub authority: Signer<'info>,
    /// CHECK: a Provider or Oracle of this program: owner and discriminator are checked when it is loaded
    /// in the handler.
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// The owner's stake vault; the handler checks its address.
    #[account(mut)]
    pub vault: Account<'info, TokenAccount>,
    /// Wherever the authority says.
    #[account(mut)]
    pub destination: Account<'info, TokenAccount>,
    pub token_program: Program<'info, Token>,
}

impl WithdrawStake<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let WithdrawStake { authority, owner: account, vault, destination, token_program } =
            ctx.accounts;
        let address = account.key();
        let mut owner = StakeOwner::load(account)?;
        ensure(authority.key() == owner.authority(), CoreError::Unauthorized)?;
        let vault_seeds: &[&[u8]] = &[seeds::STAKE, address.as_ref(), &[owner.vault_bump()]];
        chain::require_address(&vault.key(), vault_seeds)?;
        let before = owner.stake().owed().or_refuse()?;
        let amount = owner.stake_mut().withdraw_unbonded(chain::now()?).or_refuse()?;
        let after = owner.stake().owed().or_refuse()?;
        owner.stake().check().or_refuse()?;
        drop(owner);
        token::pay(token_program, vault, destination, vault_seeds, amount)?;
        emit!(StakeWithdrawn {
            owner: address,
            amount: amount.0,
            owed_before: before.0,
            owed_after: after.0,
        });
        Ok(())
    }
}
