//! Where a round's records go.

use async_trait::async_trait;
use flashback_core::records::Record;

/// What a recorder failed of.
pub type RecorderError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps what the rounds of one window, or of one SLA, find. Each call returns once it is kept for good: a round
/// goes on only then, and stops at any error.
#[async_trait]
pub trait Recorder: Send + Sync {
    /// Keeps a record of that round.
    async fn record(&self, round: u32, record: Record) -> Result<(), RecorderError>;

    /// Writes down that an object of that key is about to be put. A second time is no error: the round before a
    /// crash is probed again.
    async fn object_put(&self, key: &str) -> Result<(), RecorderError>;

    /// Strikes out an object that is gone. One that is not written down is no error.
    async fn object_gone(&self, key: &str) -> Result<(), RecorderError>;

    /// Keeps that a canary was read right for the first time.
    async fn canary_read(&self, key: &str) -> Result<(), RecorderError>;
}
