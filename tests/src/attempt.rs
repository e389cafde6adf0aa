//! An instruction about to be sent, with one thing changed; how it ended.

use anchor_lang::error::ErrorCode;
use anchor_lang::{AnchorDeserialize, Discriminator};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flashback_core::CoreError;
use flashback_sdk::error::{Cause, Failure, SystemError, TokenError};
use flashback_sdk::{address, event};
use litesvm::types::{FailedTransactionMetadata, TransactionMetadata, TransactionResult};
use solana_account::Account;
use solana_sdk::instruction::{AccountMeta, Instruction, InstructionError};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::{Keypair, Signer};

use crate::chain::{Chain, FEE_PAYER};
use crate::names::key;

/// The system program's refusal to create an account that exists.
pub const ACCOUNT_IN_USE: Reason = Reason::System(SystemError::AccountAlreadyInUse);

/// A transaction about to be sent.
#[must_use = "an attempt does nothing until it `succeeds` or `is_refused`"]
pub struct Attempt<'w> {
    chain: &'w mut Chain,
    instructions: Vec<Instruction>,
    signers: Vec<Keypair>,
}

impl<'w> Attempt<'w> {
    /// An instruction with its signers.
    pub fn new(chain: &'w mut Chain, instruction: Instruction, signers: Vec<Keypair>) -> Self {
        Self { chain, instructions: vec![instruction], signers }
    }

    /// With another account in one's place.
    ///
    /// # Panics
    /// If the instruction does not name it: the test would test nothing.
    pub fn with(mut self, instead: Pubkey, of: Pubkey) -> Self {
        self.change(of, |meta| meta.pubkey = instead);
        self
    }

    /// Signed by another key in one's place, which replaces the account too.
    pub fn signed_by(mut self, stranger: Keypair, instead_of: Pubkey) -> Self {
        self.change(instead_of, |meta| meta.pubkey = stranger.pubkey());
        self.signers.push(stranger);
        self
    }

    /// Without a signature that the instruction asks for.
    pub fn unsigned_by(mut self, signer: Pubkey) -> Self {
        self.change(signer, |meta| meta.is_signer = false);
        self
    }

    /// With an account that the instruction may not write.
    pub fn read_only(mut self, account: Pubkey) -> Self {
        self.change(account, |meta| meta.is_writable = false);
        self
    }

    /// With the remaining accounts, from the `fixed`-th account on, changed.
    pub fn remaining(mut self, fixed: usize, change: impl FnOnce(&mut Vec<AccountMeta>)) -> Self {
        let accounts = &mut self.instructions[0].accounts;
        let mut remaining = accounts.split_off(fixed);
        change(&mut remaining);
        accounts.append(&mut remaining);
        self
    }

    /// The accounts of the (first) instruction.
    pub fn accounts(&self) -> &[AccountMeta] {
        &self.instructions[0].accounts
    }

    /// The (first) instruction, to be sent with another one.
    pub fn instruction(self) -> Instruction {
        self.instructions.into_iter().next().expect("an instruction")
    }

    /// With an account put in place just before it is sent, as no transaction could.
    pub fn putting(self, address: Pubkey, account: Account) -> Self {
        self.chain.put(address, account);
        self
    }

    /// With one account changed, by its place among [`Attempt::accounts`].
    pub fn at(mut self, place: usize, change: impl FnOnce(&mut AccountMeta)) -> Self {
        change(&mut self.instructions[0].accounts[place]);
        self
    }

    /// Followed by another instruction in the same transaction.
    pub fn and(mut self, instruction: Instruction) -> Self {
        self.instructions.push(instruction);
        self
    }

    /// Signed by someone more, if what follows in the same transaction asks for it.
    pub fn signed_also_by(mut self, signer: Keypair) -> Self {
        self.signers.push(signer);
        self
    }

    fn change(&mut self, account: Pubkey, change: impl Fn(&mut AccountMeta)) {
        let metas = self.instructions.iter_mut().flat_map(|one| &mut one.accounts);
        let mut named = metas.filter(|meta| meta.pubkey == account).peekable();
        assert!(named.peek().is_some(), "the instruction does not name {account}");
        named.for_each(change);
    }

    /// Sends it; it must succeed.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    pub fn succeeds(mut self) -> Receipt {
        match self.send() {
            Ok(meta) => {
                self.check_events(&meta);
                Receipt { meta }
            }
            Err(failed) => panic!("{:?}\n{}", failed.err, failed.meta.logs.join("\n")),
        }
    }

    /// Every transition emits an event, and the SDK decodes it.
    #[track_caller]
    fn check_events(&self, meta: &TransactionMetadata) {
        let events = event::from_logs(&meta.logs);
        for decoded in &events {
            assert!(decoded.is_ok(), "{decoded:?}\n{}", meta.logs.join("\n"));
        }
        let own = self.instructions.iter().filter(|one| one.program_id == address::PROGRAM).count();
        assert!(events.len() >= own, "a transition without an event:\n{}", meta.logs.join("\n"));
    }

    /// Sends it; it must be refused for exactly this reason, and nothing may have changed but the fee.
    ///
    /// # Panics
    /// If it succeeds, fails for another reason, or changes anything.
    #[track_caller]
    pub fn is_refused(self, expected: impl Into<Reason>) {
        match self.outcome() {
            Ok(receipt) => panic!("it succeeded:\n{}", receipt.logs()),
            Err(refusal) => assert_eq!(refusal.reason, expected.into(), "{}", refusal.logs),
        }
    }

    /// Sends it. If it is refused, nothing may have changed but the fee.
    ///
    /// # Panics
    /// If it was refused and changed something.
    #[track_caller]
    pub fn outcome(mut self) -> Result<Receipt, Refusal> {
        let touched = self.touched();
        let before = self.snapshot(&touched);
        let failed = match self.send() {
            Ok(meta) => return Ok(Receipt { meta }),
            Err(failed) => failed,
        };
        let mut after = self.snapshot(&touched);
        // The fee alone is charged, as on a real chain.
        if let Some(Some(payer)) = after.first_mut() {
            payer.lamports += failed.meta.fee;
        }
        for ((address, before), after) in touched.iter().zip(before).zip(after) {
            assert_eq!(before, after, "{address} changed");
        }
        Err(Refusal { reason: Reason::of(&failed), logs: failed.meta.logs.join("\n") })
    }

    /// Every account that the transaction names, the fee payer first.
    fn touched(&self) -> Vec<Pubkey> {
        let metas = self.instructions.iter().flat_map(|one| &one.accounts);
        let mut touched = vec![key(FEE_PAYER)];
        for meta in metas {
            if !touched.contains(&meta.pubkey) {
                touched.push(meta.pubkey);
            }
        }
        touched
    }

    fn snapshot(&self, addresses: &[Pubkey]) -> Vec<Option<Account>> {
        addresses.iter().map(|address| self.chain.account(address)).collect()
    }

    /// Sends it with the signatures that are asked for.
    fn send(&mut self) -> TransactionResult {
        let asked = |signer: &&Keypair| {
            let mut metas = self.instructions.iter().flat_map(|one| &one.accounts);
            metas.any(|meta| meta.is_signer && meta.pubkey == signer.pubkey())
        };
        let signers: Vec<_> = self.signers.iter().filter(asked).collect();
        self.chain.send(&self.instructions, &signers)
    }
}

/// Why a transaction was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A rule of the protocol.
    Rule(CoreError),
    /// A check of the Anchor framework, by number.
    Anchor(u32),
    /// The SPL Token program.
    Token(TokenError),
    /// The system program.
    System(SystemError),
    /// Another program or the runtime.
    Instruction(InstructionError),
    /// Anything else, described.
    Other(String),
}

impl Reason {
    fn of(failed: &FailedTransactionMetadata) -> Self {
        let failure = Failure::decode(&failed.err, &failed.meta.logs);
        match failure.cause {
            Cause::Rule(error) => Self::Rule(error),
            Cause::Anchor { number, .. } => Self::Anchor(number),
            Cause::Token(error) => Self::Token(error),
            Cause::System(error) => Self::System(error),
            Cause::Instruction(error) => Self::Instruction(error),
            _ => Self::Other(format!("{:?}", failed.err)),
        }
    }
}

impl From<CoreError> for Reason {
    fn from(error: CoreError) -> Self {
        Self::Rule(error)
    }
}

impl From<ErrorCode> for Reason {
    fn from(error: ErrorCode) -> Self {
        Self::Anchor(u32::from(error))
    }
}

impl From<TokenError> for Reason {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<InstructionError> for Reason {
    fn from(error: InstructionError) -> Self {
        Self::Instruction(error)
    }
}

/// A transaction that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// Its logs, a line each.
    pub logs: String,
}

/// A transaction that succeeded.
#[derive(Clone, Debug)]
pub struct Receipt {
    meta: TransactionMetadata,
}

impl Receipt {
    /// Compute units that the whole transaction consumed.
    pub fn compute_units(&self) -> u64 {
        self.meta.compute_units_consumed
    }

    /// Its logs, a line each.
    pub fn logs(&self) -> String {
        self.meta.logs.join("\n")
    }

    /// The only event of its kind.
    ///
    /// # Panics
    /// If there is none or there are several.
    #[track_caller]
    pub fn event<E: AnchorDeserialize + Discriminator>(&self) -> E {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "{}", self.logs());
        events.remove(0)
    }

    /// Every event of a kind, in order.
    pub fn events<E: AnchorDeserialize + Discriminator>(&self) -> Vec<E> {
        let lines = self.meta.logs.iter().filter_map(|line| line.strip_prefix("Program data: "));
        let bytes = lines.filter_map(|line| BASE64_STANDARD.decode(line).ok());
        bytes
            .filter_map(|bytes| {
                let mut body = bytes.strip_prefix(E::DISCRIMINATOR)?;
                E::deserialize(&mut body).ok()
            })
            .collect()
    }
}
