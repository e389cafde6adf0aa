//! `flashback oracle`: measuring storage for others.

mod audit;
mod key;
mod look;
mod registry;
pub mod report;
mod reports;
mod standing;
mod status;
#[cfg(test)]
mod tests;
mod work;

use anyhow::Result;
use clap::Subcommand;
use flashback_core::units::Atoms;
use flashback_sdk::account::Oracle;
use solana_sdk::pubkey::Pubkey;

use crate::command::stake;
use crate::output::Arrangement;
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum OracleAction {
    /// Register the acting key as an oracle, with a stake vault
    ///
    /// To be drawn for committees it has to be certified, stake 1000 FLASH at least, and join the registry.
    Register(standing::Register),
    /// Change the key that credentials are sealed to, or where the records are; what is not named stays
    Update(standing::Update),
    /// Add FLASH of the acting key to its stake as an oracle
    Stake {
        /// How much
        #[arg(value_name = "AMOUNT", value_parser = quantity::flash_above_zero)]
        amount: Atoms,
    },
    /// Start the withdrawal of free stake, which can be slashed until it is over
    ///
    /// It takes 30 days, unless `flashback admin params show` says otherwise. Anyone may take an oracle with less than
    /// the least stake out of the registry.
    Unstake {
        /// How much, or `all` that is free
        #[arg(value_name = "AMOUNT", value_parser = stake::amount)]
        amount: stake::Amount,
    },
    /// Withdraw unstaked FLASH whose time is over
    WithdrawStake {
        /// Who owns the token account that it goes to [default: the acting key]
        #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
        to: Option<Pubkey>,
    },
    /// Join the registry that committees are drawn from, as a certified oracle with enough stake
    Join,
    /// Leave the registry; and again, 1000 slots later, to have the entry's rent back
    ///
    /// An oracle that is not certified any more, or has too little stake, is taken out by anyone. Seats that it holds stay
    /// its own until their SLAs end.
    Leave {
        /// The oracle's authority [default: the acting key]
        #[arg(value_name = "ORACLE", value_parser = quantity::address)]
        oracle: Option<Pubkey>,
    },
    /// Close the acting key's oracle and its certificate: their rent goes back
    ///
    /// It has to be out of the registry, without seats, and without stake.
    Close,
    /// Make the key that consumers seal credentials to, or show its public half
    #[command(subcommand)]
    Key(key::KeyAction),
    /// Probe the storage of every SLA that the acting key has a seat in, report, publish and defend, until Ctrl-C
    ///
    /// It may be killed at any moment and started again: records are kept one by one, and no window is reported twice.
    Run(Box<work::Work>),
    /// Tell how an oracle's work stands: seats, windows, reports, and what threatens it
    Status(status::Status),
    /// Compare what oracles have published with what they reported; prove or challenge what differs
    Audit(audit::Audit),
    /// Report a window's figures as a seated oracle, typed or, of several SLAs at once, from a file
    ///
    /// Typed figures are for tests and local nets: without --root, such a report has no records behind it, so that its
    /// oracle could not open them if it were challenged. With --file, everything is checked before anything is sent, and
    /// as many reports as fit share a transaction.
    Report(Box<report::Figures>),
    /// Show an oracle
    Show {
        /// The oracle's authority [default: the acting key]
        #[arg(value_name = "ORACLE", value_parser = quantity::address)]
        oracle: Option<Pubkey>,
    },
    /// List the registry: the oracles that can be drawn, and those on their way out
    List(Arrangement),
    /// List the SLAs in which an oracle has a seat
    Slas {
        /// The oracle's authority [default: the acting key]
        #[arg(value_name = "ORACLE", value_parser = quantity::address)]
        oracle: Option<Pubkey>,
        #[command(flatten)]
        arrangement: Arrangement,
    },
}

pub async fn run(action: OracleAction, settings: &Settings) -> Result<()> {
    let act = match action {
        OracleAction::Register(wanted) => standing::register(&settings.client()?, wanted).await?,
        OracleAction::Update(wanted) => standing::update(&settings.client()?, wanted).await?,
        OracleAction::Stake { amount } => stake::add::<Oracle>(&settings.client()?, amount).await?,
        OracleAction::Unstake { amount } => {
            stake::unstake::<Oracle>(&settings.client()?, amount).await?
        }
        OracleAction::WithdrawStake { to } => {
            stake::withdraw::<Oracle>(&settings.client()?, to).await?
        }
        OracleAction::Join => registry::join(&settings.client()?).await?,
        OracleAction::Leave { oracle } => {
            let client = settings.client()?;
            registry::leave(&client, oracle.unwrap_or(client.key())).await?
        }
        OracleAction::Close => standing::close(&settings.client()?).await?,
        OracleAction::Key(action) => return key::run(&action, settings),
        OracleAction::Run(args) => return work::run(&args, settings).await,
        OracleAction::Status(args) => return status::run(&args, settings).await,
        OracleAction::Audit(args) => return audit::run(&args, settings).await,
        OracleAction::Report(figures) => return report::run(&figures, settings).await,
        OracleAction::Show { oracle } => {
            let key = settings.key_or_own(oracle)?;
            look::show(&settings.reader()?, key).await?.print(settings.output());
            return Ok(());
        }
        OracleAction::List(arrangement) => {
            arrangement.check(&look::ORACLES)?;
            look::list(&settings.reader()?, &arrangement).await?.print(settings.output());
            return Ok(());
        }
        OracleAction::Slas { oracle, arrangement } => {
            arrangement.check(&look::SLAS)?;
            let key = settings.key_or_own(oracle)?;
            look::slas(&settings.reader()?, key, &arrangement).await?.print(settings.output());
            return Ok(());
        }
    };
    act.perform(settings).await?.report.print(settings.output());
    Ok(())
}
