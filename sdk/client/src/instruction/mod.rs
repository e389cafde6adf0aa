//! One builder per instruction of the program. Every derived address is filled in.
//!
//! Builders take authorities (wallet keys) and derive accounts from them; where an argument is an account's
//! own address, its name or doc says so. Remaining accounts are parameters.

mod admin;
mod contest;
mod money;
mod oracle;
mod provider;
mod sla;
mod stake;

pub use admin::{
    CertificateSigner, Initialize, VaultOwner, accept_authority, amend_certificate,
    appoint_arbiter, appoint_certifier, appoint_guardian, assert_solvent, certify, initialize,
    offer_authority, pause, remove_certifier, revoke_certificate, set_params,
};
pub use contest::{
    ChallengeLeaf, OpenDispute, ProveFraud, challenge_leaf, expire_challenge, expire_dispute,
    free_round_seat, open_dispute, open_leaf, prove_fraud, rule_dispute, settle_round,
};
pub use flashback::{
    AmendCertificateArgs, AppointCertifierArgs, CertifyArgs, CreateUnitArgs, InitializeArgs,
    ProposeSlaArgs, RegisterOracleArgs, RegisterProviderArgs, SubmitReportArgs, UpdateProviderArgs,
    UpdateUnitArgs,
};
pub use money::{
    claim_oracle_fees, collect_absence, collect_penalty, sweep_fees, withdraw_earnings,
    withdraw_refund,
};
pub use oracle::{
    RedrawnSeat, arm_redraw, close_oracle, join_registry, leave_registry, redraw_seats,
    register_oracle, submit_many, submit_report, update_oracle,
};
pub use provider::{
    announce_maintenance, boost_unit, close_provider, close_unit, create_unit, refresh_unit,
    register_provider, remove_unit, set_operator, update_provider, update_unit,
};
pub use sla::{
    AcceptSla, CloseSla, ProposeSla, ReleaseSla, accept_sla, close_abandoned_sla, close_sla,
    expire_proposal, expire_sla, fold_scores, propose_sla, reject_sla, release_sla, seat_committee,
    settle, settle_many, terminate_sla,
};
pub use stake::{StakeOwner, stake, unstake, withdraw_stake};

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
