//! A real client: object_store's, over reqwest.
#![allow(dead_code, reason = "each test binary needs its own part of it")]

use std::error::Error as _;

use flashback_test_storage::{Entry, Fault, Faults, Operation, StorageConfig, TestStorage};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};

/// Bytes that differ from their neighbours.
pub fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

pub async fn storage() -> TestStorage {
    seeded(7).await
}

pub async fn seeded(seed: u64) -> TestStorage {
    TestStorage::start(StorageConfig { seed, ..StorageConfig::default() }).await.unwrap()
}

pub async fn with(faults: Faults) -> TestStorage {
    let storage = storage().await;
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

/// An object_store client that asks once.
pub struct Client {
    store: AmazonS3,
}

impl Client {
    pub fn of(storage: &TestStorage) -> Self {
        Self::new(storage, storage.bucket(), storage.access_key_id(), storage.secret_access_key())
    }

    pub fn new(storage: &TestStorage, bucket: &str, id: &str, secret: &str) -> Self {
        let store = AmazonS3Builder::new()
            .with_endpoint(storage.url())
            .with_region("us-east-1")
            .with_allow_http(true)
            .with_bucket_name(bucket)
            .with_access_key_id(id)
            .with_secret_access_key(secret)
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            .with_http_connector(Connector)
            .build()
            .unwrap();
        Self { store }
    }

    pub async fn run(&self, operation: Operation, key: &str, body: &[u8]) -> Seen {
        let path = Path::parse(key).unwrap();
        let result = match operation {
            Operation::Put => self.store.put(&path, body.to_vec().into()).await.map(|_| Vec::new()),
            Operation::Get => match self.store.get(&path).await {
                Ok(found) => found.bytes().await.map(Vec::from),
                Err(error) => Err(error),
            },
            Operation::RangeGet => self.store.get_range(&path, 1..3).await.map(Vec::from),
            Operation::Head => {
                self.store.head(&path).await.map(|meta| meta.size.to_string().into_bytes())
            }
            Operation::Delete => self.store.delete(&path).await.map(|()| Vec::new()),
            Operation::List => self.store.list_with_delimiter(None).await.map(|list| {
                list.objects
                    .iter()
                    .map(|object| object.location.to_string())
                    .collect::<Vec<_>>()
                    .join(",")
                    .into_bytes()
            }),
            Operation::Other => unreachable!("no test asks for it by this client"),
        };
        match result {
            Ok(bytes) => Seen::Good(bytes),
            Err(error) => refusal(&error),
        }
    }

    pub async fn get(&self, key: &str) -> Seen {
        self.run(Operation::Get, key, b"").await
    }

    pub async fn put(&self, key: &str, body: &[u8]) -> Seen {
        self.run(Operation::Put, key, body).await
    }
}

/// Status and code, which object_store tells in its error's text only.
fn refusal(error: &object_store::Error) -> Seen {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    let code = text
        .split("<Code>")
        .nth(1)
        .and_then(|rest| rest.split("</Code>").next())
        .map(str::to_owned);
    let status = (400..600).find(|status| {
        text.contains(&format!(" {status} ")) || text.contains(&format!("{status}:"))
    });
    status.map_or(Seen::Broken, |status| Seen::Refused(status, code))
}

/// What the server's log says that the client saw, if `good` is what it sees without a fault.
pub fn expected(entry: &Entry, good: &[u8]) -> Seen {
    match (entry.status, entry.injected.fault) {
        (None, _) => Seen::Broken,
        (Some(_), Some(Fault::Corrupted { at })) => {
            let at = usize::try_from(at).unwrap();
            let mut changed = good.to_vec();
            changed[at] = !changed[at];
            Seen::Good(changed)
        }
        (Some(status), _) if status < 300 => Seen::Good(good.to_vec()),
        (Some(status), _) => Seen::Refused(status, None),
    }
}
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Ok(HttpClient::new(Service(client)))
    }
}

#[derive(Debug)]
struct Service(reqwest::Client);

#[async_trait::async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |error| HttpError::new(HttpErrorKind::Unknown, error);
        let (head, body) = request.into_parts();
        let body = http_body_util::BodyExt::collect(body).await?.to_bytes();
        let request =
            self.0.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
        let answer: http::Response<reqwest::Body> = request.send().await.map_err(failed)?.into();
        let (head, body) = answer.into_parts();
        let body = HttpResponseBody::new(http_body_util::BodyExt::map_err(body, failed));
        Ok(HttpResponse::from_parts(head, body))
    }
}
