//! Who holds which power.

use anyhow::{Context, Result};
use flashback_core::CoreError;
use flashback_sdk::account::Config;
use flashback_sdk::instruction as build;
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;

/// The settings, for the acting key to change as the authority.
///
/// # Errors
/// [`CoreError::Unauthorized`] if it is not the authority; says who is.
pub async fn governed(client: &Flashback) -> Result<Config> {
    let config = client.config().await?;
    require(config.authority, client.key(), "the authority", CoreError::Unauthorized)?;
    Ok(config)
}

/// Refuses a key that is not the one which holds a power, and says which one does.
fn require(holder: Pubkey, key: Pubkey, power: &str, error: CoreError) -> Result<()> {
    if holder == key {
        return Ok(());
    }
    let said = || format!("{power} is {holder}, and you act as {key}");
    Err(Error::Rule(error)).with_context(said)
}

pub async fn guardian(client: &Flashback, guardian: Pubkey) -> Result<Act> {
    let before = governed(client).await?.guardian;
    let prepared = client.prepare([build::appoint_guardian(client.key(), guardian)]);
    Ok(Act::new("guardian appointed", prepared)
        .fact("guardian", guardian)
        .fact("guardian_before", before)
        .ask(format!("Let {guardian} pause new SLAs once, instead of {before}?")))
}

pub async fn arbiter(client: &Flashback, arbiter: Pubkey) -> Result<Act> {
    let before = governed(client).await?.arbiter;
    let prepared = client.prepare([build::appoint_arbiter(client.key(), arbiter)]);
    Ok(Act::new("arbiter appointed", prepared)
        .fact("arbiter", arbiter)
        .fact("arbiter_before", before)
        .ask(format!("Let {arbiter} decide disputes, open ones too, instead of {before}?")))
}
