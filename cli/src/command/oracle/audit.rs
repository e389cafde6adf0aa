//! `flashback oracle audit`: others' records against what they reported.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use flashback_core::units::{Atoms, Seconds};
use flashback_oracle::audit::evidence::Evidence;
use flashback_oracle::audit::{Action, Auditor, Policy, Report as Audited, Verdict};
use solana_sdk::pubkey::Pubkey;
use tokio::time::sleep;

use crate::exit::usage;
use crate::output::{Fact, Report};
use crate::progress;
use crate::quantity;
use crate::settings::Settings;

/// What to audit, and how far to go.
#[derive(Debug, Args)]
pub struct Audit {
    /// The SLAs' addresses [default: every active one]
    #[arg(value_name = "SLA", value_parser = quantity::address)]
    slas: Vec<Pubkey>,
    /// Prove what published records contradict: half of the slash is the acting key's
    #[arg(long)]
    prove: bool,
    /// Challenge what is not published too, with bonds of so much in all: an oracle that opens its leaf keeps the bond
    #[arg(long, value_name = "AMOUNT", value_parser = quantity::flash_above_zero, requires = "prove")]
    challenge: Option<Atoms>,
    /// Audit again and again, with such a pause between: until Ctrl-C, an answer each time that tells something new
    #[arg(long, value_name = "SPAN", value_parser = pause)]
    every: Option<Seconds>,
    /// Write documents, terms and verdicts of each SLA to SLA.json in this folder, as evidence for a dispute
    #[arg(long, value_name = "FOLDER")]
    evidence: Option<PathBuf>,
}

impl Audit {
    fn policy(&self) -> Policy {
        match (self.prove, self.challenge) {
            (_, Some(bonds)) => Policy::Challenge { bonds },
            (true, None) => Policy::Prove,
            (false, None) => Policy::Report,
        }
    }
}

fn pause(text: &str) -> Result<Seconds, String> {
    match quantity::duration(text)? {
        span if span.0 == 0 || span.0 > 86_400 => Err(format!("`{text}` is not from 1s to 1d")),
        span => Ok(span),
    }
}

pub async fn run(audit: &Audit, settings: &Settings) -> Result<()> {
    settings.refuse_modes()?;
    if let Some(folder) = &audit.evidence {
        std::fs::create_dir_all(folder).map_err(|why| {
            usage(format!("--evidence: cannot make the folder {}: {why}", folder.display()))
        })?;
    }
    let client = if audit.prove { settings.client()? } else { settings.reader()? };
    let auditor = Auditor::new(client, audit.policy());
    let Some(every) = audit.every else {
        look(audit, &auditor).await?.print(settings.output());
        return Ok(());
    };
    let mut told = None;
    loop {
        match look(audit, &auditor).await {
            Ok(report) => {
                let text = report.text();
                if told.as_ref() != Some(&text) {
                    report.print(settings.output());
                }
                told = Some(text);
            }
            // Whatever the chain or the network says now, the next look may succeed.
            Err(why) => progress::announce(&format!("not audited: {why:#}")),
        }
        tokio::select! {
            () = sleep(Duration::from_secs(u64::from(every.0))) => {}
            asked = tokio::signal::ctrl_c() => return asked.context("Ctrl-C cannot be awaited"),
        }
    }
}

/// One audit of everything that was named.
async fn look(audit: &Audit, auditor: &Auditor) -> Result<Report> {
    let slas = if audit.slas.is_empty() { auditor.slas().await? } else { audit.slas.clone() };
    let (mut rows, mut written) = (vec![], vec![]);
    for sla in &slas {
        let audited = auditor.audit(sla).await?;
        if let Some(folder) = &audit.evidence {
            written.push([write(folder, &audited)?.into()]);
        }
        rows.extend(audited.seats.iter().map(|seat| {
            [
                (*sla).into(),
                u64::from(seat.window.window).into(),
                u64::from(seat.seat).into(),
                seat.oracle.into(),
                seat.verdict.name().into(),
                why(&seat.verdict).into(),
                Fact::untrusted(&done(&seat.action)),
            ]
        }));
    }
    let columns = ["sla", "window", "seat", "oracle_authority", "verdict", "why", "done"];
    Ok(Report::new("audited")
        .fact("audited_slas", u64::try_from(slas.len())?)
        .fact("bonded_by_challenges", auditor.bonded())
        .table("submissions", columns, rows)
        .table("evidence", ["file"], written))
}

fn write(folder: &std::path::Path, audited: &Audited) -> Result<String> {
    let file = folder.join(format!("{}.json", audited.sla));
    let bytes = Evidence::of(audited).to_bytes()?;
    std::fs::write(&file, bytes)
        .with_context(|| format!("the evidence was not written to {}", file.display()))?;
    Ok(file.display().to_string())
}

fn why(verdict: &Verdict) -> Option<Fact> {
    match verdict {
        Verdict::Agrees => None,
        Verdict::Wrong(proven) => Some(Fact::untrusted(&format!("{:?}", proven.fraud))),
        Verdict::Withheld(withheld) => Some(Fact::untrusted(&withheld.why)),
        Verdict::Unreachable(why) => Some(Fact::untrusted(why)),
    }
}

fn done(action: &Action) -> String {
    match action {
        Action::None => "nothing to do".to_owned(),
        Action::LeftToOthers => "left to others: see --prove and --challenge".to_owned(),
        Action::BondTooLarge { bond } => {
            format!("not challenged: the bond of {bond} is more than --challenge still allows")
        }
        Action::ChallengedBefore { leaf } => format!("leaf {leaf} is challenged already"),
        Action::TooLate => "its challenge phase is over".to_owned(),
        Action::VoidedByOthers => "voided by somebody else".to_owned(),
        Action::Proved { signature, .. } => format!("proven wrong in {signature}"),
        Action::Challenged { leaf, bond, signature } => {
            format!("leaf {leaf} challenged for {bond} in {signature}")
        }
        Action::Failed(why) => format!("failed: {why}"),
    }
}
