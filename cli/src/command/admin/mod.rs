//! `flashback admin`: setting the protocol up and governing it.

mod powers;

use anyhow::Result;
use clap::Subcommand;
use solana_sdk::pubkey::Pubkey;

use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum AdminAction {
    /// Appoint a guardian, who may pause new SLAs once, as the authority
    Guardian {
        /// The guardian's key
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        guardian: Pubkey,
    },
    /// Appoint an arbiter, who decides disputes, open ones too, as the authority
    Arbiter {
        /// The arbiter's key
        #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
        arbiter: Pubkey,
    },
}

pub async fn run(action: AdminAction, settings: &Settings) -> Result<()> {
    let report = match action {
        AdminAction::Guardian { guardian } => {
            let client = settings.client()?;
            powers::guardian(&client, guardian).await?.perform(settings).await?.report
        }
        AdminAction::Arbiter { arbiter } => {
            let client = settings.client()?;
            powers::arbiter(&client, arbiter).await?.perform(settings).await?.report
        }
    };
    report.print(settings.output());
    Ok(())
}
