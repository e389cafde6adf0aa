//! The demo's chain and actors: what happens, read back from real balances.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use flashback_core::sla::SlaTerms;
use flashback_core::text::region;
use flashback_core::units::{Atoms, Seconds};
use flashback_localnet::{Actor, Localnet, LocalnetConfig, elf::ProgramElf};
use flashback_sdk::instruction::{CreateUnitArgs, StakeOwner, SubmitReportArgs, VaultOwner};
use flashback_sdk::quote::Reservation;
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;
use tokio::task::JoinSet;

use super::ledger::{BURNT, CONSUMER, Ledger, TREASURY};
use super::scenario::{self, FUNDS, ORACLES, PROVIDERS, STAKE, Window};

/// The consumer's number of the SLA, and the providers' of their units.
const NUMBER: u64 = 1;

/// The demo's SLA.
pub struct Reserved {
    /// Its address.
    pub address: Pubkey,
    /// The names of the seated oracles, by seat.
    pub seats: Vec<String>,
    terms: SlaTerms,
}

/// A chain with everybody on it.
pub struct Stage {
    chain: Localnet,
    providers: Vec<Actor>,
    oracles: Vec<Actor>,
    consumer: Actor,
    ledger: Ledger,
    /// FLASH in existence before the SLA.
    supply: Atoms,
    solvency_checks: usize,
    solvency_confirmed: usize,
    transactions: usize,
    started: Instant,
}

impl Stage {
    /// Starts the chain; registers, stakes and certifies everybody; lists the units.
    pub async fn open(
        program: Option<PathBuf>,
        window_min: Seconds,
        started: Instant,
    ) -> Result<Self> {
        let config = LocalnetConfig {
            program: program.map_or(ProgramElf::Find, ProgramElf::Path),
            window_min,
            params: scenario::params(),
            ..LocalnetConfig::default()
        };
        let chain = Localnet::start(config).await?;
        say(started, "an embedded Solana chain runs Flashback; FLASH exists");
        let deployment = chain.deployment();
        let certifier = deployment.certifier("certifier").await?;
        let mut providers = vec![];
        for name in PROVIDERS {
            let provider = deployment.provider(&certifier, name, STAKE).await?;
            provider.client.create_unit(unit(name)?).await?;
            providers.push(provider);
        }
        say(
            started,
            "two providers have registered, staked, been certified and listed a unit each",
        );
        let mut oracles = vec![];
        for name in ORACLES {
            oracles.push(deployment.oracle(&certifier, name, STAKE).await?);
        }
        say(
            started,
            "five oracles have registered, staked, been certified and joined the registry",
        );
        let consumer = deployment.consumer(&certifier, CONSUMER, FUNDS).await?;
        let supply = supply(&chain).await?;
        let mut stage = Self {
            chain,
            providers,
            oracles,
            consumer,
            ledger: Ledger::default(),
            supply,
            solvency_checks: 0,
            solvency_confirmed: 0,
            transactions: 0,
            started,
        };
        for (name, holding) in stage.holdings().await? {
            stage.ledger.row(&name).before = holding;
        }
        Ok(stage)
    }

    /// The consumer reserves at the first provider, and the committee is drawn and seated.
    pub async fn reserve(&mut self) -> Result<Reserved> {
        let request = scenario::request();
        let reservation = Reservation {
            capacity: flashback_core::units::Gib(request.gib),
            window: Seconds(request.window_secs),
            windows: request.windows,
            seats: request.seats,
            thresholds: Some(request.thresholds),
            max_total: Some(Atoms(request.max_total)),
        };
        let provider = self.providers[0].key();
        let client = self.consumer.client.clone();
        let quoted = client.quote(&provider, NUMBER, &reservation).await?;
        let before = client.balance(&client.key()).await?;
        client.propose_sla(&provider, NUMBER, NUMBER, &quoted).await?;
        let after = client.balance(&client.key()).await?;
        self.ledger.row(CONSUMER).deposited += signed(after) - signed(before);
        let address = address::sla(&client.key(), NUMBER);
        client.seat_committee(&address).await?;
        self.transactions += 2;
        let sla = client.sla(&address).await?;
        let keys = sla.seats.iter().filter(|key| **key != Pubkey::default());
        let names = keys.map(|key| self.oracle(key).map(|oracle| oracle.name.clone()));
        let seats = names.collect::<Result<Vec<_>>>()?;
        self.check_solvency(VaultOwner::Sla(address)).await;
        say(
            self.started,
            &format!(
                "the consumer has reserved 1 TiB for 30 daily windows: {} in escrow; {} are its committee",
                quoted.quote.deposit,
                seats.join(", ")
            ),
        );
        Ok(Reserved { address, seats, terms: sla.body.terms })
    }

    /// A window passes, and the committee reports it.
    pub async fn window(&mut self, sla: &Reserved, k: u16) -> Result<()> {
        self.chain.time_travel_to(sla.terms.report_opens(k)?).await?;
        let mut reports = JoinSet::new();
        for (seat, name) in sla.seats.iter().enumerate() {
            let Some(aggregate) = scenario::measured(k, seat) else { continue };
            let oracle = self.oracles.iter().find(|oracle| oracle.name == *name);
            let client = oracle.context("every seat is one of the demo's oracles")?.client.clone();
            let args = SubmitReportArgs { window: k, aggregate, root: [0; 32] };
            let address = sla.address;
            reports.spawn(async move { client.submit_report(&address, args).await });
        }
        while let Some(report) = reports.join_next().await {
            report??;
            self.transactions += 1;
        }
        match scenario::window(k) {
            Window::Good => {}
            Window::Slow(percent) => {
                say(self.started, &format!("window {k}: latency {percent} % beyond the promise"));
            }
            Window::Silent => {
                say(self.started, &format!("window {k}: two of three oracles stay silent"))
            }
        }
        Ok(())
    }

    /// The last window is settled, penalties and absences are collected, and everybody is paid.
    pub async fn settle_and_pay_out(&mut self, sla: &Reserved) -> Result<()> {
        let address = &sla.address;
        self.chain.time_travel_to(sla.terms.settles_at(scenario::WINDOWS - 1)?).await?;
        let anyone = self.chain.deployment().client().clone();
        anyone.settle(address).await?;
        let progress = anyone.sla(address).await?.body.progress;
        self.ledger.windows =
            [progress.met, progress.breached, progress.unmeasured, progress.blocked];
        self.check_solvency(VaultOwner::Sla(*address)).await;
        say(self.started, "the last window is settled");

        let staked = self.stakes().await?;
        anyone.collect_penalty(address).await?;
        anyone.collect_absences(address).await?;
        let mut collected = 0;
        for ((name, before), (_, after)) in staked.into_iter().zip(self.stakes().await?) {
            self.ledger.row(&name).slashed += after - before;
            collected += before - after;
        }
        let treasury = address::treasury();
        let before = anyone.tokens(&treasury).await?;
        anyone.sweep_fees(address).await?;
        self.ledger.row(TREASURY).fees += signed(anyone.tokens(&treasury).await?) - signed(before);
        let burnt = self.burnt().await?;
        self.ledger.row(BURNT).slashed += burnt;
        say(self.started, "penalties and absences are collected, fees swept, the burnt part burnt");

        let provider = self.providers[0].client.clone();
        let paid = gained(&provider, provider.withdraw_earnings(address)).await?;
        self.ledger.row(PROVIDERS[0]).paid += paid;
        for name in &sla.seats {
            let oracle = self.oracles.iter().find(|oracle| oracle.name == *name);
            let client = oracle.context("every seat is one of the demo's oracles")?.client.clone();
            let fees = gained(&client, client.claim_oracle_fees(address)).await?;
            self.ledger.row(name).fees += fees;
        }
        let consumer = self.consumer.client.clone();
        let returned = gained(&consumer, consumer.withdraw_refund(address)).await?;
        // What was taken from stakes and not burnt is the consumer's compensation.
        let compensation = collected - burnt;
        self.ledger.row(CONSUMER).slashed += compensation;
        self.ledger.row(CONSUMER).refunded += returned - compensation;
        self.check_solvency(VaultOwner::Sla(*address)).await;
        self.transactions += 6 + sla.seats.len();
        say(self.started, "provider, oracles and consumer have withdrawn what is theirs");
        Ok(())
    }

    /// The SLA is closed; every stake vault is checked by the chain.
    pub async fn close(&mut self, sla: &Reserved) -> Result<()> {
        self.chain.deployment().client().close_sla(&sla.address).await?;
        self.transactions += 1;
        for (_, owner) in self.stakers() {
            self.check_solvency(VaultOwner::Stake(owner.address())).await;
        }
        say(
            self.started,
            "the SLA is closed, its rent returned; the chain has checked every vault",
        );
        Ok(())
    }

    /// Everybody's figures, with what they hold now.
    pub async fn ledger(&mut self) -> Result<Ledger> {
        for (name, holding) in self.holdings().await? {
            self.ledger.row(&name).after = holding;
        }
        Ok(self.ledger.clone())
    }

    /// Whether the chain confirmed every solvency check that was asked of it.
    pub fn solvent(&self) -> bool {
        self.solvency_checks > 0 && self.solvency_confirmed == self.solvency_checks
    }

    /// Transactions of the SLA's life.
    pub fn transactions(&self) -> usize {
        self.transactions
    }

    async fn check_solvency(&mut self, owner: VaultOwner) {
        self.solvency_checks += 1;
        self.transactions += 1;
        match self.chain.deployment().client().assert_solvent(owner).await {
            Ok(_) => self.solvency_confirmed += 1,
            Err(error) => eprintln!("the chain does not confirm that a vault is solvent: {error}"),
        }
    }

    fn oracle(&self, key: &Pubkey) -> Result<&Actor> {
        let oracle = self.oracles.iter().find(|oracle| oracle.key() == *key);
        oracle.with_context(|| format!("{key} is none of the demo's oracles"))
    }

    /// What everybody holds: wallet and stake vault; the treasury; what was burnt.
    async fn holdings(&self) -> Result<Vec<(String, i128)>> {
        let client = self.chain.deployment().client();
        let mut all = vec![
            (CONSUMER.to_owned(), signed(client.balance(&self.consumer.key()).await?)),
            (TREASURY.to_owned(), signed(client.tokens(&address::treasury()).await?)),
            (BURNT.to_owned(), self.burnt().await?),
        ];
        for ((actor, _), (name, staked)) in self.stakers().into_iter().zip(self.stakes().await?) {
            let wallet = client.balance(&actor).await?;
            all.push((name, staked + signed(wallet)));
        }
        Ok(all)
    }

    /// Everybody who stakes: key and account.
    fn stakers(&self) -> Vec<(Pubkey, StakeOwner)> {
        let providers = self.providers.iter().map(Actor::key);
        let oracles = self.oracles.iter().map(Actor::key);
        providers
            .map(|key| (key, StakeOwner::Provider(key)))
            .chain(oracles.map(|key| (key, StakeOwner::Oracle(key))))
            .collect()
    }

    /// What the stake vaults hold, by the staker's name.
    async fn stakes(&self) -> Result<Vec<(String, i128)>> {
        let client = self.chain.deployment().client();
        let mut all = vec![];
        for (actor, (_, owner)) in self.providers.iter().chain(&self.oracles).zip(self.stakers()) {
            let held = client.tokens(&address::stake_vault(&owner.address())).await?;
            all.push((actor.name.clone(), signed(held)));
        }
        Ok(all)
    }

    async fn burnt(&self) -> Result<i128> {
        Ok(signed(self.supply) - signed(supply(&self.chain).await?))
    }
}

/// FLASH in existence.
async fn supply(chain: &Localnet) -> Result<Atoms> {
    let deployment = chain.deployment();
    let supply = deployment.client().rpc().get_token_supply(&deployment.mint()).await?;
    Ok(Atoms(supply.amount.parse()?))
}

fn unit(provider: &str) -> Result<CreateUnitArgs> {
    Ok(CreateUnitArgs {
        id: NUMBER,
        capacity_gib: scenario::CAPACITY_GIB,
        offer: scenario::offer(),
        protocols: 1,
        consumer_level: 1,
        auto_accept: true,
        region: region("eu-central-1")?,
        endpoint_uri: format!("https://s3.{provider}.example"),
    })
}

/// How much an actor's wallet gained by what it did.
async fn gained<T>(
    client: &Flashback,
    act: impl Future<Output = flashback_sdk::Result<T>>,
) -> Result<i128> {
    let before = client.balance(&client.key()).await?;
    act.await?;
    Ok(signed(client.balance(&client.key()).await?) - signed(before))
}

fn signed(amount: Atoms) -> i128 {
    i128::from(amount.0)
}

fn say(started: Instant, what: &str) {
    println!("{:5.1} s  {what}", started.elapsed().as_secs_f64());
}
