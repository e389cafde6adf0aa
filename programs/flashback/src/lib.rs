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
use flashback_core::params::Params;

pub mod chain;
pub mod error;
pub mod events;
pub mod instructions;
mod prelude;
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

    /// Settles every window that is due of several SLAs. Anyone may call it.
    pub fn settle_many<'info>(ctx: Context<'info, SettleMany>) -> Result<()> {
        SettleMany::handle(ctx)
    }

    /// Submits what an oracle measured in a window, after settling earlier ones. Only the authority of a seat's oracle.
    pub fn submit_report(ctx: Context<SubmitReport>, args: SubmitReportArgs) -> Result<()> {
        SubmitReport::handle(ctx, args)
    }

    /// Submits an oracle's reports of several SLAs, each of its own window. Only the oracle's authority.
    pub fn submit_many<'info>(
        ctx: Context<'info, SubmitMany<'info>>,
        reports: Vec<SubmitReportArgs>,
    ) -> Result<()> {
        SubmitMany::handle(ctx, reports)
    }

    /// Pays the provider what it has earned, to its payout owner's token account. Only the provider or its operator.
    pub fn withdraw_earnings(ctx: Context<WithdrawEarnings>) -> Result<()> {
        WithdrawEarnings::handle(ctx)
    }

    /// Pays the consumer what was refunded. Only the consumer.
    pub fn withdraw_refund(ctx: Context<WithdrawRefund>) -> Result<()> {
        WithdrawRefund::handle(ctx)
    }

    /// Pays an oracle its fees. Only its authority.
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

    /// Reserves capacity: deposits price and fees. If the unit accepts automatically and the request has the offer's
    /// own thresholds, it is agreed at once: takes capacity and cover, fixes the committee's draw. Else it waits for
    /// the provider's word. Only the consumer.
    pub fn propose_sla(ctx: Context<ProposeSla>, args: ProposeSlaArgs) -> Result<()> {
        ProposeSla::handle(ctx, args)
    }

    /// Accepts a proposal: takes capacity and cover, fixes the committee's draw. Only the provider or its operator.
    pub fn accept_sla(ctx: Context<AcceptSla>) -> Result<()> {
        AcceptSla::handle(ctx)
    }

    /// Rejects a proposal, with a full refund. Only the provider or its operator.
    pub fn reject_sla(ctx: Context<RejectSla>) -> Result<()> {
        RejectSla::handle(ctx)
    }

    /// Seats the drawn committee, and begins the SLA. Seats that those drawn cannot cover stay vacant, to be redrawn.
    /// Anyone may call it.
    pub fn seat_committee<'info>(ctx: Context<'info, SeatCommittee<'info>>) -> Result<()> {
        SeatCommittee::handle(ctx)
    }

    /// Ends a proposal that was not accepted in time, or an SLA whose draw lapsed, with a full refund. Anyone may call
    /// it.
    pub fn expire_sla(ctx: Context<ExpireSla>) -> Result<()> {
        ExpireSla::handle(ctx)
    }

    /// Moves an SLA's end earlier. Only its consumer or delegate, or, with notice, the provider.
    pub fn terminate_sla(ctx: Context<TerminateSla>) -> Result<()> {
        TerminateSla::handle(ctx)
    }

    /// Folds the points that wait in an SLA into the scores of its unit and of the oracles given as remaining accounts.
    /// Anyone may call it.
    pub fn fold_scores<'info>(ctx: Context<'info, FoldScores<'info>>) -> Result<()> {
        FoldScores::handle(ctx)
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

    /// Pushes what is left in an SLA to its owners, 30 days after its end, and closes it. Anyone may call it.
    pub fn close_abandoned_sla<'info>(ctx: Context<'info, CloseAbandonedSla<'info>>) -> Result<()> {
        CloseAbandonedSla::handle(ctx)
    }

    /// Fixes a draw for a seat whose oracle left, was voided, lacks cover or keeps missing. Anyone may call it.
    pub fn arm_redraw(ctx: Context<ArmRedraw>, seat: u8) -> Result<()> {
        ArmRedraw::handle(ctx, seat)
    }

    /// Gives the seats of a pending redraw to the oracles drawn for them. Anyone may call it.
    pub fn redraw_seats<'info>(ctx: Context<'info, RedrawSeats<'info>>) -> Result<()> {
        RedrawSeats::handle(ctx)
    }

    /// Voids a submission by a path of its own tree, and slashes its oracle. Anyone may call it.
    pub fn prove_fraud(ctx: Context<ProveFraud>, args: ProveFraudArgs) -> Result<()> {
        ProveFraud::handle(ctx, args)
    }

    /// Challenges a submission to open a leaf of its records, with a bond. Anyone may call it.
    pub fn challenge_leaf(ctx: Context<ChallengeLeaf>, args: ChallengeLeafArgs) -> Result<()> {
        ChallengeLeaf::handle(ctx, args)
    }

    /// Opens a challenged leaf: the bond is the oracle's. Anyone may call it.
    pub fn open_leaf(ctx: Context<OpenLeaf>, proof: Vec<u8>) -> Result<()> {
        OpenLeaf::handle(ctx, proof)
    }

    /// Ends a challenge that was not answered in time, which voids the submission and slashes its oracle; or whose
    /// submission was voided meanwhile. Anyone may call it.
    pub fn expire_challenge(ctx: Context<ExpireChallenge>) -> Result<()> {
        ExpireChallenge::handle(ctx)
    }

    /// Disputes a window, with a bond. Only a party: the consumer or its delegate, the provider or its operator.
    pub fn open_dispute(ctx: Context<OpenDispute>, args: OpenDisputeArgs) -> Result<()> {
        OpenDispute::handle(ctx, args)
    }

    /// Rules on a dispute: which submissions become abstentions (a bit for each seat), or none. Only the arbiter.
    pub fn rule_dispute(ctx: Context<RuleDispute>, turned: Option<u8>) -> Result<()> {
        RuleDispute::handle(ctx, turned)
    }

    /// Ends a dispute that the arbiter left unanswered. Anyone may call it.
    pub fn expire_dispute(ctx: Context<ExpireDispute>) -> Result<()> {
        ExpireDispute::handle(ctx)
    }

    /// Settles a contested window once nothing about it is open. Anyone may call it.
    pub fn settle_round(ctx: Context<SettleRound>) -> Result<()> {
        SettleRound::handle(ctx)
    }

    /// Settles accounts with an oracle that has left its seat since a contested window. Anyone may call it.
    pub fn free_round_seat(ctx: Context<FreeRoundSeat>, seat: u8) -> Result<()> {
        FreeRoundSeat::handle(ctx, seat)
    }

    /// Adds bonded stake to a provider or an oracle, from anybody's FLASH. Only with the owner's authority.
    pub fn stake(ctx: Context<AddStake>, amount: u64) -> Result<()> {
        AddStake::handle(ctx, amount)
    }

    /// Starts the withdrawal of free stake, which can be slashed until it is withdrawn. Only the owner's authority.
    pub fn unstake(ctx: Context<Unstake>, amount: u64) -> Result<()> {
        Unstake::handle(ctx, amount)
    }

    /// Pays out stake that has finished unbonding. Only the owner's authority.
    pub fn withdraw_stake(ctx: Context<WithdrawStake>) -> Result<()> {
        WithdrawStake::handle(ctx)
    }

    /// Registers a provider with its stake vault. Anyone may, for its own key.
    pub fn register_provider(
        ctx: Context<RegisterProvider>,
        args: RegisterProviderArgs,
    ) -> Result<()> {
        RegisterProvider::handle(ctx, args)
    }

    /// Changes a provider's payout owner, region and document. Only its authority.
    pub fn update_provider(ctx: Context<UpdateProvider>, args: UpdateProviderArgs) -> Result<()> {
        UpdateProvider::handle(ctx, args)
    }

    /// Names a provider's hot key for daily work, or none. Only its authority.
    pub fn set_operator(
        ctx: Context<UpdateProvider>,
        operator: Pubkey,
        expires_at: i64,
    ) -> Result<()> {
        UpdateProvider::set_operator(ctx, operator, expires_at)
    }

    /// Closes a provider without units, SLAs and stake, and its certificate. Only its authority.
    pub fn close_provider(ctx: Context<CloseProvider>) -> Result<()> {
        CloseProvider::handle(ctx)
    }

    /// Lists a data unit. Only a provider's authority, with a certificate and the least stake.
    pub fn create_unit(ctx: Context<CreateUnit>, args: CreateUnitArgs) -> Result<()> {
        CreateUnit::handle(ctx, args)
    }

    /// Changes what a unit offers: the offer gets the provider's next version. Only the provider's authority.
    pub fn update_unit(ctx: Context<UpdateUnit>, args: UpdateUnitArgs) -> Result<()> {
        UpdateUnit::handle(ctx, args)
    }

    /// Burns FLASH of the caller's for a unit's listing priority. Anyone may call it.
    pub fn boost_unit(ctx: Context<BoostUnit>, amount: u64) -> Result<()> {
        BoostUnit::handle(ctx, amount)
    }

    /// Announces maintenance of a unit. Only the provider or its operator.
    pub fn announce_maintenance(
        ctx: Context<AnnounceMaintenance>,
        starts_at: i64,
        secs: u32,
    ) -> Result<()> {
        AnnounceMaintenance::handle(ctx, starts_at, secs)
    }

    /// Closes a unit to new SLAs. Only the provider's authority.
    pub fn close_unit(ctx: Context<CloseUnit>) -> Result<()> {
        CloseUnit::handle(ctx)
    }

    /// Removes a closing unit whose last SLA was given back. Anyone may call it.
    pub fn remove_unit(ctx: Context<RemoveUnit>) -> Result<()> {
        RemoveUnit::handle(ctx)
    }

    /// Brings a unit's score up to date, and its provider's with it. Anyone may call it.
    pub fn refresh_unit(ctx: Context<RefreshUnit>) -> Result<()> {
        RefreshUnit::handle(ctx)
    }

    /// Registers an oracle with its stake vault. Anyone may, for its own key.
    pub fn register_oracle(ctx: Context<RegisterOracle>, args: RegisterOracleArgs) -> Result<()> {
        RegisterOracle::handle(ctx, args)
    }

    /// Enters a staked, certified oracle into the registry from which committees are drawn. Only its authority.
    pub fn join_registry(ctx: Context<JoinRegistry>) -> Result<()> {
        JoinRegistry::handle(ctx)
    }

    /// Takes an oracle out of the registry, in two calls. The first has it drawn no more: only its authority; anyone,
    /// if it is not certified or staked enough. The second, from 1,000 slots later on, removes its entry: anyone.
    pub fn leave_registry(ctx: Context<LeaveRegistry>) -> Result<()> {
        LeaveRegistry::handle(ctx)
    }

    /// Changes an oracle's key for credentials and its records' URL. Only its authority.
    pub fn update_oracle(ctx: Context<UpdateOracle>, args: RegisterOracleArgs) -> Result<()> {
        UpdateOracle::handle(ctx, args)
    }

    /// Closes an oracle without entry in the registry, seats and stake, and its certificate. Only its authority.
    pub fn close_oracle(ctx: Context<CloseOracle>) -> Result<()> {
        CloseOracle::handle(ctx)
    }

    /// Certifies a provider, consumer or oracle. Only a certifier.
    pub fn certify(ctx: Context<Certify>, args: CertifyArgs) -> Result<()> {
        Certify::handle(ctx, args)
    }

    /// Changes a certificate. Only its certifier, or the authority.
    pub fn amend_certificate(
        ctx: Context<AmendCertificate>,
        args: AmendCertificateArgs,
    ) -> Result<()> {
        AmendCertificate::handle(ctx, args)
    }

    /// Ends a certificate. Only its certifier, or the authority; anyone, once it has lapsed.
    pub fn revoke_certificate(ctx: Context<RevokeCertificate>) -> Result<()> {
        RevokeCertificate::handle(ctx)
    }

    /// Appoints a certifier. Only the authority.
    pub fn appoint_certifier(
        ctx: Context<AppointCertifier>,
        args: AppointCertifierArgs,
    ) -> Result<()> {
        AppointCertifier::handle(ctx, args)
    }

    /// Ends a certifier's appointment. Only the authority; anyone, once it has lapsed.
    pub fn remove_certifier(ctx: Context<RemoveCertifier>) -> Result<()> {
        RemoveCertifier::handle(ctx)
    }

    /// Sets the parameters that later SLAs copy, within their hard bounds. Only the authority.
    pub fn set_params(ctx: Context<Govern>, params: Params) -> Result<()> {
        Govern::set_params(ctx, params)
    }

    /// Appoints a guardian, who may pause once. Only the authority.
    pub fn appoint_guardian(ctx: Context<Govern>, guardian: Pubkey) -> Result<()> {
        Govern::appoint_guardian(ctx, guardian)
    }

    /// Appoints an arbiter, for open disputes too. Only the authority.
    pub fn appoint_arbiter(ctx: Context<Govern>, arbiter: Pubkey) -> Result<()> {
        Govern::appoint_arbiter(ctx, arbiter)
    }

    /// Offers the authority to a key, or withdraws the offer. Only the authority.
    pub fn offer_authority(ctx: Context<Govern>, to: Pubkey) -> Result<()> {
        Govern::offer_authority(ctx, to)
    }

    /// Takes the authority over. Only whom it was offered to.
    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        AcceptAuthority::handle(ctx)
    }

    /// Pauses new SLAs for at most 7 days. Only the guardian, once.
    pub fn pause(ctx: Context<Pause>, secs: u32) -> Result<()> {
        Pause::handle(ctx, secs)
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
