//! `flashback sla seat`, and seating as what follows an agreement.

use anyhow::{Context, Result};
use flashback_core::sla::SlaState;
use flashback_core::units::Timestamp;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;
use solana_sdk::signature::Signature;

use super::{require, show, sla_since};
use crate::act::{Act, Outcome};
use crate::output::{Fact, Report};
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
    let Outcome { report, slot, .. } = seated.await.context("its committee is not seated")?;
    let report = report.fact("seat_cover", cover);
    let Some(slot) = slot else { return Ok(report) };
    Ok(match sla_since(client, &address, slot).await {
        Ok(sla) => {
            // One that cannot cover its seat leaves it vacant.
            let committee: Vec<Pubkey> = show::committee(&sla).collect();
            report.fact("committee", committee).fact("starts", Timestamp(sla.body.terms.start))
        }
        // It is seated all the same.
        Err(why) => report.fact("committee_unread", Fact::untrusted(&why.to_string())),
    })
}

/// An SLA, with its consumer's number for it.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    pub address: Pubkey,
    pub number: u64,
}

/// What follows a proposal, an acceptance or a renewal of the SLA: its committee is seated, or the report says what is
/// left to do.
///
/// # Errors
/// If it is to be seated now and is not; says under which address, number and transaction it is on the chain, and what to
/// run next.
pub async fn follow(
    settings: &Settings,
    client: &Flashback,
    sla: Numbered,
    outcome: Outcome,
    seating: Seating,
) -> Result<Report> {
    let Outcome { report, done, signature, slot } = outcome;
    let address = sla.address;
    if !done {
        return Ok(match seating {
            Seating::Now => report.fact("left", format!("its committee: {}", command(&address))),
            Seating::Later => report,
        });
    }
    let state = match (state(client, &address, slot.unwrap_or_default()).await, seating) {
        (Ok(state), _) => state,
        // All that was asked for is done.
        (Err(why), Seating::Later) => {
            let left = format!("its committee, once it is agreed: {}", command(&address));
            let why = Fact::untrusted(&format!("{why:#}"));
            return Ok(report.fact("state_unread", why).fact("left", left));
        }
        (Err(why), Seating::Now) => return Err(why.context(landed(sla, signature))),
    };
    match (state, seating) {
        (SlaState::Agreed, Seating::Now) => {
            let seated = seat(settings, client, address).await;
            Ok(report.then(seated.with_context(|| landed(sla, signature))?))
        }
        (SlaState::Agreed, Seating::Later) => Ok(report
            .fact("left", format!("its committee, within about 100 s: {}", command(&address)))),
        (SlaState::Proposed, _) => {
            Ok(report
                .fact("left", format!("the provider's word: `flashback sla accept {address}`")))
        }
        _ => Ok(report),
    }
}

async fn state(client: &Flashback, sla: &Pubkey, slot: u64) -> Result<SlaState> {
    let sla = sla_since(client, sla, slot).await?;
    Ok(sla.body.progress.state().map_err(Error::from)?)
}

/// What is on the chain although what came after it failed, and how to go on.
fn landed(sla: Numbered, signature: Option<Signature>) -> String {
    let Numbered { address, number } = sla;
    let by = signature.map(|signature| format!(" by the transaction {signature}"));
    format!(
        "{address} is reserved as number {number}{}; go on, soon: {}, or the same `flashback sla reserve` with --id \
         {number}",
        by.unwrap_or_default(),
        command(&address)
    )
}

fn command(sla: &Pubkey) -> String {
    format!("`flashback sla seat {sla}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::Parser;

    async fn followed(seating: Seating) -> (Numbered, Signature, Result<Report>) {
        // Nobody answers there.
        let line = ["flashback", "sla", "list", "-u", "http://127.0.0.1:1"];
        let settings = Settings::new(Arguments::try_parse_from(line).unwrap().global);
        let sla = Numbered { address: Pubkey::new_unique(), number: 7 };
        let signature = Signature::from([9; 64]);
        let report = Report::new("reserved").fact("sla", sla.address);
        let outcome = Outcome { report, done: true, signature: Some(signature), slot: Some(1) };
        let client = settings.reader().unwrap();
        let report = follow(&settings, &client, sla, outcome, seating).await;
        (sla, signature, report)
    }

    #[tokio::test]
    async fn an_sla_that_cannot_be_seated_is_not_lost() {
        let (sla, signature, report) = followed(Seating::Now).await;
        let error = format!("{:#}", report.err().unwrap());
        let address = sla.address;
        for part in [
            format!("{address} is reserved as number 7 by the transaction {signature}"),
            format!("`flashback sla seat {address}`"),
            "--id 7".to_owned(),
        ] {
            assert!(error.contains(&part), "{part} in {error}");
        }
    }

    #[tokio::test]
    async fn what_was_only_proposed_succeeds_though_it_cannot_be_read() {
        let (sla, _, report) = followed(Seating::Later).await;
        let json = report.unwrap().json();
        assert_eq!(json["sla"], sla.address.to_string());
        assert!(json["state_unread"].is_string(), "{json}");
        assert!(json["left"].as_str().unwrap().contains(&command(&sla.address)), "{json}");
    }
}
