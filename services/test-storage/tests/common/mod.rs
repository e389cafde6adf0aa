//! A real client: object_store's, over reqwest.
#![allow(dead_code, reason = "each test binary needs its own part of it")]

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use flashback_test_storage::{
    Entry, Failure, FailureRate, Fault, Faults, Operation, Outage, StorageConfig, TestStorage,
};
use http_body_util::BodyExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};

/// Operations on one object, in an order in which each of them works.
pub const ON_OBJECTS: [Operation; 5] =
    [Operation::Put, Operation::Get, Operation::RangeGet, Operation::Head, Operation::Delete];

/// What a range-GET of the client reads.
pub const RANGE: std::ops::Range<usize> = 1..3;

/// Bytes that differ from their neighbours.
pub fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

pub async fn seeded(seed: u64) -> TestStorage {
    TestStorage::start(StorageConfig { seed, ..StorageConfig::default() }).await.unwrap()
}

/// A storage with these faults and an object `there` in it.
pub async fn with(faults: Faults, object: &[u8]) -> TestStorage {
    let storage = seeded(7).await;
    storage.put_object("there", object).unwrap();
    storage.set_faults(faults);
    storage
}

/// What a client saw of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Good(Vec<u8>),
    /// An HTTP status, with the S3 error code if there was a body to tell it.
    Refused(u16, Option<String>),
    /// No answer, or only a part of one.
    Broken,
}

impl Seen {
    pub fn refused(status: u16, code: &str) -> Self {
        Self::Refused(status, Some(code.to_owned()))
    }
}

/// An object_store client that asks once.
pub struct Client {
    store: AmazonS3,
    statuses: Arc<Mutex<Vec<u16>>>,
}

impl Client {
    pub fn of(storage: &TestStorage) -> Self {
        Self::new(storage, storage.bucket(), storage.access_key_id(), storage.secret_access_key())
    }

    pub fn new(storage: &TestStorage, bucket: &str, id: &str, secret: &str) -> Self {
        let statuses = Arc::default();
        let store = AmazonS3Builder::new()
            .with_endpoint(storage.url())
            .with_region("us-east-1")
            .with_allow_http(true)
            .with_bucket_name(bucket)
            .with_access_key_id(id)
            .with_secret_access_key(secret)
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            .with_http_connector(Connector(Arc::clone(&statuses)))
            .build()
            .unwrap();
        Self { store, statuses }
    }

    pub fn store(&self) -> &AmazonS3 {
        &self.store
    }

    pub async fn run(&self, operation: Operation, key: &str, body: &[u8]) -> Seen {
        self.statuses.lock().unwrap().clear();
        match self.ask(operation, key, body).await {
            Ok(bytes) => Seen::Good(bytes),
            Err(error) => match self.statuses.lock().unwrap()[..] {
                [status] if status >= 300 => Seen::Refused(status, code(&error)),
                _ => Seen::Broken,
            },
        }
    }

    async fn ask(
        &self,
        operation: Operation,
        key: &str,
        body: &[u8],
    ) -> object_store::Result<Vec<u8>> {
        let path = Path::parse(key).unwrap();
        Ok(match operation {
            Operation::Put => {
                self.store.put(&path, body.to_vec().into()).await.map(|_| Vec::new())?
            }
            Operation::Get => self.store.get(&path).await?.bytes().await?.into(),
            Operation::RangeGet => {
                self.store.get_range(&path, RANGE.start as u64..RANGE.end as u64).await?.into()
            }
            Operation::Head => self.store.head(&path).await?.size.to_string().into_bytes(),
            Operation::Delete => self.store.delete(&path).await.map(|()| Vec::new())?,
            Operation::List => {
                let found = self.store.list_with_delimiter(None).await?;
                let keys: Vec<_> =
                    found.objects.iter().map(|object| object.location.to_string()).collect();
                keys.join(",").into_bytes()
            }
            Operation::Other => unreachable!("no test asks for it by this client"),
        })
    }

    pub async fn get(&self, key: &str) -> Seen {
        self.run(Operation::Get, key, b"").await
    }

    pub async fn put(&self, key: &str, body: &[u8]) -> Seen {
        self.run(Operation::Put, key, body).await
    }
}

/// What an operation of the client answers on an object with these bytes.
pub fn good(operation: Operation, object: &[u8]) -> Vec<u8> {
    match operation {
        Operation::Get => object.to_vec(),
        Operation::RangeGet => object[RANGE].to_vec(),
        Operation::Head => object.len().to_string().into_bytes(),
        _ => Vec::new(),
    }
}

/// Asserts that the client saw what the server's log says, of an operation on an object with these bytes.
pub fn assert_agree(entry: &Entry, object: &[u8], seen: &Seen) {
    let good = good(entry.operation, object);
    match (entry.status, entry.injected.fault) {
        (None, _) => assert_eq!(*seen, Seen::Broken, "{entry:?}"),
        (Some(200..300), Some(Fault::Corrupted { at })) => {
            let Seen::Good(bytes) = seen else { panic!("{seen:?}, {entry:?}") };
            assert_eq!(bytes.len(), good.len(), "{entry:?}");
            let changed: Vec<_> =
                (0..good.len()).filter(|&place| bytes[place] != good[place]).collect();
            assert_eq!(changed, [usize::try_from(at).unwrap()], "{entry:?}");
        }
        (Some(200..300), None) => assert_eq!(*seen, Seen::Good(good), "{entry:?}"),
        (Some(status), fault) => {
            let told = fault.map(|fault| match fault {
                Fault::Outage(Outage::Unavailable) => "ServiceUnavailable",
                Fault::Throttled => "SlowDown",
                Fault::Refused => "AccessDenied",
                Fault::MissingBucket => "NoSuchBucket",
                Fault::Quota => "QuotaExceeded",
                Fault::NotServed => "NoSuchKey",
                Fault::Status { code, .. } => code,
                other => panic!("{other:?} has no status"),
            });
            // A HEAD has no body that could tell it.
            let told = told.filter(|_| entry.operation != Operation::Head).map(str::to_owned);
            assert_eq!(*seen, Seen::Refused(status, told), "{entry:?}");
        }
    }
}

/// Asks in turn, and compares each answer and its time with the log.
pub async fn run(
    storage: &TestStorage,
    key: &str,
    object: &[u8],
    operations: impl IntoIterator<Item = Operation>,
) {
    let client = Client::of(storage);
    for operation in operations {
        let (before, began) = (storage.log().len(), Instant::now());
        let seen = client.run(operation, key, object).await;
        let took = began.elapsed();
        let log = storage.log();
        assert_eq!(log.len(), before + 1, "one entry per request");
        let entry = &log[before];
        assert_eq!(
            (entry.operation, entry.complete),
            (operation, entry.status.is_some()),
            "{entry:?}"
        );
        assert_agree(entry, object, &seen);
        assert!(entry.injected.least() <= entry.took(), "{entry:?}");
        assert!(entry.injected.least() <= took, "{took:?}, {entry:?}");
    }
}

/// A failure for each operation.
pub fn failing(ppm: u32, failure: Failure) -> Faults {
    Faults { failures: vec![FailureRate { operation: None, ppm, failure }], ..Faults::default() }
}

/// The S3 error code, which object_store tells in the text of its errors.
fn code(error: &object_store::Error) -> Option<String> {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    let rest = text.split("<Code>").nth(1)?;
    rest.split("</Code>").next().map(str::to_owned)
}

/// Notes the status of each answer.
#[derive(Clone, Debug)]
struct Connector(Arc<Mutex<Vec<u16>>>);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Ok(HttpClient::new(Service { client, statuses: Arc::clone(&self.0) }))
    }
}

#[derive(Debug)]
struct Service {
    client: reqwest::Client,
    statuses: Arc<Mutex<Vec<u16>>>,
}

#[async_trait::async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |error| HttpError::new(HttpErrorKind::Unknown, error);
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let request =
            self.client.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
        let answer: http::Response<reqwest::Body> = request.send().await.map_err(failed)?.into();
        self.statuses.lock().unwrap().push(answer.status().as_u16());
        let (head, body) = answer.into_parts();
        Ok(HttpResponse::from_parts(head, HttpResponseBody::new(body.map_err(failed))))
    }
}
