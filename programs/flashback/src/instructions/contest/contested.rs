//! What the contests share: entering a round, slashing a seat's oracle, closing a round.

use std::cell::RefMut;

use flashback_core::records::Series;
use flashback_core::sla::Slashed;
use flashback_core::stake::Stake;
use flashback_core::units::Seconds;

use crate::prelude::*;

/// The round of a window that is to be contested: the one that exists, or a new one, into which the window moves.
pub fn enter<'a>(
    sla: &mut Sla,
    address: Pubkey,
    loader: &'a AccountLoader<'_, Round>,
    bump: u8,
    rent_payer: Pubkey,
    window: u16,
    now: Timestamp,
) -> Result<RefMut<'a, Round>> {
    let exists = loader.as_ref().try_borrow_data()?.starts_with(Round::DISCRIMINATOR);
    if exists {
        return loader.load_mut();
    }
    // The window at the cursor is the only one whose challenge phase can be open.
    ensure(window == sla.body.progress.cursor, CoreError::ContestClosed)?;
    let (body, outcome) = sla.body.contest(now).or_refuse()?;
    let mut round = loader.load_init()?;
    *round = Round {
        version: VERSION,
        bump,
        reserved: [0; 6],
        sla: address,
        rent_payer,
        seats: sla.seats,
        body,
    };
    emit!(WindowContested {
        sla: address,
        round: loader.key(),
        window,
        result: outcome.result.code(),
        due: body.due,
        held: body.held,
        penalty: body.penalty,
        ended: outcome.ended,
        returned: outcome.returned.0,
    });
    Ok(round)
}

/// What an oracle's records of a window are bound to.
pub fn series(sla: &Sla, address: Pubkey, oracle: Pubkey, window: u16) -> Result<Series> {
    let terms = &sla.body.terms;
    Series::new(
        oracle.to_bytes(),
        address.to_bytes(),
        Timestamp(terms.start),
        window,
        Seconds(terms.window_secs),
        terms.probes,
    )
    .or_refuse()
}

/// The accounts through which a slash leaves an oracle's stake vault.
pub struct Slash<'a, 'info> {
    pub sla: Pubkey,
    pub window: u16,
    pub seat: u8,
    /// The oracle that submitted it, by authority.
    pub oracle: Pubkey,
    /// 0 a challenged leaf stayed closed; else what was proven.
    pub fraud: u8,
    pub vault: &'a AccountInfo<'info>,
    pub prover_token: &'a Account<'info, TokenAccount>,
    pub flash_mint: &'a Account<'info, Mint>,
    pub registry: Option<&'a AccountLoader<'info, OracleRegistry>>,
    pub token_program: &'a Program<'info, Token>,
}

impl Slash<'_, '_> {
    /// Stores an oracle's stake after its submission was voided, and moves what was slashed.
    pub fn apply(
        &self,
        former: FormerOracle,
        address: Pubkey,
        after: Stake,
        slashed: &Slashed,
    ) -> Result<()> {
        let before = former.stake().bonded;
        emit!(SubmissionVoided {
            sla: self.sla,
            window: self.window,
            seat: self.seat,
            oracle: self.oracle,
            fraud: self.fraud,
            to_prover: slashed.to_prover.0,
            burnt: slashed.to_burn.0,
            bonded_before: before,
            bonded_after: after.bonded,
        });
        let FormerOracle::Present(mut oracle) = former else {
            // It had nothing left to take.
            return Ok(());
        };
        oracle.stake = after;
        oracle.stake.check().or_refuse()?;
        oracle.count_slashed(slashed.to_prover.plus(slashed.to_burn).or_refuse()?);
        oracle.voided = oracle.voided.saturating_add(1);
        oracle.sync_registry(self.registry)?;
        let vault_seeds: &[&[u8]] = &[seeds::STAKE, address.as_ref(), &[oracle.vault_bump]];
        chain::require_address(self.vault.key, vault_seeds)?;
        // Paid to itself, the slash would stay in the vault, and nobody's.
        ensure(*self.vault.key != self.prover_token.key(), CoreError::AccountMismatch)?;
        drop(oracle);
        let (program, vault) = (self.token_program, self.vault);
        let prover = self.prover_token.as_ref();
        token::pay_unread(program, vault, prover, vault_seeds, slashed.to_prover)?;
        token::burn(program, vault, self.flash_mint, vault_seeds, slashed.to_burn)
    }
}

/// Closes a round in which nothing is left.
pub fn close_if_done<'info>(
    sla: &mut Sla,
    address: Pubkey,
    loader: &AccountLoader<'info, Round>,
    rent_payer: &UncheckedAccount<'info>,
) -> Result<()> {
    let (body, window) = {
        let round = loader.load()?;
        (round.body, round.body.round.window)
    };
    if !body.is_empty() {
        return Ok(());
    }
    sla.body.close_round(&body).or_refuse()?;
    emit!(RoundClosed { sla: address, round: loader.key(), window });
    loader.close(rent_payer.to_account_info())
}
