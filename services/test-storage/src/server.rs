//! The server: its set-up, its state, its owner.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::backend::Backend;
use crate::connection;
use crate::faults::Faults;
use crate::log::{Entry, Log};
use crate::throttle::Tokens;

/// Why a storage cannot be started, or an object cannot be put into it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No bucket was asked for.
    #[error("a storage needs at least one bucket, but none is named")]
    NoBucket,
    /// A bucket's name that S3 does not have.
    #[error("'{0}' is no bucket's name: 3 to 63 lower-case letters, digits, '.' and '-'")]
    Bucket(String),
    /// A key that names no file.
    #[error("'{0}' is no key here: names with '/' between them, none of them empty, '.' or '..'")]
    Key(String),
    /// The file backend.
    #[error("the file backend does not start: {0}")]
    Backend(String),
    /// The file system or the network.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What may go wrong with the storage itself.
pub type Result<T> = std::result::Result<T, Error>;

/// How a storage is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageConfig {
    /// The access key that is let in.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// Buckets that are there from the start; at least one.
    pub buckets: Vec<String>,
    /// What faults are drawn from.
    pub seed: u64,
}

/// Keys that are no secret, one bucket `flashback`, seed 0.
impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            access_key_id: "flashback-test".to_owned(),
            secret_access_key: "flashback-test-secret".to_owned(),
            buckets: vec!["flashback".to_owned()],
            seed: 0,
        }
    }
}

/// What the server's tasks share.
pub(crate) struct Shared {
    pub(crate) seed: u64,
    pub(crate) backend: Backend,
    pub(crate) log: Arc<Log>,
    faults: RwLock<Arc<Faults>>,
    tokens: Mutex<Tokens>,
    serial: AtomicU64,
    pub(crate) refused_connections: AtomicU64,
    pub(crate) stop: Notify,
}

impl Shared {
    pub(crate) fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::SeqCst)
    }

    pub(crate) fn faults(&self) -> Arc<Faults> {
        self.faults.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running S3 server. It stops, and its folder goes, when this is dropped.
pub struct TestStorage {
    config: StorageConfig,
    address: SocketAddr,
    bucket: String,
    shared: Arc<Shared>,
    task: Option<JoinHandle<()>>,
}

impl TestStorage {
    /// Starts a server on a free port of 127.0.0.1, on the runtime that this is called from.
    pub async fn start(config: StorageConfig) -> Result<Self> {
        let bucket = config.buckets.first().ok_or(Error::NoBucket)?.clone();
        let shared = Arc::new(Shared {
            seed: config.seed,
            backend: Backend::new(&config)?,
            log: Arc::default(),
            faults: RwLock::default(),
            tokens: Mutex::default(),
            serial: AtomicU64::new(0),
            refused_connections: AtomicU64::new(0),
            stop: Notify::new(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(connection::serve(listener, shared.clone()));
        Ok(Self { config, address, bucket, shared, task: Some(task) })
    }

    /// Where it listens, for example `http://127.0.0.1:40123`. Requests are path-style.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The access key that is let in.
    pub fn access_key_id(&self) -> &str {
        &self.config.access_key_id
    }

    /// Its secret.
    pub fn secret_access_key(&self) -> &str {
        &self.config.secret_access_key
    }

    /// The first bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Writes an object into the first bucket, past the server: nothing is logged, no fault applies. Of an object that a
    /// client has put there before, only the bytes are replaced, not its ETag.
    pub fn put_object(&self, key: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.shared.backend.put(&self.bucket, key, bytes.as_ref())
    }

    /// The keys in the first bucket, sorted.
    pub fn objects(&self) -> Vec<String> {
        self.shared.backend.keys(&self.bucket)
    }

    /// Sets what goes wrong from now on: a request goes by what is set when its head has been read.
    pub fn set_faults(&self, faults: Faults) {
        *self.shared.faults.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(faults);
        *self.shared.tokens() = Tokens::default();
    }

    /// What goes wrong at present.
    pub fn faults(&self) -> Faults {
        self.shared.faults().as_ref().clone()
    }

    /// Requests that have ended, in the order in which they did: one entry for each that was HTTP at all. It is there before
    /// the client can have read the answer's end, or noticed that its connection was reset.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.log.entries().clone()
    }

    /// Empties the log. Serial numbers go on.
    pub fn clear_log(&self) {
        self.shared.log.entries().clear();
    }

    /// Connections that [`Outage::Refused`](crate::Outage::Refused) reset before a request was read.
    pub fn refused_connections(&self) -> u64 {
        self.shared.refused_connections.load(Ordering::SeqCst)
    }

    /// Stops the server, drops its connections and waits for that; then its folder goes.
    pub async fn stop(mut self) {
        self.shared.stop.notify_one();
        if let Some(task) = self.task.take() {
            // A task that has ended otherwise has dropped its connections as well.
            let _ = task.await;
        }
    }
}

impl Drop for TestStorage {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn stopping_closes_the_port_and_removes_the_folder() {
        let storage = TestStorage::start(StorageConfig::default()).await.unwrap();
        let (address, folder) = (storage.address, storage.shared.backend.folder().to_path_buf());
        let open = TcpStream::connect(address).await.unwrap();
        assert!(folder.is_dir());
        storage.stop().await;
        assert!(!folder.exists());
        assert!(TcpStream::connect(address).await.is_err());
        // The connection that was open is closed: nothing more can be read from it.
        open.readable().await.unwrap();
        assert!(matches!(open.try_read(&mut [0; 1]), Ok(0) | Err(_)));
    }

    #[tokio::test]
    async fn dropping_does_the_same() {
        let storage = TestStorage::start(StorageConfig::default()).await.unwrap();
        let (address, folder) = (storage.address, storage.shared.backend.folder().to_path_buf());
        drop(storage);
        while folder.exists() || TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_cannot_be_is_told() {
        let buckets = |names: &[&str]| StorageConfig {
            buckets: names.iter().map(|&name| name.to_owned()).collect(),
            ..StorageConfig::default()
        };
        assert!(matches!(TestStorage::start(buckets(&[])).await, Err(Error::NoBucket)));
        for name in ["", "..", "a/b", "Upper"] {
            assert!(
                matches!(TestStorage::start(buckets(&[name])).await, Err(Error::Bucket(told)) if told == name)
            );
        }
        let storage = TestStorage::start(StorageConfig::default()).await.unwrap();
        for key in ["", "/etc/x", "../x", "a/../../x", "a/"] {
            assert!(
                matches!(storage.put_object(key, b""), Err(Error::Key(told)) if told == key),
                "{key}"
            );
        }
        storage.put_object("b/c", b"2").unwrap();
        storage.put_object("a", b"1").unwrap();
        assert_eq!(storage.objects(), ["a", "b/c"]);
    }
}
