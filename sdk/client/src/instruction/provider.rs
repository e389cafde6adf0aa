//! Providers and their data units.

use flashback::state::SubjectKind;
use flashback::{
    CreateUnitArgs, RegisterProviderArgs, UpdateProviderArgs, UpdateUnitArgs, accounts, instruction,
};
use flashback_core::unit::Maintenance;
use flashback_core::units::{Atoms, Timestamp};
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

/// Lists a data unit; the offer's version is the next of the provider's. Signers: payer and the provider's authority.
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

/// Changes a provider's payout owner, region and document. Signer: its authority.
pub fn update_provider(authority: Pubkey, args: UpdateProviderArgs) -> Instruction {
    let accounts = accounts::UpdateProvider { authority, provider: address::provider(&authority) };
    build(accounts, instruction::UpdateProvider { args })
}

/// Names a provider's operator until a time; the default key: none. Signer: the provider's authority.
pub fn set_operator(authority: Pubkey, operator: Pubkey, expires_at: Timestamp) -> Instruction {
    let accounts = accounts::UpdateProvider { authority, provider: address::provider(&authority) };
    build(accounts, instruction::SetOperator { operator, expires_at: expires_at.0 })
}

/// Closes a provider and its certificate. `rent_payer` and `certificate_rent_payer` are who paid their rent (for the
/// latter any key, if there is no certificate). Signer: its authority.
pub fn close_provider(
    authority: Pubkey,
    rent_payer: Pubkey,
    certificate_rent_payer: Pubkey,
) -> Instruction {
    let provider = address::provider(&authority);
    let accounts = accounts::CloseProvider {
        authority,
        config: address::config(),
        provider,
        rent_payer,
        vault: address::stake_vault(&provider),
        treasury: address::treasury(),
        certificate: address::certificate(SubjectKind::Provider, &authority),
        certificate_rent_payer,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::CloseProvider {})
}

/// Changes all that a unit offers; the offer's version is the next of the provider's. Signers: payer (for a longer
/// endpoint) and the provider's authority.
pub fn update_unit(
    payer: Pubkey,
    authority: Pubkey,
    unit_id: u64,
    args: UpdateUnitArgs,
) -> Instruction {
    let provider = address::provider(&authority);
    let accounts = accounts::UpdateUnit {
        payer,
        authority,
        provider,
        unit: address::unit(&provider, unit_id),
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::UpdateUnit { args })
}

/// Burns FLASH for the listing priority of the unit at an address. Signer: the booster, anyone.
pub fn boost_unit(
    booster: Pubkey,
    booster_token: Pubkey,
    flash_mint: Pubkey,
    unit: Pubkey,
    amount: Atoms,
) -> Instruction {
    let accounts = accounts::BoostUnit {
        booster,
        booster_token,
        config: address::config(),
        flash_mint,
        unit,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::BoostUnit { amount: amount.0 })
}

/// Announces maintenance of a unit of the Provider at an address. Signer: its authority or operator.
pub fn announce_maintenance(
    signer: Pubkey,
    provider: Pubkey,
    unit_id: u64,
    next: Maintenance,
) -> Instruction {
    let unit = address::unit(&provider, unit_id);
    let accounts =
        accounts::AnnounceMaintenance { signer, config: address::config(), provider, unit };
    let (starts_at, secs) = (next.starts_at.0, next.secs.0);
    build(accounts, instruction::AnnounceMaintenance { starts_at, secs })
}

/// Closes a unit to new SLAs. Signer: the provider's authority.
pub fn close_unit(authority: Pubkey, unit_id: u64) -> Instruction {
    let provider = address::provider(&authority);
    let unit = address::unit(&provider, unit_id);
    build(accounts::CloseUnit { authority, provider, unit }, instruction::CloseUnit {})
}

/// Removes a closing unit of the Provider at an address; `rent_payer` is who paid its rent. No signers.
pub fn remove_unit(provider: Pubkey, unit_id: u64, rent_payer: Pubkey) -> Instruction {
    let unit = address::unit(&provider, unit_id);
    build(accounts::RemoveUnit { provider, unit, rent_payer }, instruction::RemoveUnit {})
}

/// Brings the score of a unit of the Provider at an address up to date. No signers.
pub fn refresh_unit(provider: Pubkey, unit_id: u64) -> Instruction {
    let unit = address::unit(&provider, unit_id);
    build(accounts::RefreshUnit { provider, unit }, instruction::RefreshUnit {})
}
