//! `flashback dispute`: contesting a window, and seeing its contests through.

mod bond;
mod challenge;
mod entered;
mod fraud;
mod proof;
mod round;
mod show;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use flashback_core::sla::Party;
use solana_sdk::pubkey::Pubkey;

use crate::output::Arrangement;
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum DisputeAction {
    /// Dispute a window in its challenge phase, as a party: the arbiter may leave submissions out
    ///
    /// The bond is paid from the acting key's FLASH. It comes back if the arbiter upholds the dispute, goes to the other
    /// party if it is rejected, and less a tenth comes back if it is left unanswered for 7 days.
    Open(bond::Open),
    /// Rule on a dispute, as the arbiter: which submissions become abstentions, or that it is rejected
    Rule(bond::Rule),
    /// End a dispute that the arbiter left unanswered, as anyone
    Expire(bond::Expire),
    /// Challenge a seat, in a window's challenge phase, to open a leaf of its records, as anyone, against a bond
    Challenge(Leaf),
    /// Open a challenged leaf, as anyone: the path speaks for itself, and the oracle keeps the bond
    Answer(challenge::Answer),
    /// End a challenge whose leaf was not opened in time, as anyone: the submission is voided, its oracle slashed
    ExpireChallenge(Leaf),
    /// Prove by one path of its own records that a seat's submission is wrong, as anyone: half of the slash is the
    /// acting key's
    Prove(fraud::Prove),
    /// Settle a contested window once nothing about it is open, as anyone
    Settle(Window),
    /// Settle accounts with an oracle that has left its seat since a contested window, as anyone
    FreeSeat(Seat),
    /// Show a window: its submissions, disputes and challenges
    Show(Window),
    /// List the contested windows of an SLA
    List {
        /// The SLA's address
        #[arg(value_name = "SLA", value_parser = quantity::address)]
        sla: Pubkey,
        #[command(flatten)]
        arrangement: Arrangement,
    },
}

/// Which window.
#[derive(Clone, Copy, Debug, Args)]
pub struct Window {
    /// The SLA's address
    #[arg(value_name = "SLA", value_parser = quantity::address)]
    sla: Pubkey,
    /// The window, counted from 0
    #[arg(value_name = "WINDOW")]
    window: u16,
}

/// Which seat's submission.
#[derive(Clone, Copy, Debug, Args)]
pub struct Seat {
    #[command(flatten)]
    of: Window,
    /// The seat, counted from 0
    #[arg(value_name = "SEAT", value_parser = quantity::seat)]
    seat: u8,
}

/// Which leaf of a seat's records.
#[derive(Clone, Copy, Debug, Args)]
pub struct Leaf {
    #[command(flatten)]
    of: Seat,
    /// The leaf of the window's tree of records, counted from 0
    #[arg(value_name = "LEAF")]
    leaf: u32,
}

/// A party of an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// Who pays and is refunded.
    Consumer,
    /// Who delivers and is paid.
    Provider,
}

impl From<Side> for Party {
    fn from(side: Side) -> Self {
        match side {
            Side::Consumer => Self::Consumer,
            Side::Provider => Self::Provider,
        }
    }
}

/// A party's name.
fn name(party: Party) -> &'static str {
    match party {
        Party::Consumer => "consumer",
        Party::Provider => "provider",
    }
}

pub async fn run(action: DisputeAction, settings: &Settings) -> Result<()> {
    let report = match action {
        DisputeAction::Open(args) => bond::open(settings, &args).await?,
        DisputeAction::Rule(args) => bond::rule(settings, &args).await?,
        DisputeAction::Expire(args) => bond::expire(settings, &args).await?,
        DisputeAction::Challenge(leaf) => challenge::challenge(settings, leaf).await?,
        DisputeAction::Answer(args) => challenge::answer(settings, &args).await?,
        DisputeAction::ExpireChallenge(leaf) => challenge::expire(settings, leaf).await?,
        DisputeAction::Prove(args) => fraud::prove(settings, &args).await?,
        DisputeAction::Settle(window) => round::settle(settings, window).await?,
        DisputeAction::FreeSeat(seat) => round::free_seat(settings, seat).await?,
        DisputeAction::Show(window) => show::show(&settings.reader()?, window).await?,
        DisputeAction::List { sla, arrangement } => {
            arrangement.check(&show::ROUNDS)?;
            show::list(&settings.reader()?, sla, &arrangement).await?
        }
    };
    report.print(settings.output());
    Ok(())
}

#[cfg(test)]
mod tests;
