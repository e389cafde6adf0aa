use flashback_core::committee::check_exit;

use crate::prelude::*;

#[derive(Accounts)]
pub struct CloseOracle<'info> {
    pub authority: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Box<Account<'info, Config>>,
    #[account(
        mut, has_one = authority @ FlashbackError::Unauthorized, has_one = rent_payer,
        close = rent_payer,
    )]
    pub oracle: AccountLoader<'info, Oracle>,
    /// CHECK: who paid the rent: the Oracle's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    #[account(mut, seeds = [seeds::STAKE, oracle.key().as_ref()], bump = oracle.load()?.vault_bump)]
    pub vault: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::TREASURY], bump = config.treasury_bump)]
    pub treasury: Box<Account<'info, TokenAccount>>,
    /// CHECK: the certificate's address, by its seeds. It ends with the oracle, so that no score is laundered by
    /// registering again; the handler loads it if there is one.
    #[account(
        mut, seeds = [seeds::CERTIFICATE, SubjectKind::Oracle.seed().as_ref(), authority.key().as_ref()], bump,
    )]
    pub certificate: UncheckedAccount<'info>,
    /// CHECK: who paid the certificate's rent: the handler compares it with the certificate.
    #[account(mut)]
    pub certificate_rent_payer: UncheckedAccount<'info>,
    pub token_program: Program<'info, Token>,
}

impl CloseOracle<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let CloseOracle {
            authority,
            oracle: loader,
            rent_payer,
            vault,
            treasury,
            certificate,
            certificate_rent_payer,
            token_program,
            ..
        } = ctx.accounts;
        let address = loader.key();
        let oracle = loader.load()?;
        check_exit(oracle.joined != 0, oracle.seats, &oracle.stake).or_refuse()?;
        let vault_seeds: &[&[u8]] = &[seeds::STAKE, address.as_ref(), &[oracle.vault_bump]];
        token::close_vault(token_program, vault, treasury, rent_payer, vault_seeds)?;
        // After the call: lamports that moved before it would not balance there.
        Certificate::close_if_any(certificate, certificate_rent_payer)?;
        emit!(OracleClosed { oracle: address, authority: authority.key(), surplus: vault.amount });
        Ok(())
    }
}
