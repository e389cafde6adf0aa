//! A provider's account: made, changed, closed.

use anyhow::{Context, Result};
use clap::{ArgGroup, Args};
use flashback_core::text::{REGION_SIZE, padded_text, uri_bytes};
use flashback_core::unit::check_exit;
use flashback_core::units::{Atoms, Timestamp};
use flashback_sdk::account::{Provider, SubjectKind};
use flashback_sdk::instruction::{self, RegisterProviderArgs, StakeOwner, UpdateProviderArgs};
use flashback_sdk::{Error, Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::facts;
use crate::act::Act;
use crate::command::term::Term;
use crate::command::{stake, wallet};
use crate::exit::{refused, usage};
use crate::output::Fact;
use crate::quantity;
use crate::settings::Settings;

/// A new provider.
#[derive(Debug, Args)]
pub struct Register {
    /// Where it is, 1 to 16 characters, such as eu-central-1
    #[arg(long, value_name = "NAME", value_parser = quantity::region)]
    region: [u8; REGION_SIZE],
    /// A document about it
    #[arg(long, value_name = "URI", default_value = "", value_parser = quantity::uri)]
    metadata_uri: String,
    /// Who owns the token account that earnings go to [default: the acting key]
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    payout: Option<Pubkey>,
    /// FLASH to stake in the same transaction
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::flash_above_zero)]
    stake: Option<Atoms>,
}

/// What is to change.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Changes {
    /// Who owns the token account that earnings go to
    #[arg(long, value_name = "ADDRESS", value_parser = quantity::address)]
    payout: Option<Pubkey>,
    /// Where it is, 1 to 16 characters
    #[arg(long, value_name = "NAME", value_parser = quantity::region)]
    region: Option<[u8; REGION_SIZE]>,
    /// A document about it; '' for none
    #[arg(long, value_name = "URI", value_parser = quantity::uri)]
    metadata_uri: Option<String>,
}

/// An operator to name.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("end").args(["span", "until"]).required(true))]
pub struct Operator {
    /// The operator's key
    #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
    operator: Pubkey,
    #[command(flatten)]
    term: Term,
}

impl Changes {
    /// The provider's details with these changes.
    ///
    /// # Errors
    /// Refused, if it says all of it already.
    fn apply(self, provider: &Provider) -> Result<UpdateProviderArgs> {
        let args = UpdateProviderArgs {
            payout: self.payout.unwrap_or(provider.payout),
            region: self.region.unwrap_or(provider.region),
            metadata_uri: self.metadata_uri.unwrap_or_else(|| padded_text(&provider.metadata_uri)),
        };
        let uri = uri_bytes(&args.metadata_uri).map_err(Error::from)?;
        if (args.payout, args.region, uri)
            == (provider.payout, provider.region, provider.metadata_uri)
        {
            return Err(refused("nothing would change: the provider says all of that already"));
        }
        Ok(args)
    }
}

pub async fn register(client: &Flashback, wanted: Register) -> Result<Act> {
    let Register { region, metadata_uri, payout, stake } = wanted;
    let key = client.key();
    let provider = address::provider(&key);
    if client.find::<Provider>(&provider).await?.is_some() {
        return Err(refused(format!(
            "{key} is registered as a provider already, at {provider}: `flashback provider update` changes it"
        )));
    }
    let payout = payout.unwrap_or(key);
    let args = RegisterProviderArgs { payout, region, metadata_uri };
    let mut prepared = client.register_provider(args).await?;
    if let Some(amount) = stake {
        wallet::check(client, amount).await?;
        prepared = prepared.and(client.stake(StakeOwner::Provider(key), amount).await?);
    }
    let act = Act::new("provider registered", prepared)
        .created("provider", provider)
        .created("stake_vault", address::stake_vault(&provider));
    Ok(match stake {
        Some(_) => stake::watch::<Provider>(act, client).await?,
        None => act,
    })
}

pub async fn update(client: &Flashback, changes: Changes) -> Result<Act> {
    let key = client.key();
    let before = super::own(client).await?;
    let args = changes.apply(&before)?;
    let question = question(&before, &args);
    let written = written(&args);
    let prepared = client.prepare([instruction::update_provider(key, args)]);
    let act = changing("provider updated", prepared, &key).writes(written);
    Ok(match question {
        Some(question) => act.ask(question),
        None => act,
    })
}

/// All that an update writes.
fn written(args: &UpdateProviderArgs) -> [(&'static str, Fact); 3] {
    let UpdateProviderArgs { payout, region, metadata_uri } = args;
    [
        ("payout", (*payout).into()),
        ("region", Fact::region(region)),
        ("metadata_uri", metadata_uri.clone().into()),
    ]
}

/// What is asked where earnings would go to another: they are not got back from there.
fn question(before: &Provider, args: &UpdateProviderArgs) -> Option<String> {
    (args.payout != before.payout)
        .then(|| format!("Have earnings go to {} instead of {}?", args.payout, before.payout))
}

pub async fn set_operator(settings: &Settings, named: Operator) -> Result<Act> {
    let Operator { operator, term } = named;
    if operator == Pubkey::default() {
        return Err(usage(format!(
            "{operator} is nobody's key: `flashback provider operator unset` removes the operator"
        )));
    }
    let client = settings.client()?;
    let key = client.key();
    if operator == key {
        return Err(usage(format!("{key} may do all that an operator may: name another key")));
    }
    let now = client.now().await?;
    let until = term.required(now)?;
    if until <= now {
        let (until, now) = (Fact::from(until), Fact::from(now));
        return Err(usage(format!(
            "{until} is over: on this chain it is {now}; name a later time, or a span from now, as --for 90d"
        )));
    }
    super::own(&client).await?;
    let prepared = client.prepare([instruction::set_operator(key, operator, until)]);
    Ok(changing("operator named", prepared, &key))
}

pub async fn unset_operator(client: &Flashback) -> Result<Act> {
    let key = client.key();
    if facts::operator(&super::own(client).await?).is_none() {
        return Err(refused("this provider has no operator"));
    }
    let (nobody, epoch) = (Pubkey::default(), Timestamp(0));
    let prepared = client.prepare([instruction::set_operator(key, nobody, epoch)]);
    Ok(changing("operator removed", prepared, &key))
}

/// An act that changes what a provider says.
fn changing(title: &'static str, prepared: flashback_sdk::Prepared, authority: &Pubkey) -> Act {
    let provider = address::provider(authority);
    facts::compare(Act::new(title, prepared).fact("provider", provider), provider)
}

pub async fn close(client: &Flashback) -> Result<Act> {
    let key = client.key();
    let provider = super::own(client).await?;
    let slas = provider.live_slas.max(provider.open_slas);
    check_exit(provider.listed_units, slas, &provider.stake)
        .map_err(Error::from)
        .with_context(|| in_the_way(provider.listed_units, slas, &provider))?;
    let certificate = client.certificate(SubjectKind::Provider, &key).await?;
    let certificate_rent = certificate.as_ref().map_or(key, |certificate| certificate.rent_payer);
    let prepared =
        client.prepare([instruction::close_provider(key, provider.rent_payer, certificate_rent)]);
    let address = address::provider(&key);
    let question = match certificate {
        Some(_) => format!("Close the provider {key} and revoke its certificate?"),
        None => format!("Close the provider {key}?"),
    };
    Ok(Act::new("provider closed", prepared)
        .fact("provider", address)
        .fact("rent_to", provider.rent_payer)
        .fact("certificate_revoked", certificate.is_some())
        .fact("certificate_rent_to", certificate.map(|certificate| certificate.rent_payer))
        .watch_tokens("stake_vault", address::stake_vault(&address))
        .watch_tokens("treasury", address::treasury())
        .ask(question))
}

/// What has to go before a provider can.
fn in_the_way(listed_units: u32, slas: u32, provider: &Provider) -> String {
    let mut left = vec![];
    if listed_units > 0 {
        left.push(format!("units: {listed_units} (`flashback unit close` and `unit remove`)"));
    }
    if slas > 0 {
        left.push(format!("SLAs: {slas} (`flashback sla release` and `sla close`)"));
    }
    if let Ok(owed) = provider.stake.owed()
        && owed > Atoms::ZERO
    {
        left.push(format!(
            "stake: {owed} (`flashback provider unstake`, and later `provider withdraw-stake`)"
        ));
    }
    format!("it still has {}", left.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flashback_core::text::region;
    use flashback_sdk::account::FlashbackAccount;

    fn provider() -> Provider {
        let mut provider = Provider::decode_body(&[0; size_of::<Provider>()]).unwrap();
        provider.payout = Pubkey::new_from_array([1; 32]);
        provider.region = region("eu-west-3").unwrap();
        provider.metadata_uri = uri_bytes("https://provider.example").unwrap();
        provider
    }

    const NOTHING: Changes = Changes { payout: None, region: None, metadata_uri: None };

    #[test]
    fn what_is_not_named_stays() {
        let moved = Changes { region: Some(region("eu-west-1").unwrap()), ..NOTHING };
        let args = moved.apply(&provider()).unwrap();
        assert_eq!(args.region, region("eu-west-1").unwrap());
        assert_eq!(args.payout, provider().payout);
        assert_eq!(args.metadata_uri, "https://provider.example");

        let cleared = Changes { metadata_uri: Some(String::new()), ..NOTHING };
        let args = cleared.apply(&provider()).unwrap();
        assert_eq!((args.metadata_uri.as_str(), args.region), ("", provider().region));
    }

    #[test]
    fn another_payout_is_asked_about() {
        let elsewhere = Pubkey::new_from_array([2; 32]);
        let moved = Changes { payout: Some(elsewhere), ..NOTHING };
        let args = moved.apply(&provider()).unwrap();
        let asked = question(&provider(), &args).unwrap();
        assert!(asked.contains(&elsewhere.to_string()), "{asked}");
        let cleared = Changes { metadata_uri: Some(String::new()), ..NOTHING };
        let args = cleared.apply(&provider()).unwrap();
        assert_eq!(question(&provider(), &args), None);
    }

    #[test]
    fn what_changes_nothing_is_refused() {
        let same = Changes {
            payout: Some(provider().payout),
            metadata_uri: Some("https://provider.example".to_owned()),
            ..NOTHING
        };
        let refused = same.apply(&provider()).unwrap_err();
        assert!(crate::exit::is_refused(&refused), "{refused}");
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let mut provider = provider();
        provider.stake.bonded = 2_500_000;
        let left = in_the_way(2, 1, &provider);
        for part in ["units: 2", "SLAs: 1", "stake: 2.5 FLASH"] {
            assert!(left.contains(part), "{part} in {left}");
        }
        provider.stake.bonded = 0;
        assert!(!in_the_way(2, 0, &provider).contains("SLAs"));
        assert!(!in_the_way(2, 0, &provider).contains("stake"));
    }
}
