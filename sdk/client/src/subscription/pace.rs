//! When to ask a server again, and when to give up for now.

use std::time::Duration;

use solana_rpc_client_api::client_error::{Error as ClientError, ErrorKind};
use solana_rpc_client_api::custom_error::JSON_RPC_SERVER_ERROR_TRANSACTION_HISTORY_NOT_AVAILABLE;
use solana_rpc_client_api::request::RpcError;
use tokio::time::{Instant, sleep_until};

use super::alarm::Alarm;
use crate::error::{Error, Result};

/// The shortest and the longest pause; each is twice the one before.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How long a server may not answer before it is said.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a history may have a gap before it is said: servers that share an address differ for moments.
const GAP_PATIENCE: Duration = Duration::from_secs(10);
/// JSON-RPC's own number for a request that a server does not know.
const METHOD_NOT_FOUND: i64 = -32_601;

/// When the next question is due.
pub(super) struct Pace {
    pause: Duration,
    due: Option<Instant>,
    /// Since when nothing but failures came back.
    silent_since: Option<Instant>,
    /// Since when the history has had a gap.
    gap_since: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { pause: PAUSE_MIN, due: None, silent_since: None, gap_since: None }
    }
}

impl Pace {
    /// Comes back when the next question is due. The alarm ends a pause, but not one after a failure.
    pub async fn wait(&mut self, alarm: &Alarm) {
        let Some(due) = self.due else { return };
        if self.silent_since.is_some() || self.gap_since.is_some() {
            sleep_until(due).await;
        } else {
            tokio::select! {
                () = sleep_until(due) => {}
                // What rang may be listed a moment later.
                () = alarm.rung() => self.pause = PAUSE_MIN,
            }
        }
        self.due = None;
    }

    /// There was something new: there may be more.
    pub fn found(&mut self) {
        *self = Self::default();
    }

    /// There was nothing new.
    pub fn idle(&mut self) {
        (self.silent_since, self.gap_since) = (None, None);
        self.schedule();
    }

    /// The server answered one of several questions.
    pub fn answered(&mut self) {
        self.silent_since = None;
    }

    /// The server did not answer, or not usefully. It is asked again, unless patience has ended.
    pub fn failed(&mut self, error: Error) -> Result<()> {
        let (since, patience) = match &error {
            Error::HistoryGone { .. } => (&mut self.gap_since, GAP_PATIENCE),
            error if is_lasting(error) => (&mut self.silent_since, Duration::ZERO),
            _ => (&mut self.silent_since, PATIENCE),
        };
        if since.is_none() {
            self.pause = PAUSE_MIN;
        }
        let is_over = since.get_or_insert_with(Instant::now).elapsed() >= patience;
        self.schedule();
        if is_over {
            (self.silent_since, self.gap_since) = (None, None);
            return Err(error);
        }
        Ok(())
    }

    fn schedule(&mut self) {
        self.due = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }
}

/// Whether the server will always refuse.
fn is_lasting(error: &Error) -> bool {
    let Error::Rpc(error) = error else { return false };
    let kind = error.downcast_ref::<ClientError>().map(ClientError::kind);
    matches!(
        kind,
        Some(ErrorKind::RpcError(RpcError::RpcResponseError {
            code: METHOD_NOT_FOUND | JSON_RPC_SERVER_ERROR_TRANSACTION_HISTORY_NOT_AVAILABLE,
            ..
        }))
    )
}
