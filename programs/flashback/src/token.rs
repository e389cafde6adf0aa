//! The only place that moves tokens.
//!
//! Every vault is a PDA token account that is its own authority: the seeds that sign for it pin its address.

use anchor_lang::prelude::*;
use anchor_spl::token::{self, Burn, CloseAccount, Mint, Token, TokenAccount, Transfer};
use flashback_core::units::Atoms;

/// Moves tokens from a user's account, by the user's signature.
pub fn deposit<'info>(
    program: &Program<'info, Token>,
    from: &Account<'info, TokenAccount>,
    to: &Account<'info, TokenAccount>,
    owner: &Signer<'info>,
    amount: Atoms,
) -> Result<()> {
    let accounts = Transfer {
        from: from.to_account_info(),
        to: to.to_account_info(),
        authority: owner.to_account_info(),
    };
    token::transfer(CpiContext::new(program.key(), accounts), amount.0)
}

/// Moves tokens out of a vault; zero moves nothing.
pub fn pay<'info>(
    program: &Program<'info, Token>,
    vault: &Account<'info, TokenAccount>,
    to: &Account<'info, TokenAccount>,
    vault_seeds: &[&[u8]],
    amount: Atoms,
) -> Result<()> {
    pay_unread(program, vault.as_ref(), to.as_ref(), vault_seeds, amount)
}

/// Moves tokens out of a vault; zero moves nothing. Neither account was read: the seeds pin the vault, and the SPL
/// Token program finds out whether the other one is a token account of its mint.
pub fn pay_unread<'info>(
    program: &Program<'info, Token>,
    vault: &AccountInfo<'info>,
    to: &AccountInfo<'info>,
    vault_seeds: &[&[u8]],
    amount: Atoms,
) -> Result<()> {
    if amount == Atoms::ZERO {
        return Ok(());
    }
    let accounts = Transfer { from: vault.clone(), to: to.clone(), authority: vault.clone() };
    let signers = &[vault_seeds];
    token::transfer(CpiContext::new_with_signer(program.key(), accounts, signers), amount.0)
}

/// Burns tokens of a vault; zero burns nothing.
pub fn burn<'info>(
    program: &Program<'info, Token>,
    vault: &AccountInfo<'info>,
    mint: &Account<'info, Mint>,
    vault_seeds: &[&[u8]],
    amount: Atoms,
) -> Result<()> {
    if amount == Atoms::ZERO {
        return Ok(());
    }
    let accounts =
        Burn { mint: mint.to_account_info(), from: vault.clone(), authority: vault.clone() };
    let signers = &[vault_seeds];
    token::burn(CpiContext::new_with_signer(program.key(), accounts, signers), amount.0)
}

/// Closes a vault as it was loaded: a surplus (donations) goes to the treasury, the rent to who paid it.
pub fn close_vault<'info>(
    program: &Program<'info, Token>,
    vault: &Account<'info, TokenAccount>,
    treasury: &Account<'info, TokenAccount>,
    rent_to: &AccountInfo<'info>,
    vault_seeds: &[&[u8]],
) -> Result<()> {
    pay(program, vault, treasury, vault_seeds, Atoms(vault.amount))?;
    let accounts = CloseAccount {
        account: vault.to_account_info(),
        destination: rent_to.clone(),
        authority: vault.to_account_info(),
    };
    let signers = &[vault_seeds];
    token::close_account(CpiContext::new_with_signer(program.key(), accounts, signers))
}

/// Burns tokens of a user's account, by the user's signature.
pub fn burn_own<'info>(
    program: &Program<'info, Token>,
    from: &Account<'info, TokenAccount>,
    mint: &Account<'info, Mint>,
    owner: &Signer<'info>,
    amount: Atoms,
) -> Result<()> {
    let accounts = Burn {
        mint: mint.to_account_info(),
        from: from.to_account_info(),
        authority: owner.to_account_info(),
    };
    token::burn(CpiContext::new(program.key(), accounts), amount.0)
}
