//! Setting the protocol up, certifying its participants, checking its vaults.

use flashback::{AppointCertifierArgs, CertifyArgs, InitializeArgs, accounts, instruction};
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::{SYSTEM_PROGRAM, build};
use crate::address;

/// Who sets the protocol up, and how.
#[derive(Clone, Copy, Debug)]
pub struct Initialize {
    /// Pays the rent; signs.
    pub payer: Pubkey,
    /// The program's upgrade authority; signs and becomes the Config's authority.
    pub authority: Pubkey,
    /// FLASH: SPL Token, 6 decimals, no freeze authority.
    pub flash_mint: Pubkey,
    /// The settings.
    pub args: InitializeArgs,
}

/// Sets the protocol up, once. Signers: payer and the program's upgrade authority.
pub fn initialize(given: Initialize) -> Instruction {
    let accounts = accounts::Initialize {
        payer: given.payer,
        authority: given.authority,
        config: address::config(),
        flash_mint: given.flash_mint,
        treasury: address::treasury(),
        rewards: address::rewards(),
        registry: address::registry(),
        program_data: address::program_data(),
        token_program: address::TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::Initialize { args: given.args })
}

/// Appoints a certifier. Signers: payer and the Config's authority.
pub fn appoint_certifier(
    payer: Pubkey,
    authority: Pubkey,
    args: AppointCertifierArgs,
) -> Instruction {
    let accounts = accounts::AppointCertifier {
        payer,
        authority,
        config: address::config(),
        certifier: address::certifier(&args.certifier),
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::AppointCertifier { args })
}

/// Certifies a provider, consumer or oracle. Signers: payer and the certifier.
pub fn certify(payer: Pubkey, certifier: Pubkey, args: CertifyArgs) -> Instruction {
    let accounts = accounts::Certify {
        payer,
        authority: certifier,
        certifier: address::certifier(&certifier),
        certificate: address::certificate(args.kind, &args.subject),
        system_program: SYSTEM_PROGRAM,
    };
    build(accounts, instruction::Certify { args })
}

/// Whose vault is to be checked: an account's own address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultOwner {
    /// The escrow of the Sla at this address.
    Sla(Pubkey),
    /// The stake vault of the Provider or Oracle at this address.
    Stake(Pubkey),
}

/// Has the chain check that a vault holds what the accounts say is owed; fails if it does not. No signers.
pub fn assert_solvent(owner: VaultOwner) -> Instruction {
    let (owner, vault) = match owner {
        VaultOwner::Sla(sla) => (sla, address::escrow(&sla)),
        VaultOwner::Stake(owner) => (owner, address::stake_vault(&owner)),
    };
    build(accounts::AssertSolvent { owner, vault }, instruction::AssertSolvent {})
}
