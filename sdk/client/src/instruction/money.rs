//! What leaves an SLA's escrow, and what comes into it from stakes.

use flashback::{accounts, instruction};
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::build;
use crate::address;

/// Pays the provider what it has earned. `provider` is the Provider's address; `destination` must be owned
/// by its payout owner. Signer: the provider's authority or operator.
pub fn withdraw_earnings(
    signer: Pubkey,
    provider: Pubkey,
    sla: Pubkey,
    destination: Pubkey,
) -> Instruction {
    let accounts = accounts::WithdrawEarnings {
        signer,
        provider,
        sla,
        escrow: address::escrow(&sla),
        destination,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::WithdrawEarnings {})
}

/// Pays the consumer what was refunded. Signer: the consumer.
pub fn withdraw_refund(consumer: Pubkey, sla: Pubkey, destination: Pubkey) -> Instruction {
    let accounts = accounts::WithdrawRefund {
        consumer,
        sla,
        escrow: address::escrow(&sla),
        destination,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::WithdrawRefund {})
}

/// Pays a seat's fees. Signer: the seat's oracle.
pub fn claim_oracle_fees(
    authority: Pubkey,
    sla: Pubkey,
    seat: u8,
    destination: Pubkey,
) -> Instruction {
    let accounts = accounts::ClaimOracleFees {
        authority,
        sla,
        escrow: address::escrow(&sla),
        destination,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::ClaimOracleFees { seat })
}

/// Moves protocol fees to the treasury and burns the burnt part of penalties. `provider` is the Provider's
/// address. No signers.
pub fn sweep_fees(sla: Pubkey, provider: Pubkey, flash_mint: Pubkey) -> Instruction {
    let accounts = accounts::SweepFees {
        sla,
        escrow: address::escrow(&sla),
        treasury: address::treasury(),
        provider,
        flash_mint,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::SweepFees {})
}

/// Moves accrued penalties from the provider's stake into the escrow. `provider` is the Provider's address.
/// No signers.
pub fn collect_penalty(sla: Pubkey, provider: Pubkey) -> Instruction {
    let accounts = accounts::CollectPenalty {
        sla,
        escrow: address::escrow(&sla),
        provider,
        stake_vault: address::stake_vault(&provider),
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::CollectPenalty {})
}

/// Moves what a seat's oracle (by authority) owes for absences from its stake into the escrow. No signers.
pub fn collect_absence(sla: Pubkey, seat: u8, oracle_authority: &Pubkey) -> Instruction {
    let oracle = address::oracle(oracle_authority);
    let accounts = accounts::CollectAbsence {
        sla,
        escrow: address::escrow(&sla),
        oracle,
        stake_vault: address::stake_vault(&oracle),
        registry: Some(address::registry()),
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::CollectAbsence { seat })
}
