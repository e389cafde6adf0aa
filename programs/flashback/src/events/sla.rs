use anchor_lang::prelude::*;
use flashback_core::committee::SEATS_MAX;
use flashback_core::sla::WindowOutcome;

/// An SLA was proposed and waits for its provider until `deadline`; the deposit is in escrow.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaProposed {
    pub sla: Pubkey,
    pub id: u64,
    pub consumer: Pubkey,
    pub provider: Pubkey,
    pub unit_id: u64,
    pub offer_version: u32,
    pub gib: u64,
    pub price: u64,
    pub fee_reserve: u64,
    pub cover: u64,
    pub deadline: i64,
}

/// The provider rejected a proposal; everything is refundable.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaRejected {
    pub sla: Pubkey,
    pub by: Pubkey,
    pub refund: u64,
}

/// An end was moved earlier: windows before and after, exclusive.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaTerminated {
    pub sla: Pubkey,
    pub by: Pubkey,
    pub end_before: u16,
    pub end_after: u16,
}

/// An SLA was agreed: capacity and cover are taken, the deposit is in escrow.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaAgreed {
    pub sla: Pubkey,
    pub id: u64,
    pub consumer: Pubkey,
    pub provider: Pubkey,
    pub unit_id: u64,
    pub gib: u64,
    pub price: u64,
    pub cover: u64,
    /// Price and fee reserve.
    pub deposit: u64,
    pub draw_slot: u64,
    pub unit_taken_gib: u64,
    pub provider_covered: u64,
}

/// A committee was seated; the first window begins at `start`.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitteeSeated {
    pub sla: Pubkey,
    /// The oracles' authorities. The default key: vacant, since who was drawn for it lacked the cover or had left.
    pub seats: [Pubkey; SEATS_MAX],
    pub start: i64,
    /// What each seated oracle has reserved of its stake.
    pub seat_cover: u64,
}

/// A proposal was not accepted in time, or an SLA's draw lapsed; everything is refundable.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaExpired {
    pub sla: Pubkey,
    pub refund: u64,
}

/// A window was settled. `due = paid + refunded`; fees come on top of the due.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowSettled {
    pub sla: Pubkey,
    pub window: u16,
    /// 1 met, 2 breached, 3 unmeasured, 4 blocked.
    pub result: u8,
    pub shortfall_ppm: u32,
    pub due: u64,
    pub paid: u64,
    pub refunded: u64,
    /// Owed by the provider's stake, not collected yet.
    pub penalty: u64,
    pub protocol_fee: u64,
    /// Of each of the `measured` submissions.
    pub oracle_fee: u64,
    pub measured: u8,
    /// Owed by the stakes of silent oracles together, not collected yet.
    pub absence: u64,
    pub ended: bool,
    /// What the end gave back of the deposit that was not allotted.
    pub returned: u64,
}

/// [`WindowSettled`] with its discriminator as Borsh writes it, in place: settling is what the program does most.
#[repr(C, packed)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct EncodedWindowSettled {
    discriminator: [u8; 8],
    sla: [u8; 32],
    window: u16,
    result: u8,
    shortfall_ppm: u32,
    due: u64,
    paid: u64,
    refunded: u64,
    penalty: u64,
    protocol_fee: u64,
    oracle_fee: u64,
    measured: u8,
    absence: u64,
    ended: u8,
    returned: u64,
}

const WINDOW_SETTLED: [u8; 8] = match WindowSettled::DISCRIMINATOR.first_chunk() {
    Some(discriminator) => *discriminator,
    None => [0; 8],
};

/// Emits one settled window.
pub fn emit_settled(sla: Pubkey, outcome: &WindowOutcome) {
    let event = encode_settled(sla, outcome);
    anchor_lang::solana_program::log::sol_log_data(&[bytemuck::bytes_of(&event)]);
}

fn encode_settled(sla: Pubkey, outcome: &WindowOutcome) -> EncodedWindowSettled {
    EncodedWindowSettled {
        discriminator: WINDOW_SETTLED,
        sla: sla.to_bytes(),
        window: outcome.window,
        result: outcome.result.code(),
        shortfall_ppm: outcome.shortfall.0,
        due: outcome.due.0,
        paid: outcome.paid.0,
        refunded: outcome.refunded.0,
        penalty: outcome.penalty.0,
        protocol_fee: outcome.protocol_fee.0,
        oracle_fee: outcome.oracle_fee.0,
        measured: outcome.measured,
        absence: outcome.absence.0,
        ended: u8::from(outcome.ended),
        returned: outcome.returned.0,
    }
}

/// An ended SLA gave back capacity, cover and points.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaReleased {
    pub sla: Pubkey,
    pub gib: u64,
    pub cover: u64,
    pub points_milli: i32,
    pub unit_taken_gib: u64,
    pub unit_score_milli: u32,
    pub provider_covered: u64,
}

/// An ended SLA gave a seat's cover and points back to its oracle.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatFreed {
    pub sla: Pubkey,
    pub oracle: Pubkey,
    pub cover: u64,
    pub points: i16,
    pub written_off: u64,
    pub oracle_covered: u64,
    pub oracle_score_milli: u32,
}

/// An SLA was closed; what anyone had donated to its escrow went to the treasury.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaClosed {
    pub sla: Pubkey,
    pub surplus: u64,
}

/// What became of one SLA of a batch. Amounts are sums over the windows settled.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettledRecord {
    /// The next window to settle, after.
    pub cursor: u16,
    /// Windows settled.
    pub settled: u8,
    /// The last one's result: 1 met, 2 breached, 3 unmeasured, 4 blocked; 0: none was settled.
    pub result: u8,
    /// Why it was skipped: an error's number, or 1 for what is no Sla that this program can load; 0: it was not.
    pub skipped: u32,
    pub paid: u64,
    pub refunded: u64,
    pub penalty: u64,
    pub absence: u64,
    /// Protocol's and oracles' together.
    pub fees: u64,
    /// What the end gave back of the deposit that was not allotted; 0 unless it ended.
    pub returned: u64,
}

/// Several SLAs were settled, in the order of the accounts.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSettled {
    pub records: Vec<SettledRecord>,
}

/// What was left in an ended SLA was pushed to its owners.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaPushedOut {
    pub sla: Pubkey,
    pub earnings: u64,
    pub refund: u64,
    pub treasury: u64,
    pub burnt: u64,
    pub oracle_fees: [u64; SEATS_MAX],
}

#[cfg(test)]
mod tests {
    use anchor_lang::Event;
    use flashback_core::sla::WindowResult;
    use flashback_core::units::{Atoms, Ppm};

    use super::*;

    #[test]
    fn a_settled_window_is_encoded_as_borsh_does() {
        let sla = Pubkey::new_from_array([7; 32]);
        let outcome = WindowOutcome {
            window: 0x1234,
            result: WindowResult::Breached,
            shortfall: Ppm(0x0102_0304),
            due: Atoms(1 << 40),
            paid: Atoms(2 << 40),
            refunded: Atoms(3 << 40),
            penalty: Atoms(4 << 40),
            protocol_fee: Atoms(5 << 40),
            oracle_fee: Atoms(6 << 40),
            measured: 7,
            absence: Atoms(8 << 40),
            ended: true,
            returned: Atoms(9 << 40),
        };
        let event = WindowSettled {
            sla,
            window: 0x1234,
            result: 2,
            shortfall_ppm: 0x0102_0304,
            due: 1 << 40,
            paid: 2 << 40,
            refunded: 3 << 40,
            penalty: 4 << 40,
            protocol_fee: 5 << 40,
            oracle_fee: 6 << 40,
            measured: 7,
            absence: 8 << 40,
            ended: true,
            returned: 9 << 40,
        };
        assert_eq!(bytemuck::bytes_of(&encode_settled(sla, &outcome)), event.data());
    }
}
