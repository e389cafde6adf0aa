//! Why an instruction may be refused: the rules that it is subject to, and no others.

use CoreError::*;
use anchor_lang::error::ErrorCode;
use flashback_core::CoreError;
use flashback_core::sla::SlaState;
use flashback_sdk::error::{SystemError, TokenError};
use flashback_tests::attempt::Reason;
use solana_sdk::instruction::InstructionError;

use super::checks::parity;
use super::economy::{Act, Economy};

/// Fails unless the act could be refused for that reason.
pub fn check(e: &Economy, act: &Act, reason: &Reason, logs: &str) {
    let bent = act.bent.is_some();
    let name = act.name();
    let expected = match reason {
        Reason::Rule(StateInvalid) => is_in_another_state(e, act),
        Reason::Rule(error) => rules(name).contains(error) || bent && may_follow_bending(*error),
        Reason::Anchor(number) => {
            let absent = u32::from(ErrorCode::AccountNotInitialized);
            *number == absent && names_nothing(e, act) || bent && is_about_accounts(*number)
        }
        Reason::Token(TokenError::InsufficientFunds) => pays(name) || bent,
        Reason::Token(error) => bent && is_about_token_accounts(error),
        Reason::System(SystemError::AccountAlreadyInUse) => creates(name) || bent,
        Reason::Instruction(InstructionError::ProgramFailedToComplete) => {
            act.bent.as_deref() == Some("arguments") && allocates(name)
        }
        Reason::Instruction(error) => bent && is_about_privileges(error),
        _ => false,
    };
    if let (Reason::Rule(error), false) = (reason, bent) {
        parity::check_refused(e, act, *error);
    }
    assert!(expected, "{name} is not to be refused by {reason:?} ({:?})\n{logs}", act.bent);
}

/// Core's rules that each instruction is subject to, whoever sends it, with the right accounts.
fn rules(name: &str) -> &'static [CoreError] {
    match name {
        "accept_authority" => &[AuthorityNotOffered],
        "accept_sla" => &[
            Unauthorized,
            ProposalExpired,
            Paused,
            UnitClosing,
            CertificateExpired,
            StakeTooSmall,
            CertificateMissing,
            CertificateLevelTooLow,
            CapacityInsufficient,
            OraclesTooFew,
            CoverInsufficient,
        ],
        "amend_certificate" => {
            &[CertificateLevelInvalid, CertifierExpired, ExpiryInPast, Unauthorized]
        }
        "announce_maintenance" => &[MaintenanceInvalid, MaintenancePending, Unauthorized],
        "appoint_certifier" => &[CertificateLevelInvalid, ExpiryInPast],
        "arm_redraw" => &[
            SettlementDue,
            RedrawRefused,
            RedrawNotNow,
            RedrawTooLate,
            DrawPending,
            SeatInvalid,
            RoundOpen,
        ],
        "boost_unit" => &[ZeroAmount, UnitClosing],
        "certify" => &[CertificateLevelInvalid, CertifierExpired, ExpiryInPast],
        "challenge_leaf" => {
            &[LeafInvalid, RoundSettled, ContestClosed, NotSeated, NothingSubmitted]
        }
        "claim_oracle_fees" | "withdraw_earnings" | "withdraw_refund" | "sweep_fees"
        | "withdraw_stake" => &[NothingToWithdraw],
        "close_abandoned_sla" => &[GraceRunning, NotClosable, NothingToWithdraw],
        "close_oracle" => &[OracleInUse],
        "close_provider" => &[ProviderInUse],
        "close_sla" => &[NotClosable],
        "close_unit" => &[UnitUnchanged],
        "collect_absence" | "collect_penalty" => &[NothingOwed],
        "create_unit" => &[StakeTooSmall, CertificateExpired],
        "expire_challenge" => &[NotExpired, RoundSettled],
        "expire_dispute" | "expire_sla" => &[NotExpired],
        "fold_scores" => &[NothingToFold],
        "free_round_seat" => &[RoundOpen, AlreadyReleased],
        "initialize" => &[UpgradeAuthorityMismatch],
        "join_registry" => &[OracleAlreadyJoined, StakeTooSmall, CertificateExpired],
        "leave_registry" => &[OracleNotRegistered, OracleServes, DrawPending],
        "open_dispute" => {
            &[RoundSettled, ContestClosed, AlreadyDisputed, NothingToDispute, Unauthorized]
        }
        "open_leaf" => &[DeadlinePassed, NothingSubmitted, ProofInvalid],
        "pause" => &[PauseUsed, PauseLengthInvalid],
        "propose_sla" => &[
            Paused,
            UnitClosing,
            OfferVersionStale,
            CapacityZero,
            ThresholdInvalid,
            WindowLengthInvalid,
            WindowCountInvalid,
            DurationOutsideOffer,
            CommitteeSizeInvalid,
            ProbeRateInvalid,
            PriceBelowOneAtomPerWindow,
            PriceAboveMaximum,
            CertificateMissing,
            CertificateExpired,
            StakeTooSmall,
            CertificateLevelTooLow,
            CapacityInsufficient,
            OraclesTooFew,
            CoverInsufficient,
        ],
        "prove_fraud" => &[ProofInvalid, NoFraud, NothingSubmitted, ContestClosed, RoundSettled],
        "redraw_seats" => &[
            SettlementDue,
            RedrawRefused,
            RedrawNotNow,
            RedrawTooLate,
            DrawNotReady,
            DrawLapsed,
            OraclesTooFew,
            NotClosable,
            RoundOpen,
        ],
        "register_oracle" | "register_provider" | "update_oracle" | "update_provider" => {
            &[TextTooLong]
        }
        "reject_sla" => &[Unauthorized],
        "release_sla" => &[NotClosable, AlreadyReleased],
        "remove_certifier" | "revoke_certificate" => &[NotLapsed],
        "remove_unit" => &[UnitInUse],
        "rule_dispute" => &[DeadlinePassed, RulingInvalid],
        "seat_committee" => &[DrawNotReady, DrawLapsed, OraclesTooFew, CommitteeMismatch],
        "set_operator" => &[ExpiryInPast],
        "set_params" => &[ParamOutOfBounds],
        "settle" => &[NothingDue],
        "settle_many" => &[NothingDue, BatchInvalid],
        "settle_round" => &[RoundOpen, RoundSettled],
        "stake" => &[ZeroAmount, ArithmeticOverflow],
        "submit_many" | "submit_report" => {
            &[WindowNotOpen, NotSeated, AlreadySubmitted, AttemptsTooFew]
        }
        "terminate_sla" => &[EndNotEarlier],
        "unstake" => &[ZeroAmount, StakeCovered],
        "update_unit" => &[UnitClosing, CapacityTaken, CapacityZero],
        _ => &[],
    }
}

/// Whether an instruction refuses an SLA for its state, and this one is in another one indeed: as it stands, or once
/// what is due is settled.
fn is_in_another_state(e: &Economy, act: &Act) -> bool {
    let required: &[SlaState] = match act.name() {
        "accept_sla" | "reject_sla" => &[SlaState::Proposed],
        "seat_committee" => &[SlaState::Agreed],
        "expire_sla" => &[SlaState::Proposed, SlaState::Agreed],
        "submit_report" | "terminate_sla" | "arm_redraw" | "redraw_seats" | "prove_fraud"
        | "challenge_leaf" | "open_dispute" => &[SlaState::Active],
        "release_sla" | "close_sla" | "close_abandoned_sla" => &[SlaState::Ended],
        "submit_many" => return true,
        _ => return false,
    };
    let Some(at) = act.account("sla").filter(|at| e.books.slas.contains_key(at)) else {
        return false;
    };
    let fits = |code: u8| required.iter().any(|state| state.code() == code);
    let (now, settled) = (e.books.slas[&at].body.progress.state, e.settled(&at));
    let garbled = act.bent.is_some() && act.name() == "open_dispute";
    !fits(now) || !fits(settled.body.progress.state) || garbled
}

/// Whether it names an account that does not exist, as a certificate that was never given.
fn names_nothing(e: &Economy, act: &Act) -> bool {
    act.instruction.accounts.iter().any(|meta| e.chain.account(&meta.pubkey).is_none())
}

/// Whether it has an argument of a length of its own: Borsh makes room for any length that stands there, and there may
/// not be that much.
fn allocates(name: &str) -> bool {
    matches!(
        name,
        "create_unit"
            | "update_unit"
            | "register_oracle"
            | "update_oracle"
            | "open_leaf"
            | "prove_fraud"
            | "submit_many"
    )
}

fn pays(name: &str) -> bool {
    matches!(name, "stake" | "propose_sla" | "boost_unit" | "challenge_leaf" | "open_dispute")
}

fn creates(name: &str) -> bool {
    matches!(
        name,
        "certify"
            | "appoint_certifier"
            | "register_provider"
            | "register_oracle"
            | "create_unit"
            | "propose_sla"
            | "challenge_leaf"
            | "open_dispute"
    )
}

/// With something bent, any rule may say so, but for those which would tell of contradictions.
fn may_follow_bending(error: CoreError) -> bool {
    !matches!(error, AmountBelowZero | Insolvent)
}

/// Anchor's checks of accounts and arguments.
fn is_about_accounts(number: u32) -> bool {
    use ErrorCode::*;
    let all = [
        InstructionDidNotDeserialize,
        ConstraintMut,
        ConstraintHasOne,
        ConstraintSigner,
        ConstraintSeeds,
        ConstraintAddress,
        ConstraintTokenMint,
        ConstraintTokenOwner,
        ConstraintDuplicateMutableAccount,
        ConstraintRaw,
        AccountDiscriminatorNotFound,
        AccountDiscriminatorMismatch,
        AccountDidNotDeserialize,
        AccountNotEnoughKeys,
        AccountNotMutable,
        AccountOwnedByWrongProgram,
        InvalidProgramId,
        InvalidProgramExecutable,
        AccountNotSigner,
        AccountNotInitialized,
        AccountNotSystemOwned,
        TryingToInitPayerAsProgramAccount,
    ];
    all.iter().any(|code| u32::from(*code) == number)
}

fn is_about_token_accounts(error: &TokenError) -> bool {
    matches!(error, TokenError::OwnerMismatch | TokenError::MintMismatch | TokenError::InvalidMint)
}

/// The runtime's and Anchor's words for accounts that are not what they should be.
fn is_about_privileges(error: &InstructionError) -> bool {
    use InstructionError::*;
    matches!(
        error,
        MissingRequiredSignature
            | PrivilegeEscalation
            | MissingAccount
            | InvalidAccountData
            | AccountBorrowFailed
    )
}
