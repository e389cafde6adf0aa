//! `flashback provider`: registering, staking, looking.

use anyhow::Result;
use clap::Subcommand;
use flashback_core::text::{REGION_SIZE, padded_text};
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Provider, SubjectKind};
use flashback_sdk::instruction::{RegisterProviderArgs, StakeOwner};
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum ProviderAction {
    /// Register the acting key as a storage provider, with a stake vault
    ///
    /// Listing a unit takes at least 1000 FLASH staked. Unstaking is the SDK's for now.
    Register {
        /// Where it is, 1 to 16 characters, such as eu-central-1
        #[arg(long, value_name = "NAME", value_parser = quantity::region)]
        region: [u8; REGION_SIZE],
        /// A document about it
        #[arg(long, value_name = "URI", default_value = "", value_parser = quantity::uri)]
        metadata_uri: String,
        /// Who owns the token account that earnings go to [default: the acting key]
        #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
        payout: Option<Pubkey>,
        /// FLASH to stake in the same transaction
        #[arg(long, value_name = "AMOUNT", value_parser = quantity::flash)]
        stake: Option<Atoms>,
    },
    /// Add FLASH of the acting key to its stake as a provider
    ///
    /// Listing a unit takes at least 1000 FLASH staked. Unstaking is the SDK's for now.
    Stake {
        /// How much
        #[arg(value_name = "AMOUNT", value_parser = quantity::flash)]
        amount: Atoms,
    },
    /// Show a provider
    Show {
        /// The provider's authority [default: the acting key]
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        provider: Option<Pubkey>,
    },
}

pub async fn run(action: ProviderAction, settings: &Settings) -> Result<()> {
    let report = match action {
        ProviderAction::Register { region, metadata_uri, payout, stake } => {
            let client = settings.client()?;
            let payout = payout.unwrap_or(client.key());
            let args = RegisterProviderArgs { payout, region, metadata_uri };
            register(&client, args, stake).await?.perform(settings).await?.report
        }
        ProviderAction::Stake { amount } => {
            stake(&settings.client()?, amount).await?.perform(settings).await?.report
        }
        ProviderAction::Show { provider } => {
            show(&settings.reader()?, settings.key_or_own(provider)?).await?
        }
    };
    report.print(settings.output());
    Ok(())
}

async fn register(
    client: &Flashback,
    args: RegisterProviderArgs,
    stake: Option<Atoms>,
) -> Result<Act> {
    let key = client.key();
    let provider = address::provider(&key);
    if client.find::<Provider>(&provider).await?.is_some() {
        return Err(usage(format!("{key} is registered as a provider already, at {provider}")));
    }
    let mut prepared = client.register_provider(args).await?;
    if let Some(amount) = stake {
        prepared = prepared.and(client.stake(StakeOwner::Provider(key), amount).await?);
    }
    let act = Act::new("provider registered", prepared)
        .created("provider", provider)
        .created("stake_vault", address::stake_vault(&provider));
    Ok(match stake {
        Some(_) => watch_stake(act, client).await?,
        None => act,
    })
}

async fn stake(client: &Flashback, amount: Atoms) -> Result<Act> {
    let provider = client.key();
    let account = address::provider(&provider);
    // Says so at once if there is no such provider.
    client.provider(&provider).await?;
    let act = Act::new("stake added", client.stake(StakeOwner::Provider(provider), amount).await?)
        .fact("provider", account)
        .fact("stake_vault", address::stake_vault(&account));
    watch_stake(act, client).await
}

/// Shows the acting key's FLASH, and its stake as a provider.
async fn watch_stake(act: Act, client: &Flashback) -> Result<Act> {
    let (key, mint) = (client.key(), client.mint().await?);
    let provider = address::provider(&key);
    Ok(act
        .watch_tokens("wallet", address::token_account(&key, &mint))
        .watch("stake", provider, |provider: &Provider| Atoms(provider.stake.bonded))
        .watch("free_stake", provider, |provider: &Provider| provider.stake.free()))
}

async fn show(client: &Flashback, authority: Pubkey) -> Result<Report> {
    let provider = client.provider(&authority).await?;
    let address = address::provider(&authority);
    let certificate = client.certificate(SubjectKind::Provider, &authority).await?;
    let report = Report::new("provider")
        .fact("provider", address)
        .fact("authority", provider.authority)
        .fact("payout", provider.payout)
        .fact("region", Fact::region(&provider.region))
        .fact("metadata_uri", padded_text(&provider.metadata_uri))
        .fact("registered", Timestamp(provider.registered_at))
        .fact("score", Fact::score(provider.score_milli()))
        .fact("units", u64::from(provider.unit_count))
        .fact("live_slas", u64::from(provider.live_slas))
        .fact("stake_vault", address::stake_vault(&address))
        .fact("bonded_stake", Atoms(provider.stake.bonded))
        .fact("covered_stake", Atoms(provider.stake.covered))
        .fact("free_stake", provider.stake.free())
        .fact("fees_swept", Atoms(provider.fees_swept));
    Ok(match certificate {
        Some(certificate) => report
            .fact("certificate_level", u64::from(certificate.level))
            .fact("certified_until", Timestamp(certificate.expires_at)),
        None => report.fact("certificate", "none: a certifier has to give one"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use flashback_core::params::Params;

    #[test]
    fn help_says_what_staking_means() {
        let least = Atoms(Params::default().min_stake).to_string();
        let arguments = crate::arguments::Arguments::command();
        let provider = arguments.find_subcommand("provider").unwrap();
        for name in ["register", "stake"] {
            let action = provider.find_subcommand(name).unwrap();
            let help = action.clone().render_long_help().to_string();
            assert!(
                help.contains(&least) && help.contains("Unstaking is the SDK's for now"),
                "{help}"
            );
        }
    }
}
