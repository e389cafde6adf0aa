use std::cell::RefMut;

use anchor_lang::prelude::*;
use flashback_core::reputation::Score;
use flashback_core::stake::Stake;
use flashback_core::text::URI_MAX;
use flashback_core::units::{Atoms, Timestamp};
use flashback_core::{CoreError, seeds};

use super::OracleRegistry;
use crate::error::{OrRefuse, ensure};

/// An oracle, at seeds `oracle`, authority.
#[account(zero_copy)]
pub struct Oracle {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Bump of the stake vault.
    pub vault_bump: u8,
    /// 0: it has no entry in the registry. 1: it is in the registry. 2: it has left, and its entry is still there.
    pub joined: u8,
    /// Seats it holds.
    pub seats: u32,
    /// Its only key: signs submissions, and everything else.
    pub authority: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// Credentials for probing are sealed to this X25519 key.
    pub x25519: [u8; 32],
    /// Stake in the vault.
    pub stake: Stake,
    /// When its score was last brought up to date, in unix seconds.
    pub score_updated_at: i64,
    /// Its score, in thousandths of a point.
    pub score_milli: u32,
    /// For later flags.
    pub flags: [u8; 4],
    /// Atoms taken from its stake so far: for submissions that were voided, and for absences, whether as it left a
    /// seat or through `collect_absence`.
    pub slashed: u64,
    /// Submissions voided so far.
    pub voided: u64,
    /// When it registered, in unix seconds.
    pub registered_at: i64,
    /// For later versions.
    pub reserved: [u8; 64],
    /// Where it publishes its records, padded with zeros.
    pub records_url: [u8; URI_MAX],
}

const _: () = assert!(size_of::<Oracle>() == 488);

impl Oracle {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + size_of::<Oracle>();

    /// Whether it is in the registry, for committees to be drawn from.
    pub fn serves(&self) -> bool {
        self.joined == 1
    }

    /// Its score.
    pub fn score(&self) -> Score {
        Score { milli: self.score_milli, updated_at: self.score_updated_at }
    }

    /// Folds points (whole ones) into its score, and returns the score.
    pub fn fold_points(&mut self, points: i16, now: Timestamp) -> Result<Score> {
        let points_milli = i32::from(points).saturating_mul(1_000);
        let score = self.score().fold(points_milli, now).or_refuse()?;
        self.score_milli = score.milli;
        self.score_updated_at = score.updated_at;
        Ok(score)
    }

    /// Counts what was slashed.
    pub fn count_slashed(&mut self, amount: Atoms) {
        self.slashed = self.slashed.saturating_add(amount.0);
    }

    /// Gives up a seat.
    pub fn leave_seat(&mut self) -> Result<()> {
        self.seats = self.seats.checked_sub(1).ok_or(CoreError::AmountBelowZero).or_refuse()?;
        Ok(())
    }

    /// Brings the oracle's entry in the registry up to date, if it has one; the registry must then be given.
    pub fn sync_registry(&self, registry: Option<&AccountLoader<OracleRegistry>>) -> Result<()> {
        if self.joined == 0 {
            return Ok(());
        }
        let registry = registry.ok_or(CoreError::RegistryAccountMissing).or_refuse()?;
        OracleRegistry::update(registry, &self.authority, |entry| {
            entry.free_stake = self.stake.free().0;
        })?;
        Ok(())
    }
}

/// An oracle to settle old accounts with: as it stands, or gone, if it has closed its account since.
///
/// Nothing of it can be covered any more then, so there is nothing left that could be slashed, and what it earned and
/// never claimed has no owner.
pub enum FormerOracle<'a> {
    /// Its account.
    Present(RefMut<'a, Oracle>),
    /// Nothing stands at its address.
    Gone,
}

impl<'a> FormerOracle<'a> {
    /// Loads the Oracle account of an authority, or finds that there is none.
    pub fn load(account: &'a AccountInfo, authority: &Pubkey) -> Result<Self> {
        let address =
            Pubkey::find_program_address(&[seeds::ORACLE, authority.as_ref()], &crate::ID).0;
        ensure(*account.key == address, CoreError::CommitteeMismatch)?;
        if *account.owner != crate::ID {
            return Ok(Self::Gone);
        }
        super::stake_owner::load_body(account.try_borrow_mut_data()?).map(Self::Present)
    }

    /// Its stake; none if it is gone.
    pub fn stake(&self) -> Stake {
        match self {
            Self::Present(oracle) => oracle.stake,
            Self::Gone => Stake::default(),
        }
    }
}
