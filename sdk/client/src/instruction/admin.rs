//! Setting the protocol up, certifying its participants, checking its vaults.

use flashback::state::SubjectKind;
use flashback::{
    AmendCertificateArgs, AppointCertifierArgs, CertifyArgs, InitializeArgs, accounts, instruction,
};
use flashback_core::params::Params;
use flashback_core::units::Seconds;
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

/// Ends a certifier's appointment; `rent_payer` is who paid its account's rent. Signer: the Config's authority; anyone,
/// once the appointment has been over for 30 days.
pub fn remove_certifier(signer: Pubkey, certifier: &Pubkey, rent_payer: Pubkey) -> Instruction {
    let accounts = accounts::RemoveCertifier {
        signer,
        config: address::config(),
        certifier: address::certifier(certifier),
        rent_payer,
    };
    build(accounts, instruction::RemoveCertifier {})
}

/// As whom a certificate is changed or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateSigner {
    /// As its certifier.
    Certifier(Pubkey),
    /// As the Config's authority; or as anyone, where that is allowed.
    Other(Pubkey),
}

impl CertificateSigner {
    fn key(self) -> Pubkey {
        match self {
            Self::Certifier(key) | Self::Other(key) => key,
        }
    }

    fn appointment(self) -> Option<Pubkey> {
        match self {
            Self::Certifier(key) => Some(address::certifier(&key)),
            Self::Other(_) => None,
        }
    }
}

/// The registry, if certificates of the kind are kept in step with it.
fn registry_of(kind: SubjectKind) -> Option<Pubkey> {
    (kind == SubjectKind::Oracle).then(address::registry)
}

/// Changes a certificate. Signer: its certifier, or the Config's authority.
pub fn amend_certificate(
    signer: CertificateSigner,
    kind: SubjectKind,
    subject: &Pubkey,
    args: AmendCertificateArgs,
) -> Instruction {
    let accounts = accounts::AmendCertificate {
        signer: signer.key(),
        config: address::config(),
        certifier: signer.appointment(),
        certificate: address::certificate(kind, subject),
        registry: registry_of(kind),
    };
    build(accounts, instruction::AmendCertificate { args })
}

/// Ends a certificate; `rent_payer` is who paid its rent. Signer: its certifier, or the Config's authority; anyone,
/// once it has been expired for 30 days. An oracle is drawn no more from then on, whatever it is given later, until it
/// leaves the registry and joins anew.
pub fn revoke_certificate(
    signer: CertificateSigner,
    kind: SubjectKind,
    subject: &Pubkey,
    rent_payer: Pubkey,
) -> Instruction {
    let accounts = accounts::RevokeCertificate {
        signer: signer.key(),
        config: address::config(),
        certifier: signer.appointment(),
        certificate: address::certificate(kind, subject),
        rent_payer,
        registry: registry_of(kind),
    };
    build(accounts, instruction::RevokeCertificate {})
}

fn govern(authority: Pubkey) -> accounts::Govern {
    accounts::Govern { authority, config: address::config() }
}

/// Sets the parameters that later SLAs copy. Signer: the Config's authority.
pub fn set_params(authority: Pubkey, params: Params) -> Instruction {
    build(govern(authority), instruction::SetParams { params })
}

/// Appoints a guardian, who may pause once. Signer: the Config's authority.
pub fn appoint_guardian(authority: Pubkey, guardian: Pubkey) -> Instruction {
    build(govern(authority), instruction::AppointGuardian { guardian })
}

/// Appoints an arbiter, for open disputes too. Signer: the Config's authority.
pub fn appoint_arbiter(authority: Pubkey, arbiter: Pubkey) -> Instruction {
    build(govern(authority), instruction::AppointArbiter { arbiter })
}

/// Offers the authority to a key; the default key withdraws the offer. Signer: the Config's authority.
pub fn offer_authority(authority: Pubkey, to: Pubkey) -> Instruction {
    build(govern(authority), instruction::OfferAuthority { to })
}

/// Takes the authority over. Signer: whom it was offered to.
pub fn accept_authority(pending_authority: Pubkey) -> Instruction {
    let accounts = accounts::AcceptAuthority { pending_authority, config: address::config() };
    build(accounts, instruction::AcceptAuthority {})
}

/// Pauses new SLAs for at most 7 days. Signer: the guardian, once.
pub fn pause(guardian: Pubkey, length: Seconds) -> Instruction {
    let accounts = accounts::Pause { guardian, config: address::config() };
    build(accounts, instruction::Pause { secs: length.0 })
}

/// Whose vault is to be checked: an account's own address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultOwner {
    /// The escrow of the Sla at this address.
    Sla(Pubkey),
    /// The stake vault of the Provider or Oracle at this address.
    Stake(Pubkey),
    /// The treasury.
    Treasury,
    /// The reward vault.
    Rewards,
}

/// Has the chain check that a vault holds what the accounts say is owed; fails if it does not. No signers.
pub fn assert_solvent(owner: VaultOwner) -> Instruction {
    let (owner, vault) = match owner {
        VaultOwner::Sla(sla) => (sla, address::escrow(&sla)),
        VaultOwner::Stake(owner) => (owner, address::stake_vault(&owner)),
        VaultOwner::Treasury => (address::config(), address::treasury()),
        VaultOwner::Rewards => (address::config(), address::rewards()),
    };
    build(accounts::AssertSolvent { owner, vault }, instruction::AssertSolvent {})
}
