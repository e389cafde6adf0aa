//! Setting the protocol up.

use anyhow::Result;
use clap::Args;
use flashback_core::params::{Params, WINDOW_MAX_SECS, WINDOW_MIN_SECS_DEFAULT};
use flashback_core::units::Seconds;
use flashback_sdk::account::Config;
use flashback_sdk::instruction::InitializeArgs;
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::params::{Change, apply, check_distinct};
use crate::act::Act;
use crate::exit::refused;
use crate::quantity;

/// The first settings.
#[derive(Debug, Args)]
pub struct Init {
    /// FLASH, for good: a mint of the SPL Token program with 6 decimals and no freeze authority
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    mint: Pubkey,
    /// The shortest window of an SLA, for good: 4s to 7d; only a net for tests wants less than minutes [default: 1h]
    #[arg(long, value_name = "SPAN", value_parser = window_min)]
    window_min: Option<Seconds>,
    /// Who may pause new SLAs once [default: the acting key]
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    guardian: Option<Pubkey>,
    /// Who decides disputes [default: the acting key]
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    arbiter: Option<Pubkey>,
    /// Parameters that differ from their defaults, such as `min_stake=5000FLASH`: `flashback admin params set` tells more
    #[arg(value_name = "NAME=VALUE", value_parser = Change::parse)]
    changes: Vec<Change>,
}

/// The shortest window that a deployment may allow.
fn window_min(text: &str) -> Result<Seconds, String> {
    match quantity::duration(text)? {
        Seconds(secs) if secs > WINDOW_MAX_SECS => {
            Err(format!("`{text}` is longer than the longest window of an SLA, 7 days"))
        }
        length => Ok(length),
    }
}

pub async fn init(client: &Flashback, wanted: &Init) -> Result<Act> {
    let (key, account) = (client.key(), address::config());
    check_distinct(&wanted.changes)?;
    let params = apply(Params::default(), &wanted.changes)?;
    if client.find::<Config>(&account).await?.is_some() {
        return Err(refused(format!("Flashback is set up on this chain already, at {account}")));
    }
    let window_min = wanted.window_min.unwrap_or(Seconds(WINDOW_MIN_SECS_DEFAULT));
    let args = InitializeArgs {
        guardian: wanted.guardian.unwrap_or(key),
        arbiter: wanted.arbiter.unwrap_or(key),
        window_min_secs: window_min.0,
        params,
    };
    let act = Act::new("Flashback set up", client.initialize(wanted.mint, args))
        .fact("authority", key)
        .fact("guardian", args.guardian)
        .fact("arbiter", args.arbiter)
        .fact("flash_mint", wanted.mint)
        .fact("shortest_window_length", window_min)
        .created("config", account)
        .created("treasury", address::treasury())
        .created("rewards", address::rewards())
        .created("registry", address::registry());
    Ok(act.ask(format!("Set Flashback up with {} as FLASH, for good?", wanted.mint)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use flashback_core::units::DAY;

    #[test]
    fn help_says_what_the_rules_say() {
        let arguments = crate::arguments::Arguments::command();
        let admin = arguments.find_subcommand("admin").unwrap();
        let help = admin.find_subcommand("init").unwrap().clone().render_long_help().to_string();
        let hours = WINDOW_MIN_SECS_DEFAULT / 3_600;
        let days = WINDOW_MAX_SECS / DAY;
        assert!(help.contains(&format!("[default: {hours}h]")), "{help}");
        assert!(help.contains(&format!("4s to {days}d")), "{help}");
    }

    #[test]
    fn the_shortest_window_is_no_longer_than_the_longest() {
        assert_eq!(window_min("7d"), Ok(Seconds(WINDOW_MAX_SECS)));
        assert!(window_min("169h").is_err());
    }
}
