//! Registering as an oracle, and ending that.

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::committee::check_exit;
use flashback_core::text::padded_text;
use flashback_core::units::Atoms;
use flashback_sdk::account::{Oracle, SubjectKind};
use flashback_sdk::instruction::{self as build, RegisterOracleArgs, StakeOwner};
use flashback_sdk::{Error, Flashback, address};

use crate::act::Act;
use crate::command::stake::{self, unbonding};
use crate::command::wallet;
use crate::exit::refused;
use crate::output::Fact;
use crate::quantity;

/// A new oracle.
#[derive(Debug, Args)]
pub struct Register {
    /// The X25519 public key that credentials for probing are sealed to: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = quantity::digest)]
    x25519: [u8; 32],
    /// Where it publishes its records
    #[arg(long, value_name = "URI", default_value = "", value_parser = quantity::uri)]
    records_url: String,
    /// FLASH to stake in the same transaction
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::flash_above_zero)]
    stake: Option<Atoms>,
}

/// What an oracle says of itself from now on.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Update {
    /// The X25519 public key that credentials for probing are sealed to: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = quantity::digest)]
    x25519: Option<[u8; 32]>,
    /// Where it publishes its records
    #[arg(long, value_name = "URI", value_parser = quantity::uri)]
    records_url: Option<String>,
}

pub async fn register(client: &Flashback, wanted: Register) -> Result<Act> {
    let key = client.key();
    let oracle = address::oracle(&key);
    if client.find::<Oracle>(&oracle).await?.is_some() {
        return Err(refused(format!("{key} is registered as an oracle already, at {oracle}")));
    }
    if let Some(amount) = wanted.stake {
        wallet::check(client, amount).await?;
    }
    let args = RegisterOracleArgs { x25519: wanted.x25519, records_url: wanted.records_url };
    let mut prepared = client.register_oracle(args).await?;
    if let Some(amount) = wanted.stake {
        prepared = prepared.and(client.stake(StakeOwner::Oracle(key), amount).await?);
    }
    let act = Act::new("oracle registered", prepared)
        .created("oracle", oracle)
        .created("stake_vault", address::stake_vault(&oracle));
    Ok(match wanted.stake {
        Some(_) => stake::watch::<Oracle>(act, client).await?,
        None => act,
    })
}

pub async fn update(client: &Flashback, wanted: Update) -> Result<Act> {
    let key = client.key();
    let before = client.oracle(&key).await?;
    let x25519 = wanted.x25519.unwrap_or(before.x25519);
    let records_url = wanted.records_url.unwrap_or_else(|| padded_text(&before.records_url));
    let args = RegisterOracleArgs { x25519, records_url: records_url.clone() };
    let account = address::oracle(&key);
    Ok(Act::new("oracle updated", client.prepare([build::update_oracle(key, args)]))
        .fact("oracle", account)
        .fact("x25519", Fact::digest(&x25519))
        .fact("records_url", records_url.clone())
        .writes([("x25519", Fact::digest(&x25519)), ("records_url", records_url.into())])
        .compare("x25519", account, |oracle: &Oracle| Fact::digest(&oracle.x25519))
        .compare("records_url", account, |oracle: &Oracle| padded_text(&oracle.records_url).into()))
}

pub async fn close(client: &Flashback) -> Result<Act> {
    let key = client.key();
    let oracle = client.oracle(&key).await?;
    check_exit(oracle.joined != 0, oracle.seats, &oracle.stake)
        .map_err(Error::from)
        .with_context(|| hindrances(&oracle))?;
    let certificate = client.certificate(SubjectKind::Oracle, &key).await?;
    let certificate_rent_payer = certificate.as_ref().map_or(key, |one| one.rent_payer);
    let prepared =
        client.prepare([build::close_oracle(key, oracle.rent_payer, certificate_rent_payer)]);
    Ok(Act::new("oracle closed", prepared)
        .fact("oracle", address::oracle(&key))
        .fact("rent_to", oracle.rent_payer)
        .fact("certificate_revoked", certificate.is_some())
        .ask(format!("Close the oracle of {key}, its score and its certificate?")))
}

/// What has to happen before an oracle can be closed.
fn hindrances(oracle: &Oracle) -> String {
    let mut left = vec![];
    if oracle.joined != 0 {
        left.push(
            "it has to `flashback oracle leave`, and again to have its entry removed".to_owned(),
        );
    }
    if oracle.seats > 0 {
        left.push(format!("it holds {} seats", oracle.seats));
    }
    if oracle.stake.bonded > 0 {
        left.push(format!("it has {} staked: unstake them", Atoms(oracle.stake.bonded)));
    }
    if unbonding(&oracle.stake) > Atoms::ZERO {
        let amount = unbonding(&oracle.stake);
        left.push(format!("{amount} are on their way out: withdraw them once they can be"));
    }
    left.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::stake::Unbonding;
    use flashback_sdk::account::FlashbackAccount;

    #[test]
    fn each_hindrance_to_closing_is_named_and_nothing_else() {
        let idle = || Oracle::decode_body(&[0; size_of::<Oracle>()]).unwrap();
        assert_eq!(hindrances(&idle()), "");
        let mut oracle = idle();
        oracle.joined = 2;
        assert!(hindrances(&oracle).contains("oracle leave"));
        let mut oracle = idle();
        oracle.seats = 3;
        assert_eq!(hindrances(&oracle), "it holds 3 seats");
        let mut oracle = idle();
        oracle.stake.bonded = 5_000_000;
        assert_eq!(hindrances(&oracle), "it has 5 FLASH staked: unstake them");
        let mut oracle = idle();
        oracle.stake.unbonding[0] = Unbonding { amount: 1_000_000, release_at: 9 };
        assert!(hindrances(&oracle).starts_with("1 FLASH are on their way out"));
    }
}
