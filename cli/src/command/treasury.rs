//! `flashback treasury`: what the protocol has earned, and whether its vaults are sound.

use anyhow::{Context, Result};
use clap::Subcommand;
use flashback_core::units::Atoms;
use flashback_sdk::instruction::VaultOwner;
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use crate::act::Act;
use crate::exit::usage;
use crate::output::Report;
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum TreasuryAction {
    /// Show what the treasury and the reward vault hold
    Show,
    /// Move the protocol's fees out of SLAs' escrows, and burn the burnt part of penalties, as anyone
    Sweep {
        /// The SLAs' addresses: 8 of different providers fit one transaction, 10 of the same
        #[arg(value_name = "SLA", required = true, value_parser = quantity::address)]
        slas: Vec<Pubkey>,
    },
    /// Have the chain check that the treasury and the reward vault hold what they owe, as anyone
    ///
    /// It is a transaction, whose event anybody can look up; with --dry-run it costs nothing.
    Check,
}

pub async fn run(action: TreasuryAction, settings: &Settings) -> Result<()> {
    let act = match action {
        TreasuryAction::Show => {
            show(&settings.reader()?).await?.print(settings.output());
            return Ok(());
        }
        TreasuryAction::Sweep { slas } => sweep(&settings.client()?, &slas).await?,
        TreasuryAction::Check => check(&settings.client()?),
    };
    act.perform(settings).await?.report.print(settings.output());
    Ok(())
}

async fn show(client: &Flashback) -> Result<Report> {
    // Says so at once if the protocol is not set up there.
    let mint = client.mint().await?;
    let (treasury, rewards) = (address::treasury(), address::rewards());
    let mut rows = vec![];
    for (name, vault) in [("treasury", treasury), ("rewards", rewards)] {
        let holds = client.tokens(&vault).await?;
        // Neither owes anybody anything: rewards are paid as far as they are funded.
        let owes = Atoms::ZERO;
        rows.push([name.into(), vault.into(), holds.into(), owes.into(), (holds >= owes).into()]);
    }
    let columns = ["vault", "address", "holds", "owes", "solvent"];
    Ok(Report::new("treasury").fact("flash_mint", mint).table("vaults", columns, rows))
}

async fn sweep(client: &Flashback, slas: &[Pubkey]) -> Result<Act> {
    let (mut prepared, mut fees, mut burnt) = (client.prepare([]), Atoms::ZERO, Atoms::ZERO);
    for (index, sla) in slas.iter().enumerate() {
        if slas.iter().take(index).any(|other| other == sla) {
            return Err(usage(format!("the SLA {sla} is named twice")));
        }
    }
    for sla in slas {
        let swept = client.sla(sla).await?.body.take_protocol_fees().map_err(Error::from);
        let swept = swept.with_context(|| format!("the SLA {sla} has no fees to sweep"))?;
        fees = fees.plus(swept.fees).map_err(Error::from)?;
        burnt = burnt.plus(swept.burnt).map_err(Error::from)?;
        prepared = prepared.and(client.sweep_fees(sla).await?);
    }
    Ok(Act::new("fees swept", prepared)
        .fact("swept_slas", slas.to_vec())
        .fact("protocol_fees", fees)
        .fact("burnt", burnt)
        .watch_tokens("treasury", address::treasury()))
}

fn check(client: &Flashback) -> Act {
    let both =
        client.assert_solvent(VaultOwner::Treasury).and(client.assert_solvent(VaultOwner::Rewards));
    Act::new("treasury and reward vault are solvent", both)
        .fact("treasury", address::treasury())
        .fact("rewards", address::rewards())
}
