//! `flashback wallet`: what a key has, and what it is on this chain.

use anyhow::Result;
use clap::Args;
use flashback_sdk::account::{Certifier, Oracle, Provider};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::output::{Fact, Report};
use crate::quantity;
use crate::settings::Settings;

/// Whose wallet.
#[derive(Debug, Args)]
pub struct Wallet {
    /// Whose key [default: the acting key]
    #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
    key: Option<Pubkey>,
}

pub async fn run(wallet: &Wallet, settings: &Settings) -> Result<()> {
    let key = settings.key_or_own(wallet.key)?;
    show(&settings.reader()?, key).await?.print(settings.output());
    Ok(())
}

async fn show(client: &Flashback, key: Pubkey) -> Result<Report> {
    let mint = client.mint().await?;
    let account = address::token_account(&key, &mint);
    let sol = client.rpc().get_balance(&key).await.map_err(Error::from)?;
    let role = |exists: bool, account: Pubkey, not: &str| match exists {
        true => Fact::from(account),
        false => Fact::none(not),
    };
    let [provider, oracle, certifier] =
        [address::provider(&key), address::oracle(&key), address::certifier(&key)];
    let is_provider = client.find::<Provider>(&provider).await?.is_some();
    let is_oracle = client.find::<Oracle>(&oracle).await?.is_some();
    let is_certifier = client.find::<Certifier>(&certifier).await?.is_some();
    Ok(Report::new("wallet")
        .fact("address", key)
        .fact("sol", Fact::lamports(sol))
        .fact("flash", client.tokens(&account).await?)
        .fact("flash_account", account)
        .fact("provider", role(is_provider, provider, "not registered as a provider"))
        .fact("oracle", role(is_oracle, oracle, "not registered as an oracle"))
        .fact("certifier", role(is_certifier, certifier, "not appointed as a certifier")))
}
