use super::contested::close_if_done;
use crate::prelude::*;

/// Settles accounts with an oracle that has left its seat since a contested round, and closes the round if it was the
/// last. What an oracle earned that has closed its account since goes to the treasury.
#[derive(Accounts)]
pub struct FreeRoundSeat<'info> {
    #[account(mut)]
    pub sla: AccountLoader<'info, Sla>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::TREASURY], bump = sla.load()?.treasury_bump)]
    pub treasury: Box<Account<'info, TokenAccount>>,
    #[account(mut, has_one = sla, has_one = rent_payer)]
    pub round: AccountLoader<'info, Round>,
    /// CHECK: who paid the rent: the Round's `has_one` pins it.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: the address of the leaver's Oracle; the handler checks it. It may be gone.
    #[account(mut)]
    pub oracle: UncheckedAccount<'info>,
    /// CHECK: its stake vault; the handler checks the address if there is an Oracle, and else never touches it.
    #[account(mut)]
    pub stake_vault: UncheckedAccount<'info>,
    /// Needed while the oracle has an entry in the registry.
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: Option<AccountLoader<'info, OracleRegistry>>,
    pub token_program: Program<'info, Token>,
}

impl FreeRoundSeat<'_> {
    pub fn handle(ctx: Context<Self>, seat: u8) -> Result<()> {
        let accounts = ctx.accounts;
        let now = chain::now()?;
        let address = accounts.sla.key();
        let mut sla = accounts.sla.load_mut()?;
        let mut round = accounts.round.load_mut()?;
        let key = round.seat_key(seat)?;
        let former = FormerOracle::load(&accounts.oracle, &key)?;
        let mut stake = former.stake();
        let freed =
            sla.body.free_round_seat(&mut round.body, usize::from(seat), &mut stake).or_refuse()?;
        drop(round);
        let bump = [sla.escrow_bump];
        let escrow_seeds = Sla::escrow_seeds(&address, &bump);
        let (program, escrow) = (&accounts.token_program, &accounts.escrow);
        match former {
            FormerOracle::Gone => {
                // Its fees pay its absence, in the escrow; the rest has no owner.
                let left = freed.fees.minus(freed.absence).or_refuse()?;
                token::pay(program, escrow, &accounts.treasury, &escrow_seeds, left)?;
            }
            FormerOracle::Present(mut oracle) => {
                oracle.stake = stake;
                oracle.stake.check().or_refuse()?;
                oracle.count_slashed(freed.absence);
                oracle.fold_points(i16::from(freed.points), now)?;
                oracle.sync_registry(accounts.registry.as_ref())?;
                let owner = accounts.oracle.key();
                let owner_seeds: &[&[u8]] = &[seeds::STAKE, owner.as_ref(), &[oracle.vault_bump]];
                let vault = accounts.stake_vault.as_ref();
                let escrow = escrow.as_ref().as_ref();
                chain::require_address(vault.key, owner_seeds)?;
                drop(oracle);
                token::pay_unread(program, escrow, vault, &escrow_seeds, freed.fees)?;
                token::pay_unread(program, vault, escrow, owner_seeds, freed.absence)?;
            }
        }
        emit!(RoundSeatFreed {
            sla: address,
            round: accounts.round.key(),
            seat,
            oracle: key,
            fees: freed.fees.0,
            absence: freed.absence.0,
            written_off: freed.written_off.0,
            released: freed.released.0,
            points: freed.points,
        });
        close_if_done(&mut sla, address, &accounts.round, &accounts.rent_payer)?;
        sla.invariant()
    }
}
