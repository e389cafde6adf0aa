use anchor_lang::prelude::*;
use flashback_core::committee::SEATS_MAX;
use flashback_core::quality::Aggregate;

/// An oracle registered.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleRegistered {
    pub oracle: Pubkey,
    pub authority: Pubkey,
    pub x25519: [u8; 32],
}

/// An oracle joined the registry.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleJoined {
    pub oracle: Pubkey,
    pub joined_slot: u64,
}

/// An oracle reported a window. `shortfall_ppm` is meaningful if `measured`; else it abstained.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSubmitted {
    pub sla: Pubkey,
    /// The oracle's authority.
    pub oracle: Pubkey,
    pub window: u16,
    pub measured: bool,
    pub shortfall_ppm: u32,
    pub aggregate: Aggregate,
    pub root: [u8; 32],
}

/// An oracle's details were changed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleUpdated {
    pub oracle: Pubkey,
    pub x25519_before: [u8; 32],
    pub x25519_after: [u8; 32],
}

/// An oracle left the registry, or was taken out of it: its seats may be redrawn.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleLeft {
    pub oracle: Pubkey,
    pub by: Pubkey,
    /// Seats that it still holds.
    pub seats: u32,
    /// No draw that is fixed from this slot on draws it.
    pub out_slot: u64,
}

/// The entry of an oracle that left is gone from the registry.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRemoved {
    pub oracle: Pubkey,
}

/// An oracle's account was closed; what anyone had donated to its stake vault went to the treasury.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleClosed {
    pub oracle: Pubkey,
    pub authority: Pubkey,
    pub surplus: u64,
}

/// What became of one report of a batch.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportRecord {
    /// The window.
    pub window: u16,
    /// 0 recorded as an abstention, 1 as a measurement; else the number of the error that refused it.
    pub result: u32,
    /// Its shortfall, if it measured.
    pub shortfall_ppm: u32,
    /// Windows that were settled first.
    pub settled: u8,
}

/// An oracle reported several SLAs, in the order of the accounts; what it reported stands in the instruction.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportsSubmitted {
    /// The oracle's authority.
    pub oracle: Pubkey,
    pub records: Vec<ReportRecord>,
}

/// A seat's redraw was armed: the hash of the first slot at or after `draw_slot` decides.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedrawArmed {
    pub sla: Pubkey,
    pub seat: u8,
    /// 0 armed again, 1 vacant, 2 left, 3 voided, 4 cover used, 5 missed.
    pub reason: u8,
    pub draw_number: u16,
    pub draw_slot: u64,
    /// Seats that wait for this draw, a bit each.
    pub waiting: u8,
}

/// A seat was redrawn. `before` and `after` are authorities, the default key where the seat is vacant: nobody held it,
/// or the drawn oracle lacks the cover or has left.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRedrawn {
    pub sla: Pubkey,
    pub seat: u8,
    pub before: Pubkey,
    pub after: Pubkey,
    /// The first window in which the newcomer counts; 65,535: the seat is vacant.
    pub first_window: u16,
    /// The leaver's fees, bonded in its stake vault.
    pub fees: u64,
    /// The leaver's absences, paid to the consumer from its stake.
    pub absence: u64,
    /// Absences that its stake could not pay.
    pub written_off: u64,
    /// The leaver's cover that became free.
    pub released: u64,
    pub points: i16,
}

/// Points were folded into the scores of a committee's oracles: points by seat, scores after.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OraclesFolded {
    pub sla: Pubkey,
    pub points: [i16; SEATS_MAX],
    pub score_milli: [u32; SEATS_MAX],
}
