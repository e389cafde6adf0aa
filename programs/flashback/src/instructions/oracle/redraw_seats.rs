use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::VACANT;
use flashback_core::stake::Stake;

use crate::instructions::sla::drawn_oracles;
use crate::prelude::*;

/// Gives all seats of a pending redraw to the oracles that were drawn.
///
/// Remaining accounts, for each seat that waits, in order: the leaver's Oracle account and stake vault, and the drawn
/// oracle's Oracle account, all writable. For a seat that nobody holds the first two are this program's address.
#[derive(Accounts)]
pub struct RedrawSeats<'info> {
    #[account(mut, has_one = provider)]
    pub sla: AccountLoader<'info, Sla>,
    pub provider: AccountLoader<'info, Provider>,
    #[account(mut, seeds = [seeds::ESCROW, sla.key().as_ref()], bump = sla.load()?.escrow_bump)]
    pub escrow: Box<Account<'info, TokenAccount>>,
    #[account(mut, seeds = [seeds::REGISTRY], bump = registry.load()?.bump)]
    pub registry: AccountLoader<'info, OracleRegistry>,
    /// The SLA's open round: until it is settled, it keeps the cover of leavers that counted in it. Needed if one is
    /// open and a seat has a holder; with several open, no held seat is redrawn.
    #[account(mut, constraint = round.load()?.sla == sla.key() @ FlashbackError::AccountMismatch)]
    pub round: Option<AccountLoader<'info, Round>>,
    pub token_program: Program<'info, Token>,
}

impl<'info> RedrawSeats<'info> {
    pub fn handle(ctx: Context<'info, Self>) -> Result<()> {
        let accounts = ctx.accounts;
        let now = chain::now()?;
        let address = accounts.sla.key();
        let mut sla = accounts.sla.load_mut()?;
        sla.settle_due(address, now)?;
        let waiting = sla.body.progress.redraw_seats;
        ensure(waiting != 0, CoreError::RedrawRefused)?;
        let count = u8::try_from(waiting.count_ones()).unwrap_or(u8::MAX);
        let mut excluded = [[0; 32]; SEATS_MAX + 2];
        let parties = Sla::parties(&sla.consumer, &*accounts.provider.load()?);
        let seated = sla.seats.map(|seat| seat.to_bytes());
        for (place, key) in excluded.iter_mut().zip(parties.into_iter().chain(seated)) {
            *place = key;
        }
        let drawn = drawn_oracles(&sla, address, &accounts.registry, &excluded, count)?;
        let expected = usize::from(count).saturating_mul(3);
        ensure(ctx.remaining_accounts.len() == expected, CoreError::CommitteeMismatch)?;
        let mut given = ctx.remaining_accounts.chunks_exact(3);
        let mut drawn = drawn.into_iter();
        for seat in (0..SEATS_MAX).filter(|seat| waiting >> seat & 1 != 0) {
            let (Some([leaver, vault, newcomer]), Some(key)) = (given.next(), drawn.next()) else {
                return Err(refusal(CoreError::CommitteeMismatch));
            };
            accounts.redraw(&mut sla, seat, key, [leaver, vault, newcomer], now)?;
        }
        sla.invariant()
    }

    fn redraw(
        &self,
        sla: &mut Sla,
        seat: usize,
        key: Pubkey,
        [leaver, vault, newcomer]: [&'info AccountInfo<'info>; 3],
        now: Timestamp,
    ) -> Result<()> {
        let address = self.sla.key();
        let before = sla.seats.get(seat).copied().unwrap_or_default();
        let newcomer = AccountLoader::<Oracle>::try_from(newcomer)?;
        let mut newcomer = newcomer.load_mut()?;
        ensure(newcomer.authority == key, CoreError::CommitteeMismatch)?;
        let held = before != Pubkey::default();
        let former = held.then(|| AccountLoader::<Oracle>::try_from(leaver)).transpose()?;
        let mut former = former.as_ref().map(AccountLoader::load_mut).transpose()?;
        let known = former.as_ref().is_none_or(|oracle| oracle.authority == before);
        ensure(known, CoreError::CommitteeMismatch)?;
        let mut round = self.round.as_ref().map(AccountLoader::load_mut).transpose()?;
        // One that has left meanwhile covers nothing, and leaves the seat vacant.
        let mut nothing = Stake::default();
        let serves = newcomer.serves();
        let newcomer_stake = if serves { &mut newcomer.stake } else { &mut nothing };
        let replaced = sla
            .body
            .replace_seat(
                seat,
                former.as_mut().map(|oracle| &mut oracle.stake),
                newcomer_stake,
                round.as_mut().map(|round| &mut round.body),
                now,
            )
            .or_refuse()?;
        let after = if replaced.first_window == VACANT { Pubkey::default() } else { key };
        if after != Pubkey::default() {
            newcomer.seats = newcomer.seats.saturating_add(1);
        }
        newcomer.stake.check().or_refuse()?;
        newcomer.sync_registry(Some(&self.registry))?;
        if let Some(mut oracle) = former {
            oracle.leave_seat()?;
            oracle.count_slashed(replaced.absence);
            oracle.fold_points(replaced.points, now)?;
            oracle.stake.check().or_refuse()?;
            oracle.sync_registry(Some(&self.registry))?;
            let owner = leaver.key();
            let owner_seeds: &[&[u8]] = &[seeds::STAKE, owner.as_ref(), &[oracle.vault_bump]];
            chain::require_address(vault.key, owner_seeds)?;
            let vault = Account::<TokenAccount>::try_from(vault)?;
            let bump = [sla.escrow_bump];
            let escrow_seeds = Sla::escrow_seeds(&address, &bump);
            token::pay(&self.token_program, &self.escrow, &vault, &escrow_seeds, replaced.fees)?;
            token::pay(&self.token_program, &vault, &self.escrow, owner_seeds, replaced.absence)?;
        }
        if let Some(place) = sla.seats.get_mut(seat) {
            *place = after;
        }
        emit!(SeatRedrawn {
            sla: address,
            seat: u8::try_from(seat).unwrap_or(u8::MAX),
            before,
            after,
            first_window: replaced.first_window,
            fees: replaced.fees.0,
            absence: replaced.absence.0,
            written_off: replaced.written_off.0,
            released: replaced.released.0,
            points: replaced.points,
        });
        Ok(())
    }
}
