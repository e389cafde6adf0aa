//! What can go wrong between a client and the chain, with the program's own errors decoded.

mod anchor;
mod failure;

pub use failure::{Cause, Failure};
pub use flashback_core::CoreError;
pub use solana_system_interface::error::SystemError;
pub use spl_token_interface::error::TokenError;

use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use crate::event::Undecoded;

/// The SDK's result.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of another library; its text is part of ours.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Why something did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A rule refused before anything was sent: the program would have refused too.
    #[error(transparent)]
    Rule(#[from] CoreError),
    /// There is no such account.
    #[error("there is no {kind} at {address}")]
    AccountNotFound {
        /// What was looked for.
        kind: &'static str,
        /// Where.
        address: Pubkey,
    },
    /// The account belongs to another program.
    #[error("{address} is no {kind}: it belongs to program {owner}")]
    AccountOwnerWrong {
        /// What was looked for.
        kind: &'static str,
        /// Where.
        address: Pubkey,
        /// The program that owns the account.
        owner: Pubkey,
    },
    /// The account is another of the program's accounts.
    #[error("{address} is no {kind} but: {found}")]
    AccountKindWrong {
        /// What was looked for.
        kind: &'static str,
        /// Where.
        address: Pubkey,
        /// What it is.
        found: &'static str,
    },
    /// The account's layout is of a version that this SDK does not know.
    #[error("{kind} {address} has layout version {version}: update this software")]
    AccountVersionUnknown {
        /// What was looked for.
        kind: &'static str,
        /// Where.
        address: Pubkey,
        /// The account's version.
        version: u8,
    },
    /// The account's bytes do not decode.
    #[error("{kind} {address} is malformed")]
    AccountMalformed {
        /// What was looked for.
        kind: &'static str,
        /// Where.
        address: Pubkey,
    },
    /// The transaction failed on chain or in its simulation: nothing of it took effect.
    #[error(transparent)]
    Failed(#[from] Box<Failure>),
    /// The RPC server could not be asked, or did not answer.
    #[error("the RPC server cannot be reached or did not answer: {0}")]
    Network(AnyError),
    /// The RPC server answered, but refused the request.
    #[error("the RPC server refused: {0}")]
    Rpc(AnyError),
    /// The transaction was signed and not sent, since [`on_sent`](crate::SendOptions::on_sent) failed.
    #[error("the transaction was not sent: {0}")]
    NotSent(AnyError),
    /// The transaction was sent and not confirmed while its blockhash or nonce was valid: it cannot land any more.
    #[error(
        "transaction {signature} did not land while its blockhash or nonce was valid; it had no effect"
    )]
    Expired {
        /// Of the transaction.
        signature: Signature,
    },
    /// The transaction was sent, and then the RPC server could not be asked about it: it may still land.
    #[error("transaction {signature} was sent, but whether it took effect is unknown: {reason}")]
    Unknown {
        /// Of the transaction.
        signature: Signature,
        /// Why its status could not be read.
        reason: AnyError,
    },
    /// The RPC server's history lacks a transaction of the program, behind which a subscription stands: events after
    /// it may be missing too, so none were delivered.
    #[error(
        "the RPC server's history has no transaction {signature} of the program, so events after it may be missing: use a server that keeps longer history, or subscribe anew and read the accounts"
    )]
    HistoryGone {
        /// Of the transaction.
        signature: Signature,
    },
    /// The log of a transaction was cut, which happens after 10,000 bytes, or was not kept: not all its events can be
    /// told.
    #[error(
        "the log of transaction {signature} was cut or not kept, so it may have had further events: read the accounts that it changed"
    )]
    LogsTruncated {
        /// Of the transaction.
        signature: Signature,
    },
    /// A transaction logged what is no event of this version of the program.
    #[error("event {index} of transaction {signature} cannot be decoded: {reason}")]
    EventUndecoded {
        /// Of the transaction.
        signature: Signature,
        /// The event's position among the transaction's events, from 0.
        index: usize,
        /// Why.
        reason: Undecoded,
    },
    /// The transaction does not fit a packet.
    #[error(
        "the transaction has {bytes} bytes, and a packet holds 1232: use fewer instructions or accounts"
    )]
    TransactionTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A consumer's number for an SLA is not free.
    #[error(
        "number {id} belongs to another SLA or to one that has ended, at {sla}: choose another number"
    )]
    SlaIdTaken {
        /// The number.
        id: u64,
        /// The Sla's address.
        sla: Pubkey,
    },
    /// Somebody has to sign who was not given.
    #[error("the transaction needs the signature of {key}")]
    SignerMissing {
        /// Whose.
        key: Pubkey,
    },
    /// Somebody signed whose signature the transaction has no place for.
    #[error("the transaction does not need the signature of {key}")]
    SignerUnneeded {
        /// Whose.
        key: Pubkey,
    },
    /// Text that should be a transaction is none.
    #[error("this is no transaction in base 64: {reason}")]
    TransactionMalformed {
        /// Why not.
        reason: String,
    },
    /// The transaction could not be signed.
    #[error("signing failed: {0}")]
    Signing(AnyError),
}

impl Error {
    /// The program's error, whether it refused or would have refused.
    pub fn core(&self) -> Option<CoreError> {
        match self {
            Self::Rule(error) => Some(*error),
            Self::Failed(failure) => failure.core(),
            _ => None,
        }
    }

    /// How the transaction failed on chain, if that is what happened.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Whether it speaks against this one transaction and no other: a program or a rule refused it, or it does not fit,
    /// and it had no effect. Anything else would meet the next transaction too, as a server that does not answer or a
    /// payer without SOL would, or leaves open whether this one takes effect.
    pub fn is_of_one_transaction(&self) -> bool {
        match self {
            Self::Rule(_) | Self::TransactionTooLarge { .. } => true,
            Self::Failed(failure) => failure.instruction.is_some(),
            _ => false,
        }
    }
}
