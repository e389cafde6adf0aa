//! `flashback sla accept` and `reject`: a provider's word on a proposal.

use anyhow::Result;
use flashback_core::CoreError;
use flashback_core::sla::SlaState;
use flashback_core::units::{Atoms, Gib, Timestamp};
use flashback_sdk::account::{DataUnit, Provider, Sla, SubjectKind};
use flashback_sdk::instruction::{self, AcceptSla};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::seat::{self, Numbered, Seating};
use super::wanted::check_free;
use super::{because, require};
use crate::act::Act;
use crate::output::{Fact, Report};
use crate::settings::Settings;

pub async fn accept(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let (sla, provider) = proposal(&client, address).await?;
    check_in_time(&sla, client.now().await?)?;
    let unit_address = address::unit(&sla.provider, sla.unit_id);
    let unit: DataUnit = client.fetch(&unit_address).await?;
    check_free(unit.capacity(), Gib(sla.body.terms.gib))?;
    let certified = client.certificate(SubjectKind::Consumer, &sla.consumer).await?.is_some();
    let certificate = address::certificate(SubjectKind::Consumer, &sla.consumer);
    let accept = instruction::accept_sla(AcceptSla {
        signer: client.key(),
        provider_authority: provider.authority,
        unit_id: sla.unit_id,
        sla: address,
        consumer_certificate: certified.then_some(certificate),
    });
    let act = Act::new("accepted", client.prepare([accept]))
        .fact("sla", address)
        .fact("consumer", sla.consumer)
        .fact("unit", unit_address)
        .fact("size", Gib(sla.body.terms.gib))
        .fact("price", Atoms(sla.body.terms.price))
        .fact("provider_cover", Atoms(sla.body.terms.cover))
        .watch("provider_free_stake", sla.provider, |provider: &Provider| provider.stake.free());
    let outcome = act.perform(settings).await?;
    let sla = Numbered { address, number: sla.id };
    seat::follow(settings, &client, sla, outcome, Seating::Later).await
}

pub async fn reject(settings: &Settings, address: Pubkey) -> Result<Report> {
    let client = settings.client()?;
    let (sla, _) = proposal(&client, address).await?;
    let reject = instruction::reject_sla(client.key(), sla.provider, address);
    let act = Act::new("rejected: the deposit is refunded", client.prepare([reject]))
        .fact("sla", address)
        .fact("consumer", sla.consumer)
        .watch("refundable", address, |sla: &Sla| Atoms(sla.body.money.refundable));
    Ok(act.perform(settings).await?.report)
}

/// A proposal that the acting key may answer, with its provider.
async fn proposal(client: &Flashback, address: Pubkey) -> Result<(Sla, Provider)> {
    let sla = client.sla(&address).await?;
    require(&sla.body, SlaState::Proposed)?;
    let provider: Provider = client.fetch(&sla.provider).await?;
    let key = client.key();
    if !provider.may_operate(&key, client.now().await?) {
        let refused = anyhow::Error::from(Error::Rule(CoreError::Unauthorized));
        return Err(refused.context(format!(
            "{key} is neither the authority nor the operator of the provider {}",
            provider.authority
        )));
    }
    Ok((sla, provider))
}

/// Refuses a proposal whose deadline has passed.
fn check_in_time(sla: &Sla, now: Timestamp) -> Result<()> {
    let mut accepted = sla.body;
    accepted.accept(0, now).map_err(because(CoreError::ProposalExpired, || {
        format!("it could be accepted until {}", Fact::from(Timestamp(sla.body.progress.deadline)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_is_accepted_before_its_deadline() {
        let mut sla: Sla = crate::command::sla::tests::zeroed();
        sla.body.progress.state = SlaState::Proposed.code();
        sla.body.progress.deadline = 100;
        check_in_time(&sla, Timestamp(99)).unwrap();
        let late = check_in_time(&sla, Timestamp(100)).unwrap_err();
        assert_eq!(late.to_string(), "it could be accepted until 1970-01-01 00:01:40 UTC");
    }
}
