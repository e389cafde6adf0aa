//! A transaction that travels to its signers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flashback_core::hash::{Sha256, SoftwareSha256};
use solana_sdk::hash::Hash;
use solana_sdk::message::VersionedMessage;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;
use solana_sdk::transaction::VersionedTransaction;
use solana_system_interface::instruction::SystemInstruction;

use super::message::{required, sign_bytes};
use super::{AnySigner, TRANSACTION_MAX_BYTES};
use crate::error::{Error, Result};

/// The program of the instructions that set limits and fees.
const COMPUTE_BUDGET: Pubkey = solana_compute_budget_interface::ID;

/// A transaction with some of its signatures: made where the chain can be read, signed wherever the keys are, sent by
/// anyone. In base 64 it is what every Solana tool reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineTransaction(pub(super) VersionedTransaction);

impl OfflineTransaction {
    pub(super) fn new(message: VersionedMessage) -> Self {
        let signatures = vec![Signature::default(); required(&message).len()];
        Self(VersionedTransaction { signatures, message })
    }

    /// Decodes one, and checks the signatures that it has.
    ///
    /// # Errors
    /// [`Error::TransactionMalformed`].
    pub fn from_base64(text: &str) -> Result<Self> {
        let malformed = |reason: String| Error::TransactionMalformed { reason };
        let bytes = STANDARD.decode(text.trim()).map_err(|error| malformed(error.to_string()))?;
        if bytes.len() > TRANSACTION_MAX_BYTES {
            return Err(Error::TransactionTooLarge { bytes: bytes.len() });
        }
        let transaction: VersionedTransaction =
            bincode::deserialize(&bytes).map_err(|error| malformed(error.to_string()))?;
        transaction.sanitize().map_err(|error| malformed(error.to_string()))?;
        let known = Self(transaction);
        let message = known.0.message.serialize();
        for (key, signature) in known.signatures() {
            if !signature.verify(key.as_ref(), &message) {
                return Err(malformed(format!("the signature of {key} is not of this message")));
            }
        }
        Ok(known)
    }

    /// Encodes it.
    ///
    /// # Errors
    /// [`Error::TransactionMalformed`] if it cannot be encoded, which no transaction of this SDK is.
    pub fn to_base64(&self) -> Result<String> {
        let bytes = bincode::serialize(&self.0)
            .map_err(|error| Error::TransactionMalformed { reason: error.to_string() })?;
        Ok(STANDARD.encode(bytes))
    }

    /// What its signers sign: the serialized message, in base 64.
    pub fn message_base64(&self) -> String {
        STANDARD.encode(self.0.message.serialize())
    }

    /// SHA-256 of the serialized message, which in base 58 is what hardware wallets show of what they cannot read.
    pub fn message_hash(&self) -> Hash {
        Hash::new_from_array(SoftwareSha256::hash(&[&self.0.message.serialize()]))
    }

    /// Adds a signer's signature.
    ///
    /// # Errors
    /// [`Error::SignerUnneeded`], [`Error::Signing`].
    pub fn sign(&mut self, signer: &AnySigner) -> Result<()> {
        let signature = sign_bytes(signer, &self.0.message.serialize())?;
        self.add(&signer.pubkey(), signature)
    }

    /// Adds a signature that was made elsewhere.
    ///
    /// # Errors
    /// [`Error::SignerUnneeded`]; [`Error::TransactionMalformed`] if it is not that key's for this message.
    pub fn add(&mut self, key: &Pubkey, signature: Signature) -> Result<()> {
        let place = required(&self.0.message).iter().position(|needed| needed == key);
        let place = place.ok_or(Error::SignerUnneeded { key: *key })?;
        if !signature.verify(key.as_ref(), &self.0.message.serialize()) {
            let reason = format!("the signature of {key} is not of this message");
            return Err(Error::TransactionMalformed { reason });
        }
        if let Some(slot) = self.0.signatures.get_mut(place) {
            *slot = signature;
        }
        Ok(())
    }

    /// The signatures that it has, by whose they are.
    pub fn signatures(&self) -> Vec<(Pubkey, Signature)> {
        let all = required(&self.0.message).iter().copied().zip(self.0.signatures.iter().copied());
        all.filter(|(_, signature)| *signature != Signature::default()).collect()
    }

    /// Whose signatures are missing.
    pub fn missing(&self) -> Vec<Pubkey> {
        let all = required(&self.0.message).iter().zip(&self.0.signatures);
        let missing = all.filter(|(_, signature)| **signature == Signature::default());
        missing.map(|(key, _)| *key).collect()
    }

    /// Refuses while a signature is missing.
    pub(super) fn check_complete(&self) -> Result<()> {
        match self.missing().first() {
            Some(key) => Err(Error::SignerMissing { key: *key }),
            None => Ok(()),
        }
    }

    /// The transaction itself.
    pub fn transaction(&self) -> &VersionedTransaction {
        &self.0
    }

    /// The nonce account that it advances, if it was signed with a durable nonce.
    pub fn nonce(&self) -> Option<Pubkey> {
        let message = &self.0.message;
        let keys = message.static_account_keys();
        let first = message.instructions().first()?;
        let program = keys.get(usize::from(first.program_id_index))?;
        if *program != solana_system_interface::program::ID {
            return None;
        }
        match bincode::deserialize(&first.data).ok()? {
            SystemInstruction::AdvanceNonceAccount => {
                keys.get(usize::from(*first.accounts.first()?)).copied()
            }
            _ => None,
        }
    }

    /// How many instructions come before those that were asked for.
    pub(super) fn prefix(&self) -> u8 {
        let keys = self.0.message.static_account_keys();
        let is_budget = |index: u8| keys.get(usize::from(index)) == Some(&COMPUTE_BUDGET);
        let own = usize::from(self.nonce().is_some());
        let budget = self.0.message.instructions().iter().skip(own);
        let budget = budget.take_while(|instruction| is_budget(instruction.program_id_index));
        u8::try_from(own.saturating_add(budget.count())).unwrap_or(u8::MAX)
    }
}
