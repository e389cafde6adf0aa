//! The demo's chain and actors: what happens, read back from real balances.

mod acts;
mod days;
mod money;
mod setup;

use std::collections::BTreeMap;
use std::future::ready;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use flashback_core::sla::SlaTerms;
use flashback_core::units::{Atoms, Seconds};
use flashback_localnet::{Actor, Localnet, LocalnetConfig, elf::ProgramElf};
use flashback_sdk::instruction::{StakeOwner, VaultOwner};
use flashback_sdk::{Flashback, Prepared, Receipt, address};
use solana_sdk::pubkey::Pubkey;

use super::books::Books;
use super::expected::Committees;
use super::ledger::{Ledger, Moves, Row};
use super::scenario::{self, CONSUMER, ORACLES, PROVIDERS, Sla, Submission, WEEK};
use crate::exit::usage;
use crate::progress::announce;
use setup::{everybody, reservation};

/// Every provider's number of its one unit.
const UNIT: u64 = 1;

/// An SLA of the demo on the chain.
struct Reserved {
    address: Pubkey,
    /// The names of the seated oracles, by seat.
    seats: Vec<String>,
    terms: SlaTerms,
}

/// A chain with everybody on it.
pub struct Stage {
    chain: Localnet,
    actors: Vec<Actor>,
    slas: BTreeMap<Sla, Reserved>,
    books: Books,
    ledger: Ledger,
    /// What of a party's balance in an SLA is a bond.
    bonds: BTreeMap<(Sla, String), i128>,
    solvency_checks: usize,
    solvency_confirmed: usize,
    transactions: usize,
    /// The day of the first week.
    day: u16,
    started: Instant,
}

impl Stage {
    /// Starts the chain; registers, stakes and certifies everybody; lists the units.
    pub async fn open(
        program: Option<PathBuf>,
        window_min: Seconds,
        started: Instant,
    ) -> Result<Self> {
        let program = ProgramElf::path_or_find(program).read();
        let program = program.map_err(|why| usage(format!("{why:#}")))?;
        let config = LocalnetConfig {
            program: ProgramElf::Bytes(program),
            window_min,
            params: scenario::params(),
            ..LocalnetConfig::default()
        };
        let chain = Localnet::start(config).await?;
        say(started, "an embedded Solana chain runs Flashback; FLASH exists");
        let (actors, accounts) = everybody(chain.deployment(), started).await?;
        let books = Books::open(chain.deployment().client().clone(), accounts).await?;
        let mut ledger = Ledger::default();
        for (party, held) in books.holdings().await? {
            ledger.row(&party).before = held;
        }
        Ok(Self {
            chain,
            actors,
            slas: BTreeMap::new(),
            books,
            ledger,
            bonds: BTreeMap::new(),
            solvency_checks: 0,
            solvency_confirmed: 0,
            transactions: 0,
            day: 0,
            started,
        })
    }

    /// The consumer reserves, all at one time, and the committees are drawn and seated.
    pub async fn reserve(&mut self, slas: &[Sla]) -> Result<()> {
        let consumer = self.client(CONSUMER)?;
        let mut deposit = Atoms::ZERO;
        for sla in slas {
            let provider = self.actor(sla.provider())?.key();
            let quoted = consumer.quote(&provider, UNIT, &reservation()).await?;
            deposit = deposit.plus(quoted.quote.deposit)?;
            let propose = consumer.propose_sla(&provider, UNIT, sla.number(), &quoted);
            self.booked(propose, |row| &mut row.deposited).await?;
        }
        self.say(&format!(
            "the consumer reserves 1 TiB for {WEEK} daily windows at each: {deposit} in escrow"
        ));
        self.seat(slas).await
    }

    /// The consumer renews an SLA that has ended.
    pub async fn renew(&mut self, old: Sla, new: Sla) -> Result<()> {
        let consumer = self.client(CONSUMER)?;
        let address = self.address(old)?;
        let quoted = consumer.quote_renewal(&address).await?;
        let renew = consumer.renew(&address, new.number(), &quoted);
        let moves = self.booked(renew, |row| &mut row.deposited).await?;
        // The deposit is what the new escrow holds; the rest is what the old one gave back.
        let escrow = address::escrow(&address::sla(&consumer.key(), new.number()));
        let refund = moves.values().sum::<i128>() + signed(consumer.tokens(&escrow).await?);
        let row = self.ledger.row(CONSUMER);
        row.deposited -= refund;
        row.refunded += refund;
        self.say(&format!(
            "the consumer renews at {}: refund out, {} in, in one transaction",
            old.provider(),
            quoted.quote.deposit,
        ));
        self.seat(&[new]).await
    }

    /// The committees are seated in one transaction, so that their windows coincide.
    async fn seat(&mut self, slas: &[Sla]) -> Result<()> {
        let consumer = self.client(CONSUMER)?;
        let address = |sla: &Sla| address::sla(&consumer.key(), sla.number());
        let addresses: Vec<Pubkey> = slas.iter().map(address).collect();
        self.sent(consumer.seat_committees(&addresses)).await?;
        for (sla, address) in slas.iter().zip(addresses) {
            let account = consumer.sla(&address).await?;
            let keys = account.seats.iter().filter(|key| **key != Pubkey::default());
            let names = keys.map(|key| self.named(key).map(|oracle| oracle.name.clone()));
            let seats = names.collect::<Result<Vec<_>>>()?;
            self.say(&format!("drawn to judge {}: {}", sla.provider(), seats.join(", ")));
            self.slas.insert(*sla, Reserved { address, seats, terms: account.body.terms });
            self.check_solvency(VaultOwner::Sla(address)).await;
        }
        Ok(())
    }

    /// The oracles of each SLA, by seat.
    pub fn committees(&self) -> Committees {
        self.slas.iter().map(|(sla, reserved)| (*sla, reserved.seats.clone())).collect()
    }

    /// The SLAs' addresses, by number.
    pub fn addresses(&self) -> Vec<String> {
        self.slas.values().map(|reserved| reserved.address.to_string()).collect()
    }

    /// Everybody's figures, with what they hold now.
    pub async fn ledger(&mut self) -> Result<Ledger> {
        for (party, held) in self.books.holdings().await? {
            self.ledger.row(&party).after = held;
        }
        Ok(self.ledger.clone())
    }

    /// Whether the chain confirmed every solvency check that was asked of it.
    pub fn solvent(&self) -> bool {
        self.solvency_checks > 0 && self.solvency_confirmed == self.solvency_checks
    }

    /// Transactions since everybody was registered.
    pub fn transactions(&self) -> usize {
        self.transactions
    }

    async fn check_solvency(&mut self, owner: VaultOwner) {
        self.solvency_checks += 1;
        match self.sent(ready(Ok(self.anyone().assert_solvent(owner)))).await {
            Ok(_) => self.solvency_confirmed += 1,
            Err(error) => {
                announce(&format!("the chain does not confirm that a vault is solvent: {error}"));
            }
        }
    }

    /// Waits for a transaction that moves no party's tokens.
    async fn sent(
        &mut self,
        act: impl Future<Output = flashback_sdk::Result<Prepared>>,
    ) -> Result<Receipt> {
        let receipt = act.await?.send().await?;
        self.transactions += 1;
        Ok(receipt)
    }

    /// Waits for a transaction, and books what it moved in a column.
    async fn booked(
        &mut self,
        act: impl Future<Output = flashback_sdk::Result<Prepared>>,
        column: fn(&mut Row) -> &mut i128,
    ) -> Result<Moves> {
        self.sent(act).await?;
        let moves = self.books.moves().await?;
        self.ledger.book(&moves, column);
        Ok(moves)
    }

    fn say(&self, what: &str) {
        say(self.started, what);
    }

    /// Says what happens on a day of the first week.
    fn tell(&self, what: &str) {
        self.say(&format!("day {}: {what}", self.day + 1));
    }

    /// A client that acts as nobody in particular; it is the arbiter too.
    fn anyone(&self) -> Flashback {
        self.chain.deployment().client().clone()
    }

    fn client(&self, name: &str) -> Result<Flashback> {
        Ok(self.actor(name)?.client.clone())
    }

    fn actor(&self, name: &str) -> Result<&Actor> {
        let actor = self.actors.iter().find(|actor| actor.name == name);
        actor.with_context(|| format!("{name} does not take part"))
    }

    fn named(&self, key: &Pubkey) -> Result<&Actor> {
        let actor = self.actors.iter().find(|actor| actor.key() == *key);
        actor.with_context(|| format!("{key} is none of the demo's actors"))
    }

    fn reserved(&self, sla: Sla) -> Result<&Reserved> {
        self.slas.get(&sla).with_context(|| format!("{sla:?} was not reserved"))
    }

    fn address(&self, sla: Sla) -> Result<Pubkey> {
        Ok(self.reserved(sla)?.address)
    }

    fn oracle(&self, submission: Submission) -> Result<String> {
        let oracle = self.reserved(submission.sla)?.seats.get(usize::from(submission.seat));
        oracle.cloned().with_context(|| format!("nobody holds the seat of {submission:?}"))
    }

    /// Everybody who stakes.
    fn stakers(&self) -> Result<Vec<StakeOwner>> {
        let key = |name: &&str| self.actor(name).map(Actor::key);
        let providers = PROVIDERS.iter().map(|name| key(name).map(StakeOwner::Provider));
        let oracles = ORACLES.iter().map(|name| key(name).map(StakeOwner::Oracle));
        providers.chain(oracles).collect()
    }
}

fn signed(amount: Atoms) -> i128 {
    i128::from(amount.0)
}

fn say(started: Instant, what: &str) {
    println!("{:5.1} s  {what}", started.elapsed().as_secs_f64());
}
