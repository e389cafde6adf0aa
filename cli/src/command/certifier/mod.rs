//! `flashback certifier`: certifying who serves and is served.

mod give;
mod look;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use flashback_sdk::account::SubjectKind;
use solana_sdk::pubkey::Pubkey;

use crate::output::Arrangement;
use crate::quantity;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum CertifierAction {
    /// Certify somebody, as a certifier
    Certify(Box<give::Certify>),
    /// Change a certificate, as its certifier or the authority; what is not named stays
    Amend(Box<give::Amend>),
    /// End a certificate, as its certifier or the authority; as anyone, once it has been expired for 30 days
    ///
    /// No SLA ends by that. An oracle is drawn no more, whatever it is given later, until it leaves the registry and joins
    /// anew.
    Revoke(Whose),
    /// Show a certifier
    Show {
        /// The certifier's key [default: the acting key]
        #[arg(value_name = "CERTIFIER", value_parser = quantity::address)]
        certifier: Option<Pubkey>,
        /// Show the certificates that it has given, too
        #[arg(long)]
        certificates: bool,
    },
    /// List all certifiers
    List(Arrangement),
    /// Show somebody's certificate
    Certificate(Whose),
}

/// Whose certificate.
#[derive(Clone, Copy, Debug, Args)]
pub struct Whose {
    /// As what it is certified
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// Its key: the authority's, not an account's address
    #[arg(value_name = "ADDRESS", value_parser = quantity::address)]
    subject: Pubkey,
}

/// What a certificate's subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Provider,
    Consumer,
    Oracle,
}

impl Kind {
    fn subject(self) -> SubjectKind {
        match self {
            Self::Provider => SubjectKind::Provider,
            Self::Consumer => SubjectKind::Consumer,
            Self::Oracle => SubjectKind::Oracle,
        }
    }
}

/// A kind's name.
fn name(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Provider => "provider",
        SubjectKind::Consumer => "consumer",
        SubjectKind::Oracle => "oracle",
    }
}

pub async fn run(action: CertifierAction, settings: &Settings) -> Result<()> {
    let act = match action {
        CertifierAction::Certify(wanted) => give::certify(&settings.client()?, &wanted).await?,
        CertifierAction::Amend(wanted) => give::amend(&settings.client()?, &wanted).await?,
        CertifierAction::Revoke(whose) => give::revoke(&settings.client()?, whose).await?,
        CertifierAction::Show { certifier, certificates } => {
            let key = settings.key_or_own(certifier)?;
            let report = look::show(&settings.reader()?, key, certificates).await?;
            report.print(settings.output());
            return Ok(());
        }
        CertifierAction::List(arrangement) => {
            arrangement.check(&look::CERTIFIERS)?;
            look::list(&settings.reader()?, &arrangement).await?.print(settings.output());
            return Ok(());
        }
        CertifierAction::Certificate(whose) => {
            look::certificate(&settings.reader()?, whose).await?.print(settings.output());
            return Ok(());
        }
    };
    act.perform(settings).await?.report.print(settings.output());
    Ok(())
}
