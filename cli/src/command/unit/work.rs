//! What is done with a unit while it is listed.

use anyhow::{Context, Result};
use flashback_core::CoreError;
use flashback_core::unit::{self, Maintenance};
use flashback_core::units::{Atoms, Seconds, Timestamp};
use flashback_sdk::account::{DataUnit, Provider};
use flashback_sdk::{Error, Flashback, address, instruction};

use super::life::check_open;
use super::{Place, facts};
use crate::act::Act;
use crate::command::wallet;
use crate::output::Fact;
use crate::quantity::Time;

pub async fn announce(client: &Flashback, place: Place, from: Time, span: Seconds) -> Result<Act> {
    let (key, now) = (client.key(), client.now().await?);
    let provider: Provider = client.fetch(&place.provider).await?;
    let listed: DataUnit = client.fetch(&place.unit).await?;
    if !provider.may_operate(&key, now) {
        let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
        let who = format!("{key} is neither the provider {} nor its operator", place.authority);
        return Err(refused.context(who));
    }
    let part = client.config().await?.params.maintenance_part;
    let next = Maintenance { starts_at: from.seen_at(now)?, secs: span };
    check(&listed, next, part, now)?;
    let announce = instruction::announce_maintenance(key, place.provider, place.number, next);
    Ok(Act::new("maintenance announced", client.prepare([announce]))
        .fact("unit", place.unit)
        .fact("unit_number", place.number)
        .fact("starts", next.starts_at)
        .fact("ends", next.starts_at.after(u64::from(span.0)).map_err(Error::from)?)
        .fact("length", span)
        .fact("live_slas", u64::from(listed.live_slas)))
}

/// Refuses, as the program would, what cannot be announced; says what was known.
fn check(listed: &DataUnit, next: Maintenance, part: u16, now: Timestamp) -> Result<()> {
    let known = listed.maintenance.map(Maintenance::from);
    let listed_at = Timestamp(listed.listed_at);
    let announced = unit::announce(known, next, listed_at, part, now);
    announced.map(|_| ()).map_err(Error::from).with_context(|| {
        let [_, last] = known;
        let since = if last.starts_at > listed_at {
            format!("the last one begins {}", Fact::from(last.starts_at))
        } else {
            format!("the unit was listed {}", Fact::from(listed_at))
        };
        format!(
            "from {} for {}: it is {} now, {since}, and at most 1/{part} of the time since then may be maintenance",
            Fact::from(next.starts_at),
            Fact::from(next.secs),
            Fact::from(now)
        )
    })
}

pub async fn boost(client: &Flashback, place: Place, amount: Atoms) -> Result<Act> {
    let (key, mint, now) = (client.key(), client.mint().await?, client.now().await?);
    check_open(&client.fetch(&place.unit).await?)?;
    wallet::check(client, amount).await?;
    let wallet = address::token_account(&key, &mint);
    let prepared = client.prepare([instruction::boost_unit(key, wallet, mint, place.unit, amount)]);
    let question = format!(
        "Burn {amount} to list unit {} of the provider {} before others?",
        place.number, place.authority
    );
    Ok(Act::new("unit boosted", prepared)
        .fact("unit", place.unit)
        .fact("unit_number", place.number)
        .fact("burnt", amount)
        .watch_tokens("wallet", wallet)
        .watch("priority", place.unit, move |unit: &DataUnit| facts::priority(unit, now))
        .ask(question))
}

pub async fn refresh(client: &Flashback, place: Place) -> Result<Act> {
    // Says so at once if there is no such unit.
    client.fetch::<DataUnit>(&place.unit).await?;
    let prepared = client.prepare([instruction::refresh_unit(place.provider, place.number)]);
    Ok(Act::new("score brought up to date", prepared)
        .fact("unit", place.unit)
        .fact("unit_number", place.number)
        .fact("provider", place.provider)
        .compare("score", place.unit, |unit: &DataUnit| Fact::score(unit.score.milli))
        .compare("provider_score", place.provider, |provider: &Provider| {
            Fact::score(provider.score_milli())
        }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::unit::changes::tests::unit;
    use flashback_core::unit::NOTICE_SECS;

    const PART: u16 = 60;
    const NOW: Timestamp = Timestamp(100 * 86_400);

    fn next(ahead: u32, secs: u32) -> Maintenance {
        Maintenance { starts_at: NOW.after(u64::from(ahead)).unwrap(), secs: Seconds(secs) }
    }

    #[test]
    fn what_can_be_announced_is() {
        check(&unit(), next(NOTICE_SECS, 3_600), PART, NOW).unwrap();
    }

    #[test]
    fn what_cannot_is_refused_with_what_was_known() {
        let late = check(&unit(), next(NOTICE_SECS - 1, 3_600), PART, NOW).unwrap_err();
        let said = late.to_string();
        for part in ["for 1h", "it is 1970-04-11 00:00:00 UTC now", "was listed 1970-01-01", "1/60"]
        {
            assert!(said.contains(part), "{part} in {said}");
        }
        let core = |error: &anyhow::Error| error.downcast_ref::<Error>().and_then(Error::core);
        assert_eq!(core(&late), Some(CoreError::MaintenanceInvalid));

        let pending = flashback_sdk::account::Maintenance { starts_at: NOW.0 + 1, secs: 60 };
        let busy = DataUnit { maintenance: [Default::default(), pending], ..unit() };
        let refused = check(&busy, next(NOTICE_SECS, 60), PART, NOW).unwrap_err();
        assert_eq!(core(&refused), Some(CoreError::MaintenancePending));
        assert!(refused.to_string().contains("the last one begins 1970-04-11 00:00:01"));
    }
}
