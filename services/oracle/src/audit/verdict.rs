//! What a publication shows about a report.

use flashback_core::records::Series;
use flashback_core::sla::Commitment;

use crate::publication::client::FetchError;
use crate::publication::{Document, Judgement, Proven, Withheld};

/// What was found where an oracle publishes: bytes, or why there are none.
pub type Published = Result<Vec<u8>, FetchError>;

/// What it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The report is that of the published records.
    Agrees,
    /// The records prove it wrong.
    Wrong(Proven),
    /// The records were not shown.
    Withheld(Withheld),
    /// Nothing is known: the network, or a server that may be back soon. To be tried again.
    Unreachable(String),
}

impl Verdict {
    /// What it is called.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Wrong(_) => "wrong",
            Self::Withheld(_) => "withheld",
            Self::Unreachable(_) => "unreachable",
        }
    }
}

/// Judges the report of `committed`, of which `series` tells whose and what it is, by what was published of it. `known`
/// are other series that leaves may have been taken from: see [`Document::check`].
pub fn judge(
    published: &Published,
    committed: &Commitment,
    series: &Series,
    known: &[Series],
) -> Verdict {
    let bytes = match published {
        Ok(bytes) => bytes,
        Err(error) if error.may_pass() => return Verdict::Unreachable(error.to_string()),
        Err(error) => return Verdict::Withheld(Withheld::whole(error.to_string())),
    };
    let document = match Document::parse(bytes) {
        Ok(document) => document,
        Err(error) => return Verdict::Withheld(Withheld::whole(error.to_string())),
    };
    match document.check(committed, series, known) {
        Judgement::Agrees => Verdict::Agrees,
        Judgement::Wrong(proven) => Verdict::Wrong(proven),
        Judgement::Withheld(withheld) => Verdict::Withheld(withheld),
    }
}
