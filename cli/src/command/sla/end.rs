//! `flashback sla terminate` and `expire`: the end before its time.

use anyhow::{Context, Result};
use flashback_core::CoreError;
use flashback_core::sla::{SlaBody, SlaState, Termination};
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Provider, Sla};
use flashback_sdk::{Error, Flashback};
use solana_sdk::pubkey::Pubkey;

use super::{because, require, show};
use crate::act::Act;
use crate::output::{Fact, Report};
use crate::settings::Settings;

/// For whom a key ends an SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Consumer,
    Provider,
}

pub async fn terminate(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let sla = client.sla(&address).await?;
    require(&sla.body, SlaState::Active)?;
    let provider: Provider = client.fetch(&sla.provider).await?;
    let side = side_of(&sla, &provider, &client.key())?;
    let (ended, earlier) = end(&sla.body, side, client.now().await?)?;
    let ends = ended.terms.window_start(earlier.end).map_err(Error::from)?;
    let question = format!(
        "End SLA {address} after {} of {} windows, at {}?",
        earlier.end,
        earlier.end_before,
        Fact::from(ends)
    );
    let act = Act::new("terminated", client.terminate_sla(&address).await?)
        .fact("sla", address)
        .fact("windows", u64::from(sla.body.terms.windows))
        .fact("ends_after", u64::from(earlier.end))
        .fact("ends", ends)
        .compare("ends_after", address, |sla: &Sla| u64::from(sla.body.progress.end).into())
        .ask(question);
    Ok(act.perform(settings).await?.report)
}

fn side_of(sla: &Sla, provider: &Provider, key: &Pubkey) -> Result<Side> {
    if sla.acts_for_consumer(key) {
        return Ok(Side::Consumer);
    }
    if provider.authority == *key {
        return Ok(Side::Provider);
    }
    let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
    Err(refused.context(format!(
        "{key} is neither the consumer nor its delegate nor the provider's authority"
    )))
}

/// What the chain will make of it: settled as far as is due, and ending earlier.
fn end(body: &SlaBody, side: Side, now: Timestamp) -> Result<(SlaBody, Termination)> {
    let mut body = *body;
    let mut ended = || {
        while body.settle_next(now)?.is_some() {}
        match side {
            Side::Consumer => body.terminate_by_consumer(now),
            Side::Provider => body.terminate_by_provider(now),
        }
    };
    let ended = ended().map_err(Error::from)?;
    Ok((body, ended))
}

pub async fn expire(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let body = client.sla(&address).await?.body;
    require(&body, SlaState::Proposed).or_else(|_| require(&body, SlaState::Agreed))?;
    check_expired(&client, &body).await?;
    let prepared = client.expire_sla(&address).await?;
    let act = Act::new("expired: the deposit is refunded", prepared).fact("sla", address).watch(
        "refundable",
        address,
        |sla: &Sla| Atoms(sla.body.money.refundable),
    );
    Ok(act.perform(settings).await?.report)
}

/// Refuses what its provider, or its committee, still has time for.
async fn check_expired(client: &Flashback, body: &SlaBody) -> Result<()> {
    let early = Err(Error::Rule(CoreError::NotExpired));
    match show::seating(client, body).await? {
        Some(outlook) if !outlook.lapsed => early.context(outlook.text),
        Some(_) => Ok(()),
        None => {
            let mut expired = *body;
            let refund = expired.expire_proposal(client.now().await?);
            refund.map(|_| ()).map_err(because(CoreError::NotExpired, || {
                let deadline = Timestamp(body.progress.deadline);
                format!("the provider may accept it until {}", Fact::from(deadline))
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sla::tests::{active, zeroed};

    #[test]
    fn the_end_is_what_the_chain_makes_of_it() {
        // Thirty daily windows from second 1,000 on; now is within the third.
        let body = active(30, 1_000);
        let now = Timestamp(1_000 + 2 * 86_400 + 5);
        let (settled, earlier) = end(&body, Side::Provider, now).unwrap();
        assert_eq!(settled.progress.cursor, 1, "the first window was due");
        assert_eq!((earlier.end_before, earlier.end), (30, 10));
        let short = active(5, 1_000);
        let refused = end(&short, Side::Provider, now).unwrap_err();
        assert_eq!(refused.to_string(), CoreError::EndNotEarlier.to_string());
    }

    #[test]
    fn only_its_parties_end_it() {
        let (consumer, delegate, authority) =
            (Pubkey::new_unique(), Pubkey::new_unique(), Pubkey::new_unique());
        let mut sla: Sla = zeroed();
        (sla.consumer, sla.delegate) = (consumer, delegate);
        let mut provider: Provider = zeroed();
        provider.authority = authority;
        let side = |key| side_of(&sla, &provider, &key);
        assert_eq!(side(consumer).unwrap(), Side::Consumer);
        assert_eq!(side(delegate).unwrap(), Side::Consumer);
        assert_eq!(side(authority).unwrap(), Side::Provider);
        assert!(side(Pubkey::default()).is_err(), "nobody's delegate");
    }
}
