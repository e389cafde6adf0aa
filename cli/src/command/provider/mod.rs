//! `flashback provider`: registering, staking, looking.

mod account;
mod facts;
mod show;

use anyhow::{Context, Result};
use clap::Subcommand;
use flashback_core::units::Atoms;
use flashback_sdk::account::Provider;
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::command::stake;
use crate::output::Arrangement;
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum ProviderAction {
    /// Register the acting key as a storage provider, with a stake vault
    ///
    /// Listing a unit takes a certificate and at least 1000 FLASH staked. Unstaking takes 30 days, and what is on its way
    /// out can still be slashed.
    Register(account::Register),
    /// Change what is named of the acting provider; the rest stays
    Update(account::Changes),
    /// Name the acting provider's operator, or remove it
    #[command(subcommand)]
    Operator(OperatorAction),
    /// Add FLASH of the acting key to its stake as a provider
    ///
    /// Listing a unit takes a certificate and at least 1000 FLASH staked. Unstaking takes 30 days, and what is on its way
    /// out can still be slashed.
    Stake {
        /// How much
        #[arg(value_name = "AMOUNT", value_parser = quantity::flash_above_zero)]
        amount: Atoms,
    },
    /// Begin to take free stake out: 30 days later it can be withdrawn
    Unstake {
        /// How much, or `all` that is free
        #[arg(value_name = "AMOUNT", value_parser = stake::amount)]
        amount: stake::Amount,
    },
    /// Withdraw all that has been unstaked for long enough
    WithdrawStake {
        /// Whose FLASH token account it goes to, which is made if need be [default: the acting key's]
        #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
        to: Option<Pubkey>,
    },
    /// Show a provider
    Show(Whose),
    /// List all providers
    List(Arrangement),
    /// List a provider's SLAs that are not closed yet
    Slas {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        arrangement: Arrangement,
    },
    /// Close the acting provider and its certificate: without units, SLAs and stake
    Close,
}

/// Which provider.
#[derive(Debug, clap::Args)]
pub struct Whose {
    /// The provider's authority [default: the acting key]
    #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
    provider: Option<Pubkey>,
}

#[derive(Debug, Subcommand)]
pub enum OperatorAction {
    /// Let a key do the daily work until a time; money never goes where it says
    ///
    /// It accepts and rejects SLAs, announces maintenance, opens disputes, and withdraws earnings to the provider's payout
    /// account. It replaces the operator before.
    Set(account::Operator),
    /// Take the operator's powers away
    Unset,
}

/// The acting key's own provider.
///
/// # Errors
/// If it is not registered; as [`Flashback::find`].
pub async fn own(client: &Flashback) -> Result<Provider> {
    let key = client.key();
    let provider = client.find(&address::provider(&key)).await?;
    provider.with_context(|| {
        format!("{key} is not registered as a provider: `flashback provider register` does it")
    })
}

pub async fn run(action: ProviderAction, settings: &Settings) -> Result<()> {
    let act = match action {
        ProviderAction::Register(wanted) => account::register(&settings.client()?, wanted).await?,
        ProviderAction::Update(changes) => account::update(&settings.client()?, changes).await?,
        ProviderAction::Operator(OperatorAction::Set(named)) => {
            account::set_operator(settings, named).await?
        }
        ProviderAction::Operator(OperatorAction::Unset) => {
            account::unset_operator(&settings.client()?).await?
        }
        ProviderAction::Stake { amount } => {
            stake::add::<Provider>(&settings.client()?, amount).await?
        }
        ProviderAction::Unstake { amount } => {
            stake::unstake::<Provider>(&settings.client()?, amount).await?
        }
        ProviderAction::WithdrawStake { to } => {
            stake::withdraw::<Provider>(&settings.client()?, to).await?
        }
        ProviderAction::Close => account::close(&settings.client()?).await?,
        ProviderAction::Show(Whose { provider }) => {
            let client = settings.reader()?;
            let report = show::show(&client, settings.key_or_own(provider)?).await?;
            report.print(settings.output());
            return Ok(());
        }
        ProviderAction::List(arrangement) => {
            arrangement.check(&show::PROVIDERS)?;
            show::list(&settings.reader()?, &arrangement).await?.print(settings.output());
            return Ok(());
        }
        ProviderAction::Slas { whose: Whose { provider }, arrangement } => {
            arrangement.check(&show::SLAS)?;
            let client = settings.reader()?;
            let report = show::slas(&client, settings.key_or_own(provider)?, &arrangement).await?;
            report.print(settings.output());
            return Ok(());
        }
    };
    act.perform(settings).await?.report.print(settings.output());
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use flashback_core::params::Params;
    use flashback_core::units::{Atoms, DAY};

    #[test]
    fn help_says_what_staking_means() {
        let params = Params::default();
        let least = Atoms(params.min_stake).to_string();
        let days = format!("{} days", params.unbonding_secs / DAY);
        let arguments = crate::arguments::Arguments::command();
        let provider = arguments.find_subcommand("provider").unwrap();
        let help =
            |name| provider.find_subcommand(name).unwrap().clone().render_long_help().to_string();
        for name in ["register", "stake"] {
            assert!(help(name).contains(&least), "{name}");
        }
        for name in ["register", "stake", "unstake"] {
            assert!(help(name).contains(&days), "{name}");
        }
    }
}
