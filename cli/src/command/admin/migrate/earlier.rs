//! What an earlier run has left in the air.

use anyhow::{Context, Result};
use flashback_sdk::{InFlight, Lifetime};
use serde_json::Value;

use super::engine::{Chain, Fate, LOOKS};
use super::journal::Journal;
use super::manifest::Manifest;
use super::sending::Begun;
use super::state::Wanted;
use crate::exit::usage;

/// A transaction that an earlier run had recorded before it was sent, and what became of it.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub does: Begun,
    pub sent: InFlight,
    pub became: Fate,
}

/// Learns what became of it before anything else is sent, and records that. Afterwards nothing is in the air but what this
/// run's transactions exclude.
///
/// # Errors
/// Wrong usage, if a transaction may land at any time, beside what this run would send; as asking and recording say.
pub async fn resolve<C: Chain>(
    chain: &C,
    manifests: &[Manifest],
    journal: &mut Journal,
) -> Result<Vec<Earlier>> {
    let mut earlier = vec![];
    for sending in journal.sending().to_vec() {
        let (sent, does) = (sending.in_flight(), sending.does);
        let became = chain.fate(&sent).await.with_context(|| does.place())?;
        let landed = became == Fate::Landed;
        earlier.push(Earlier { does, sent, became });
        if landed {
            break;
        }
    }
    let last = earlier.last().filter(|last| last.became == Fate::Landed);
    if let Some(Earlier { does, sent, .. }) = last {
        record_landed(chain, manifests, journal, does, sent).await?;
        return Ok(earlier);
    }
    let mut open = earlier.iter().filter(|one| one.became == Fate::Open).peekable();
    if open.peek().is_none() {
        journal.is_gone()?;
    }
    match open.find(|one| !chain.replaces(&one.sent)) {
        Some(open) => Err(usage(may_land(open))),
        None => Ok(earlier),
    }
}

/// Records the step as done, and waits until the server shows it: a node that lags behind would be taken for a chain that
/// somebody has changed.
async fn record_landed<C: Chain>(
    chain: &C,
    manifests: &[Manifest],
    journal: &mut Journal,
    does: &Begun,
    sent: &InFlight,
) -> Result<()> {
    let wanted = Wanted::by(manifests);
    let mut state = chain.state(&wanted).await?;
    journal.record(does, Some(sent.signature.to_string()), state.now)?;
    for _ in 0..LOOKS.0 {
        let shows = |(name, left): (&String, &Value)| state.value(name) == *left;
        if does.leaves.iter().all(shows) {
            break;
        }
        tokio::time::sleep(LOOKS.1).await;
        state = chain.state(&wanted).await?;
    }
    // What it does not show by now, somebody has changed since: that is told as any other change.
    Ok(())
}

fn may_land(open: &Earlier) -> String {
    let (place, signature) = (open.does.place(), open.sent.signature);
    let nonce = match open.sent.lifetime {
        Lifetime::Nonce { account, .. } => account.to_string(),
        Lifetime::Blockhash { .. } => String::new(),
    };
    format!(
        "{place}: an earlier run has signed transaction {signature} with the nonce account {nonce}, which stands, so that it \
         may land at any time: run again with --nonce {nonce}, so that only one of them can, or advance the nonce, which \
         voids it"
    )
}
