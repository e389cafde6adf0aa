//! Giving certificates, changing and ending them.

use anyhow::{Context, Result};
use clap::{ArgGroup, Args};
use flashback_core::CoreError;
use flashback_core::admission::{Certification, LEVEL_MAX};
use flashback_core::authority::check_lapsed;
use flashback_core::units::Timestamp;
use flashback_sdk::account::{Certificate, Certifier, Config};
use flashback_sdk::instruction::{
    self as build, AmendCertificateArgs, CertificateSigner, CertifyArgs,
};
use flashback_sdk::{Error, Flashback, address};

use super::{Whose, name};
use crate::act::Act;
use crate::command::admin::require;
use crate::command::term::Term;
use crate::exit::refused;
use crate::output::Fact;
use crate::quantity;

/// A certificate to give.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("end").args(["span", "until"]).required(true))]
pub struct Certify {
    #[command(flatten)]
    whose: Whose,
    /// Its level, 1 to 4: at most what the certifier may give
    #[arg(long, value_name = "LEVEL", value_parser = quantity::level)]
    level: u8,
    #[command(flatten)]
    term: Term,
    /// Hash of the evidence that the certifier keeps: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = quantity::digest)]
    evidence: [u8; 32],
}

/// What a certificate is to say from now on.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("changes").args(["level", "span", "until", "evidence"]).required(true).multiple(true))]
pub struct Amend {
    #[command(flatten)]
    whose: Whose,
    /// Its level, 1 to 4: at most what the certifier may give
    #[arg(long, value_name = "LEVEL", value_parser = quantity::level)]
    level: Option<u8>,
    #[command(flatten)]
    term: Term,
    /// Hash of the evidence that the certifier keeps: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = quantity::digest)]
    evidence: Option<[u8; 32]>,
}

pub async fn certify(client: &Flashback, wanted: &Certify) -> Result<Act> {
    let (key, now) = (client.key(), client.now().await?);
    let (kind, subject) = (wanted.whose.kind.subject(), wanted.whose.subject);
    let ends = wanted.term.required(now)?;
    let certifier = appointed(client).await?.ok_or(Error::Rule(CoreError::Unauthorized));
    let certifier = certifier.with_context(|| format!("{key} is no certifier"))?;
    check_gives(&certifier, wanted.level, ends, now)?;
    let account = address::certificate(kind, &subject);
    if client.find::<Certificate>(&account).await?.is_some() {
        return Err(refused(format!(
            "{subject} is certified as {} already: `flashback certifier amend` changes that",
            name(kind)
        )));
    }
    let args = CertifyArgs {
        kind,
        subject,
        level: wanted.level,
        evidence_hash: wanted.evidence,
        expires_at: ends.0,
    };
    Ok(Act::new("certified", client.certify(args))
        .fact("kind", name(kind))
        .fact("subject", subject)
        .fact("certificate_level", u64::from(wanted.level))
        .fact("certified_until", ends)
        .fact("evidence_hash", Fact::digest(&wanted.evidence))
        .created("certificate", account))
}

/// The acting key's appointment as a certifier.
async fn appointed(client: &Flashback) -> Result<Option<Certifier>> {
    Ok(client.find(&address::certifier(&client.key())).await?)
}

/// Refuses, as the program would, what a certifier may not give; says what it may.
fn check_gives(certifier: &Certifier, level: u8, ends: Timestamp, now: Timestamp) -> Result<()> {
    let given = Certification { level, expires_at: ends };
    let said = || {
        let until = Fact::from(Timestamp(certifier.expires_at));
        format!("you may certify up to level {} until {}", certifier.max_level, until)
    };
    certifier.appointment().check_gives(&given, now).map_err(Error::from).with_context(said)
}

async fn existing(client: &Flashback, whose: Whose) -> Result<Certificate> {
    Ok(client.fetch(&address::certificate(whose.kind.subject(), &whose.subject)).await?)
}

pub async fn amend(client: &Flashback, wanted: &Amend) -> Result<Act> {
    let (key, now) = (client.key(), client.now().await?);
    let before = existing(client, wanted.whose).await?;
    let level = wanted.level.unwrap_or(before.level);
    let ends = wanted.term.ends(now)?.unwrap_or(Timestamp(before.expires_at));
    let evidence_hash = wanted.evidence.unwrap_or(before.evidence_hash);
    let config = client.config().await?;
    let signer = if config.authority == key {
        let amended = Certification { level, expires_at: ends };
        amended.check_given(LEVEL_MAX, now).map_err(Error::from)?;
        CertificateSigner::Other(key)
    } else {
        require(before.certifier, client, "its certifier is", CoreError::Unauthorized)?;
        let certifier = appointed(client).await?.ok_or(Error::Rule(CoreError::CertifierExpired));
        check_gives(&certifier?, level, ends, now)?;
        CertificateSigner::Certifier(key)
    };
    let (kind, subject) = (before.kind, before.subject);
    let args = AmendCertificateArgs { level, evidence_hash, expires_at: ends.0 };
    let prepared = client.prepare([build::amend_certificate(signer, kind, &subject, args)]);
    let account = address::certificate(kind, &subject);
    let written: [(&str, Fact); 3] = [
        ("certificate_level", u64::from(level).into()),
        ("certified_until", ends.into()),
        ("evidence_hash", Fact::digest(&evidence_hash)),
    ];
    let act = Act::new("certificate amended", prepared)
        .fact("certificate", account)
        .fact("kind", name(kind))
        .fact("subject", subject);
    let said = written.iter().fold(act, |act, (key, value)| act.fact(key, value.clone()));
    Ok(said
        .writes(written)
        .compare("certificate_level", account, |it: &Certificate| u64::from(it.level).into())
        .compare("certified_until", account, |it: &Certificate| Timestamp(it.expires_at).into())
        .compare("evidence_hash", account, |it: &Certificate| Fact::digest(&it.evidence_hash)))
}

pub async fn revoke(client: &Flashback, whose: Whose) -> Result<Act> {
    let before = existing(client, whose).await?;
    let (kind, subject) = (before.kind, before.subject);
    let signer = who_revokes(client, &before, &client.config().await?).await?;
    let prepared =
        client.prepare([build::revoke_certificate(signer, kind, &subject, before.rent_payer)]);
    Ok(Act::new("certificate revoked", prepared)
        .fact("certificate", address::certificate(kind, &subject))
        .fact("kind", name(kind))
        .fact("subject", subject)
        .fact("certificate_level", u64::from(before.level))
        .fact("certified_until", Timestamp(before.expires_at))
        .fact("rent_to", before.rent_payer)
        .ask(format!("Revoke the certificate of the {} {subject}?", name(kind))))
}

/// As whom the acting key ends a certificate.
async fn who_revokes(
    client: &Flashback,
    certificate: &Certificate,
    config: &Config,
) -> Result<CertificateSigner> {
    let (key, now) = (client.key(), client.now().await?);
    if config.authority == key {
        return Ok(CertificateSigner::Other(key));
    }
    if certificate.certifier == key
        && appointed(client).await?.is_some_and(|certifier| now.0 < certifier.expires_at)
    {
        return Ok(CertificateSigner::Certifier(key));
    }
    let (certifier, authority) = (certificate.certifier, config.authority);
    check_lapsed(Timestamp(certificate.expires_at), now).map_err(Error::from).with_context(
        || format!("its certifier is {certifier}, the authority {authority}, and you act as {key}"),
    )?;
    Ok(CertificateSigner::Other(key))
}
