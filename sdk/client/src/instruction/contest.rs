//! Contested windows: disputes, challenges, fraud proofs, and what becomes of their rounds.

use flashback::{ChallengeLeafArgs, OpenDisputeArgs, ProveFraudArgs, accounts, instruction};
use flashback_core::sla::Party;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::build;
use crate::account::{Challenge, Dispute, Round};
use crate::address;

/// Who disputes which window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDispute {
    /// Pays the rent; signs.
    pub payer: Pubkey,
    /// Who acts for the party; signs.
    pub signer: Pubkey,
    /// The signer's token account, which pays the bond.
    pub signer_token: Pubkey,
    /// As which party.
    pub party: Party,
    /// The Provider's address.
    pub provider: Pubkey,
    /// The Sla's address.
    pub sla: Pubkey,
    /// The window.
    pub window: u16,
}

/// Disputes a window. Signers: payer; the consumer or its delegate, or the provider's authority or operator. What comes
/// back of the bond is the party's, whoever has paid it.
pub fn open_dispute(given: OpenDispute) -> Instruction {
    let round = address::round(&given.sla, given.window);
    let accounts = accounts::OpenDispute {
        payer: given.payer,
        signer: given.signer,
        signer_token: given.signer_token,
        provider: given.provider,
        sla: given.sla,
        escrow: address::escrow(&given.sla),
        round,
        dispute: address::dispute(&round, given.party),
        token_program: address::TOKEN_PROGRAM,
        system_program: address::SYSTEM_PROGRAM,
    };
    let args = OpenDisputeArgs { window: given.window, party: given.party.code() };
    build(accounts, instruction::OpenDispute { args })
}

/// Rules on the dispute at an address: the seats whose submissions become abstentions, a bit each; `None` rejects it.
/// Signer: the arbiter.
pub fn rule_dispute(
    arbiter: Pubkey,
    dispute: Pubkey,
    account: &Dispute,
    turned: Option<u8>,
) -> Instruction {
    let accounts = accounts::RuleDispute {
        arbiter,
        config: address::config(),
        sla: account.sla,
        round: account.round,
        dispute,
        rent_payer: account.rent_payer,
    };
    build(accounts, instruction::RuleDispute { turned })
}

/// Ends the dispute at an address that the arbiter left unanswered. No signers.
pub fn expire_dispute(dispute: Pubkey, account: &Dispute) -> Instruction {
    let accounts = accounts::ExpireDispute {
        sla: account.sla,
        round: account.round,
        dispute,
        rent_payer: account.rent_payer,
    };
    build(accounts, instruction::ExpireDispute {})
}

/// Who challenges what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeLeaf {
    /// Pays the rent; signs.
    pub payer: Pubkey,
    /// The challenger; signs.
    pub challenger: Pubkey,
    /// The challenger's token account, which pays the bond.
    pub challenger_token: Pubkey,
    /// The Sla's address.
    pub sla: Pubkey,
    /// The window.
    pub window: u16,
    /// The seat.
    pub seat: u8,
    /// The leaf to open, counted from 0.
    pub leaf: u32,
}

/// Challenges a seat's submission to open a leaf. Signers: payer and challenger.
pub fn challenge_leaf(given: ChallengeLeaf) -> Instruction {
    let ChallengeLeaf { window, seat, leaf, .. } = given;
    let round = address::round(&given.sla, window);
    let accounts = accounts::ChallengeLeaf {
        payer: given.payer,
        challenger: given.challenger,
        challenger_token: given.challenger_token,
        sla: given.sla,
        escrow: address::escrow(&given.sla),
        round,
        challenge: address::challenge(&round, seat, leaf),
        token_program: address::TOKEN_PROGRAM,
        system_program: address::SYSTEM_PROGRAM,
    };
    build(accounts, instruction::ChallengeLeaf { args: ChallengeLeafArgs { window, seat, leaf } })
}

/// Opens a challenged leaf by a proof that `flashback-core` encoded. No signers.
pub fn open_leaf(challenge: Pubkey, account: &Challenge, proof: Vec<u8>) -> Instruction {
    let accounts = accounts::OpenLeaf {
        sla: account.sla,
        round: account.round,
        challenge,
        rent_payer: account.rent_payer,
    };
    build(accounts, instruction::OpenLeaf { proof })
}

/// Ends the challenge at an address whose leaf was not opened in time, or whose submission was voided meanwhile.
/// `round` is its Round, `challenger_token` a token account of the challenger. No signers.
pub fn expire_challenge(
    challenge: Pubkey,
    account: &Challenge,
    round: &Round,
    challenger_token: Pubkey,
    flash_mint: Pubkey,
) -> Instruction {
    let authority = round.seats.get(usize::from(account.seat)).copied().unwrap_or_default();
    let oracle = address::oracle(&authority);
    let accounts = accounts::ExpireChallenge {
        sla: account.sla,
        escrow: address::escrow(&account.sla),
        round: account.round,
        challenge,
        rent_payer: account.rent_payer,
        challenger_token,
        oracle,
        stake_vault: address::stake_vault(&oracle),
        registry: Some(address::registry()),
        flash_mint,
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::ExpireChallenge {})
}

/// Which submission is proven wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProveFraud {
    /// Where the prover's half of the slash goes.
    pub prover_token: Pubkey,
    /// The Sla's address.
    pub sla: Pubkey,
    /// The window, if it is contested; `None`: the one that the SLA settles next.
    pub contested: Option<u16>,
    /// The seat.
    pub seat: u8,
    /// The authority of the oracle that held the seat.
    pub oracle: Pubkey,
    /// One path of the submission's tree, encoded by `flashback-core`.
    pub proof: Vec<u8>,
    /// FLASH.
    pub flash_mint: Pubkey,
}

/// Voids a submission that contradicts its own records. No signers.
pub fn prove_fraud(given: ProveFraud) -> Instruction {
    let oracle = address::oracle(&given.oracle);
    let accounts = accounts::ProveFraud {
        prover_token: given.prover_token,
        sla: given.sla,
        round: given.contested.map(|window| address::round(&given.sla, window)),
        oracle,
        stake_vault: address::stake_vault(&oracle),
        registry: Some(address::registry()),
        flash_mint: given.flash_mint,
        token_program: address::TOKEN_PROGRAM,
    };
    let args = ProveFraudArgs { seat: given.seat, proof: given.proof };
    build(accounts, instruction::ProveFraud { args })
}

/// Settles a contested window. `round` is its Round account. No signers.
pub fn settle_round(sla: Pubkey, window: u16, round: &Round) -> Instruction {
    let accounts = accounts::SettleRound {
        sla,
        round: address::round(&sla, window),
        rent_payer: round.rent_payer,
    };
    build(accounts, instruction::SettleRound {})
}

/// Settles accounts with an oracle that has left its seat since a contested window. `round` is its Round account. No
/// signers.
pub fn free_round_seat(sla: Pubkey, window: u16, round: &Round, seat: u8) -> Instruction {
    let authority = round.seats.get(usize::from(seat)).copied().unwrap_or_default();
    let oracle = address::oracle(&authority);
    let accounts = accounts::FreeRoundSeat {
        sla,
        escrow: address::escrow(&sla),
        treasury: address::treasury(),
        round: address::round(&sla, window),
        rent_payer: round.rent_payer,
        oracle,
        stake_vault: address::stake_vault(&oracle),
        registry: Some(address::registry()),
        token_program: address::TOKEN_PROGRAM,
    };
    build(accounts, instruction::FreeRoundSeat { seat })
}
