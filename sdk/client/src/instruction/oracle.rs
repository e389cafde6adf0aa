//! Oracles: registering, joining the registry, reporting.

use flashback::state::SubjectKind;
use flashback::{RegisterOracleArgs, SubmitReportArgs, accounts, instruction};
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::{SYSTEM_PROGRAM, build};
use crate::address;

/// Registers an oracle with its stake vault. Signers: payer and authority.
pub fn register_oracle(
    payer: Pubkey,
    authority: Pubkey,
    flash_mint: Pubkey,
    args: RegisterOracleArgs,
) -> Instruction {
    let oracle = address::oracle(&authority);
    let accounts = accounts::RegisterOracle {
        payer,
        authority,
        config: address::config(),
        flash_mint,
        oracle,
        vault: address::stake_vault(&oracle),
        token_program: address::TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::RegisterOracle { args })
}

/// Enters a staked, certified oracle into the registry. Signers: payer and the oracle's authority.
pub fn join_registry(payer: Pubkey, authority: Pubkey) -> Instruction {
    let accounts = accounts::JoinRegistry {
        payer,
        authority,
        config: address::config(),
        oracle: address::oracle(&authority),
        certificate: address::certificate(SubjectKind::Oracle, &authority),
        registry: address::registry(),
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::JoinRegistry {})
}

/// Submits what a seat's oracle measured in a window. Signer: the oracle's authority.
pub fn submit_report(authority: Pubkey, sla: Pubkey, args: SubmitReportArgs) -> Instruction {
    build(accounts::SubmitReport { authority, sla }, instruction::SubmitReport { args })
}
