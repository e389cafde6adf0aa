//! A bundle of what an audit found, for whoever has to decide what neither side can prove: a dispute's arbiter.
//!
//! Everything in it can be checked anew: the documents as they were served, byte for byte, against the commitments,
//! which stand on chain.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flashback_core::sla::SlaTerms;
use serde::Serialize;

use super::report::Report;
use super::verdict::Verdict;
use crate::publication::content_digest;
use crate::text::encode_hex;

/// What a bundle calls its format.
pub const FORMAT: &str = "flashback-evidence/1";

/// The bundle's JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// [`FORMAT`].
    pub format: &'static str,
    /// The Sla's address.
    pub sla: String,
    /// When the audit was made, by the chain's clock, in unix seconds.
    pub at: i64,
    /// What the SLA promises, and how it is judged.
    pub terms: Terms,
    /// The submissions.
    pub submissions: Vec<Item>,
}

/// The part of an SLA's terms that a window's quality is judged by, in the units that core gives them.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "they are those of SlaTerms")]
pub struct Terms {
    pub start: i64,
    pub window_secs: u32,
    pub windows: u16,
    pub probes: u32,
    pub seats: u8,
    pub uptime_failures_ppm: u32,
    pub errors_ppm: u32,
    pub latency_us: u32,
    pub upload_kib_s: u32,
    pub download_kib_s: u32,
    pub uptime_full_breach_ppm: u32,
    pub errors_full_breach_ppm: u32,
    pub z_milli: u16,
    pub min_samples: u16,
}

/// One submission.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// The window.
    pub window: u16,
    /// The seat.
    pub seat: u8,
    /// Its oracle's authority.
    pub oracle: String,
    /// Where it publishes.
    pub records_url: String,
    /// What the chain has of the submission, in hexadecimal.
    pub commitment: String,
    /// The document as it was served, in base64; none if none was.
    pub document: Option<String>,
    /// Its SHA-256, as `Content-Digest` has it.
    pub digest: Option<String>,
    /// What it shows.
    pub verdict: &'static str,
    /// The verdict in words.
    pub why: String,
    /// The proof that it is wrong, as the program takes it, in base64.
    pub proof: Option<String>,
}

impl Evidence {
    /// The bundle of an audit.
    pub fn of(report: &Report) -> Self {
        let submissions = report.seats.iter().map(|seat| {
            let document = seat.published.as_ref().ok();
            let (why, proof) = match &seat.verdict {
                Verdict::Agrees => ("the records are those that were reported".to_owned(), None),
                Verdict::Wrong(proven) => (format!("{:?}", proven.fraud), Some(&proven.proof)),
                Verdict::Withheld(withheld) => (withheld.why.clone(), None),
                Verdict::Unreachable(why) => (why.clone(), None),
            };
            Item {
                window: seat.window.window,
                seat: seat.seat,
                oracle: seat.oracle.to_string(),
                records_url: seat.records_url.clone(),
                commitment: encode_hex(&seat.committed),
                document: document.map(|bytes| STANDARD.encode(bytes)),
                digest: document.map(|bytes| content_digest(bytes)),
                verdict: seat.verdict.name(),
                why,
                proof: proof.map(|bytes| STANDARD.encode(bytes)),
            }
        });
        Self {
            format: FORMAT,
            sla: report.sla.to_string(),
            at: report.at.0,
            terms: Terms::of(&report.terms),
            submissions: submissions.collect(),
        }
    }

    /// Its bytes, to be kept as a file.
    ///
    /// # Errors
    /// None that a report can cause.
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec_pretty(self)
    }
}

impl Terms {
    fn of(terms: &SlaTerms) -> Self {
        Self {
            start: terms.start,
            window_secs: terms.window_secs,
            windows: terms.windows,
            probes: terms.probes,
            seats: terms.seats,
            uptime_failures_ppm: terms.uptime_failures_ppm,
            errors_ppm: terms.errors_ppm,
            latency_us: terms.latency_us,
            upload_kib_s: terms.upload_kib_s,
            download_kib_s: terms.download_kib_s,
            uptime_full_breach_ppm: terms.uptime_full_breach_ppm,
            errors_full_breach_ppm: terms.errors_full_breach_ppm,
            z_milli: terms.z_milli,
            min_samples: terms.min_samples,
        }
    }
}
