use super::contested::Slash;
use crate::prelude::*;

/// Ends a challenge whose leaf was not opened in time: the submission is voided and its oracle slashed. If a proof has
/// voided it already, only the bond goes back, and at once.
#[derive(Accounts)]
pub struct ExpireChallenge<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, has_one = sla)]
    pub round: AccountLoader<'info, Round>,
    #[account(mut, has_one = round, has_one = rent_payer, close = rent_payer)]
    pub challenge: Box<Account<'info, Challenge>>,
    /// CHECK: who paid the rent: the Challenge's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The challenger's: the bond goes back to it, and half of the slash.
    #[account(mut, token::authority = challenge.challenger)]
    pub challenger_token: Box<Account<'info, TokenAccount>>,
    /// CHECK: the address of the seat's Oracle; the handler checks it. It may be gone.
    #[account(mut)]
    pub oracle: UncheckedAccount<'info>,
    /// CHECK: its stake vault; the handler checks the address if it slashes an Oracle, and else never touches it.
    #[account(mut)]
    pub stake_vault: UncheckedAccount<'info>,
    /// Needed while the oracle has an entry in the registry.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
    #[account(mut, address = escrow.mint)]
    pub flash_mint: Box<Account<'info, Mint>>,
    pub token_program: Program<'info, Token>,
}

impl ExpireChallenge<'_> {
    pub fn handle(ctx: Context<Self>) -> Result<()> {
        let accounts = ctx.accounts;
        let address = accounts.sla.key();
        let mut sla = accounts.sla.load_mut()?;
        let mut round = accounts.round.load_mut()?;
        let challenge = &accounts.challenge;
        let seat = usize::from(challenge.seat);
        let key = round.seat_key(challenge.seat)?;
        let former = FormerOracle::load(&accounts.oracle, &key)?;
        let mut stake = former.stake();
        let holds = round.holders(&sla).holds(seat);
        let contest = challenge.contest();
        let won = sla
            .body
            .expire_challenge(&mut round.body, &contest, seat, &mut stake, holds, chain::now()?)
            .or_refuse()?;
        let bump = [sla.escrow_bump];
        let escrow_seeds = Sla::escrow_seeds(&address, &bump);
        let (program, to) = (&accounts.token_program, &accounts.challenger_token);
        if let Some(slashed) = &won.slashed {
            let slash = Slash {
                sla: address,
                window: round.body.round.window,
                seat: challenge.seat,
                oracle: key,
                fraud: 0,
                vault: accounts.stake_vault.as_ref(),
                prover_token: to,
                flash_mint: &accounts.flash_mint,
                registry: accounts.registry.as_ref(),
                token_program: program,
            };
            slash.apply(former, accounts.oracle.key(), stake, slashed)?;
        }
        token::pay(program, &accounts.escrow, to, &escrow_seeds, won.bond)?;
        emit!(ChallengeExpired {
            sla: address,
            round: accounts.round.key(),
            seat: challenge.seat,
            leaf: challenge.leaf,
            bond: won.bond.0,
        });
        sla.invariant()
    }
}
