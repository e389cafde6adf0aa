//! Search: the units that can be reserved, the best bargain first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use flashback_core::CoreError;
use flashback_core::admission::{Admission, Certification};
use flashback_core::listing::{PricePerQuality, Rank};
use flashback_core::money;
use flashback_core::params::Params;
use flashback_core::sla::Offer;
use flashback_core::text::REGION_SIZE;
use flashback_core::units::{Atoms, Bps, Gib, PricePerGibMonth, Seconds, Timestamp};
use solana_sdk::pubkey::Pubkey;

use crate::account::{Certificate, DataUnit, Provider, SubjectKind};
use crate::address;
use crate::client::Flashback;
use crate::error::{Error, Result};
use crate::scan::Has;

/// What is looked for. The default is every unit that this client's key could reserve anything of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// In that region only: see [`flashback_core::text::region`].
    pub region: Option<[u8; REGION_SIZE]>,
    /// Protocols of which every one must be spoken: 1 = S3, 2 = GCS, 4 = Azure Blob, added up; 0: any.
    pub protocols: u8,
    /// Free capacity, at least; 1 GiB if it is zero.
    pub capacity: Gib,
    /// Duration that the offer must allow; `None`: any.
    pub duration: Option<Seconds>,
    /// The highest price.
    pub max_price: Option<PricePerGibMonth>,
    /// The highest mean latency, in µs: only units that promise one as low.
    pub max_latency_us: Option<u32>,
    /// The lowest score as of now, in thousandths of a point: 0 to 100,000.
    pub min_score_milli: u32,
    /// The lowest level of the provider's certificate: 1 to 4. It must be valid now in any case.
    pub provider_level: u8,
    /// Whether to list units too that ask for a consumer's certificate which this client's key has not.
    pub any_consumer: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            region: None,
            protocols: 0,
            capacity: Gib(1),
            duration: None,
            max_price: None,
            max_latency_us: None,
            min_score_milli: 0,
            provider_level: 1,
            any_consumer: false,
        }
    }
}

/// A unit that can be reserved.
#[derive(Clone)]
pub struct Listing {
    /// The DataUnit's address.
    pub address: Pubkey,
    /// The Provider's address.
    pub provider_address: Pubkey,
    /// The provider's key: what quoting and reserving ask for, with `unit.id`.
    pub provider_authority: Pubkey,
    /// The unit.
    pub unit: DataUnit,
    /// Its provider.
    pub provider: Provider,
    /// The provider's certificate: valid now.
    pub certificate: Certificate,
    /// The unit's score as of now, in thousandths of a point.
    pub score_milli: u32,
    /// Its listing priority as of now.
    pub priority: Atoms,
    /// Its price for its quality.
    pub price_per_quality: PricePerQuality,
    /// What is free of its capacity.
    pub free: Gib,
}

impl Listing {
    fn rank(&self) -> Rank {
        Rank {
            price_per_quality: self.price_per_quality,
            priority: Reverse(self.priority),
            address: self.address.to_bytes(),
        }
    }
}

/// What a search has found.
#[derive(Default)]
pub struct Listings {
    /// The units: by price per quality, then by priority, highest first, then by address.
    pub units: Vec<Listing>,
    /// Why accounts that may have belonged to others do not decode: one each, with its address.
    pub skipped: Vec<Error>,
}

/// What every unit is compared with.
#[derive(Clone, Copy, Debug)]
struct Market<'a> {
    params: &'a Params,
    consumer: Option<Certification>,
    now: Timestamp,
}

impl Flashback {
    /// Searches for units that can be reserved now.
    ///
    /// Left out is what the chain would refuse: closing units, those without the capacity, providers that are
    /// uncertified, below the least stake, or whose free stake does not cover the capacity looked for (for the
    /// duration looked for, else the offer's shortest). A pause of new SLAs hides nothing: it passes. What is listed may
    /// still be taken by somebody else before it is reserved.
    ///
    /// The server filters by kind, region and closing; everything else is compared here.
    ///
    /// # Errors
    /// [`Error::Network`], [`Error::Rpc`]: servers may refuse to scan a program's accounts; as [`Flashback::config`].
    pub async fn search(&self, search: &Search) -> Result<Listings> {
        let config = self.config().await?;
        let consumer = self.certificate(SubjectKind::Consumer, &self.key()).await?;
        let market = Market {
            params: &config.params,
            consumer: consumer.map(|certificate| certificate.certification()),
            now: self.now().await?,
        };
        let mut having = vec![Has::open_unit()];
        having.extend(search.region.map(Has::unit_region));
        let mut found = self.scan::<DataUnit>(&having).await?;
        found.accounts.retain(|(_, unit)| search.wants(unit, market.now));
        let mut listings = Listings { units: vec![], skipped: found.skipped };
        let owners = self.owners(&found.accounts, &mut listings.skipped).await?;
        for (address, unit) in found.accounts {
            let Some((provider, certificate)) = owners.get(&unit.provider) else { continue };
            let listing = search.listing(address, unit, provider, certificate, &market);
            listings.units.extend(listing.ok());
        }
        listings.units.sort_by_key(Listing::rank);
        Ok(listings)
    }

    /// The units' providers with their certificates, by the Provider's address.
    async fn owners(
        &self,
        units: &[(Pubkey, DataUnit)],
        skipped: &mut Vec<Error>,
    ) -> Result<BTreeMap<Pubkey, (Provider, Certificate)>> {
        let mut addresses: Vec<_> = units.iter().map(|(_, unit)| unit.provider).collect();
        addresses.sort();
        addresses.dedup();
        let providers: Vec<Provider> =
            decoded(self.find_many(&addresses).await?, skipped).collect();
        let certificates: Vec<_> = providers
            .iter()
            .map(|provider| address::certificate(SubjectKind::Provider, &provider.authority))
            .collect();
        let certificates = decoded(self.find_many::<Certificate>(&certificates).await?, skipped);
        let certificates: BTreeMap<_, _> =
            certificates.map(|certificate| (certificate.subject, certificate)).collect();
        let owners = providers.into_iter().filter_map(|provider| {
            let certificate = certificates.get(&provider.authority)?.clone();
            Some((address::provider(&provider.authority), (provider, certificate)))
        });
        Ok(owners.collect())
    }
}

/// The accounts that are there and decode; the errors of the others go to `skipped`.
fn decoded<T>(
    read: Vec<Result<Option<T>>>,
    skipped: &mut Vec<Error>,
) -> impl Iterator<Item = T> + use<T> {
    let mut accounts = vec![];
    for account in read {
        match account {
            Ok(account) => accounts.extend(account),
            Err(error) => skipped.push(error),
        }
    }
    accounts.into_iter()
}

impl Search {
    /// The capacity to look for.
    fn gib(&self) -> Gib {
        self.capacity.max(Gib(1))
    }

    /// Whether the unit, leaving its provider aside, is what is looked for.
    fn wants(&self, unit: &DataUnit, now: Timestamp) -> bool {
        let offer = &unit.offer;
        let allowed = offer.min_duration_secs..=offer.max_duration_secs;
        let latency = offer.thresholds.latency_us;
        let price = PricePerGibMonth(offer.price_per_gib_month);
        self.region.is_none_or(|region| region == unit.region)
            && unit.protocols & self.protocols == self.protocols
            && self.duration.is_none_or(|duration| allowed.contains(&duration.0))
            && self.max_price.is_none_or(|most| price <= most)
            && self.max_latency_us.is_none_or(|most| latency <= most)
            && unit.score.at(now).is_ok_and(|score| score.milli >= self.min_score_milli)
            && unit.capacity().take(self.gib()).is_ok()
    }

    /// The unit as it is listed; an error if an SLA of it would not be agreed.
    fn listing(
        &self,
        address: Pubkey,
        unit: DataUnit,
        provider: &Provider,
        certificate: &Certificate,
        market: &Market,
    ) -> flashback_core::Result<Listing> {
        let now = market.now;
        let certification = certificate.certification();
        certification.check(self.provider_level, now)?;
        let admission = Admission {
            paused_until: now,
            unit_closing: unit.closing,
            provider: certification,
            bonded: Atoms(provider.stake.bonded),
            min_stake: Atoms(market.params.min_stake),
            consumer_level: if self.any_consumer { 0 } else { unit.consumer_level },
            consumer: market.consumer,
        };
        admission.check(now)?;
        let mut stake = provider.stake;
        stake.cover(self.cover(&unit.offer, market.params)?)?;
        let score_milli = unit.score.at(now)?.milli;
        let price = PricePerGibMonth(unit.offer.price_per_gib_month);
        Ok(Listing {
            address,
            provider_address: unit.provider,
            provider_authority: provider.authority,
            provider: *provider,
            certificate: certificate.clone(),
            score_milli,
            priority: unit.boost().value(now)?,
            price_per_quality: PricePerQuality::of(price, score_milli),
            free: unit.capacity().free(),
            unit,
        })
    }

    /// What has to be free of the provider's stake: at least an atom.
    fn cover(&self, offer: &Offer, params: &Params) -> flashback_core::Result<Atoms> {
        let duration = self.duration.unwrap_or(Seconds(offer.min_duration_secs));
        let per_month = PricePerGibMonth(offer.price_per_gib_month);
        let price = match money::price_floor(self.gib(), per_month, duration, 1) {
            // The shortest duration of little capacity may cost nothing; a longer one does not.
            Err(CoreError::PriceBelowOneAtomPerWindow) => Atoms::ZERO,
            price => price?,
        };
        Ok(money::cover_floor(price, Bps(params.cover_bps))?.max(Atoms(1)))
    }
}

#[cfg(test)]
mod tests;
