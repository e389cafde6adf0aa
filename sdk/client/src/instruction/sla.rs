//! The life of an SLA: reserving, seating, settling, ending.

use flashback::state::{Sla, SubjectKind};
use flashback::{ProposeSlaArgs, accounts, instruction};
use solana_sdk::instruction::{AccountMeta, Instruction};
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

/// Reserves capacity: deposits price and fees. If the unit accepts automatically and the thresholds are its offer's,
/// the SLA is agreed and its committee's draw fixed; else it waits for [`accept_sla`]. Signers: payer and consumer.
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

/// Who accepts what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptSla {
    /// The provider's authority or operator; signs.
    pub signer: Pubkey,
    /// The provider's authority.
    pub provider_authority: Pubkey,
    /// The provider's number of the unit.
    pub unit_id: u64,
    /// The Sla's address.
    pub sla: Pubkey,
    /// The consumer's Certificate, needed if the unit asks for one.
    pub consumer_certificate: Option<Pubkey>,
}

/// Accepts a proposal before its deadline: the committee's draw is fixed. Signer: the provider's authority or operator.
pub fn accept_sla(given: AcceptSla) -> Instruction {
    let provider = address::provider(&given.provider_authority);
    let accounts = accounts::AcceptSla {
        signer: given.signer,
        config: address::config(),
        provider,
        provider_certificate: address::certificate(
            SubjectKind::Provider,
            &given.provider_authority,
        ),
        consumer_certificate: given.consumer_certificate,
        unit: address::unit(&provider, given.unit_id),
        sla: given.sla,
        registry: address::registry(),
    };
    build(accounts, instruction::AcceptSla {})
}

/// Rejects a proposal. `provider` is the Provider's address. Signer: its authority or operator.
pub fn reject_sla(signer: Pubkey, provider: Pubkey, sla: Pubkey) -> Instruction {
    build(accounts::RejectSla { signer, provider, sla }, instruction::RejectSla {})
}

/// Moves an SLA's end earlier. `provider` is the Provider's address. Signer: the consumer or its delegate, or the
/// provider's authority.
pub fn terminate_sla(signer: Pubkey, provider: Pubkey, sla: Pubkey) -> Instruction {
    build(accounts::TerminateSla { signer, provider, sla }, instruction::TerminateSla {})
}

/// Seats the drawn committee. `provider` is the Provider's address, `oracles` are the drawn oracles'
/// authorities in the draw's order (see [`crate::draw`]). No signers.
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

/// Settles every window that is due of 1 to 126 SLAs. No signers.
pub fn settle_many(slas: &[Pubkey]) -> Instruction {
    let mut instruction = build(accounts::SettleMany {}, instruction::SettleMany {});
    instruction.accounts.extend(slas.iter().map(|sla| AccountMeta::new(*sla, false)));
    instruction
}

/// Ends an SLA whose draw lapsed. `provider` is the Provider's address. No signers.
pub fn expire_sla(sla: Pubkey, provider: Pubkey, unit_id: u64) -> Instruction {
    let unit = Some(address::unit(&provider, unit_id));
    let accounts = accounts::ExpireSla { sla, provider: Some(provider), unit };
    build(accounts, instruction::ExpireSla {})
}

/// Ends a proposal that was not accepted in time. No signers.
pub fn expire_proposal(sla: Pubkey) -> Instruction {
    let accounts = accounts::ExpireSla { sla, provider: None, unit: None };
    build(accounts, instruction::ExpireSla {})
}

/// What releasing an SLA needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseSla {
    /// The Sla's address.
    pub sla: Pubkey,
    /// The Provider's address.
    pub provider: Pubkey,
    /// The provider's number of the unit; `None` once the unit's own part was given back: it may be gone then.
    pub unit_id: Option<u64>,
    /// The authorities of the oracles whose seats are to be freed, in any order.
    pub oracles: Vec<Pubkey>,
}

impl ReleaseSla {
    /// As the account says, with every seat that was not freed yet.
    pub fn of(address: Pubkey, sla: &Sla) -> Self {
        Self {
            sla: address,
            provider: sla.provider,
            unit_id: (sla.body.progress.released == 0).then_some(sla.unit_id),
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
        unit: given.unit_id.map(|id| address::unit(&given.provider, id)),
        registry: address::registry(),
    };
    let mut instruction = build(accounts, instruction::ReleaseSla {});
    instruction.accounts.extend(oracle_metas(&given.oracles));
    instruction
}

/// Folds the points that wait in an SLA: the unit's, and the named seats'. No signers.
pub fn fold_scores(given: &ReleaseSla) -> Instruction {
    let accounts = accounts::FoldScores {
        sla: given.sla,
        provider: given.provider,
        unit: given.unit_id.map(|id| address::unit(&given.provider, id)),
    };
    let mut instruction = build(accounts, instruction::FoldScores {});
    instruction.accounts.extend(oracle_metas(&given.oracles));
    instruction
}

/// What closing an SLA needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseSla {
    /// The Sla's address.
    pub sla: Pubkey,
    /// Who paid its rent.
    pub rent_payer: Pubkey,
    /// The Provider's address; none if the SLA was never agreed.
    pub provider: Option<Pubkey>,
}

impl CloseSla {
    /// As the account says.
    pub fn of(address: Pubkey, sla: &Sla) -> Self {
        let provider = sla.body.was_agreed().then_some(sla.provider);
        Self { sla: address, rent_payer: sla.rent_payer, provider }
    }
}

/// Closes an SLA in which nothing is left. No signers.
pub fn close_sla(given: CloseSla) -> Instruction {
    let accounts = accounts::CloseSla {
        sla: given.sla,
        rent_payer: given.rent_payer,
        escrow: address::escrow(&given.sla),
        treasury: address::treasury(),
        provider: given.provider,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::CloseSla {})
}

/// Pushes what is left in the SLA at an address to its owners, 30 days after its end, and closes it; it has to be
/// released first. Signer: the payer, who lends the rent of the consumer's token account if that is missing.
pub fn close_abandoned_sla(
    payer: Pubkey,
    sla: Pubkey,
    account: &Sla,
    flash_mint: Pubkey,
) -> Instruction {
    let close = CloseSla::of(sla, account);
    let accounts = accounts::CloseAbandonedSla {
        payer,
        sla,
        rent_payer: close.rent_payer,
        escrow: address::escrow(&sla),
        treasury: address::treasury(),
        provider: close.provider,
        provider_vault: close.provider.map(|provider| address::stake_vault(&provider)),
        consumer: account.consumer,
        consumer_token: address::token_account(&account.consumer, &flash_mint),
        flash_mint,
        registry: address::registry(),
        token_program: address::TOKEN_PROGRAM,
        associated_token_program: address::ASSOCIATED_TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
    };
    let mut instruction = build(accounts, instruction::CloseAbandonedSla {});
    for (authority, fees) in account.seats.iter().zip(account.body.seats.fees) {
        if fees > 0 {
            let oracle = address::oracle(authority);
            let vault = address::stake_vault(&oracle);
            instruction.accounts.push(AccountMeta::new(oracle, false));
            instruction.accounts.push(AccountMeta::new(vault, false));
        }
    }
    instruction
}
