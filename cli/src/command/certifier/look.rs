//! Looking at certifiers and certificates.

use anyhow::Result;
use flashback_core::units::Timestamp;
use flashback_sdk::account::{Certificate, Certifier};
use flashback_sdk::{Flashback, address};
use solana_sdk::pubkey::Pubkey;

use super::{Whose, name};
use crate::output::{Arrangement, Fact, Report};

pub async fn show(client: &Flashback, key: Pubkey, certificates: bool) -> Result<Report> {
    let account = address::certifier(&key);
    let (certifier, now): (Certifier, _) = (client.fetch(&account).await?, client.now().await?);
    let report = Report::new("certifier")
        .fact("certifier", account)
        .fact("certifier_authority", certifier.authority)
        .fact("highest_level", u64::from(certifier.max_level))
        .fact("appointed_until", Timestamp(certifier.expires_at))
        .fact("appointed", now.0 < certifier.expires_at)
        .fact("rent_to", certifier.rent_payer);
    if !certificates {
        return Ok(report);
    }
    let given = client.certificates_of(&key).await?;
    let columns = ["kind", "subject", "certificate_level", "certified_until", "certificate_valid"];
    let rows = given.accounts.iter().map(|(_, given)| {
        [
            name(given.kind).into(),
            given.subject.into(),
            u64::from(given.level).into(),
            Timestamp(given.expires_at).into(),
            is_valid(given, now).into(),
        ]
    });
    Ok(report.table("certificates", columns, rows.collect()).skipped(&given.skipped))
}

/// A row for each certifier.
pub const CERTIFIERS: [&str; 4] =
    ["certifier_authority", "highest_level", "appointed_until", "appointed"];

pub async fn list(client: &Flashback, arrangement: &Arrangement) -> Result<Report> {
    let (found, now) = (client.certifiers().await?, client.now().await?);
    let rows = found.accounts.iter().map(|(_, certifier)| {
        [
            certifier.authority.into(),
            u64::from(certifier.max_level).into(),
            Timestamp(certifier.expires_at).into(),
            (now.0 < certifier.expires_at).into(),
        ]
    });
    Ok(Report::new("certifiers")
        .list("certifiers", CERTIFIERS, rows.collect(), arrangement)?
        .skipped(&found.skipped))
}

pub async fn certificate(client: &Flashback, whose: Whose) -> Result<Report> {
    let account = address::certificate(whose.kind.subject(), &whose.subject);
    let (certificate, now): (Certificate, _) = (client.fetch(&account).await?, client.now().await?);
    Ok(Report::new("certificate")
        .fact("certificate", account)
        .fact("kind", name(certificate.kind))
        .fact("subject", certificate.subject)
        .fact("certificate_level", u64::from(certificate.level))
        .fact("certifier_authority", certificate.certifier)
        .fact("issued", Timestamp(certificate.issued_at))
        .fact("certified_until", Timestamp(certificate.expires_at))
        .fact("certificate_valid", is_valid(&certificate, now))
        .fact("evidence_hash", Fact::digest(&certificate.evidence_hash))
        .fact("rent_to", certificate.rent_payer))
}

/// Whether it counts as a certificate of any level.
fn is_valid(certificate: &Certificate, now: Timestamp) -> bool {
    certificate.certification().check(1, now).is_ok()
}
