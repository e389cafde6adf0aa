//! Whether the acting key has the FLASH that it is about to spend.

pub mod show;

use anyhow::Result;
use flashback_core::units::Atoms;
use flashback_sdk::{Error, Flashback};

use crate::exit::refused;

/// Refuses an amount that the acting key has not.
pub async fn check(client: &Flashback, amount: Atoms) -> Result<()> {
    let key = client.key();
    let wallet = client.balance(&key).await?;
    if wallet < amount {
        return Err(refused(format!(
            "{key} has {wallet} in its FLASH token account, not {amount}"
        )));
    }
    Ok(())
}

/// Refuses a price, `what` being its name, that the acting key cannot pay, with `more` that comes in before it.
pub async fn check_price(client: &Flashback, what: &str, price: Atoms, more: Atoms) -> Result<()> {
    let key = client.key();
    let has = client.balance(&key).await?;
    if has.plus(more).map_err(Error::from)? >= price {
        return Ok(());
    }
    Err(refused(format!("the {what} is {price}, and {key} has {has} in its FLASH token account")))
}
