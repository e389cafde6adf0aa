//! `flashback unit`: listing data units, keeping them, finding them.

mod changes;
mod create;
pub mod facts;
mod life;
mod market;
mod work;

use anyhow::Result;
use clap::Subcommand;
use flashback_core::units::{Atoms, Seconds};
use flashback_sdk::address;
use solana_sdk::pubkey::Pubkey;

use crate::output::Arrangement;
use crate::quantity::{self, Time};
use crate::settings::Settings;
pub use facts::promises;

#[derive(Debug, Subcommand)]
pub enum UnitAction {
    /// List a data unit of the acting provider
    Create(Box<create::Create>),
    /// Change what is named of a unit of the acting provider; the rest stays, and so do the terms of SLAs that run
    Update {
        /// The provider's number of the unit
        #[arg(value_name = "NUMBER")]
        unit: u64,
        #[command(flatten)]
        changes: Box<changes::Changes>,
    },
    /// Announce maintenance, as the provider or its operator
    ///
    /// Probes during it count for nobody. It is announced at least 24 hours ahead, and excused in each SLA for at most its
    /// part of the SLA's time.
    Maintenance {
        #[command(flatten)]
        which: Which,
        /// When it begins: 2026-12-01T00:00:00Z, unix seconds, or +36h from now
        #[arg(long, value_name = "TIME", value_parser = quantity::time)]
        from: Time,
        /// How long it lasts
        #[arg(long = "for", value_name = "SPAN", value_parser = quantity::duration)]
        span: Seconds,
    },
    /// Burn FLASH of the acting key to list a unit before others, as anyone
    ///
    /// The priority halves every 7 days, and decides between units of the same price for their quality.
    Boost {
        #[command(flatten)]
        which: Which,
        /// How much to burn
        #[arg(value_name = "AMOUNT", value_parser = quantity::flash_above_zero)]
        amount: Atoms,
    },
    /// Bring a unit's score up to date, and its provider's with it, as anyone
    Refresh(Which),
    /// Close a unit of the acting provider to new SLAs; those that run go on
    Close {
        /// The provider's number of the unit
        #[arg(value_name = "NUMBER")]
        unit: u64,
    },
    /// Remove a closed unit of which no SLA is left, as anyone: its rent goes back to who paid it
    Remove(Which),
    /// Show a data unit
    Show(Which),
    /// List a provider's data units
    List {
        /// The provider's authority [default: the acting key]
        #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
        provider: Option<Pubkey>,
        #[command(flatten)]
        arrangement: Arrangement,
    },
    /// Find units that can be reserved now, the best bargain first
    Search(Box<market::Wanted>),
}

/// Which unit.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The provider's number of the unit
    #[arg(value_name = "NUMBER")]
    unit: u64,
    /// The provider's authority [default: the acting key]
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    provider: Option<Pubkey>,
}

impl Which {
    /// The unit, of this key unless it says otherwise.
    fn of(&self, own: Pubkey) -> Place {
        Place::new(self.provider.unwrap_or(own), self.unit)
    }
}

/// Where a unit is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The provider's authority.
    authority: Pubkey,
    /// The Provider's address.
    provider: Pubkey,
    /// The provider's number of the unit.
    number: u64,
    /// The unit's address.
    unit: Pubkey,
}

impl Place {
    fn new(authority: Pubkey, number: u64) -> Self {
        let provider = address::provider(&authority);
        Self { authority, provider, number, unit: address::unit(&provider, number) }
    }
}

pub async fn run(action: UnitAction, settings: &Settings) -> Result<()> {
    let report = match action {
        UnitAction::Create(create) => life::create(settings, &create).await?,
        UnitAction::Update { unit, changes } => life::update(settings, unit, &changes).await?,
        UnitAction::Show(which) => {
            let client = settings.reader()?;
            let provider = settings.key_or_own(which.provider)?;
            market::show(&client, Place::new(provider, which.unit)).await?
        }
        UnitAction::List { provider, arrangement } => {
            arrangement.check(&market::UNITS)?;
            let client = settings.reader()?;
            market::list(&client, settings.key_or_own(provider)?, &arrangement).await?
        }
        UnitAction::Search(wanted) => market::search(settings, &wanted).await?,
        UnitAction::Maintenance { which, from, span } => {
            let client = settings.client()?;
            let act = work::announce(&client, which.of(client.key()), from, span).await?;
            act.perform(settings).await?.report
        }
        UnitAction::Boost { which, amount } => {
            let client = settings.client()?;
            let act = work::boost(&client, which.of(client.key()), amount).await?;
            act.perform(settings).await?.report
        }
        UnitAction::Refresh(which) => {
            let client = settings.client()?;
            let act = work::refresh(&client, which.of(client.key())).await?;
            act.perform(settings).await?.report
        }
        UnitAction::Close { unit } => {
            let client = settings.client()?;
            life::close(&client, unit).await?.perform(settings).await?.report
        }
        UnitAction::Remove(which) => {
            let client = settings.client()?;
            let act = life::remove(&client, which.of(client.key())).await?;
            act.perform(settings).await?.report
        }
    };
    report.print(settings.output());
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use flashback_core::unit::{BOOST_HALVES_SECS, NOTICE_SECS};
    use flashback_core::units::DAY;

    #[test]
    fn help_says_what_the_rules_are() {
        let arguments = crate::arguments::Arguments::command();
        let unit = arguments.find_subcommand("unit").unwrap();
        for (name, said) in [
            ("maintenance", format!("{} hours", NOTICE_SECS / 3_600)),
            ("boost", format!("{} days", BOOST_HALVES_SECS / DAY)),
        ] {
            let action = unit.find_subcommand(name).unwrap();
            let help = action.clone().render_long_help().to_string();
            assert!(help.contains(&said), "{said} in {help}");
        }
    }
}
