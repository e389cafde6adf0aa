//! What a client is about to do, before it does it.

use std::fmt;

use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use crate::client::Flashback;
use crate::error::Result;
use crate::send::{OfflineTransaction, Receipt, Simulation};

/// The instructions of one transaction, and the client that would send it. Nothing happens until it is sent.
///
/// Every verb of [`Flashback`] prepares one. Several become one transaction, which takes effect whole or not at all:
///
/// ```no_run
/// # async fn both(client: flashback_sdk::Flashback, sla: solana_sdk::pubkey::Pubkey) -> flashback_sdk::Result<()> {
/// let settle = client.settle(&sla);
/// let receipt = settle.and(client.withdraw_refund(&sla).await?).send().await?;
/// println!("{} in slot {}", receipt.signature, receipt.slot);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct Prepared {
    client: Flashback,
    instructions: Vec<Instruction>,
}

impl Prepared {
    pub(crate) fn new(client: &Flashback, instructions: Vec<Instruction>) -> Self {
        Self { client: client.clone(), instructions }
    }

    /// Who would send it.
    pub fn client(&self) -> &Flashback {
        &self.client
    }

    /// The instructions, to be sent in any other way.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Puts an instruction behind it.
    pub fn with(mut self, instruction: Instruction) -> Self {
        self.instructions.push(instruction);
        self
    }

    /// Puts what was prepared by the other, for the same key, behind it.
    pub fn and(mut self, other: Self) -> Self {
        self.instructions.extend(other.instructions);
        self
    }

    /// Sends it as one transaction and waits until it is confirmed.
    ///
    /// # Errors
    /// As [`Flashback::send`].
    pub async fn send(&self) -> Result<Receipt> {
        self.client.send(&self.instructions, &[]).await
    }

    /// What sending it would do and cost.
    ///
    /// # Errors
    /// As [`Flashback::simulate`].
    pub async fn simulate(&self) -> Result<Simulation> {
        self.client.simulate(&self.instructions).await
    }

    /// The keys that have to sign it and cannot here, since nobody was given for them, or only an address; the payer of
    /// fees among them. Asks no server. A hardware wallet is taken for one that can.
    pub fn cannot_sign(&self) -> Vec<Pubkey> {
        self.client.cannot_sign(&self.instructions)
    }

    /// The transaction for others to sign.
    ///
    /// # Errors
    /// As [`Flashback::sign_offline`].
    pub async fn sign_offline(&self) -> Result<OfflineTransaction> {
        self.client.sign_offline(&self.instructions, &[]).await
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, instructions) = (self.client.key(), &self.instructions);
        f.debug_struct("Prepared").field("key", &key).field("instructions", instructions).finish()
    }
}
