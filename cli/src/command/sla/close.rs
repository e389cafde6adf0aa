//! What becomes of an SLA that has ended: scores, what it reserved, its account.

use anyhow::Result;
use flashback_core::CoreError;
use flashback_core::sla::SlaState;
use flashback_core::units::{Atoms, Gib};
use flashback_sdk::account::{DataUnit, Provider, Sla};
use flashback_sdk::instruction::{self, ReleaseSla, VaultOwner};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::{because, core, require, show};
use crate::act::{Act, Outcome};
use crate::command::since::since;
use crate::exit::refused;
use crate::output::{Fact, Report};
use crate::settings::Settings;

/// Folds the points that wait in an SLA into scores.
pub async fn fold(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let sla = client.sla(&address).await?;
    let folding = folding(address, &sla);
    if folding.unit_id.is_none() && folding.oracles.is_empty() {
        return Err(Error::Rule(CoreError::NothingToFold).into());
    }
    let unit_address = folding.unit_id.map(|id| address::unit(&sla.provider, id));
    let prepared = client.prepare([instruction::fold_scores(&folding)]);
    let mut act = Act::new("points folded", prepared).fact("sla", address);
    if unit_address.is_some() {
        act = act.fact("unit_points", Fact::points(sla.body.progress.points_milli));
    }
    let act = act.fact("folded_oracles", folding.oracles.clone());
    let Outcome { report, slot, .. } = act.perform(settings).await?;
    Ok(match unit_address.zip(slot) {
        Some((unit, slot)) => scored(&client, report, &unit, slot).await,
        None => report,
    })
}

/// Adds the unit's score since points were folded in that slot, or why it cannot be read: they are folded all the same.
async fn scored(client: &Flashback, report: Report, unit: &Pubkey, slot: u64) -> Report {
    match since::<DataUnit>(client, unit, slot).await {
        Ok(unit) => report.fact("unit_score", Fact::score(unit.score.milli)),
        Err(why) => report.fact("unit_unread", Fact::untrusted(&why.to_string())),
    }
}

/// The unit and the oracles of which points wait.
fn folding(address: Pubkey, sla: &Sla) -> ReleaseSla {
    let points = sla.seats.iter().zip(sla.body.seats.points);
    let waiting = points.filter(|(key, points)| *points != 0 && **key != Pubkey::default());
    ReleaseSla {
        sla: address,
        provider: sla.provider,
        unit_id: (sla.body.progress.points_milli != 0).then_some(sla.unit_id),
        oracles: waiting.map(|(key, _)| *key).collect(),
    }
}

/// Gives back what an ended SLA reserved.
pub async fn release(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let sla = client.sla(&address).await?;
    require(&sla.body, SlaState::Ended)?;
    let act = Act::new("released", client.release_sla(&address).await?)
        .fact("sla", address)
        .fact("size", Gib(sla.body.terms.gib))
        .watch("provider_free_stake", sla.provider, |provider: &Provider| provider.stake.free());
    Ok(act.perform(settings).await?.report)
}

/// Closes an SLA in which nothing is left.
pub async fn close(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let sla = client.sla(&address).await?;
    check_nothing_left(&sla)?;
    let act = Act::new("closed", client.close_sla(&address).await?)
        .fact("sla", address)
        .fact("rent_to", sla.rent_payer);
    Ok(act.perform(settings).await?.report)
}

/// Pushes what is left to its owners, and closes.
pub async fn close_abandoned(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let (sla, mint) = (client.sla(&address).await?, client.mint().await?);
    require(&sla.body, SlaState::Ended)?;
    let mut left = sla.body;
    let pushed = left.push_out(client.now().await?);
    let pushed = pushed.map_err(because(CoreError::NothingToWithdraw, || {
        "nothing is left in it: `flashback sla close` closes it".to_owned()
    }))?;
    let close = instruction::close_abandoned_sla(client.key(), address, &sla, mint);
    let reserved = ReleaseSla::of(address, &sla);
    let mut prepared = client.prepare([close]);
    if reserved.unit_id.is_some() || !reserved.oracles.is_empty() {
        prepared = client.release_sla(&address).await?.and(prepared);
    }
    let fees = pushed.oracle_fees.iter().try_fold(Atoms::ZERO, |sum, fee| sum.plus(*fee));
    let act = Act::new("pushed out and closed", prepared)
        .fact("sla", address)
        .fact("rent_to", sla.rent_payer)
        .fact("earned", pushed.earnings)
        .fact("refundable", pushed.refund)
        .fact("oracle_fees", fees.map_err(Error::from)?)
        .fact("protocol_fees", pushed.treasury)
        .fact("burnt", pushed.burnt)
        .watch("provider_bonded_stake", sla.provider, |provider: &Provider| {
            Atoms(provider.stake.bonded)
        })
        .watch_tokens("consumer_wallet", address::token_account(&sla.consumer, &mint))
        .watch_tokens("treasury", address::treasury());
    match act.perform(settings).await {
        Err(error) if owes(&sla) && core(&error) == Some(CoreError::NotClosable) => {
            Err(error
                .context("what stakes owe it is to be collected first: `flashback sla collect`"))
        }
        outcome => Ok(outcome?.report),
    }
}

/// Has the chain compare what the escrow holds with what the SLA owes.
pub async fn check(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let sla = client.sla(&address).await?;
    let held = client.tokens(&address::escrow(&address)).await?;
    let owed = sla.body.escrow_owed().map_err(Error::from)?;
    let act = Act::new("solvent", client.assert_solvent(VaultOwner::Sla(address)))
        .fact("sla", address)
        .fact("escrow", address::escrow(&address))
        .fact("escrow_holds", held)
        .fact("escrow_owes", owed)
        .fact("surplus", Atoms(held.0.saturating_sub(owed.0)));
    Ok(act.perform(settings).await?.report)
}

/// Whether stakes owe it anything.
fn owes(sla: &Sla) -> bool {
    let absences = sla.body.seats.absence_owed;
    sla.body.money.penalty_owed > 0 || absences.iter().any(|owed| *owed > 0)
}

/// Says who has still to act before an SLA can be closed.
fn check_nothing_left(sla: &Sla) -> Result<()> {
    let money = &sla.body.money;
    let mut left = vec![];
    if owes(sla) || money.protocol_fees > 0 || money.to_burn > 0 {
        left.push("anyone has to `flashback sla collect`".to_owned());
    }
    let mut withdraws = |who: &str, amount: u64| {
        if amount > 0 {
            left.push(format!("the {who} has to withdraw {}", Atoms(amount)));
        }
    };
    withdraws("provider", money.earned);
    withdraws("consumer", money.refundable);
    for (oracle, fees) in sla.seats.iter().zip(&sla.body.seats.fees) {
        withdraws(&format!("oracle {oracle}"), *fees);
    }
    if !left.is_empty() {
        let closed = Error::Rule(CoreError::NotClosable);
        return Err(anyhow::Error::from(closed).context(left.join("; ")));
    }
    if money.unallocated > 0 {
        return Err(refused(format!("the SLA has not ended: it is {}", show::state(&sla.body))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::zeroed;
    use crate::scripted;

    #[tokio::test]
    async fn points_that_are_folded_are_told_also_if_the_score_cannot_be_read() {
        let folded = async |client: &Flashback| {
            let report = Report::new("points folded");
            scored(client, report, &Pubkey::new_unique(), 90).await.json()
        };
        let down = folded(&scripted::gone()).await;
        assert_eq!(down["result"], "points folded");
        assert!(down["unit_unread"].as_str().unwrap().contains("cannot be reached"), "{down}");
        let lagging = scripted::client(|_, params| {
            assert_eq!(params[1]["minContextSlot"], 90);
            Ok(scripted::accounts(90, &[None]))
        });
        assert!(folded(&lagging).await["unit_unread"].is_string());
    }

    #[test]
    fn only_points_that_wait_are_folded() {
        let keys: [Pubkey; 5] = std::array::from_fn(|_| Pubkey::new_unique());
        let mut sla: Sla = zeroed();
        (sla.seats, sla.unit_id) = (keys, 7);
        sla.body.seats.points = [1, 0, -2, 0, 0];
        let folding = |sla: &Sla| folding(Pubkey::default(), sla);
        assert_eq!(folding(&sla).oracles, [keys[0], keys[2]]);
        assert_eq!(folding(&sla).unit_id, None);
        sla.body.progress.points_milli = -1;
        assert_eq!(folding(&sla).unit_id, Some(7));
    }

    #[test]
    fn whoever_keeps_it_open_is_named() {
        let mut sla: Sla = zeroed();
        check_nothing_left(&sla).unwrap();
        sla.body.money.penalty_owed = 1;
        sla.body.money.earned = 2_000_000;
        sla.seats[1] = Pubkey::new_from_array([7; 32]);
        sla.body.seats.fees[1] = 3_000_000;
        let said = check_nothing_left(&sla).unwrap_err().to_string();
        let oracle = sla.seats[1];
        for part in [
            "`flashback sla collect`",
            "the provider has to withdraw 2 FLASH",
            &format!("the oracle {oracle} has to withdraw 3 FLASH"),
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains("consumer"), "{said}");
    }
}
