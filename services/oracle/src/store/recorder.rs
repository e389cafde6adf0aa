//! What rounds of probes find, kept in a store.

use async_trait::async_trait;
use flashback_core::records::Record;

use super::WindowStore;
use crate::round::{Recorder, RecorderError};

#[async_trait]
impl Recorder for WindowStore {
    async fn record(&self, round: u32, record: Record) -> Result<(), RecorderError> {
        Ok(self.append(round, &record).await?)
    }

    async fn object_put(&self, key: &str) -> Result<(), RecorderError> {
        Ok(self.store().object_put(&self.key().life, key).await?)
    }

    async fn object_gone(&self, key: &str) -> Result<(), RecorderError> {
        Ok(self.store().object_gone(&self.key().life, key).await?)
    }

    async fn canary_read(&self, key: &str) -> Result<(), RecorderError> {
        Ok(self.store().canary_read(self.key(), key).await?)
    }
}
