use flashback_core::records::prove_fraud;

use super::contested::{Slash, series};
use crate::prelude::*;

/// A submission to be proven wrong.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ProveFraudArgs {
    /// The seat.
    pub seat: u8,
    /// One path of the submission's tree, encoded as `flashback-core` does.
    pub proof: Vec<u8>,
}

/// Voids a submission that contradicts its own records: of the window at the cursor, or of a contested one.
#[derive(Accounts)]
pub struct ProveFraud<'info> {
    /// The prover's: half of the slash goes to it. Wherever who sends this says.
    #[account(mut)]
    pub prover_token: Box<Account<'info, TokenAccount>>,
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    /// The window's round, if it is contested.
    #[account(mut, constraint = round.load()?.sla == sla.key() @ FlashbackError::AccountMismatch)]
    pub round: Option<AccountLoader<'info, Round>>,
    /// CHECK: the address of the seat's Oracle; the handler checks it. It may be gone.
    #[account(mut)]
    pub oracle: UncheckedAccount<'info>,
    /// CHECK: its stake vault; the handler checks the address if there is an Oracle, and else never touches it.
    #[account(mut)]
    pub stake_vault: UncheckedAccount<'info>,
    /// Needed while the oracle has an entry in the registry.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
    #[account(mut, address = prover_token.mint)]
    pub flash_mint: Box<Account<'info, Mint>>,
    pub token_program: Program<'info, Token>,
}

impl ProveFraud<'_> {
    pub fn handle(ctx: Context<Self>, args: ProveFraudArgs) -> Result<()> {
        let accounts = ctx.accounts;
        let now = chain::now()?;
        let address = accounts.sla.key();
        let seat = usize::from(args.seat);
        let mut sla = accounts.sla.load_mut()?;
        let mut round = accounts.round.as_ref().map(AccountLoader::load_mut).transpose()?;
        let (submissions, key) = match &round {
            Some(round) => (&round.body.round, round.seat_key(args.seat)?),
            None => (&sla.body.round, sla.seat_key(args.seat)?),
        };
        let commitment = submissions.commitments.get(seat).copied();
        let commitment = commitment.ok_or(CoreError::SeatInvalid).or_refuse()?;
        let window = match &round {
            Some(round) => round.body.round.window,
            None => sla.body.progress.cursor,
        };
        let series = series(&sla, address, key, window)?;
        let fraud = prove_fraud::<SyscallSha256>(&series, &commitment, &args.proof).or_refuse()?;
        let former = FormerOracle::load(&accounts.oracle, &key)?;
        let mut stake = former.stake();
        let slashed = match &mut round {
            Some(round) => {
                let holds = round.holders(&sla).holds(seat);
                sla.body.void_contested(&mut round.body, seat, &mut stake, holds)
            }
            None => sla.body.void_current(seat, &mut stake, now),
        };
        let slash = Slash {
            sla: address,
            window,
            seat: args.seat,
            oracle: key,
            fraud: fraud.code(),
            vault: accounts.stake_vault.as_ref(),
            prover_token: &accounts.prover_token,
            flash_mint: &accounts.flash_mint,
            registry: accounts.registry.as_ref(),
            token_program: &accounts.token_program,
        };
        slash.apply(former, accounts.oracle.key(), stake, &slashed.or_refuse()?)?;
        sla.invariant()
    }
}
