//! `flashback admin`: setting the protocol up and governing it.

mod appointment;
mod init;
mod migrate;
mod params;
mod powers;

use anyhow::Result;
use clap::Subcommand;
use flashback_core::units::Seconds;
use solana_sdk::pubkey::Pubkey;

use crate::quantity;
use crate::settings::Settings;

pub use powers::require;

#[derive(Debug, Subcommand)]
pub enum AdminAction {
    /// Set Flashback up on a chain, once, as the program's upgrade authority, which becomes its authority
    ///
    /// The program has to be deployed already.
    Init(init::Init),
    /// Show who holds which power, and what was set up for good
    Show,
    /// The parameters that new SLAs copy
    #[command(subcommand)]
    Params(params::ParamsAction),
    /// Who may certify
    #[command(subcommand)]
    Certifier(appointment::AppointmentAction),
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
    /// Hand the authority over
    #[command(subcommand)]
    Authority(powers::AuthorityAction),
    /// Pause new SLAs, once, as the guardian
    ///
    /// What is agreed goes on. The pause ends by itself, and another one takes a new appointment.
    Pause {
        /// For how long, from now: 7 days at most
        #[arg(value_name = "SPAN", value_parser = powers::pause_length)]
        length: Seconds,
    },
    /// Apply the manifests in migrations/ that this chain has not had yet, in order, as the authority
    ///
    /// Each step is one transaction at most, with a memo that names the manifest; what is already so is skipped. A journal
    /// records how far the chain is, and every transaction before it is sent: killed and run again, it learns what became
    /// of the last one, waiting for it if it can still land, and goes on there. A second run beside it fails (exit code 1).
    /// --dry-run shows every value before and after; --sign-only signs the next step, of which nothing is recorded.
    Migrate(migrate::Migrate),
}

pub async fn run(action: AdminAction, settings: &Settings) -> Result<()> {
    let act = match action {
        AdminAction::Init(args) => init::init(&settings.client()?, &args).await?,
        AdminAction::Show => return powers::show(settings).await,
        AdminAction::Params(action) => return params::run(action, settings).await,
        AdminAction::Certifier(action) => appointment::act(action, &settings.client()?).await?,
        AdminAction::Guardian { guardian } => {
            powers::guardian(&settings.client()?, guardian).await?
        }
        AdminAction::Arbiter { arbiter } => powers::arbiter(&settings.client()?, arbiter).await?,
        AdminAction::Authority(action) => powers::authority(action, &settings.client()?).await?,
        AdminAction::Migrate(args) => {
            migrate::migrate(&args, settings).await?.print(settings.output());
            return Ok(());
        }
        AdminAction::Pause { length } => powers::pause(&settings.client()?, length).await?,
    };
    act.perform(settings).await?.report.print(settings.output());
    Ok(())
}
