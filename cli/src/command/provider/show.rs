//! Providers, and what they serve.

use anyhow::Result;
use flashback_core::units::{Atoms, Gib, Timestamp};
use flashback_sdk::account::{Certificate, Provider, Sla, SubjectKind};
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::facts;
use crate::command::sla::word;
use crate::output::{Arrangement, Fact, Report};

pub async fn show(client: &Flashback, authority: Pubkey) -> Result<Report> {
    let provider = client.provider(&authority).await?;
    let address = address::provider(&authority);
    let certificate = client.certificate(SubjectKind::Provider, &authority).await?;
    let report =
        Report::new("provider").fact("provider", address).fact("provider_authority", authority);
    let report = facts::details(report, &provider)
        .fact("registered", Timestamp(provider.registered_at))
        .fact("score", Fact::score(provider.score_milli()))
        .fact("unit_count", u64::from(provider.unit_count))
        .fact("listed_units", u64::from(provider.listed_units))
        .fact("live_slas", u64::from(provider.live_slas))
        .fact("open_slas", u64::from(provider.open_slas))
        .fact("stake_vault", address::stake_vault(&address))
        .fact("bonded_stake", Atoms(provider.stake.bonded))
        .fact("covered_stake", Atoms(provider.stake.covered))
        .fact("free_stake", provider.stake.free())
        .fact("fees_swept", Atoms(provider.fees_swept));
    let report = match certificate {
        Some(certificate) => report
            .fact("certificate_level", u64::from(certificate.level))
            .fact("certified_until", Timestamp(certificate.expires_at))
            .fact("certifier_authority", certificate.certifier),
        None => report.fact("certificate_level", Fact::none("none: a certifier has to give one")),
    };
    let unbonding = provider.stake.unbonding.iter().filter(|one| one.amount > 0);
    let unbonding =
        unbonding.map(|one| [Atoms(one.amount).into(), Timestamp(one.release_at).into()]);
    Ok(report.table("unbonding", ["amount", "withdrawable_from"], unbonding.collect()))
}

/// A row for each provider.
pub const PROVIDERS: [&str; 9] = [
    "provider_authority",
    "region",
    "score",
    "listed_units",
    "live_slas",
    "bonded_stake",
    "free_stake",
    "certificate_level",
    "certified_until",
];

pub async fn list(client: &Flashback, arrangement: &Arrangement) -> Result<Report> {
    let found = client.providers().await?;
    let providers: Vec<Provider> =
        found.accounts.into_iter().map(|(_, provider)| provider).collect();
    let certificates: Vec<Pubkey> = providers
        .iter()
        .map(|provider| address::certificate(SubjectKind::Provider, &provider.authority))
        .collect();
    let certificates = client.find_many::<Certificate>(&certificates).await?;
    let (mut rows, mut skipped) = (vec![], found.skipped);
    for (provider, certificate) in providers.iter().zip(certificates) {
        let certificate = certificate.unwrap_or_else(|error| {
            skipped.push(error);
            None
        });
        rows.push(row(provider, certificate));
    }
    Ok(Report::new("providers").list("providers", PROVIDERS, rows, arrangement)?.skipped(&skipped))
}

fn row(provider: &Provider, certificate: Option<Certificate>) -> [Fact; 9] {
    [
        provider.authority.into(),
        Fact::region(&provider.region),
        Fact::score(provider.score_milli()),
        u64::from(provider.listed_units).into(),
        u64::from(provider.live_slas).into(),
        Atoms(provider.stake.bonded).into(),
        provider.stake.free().into(),
        certificate.as_ref().map(|certificate| u64::from(certificate.level)).into(),
        certificate.map(|certificate| Timestamp(certificate.expires_at)).into(),
    ]
}

/// A row for each of a provider's SLAs.
pub const SLAS: [&str; 10] = [
    "sla",
    "state",
    "consumer",
    "unit_number",
    "size",
    "windows_settled",
    "windows",
    "ends",
    "earned",
    "penalties_owed",
];

pub async fn slas(
    client: &Flashback,
    authority: Pubkey,
    arrangement: &Arrangement,
) -> Result<Report> {
    // Says so at once if there is no such provider.
    client.provider(&authority).await?;
    let found = client.slas_of_provider(&authority).await?;
    let rows = found.accounts.iter().map(|(address, sla)| sla_row(address, sla));
    Ok(Report::new("SLAs of the provider")
        .fact("provider", address::provider(&authority))
        .list("slas", SLAS, rows.collect(), arrangement)?
        .skipped(&found.skipped))
}

fn sla_row(address: &Pubkey, sla: &Sla) -> [Fact; 10] {
    let (terms, progress, money) = (&sla.body.terms, &sla.body.progress, &sla.body.money);
    let ends = (terms.start > 0).then(|| terms.window_start(progress.end).ok()).flatten();
    [
        (*address).into(),
        word(&progress.state()).into(),
        sla.consumer.into(),
        sla.unit_id.into(),
        Gib(terms.gib).into(),
        u64::from(progress.cursor).into(),
        u64::from(terms.windows).into(),
        ends.into(),
        Atoms(money.earned).into(),
        Atoms(money.penalty_owed).into(),
    ]
}
