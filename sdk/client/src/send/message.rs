//! From instructions to a signed transaction.

use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_sdk::hash::Hash;
use solana_sdk::instruction::Instruction;
use solana_sdk::message::{AddressLookupTableAccount, VersionedMessage, v0};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;
use solana_sdk::transaction::VersionedTransaction;

use super::limits::LOADED_DATA_MAX;
use super::{AnySigner, COMPUTE_UNITS_MAX, SendOptions, TRANSACTION_MAX_BYTES, fee};
use crate::error::{Error, Result};

/// What a signature costs, in lamports.
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;

/// Instructions on their way to become a transaction.
pub(super) struct Draft {
    instructions: Vec<Instruction>,
    advance: Option<Instruction>,
    tables: Vec<AddressLookupTableAccount>,
    /// The most compute units that it may use.
    pub compute_unit_limit: u32,
    /// The most bytes of accounts that it may load.
    pub data_limit: u32,
    /// Micro-lamports per compute unit.
    pub compute_unit_price: u64,
}

impl Draft {
    /// With the widest limits, and as if a price was to be paid.
    pub fn new(instructions: &[Instruction], options: &SendOptions) -> Self {
        Self {
            instructions: instructions.to_vec(),
            advance: options.nonce.as_ref().map(|nonce| nonce.advance()),
            tables: options.lookup_tables.clone(),
            compute_unit_limit: COMPUTE_UNITS_MAX,
            data_limit: LOADED_DATA_MAX,
            compute_unit_price: 0,
        }
    }

    /// How many instructions come before the caller's.
    pub fn prefix(&self) -> u8 {
        if self.advance.is_some() { 4 } else { 3 }
    }

    /// The message to sign. A nonce is advanced by its first instruction.
    ///
    /// # Errors
    /// [`Error::TransactionTooLarge`].
    pub fn message(&self, payer: &Pubkey, blockhash: Hash) -> Result<VersionedMessage> {
        let mut all: Vec<Instruction> = self.advance.iter().cloned().collect();
        all.extend([
            ComputeBudgetInstruction::set_compute_unit_limit(self.compute_unit_limit),
            ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(self.data_limit),
            ComputeBudgetInstruction::set_compute_unit_price(self.compute_unit_price),
        ]);
        all.extend_from_slice(&self.instructions);
        let message = v0::Message::try_compile(payer, &all, &self.tables, blockhash)
            .map_err(|error| Error::Signing(Box::new(error)))?;
        let message = VersionedMessage::V0(message);
        check_size(&message)?;
        Ok(message)
    }

    /// What it costs, in lamports.
    ///
    /// # Errors
    /// As [`Draft::message`].
    pub fn fee(&self, payer: &Pubkey) -> Result<u64> {
        let message = self.message(payer, Hash::default())?;
        Ok(fee(&message, self.compute_unit_price, self.compute_unit_limit))
    }
}

/// What a message's transaction costs, in lamports.
pub(super) fn fee(message: &VersionedMessage, price: u64, compute_unit_limit: u32) -> u64 {
    let signatures = u64::from(message.header().num_required_signatures);
    let priority = fee::lamports(price, compute_unit_limit);
    signatures.saturating_mul(LAMPORTS_PER_SIGNATURE).saturating_add(priority)
}

fn check_size(message: &VersionedMessage) -> Result<()> {
    // One byte counts the signatures, of 64 bytes each.
    let signatures = usize::from(message.header().num_required_signatures);
    let bytes = 1 + 64 * signatures + message.serialize().len();
    if bytes > TRANSACTION_MAX_BYTES { Err(Error::TransactionTooLarge { bytes }) } else { Ok(()) }
}

/// The accounts that a message names itself and may write.
pub(super) fn writable(message: &VersionedMessage) -> Vec<Pubkey> {
    let (header, keys) = (message.header(), message.static_account_keys());
    let signed = usize::from(header.num_required_signatures);
    // Within each half the accounts that are written come first.
    let written = |count: usize, read_only: u8| count.saturating_sub(usize::from(read_only));
    let (signing, others) = keys.split_at_checked(signed).unwrap_or((keys, &[]));
    let signing = signing.iter().take(written(signing.len(), header.num_readonly_signed_accounts));
    let others = others.iter().take(written(others.len(), header.num_readonly_unsigned_accounts));
    signing.chain(others).copied().collect()
}

/// Whose signatures a message needs, the payer's first.
pub(super) fn required(message: &VersionedMessage) -> &[Pubkey] {
    let keys = message.static_account_keys();
    let needed = usize::from(message.header().num_required_signatures);
    keys.get(..needed).unwrap_or(keys)
}

/// Signs a message by everybody who has to.
///
/// # Errors
/// [`Error::SignerMissing`], [`Error::Signing`].
pub(super) fn sign(
    message: VersionedMessage,
    payer: &AnySigner,
    signers: &[&AnySigner],
) -> Result<VersionedTransaction> {
    let bytes = message.serialize();
    let signatures = required(&message)
        .iter()
        .map(|key| {
            let present = std::iter::once(payer).chain(signers.iter().copied());
            let mut present = present.filter(|signer| signer.pubkey() == *key);
            // A key may be named twice, and only once be more than an address.
            let first = present.next().ok_or(Error::SignerMissing { key: *key })?;
            sign_bytes(first, &bytes).or_else(|error| match present.next() {
                Some(second) => sign_bytes(second, &bytes),
                None => Err(error),
            })
        })
        .collect::<Result<Vec<Signature>>>()?;
    Ok(VersionedTransaction { signatures, message })
}

/// One signer's signature.
///
/// # Errors
/// [`Error::Signing`].
pub(super) fn sign_bytes(signer: &AnySigner, message: &[u8]) -> Result<Signature> {
    signer.try_sign_message(message).map_err(|error| Error::Signing(Box::new(error)))
}
