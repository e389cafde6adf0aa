//! The program's events, decoded from a transaction's logs.
//!
//! Anchor logs an event as `Program data: ` and the base64 of its discriminator and Borsh encoding. Any program can log
//! anything, so a line counts only where the log says that this program was running.

pub use flashback::events::*;

use anchor_lang::{AnchorDeserialize, Discriminator};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::address;

/// What a line begins with that carries data.
const DATA: &str = "Program data: ";

macro_rules! events {
    ($($name:ident,)*) => {
        /// An event of the program.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum FlashbackEvent {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )*
        }

        impl FlashbackEvent {
            /// The names of all events, as in the IDL.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// The event's name, as in the IDL.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            /// What the program logs: the discriminator, and the fields in Borsh.
            pub fn encode(&self) -> Vec<u8> {
                match self {
                    $(Self::$name(event) => anchor_lang::Event::data(event),)*
                }
            }

            /// Decodes what the program logged as one event.
            ///
            /// # Errors
            /// [`Undecoded::Unknown`] for no event of this version of the program; [`Undecoded::Malformed`] for the
            /// discriminator of one before bytes that are not its own.
            pub fn decode(bytes: &[u8]) -> Result<Self, Undecoded> {
                $(
                    if let Some(mut body) = bytes.strip_prefix($name::DISCRIMINATOR) {
                        return match $name::deserialize(&mut body) {
                            Ok(event) if body.is_empty() => Ok(Self::$name(event)),
                            _ => Err(Undecoded::Malformed(stringify!($name))),
                        };
                    }
                )*
                Err(Undecoded::Unknown)
            }
        }

        $(
            impl From<$name> for FlashbackEvent {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }
        )*
    };
}

events! {
    ProtocolInitialized, CertifierAppointed, Certified, SolvencyAsserted, CertifierRemoved, CertificateAmended, CertificateRevoked, ParamsSet, GuardianAppointed, ArbiterAppointed, AuthorityOffered, AuthorityAccepted, Paused,
    ProviderRegistered, UnitListed, ProviderUpdated, OperatorSet, ProviderClosed, UnitUpdated, UnitBoosted, MaintenanceAnnounced, UnitClosing, UnitRemoved, UnitRefreshed,
    StakeAdded, UnstakeStarted, StakeWithdrawn,
    OracleRegistered, OracleJoined, ReportSubmitted, OracleUpdated, OracleLeft, EntryRemoved, OracleClosed, ReportsSubmitted, RedrawArmed, SeatRedrawn, OraclesFolded,
    SlaProposed, SlaRejected, SlaTerminated, SlaAgreed, CommitteeSeated, SlaExpired, WindowSettled, SlaReleased, SeatFreed, SlaClosed, BatchSettled, SlaPushedOut,
    EarningsWithdrawn, RefundWithdrawn, OracleFeesClaimed, FeesSwept, PenaltyCollected, AbsenceCollected,
    WindowContested, DisputeOpened, DisputeEnded, LeafChallenged, LeafOpened, ChallengeExpired, SubmissionVoided, RoundSeatFreed, RoundClosed,
}

/// Why logged data is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecoded {
    /// No event begins so: it may be of a newer program.
    #[error("no event of this version of the program begins like that: update the SDK")]
    Unknown,
    /// The bytes do not fit the event of that discriminator.
    #[error("the bytes of {0} are not as this version of the program writes them: update the SDK")]
    Malformed(&'static str),
    /// The line is no base64: the log was cut or altered.
    #[error("a line of data is not base64: the log was cut or altered")]
    NotBase64,
}

/// Every event that the program logged in a transaction, in order; what cannot be decoded stands in its place.
///
/// Logs are cut after 10,000 bytes: a log that ends with `Log truncated` may lack events.
pub fn from_logs<S: AsRef<str>>(logs: &[S]) -> Vec<Result<FlashbackEvent, Undecoded>> {
    let own = address::PROGRAM.to_string();
    let mut running: Vec<&str> = Vec::new();
    let mut events = Vec::new();
    for line in logs.iter().map(AsRef::as_ref) {
        if let Some(data) = line.strip_prefix(DATA) {
            if running.last() == Some(&own.as_str()) {
                let bytes = BASE64_STANDARD.decode(data).map_err(|_| Undecoded::NotBase64);
                events.push(bytes.and_then(|bytes| FlashbackEvent::decode(&bytes)));
            }
            continue;
        }
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("Program"), Some(program), Some("invoke")) => running.push(program),
            (Some("Program"), Some(program), Some("success" | "failed:" | "failed"))
                if running.last() == Some(&program) =>
            {
                running.pop();
            }
            _ => {}
        }
    }
    events
}

#[cfg(test)]
mod tests;
