//! What a server remembers: a transaction by its signature, and the transactions that touched an address.

use serde_json::json;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client_api::config::{RpcSignaturesForAddressConfig, RpcTransactionConfig};
use solana_rpc_client_api::request::RpcRequest;
use solana_rpc_client_api::response::RpcConfirmedTransactionStatusWithSignature as Listed;
use solana_sdk::instruction::InstructionError;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;
use solana_sdk::transaction::TransactionError;
use solana_transaction_status_client_types::option_serializer::OptionSerializer;
use solana_transaction_status_client_types::{
    EncodedConfirmedTransactionWithStatusMeta, EncodedTransaction, TransactionConfirmationStatus,
    UiLoadedAddresses, UiTransactionEncoding, UiTransactionTokenBalance,
};

use crate::client::Flashback;
use crate::core::units::Timestamp;
use crate::error::{Cause, Error, Failure, Result};
use crate::event::{self, FlashbackEvent, Undecoded};
use crate::send::OfflineTransaction;

/// The most signatures that a server lists at once.
const PAGE: usize = 1_000;

/// A transaction in a block, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// Its first signature, by which it is known.
    pub signature: Signature,
    /// The slot that it landed in.
    pub slot: u64,
    /// When its block was made, as far as the server knows.
    pub time: Option<Timestamp>,
    /// The transaction itself.
    pub transaction: OfflineTransaction,
    /// The addresses from lookup tables, in the order in which instructions count them: written ones first.
    pub looked_up: Vec<Pubkey>,
    /// What its accounts held before and after, in the order in which instructions count them.
    pub balances: Vec<Balances>,
    /// What it paid, in lamports.
    pub fee: u64,
    /// What it used, if the server says so.
    pub compute_units: Option<u64>,
    /// Why it failed; `None` if it did not. Its instruction is counted from 0 among all of the transaction's.
    pub failure: Option<Failure>,
    /// What it logged; `None` if the server has not kept that.
    pub logs: Option<Vec<String>>,
}

impl Landed {
    /// The program's events, in order; what cannot be decoded stands in its place. What failed has none.
    pub fn events(&self) -> Vec<std::result::Result<FlashbackEvent, Undecoded>> {
        match &self.failure {
            Some(_) => vec![],
            None => event::from_logs(self.logs.as_deref().unwrap_or_default()),
        }
    }
}

/// What an account held before and after a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balances {
    /// The account.
    pub address: Pubkey,
    /// Its lamports before.
    pub lamports_before: u64,
    /// Its lamports after.
    pub lamports_after: u64,
    /// The mint of its tokens, if it is a token account.
    pub mint: Option<Pubkey>,
    /// Its tokens before, in the mint's smallest unit; `None` if it was no token account.
    pub tokens_before: Option<u64>,
    /// Its tokens after.
    pub tokens_after: Option<u64>,
}

/// A transaction that touched an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Of the transaction.
    pub signature: Signature,
    /// The slot that it landed in.
    pub slot: u64,
    /// When its block was made, as far as the server knows.
    pub time: Option<Timestamp>,
    /// Why it failed; `None` if it did not.
    pub failure: Option<Failure>,
    /// Its memo; several are apart by `; `, each after its length in brackets.
    pub memo: Option<String>,
}

impl Flashback {
    /// A transaction that has landed; `None` if the server does not know it: it has not landed, is older than what the
    /// server remembers, or is not confirmed yet.
    ///
    /// # Errors
    /// [`Error::TransactionMalformed`], [`Error::TransactionTooLarge`] for one of a format that this SDK does not know,
    /// for another than was asked for, and for one that its signers have not signed;
    /// [`Error::Network`], [`Error::Rpc`].
    pub async fn landed(&self, signature: &Signature) -> Result<Option<Landed>> {
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(self.remembered()),
            max_supported_transaction_version: Some(u8::MAX),
        };
        let params = json!([signature.to_string(), config]);
        let found: Option<EncodedConfirmedTransactionWithStatusMeta> =
            self.rpc().send(RpcRequest::GetTransaction, params).await?;
        found.map(|found| landed(*signature, found)).transpose()
    }

    /// The transactions that touched an address, newest first: at most `limit` of those that are older than `before`
    /// and newer than `until`, as far back as the server remembers. Which program refused a failed one is read from its
    /// logs, which takes a request for each.
    ///
    /// # Errors
    /// [`Error::Network`]; [`Error::Rpc`], also for a signature that the server does not know.
    pub async fn history(
        &self,
        address: &Pubkey,
        before: Option<Signature>,
        until: Option<Signature>,
        limit: usize,
    ) -> Result<Vec<Touch>> {
        let mut before = before;
        let mut all: Vec<Touch> = vec![];
        while all.len() < limit {
            let wanted = PAGE.min(limit.saturating_sub(all.len()));
            let config = RpcSignaturesForAddressConfig {
                before: before.map(|signature| signature.to_string()),
                until: until.map(|signature| signature.to_string()),
                limit: Some(wanted),
                commitment: Some(self.remembered()),
                min_context_slot: None,
            };
            let params = json!([address.to_string(), config]);
            let page: Vec<Listed> =
                self.rpc().send(RpcRequest::GetSignaturesForAddress, params).await?;
            let is_last = page.len() < wanted;
            for listed in page {
                let Ok(signature) = listed.signature.parse() else { continue };
                before = Some(signature);
                // Agave lists none that is not confirmed; surfpool does.
                let status = listed.confirmation_status.as_ref();
                if status != Some(&TransactionConfirmationStatus::Processed) {
                    all.push(self.touch(signature, listed).await);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    async fn touch(&self, signature: Signature, listed: Listed) -> Touch {
        let failure = match listed.err.map(TransactionError::from) {
            Some(error) => Some(self.why(&signature, &error).await),
            None => None,
        };
        let (slot, time, memo) = (listed.slot, listed.block_time.map(Timestamp), listed.memo);
        Touch { signature, slot, time, failure, memo }
    }

    /// Why a transaction failed. A number means something else in every program, which only the transaction tells.
    async fn why(&self, signature: &Signature, error: &TransactionError) -> Failure {
        let TransactionError::InstructionError(index, InstructionError::Custom(number)) = error
        else {
            return Failure::decode(error, &[]);
        };
        match self.landed(signature).await {
            Ok(Some(Landed { failure: Some(failure), .. })) => failure,
            _ => Failure {
                instruction: Some(*index),
                program: None,
                cause: Cause::Instruction(InstructionError::Custom(*number)),
                logs: vec![],
            },
        }
    }

    /// How final a remembered transaction has to be: servers remember none that is only processed.
    fn remembered(&self) -> CommitmentConfig {
        match self.rpc().commitment() {
            level if level.is_processed() => CommitmentConfig::confirmed(),
            level => level,
        }
    }
}

fn landed(
    signature: Signature,
    found: EncodedConfirmedTransactionWithStatusMeta,
) -> Result<Landed> {
    let malformed = |reason: &str| Error::TransactionMalformed { reason: reason.to_owned() };
    let EncodedTransaction::Binary(text, _) = &found.transaction.transaction else {
        return Err(malformed("the server has sent another encoding than was asked for"));
    };
    let transaction = OfflineTransaction::from_base64(text)?;
    if transaction.transaction().signatures.first() != Some(&signature) {
        return Err(malformed("the server has sent another transaction than was asked for"));
    }
    // Those that are there were checked: nobody but its signers can have made it.
    if let Some(key) = transaction.missing().first() {
        return Err(malformed(&format!(
            "the server has sent it without the signature of {key}, and so it cannot have landed"
        )));
    }
    let meta = found.transaction.meta;
    let meta = meta.ok_or_else(|| malformed("the server does not say what became of it"))?;
    let logs: Option<Vec<String>> = meta.log_messages.into();
    let looked_up = match meta.loaded_addresses {
        OptionSerializer::Some(UiLoadedAddresses { writable, readonly }) => {
            let keys = writable.iter().chain(&readonly).map(|key| key.parse());
            let keys = keys.collect::<std::result::Result<_, _>>();
            keys.map_err(|_| malformed("an address from a lookup table is none"))?
        }
        _ => vec![],
    };
    let tokens = [meta.pre_token_balances, meta.post_token_balances];
    let tokens = tokens.map(|held| Option::<Vec<_>>::from(held).unwrap_or_default());
    let keys = transaction.transaction().message.static_account_keys().iter().chain(&looked_up);
    let lamports = meta.pre_balances.iter().zip(&meta.post_balances);
    let balances = keys.zip(lamports).zip(0u8..).map(|((address, (before, after)), index)| {
        let [old, new] = tokens.each_ref().map(|all| held(all, index));
        Balances {
            address: *address,
            lamports_before: *before,
            lamports_after: *after,
            mint: new.or(old).map(|(mint, _)| mint),
            tokens_before: old.map(|(_, amount)| amount),
            tokens_after: new.map(|(_, amount)| amount),
        }
    });
    let balances = balances.collect();
    let error = meta.err.map(TransactionError::from);
    let failure = error.map(|error| {
        let program = program_of(&transaction, &error);
        Failure::decode_in(&error, logs.as_deref().unwrap_or_default(), program)
    });
    Ok(Landed {
        signature,
        slot: found.slot,
        time: found.block_time.map(Timestamp),
        transaction,
        looked_up,
        balances,
        fee: meta.fee,
        compute_units: meta.compute_units_consumed.into(),
        failure,
        logs,
    })
}

/// The mint and the amount of an account's tokens.
fn held(all: &[UiTransactionTokenBalance], index: u8) -> Option<(Pubkey, u64)> {
    let found = all.iter().find(|one| one.account_index == index)?;
    Some((found.mint.parse().ok()?, found.ui_token_amount.amount.parse().ok()?))
}

/// The program of the instruction that failed.
fn program_of(transaction: &OfflineTransaction, error: &TransactionError) -> Option<Pubkey> {
    let TransactionError::InstructionError(index, _) = error else { return None };
    let message = &transaction.transaction().message;
    let instruction = message.instructions().get(usize::from(*index))?;
    let place = usize::from(instruction.program_id_index);
    message.static_account_keys().get(place).copied()
}

#[cfg(test)]
mod tests;
