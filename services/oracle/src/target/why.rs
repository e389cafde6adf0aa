//! Why a probe was not ok, and what it therefore counts as.

use flashback_core::records::Outcome;

/// Why a probe was not ok.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Why {
    /// Nothing, or not all of it, came in time.
    #[error("no answer in time")]
    TimedOut,
    /// There is no connection: refused, no such host, no valid certificate.
    #[error("no connection")]
    Unreachable,
    /// The connection ended before the answer did.
    #[error("the connection broke")]
    Interrupted,
    /// The answer sends the client elsewhere.
    #[error("redirected, which is not followed")]
    Redirected,
    /// What should be there is not.
    #[error("not found")]
    NotFound,
    /// Slowed down below the rate agreed.
    #[error("throttled")]
    Throttled,
    /// The provider's own error: any other status from 500.
    #[error("the provider's error {0}")]
    ServerError(u16),
    /// Any other status that is not success.
    #[error("unexpected status {0}")]
    Unexpected(u16),
    /// An answer that makes no sense.
    #[error("malformed answer")]
    Malformed,
    /// Other bytes than were stored.
    #[error("wrong bytes")]
    WrongBytes,
    /// The credentials are not accepted.
    #[error("credentials refused")]
    Unauthenticated,
    /// The credentials do not allow it.
    #[error("forbidden")]
    Forbidden,
    /// The bucket is not there.
    #[error("no such bucket")]
    NoBucket,
    /// The consumer's quota or bill.
    #[error("quota used up")]
    Quota,
    /// A canary that this oracle never read right: perhaps it never was there.
    #[error("a canary that was never read right")]
    CanaryUnproven,
    /// The oracle's own side.
    #[error("the oracle's own side: {0}")]
    OwnSide(OwnFault),
}

/// What was wrong on the oracle's own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OwnFault {
    /// Its network.
    #[error("its network was down")]
    Network,
    /// Its runtime: timers fired late, and so would have everything else.
    #[error("its runtime lagged")]
    Lagging,
    /// Its budget of bytes for the SLA's window.
    #[error("its budget of bytes is used up")]
    Budget,
    /// It could not make the request.
    #[error("the request could not be made")]
    NotSent,
}

impl Why {
    /// What a probe that ended so counts as: what a consumer can cause, and what is the oracle's own fault, says
    /// nothing about the provider.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::TimedOut
            | Self::Unreachable
            | Self::Interrupted
            | Self::Redirected
            | Self::NotFound
            | Self::Throttled
            | Self::ServerError(_)
            | Self::Unexpected(_)
            | Self::Malformed
            | Self::WrongBytes => Outcome::Failed,
            Self::Unauthenticated
            | Self::Forbidden
            | Self::NoBucket
            | Self::Quota
            | Self::CanaryUnproven
            | Self::OwnSide(_) => Outcome::Inconclusive,
        }
    }

    /// Whether no answer came, so that the oracle's own side may be why.
    pub const fn is_silence(self) -> bool {
        matches!(self, Self::TimedOut | Self::Unreachable | Self::Interrupted)
    }
}
