use anchor_lang::prelude::*;
use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::{Contest, ContestedRound, Holders, Party};
use flashback_core::units::{Atoms, Timestamp};

use super::Sla;
use crate::error::{OrRefuse, refusal};
use flashback_core::CoreError;

/// A contested window, at seeds `round`, SLA, window: keys here, everything else in core's body.
#[account(zero_copy)]
pub struct Round {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// For later versions.
    pub reserved: [u8; 6],
    /// The Sla.
    pub sla: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// The oracles that were seated when it was contested: their authorities, by seat.
    pub seats: [Pubkey; SEATS_MAX],
    /// The submissions, and what is held for them.
    pub body: ContestedRound,
}

const _: () = assert!(size_of::<Round>() == 520);

impl Round {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + size_of::<Round>();

    /// The oracle that held a seat in the round.
    pub fn seat_key(&self, seat: u8) -> Result<Pubkey> {
        match self.seats.get(usize::from(seat)) {
            Some(key) if *key != Pubkey::default() => Ok(*key),
            _ => Err(refusal(CoreError::SeatInvalid)),
        }
    }

    /// Who of its oracles holds its seat still.
    pub fn holders(&self, sla: &Sla) -> Holders {
        sla.body.holders(&self.body, &sla.seats, &self.seats)
    }
}

/// An open dispute, at seeds `dispute`, round, party. Its bond lies in the SLA's escrow, and goes from there into the
/// balances of the parties, whoever signed for them.
#[account]
#[derive(InitSpace)]
pub struct Dispute {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// Who opened it: 1 the consumer, 2 the provider.
    pub party: u8,
    /// The Sla.
    pub sla: Pubkey,
    /// The Round.
    pub round: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// The bond, in atoms.
    pub bond: u64,
    /// Until when the arbiter may rule, in unix seconds; anyone may end it from then on.
    pub deadline: i64,
    /// For later versions.
    pub reserved: [u8; 32],
}

impl Dispute {
    /// Who opened it.
    pub fn opener(&self) -> Result<Party> {
        Party::from_code(self.party).or_refuse()
    }

    /// As core takes it.
    pub fn contest(&self) -> Contest {
        Contest { bond: Atoms(self.bond), deadline: Timestamp(self.deadline) }
    }
}

/// An open challenge of a seat's submission to open a leaf of its records, at seeds `challenge`, round, seat, leaf.
/// Its bond lies in the SLA's escrow.
#[account]
#[derive(InitSpace)]
pub struct Challenge {
    /// Layout version.
    pub version: u8,
    /// PDA bump.
    pub bump: u8,
    /// The seat.
    pub seat: u8,
    /// The leaf.
    pub leaf: u32,
    /// The Sla.
    pub sla: Pubkey,
    /// The Round.
    pub round: Pubkey,
    /// Who challenged. Unless the leaf is opened, a token account of its gets the bond back, and half of the slash, if
    /// this challenge brings one about.
    pub challenger: Pubkey,
    /// Who paid the rent.
    pub rent_payer: Pubkey,
    /// The bond, in atoms.
    pub bond: u64,
    /// Until when the leaf may be opened, in unix seconds.
    pub deadline: i64,
    /// For later versions.
    pub reserved: [u8; 32],
}

impl Challenge {
    /// As core takes it.
    pub fn contest(&self) -> Contest {
        Contest { bond: Atoms(self.bond), deadline: Timestamp(self.deadline) }
    }
}
