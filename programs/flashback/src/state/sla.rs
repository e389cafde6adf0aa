use anchor_lang::prelude::*;
use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::SlaBody;
use flashback_core::units::Timestamp;
use flashback_core::{CoreError, seeds};

use super::{DataUnit, Provider};
use crate::error::{OrRefuse, ensure};
use crate::events::emit_settled;

/// A service level agreement, at seeds `sla`, consumer, id: keys here, everything else in core's body.
#[account(zero_copy)]
pub struct Sla {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Bump of the escrow vault.
    pub escrow_bump: u8,
    /// Bump of the treasury vault, so that sweeping needs no Config.
    pub treasury_bump: u8,
    /// When its unit was listed, the last 32 bits: another unit of the same number is not the one that was proposed.
    pub unit_listed_at: u32,
    /// The consumer's number for it.
    pub id: u64,
    /// Who pays and is refunded.
    pub consumer: Pubkey,
    /// Who may terminate and dispute for the consumer. Default: nobody.
    pub delegate: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// The Provider account.
    pub provider: Pubkey,
    /// The provider's number of the unit.
    pub unit_id: u64,
    /// The committee: the oracles' authorities, by seat. Default: nobody yet.
    pub seats: [Pubkey; SEATS_MAX],
    /// Terms, progress, money, seats and the current round.
    pub body: SlaBody,
}

const _: () = assert!(size_of::<Sla>() == 792);

impl Sla {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + size_of::<Sla>();

    /// The keys that may not judge an SLA: those that signed as its parties. Keys that a party names freely
    /// (delegate, operator, payout) are not among them, or it could bar honest oracles by naming them.
    pub fn parties(consumer: &Pubkey, provider: &Provider) -> [[u8; 32]; 2] {
        [consumer.to_bytes(), provider.authority.to_bytes()]
    }

    /// The seat that an oracle's authority holds.
    pub fn seat_of(&self, authority: &Pubkey) -> Result<usize> {
        let seat = self.seats.iter().position(|seat| seat == authority);
        seat.ok_or(CoreError::NotSeated).or_refuse()
    }

    /// A named seat's key; refuses seats that nobody holds.
    pub fn seat_key(&self, seat: u8) -> Result<Pubkey> {
        let key = self.seats.get(usize::from(seat)).copied().unwrap_or_default();
        ensure(key != Pubkey::default(), CoreError::SeatInvalid)?;
        Ok(key)
    }

    /// Checks the account's invariant: every handler that changed it ends here.
    pub fn invariant(&self) -> Result<()> {
        self.body.check().or_refuse()
    }

    /// Whether a unit of its provider and number is the one that was proposed.
    pub fn is_of(&self, unit: &DataUnit) -> bool {
        self.unit_id == unit.id && self.unit_listed_at == unit.listed_stamp()
    }

    /// Has the provider forget an SLA that closes. It must be given if the SLA was ever agreed; else it may be gone.
    pub fn forget(&self, provider: Option<&AccountLoader<Provider>>) -> Result<()> {
        if !self.body.was_agreed() {
            return Ok(());
        }
        let provider = provider.ok_or(CoreError::AccountMismatch).or_refuse()?;
        let mut provider = provider.load_mut()?;
        provider.open_slas =
            provider.open_slas.checked_sub(1).ok_or(CoreError::AmountBelowZero).or_refuse()?;
        Ok(())
    }

    /// Whether a key may end or dispute the SLA for the consumer: itself, or its delegate.
    pub fn acts_for_consumer(&self, key: &Pubkey) -> bool {
        *key == self.consumer || (*key == self.delegate && *key != Pubkey::default())
    }

    /// The seeds that sign for the escrow of the Sla at an address.
    pub fn escrow_seeds<'a>(address: &'a Pubkey, bump: &'a [u8; 1]) -> [&'a [u8]; 3] {
        [seeds::ESCROW, address.as_ref(), bump]
    }

    /// Settles every window that is due at `now`, and emits each.
    pub fn settle_due(&mut self, address: Pubkey, now: Timestamp) -> Result<bool> {
        let mut settled = false;
        while let Some(outcome) = self.body.settle_next(now).or_refuse()? {
            emit_settled(address, &outcome);
            settled = true;
        }
        Ok(settled)
    }
}
