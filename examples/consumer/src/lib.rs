//! An application that needs storage: it takes the best bargain in a region, sees the SLA through to its end, takes its
//! money home and closes what it has opened.
//!
//! Stopped at any point, it goes on where it was when it is run again with the same [`Config::id`].
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod config;

use std::time::Duration;

use flashback_sdk::account::{Provider, Sla};
use flashback_sdk::core::CoreError;
use flashback_sdk::core::sla::SlaState;
use flashback_sdk::core::text;
use flashback_sdk::core::units::{Atoms, Gib, PricePerGibMonth, Seconds};
use flashback_sdk::quote::Reservation;
use flashback_sdk::watch::Outcomes;
use flashback_sdk::{Flashback, Search, address};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::read_keypair_file;
use tokio::time::{sleep, timeout};

pub use config::{Config, Error};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The SLA.
    pub sla: Pubkey,
    /// How its windows ended.
    pub windows: Outcomes,
    /// What the consumer has withdrawn at the end, of all its SLAs.
    pub withdrawn: Atoms,
    /// Whether it is closed; if not, somebody has yet to withdraw what is theirs.
    pub closed: bool,
}

/// Reserves, watches, settles, withdraws and closes; `tell` hears what happens, a line at a time.
///
/// # Errors
/// See [`Error`]. What was done before one stays done.
pub async fn run(config: &Config, mut tell: impl FnMut(String)) -> Result<Outcome, Error> {
    let keypair = read_keypair_file(&config.keypair).map_err(|error| Error::Keypair {
        path: config.keypair.clone(),
        reason: error.to_string(),
    })?;
    let client = Flashback::new(&config.url, keypair);
    let id = match config.id {
        Some(id) => id,
        None => client.free_sla_id().await?,
    };
    let sla = address::sla(&client.key(), id);
    tell(format!("SLA {sla}: if this stops, run it again with --id {id}"));

    reserve(&client, config, id, &mut tell).await?;
    let windows = see_through(&client, config, &sla, &mut tell).await?;
    let withdrawn = take_home(&client, &sla).await?;
    tell(format!("withdrawn {withdrawn}"));
    let patience = Duration::from_secs(config.patience_secs);
    let closed = match timeout(patience, close(&client, config, &sla)).await {
        Ok(closed) => closed.map(|()| true)?,
        Err(_) => false,
    };
    tell(if closed { "closed" } else { "not closed: others have yet to withdraw" }.to_owned());
    Ok(Outcome { sla, windows, withdrawn, closed })
}

/// Reserves the best bargain, or goes on with the reservation that has this number already.
async fn reserve(
    client: &Flashback,
    config: &Config,
    id: u64,
    tell: &mut impl FnMut(String),
) -> Result<(), Error> {
    let wanted = Reservation {
        window: Seconds(config.window_secs),
        ..Reservation::daily(Gib(config.gib), config.windows)
    };
    let (provider, unit, wanted) =
        match client.find::<Sla>(&address::sla(&client.key(), id)).await? {
            None => choose(client, config, wanted, tell).await?,
            Some(sla) if sla.body.progress.state()? == SlaState::Ended => return Ok(()),
            Some(sla) => {
                let provider: Provider = client.fetch(&sla.provider).await?;
                (provider.authority, sla.unit_id, wanted)
            }
        };
    let reserved = client.reserve(&provider, unit, id, &wanted).await?;
    match reserved.state {
        SlaState::Proposed => Err(Error::NotAccepted { sla: reserved.sla, id }),
        _ => Ok(()),
    }
}

/// The best bargain: its provider's authority, its number, and the reservation, bounded by what it costs now.
async fn choose(
    client: &Flashback,
    config: &Config,
    wanted: Reservation,
    tell: &mut impl FnMut(String),
) -> Result<(Pubkey, u64, Reservation), Error> {
    let search = Search {
        region: Some(text::region(&config.region)?),
        capacity: wanted.capacity,
        duration: Some(Seconds(wanted.window.0.saturating_mul(u32::from(wanted.windows)))),
        max_price: Some(PricePerGibMonth(config.max_price)),
        ..Search::default()
    };
    let found = client.search(&search).await?.units.into_iter().next();
    let best = found.ok_or_else(|| Error::NothingOffered {
        region: config.region.clone(),
        gib: config.gib,
        max_price: Atoms(config.max_price),
    })?;
    let quoted = client.quote(&best.provider_authority, best.unit.id, &wanted).await?;
    let (deposit, budget) = (quoted.quote.deposit, Atoms(config.budget));
    if deposit > budget {
        return Err(Error::AboveBudget { deposit, budget });
    }
    let payouts = quoted.payouts(best.score_milli)?;
    let worst = payouts.worst.consumer_refund.plus(payouts.worst.consumer_compensation)?;
    tell(format!(
        "unit {} at {}: a deposit of {deposit}, of which {} come back if every window is met, and {worst} if none is",
        best.unit.id, best.provider_authority, payouts.best.consumer_refund,
    ));
    let bounded = Reservation { max_total: Some(deposit), ..wanted };
    Ok((best.provider_authority, best.unit.id, bounded))
}

/// Settles what is due, and tells what becomes of the SLA, until no window of it is open any more.
async fn see_through(
    client: &Flashback,
    config: &Config,
    sla: &Pubkey,
    tell: &mut impl FnMut(String),
) -> Result<Outcomes, Error> {
    let mut watch = client.watch(sla);
    let mut windows = Outcomes::default();
    loop {
        // Anybody may settle: a consumer that does depends on nobody else.
        client.settle_due(&[*sla]).await?.complete()?;
        if let Some(change) = watch.look().await? {
            windows = change.now.settled;
            let (settled, refundable) = (change.settled(), Atoms(change.now.money.refundable));
            tell(format!("{:?}, {settled:?}, {refundable} to withdraw", change.now.state));
        }
        if watch.is_over() {
            return Ok(windows);
        }
        sleep(Duration::from_millis(config.look_every_ms)).await;
    }
}

/// Collects what stakes owe, and withdraws everything that is the consumer's.
async fn take_home(client: &Flashback, sla: &Pubkey) -> Result<Atoms, Error> {
    let nothing_owed = |error: &flashback_sdk::Error| error.core() == Some(CoreError::NothingOwed);
    for owed in [client.collect_penalty(sla).await, client.collect_absences(sla).await] {
        match async { owed?.send().await }.await {
            Err(error) if !nothing_owed(&error) => return Err(error.into()),
            _ => {}
        }
    }
    let before = client.balance(&client.key()).await?;
    client.withdraw_all().await?.complete()?;
    Ok(client.balance(&client.key()).await?.minus(before)?)
}

/// Closes the SLA as soon as the provider and the oracles have withdrawn theirs; its rent comes back.
async fn close(client: &Flashback, config: &Config, sla: &Pubkey) -> Result<(), Error> {
    loop {
        let Some(account) = client.find::<Sla>(sla).await? else { return Ok(()) };
        if account.body.money.protocol_fees > 0 || account.body.money.to_burn > 0 {
            client.sweep_fees(sla).await?.send().await?;
        }
        match client.close_sla(sla).await?.send().await {
            Err(error) if error.core() == Some(CoreError::NotClosable) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
        sleep(Duration::from_millis(config.look_every_ms)).await;
    }
}
