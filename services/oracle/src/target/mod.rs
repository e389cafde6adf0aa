//! One consumer's storage, measured.
//!
//! `object_store` builds and signs the requests; they are carried by a connector of our own, which sees each
//! exchange as it happens: when it was sent, when the answer and its bytes came, what the status and the
//! provider's error code were. What a probe counts as follows from that exchange alone ([`classify`]), never from
//! the text of an error. Nothing is tried twice and no redirect is followed, so that one operation is one
//! request, and each target has a pool of connections of its own. A connection is kept for seconds: a round
//! begins with a new one, and its latency is measured on one that stands.

mod classify;
mod connector;
mod exchange;
mod providers;
mod why;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, PutPayload};

pub use classify::classify;
pub use exchange::{Exchange, Transport};
pub use why::{OwnFault, Why};

use crate::credentials::Access;
use connector::observed;

/// What bounds every request to a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest that a request may take, connecting and the last byte included.
    pub timeout: Duration,
    /// Where requests may go without TLS.
    pub plain_http: PlainHttp,
}

/// Where requests may go without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainHttp {
    /// Nowhere.
    Never,
    /// To this machine, which only tests and demos have storage on.
    Loopback,
    /// Anywhere.
    Anywhere,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), plain_http: PlainHttp::Loopback }
    }
}

/// Why there is no target. No text of it holds anything secret.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The unit's endpoint is no address that is probed.
    #[error("endpoint {endpoint}: {reason}")]
    Endpoint {
        /// The endpoint, by the chain.
        endpoint: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The storage's client does not take the credentials.
    #[error("the credentials cannot be used: {0}")]
    Credentials(&'static str),
    /// The HTTP client cannot be made.
    #[error("no HTTP client can be made: {0}")]
    Client(String),
}

/// A bucket at a provider.
#[derive(Clone)]
pub struct Target {
    store: Arc<dyn ObjectStore>,
    prefix: Option<Arc<str>>,
}

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The bytes that came, none for operations without; or why it was not ok.
    pub result: Result<Bytes, Why>,
    /// From sending to the first byte of the body, or to the head of an answer without body, in µs, rounded down.
    pub latency_us: u32,
    /// What a transfer took, in µs, at least 1: from sending to the answer of an upload, from the first byte to
    /// the last of a download.
    pub duration_us: u32,
    /// Bytes of the object that went up or came down.
    pub bytes: u32,
    /// The answer's status, if there was one.
    pub status: Option<u16>,
    /// The provider's error code, if it gave one.
    pub code: Option<String>,
    /// What was wrong on the oracle's own side meanwhile, which a target does not know.
    pub unwell: Option<OwnFault>,
}

impl Target {
    /// The storage at `endpoint`, which is the unit's on chain, for who has that access.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn new(endpoint: &str, access: &Access, limits: &Limits) -> Result<Self, TargetError> {
        let endpoint = providers::endpoint(endpoint, limits.plain_http)?;
        let store = providers::store(&endpoint, access, limits)?;
        Ok(Self { store, prefix: access.prefix.as_deref().map(Arc::from) })
    }

    /// The key in the bucket of an object of the oracle's own.
    pub fn key(&self, name: &str) -> String {
        self.prefix.as_deref().map_or_else(|| name.to_owned(), |prefix| format!("{prefix}/{name}"))
    }

    /// Asks for the head of an object. A HEAD's answer has no body to name a cause in: see
    /// [`Measured::explain`].
    pub async fn head(&self, key: &str) -> Measured {
        let options = GetOptions::new().with_head(true);
        self.measure(key, 0, async |path| {
            self.store.get_opts(path, options).await.map(|_| Bytes::new())
        })
        .await
    }

    /// Reads a range of an object. An answer with more bytes than that is wrong.
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Measured {
        let most = range.end.saturating_sub(range.start);
        let options = GetOptions::new().with_range(Some(range));
        self.measure(key, most, async |path| {
            self.store.get_opts(path, options).await?.bytes().await
        })
        .await
    }

    /// Reads an object of `bytes` bytes. An answer with more is wrong.
    pub async fn get(&self, key: &str, bytes: u64) -> Measured {
        self.measure(key, bytes, async |path| {
            self.store.get_opts(path, GetOptions::new()).await?.bytes().await
        })
        .await
    }

    /// Stores an object.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Measured {
        let size = saturate(bytes.len());
        let mut measured = self
            .measure(key, 0, async |path| {
                self.store.put(path, PutPayload::from(bytes)).await.map(|_| Bytes::new())
            })
            .await;
        measured.bytes = size;
        measured
    }

    /// Deletes an object.
    pub async fn delete(&self, key: &str) -> Measured {
        self.measure(key, 0, async |path| self.store.delete(path).await.map(|()| Bytes::new()))
            .await
    }

    async fn measure(
        &self,
        key: &str,
        most: u64,
        operation: impl AsyncFnOnce(&Path) -> object_store::Result<Bytes>,
    ) -> Measured {
        let Ok(path) = Path::parse(key) else { return Measured::not_sent() };
        let (result, exchange) = observed(most, Box::pin(operation(&path))).await;
        let Some(exchange) = exchange else { return Measured::not_sent() };
        Measured::of(result, exchange)
    }
}

impl Measured {
    fn of(result: object_store::Result<Bytes>, exchange: Exchange) -> Self {
        let (latency_us, duration_us) = (exchange.latency_us(), exchange.duration_us());
        // The client refused what the provider said was fine: a head or a range that makes no sense.
        let result = classify(&exchange).and_then(|()| result.map_err(|_| Why::Malformed));
        let bytes = result.as_ref().map_or(0, |bytes| saturate(bytes.len()));
        let (status, code) = (exchange.status, exchange.code);
        Self { result, latency_us, duration_us, bytes, status, code, unwell: None }
    }

    fn not_sent() -> Self {
        let result = Err(Why::OwnSide(OwnFault::NotSent));
        let (status, code, unwell) = (None, None, None);
        Self { result, latency_us: 0, duration_us: 1, bytes: 0, status, code, unwell }
    }

    /// Whether it was refused without a word on the cause, as HEAD always is.
    pub fn is_unexplained(&self) -> bool {
        self.code.is_none() && self.status.is_some_and(|status| (400..500).contains(&status))
    }

    /// Takes the cause from another request's answer, made for the same object at once after it: if both have
    /// the same status, they have the same cause. Only so a missing bucket, which the consumer causes, is told
    /// from a missing object, which the provider does.
    pub fn explain(&mut self, other: &Self) {
        if self.is_unexplained() && self.status == other.status && other.code.is_some() {
            self.code.clone_from(&other.code);
            self.result = match &other.result {
                Ok(_) => return,
                Err(why) => Err(*why),
            };
        }
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

// The stores' own Debug shows their configuration.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
