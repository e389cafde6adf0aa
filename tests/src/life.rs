//! One whole life of an SLA through the SDK's client, on any chain with real RPC: every figure is compared with core's.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use flashback_core::hash::SoftwareSha256;
use flashback_core::money::split_penalty;
use flashback_core::quality::Aggregate;
use flashback_core::sla::{Offer, SlaBody, SlaState, SlaTerms, commitment};
use flashback_core::units::{Atoms, Bps, Gib, Seconds, Timestamp};
use flashback_localnet::{Deployment, Market, MarketConfig, default_offer, travel};
use flashback_sdk::account::Sla;
use flashback_sdk::instruction::{StakeOwner, SubmitReportArgs, VaultOwner};
use flashback_sdk::quote::Reservation;
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;
use tokio::task::JoinSet;

use crate::measured::{met, slow};

/// How time passes on a chain.
#[derive(Clone, Copy, Debug)]
pub enum Time {
    /// Its clock can be moved.
    Travels,
    /// It is real: one waits.
    Passes,
}

impl Time {
    /// Comes back when the chain's clock shows `time`.
    async fn reaches(self, client: &Flashback, time: Timestamp) -> Result<()> {
        if let Self::Travels = self {
            return travel(client, time).await;
        }
        let patience = Instant::now() + Duration::from_secs(120);
        loop {
            let now = client.now().await?;
            if now >= time {
                return Ok(());
            }
            ensure!(Instant::now() < patience, "the chain's clock stands at {}", now.0);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Length of a window: its report phase, a quarter, is enough for three reports on a validator.
const WINDOW: Seconds = Seconds(20);
/// Windows: met, breached, unmeasured, met.
const WINDOWS: u16 = 4;
/// The consumer's number of the SLA.
const NUMBER: u64 = 1;

/// What the oracle of a seat measures in a window; `None` if it stays silent.
fn reported(terms: &SlaTerms, k: u16, seat: usize) -> Option<Aggregate> {
    match k {
        1 => Some(slow(terms, 8)),
        2 if seat > 0 => None,
        _ => Some(met(terms)),
    }
}

/// A market whose unit can be reserved for as short a life as this.
pub fn market() -> MarketConfig {
    let offer = default_offer();
    let seconds = u32::from(WINDOWS) * WINDOW.0;
    MarketConfig {
        offer: Offer { min_duration_secs: seconds, probe_interval_secs: 1, ..offer },
        ..MarketConfig::default()
    }
}

/// Reserves, seats, reports, settles, collects, withdraws, releases and closes; checks conservation, solvency, and
/// that everybody got what core says, to the atom.
pub async fn run(deployment: &Deployment, market: &Market, time: Time) -> Result<()> {
    let anyone = deployment.client();
    let consumer = &market.consumer.client;
    let provider = &market.provider;
    let before = holdings(deployment, market).await?;

    let reservation = Reservation {
        capacity: Gib(50 * 1024),
        window: WINDOW,
        windows: WINDOWS,
        seats: 3,
        thresholds: None,
        max_total: None,
    };
    let quoted = consumer.quote(&provider.key(), market.unit_id, &reservation).await?;
    consumer.propose_sla(&provider.key(), market.unit_id, NUMBER, &quoted).await?.send().await?;
    let sla = address::sla(&consumer.key(), NUMBER);
    consumer.seat_committee(&sla).await?.send().await.context("the committee was not seated")?;
    anyone.assert_solvent(VaultOwner::Sla(sla)).send().await?;
    let account = anyone.sla(&sla).await?;
    let terms = account.body.terms;

    let mut native = quoted.quote.agreed(0, Timestamp(0));
    native.seat(Timestamp(terms.start - i64::from(terms.access_delay_secs)))?;
    for k in 0..WINDOWS {
        time.reaches(anyone, terms.report_opens(k)?).await?;
        report(market, &account, sla, k).await.with_context(|| format!("in window {k}"))?;
        submit_natively(&mut native, k)?;
    }
    time.reaches(anyone, terms.settles_at(WINDOWS - 1)?).await?;
    settle(anyone, &sla).await?;
    while native.settle_next(terms.settles_at(WINDOWS - 1)?)?.is_some() {}
    let settled = anyone.sla(&sla).await?.body;
    ensure!(settled.progress.state()? == SlaState::Ended, "the last window ends the SLA");
    ensure!(
        settled.money == native.money,
        "{:?} differs from core's {:?}",
        settled.money,
        native.money
    );
    ensure!(
        settled.seats == native.seats,
        "{:?} differs from core's {:?}",
        settled.seats,
        native.seats
    );
    anyone.assert_solvent(VaultOwner::Sla(sla)).send().await?;

    anyone.collect_penalty(&sla).await?.send().await?;
    anyone.collect_absences(&sla).await?.send().await?;
    anyone.sweep_fees(&sla).await?.send().await?;
    provider.client.withdraw_earnings(&sla).await?.send().await?;
    consumer.withdraw_refund(&sla).await?.send().await?;
    for key in held(&account) {
        oracle(market, &key)?.client.claim_oracle_fees(&sla).await?.send().await?;
    }
    anyone.close_sla(&sla).await?.send().await?;
    ensure!(anyone.find::<Sla>(&sla).await?.is_none(), "the Sla account is gone");
    anyone.assert_solvent(VaultOwner::Stake(address::provider(&provider.key()))).send().await?;
    for oracle in &market.oracles {
        anyone.assert_solvent(VaultOwner::Stake(address::oracle(&oracle.key()))).send().await?;
    }
    let after = holdings(deployment, market).await?;
    check(&before, &after, &native, &account, market)
}

/// The committee reports a window, all at once.
async fn report(market: &Market, account: &Sla, sla: Pubkey, k: u16) -> Result<()> {
    let mut reports = JoinSet::new();
    for (seat, key) in held(account).into_iter().enumerate() {
        let Some(aggregate) = reported(&account.body.terms, k, seat) else { continue };
        let client = oracle(market, &key)?.client.clone();
        let args = SubmitReportArgs { window: k, aggregate, root: [0; 32] };
        reports.spawn(async move { client.submit_report(&sla, args).send().await });
    }
    while let Some(report) = reports.join_next().await {
        report??;
    }
    Ok(())
}

fn submit_natively(native: &mut SlaBody, k: u16) -> Result<()> {
    let now = native.terms.report_opens(k)?;
    while native.progress.cursor < k && native.settle_next(now)?.is_some() {}
    for seat in 0..usize::from(native.terms.seats) {
        if let Some(aggregate) = reported(&native.terms, k, seat) {
            let commitment = commitment::<SoftwareSha256>(&aggregate, &[0; 32]);
            native.submit(seat, k, &aggregate, commitment, now)?;
        }
    }
    Ok(())
}

/// Settles; a keeper that was faster is as good.
async fn settle(anyone: &Flashback, sla: &Pubkey) -> Result<()> {
    match anyone.settle(sla).send().await {
        Err(Error::Failed(failure)) if anyone.sla(sla).await?.body.progress.cursor < WINDOWS => {
            bail!("the last window was not settled: {failure}")
        }
        Err(error) if !matches!(error, Error::Failed(_)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Everybody's FLASH, in atoms: wallet and stake; and FLASH in existence.
struct Holdings {
    consumer: i128,
    provider: i128,
    oracles: Vec<i128>,
    treasury: i128,
    supply: i128,
}

impl Holdings {
    fn total(&self) -> i128 {
        self.consumer + self.provider + self.oracles.iter().sum::<i128>() + self.treasury
    }
}

async fn holdings(deployment: &Deployment, market: &Market) -> Result<Holdings> {
    let client = deployment.client();
    let wallet = async |key: Pubkey| Ok::<_, Error>(signed(client.balance(&key).await?));
    let staked = async |owner: StakeOwner| {
        let vault = address::stake_vault(&owner.address());
        Ok::<_, Error>(signed(client.tokens(&vault).await?))
    };
    let provider = market.provider.key();
    let mut oracles = vec![];
    for oracle in &market.oracles {
        let key = oracle.key();
        oracles.push(wallet(key).await? + staked(StakeOwner::Oracle(key)).await?);
    }
    let supply = client.rpc().get_token_supply(&deployment.mint()).await?;
    Ok(Holdings {
        consumer: wallet(market.consumer.key()).await?,
        provider: wallet(provider).await? + staked(StakeOwner::Provider(provider)).await?,
        oracles,
        treasury: signed(client.tokens(&address::treasury()).await?),
        supply: supply.amount.parse()?,
    })
}

/// What moved is what core says, and nothing was made or lost.
fn check(
    before: &Holdings,
    after: &Holdings,
    native: &SlaBody,
    account: &Sla,
    market: &Market,
) -> Result<()> {
    let burnt = before.supply - after.supply;
    ensure!(before.total() == after.total() + burnt, "FLASH was made or lost");
    let money = &native.money;
    let share = Bps(native.terms.penalty_consumer_bps);
    let (_, to_burn) = split_penalty(Atoms(money.penalty_total), share)?;
    ensure!(burnt == signed(to_burn), "{burnt} atoms were burnt");
    let earned = i128::from(money.earned) - i128::from(money.penalty_total);
    ensure!(after.provider - before.provider == earned, "the provider gained or lost otherwise");
    ensure!(
        after.treasury - before.treasury == i128::from(money.protocol_fees),
        "so did the treasury"
    );
    for (seat, key) in held(account).iter().enumerate() {
        let index = market.oracles.iter().position(|oracle| oracle.key() == *key);
        let index = index.context("every seat is one of the market's oracles")?;
        let gained = after.oracles[index] - before.oracles[index];
        let owed =
            i128::from(native.seats.fees[seat]) - i128::from(native.seats.absence_owed[seat]);
        ensure!(gained == owed, "the oracle of seat {seat} gained {gained}, not {owed}");
    }
    Ok(())
}

fn held(account: &Sla) -> Vec<Pubkey> {
    account.seats.iter().copied().filter(|key| *key != Pubkey::default()).collect()
}

fn oracle<'a>(market: &'a Market, key: &Pubkey) -> Result<&'a flashback_localnet::Actor> {
    market.oracle(key).with_context(|| format!("{key} is none of the market's oracles"))
}

fn signed(amount: Atoms) -> i128 {
    i128::from(amount.0)
}
