//! `flashback sla seat`, and seating as what follows an agreement.

use anyhow::{Context, Result};
use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use super::{require, show};
use crate::act::{Act, Outcome};
use crate::output::Report;
use crate::progress::shown;
use crate::settings::Settings;

/// When the committee of an SLA is seated that was just agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seating {
    /// At once.
    Now,
    /// By another command.
    Later,
}

/// Seats the drawn committee, as anyone.
pub async fn seat(settings: &Settings, client: &Flashback, address: Pubkey) -> Result<Report> {
    let sla = client.sla(&address).await?;
    require(&sla.body, SlaState::Agreed)?;
    let cover = sla.body.terms.seat_cover().and_then(|cover| cover.total()).map_err(Error::from)?;
    let seated = async {
        let prepared = shown("waiting for the draw", client.seat_committee(&address)).await?;
        let drawn = client.draw_committee(&address).await?;
        let act = Act::new("committee seated", prepared).fact("sla", address);
        act.fact("drawn", drawn).perform(settings).await
    };
    let Outcome { report, done, .. } = seated.await.context("its committee is not seated")?;
    let report = report.fact("seat_cover", cover);
    if !done {
        return Ok(report);
    }
    let sla = client.sla(&address).await?;
    // One that cannot cover its seat leaves it vacant.
    let committee: Vec<Pubkey> = show::committee(&sla).collect();
    Ok(report.fact("committee", committee).fact("starts", Timestamp(sla.body.terms.start)))
}

/// What follows a proposal, an acceptance or a renewal of the SLA: its committee is seated, or the report says what is
/// left to do.
pub async fn follow(
    settings: &Settings,
    client: &Flashback,
    sla: Pubkey,
    outcome: Outcome,
    seating: Seating,
) -> Result<Report> {
    let Outcome { report, done, .. } = outcome;
    if !done {
        return Ok(match seating {
            Seating::Now => report.fact("left", format!("its committee: {}", command(&sla))),
            Seating::Later => report,
        });
    }
    let state = client.sla(&sla).await?.body.progress.state().map_err(Error::from)?;
    match (state, seating) {
        (SlaState::Agreed, Seating::Now) => {
            let seated = seat(settings, client, sla).await;
            Ok(report.then(seated.with_context(|| {
                format!("{sla} is reserved; try again, soon: {}", command(&sla))
            })?))
        }
        (SlaState::Agreed, Seating::Later) => {
            Ok(report.fact("left", format!("its committee, within about 100 s: {}", command(&sla))))
        }
        (SlaState::Proposed, _) => {
            Ok(report.fact("left", format!("the provider's word: `flashback sla accept {sla}`")))
        }
        _ => Ok(report),
    }
}

fn command(sla: &Pubkey) -> String {
    format!("`flashback sla seat {sla}`")
}
