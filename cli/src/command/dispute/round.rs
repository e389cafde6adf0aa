//! The end of a contested window.

use anyhow::{Context, Result};
use flashback_core::CoreError;
use flashback_core::sla::WindowResult;
use flashback_core::units::Atoms;
use flashback_sdk::account::{Oracle, Round};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::{Seat, Window};
use crate::act::Act;
use crate::command::sla::{because, watch_balances};
use crate::output::{Fact, Report};
use crate::settings::Settings;

pub async fn settle(settings: &Settings, of: Window) -> Result<Report> {
    let client = settings.client()?;
    let (sla, (address, round)) = (client.sla(&of.sla).await?, contested(&client, of).await?);
    let (mut body, mut contested) = (sla.body, round.body);
    let outcome = body.settle_round(&mut contested, round.holders(&sla), client.now().await?);
    let until = sla.body.terms.settles_at(of.window).map_err(Error::from)?;
    let outcome = outcome.map_err(because(CoreError::RoundOpen, || match round.body.open {
        0 => format!("it can be contested until {}", Fact::from(until)),
        open => format!("{open} of its disputes and challenges are open"),
    }))?;
    let prepared = client.settle_round(&of.sla, of.window).await?;
    let act = Act::new("contested window settled", prepared)
        .fact("sla", of.sla)
        .fact("window", u64::from(of.window))
        .fact("round", address)
        .fact("window_result", result(outcome.result))
        .fact("round_closes", contested.is_empty());
    Ok(watch_balances(act, of.sla).perform(settings).await?.report)
}

pub async fn free_seat(settings: &Settings, seat: Seat) -> Result<Report> {
    let client = settings.client()?;
    let Seat { of, seat } = seat;
    let index = usize::from(seat);
    let (sla, (address, round)) = (client.sla(&of.sla).await?, contested(&client, of).await?);
    let authority = round.seats.get(index).copied().unwrap_or_default();
    if authority == Pubkey::default() {
        return Err(Error::Rule(CoreError::SeatInvalid))
            .context(format!("nobody held seat {seat}"));
    }
    let oracle = address::oracle(&authority);
    let mut stake =
        client.find::<Oracle>(&oracle).await?.map(|oracle| oracle.stake).unwrap_or_default();
    let (mut body, mut contested) = (sla.body, round.body);
    let freed = body.free_round_seat(&mut contested, index, &mut stake).map_err(Error::from)?;
    let prepared = client.free_round_seat(&of.sla, of.window, seat).await?;
    let act = Act::new("seat of the contested window freed", prepared)
        .fact("sla", of.sla)
        .fact("window", u64::from(of.window))
        .fact("round", address)
        .fact("seat", u64::from(seat))
        .fact("oracle_authority", authority)
        .fact("oracle_fees", freed.fees)
        .fact("absences", freed.absence)
        .fact("cover_released", freed.released)
        .fact("round_closes", contested.is_empty())
        .watch("oracle_bonded_stake", oracle, |oracle: &Oracle| Atoms(oracle.stake.bonded));
    Ok(act.perform(settings).await?.report)
}

/// A window's round, with its address.
async fn contested(client: &Flashback, of: Window) -> Result<(Pubkey, Round)> {
    let address = address::round(&of.sla, of.window);
    let missing = Error::AccountNotFound { kind: "Round", address };
    let round = client.find::<Round>(&address).await?.ok_or(missing);
    let said = || format!("window {} is not contested, or was closed after", of.window);
    Ok((address, round.with_context(said)?))
}

fn result(result: WindowResult) -> &'static str {
    match result {
        WindowResult::Met => "met",
        WindowResult::Breached => "breached",
        WindowResult::Unmeasured => "unmeasured",
        WindowResult::Blocked => "blocked",
    }
}
