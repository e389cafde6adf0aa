//! Who holds which power, and handing it on.

use anyhow::{Context, Result};
use clap::Subcommand;
use flashback_core::CoreError;
use flashback_core::authority;
use flashback_core::units::{Seconds, Timestamp};
use flashback_sdk::account::Config;
use flashback_sdk::instruction as build;
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// Nobody's key: the program's way to say that the authority is offered to nobody.
const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

#[derive(Debug, Subcommand)]
pub enum AuthorityAction {
    /// Offer the authority to a key, which takes it over by `accept`
    Offer {
        /// The key
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        to: Pubkey,
    },
    /// Take back an offer that was not accepted yet
    Withdraw,
    /// Take the authority over, as the key that it was offered to
    Accept,
}

/// The settings, for the acting key to change as the authority.
///
/// # Errors
/// [`CoreError::Unauthorized`] if it is not the authority; says who is.
pub async fn governed(client: &Flashback) -> Result<Config> {
    let config = client.config().await?;
    require(config.authority, client, "the authority is", CoreError::Unauthorized)?;
    Ok(config)
}

/// Refuses an acting key that is not the one which holds a power, and says which one does: `power` is as in "the guardian
/// is".
///
/// # Errors
/// The given one, as a rule's.
pub fn require(holder: Pubkey, client: &Flashback, power: &str, error: CoreError) -> Result<()> {
    let key = client.key();
    if holder == key {
        return Ok(());
    }
    let said = format!("{power} {}, and you act as {key}", named(holder));
    Err(Error::Rule(error)).context(said)
}

/// Whom the authority is offered to; null for nobody.
fn offered_to(config: &Config) -> Fact {
    let pending = config.pending_authority;
    (pending != NOBODY).then_some(pending).into()
}

fn named(key: Pubkey) -> String {
    if key == NOBODY { "nobody".to_owned() } else { key.to_string() }
}

/// A pause's length, as far as can be told without a chain.
pub fn pause_length(text: &str) -> Result<Seconds, String> {
    let length = quantity::duration(text)?;
    let (long_ago, now) = (Timestamp(0), Timestamp(0));
    let checked = authority::pause(long_ago, false, length, now);
    checked.map(|_| length).map_err(|error| format!("`{text}`: {error}"))
}

pub async fn show(settings: &Settings) -> Result<()> {
    let client = settings.reader()?;
    let (config, now) = (client.config().await?, client.now().await?);
    let paused = config.paused_until > now.0;
    Report::new("settings of Flashback")
        .fact("config", address::config())
        .fact("authority", config.authority)
        .fact("authority_offered_to", offered_to(&config))
        .fact("guardian", config.guardian)
        .fact("guardian_has_paused", config.guardian_paused)
        .fact("arbiter", config.arbiter)
        .fact("flash_mint", config.flash_mint)
        .fact("shortest_window_length", Seconds(config.window_min_secs))
        .fact("paused", paused)
        .maybe("paused_until", paused.then_some(Timestamp(config.paused_until)))
        .fact("migrations", u64::from(config.migration))
        .print(settings.output());
    Ok(())
}

pub async fn guardian(client: &Flashback, guardian: Pubkey) -> Result<Act> {
    let before = governed(client).await?.guardian;
    let prepared = client.prepare([build::appoint_guardian(client.key(), guardian)]);
    Ok(Act::new("guardian appointed", prepared)
        .fact("guardian", guardian)
        .compare("guardian", address::config(), |config: &Config| config.guardian.into())
        .ask(format!("Let {guardian} pause new SLAs once, instead of {before}?")))
}

pub async fn arbiter(client: &Flashback, arbiter: Pubkey) -> Result<Act> {
    let before = governed(client).await?.arbiter;
    let prepared = client.prepare([build::appoint_arbiter(client.key(), arbiter)]);
    Ok(Act::new("arbiter appointed", prepared)
        .fact("arbiter", arbiter)
        .compare("arbiter", address::config(), |config: &Config| config.arbiter.into())
        .ask(format!("Let {arbiter} decide disputes, open ones too, instead of {before}?")))
}

pub async fn authority(action: AuthorityAction, client: &Flashback) -> Result<Act> {
    match action {
        AuthorityAction::Offer { to } => offer(client, to).await,
        AuthorityAction::Withdraw => withdraw(client).await,
        AuthorityAction::Accept => accept(client).await,
    }
}

async fn offer(client: &Flashback, to: Pubkey) -> Result<Act> {
    if to == NOBODY {
        return Err(usage(format!(
            "{to} is nobody's key: `flashback admin authority withdraw` takes an offer back"
        )));
    }
    if to == client.key() {
        return Err(usage(format!("{to} is the key that you act as: offer it to another")));
    }
    governed(client).await?;
    let prepared = client.prepare([build::offer_authority(client.key(), to)]);
    Ok(Act::new("authority offered", prepared)
        .fact("authority", client.key())
        .fact("authority_offered_to", to)
        .compare("authority_offered_to", address::config(), offered_to)
        .ask(format!("Let {to} take the authority over Flashback?")))
}

async fn withdraw(client: &Flashback) -> Result<Act> {
    let pending = governed(client).await?.pending_authority;
    if pending == NOBODY {
        return Err(Error::Rule(CoreError::AuthorityNotOffered))
            .context("the authority is offered to nobody");
    }
    let prepared = client.prepare([build::offer_authority(client.key(), NOBODY)]);
    Ok(Act::new("offer of the authority withdrawn", prepared)
        .fact("authority", client.key())
        .fact("authority_was_offered_to", pending)
        .compare("authority_offered_to", address::config(), offered_to))
}

async fn accept(client: &Flashback) -> Result<Act> {
    let config = client.config().await?;
    let offered = "the authority is offered to";
    require(config.pending_authority, client, offered, CoreError::AuthorityNotOffered)?;
    let prepared = client.prepare([build::accept_authority(client.key())]);
    Ok(Act::new("authority accepted", prepared)
        .fact("authority", client.key())
        .compare("authority", address::config(), |config: &Config| config.authority.into())
        .ask(format!("Take the authority over Flashback from {}?", config.authority)))
}

pub async fn pause(client: &Flashback, length: Seconds) -> Result<Act> {
    let (config, now) = (client.config().await?, client.now().await?);
    require(config.guardian, client, "the guardian is", CoreError::Unauthorized)?;
    let until =
        authority::pause(Timestamp(config.paused_until), config.guardian_paused, length, now)
            .map_err(Error::from)?;
    let prepared = client.prepare([build::pause(client.key(), length)]);
    Ok(Act::new("new SLAs paused", prepared)
        .fact("guardian", client.key())
        .fact("length", length)
        .fact("paused_until", until)
        .compare("paused_until", address::config(), |config: &Config| {
            (config.paused_until > 0).then_some(Timestamp(config.paused_until)).into()
        })
        .ask("Pause new SLAs, with the one pause of this guardian?"))
}
