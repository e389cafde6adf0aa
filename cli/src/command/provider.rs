//! `flashback provider`: registering, staking, looking.

use anyhow::Result;
use clap::Subcommand;
use flashback_core::text::{REGION_SIZE, padded_text};
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Provider, SubjectKind};
use flashback_sdk::instruction::{self as build, RegisterProviderArgs, StakeOwner};
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

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
            register(&client, RegisterProviderArgs { payout, region, metadata_uri }, stake).await?
        }
        ProviderAction::Stake { amount } => stake(&settings.client()?, amount).await?,
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
) -> Result<Report> {
    let (key, mint) = (client.key(), client.mint().await?);
    let provider = address::provider(&key);
    if client.find::<Provider>(&provider).await?.is_some() {
        return Err(usage(format!("{key} is registered as a provider already, at {provider}")));
    }
    let before = client.balance(&key).await?;
    let mut all = vec![build::register_provider(key, key, mint, args)];
    if let Some(amount) = stake {
        let tokens = address::token_account(&key, &mint);
        all.push(build::stake(key, tokens, StakeOwner::Provider(key), amount));
    }
    let receipt = client.send(&all, &[]).await?;
    let report = Report::new("provider registered")
        .signed(&receipt)
        .fact("provider", provider)
        .fact("stake_vault", address::stake_vault(&provider));
    Ok(match stake {
        Some(_) => {
            let bonded = client.provider(&key).await?.stake.bonded;
            report.amount("wallet", before, client.balance(&key).await?).amount(
                "stake",
                Atoms::ZERO,
                Atoms(bonded),
            )
        }
        None => report,
    })
}

async fn stake(client: &Flashback, amount: Atoms) -> Result<Report> {
    let provider = client.key();
    let stake_before = client.provider(&provider).await?.stake;
    let wallet_before = client.balance(&client.key()).await?;
    let receipt = client.stake(StakeOwner::Provider(provider), amount).await?.send().await?;
    let stake_after = client.provider(&provider).await?.stake;
    let account = address::provider(&provider);
    Ok(Report::new("stake added")
        .signed(&receipt)
        .fact("provider", account)
        .fact("stake_vault", address::stake_vault(&account))
        .amount("wallet", wallet_before, client.balance(&client.key()).await?)
        .amount("stake", Atoms(stake_before.bonded), Atoms(stake_after.bonded))
        .amount("free_stake", stake_before.free(), stake_after.free()))
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
