//! One builder per instruction of the program. Every derived address is filled in.
//!
//! Builders take authorities (wallet keys) and derive accounts from them; where an argument is an account's
//! own address, its name or doc says so. Remaining accounts are parameters.

mod admin;
mod money;
mod oracle;
mod provider;
mod sla;
mod stake;

pub use admin::{Initialize, VaultOwner, appoint_certifier, assert_solvent, certify, initialize};
pub use flashback::{
    AppointCertifierArgs, CertifyArgs, CreateUnitArgs, InitializeArgs, ProposeSlaArgs,
    RegisterOracleArgs, RegisterProviderArgs, SubmitReportArgs,
};
pub use money::{
    claim_oracle_fees, collect_absence, collect_penalty, sweep_fees, withdraw_earnings,
    withdraw_refund,
};
pub use oracle::{join_registry, register_oracle, submit_report};
pub use provider::{create_unit, register_provider};
pub use sla::{
    ProposeSla, ReleaseSla, close_sla, expire_sla, propose_sla, release_sla, seat_committee, settle,
};
pub use stake::{StakeOwner, stake};

use anchor_lang::{InstructionData, ToAccountMetas};
use flashback_core::units::{Atoms, FLASH_DECIMALS};
use solana_sdk::instruction::{AccountMeta, Instruction};
use solana_sdk::pubkey::Pubkey;

use crate::address::{self, SYSTEM_PROGRAM};

/// Creates the owner's associated token account unless it exists.
pub fn create_token_account(payer: &Pubkey, owner: &Pubkey, mint: &Pubkey) -> Instruction {
    use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
    create_associated_token_account_idempotent(payer, owner, mint, &address::TOKEN_PROGRAM)
}

/// Sends FLASH from one token account to another. Signer: the owner of `from`.
pub fn transfer(
    owner: &Pubkey,
    from: &Pubkey,
    mint: &Pubkey,
    to: &Pubkey,
    amount: Atoms,
) -> Instruction {
    let program = &address::TOKEN_PROGRAM;
    let built = spl_token_interface::instruction::transfer_checked(
        program,
        from,
        mint,
        to,
        owner,
        &[],
        amount.0,
        FLASH_DECIMALS,
    );
    built.expect("the SPL Token program's own address")
}

fn build(accounts: impl ToAccountMetas, data: impl InstructionData) -> Instruction {
    Instruction {
        program_id: address::PROGRAM,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}

/// The Oracle accounts of these authorities, writable, in their order.
fn oracle_metas(authorities: &[Pubkey]) -> impl Iterator<Item = AccountMeta> {
    authorities.iter().map(|authority| AccountMeta::new(address::oracle(authority), false))
}
