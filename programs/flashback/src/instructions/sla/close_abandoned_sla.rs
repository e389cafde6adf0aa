use anchor_spl::associated_token::{self, AssociatedToken};
use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::PushedOut;

use crate::prelude::*;

/// Pushes what is left in an SLA to its owners, 30 days after its end, and closes it. It has to be released first.
///
/// Earnings and oracle fees become bonded stake of who earned them. The consumer's part goes to its associated token
/// account; where that is missing, the caller pays for it and gets it back from the escrow's rent.
///
/// Remaining accounts: for each seat with unclaimed fees, in order, its Oracle account and stake vault, writable. What
/// an oracle never claimed and left behind by closing its account goes to the treasury.
#[derive(Accounts)]
pub struct CloseAbandonedSla<'info> {
    /// Pays for the consumer's token account, if it is missing.
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut, has_one = rent_payer, has_one = consumer, close = rent_payer)]
    pub sla: AccountLoader<'info, Sla>,
    /// CHECK: who paid the rent: the Sla's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::TREASURY], bump = sla.load()?.treasury_bump)]
    pub treasury: Box<Account<'info, TokenAccount>>,
    /// Needed if the SLA was ever agreed.
    #[account(mut, constraint = provider.key() == sla.load()?.provider @ FlashbackError::AccountMismatch)]
    pub provider: Option<AccountLoader<'info, Provider>>,
    /// The provider's stake vault; the handler checks its address.
    #[account(mut)]
    pub provider_vault: Option<Box<Account<'info, TokenAccount>>>,
    /// CHECK: the Sla's `has_one` pins it.
    pub consumer: UncheckedAccount<'info>,
    /// CHECK: the consumer's associated token account for FLASH: the handler derives the address. It may be missing.
    #[account(mut)]
    pub consumer_token: UncheckedAccount<'info>,
    #[account(mut, address = escrow.mint)]
    pub flash_mint: Box<Account<'info, Mint>>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
    pub token_program: Program<'info, Token>,
    pub associated_token_program: Program<'info, AssociatedToken>,
    pub system_program: Program<'info, System>,
}

impl<'info> CloseAbandonedSla<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let accounts = ctx.accounts;
        let address = accounts.sla.key();
        let mut sla = accounts.sla.load_mut()?;
        let pushed = sla.body.push_out(chain::now()?).or_refuse()?;
        sla.body.check_closable().or_refuse()?;
        sla.forget(accounts.provider.as_ref())?;
        let (bump, seats) = ([sla.escrow_bump], sla.seats);
        drop(sla);
        let escrow_seeds = Sla::escrow_seeds(&address, &bump);

        accounts.push_earnings(&pushed, &escrow_seeds)?;
        let bonded = accounts.push_fees(&pushed, &seats, ctx.remaining_accounts, &escrow_seeds)?;
        let spent = accounts.push_refund(&pushed, &escrow_seeds)?;
        let CloseAbandonedSla { payer, sla, escrow, treasury, flash_mint, token_program, .. } =
            accounts;
        // What nobody is left to be paid goes to the treasury.
        let mut fees = pushed.treasury;
        for (earned, paid) in pushed.oracle_fees.iter().zip(&bonded) {
            fees = fees.plus(earned.minus(*paid).or_refuse()?).or_refuse()?;
        }
        token::pay(token_program, escrow, treasury, &escrow_seeds, fees)?;
        token::burn(
            token_program,
            escrow.as_ref().as_ref(),
            flash_mint,
            &escrow_seeds,
            pushed.burnt,
        )?;
        escrow.reload()?;
        // The escrow's rent passes through the Sla, which closes to who paid both.
        let surplus = escrow.amount;
        let rent = escrow.to_account_info().lamports();
        token::close_vault(token_program, escrow, treasury, sla.as_ref(), &escrow_seeds)?;
        let back = spent.min(rent);
        sla.sub_lamports(back)?;
        payer.add_lamports(back)?;
        emit!(SlaPushedOut {
            sla: address,
            earnings: pushed.earnings.0,
            refund: pushed.refund.0,
            treasury: fees.0,
            burnt: pushed.burnt.0,
            oracle_fees: bonded.map(|fee| fee.0),
        });
        emit!(SlaClosed { sla: address, surplus });
        Ok(())
    }

    /// Earnings become the provider's bonded stake; swept fees are counted to it.
    fn push_earnings(&self, pushed: &PushedOut, escrow_seeds: &[&[u8]]) -> Result<()> {
        if pushed.earnings == Atoms::ZERO && pushed.treasury == Atoms::ZERO {
            return Ok(());
        }
        let loader = self.provider.as_ref().ok_or(CoreError::AccountMismatch).or_refuse()?;
        let mut provider = loader.load_mut()?;
        pushed.treasury.add_to(&mut provider.fees_swept).or_refuse()?;
        if pushed.earnings == Atoms::ZERO {
            return Ok(());
        }
        let vault = self.provider_vault.as_ref().ok_or(CoreError::AccountMismatch).or_refuse()?;
        let owner = loader.key();
        let vault_seeds: &[&[u8]] = &[seeds::STAKE, owner.as_ref(), &[provider.vault_bump]];
        chain::require_address(&vault.key(), vault_seeds)?;
        provider.stake.bond(pushed.earnings).or_refuse()?;
        token::pay(&self.token_program, &self.escrow, vault, escrow_seeds, pushed.earnings)
    }

    /// Each seat's fees become its oracle's bonded stake. Returns what did, by seat: those of oracles that are gone do
    /// not.
    fn push_fees(
        &self,
        pushed: &PushedOut,
        seats: &[Pubkey; SEATS_MAX],
        given: &'info [AccountInfo<'info>],
        escrow_seeds: &[&[u8]],
    ) -> Result<[Atoms; SEATS_MAX]> {
        let mut given = given.chunks_exact(2);
        let mut bonded = [Atoms::ZERO; SEATS_MAX];
        let owed = pushed.oracle_fees.iter().zip(&mut bonded).zip(seats);
        for ((fee, paid), authority) in owed {
            if *fee == Atoms::ZERO {
                continue;
            }
            let Some([account, vault]) = given.next() else {
                return Err(refusal(CoreError::CommitteeMismatch));
            };
            match FormerOracle::load(account, authority)? {
                FormerOracle::Gone => {}
                FormerOracle::Present(mut oracle) => {
                    let owner = account.key;
                    let vault_seeds: &[&[u8]] =
                        &[seeds::STAKE, owner.as_ref(), &[oracle.vault_bump]];
                    chain::require_address(vault.key, vault_seeds)?;
                    let vault = Account::<TokenAccount>::try_from(vault)?;
                    oracle.stake.bond(*fee).or_refuse()?;
                    *paid = *fee;
                    oracle.sync_registry(Some(&self.registry))?;
                    drop(oracle);
                    token::pay(&self.token_program, &self.escrow, &vault, escrow_seeds, *fee)?;
                }
            }
        }
        ensure(given.next().is_none(), CoreError::CommitteeMismatch)?;
        Ok(bonded)
    }

    /// The refund goes to the consumer's token account. Returns what the caller paid for making it, in lamports.
    fn push_refund(&self, pushed: &PushedOut, escrow_seeds: &[&[u8]]) -> Result<u64> {
        if pushed.refund == Atoms::ZERO {
            return Ok(0);
        }
        let expected = associated_token::get_associated_token_address_with_program_id(
            &self.consumer.key(),
            &self.flash_mint.key(),
            &self.token_program.key(),
        );
        ensure(self.consumer_token.key() == expected, CoreError::AccountMismatch)?;
        let before = self.payer.lamports();
        if self.consumer_token.data_is_empty() {
            let accounts = associated_token::Create {
                payer: self.payer.to_account_info(),
                associated_token: self.consumer_token.to_account_info(),
                authority: self.consumer.to_account_info(),
                mint: self.flash_mint.to_account_info(),
                system_program: self.system_program.to_account_info(),
                token_program: self.token_program.to_account_info(),
            };
            let program = self.associated_token_program.key();
            associated_token::create(CpiContext::new(program, accounts))?;
        }
        let spent = before.saturating_sub(self.payer.lamports());
        let to = self.consumer_token.as_ref();
        token::pay_unread(
            &self.token_program,
            self.escrow.as_ref().as_ref(),
            to,
            escrow_seeds,
            pushed.refund,
        )?;
        Ok(spent)
    }
}
