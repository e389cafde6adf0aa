//! A market: certified and staked actors, and a data unit to reserve.

use anyhow::{Context, Result};
use flashback_sdk::account::SubjectKind;
use flashback_sdk::address;
use flashback_sdk::core::quality::Thresholds;
use flashback_sdk::core::sla::Offer;
use flashback_sdk::core::text::region;
use flashback_sdk::core::units::{ATOMS_PER_FLASH, Atoms, DAY, Gib};
use flashback_sdk::instruction::{
    self as build, AppointCertifierArgs, CertifyArgs, CreateUnitArgs, RegisterOracleArgs,
    RegisterProviderArgs, StakeOwner,
};
use solana_sdk::instruction::Instruction;
use solana_sdk::pubkey::Pubkey;

use crate::deployment::{Actor, Deployment};

/// How long certificates and appointments last, in seconds: ten years.
const CERTIFICATE_SECS: u64 = 10 * 365 * 86_400;

/// How big a market is.
#[derive(Clone, Copy, Debug)]
pub struct MarketConfig {
    /// Number of oracles; an SLA needs two more than its committee has seats.
    pub oracles: u8,
    /// Stake of each oracle.
    pub oracle_stake: Atoms,
    /// Stake of the provider.
    pub provider_stake: Atoms,
    /// The consumer's FLASH.
    pub consumer_flash: Atoms,
    /// Capacity of the unit.
    pub capacity: Gib,
    /// What the unit offers.
    pub offer: Offer,
}

impl Default for MarketConfig {
    /// Five oracles with 10,000 FLASH staked each, a provider with 50,000 FLASH staked and one unit of 100 TiB, a
    /// consumer with 100,000 FLASH.
    fn default() -> Self {
        Self {
            oracles: 5,
            oracle_stake: Atoms(10_000 * ATOMS_PER_FLASH),
            provider_stake: Atoms(50_000 * ATOMS_PER_FLASH),
            consumer_flash: Atoms(100_000 * ATOMS_PER_FLASH),
            capacity: Gib(100 * 1024),
            offer: default_offer(),
        }
    }
}

/// 0.02 FLASH per GiB and 30 days, for an hour to a year, probed every minute; 99.9 % uptime, 99.9 % of
/// operations successful, 100 ms latency, 50 MiB/s up and down.
pub fn default_offer() -> Offer {
    Offer {
        price_per_gib_month: ATOMS_PER_FLASH / 50,
        version: 1,
        min_duration_secs: 3_600,
        max_duration_secs: 365 * DAY,
        probe_interval_secs: 60,
        thresholds: Thresholds {
            uptime_failures_ppm: 1_000,
            errors_ppm: 1_000,
            latency_us: 100_000,
            upload_kib_s: 50 * 1024,
            download_kib_s: 50 * 1024,
        },
    }
}

/// Everybody that an SLA needs.
pub struct Market {
    /// Certifies the others.
    pub certifier: Actor,
    /// Certified, staked and in the registry.
    pub oracles: Vec<Actor>,
    /// Certified and staked.
    pub provider: Actor,
    /// The provider's number of its one unit, which accepts automatically.
    pub unit_id: u64,
    /// Certified, with FLASH to spend.
    pub consumer: Actor,
    /// With FLASH to stake; neither registered nor certified yet.
    pub newcomer: Actor,
}

impl Market {
    /// Sets up a market.
    ///
    /// # Errors
    /// If the chain does not answer or the program refuses.
    pub async fn open(deployment: &Deployment, config: MarketConfig) -> Result<Self> {
        let certifier = deployment.certifier("certifier").await?;
        let mut oracles = vec![];
        for number in 1..=config.oracles {
            let name = format!("oracle-{number}");
            oracles.push(deployment.oracle(&certifier, name, config.oracle_stake).await?);
        }
        let provider = deployment.provider(&certifier, "provider", config.provider_stake).await?;
        let unit_id = 1;
        let unit = CreateUnitArgs {
            id: unit_id,
            capacity_gib: config.capacity.0,
            offer: config.offer,
            protocols: 1,
            consumer_level: 0,
            auto_accept: true,
            region: region("eu-central-1")?,
            endpoint_uri: "https://s3.provider.example".to_owned(),
        };
        provider.client.create_unit(unit).send().await.context("the unit was not listed")?;
        let consumer = deployment.consumer(&certifier, "consumer", config.consumer_flash).await?;
        let newcomer = deployment.actor("newcomer", config.provider_stake).await?;
        Ok(Self { certifier, oracles, provider, unit_id, consumer, newcomer })
    }

    /// Everybody, by name.
    pub fn actors(&self) -> impl Iterator<Item = &Actor> {
        let others = [&self.certifier, &self.provider, &self.consumer, &self.newcomer];
        others.into_iter().chain(&self.oracles)
    }

    /// The oracle with that authority.
    pub fn oracle(&self, authority: &Pubkey) -> Option<&Actor> {
        self.oracles.iter().find(|oracle| oracle.key() == *authority)
    }
}

impl Deployment {
    /// A new certifier that may give every level.
    ///
    /// # Errors
    /// If the chain does not answer or the program refuses.
    pub async fn certifier(&self, name: impl Into<String>) -> Result<Actor> {
        let actor = self.actor(name, Atoms::ZERO).await?;
        let expires_at = self.certificates_until().await?;
        let args = AppointCertifierArgs { certifier: actor.key(), max_level: 4, expires_at };
        let appointed = self.client().appoint_certifier(args).send().await;
        appointed.with_context(|| format!("{} was not appointed", actor.name))?;
        Ok(actor)
    }

    /// A new provider, registered, staked and certified.
    ///
    /// # Errors
    /// If the chain does not answer or the program refuses.
    pub async fn provider(
        &self,
        certifier: &Actor,
        name: impl Into<String>,
        stake: Atoms,
    ) -> Result<Actor> {
        let actor = self.actor(name, stake).await?;
        let key = actor.key();
        let args = RegisterProviderArgs {
            payout: key,
            region: region("eu-central-1")?,
            metadata_uri: format!("https://{}.example/about.json", actor.name),
        };
        let instructions = [
            build::register_provider(key, key, self.mint(), args),
            build::stake(key, self.tokens_of(&actor), StakeOwner::Provider(key), stake),
            self.certification(certifier, SubjectKind::Provider, &actor).await?,
        ];
        let registered = actor.client.send(&instructions, &[&certifier.keypair]).await;
        registered.with_context(|| format!("{} was not registered", actor.name))?;
        Ok(actor)
    }

    /// A new oracle, registered, staked, certified and in the registry.
    ///
    /// # Errors
    /// If the chain does not answer or the program refuses.
    pub async fn oracle(
        &self,
        certifier: &Actor,
        name: impl Into<String>,
        stake: Atoms,
    ) -> Result<Actor> {
        let actor = self.actor(name, stake).await?;
        let key = actor.key();
        let args = RegisterOracleArgs {
            x25519: key.to_bytes(),
            records_url: format!("https://{}.example/records", actor.name),
        };
        let instructions = [
            build::register_oracle(key, key, self.mint(), args),
            build::stake(key, self.tokens_of(&actor), StakeOwner::Oracle(key), stake),
            self.certification(certifier, SubjectKind::Oracle, &actor).await?,
            build::join_registry(key, key),
        ];
        let registered = actor.client.send(&instructions, &[&certifier.keypair]).await;
        registered.with_context(|| format!("{} was not registered", actor.name))?;
        Ok(actor)
    }

    /// A new certified consumer.
    ///
    /// # Errors
    /// If the chain does not answer or the program refuses.
    pub async fn consumer(
        &self,
        certifier: &Actor,
        name: impl Into<String>,
        flash: Atoms,
    ) -> Result<Actor> {
        self.certified(certifier, SubjectKind::Consumer, name, flash).await
    }

    /// A new actor with a certificate and nothing else.
    ///
    /// # Errors
    /// If the chain does not answer or the program refuses.
    pub async fn certified(
        &self,
        certifier: &Actor,
        kind: SubjectKind,
        name: impl Into<String>,
        flash: Atoms,
    ) -> Result<Actor> {
        let actor = self.actor(name, flash).await?;
        let certify = self.certification(certifier, kind, &actor).await?;
        let certified = certifier.client.send(&[certify], &[]).await;
        certified.with_context(|| format!("{} was not certified", actor.name))?;
        Ok(actor)
    }

    fn tokens_of(&self, actor: &Actor) -> Pubkey {
        address::token_account(&actor.key(), &self.mint())
    }

    /// The instruction that certifies an actor at level 2; the certifier signs and pays.
    async fn certification(
        &self,
        certifier: &Actor,
        kind: SubjectKind,
        subject: &Actor,
    ) -> Result<Instruction> {
        let args = CertifyArgs {
            kind,
            subject: subject.key(),
            level: 2,
            evidence_hash: [0; 32],
            expires_at: self.certificates_until().await?,
        };
        Ok(build::certify(certifier.key(), certifier.key(), args))
    }

    async fn certificates_until(&self) -> Result<i64> {
        Ok(self.client().now().await?.after(CERTIFICATE_SECS)?.0)
    }
}
