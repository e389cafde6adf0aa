//! A unit's life: listed, changed, closed, removed.

use anyhow::{Context, Result};
use flashback_core::CoreError;
use flashback_core::unit::check_gone;
use flashback_core::units::{Atoms, Gib, Timestamp};
use flashback_sdk::account::{DataUnit, Provider, SubjectKind};
use flashback_sdk::{Error, Flashback, instruction};
use solana_sdk::pubkey::Pubkey;

use super::changes::Changes;
use super::create::Create;
use super::{Place, facts};
use crate::act::{Act, Outcome};
use crate::command::provider::own;
use crate::command::since::since;
use crate::exit::refused;
use crate::output::{Fact, Report};
use crate::settings::Settings;

pub async fn create(settings: &Settings, create: &Create) -> Result<Report> {
    let args = create.args()?;
    let client = settings.client()?;
    let place = Place::new(client.key(), create.unit);
    let provider = own(&client).await?;
    if client.find::<DataUnit>(&place.unit).await?.is_some() {
        return Err(refused(format!(
            "unit {} is listed already, at {}: `flashback unit update` changes it",
            create.unit, place.unit
        )));
    }
    may_list(&client, &provider).await?;
    let act = Act::new("unit listed", client.create_unit(args))
        .created("unit", place.unit)
        .fact("unit_number", place.number)
        .fact("provider", place.provider)
        .fact("provider_authority", place.authority);
    let Outcome { report, slot, .. } = act.perform(settings).await?;
    Ok(match slot {
        Some(slot) => listed(&client, report, &place.unit, slot).await,
        None => report,
    })
}

/// Adds what the unit says since it was listed in that slot, or why that cannot be read: it is listed all the same.
async fn listed(client: &Flashback, report: Report, unit: &Pubkey, slot: u64) -> Report {
    let described = async {
        let unit = since::<DataUnit>(client, unit, slot).await?;
        facts::describe(Report::default(), &unit, client.now().await?)
    };
    match described.await {
        Ok(described) => report.then(described),
        Err(why) => report.fact("unit_unread", Fact::untrusted(&format!("{why:#}"))),
    }
}

/// Refuses, as the program would, a provider without stake or certificate; says which it lacks.
async fn may_list(client: &Flashback, provider: &Provider) -> Result<()> {
    let (least, bonded) =
        (Atoms(client.config().await?.params.min_stake), Atoms(provider.stake.bonded));
    if bonded < least {
        let refused = anyhow::Error::from(Error::Rule(CoreError::StakeTooSmall));
        return Err(refused.context(format!(
            "a provider lists units with {least} staked, and {bonded} is: `flashback provider stake` adds to it"
        )));
    }
    let authority = provider.authority;
    let certificate = client.certificate(SubjectKind::Provider, &authority).await?;
    let certification = certificate.map(|certificate| certificate.certification());
    let now = client.now().await?;
    match certification {
        None => Err(CoreError::CertificateMissing),
        Some(certification) => certification.check(1, now),
    }
    .map_err(Error::from)
    .with_context(|| format!("a certifier has to certify the provider {authority}"))
}

pub async fn update(settings: &Settings, number: u64, changes: &Changes) -> Result<Report> {
    let client = settings.client()?;
    let place = Place::new(client.key(), number);
    let unit: DataUnit = client.fetch(&place.unit).await?;
    check_open(&unit)?;
    let args = changes.apply(&unit)?;
    let wanted = Gib(args.capacity_gib);
    unit.capacity().resize(wanted).map_err(Error::from).with_context(|| {
        let (taken, wanted) = (Fact::from(unit.capacity().taken), Fact::from(wanted));
        format!("{taken} of the unit is reserved: you asked for a capacity of {wanted}")
    })?;
    let written = facts::written(&args, &unit);
    let (payer, authority) = (place.authority, place.authority);
    let prepared = client.prepare([instruction::update_unit(payer, authority, number, args)]);
    let act = Act::new("unit updated", prepared)
        .writes(written)
        .fact("unit", place.unit)
        .fact("unit_number", number)
        .fact("live_slas", u64::from(unit.live_slas));
    Ok(facts::compare(act, place.unit).perform(settings).await?.report)
}

pub async fn close(client: &Flashback, number: u64) -> Result<Act> {
    let place = Place::new(client.key(), number);
    let unit: DataUnit = client.fetch(&place.unit).await?;
    if unit.closing {
        let refused = anyhow::Error::from(Error::Rule(CoreError::UnitUnchanged));
        return Err(refused.context(match unit.live_slas {
            0 => "`flashback unit remove` removes it".to_owned(),
            live => format!("`flashback unit remove` removes it after its SLAs: {live}"),
        }));
    }
    let prepared = client.prepare([instruction::close_unit(place.authority, number)]);
    Ok(Act::new("unit closed to new SLAs", prepared)
        .fact("unit", place.unit)
        .fact("unit_number", number)
        .fact("live_slas", u64::from(unit.live_slas))
        .compare("closing", place.unit, |unit: &DataUnit| unit.closing.into())
        .ask(format!("Close unit {number} to new SLAs?")))
}

pub async fn remove(client: &Flashback, place: Place) -> Result<Act> {
    let unit: DataUnit = client.fetch(&place.unit).await?;
    check_gone(unit.closing, unit.live_slas).map_err(Error::from).with_context(|| {
        if unit.closing {
            format!("SLAs of it that are left: {} (`flashback sla release`)", unit.live_slas)
        } else {
            "the unit is open: `flashback unit close` closes it to new SLAs".to_owned()
        }
    })?;
    let prepared =
        client.prepare([instruction::remove_unit(place.provider, place.number, unit.rent_payer)]);
    Ok(Act::new("unit removed", prepared)
        .fact("unit", place.unit)
        .fact("unit_number", place.number)
        .fact("provider", place.provider)
        .fact("listed", Timestamp(unit.listed_at))
        .fact("rent_to", unit.rent_payer)
        .compare("listed_units", place.provider, |provider: &Provider| {
            u64::from(provider.listed_units).into()
        }))
}

/// Refuses, as the program would, a unit that closes.
pub fn check_open(unit: &DataUnit) -> Result<()> {
    if unit.closing { Err(Error::Rule(CoreError::UnitClosing).into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted;

    #[tokio::test]
    async fn a_unit_that_is_listed_is_told_also_if_it_cannot_be_read() {
        let listed = async |client: &Flashback| {
            let report = Report::new("unit listed").fact("unit_number", 7u64);
            listed(client, report, &Pubkey::new_unique(), 90).await.json()
        };
        let down = listed(&scripted::gone()).await;
        assert_eq!((&down["result"], &down["unit_number"]), (&"unit listed".into(), &7.into()));
        assert!(down["unit_unread"].as_str().unwrap().contains("cannot be reached"), "{down}");
        // Asked of that slot, not of whatever the server has.
        let lagging = scripted::client(|_, params| {
            assert_eq!(params[1]["minContextSlot"], 90);
            Ok(scripted::accounts(90, &[None]))
        });
        let missing = listed(&lagging).await;
        assert!(missing["unit_unread"].as_str().unwrap().contains("no DataUnit"), "{missing}");
    }
}
