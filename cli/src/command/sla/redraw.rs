//! `flashback sla arm-redraw` and `redraw`: seats that are given to other oracles.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::CoreError;
use flashback_core::sla::{RedrawReason, SlaState};
use flashback_sdk::account::{Oracle, Sla};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::{require, sla_since};
use crate::act::{Act, Outcome};
use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::progress::shown;
use crate::quantity;
use crate::settings::Settings;

/// Which seats.
#[derive(Debug, Args)]
pub struct ArmRedraw {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address)]
    sla: Pubkey,
    /// Seats of its committee, counted from 0
    #[arg(value_name = "SEAT", required = true, value_parser = quantity::seat)]
    seats: Vec<u8>,
}

/// Fixes a draw for seats whose oracles do not serve.
pub async fn arm(settings: &Settings, args: &ArmRedraw) -> Result<Report> {
    let client = settings.client()?;
    let sla = client.sla(&args.sla).await?;
    require(&sla.body, SlaState::Active)?;
    let mut rows = vec![];
    for seat in &args.seats {
        let reason = reason(&client, &sla, *seat).await?;
        let holder = holder(&sla, *seat);
        rows.push([u64::from(*seat).into(), holder.into(), Fact::from(name(reason))]);
    }
    let act = Act::new("redraw armed", client.arm_redraw(&args.sla, &args.seats).await?)
        .fact("sla", args.sla);
    let Outcome { report, slot, .. } = act.perform(settings).await?;
    let report = report.table("vacant_seats", ["seat", "oracle_authority", "reason"], rows);
    let Some(slot) = slot else { return Ok(report) };
    let progress = match sla_since(&client, &args.sla, slot).await {
        Ok(sla) => sla.body.progress,
        // It is armed all the same.
        Err(why) => return Ok(report.fact("draw_unread", Fact::untrusted(&why.to_string()))),
    };
    Ok(report
        .fact("draw_number", u64::from(progress.draw_number))
        .fact("draw_slot", progress.draw_slot)
        .fact("left", format!("the draw, within about 100 s: `flashback sla redraw {}`", args.sla)))
}

fn holder(sla: &Sla, seat: u8) -> Option<Pubkey> {
    let key = sla.seats.get(usize::from(seat)).copied();
    key.filter(|key| *key != Pubkey::default())
}

/// Why a seat may be redrawn.
async fn reason(client: &Flashback, sla: &Sla, seat: u8) -> Result<RedrawReason> {
    let seats = sla.body.seat_indices().map_err(Error::from)?;
    if !seats.contains(&usize::from(seat)) {
        let last = seats.end.saturating_sub(1);
        return Err(usage(format!("this committee has no seat {seat}, but seats 0 to {last}")));
    }
    let left = match holder(sla, seat) {
        Some(key) => {
            let oracle: Option<Oracle> = client.find(&address::oracle(&key)).await?;
            oracle.is_none_or(|oracle| !oracle.serves())
        }
        None => false,
    };
    let reason = sla.body.redraw_reason(usize::from(seat), left).map_err(Error::from)?;
    reason
        .ok_or(Error::Rule(CoreError::RedrawRefused))
        .with_context(|| format!("seat {seat} serves: nothing is wrong with it"))
}

fn name(reason: RedrawReason) -> &'static str {
    match reason {
        RedrawReason::Vacant => "nobody holds it",
        RedrawReason::Left => "its oracle has left the registry",
        RedrawReason::Voided => "a submission of it was voided",
        RedrawReason::CoverUsed => "absences have used up part of its cover",
        RedrawReason::Missed => "it was absent three windows running",
    }
}

/// Gives the seats of a fixed draw to who was drawn.
pub async fn redraw(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let before = client.sla(&address).await?;
    require(&before.body, SlaState::Active)?;
    if before.body.progress.redraw_seats == 0 {
        let refused = Err(Error::Rule(CoreError::RedrawRefused));
        return refused
            .context(format!("no seat waits: `flashback sla arm-redraw {address} SEAT`"));
    }
    let prepared = shown("waiting for the draw", client.redraw_seats(&address)).await?;
    let drawn = client.draw_newcomers(&address).await?;
    let act = Act::new("seats redrawn", prepared).fact("sla", address).fact("drawn", drawn);
    let Outcome { report, slot, .. } = act.perform(settings).await?;
    let Some(slot) = slot else { return Ok(report) };
    let after = match sla_since(&client, &address, slot).await {
        Ok(sla) => sla,
        // They are redrawn all the same.
        Err(why) => return Ok(report.fact("seats_unread", Fact::untrusted(&why.to_string()))),
    };
    let columns = ["seat", "before", "after", "counts_from"];
    Ok(report.table("redrawn_seats", columns, redrawn(&before, &after)))
}

/// Who has left and come, by seat.
fn redrawn(before: &Sla, after: &Sla) -> Vec<[Fact; 4]> {
    let waited = before.body.progress.redraw_seats;
    let seats = (0u8..).zip(before.seats).filter(|(seat, _)| waited >> seat & 1 != 0);
    let row = |(seat, _)| {
        let now = holder(after, seat);
        let first = after.body.seats.first_window.get(usize::from(seat)).copied();
        let first = first.filter(|_| now.is_some()).map(u64::from);
        [u64::from(seat).into(), holder(before, seat).into(), now.into(), first.into()]
    };
    seats.map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::zeroed;

    #[test]
    fn redrawn_seats_say_who_left_and_who_came() {
        let (leaver, newcomer) = (Pubkey::new_unique(), Pubkey::new_unique());
        let (mut before, mut after): (Sla, Sla) = (zeroed(), zeroed());
        before.seats[2] = leaver;
        before.body.progress.redraw_seats = 0b110;
        after.seats[2] = newcomer;
        after.body.seats.first_window[2] = 4;
        let rows: Vec<_> =
            redrawn(&before, &after).iter().map(|row| row.clone().map(|f| f.to_string())).collect();
        let vacant = ["1", "-", "-", "-"].map(str::to_owned);
        assert_eq!(rows[0], vacant);
        assert_eq!(rows[1], ["2".to_owned(), leaver.to_string(), newcomer.to_string(), "4".into()]);
        assert_eq!(rows.len(), 2);
    }
}
