//! The chain, everybody, and what is known of what happened so far.

use std::collections::{BTreeMap, BTreeSet};

use flashback_sdk::account::Sla;
use flashback_sdk::event::from_logs;
use flashback_sdk::instruction::{VaultOwner, assert_solvent};
use flashback_tests::attempt::{Attempt, Reason};
use flashback_tests::chain::Chain;
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use super::books::Books;
use super::cast::CAST;
use super::checks;
use super::checks::rent::Rent;
use super::checks::terms::Agreements;
use super::checks::tokens::Flash;
use super::expected;
use super::idl;
use super::random::Random;
use super::records::Archive;
use super::sights::seen;
use super::tally::{Phase, Tally};

/// An instruction about to be sent.
#[derive(Clone, Debug)]
pub struct Act {
    /// Whoever it asks to sign does so.
    pub instruction: Instruction,
    /// What was bent in it, if anything.
    pub bent: Option<String>,
}

impl Act {
    pub fn new(instruction: Instruction) -> Self {
        Self { instruction, bent: None }
    }

    /// The instruction's name.
    pub fn name(&self) -> &'static str {
        idl::name_of(&self.instruction)
    }

    /// Whether a key signs it.
    pub fn is_signed_by(&self, key: &Pubkey) -> bool {
        self.instruction.accounts.iter().any(|meta| meta.is_signer && meta.pubkey == *key)
    }

    /// Whether it may write an account.
    pub fn may_write(&self, key: &Pubkey) -> bool {
        self.instruction.accounts.iter().any(|meta| meta.is_writable && meta.pubkey == *key)
    }

    /// The account that the IDL calls by that name.
    pub fn account(&self, name: &str) -> Option<Pubkey> {
        idl::account(&self.instruction, name)
    }

    /// Whether it asks for nobody's signature but that of people. (Garbled arguments may have put other keys in office.)
    pub fn can_be_signed(&self) -> bool {
        self.signed().iter().all(|key| CAST.name(key).is_some())
    }

    fn signed(&self) -> BTreeSet<Pubkey> {
        let signed = self.instruction.accounts.iter().filter(|meta| meta.is_signer);
        signed.map(|meta| meta.pubkey).collect()
    }
}

/// Everything that one sequence knows.
pub struct Economy {
    pub chain: Chain,
    pub books: Books,
    pub random: Random,
    pub phase: Phase,
    pub tally: Tally,
    /// What oracles have submitted, with their records.
    pub archive: Archive,
    pub rent: Rent,
    pub flash: Flash,
    pub agreements: Agreements,
    /// What the scores of units that are gone add to their provider's sum.
    pub scores_left: BTreeMap<Pubkey, u64>,
    /// Numbers SLAs and units.
    pub numbers: u64,
    /// What happened, a line each.
    pub story: Vec<String>,
    /// How many attempts have succeeded.
    pub done: u64,
}

impl Economy {
    /// On a chain on which everybody has FLASH and lamports.
    pub fn new(chain: Chain, purses: &[Pubkey], seed: u64) -> Self {
        let mut books = Books::default();
        for at in CAST.everybody().chain(purses.iter().copied()) {
            books.refresh(&chain, at);
        }
        Self {
            rent: Rent::of(&books),
            flash: Flash::of(&chain),
            chain,
            books,
            random: Random::new(seed),
            phase: Phase::Opening,
            tally: Tally::default(),
            archive: Archive::default(),
            agreements: Agreements::default(),
            scores_left: BTreeMap::new(),
            numbers: 0,
            story: Vec::new(),
            done: 0,
        }
    }

    /// Tries something. If it succeeds, everything must hold; if it is refused, it must be for a reason that is to
    /// be expected, and nothing may have changed.
    pub fn attempt(&mut self, act: &Act) -> Result<(), Reason> {
        self.tell(act);
        let keypair = |key: &Pubkey| CAST.keypair(key).expect("a signer of the cast");
        let signers = act.signed().iter().map(keypair).collect();
        let attempt = Attempt::new(&mut self.chain, act.instruction.clone(), signers);
        match attempt.outcome() {
            Ok(receipt) => {
                self.note("done");
                let logs = receipt.logs();
                let events = from_logs(&logs.lines().collect::<Vec<_>>());
                let events = events.into_iter().map(|event| event.expect("an event"));
                events.for_each(|event| self.tally.see(&seen(&event)));
                self.done += 1;
                self.tally.count_success(act.name(), self.phase, act.bent.is_some());
                self.take_note(act);
                Ok(())
            }
            Err(refusal) => {
                self.note(&format!("{:?}", refusal.reason));
                self.tally.count_refusal(act.name(), format!("{:?}", refusal.reason));
                expected::check(self, act, &refusal.reason, &refusal.logs);
                Err(refusal.reason)
            }
        }
    }

    /// Tries what has to succeed.
    pub fn must(&mut self, act: Act) {
        if let Err(reason) = self.attempt(&act) {
            panic!("{} was refused: {reason:?}", act.name());
        }
    }

    /// Follows the accounts of what succeeded, and checks everything.
    fn take_note(&mut self, act: &Act) {
        let before = self.books.clone();
        let touched: BTreeSet<_> =
            act.instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        self.refresh(touched.iter().copied());
        checks::after(self, &before, act);
        for owner in touched {
            self.assert_solvent(owner);
        }
    }

    /// Reads accounts anew.
    pub fn refresh(&mut self, addresses: impl IntoIterator<Item = Pubkey>) {
        for at in addresses {
            self.books.refresh(&self.chain, at);
        }
    }

    /// Has the chain check the vault of an account, if it has one.
    pub fn assert_solvent(&mut self, owner: Pubkey) {
        let asserted = match () {
            () if self.books.slas.contains_key(&owner) => VaultOwner::Sla(owner),
            () if self.books.providers.contains_key(&owner) => VaultOwner::Stake(owner),
            () if self.books.oracles.contains_key(&owner) => VaultOwner::Stake(owner),
            () => return,
        };
        let sent = self.chain.send(&[assert_solvent(asserted)], &[]);
        if let Err(failed) = sent {
            panic!("{owner}'s vault: {:?}\n{}", failed.err, failed.meta.logs.join("\n"));
        }
        self.tally.count_success("assert_solvent", self.phase, false);
    }

    /// Has the chain check every vault.
    pub fn assert_all_solvent(&mut self) {
        for owner in self.books.vault_owners().copied().collect::<Vec<_>>() {
            self.assert_solvent(owner);
        }
    }

    /// An SLA as it is once everything due is settled: most of what is done with it begins so.
    pub fn settled(&self, address: &Pubkey) -> Sla {
        let mut sla = self.books.slas[address];
        let now = self.chain.now();
        while sla.body.settle_next(now).expect("an SLA that settles").is_some() {}
        sla
    }

    /// A number that nothing has yet.
    pub fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn tell(&mut self, act: &Act) {
        let short = |key: &Pubkey| match CAST.name(key) {
            Some(name) => name.to_owned(),
            None => key.to_string()[..6].to_owned(),
        };
        let accounts: Vec<_> =
            act.instruction.accounts.iter().map(|meta| short(&meta.pubkey)).collect();
        let bent = act.bent.as_ref().map_or(String::new(), |bent| format!(" BENT {bent}"));
        let arguments = act.instruction.data[8..].iter().take(16);
        let arguments: String = arguments.map(|byte| format!("{byte:02x}")).collect();
        let (now, name, accounts) = (self.chain.now().0, act.name(), accounts.join(", "));
        self.story.push(format!("{now} {name} ({accounts}) {arguments}{bent}"));
    }

    fn note(&mut self, ending: &str) {
        if let Some(line) = self.story.last_mut() {
            line.push_str(" -> ");
            line.push_str(ending);
        }
    }
}
