use anchor_lang::prelude::*;

/// A provider's earnings left the escrow.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarningsWithdrawn {
    pub sla: Pubkey,
    pub provider: Pubkey,
    pub amount: u64,
}

/// A consumer's refunds and compensations left the escrow.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundWithdrawn {
    pub sla: Pubkey,
    pub consumer: Pubkey,
    pub amount: u64,
}

/// An oracle's fees left the escrow.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleFeesClaimed {
    pub sla: Pubkey,
    /// The oracle's authority.
    pub oracle: Pubkey,
    pub amount: u64,
}

/// Protocol fees went to the treasury, the burnt part of penalties was burnt.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeesSwept {
    pub sla: Pubkey,
    pub fees: u64,
    pub burnt: u64,
}

/// Penalties moved from the provider's stake into the escrow.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PenaltyCollected {
    pub sla: Pubkey,
    pub provider: Pubkey,
    pub consumer: u64,
    pub to_burn: u64,
    pub bonded_before: u64,
    pub bonded_after: u64,
}

/// Absences moved from an oracle's stake into the escrow, for the consumer.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceCollected {
    pub sla: Pubkey,
    pub oracle: Pubkey,
    pub seat: u8,
    pub amount: u64,
    pub bonded_before: u64,
    pub bonded_after: u64,
}
