//! The orchestrator: Flashback's on-chain program.
//!
//! This crate only holds accounts, checks who may do what, and moves tokens. Every rule, figure and state
//! transition is a pure function of `flashback-core`, which clients call too.
//!
//! | where | what |
//! | --- | --- |
//! | [`instructions`] | one file per instruction: arguments, accounts, checks, handler |
//! | [`state`] | the accounts |
//! | [`events`] | what transitions emit, in the families of the instructions |
//! | [`token`] | the only place that moves tokens |
//! | [`error`] | the program's errors: core's list |
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::integer_division,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::float_arithmetic
    )
)]

use anchor_lang::prelude::*;

pub mod chain;
pub mod error;
pub mod events;
pub mod instructions;
pub mod state;
pub mod token;
#[cfg(all(target_arch = "bpf", not(feature = "no-entrypoint")))]
mod trap;

pub use instructions::*;

declare_id!("FL5RnrYJEGYAypPCG7KgwhgDbHWC48jmSi6w3QjunreE");

/// Dispatch is a chain in source order: what runs most often stands first.
#[program]
pub mod flashback {
    use super::*;

    /// Settles every window of an SLA that is due. Anyone may call it.
    pub fn settle(ctx: Context<Settle>) -> Result<()> {
        Settle::handle(ctx)
    }

    /// Submits what an oracle measured in a window, after settling earlier ones.
    pub fn submit_report(ctx: Context<SubmitReport>, args: SubmitReportArgs) -> Result<()> {
        SubmitReport::handle(ctx, args)
    }

    /// Pays the provider what it has earned, to its payout owner's token account.
    pub fn withdraw_earnings(ctx: Context<WithdrawEarnings>) -> Result<()> {
        WithdrawEarnings::handle(ctx)
    }

    /// Pays the consumer what was refunded.
    pub fn withdraw_refund(ctx: Context<WithdrawRefund>) -> Result<()> {
        WithdrawRefund::handle(ctx)
    }

    /// Pays an oracle its fees.
    pub fn claim_oracle_fees(ctx: Context<ClaimOracleFees>, seat: u8) -> Result<()> {
        ClaimOracleFees::handle(ctx, seat)
    }

    /// Moves protocol fees to the treasury and burns the burnt part of penalties. Anyone may call it.
    pub fn sweep_fees(ctx: Context<SweepFees>) -> Result<()> {
        SweepFees::handle(ctx)
    }

    /// Moves accrued penalties from the provider's stake into the escrow. Anyone may call it.
    pub fn collect_penalty(ctx: Context<CollectPenalty>) -> Result<()> {
        CollectPenalty::handle(ctx)
    }

    /// Moves what a silent oracle owes from its stake into the escrow. Anyone may call it.
    pub fn collect_absence(ctx: Context<CollectAbsence>, seat: u8) -> Result<()> {
        CollectAbsence::handle(ctx, seat)
    }

    /// Reserves capacity: deposits price and fees, takes capacity and cover, fixes the committee's draw.
    pub fn propose_sla(ctx: Context<ProposeSla>, args: ProposeSlaArgs) -> Result<()> {
        ProposeSla::handle(ctx, args)
    }

    /// Seats the drawn committee. Anyone may call it.
    pub fn seat_committee<'info>(ctx: Context<'info, SeatCommittee<'info>>) -> Result<()> {
        SeatCommittee::handle(ctx)
    }

    /// Ends an SLA whose draw lapsed, with a full refund. Anyone may call it.
    pub fn expire_sla(ctx: Context<ExpireSla>) -> Result<()> {
        ExpireSla::handle(ctx)
    }

    /// Gives back what an ended SLA reserved: capacity, the provider's cover, the seats of the oracles given as
    /// remaining accounts; folds points. Anyone may call it, whoever has withdrawn or not.
    pub fn release_sla<'info>(ctx: Context<'info, ReleaseSla<'info>>) -> Result<()> {
        ReleaseSla::handle(ctx)
    }

    /// Closes an SLA in which nothing is left; rent goes back to who paid it. Anyone may call it.
    pub fn close_sla(ctx: Context<CloseSla>) -> Result<()> {
        CloseSla::handle(ctx)
    }

    /// Adds bonded stake to a provider or an oracle.
    pub fn stake(ctx: Context<AddStake>, amount: u64) -> Result<()> {
        AddStake::handle(ctx, amount)
    }

    /// Registers a provider with its stake vault.
    pub fn register_provider(
        ctx: Context<RegisterProvider>,
        args: RegisterProviderArgs,
    ) -> Result<()> {
        RegisterProvider::handle(ctx, args)
    }

    /// Lists a data unit.
    pub fn create_unit(ctx: Context<CreateUnit>, args: CreateUnitArgs) -> Result<()> {
        CreateUnit::handle(ctx, args)
    }

    /// Registers an oracle with its stake vault.
    pub fn register_oracle(ctx: Context<RegisterOracle>, args: RegisterOracleArgs) -> Result<()> {
        RegisterOracle::handle(ctx, args)
    }

    /// Enters a staked, certified oracle into the registry from which committees are drawn.
    pub fn join_registry(ctx: Context<JoinRegistry>) -> Result<()> {
        JoinRegistry::handle(ctx)
    }

    /// Certifies a provider, consumer or oracle.
    pub fn certify(ctx: Context<Certify>, args: CertifyArgs) -> Result<()> {
        Certify::handle(ctx, args)
    }

    /// Appoints a certifier. Only the authority.
    pub fn appoint_certifier(
        ctx: Context<AppointCertifier>,
        args: AppointCertifierArgs,
    ) -> Result<()> {
        AppointCertifier::handle(ctx, args)
    }

    /// Checks that a vault holds what the accounts say is owed. Anyone may call it; fails if it does not.
    pub fn assert_solvent(ctx: Context<AssertSolvent>) -> Result<()> {
        AssertSolvent::handle(ctx)
    }

    /// Sets the protocol up. Once, by the program's upgrade authority.
    pub fn initialize(ctx: Context<Initialize>, args: InitializeArgs) -> Result<()> {
        Initialize::handle(ctx, args)
    }
}
