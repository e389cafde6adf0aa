use anchor_lang::prelude::*;

/// A window was contested for the first time: it moved into its round as it stands.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowContested {
    pub sla: Pubkey,
    pub round: Pubkey,
    pub window: u16,
    /// 1 met, 2 breached, 3 unmeasured, 4 blocked.
    pub result: u8,
    pub due: u64,
    /// Due and oracle fees that wait in the escrow until the round is settled.
    pub held: u64,
    /// What the penalty would be as it stands.
    pub penalty: u64,
    pub ended: bool,
    /// What the end gave back of the deposit that was not allotted.
    pub returned: u64,
}

/// A party disputed a contested window.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeOpened {
    pub sla: Pubkey,
    pub round: Pubkey,
    /// 1 the consumer, 2 the provider.
    pub party: u8,
    pub by: Pubkey,
    pub bond: u64,
    pub deadline: i64,
}

/// A dispute ended.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeEnded {
    pub sla: Pubkey,
    pub round: Pubkey,
    /// 1 the consumer, 2 the provider.
    pub party: u8,
    /// 0 expired, 1 upheld, 2 rejected.
    pub ending: u8,
    /// Submissions turned into abstentions, a bit for each seat.
    pub turned: u8,
    /// Of the bond, into the opener's balance: a consumer's refunds, a provider's earnings.
    pub to_opener: u64,
    /// Of the bond, into the other party's balance.
    pub to_other: u64,
}

/// A seat's submission was challenged to open a leaf.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafChallenged {
    pub sla: Pubkey,
    pub round: Pubkey,
    pub seat: u8,
    pub leaf: u32,
    pub challenger: Pubkey,
    pub bond: u64,
    pub deadline: i64,
}

/// A challenged leaf was opened: the bond is the oracle's.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafOpened {
    pub sla: Pubkey,
    pub round: Pubkey,
    pub seat: u8,
    pub leaf: u32,
    pub bond: u64,
}

/// A challenged leaf was not opened in time, or the submission was proven wrong meanwhile: the bond went back.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeExpired {
    pub sla: Pubkey,
    pub round: Pubkey,
    pub seat: u8,
    pub leaf: u32,
    pub bond: u64,
}

/// A submission was voided; its oracle's stake before and after.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionVoided {
    pub sla: Pubkey,
    pub window: u16,
    pub seat: u8,
    /// The oracle's authority.
    pub oracle: Pubkey,
    /// 0 a challenged leaf stayed closed, 1 malformed leaf, 2 leaf outside its slice, 3 foreign leaf, 4 sums that do
    /// not add up, 5 a root that is not the submission's aggregate.
    pub fraud: u8,
    pub to_prover: u64,
    pub burnt: u64,
    pub bonded_before: u64,
    pub bonded_after: u64,
}

/// A former holder's accounts with a contested round were settled.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundSeatFreed {
    pub sla: Pubkey,
    pub round: Pubkey,
    pub seat: u8,
    /// The oracle's authority.
    pub oracle: Pubkey,
    pub fees: u64,
    pub absence: u64,
    pub written_off: u64,
    pub released: u64,
    pub points: i8,
}

/// A contested round was closed.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundClosed {
    pub sla: Pubkey,
    pub round: Pubkey,
    pub window: u16,
}
