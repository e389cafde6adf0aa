//! Opening challenged leaves: whoever is challenged has a day to show its records.

use flashback_core::units::Timestamp;
use flashback_sdk::account::{Challenge, Round};
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;
use tracing::{info, warn};

use crate::key::{SlaLife, WindowKey};
use crate::store::{Store, StoreError};
use crate::window::Closed;

/// Opens every challenged leaf of this oracle's reports in those SLAs, as the client's key. Returns how many.
///
/// # Errors
/// The store's. What the chain or the server refuses is told in the log, and tried again at the next look.
pub async fn open_challenged(
    client: &Flashback,
    store: &Store,
    lives: &[SlaLife],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut opened = 0usize;
    for life in lives {
        let found = match client.challenges_of(&life.sla).await {
            Ok(found) => found.accounts,
            Err(why) => {
                warn!(sla = %life.sla, %why, "its challenges cannot be read");
                continue;
            }
        };
        for (_, challenge) in found {
            if now.0 < challenge.deadline && open(client, store, *life, &challenge).await? {
                opened = opened.saturating_add(1);
            }
        }
    }
    Ok(opened)
}

async fn open(
    client: &Flashback,
    store: &Store,
    life: SlaLife,
    challenge: &Challenge,
) -> Result<bool, StoreError> {
    let round: Round = match client.fetch(&challenge.round).await {
        Ok(round) => round,
        Err(why) => {
            warn!(sla = %life.sla, %why, "a contested round cannot be read");
            return Ok(false);
        }
    };
    let challenged: Option<&Pubkey> = round.seats.get(usize::from(challenge.seat));
    let key = life.window(round_window(&round));
    if challenged != Some(&client.key()) || address::round(&life.sla, key.window) != challenge.round
    {
        return Ok(false);
    }
    let Some(proof) = proof(store, &key, challenge.leaf).await? else { return Ok(false) };
    let (seat, leaf) = (challenge.seat, challenge.leaf);
    let opened = match client.open_leaf(&life.sla, key.window, seat, leaf, proof).await {
        Ok(prepared) => prepared.send().await,
        Err(why) => Err(why),
    };
    match opened {
        Ok(receipt) => {
            info!(window = %key, leaf, signature = %receipt.signature, "challenged leaf opened");
            Ok(true)
        }
        Err(why) => {
            warn!(window = %key, leaf, %why, "a challenged leaf could not be opened: tried again");
            Ok(false)
        }
    }
}

fn round_window(round: &Round) -> u16 {
    round.body.round.window
}

async fn proof(store: &Store, key: &WindowKey, leaf: u32) -> Result<Option<Vec<u8>>, StoreError> {
    match Closed::read(store, key).await {
        Ok(closed) => Ok(Some(closed.open(leaf)?)),
        Err(StoreError::WindowUnknown(_)) => {
            warn!(window = %key, leaf, "challenged, and this store has no records of it");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
