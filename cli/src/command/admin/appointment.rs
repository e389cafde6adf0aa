//! Appointing certifiers.

use anyhow::{Context, Result};
use clap::{ArgGroup, Args, Subcommand};
use flashback_core::admission::{Certification, LEVEL_MAX};
use flashback_core::authority::check_lapsed;
use flashback_core::units::Timestamp;
use flashback_sdk::account::Certifier;
use flashback_sdk::instruction::{self as build, AppointCertifierArgs};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::powers::governed;
use crate::act::Act;
use crate::command::term::Term;
use crate::exit::refused;
use crate::quantity;

#[derive(Debug, Subcommand)]
pub enum AppointmentAction {
    /// Appoint a certifier, as the authority
    Appoint(Appoint),
    /// End a certifier's appointment, as the authority; as anyone, once it has been over for 30 days
    ///
    /// The certificates that it gave stay, until they expire or the authority revokes them.
    Remove {
        /// The certifier's key
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        certifier: Pubkey,
    },
}

/// An appointment.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("end").args(["span", "until"]).required(true))]
pub struct Appoint {
    /// The certifier's key
    #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
    certifier: Pubkey,
    /// The highest level that it may give, 1 to 4
    #[arg(long, value_name = "LEVEL", value_parser = quantity::level)]
    level: u8,
    #[command(flatten)]
    term: Term,
}

pub async fn act(action: AppointmentAction, client: &Flashback) -> Result<Act> {
    match action {
        AppointmentAction::Appoint(wanted) => appoint(client, &wanted).await,
        AppointmentAction::Remove { certifier } => remove(client, certifier).await,
    }
}

async fn appoint(client: &Flashback, wanted: &Appoint) -> Result<Act> {
    governed(client).await?;
    let (certifier, now) = (wanted.certifier, client.now().await?);
    let account = address::certifier(&certifier);
    if client.find::<Certifier>(&account).await?.is_some() {
        return Err(refused(format!(
            "{certifier} is appointed already: `flashback admin certifier remove` ends that first"
        )));
    }
    let ends = wanted.term.required(now)?;
    let appointed = Certification { level: wanted.level, expires_at: ends };
    appointed.check_given(LEVEL_MAX, now).map_err(Error::from)?;
    let args = AppointCertifierArgs { certifier, max_level: wanted.level, expires_at: ends.0 };
    Ok(Act::new("certifier appointed", client.appoint_certifier(args))
        .fact("certifier_authority", certifier)
        .fact("highest_level", u64::from(wanted.level))
        .fact("appointed_until", ends)
        .created("certifier", account))
}

async fn remove(client: &Flashback, certifier: Pubkey) -> Result<Act> {
    let (account, key) = (address::certifier(&certifier), client.key());
    let appointed: Certifier = client.fetch(&account).await?;
    let (authority, until) = (client.config().await?.authority, Timestamp(appointed.expires_at));
    if authority != key {
        check_lapsed(until, client.now().await?)
            .map_err(Error::from)
            .with_context(|| format!("the authority is {authority}, and you act as {key}"))?;
    }
    let prepared = client.prepare([build::remove_certifier(key, &certifier, appointed.rent_payer)]);
    Ok(Act::new("certifier removed", prepared)
        .fact("certifier", account)
        .fact("certifier_authority", certifier)
        .fact("appointed_until", until)
        .fact("rent_to", appointed.rent_payer)
        .ask(format!("End the appointment of {certifier}?")))
}
