//! The life of an SLA: reserving, seating, settling, ending.

use flashback::state::{Sla, SubjectKind};
use flashback::{ProposeSlaArgs, accounts, instruction};
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::{SYSTEM_PROGRAM, build, oracle_metas};
use crate::address;

/// Who reserves what from whom.
#[derive(Clone, Copy, Debug)]
pub struct ProposeSla {
    /// Pays the rent; signs.
    pub payer: Pubkey,
    /// The consumer; signs.
    pub consumer: Pubkey,
    /// The token account that pays the deposit.
    pub consumer_token: Pubkey,
    /// The provider's authority.
    pub provider_authority: Pubkey,
    /// The provider's number of the unit.
    pub unit_id: u64,
    /// FLASH.
    pub mint: Pubkey,
    /// The consumer's Certificate, needed if the unit asks for one:
    /// [`address::certificate`]`(SubjectKind::Consumer, &consumer)`.
    pub consumer_certificate: Option<Pubkey>,
    /// The reservation.
    pub args: ProposeSlaArgs,
}

/// Reserves capacity: deposits price and fees, fixes the committee's draw. Signers: payer and consumer.
pub fn propose_sla(given: ProposeSla) -> Instruction {
    let provider = address::provider(&given.provider_authority);
    let sla = address::sla(&given.consumer, given.args.id);
    let accounts = accounts::ProposeSla {
        payer: given.payer,
        consumer: given.consumer,
        consumer_token: given.consumer_token,
        config: address::config(),
        flash_mint: given.mint,
        provider,
        provider_certificate: address::certificate(
            SubjectKind::Provider,
            &given.provider_authority,
        ),
        consumer_certificate: given.consumer_certificate,
        unit: address::unit(&provider, given.unit_id),
        sla,
        escrow: address::escrow(&sla),
        registry: address::registry(),
        token_program: address::TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::ProposeSla { args: given.args })
}

/// Seats the drawn committee. `provider` is the Provider's address, `oracles` are the drawn oracles'
/// authorities in the draw's order (see `crate::draw`). No signers.
pub fn seat_committee(sla: Pubkey, provider: Pubkey, oracles: &[Pubkey]) -> Instruction {
    let accounts = accounts::SeatCommittee { sla, provider, registry: address::registry() };
    let mut instruction = build(accounts, instruction::SeatCommittee {});
    instruction.accounts.extend(oracle_metas(oracles));
    instruction
}

/// Settles every window that is due. No signers.
pub fn settle(sla: Pubkey) -> Instruction {
    build(accounts::Settle { sla }, instruction::Settle {})
}

/// Ends an SLA whose draw lapsed. `provider` is the Provider's address. No signers.
pub fn expire_sla(sla: Pubkey, provider: Pubkey, unit_id: u64) -> Instruction {
    let unit = address::unit(&provider, unit_id);
    build(accounts::ExpireSla { sla, provider, unit }, instruction::ExpireSla {})
}

/// What releasing an SLA needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseSla {
    /// The Sla's address.
    pub sla: Pubkey,
    /// The Provider's address.
    pub provider: Pubkey,
    /// The provider's number of the unit.
    pub unit_id: u64,
    /// The authorities of the oracles whose seats are to be freed, in any order.
    pub oracles: Vec<Pubkey>,
}

impl ReleaseSla {
    /// As the account says, with every seat that was not freed yet.
    pub fn of(address: Pubkey, sla: &Sla) -> Self {
        Self {
            sla: address,
            provider: sla.provider,
            unit_id: sla.unit_id,
            oracles: (0u32..)
                .zip(sla.seats)
                .filter(|(seat, key)| {
                    *key != Pubkey::default() && sla.body.seats.freed >> seat & 1 == 0
                })
                .map(|(_, key)| key)
                .collect(),
        }
    }
}

/// Gives back what an ended SLA reserved: capacity, the provider's cover, the named seats; folds points. No
/// signers.
pub fn release_sla(given: &ReleaseSla) -> Instruction {
    let accounts = accounts::ReleaseSla {
        sla: given.sla,
        provider: given.provider,
        unit: address::unit(&given.provider, given.unit_id),
        registry: address::registry(),
    };
    let mut instruction = build(accounts, instruction::ReleaseSla {});
    instruction.accounts.extend(oracle_metas(&given.oracles));
    instruction
}

/// Closes an SLA in which nothing is left; `rent_payer` is who paid its rent. No signers.
pub fn close_sla(sla: Pubkey, rent_payer: Pubkey) -> Instruction {
    let accounts = accounts::CloseSla {
        sla,
        rent_payer,
        escrow: address::escrow(&sla),
        treasury: address::treasury(),
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::CloseSla {})
}
