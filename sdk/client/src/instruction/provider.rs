//! Providers and their data units.

use flashback::state::SubjectKind;
use flashback::{CreateUnitArgs, RegisterProviderArgs, accounts, instruction};
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::{SYSTEM_PROGRAM, build};
use crate::address;

/// Registers a provider with its stake vault. Signers: payer and authority.
pub fn register_provider(
    payer: Pubkey,
    authority: Pubkey,
    flash_mint: Pubkey,
    args: RegisterProviderArgs,
) -> Instruction {
    let provider = address::provider(&authority);
    let accounts = accounts::RegisterProvider {
        payer,
        authority,
        config: address::config(),
        flash_mint,
        provider,
        vault: address::stake_vault(&provider),
        token_program: address::TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::RegisterProvider { args })
}

/// Lists a data unit. Signers: payer and the provider's authority.
pub fn create_unit(payer: Pubkey, authority: Pubkey, args: CreateUnitArgs) -> Instruction {
    let provider = address::provider(&authority);
    let accounts = accounts::CreateUnit {
        payer,
        authority,
        config: address::config(),
        provider,
        certificate: address::certificate(SubjectKind::Provider, &authority),
        unit: address::unit(&provider, args.id),
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::CreateUnit { args })
}
