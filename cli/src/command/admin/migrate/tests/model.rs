//! A chain in memory that kills whoever asks it too often.

use std::cell::{Cell, RefCell};

use anyhow::{Result, bail};
use flashback_sdk::{InFlight, Lifetime};
use solana_sdk::hash::Hash;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::super::engine::{Chain, Cost, Fate, Record};
use super::super::plan::{Planned, tests::state};
use super::super::state::{State, Wanted};

/// What becomes of a transaction in the air whose sender was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Air {
    /// It lands at the worst time: when its fate is asked for, or else right before the next one is sent.
    LandsLate,
    /// The same, and then it fails.
    FailsLate,
    /// It never lands.
    IsLost,
}

/// A signed transaction.
#[derive(Clone, Debug)]
struct Transaction {
    memo: String,
    after: State,
    sent: InFlight,
}

/// A chain that does what a step says, and kills its caller after so many requests: what a request asks for is then done,
/// or not, and nobody is told.
pub struct Model {
    pub state: RefCell<State>,
    pub acting: Pubkey,
    /// Shows what was before a step for one more request.
    pub lags: bool,
    /// The nonce account that is signed with.
    pub nonce: Option<Pubkey>,
    pub requests_left: Cell<usize>,
    becomes: Air,
    /// How many transactions were signed.
    signed: Cell<u8>,
    /// How often the nonce has advanced.
    advanced: Cell<u8>,
    landed: RefCell<Vec<Transaction>>,
    failed: RefCell<Vec<Signature>>,
    air: RefCell<Vec<Transaction>>,
    old: RefCell<Option<State>>,
}

impl Model {
    pub fn new() -> Self {
        Self::that(Air::IsLost)
    }

    pub fn that(becomes: Air) -> Self {
        let state = state();
        Self {
            acting: state.authority,
            state: RefCell::new(state),
            lags: false,
            nonce: None,
            requests_left: Cell::new(usize::MAX),
            signed: Cell::new(0),
            becomes,
            advanced: Cell::new(0),
            landed: RefCell::default(),
            failed: RefCell::default(),
            air: RefCell::default(),
            old: RefCell::default(),
        }
    }

    pub fn signing_with(self, nonce: Pubkey) -> Self {
        Self { nonce: Some(nonce), ..self }
    }

    /// The memos of what has landed, in order.
    pub fn memos(&self) -> Vec<String> {
        self.landed.borrow().iter().map(|landed| landed.memo.clone()).collect()
    }

    /// The signatures of what has landed, in order.
    pub fn signatures(&self) -> Vec<String> {
        self.landed.borrow().iter().map(|landed| landed.sent.signature.to_string()).collect()
    }

    /// Has whatever is in the air become what it does.
    pub fn calm(&self) {
        for transaction in self.air.take() {
            match self.becomes {
                Air::LandsLate => self.land(transaction),
                Air::FailsLate if self.is_valid(&transaction) => {
                    self.advanced.set(self.advanced.get() + 1);
                    self.failed.borrow_mut().push(transaction.sent.signature);
                }
                _ => {}
            }
        }
    }

    fn request(&self) -> Result<()> {
        let Some(left) = self.requests_left.get().checked_sub(1) else { bail!("killed") };
        self.requests_left.set(left);
        Ok(())
    }

    fn nonce_value(&self) -> Hash {
        Hash::new_from_array([self.advanced.get(); 32])
    }

    fn is_valid(&self, transaction: &Transaction) -> bool {
        match transaction.sent.lifetime {
            Lifetime::Blockhash { .. } => true,
            Lifetime::Nonce { value, .. } => value == self.nonce_value(),
        }
    }

    fn land(&self, transaction: Transaction) {
        if self.is_valid(&transaction) {
            self.advanced.set(self.advanced.get() + 1);
            let old = self.state.replace(transaction.after.clone());
            *self.old.borrow_mut() = self.lags.then_some(old);
            self.landed.borrow_mut().push(transaction);
        }
    }

    fn has_landed(&self, signature: &Signature) -> bool {
        self.landed.borrow().iter().any(|landed| landed.sent.signature == *signature)
    }
}

impl Chain for Model {
    fn acting(&self) -> Pubkey {
        self.acting
    }

    async fn state(&self, _: &Wanted) -> Result<State> {
        self.request()?;
        let old = self.old.borrow_mut().take();
        Ok(old.unwrap_or_else(|| self.state.borrow().clone()))
    }

    async fn send(&self, planned: &Planned, memo: &str, record: Record) -> Result<String> {
        self.request()?;
        let signed = self.signed.get() + 1;
        self.signed.set(signed);
        let signature = Signature::from([signed; 64]);
        let lifetime = match self.nonce {
            Some(account) => Lifetime::Nonce { account, value: self.nonce_value() },
            None => Lifetime::Blockhash { last_valid_height: 7 },
        };
        let sent = InFlight { signature, lifetime };
        record(&sent)?;
        // Recorded, and not sent.
        self.request()?;
        self.calm();
        let (memo, after) = (memo.to_owned(), planned.after.clone());
        self.air.borrow_mut().push(Transaction { memo, after, sent });
        // Sent, and not landed.
        self.request()?;
        for transaction in self.air.take() {
            self.land(transaction);
        }
        // Landed, and nobody was told.
        self.request()?;
        match self.has_landed(&signature) {
            true => Ok(signature.to_string()),
            false => bail!("{signature} did not land"),
        }
    }

    async fn fate(&self, sent: &InFlight) -> Result<Fate> {
        self.request()?;
        // For as long as it can land it is waited for; but with a nonce nobody waits.
        if matches!(sent.lifetime, Lifetime::Blockhash { .. }) {
            self.calm();
        }
        Ok(match sent.lifetime {
            _ if self.has_landed(&sent.signature) => Fate::Landed,
            _ if self.failed.borrow().contains(&sent.signature) => Fate::Failed("full".into()),
            Lifetime::Nonce { value, .. } if value == self.nonce_value() => Fate::Open,
            _ => Fate::Gone,
        })
    }

    fn replaces(&self, sent: &InFlight) -> bool {
        matches!(sent.lifetime, Lifetime::Nonce { account, .. } if self.nonce == Some(account))
    }

    async fn simulate(&self, _: &Planned, _: &str) -> Result<Cost> {
        self.request()?;
        Ok(Cost { fee: 5_000, compute_units: 100 })
    }
}
