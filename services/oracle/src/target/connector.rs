//! What carries the requests of `object_store` and watches them.

use std::cell::Cell;
use std::future::Future;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, Method, Request, Response};

use super::TargetError;
use super::classify::{code, code_in};
use super::exchange::{Exchange, Transport};

/// The most bytes of a body that are read even where fewer were asked for: an error's, say.
const ERROR_BYTES_MAX: usize = 64 * 1_024;
/// How long an idle connection is kept: within a round, not from one to the next.
const IDLE: Duration = Duration::from_secs(10);

tokio::task_local! {
    static WATCHED: Watched;
}

struct Watched {
    /// The most bytes of a body that the operation asks for.
    most: usize,
    exchange: Cell<Option<Exchange>>,
}

/// Runs one operation and returns with it the exchange that it made, if it came to one.
pub async fn observed<T>(most: u64, operation: impl Future<Output = T>) -> (T, Option<Exchange>) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let watched = Watched { most, exchange: Cell::new(None) };
    WATCHED
        .scope(watched, async {
            let result = operation.await;
            (result, WATCHED.with(|watched| watched.exchange.take()))
        })
        .await
}

/// Gives every client of a target the same pool of connections.
#[derive(Clone, Debug)]
pub struct Connector {
    client: Client,
    timeout: Duration,
}

impl Connector {
    pub fn new(timeout: Duration) -> Result<Self, TargetError> {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            // Another crate may have switched these on: what is counted must be what came.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(timeout)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| TargetError::Client(error.without_url().to_string()))?;
        Ok(Self { client, timeout })
    }

    async fn exchange(
        &self,
        request: Request,
        most: usize,
        exchange: &mut Exchange,
    ) -> Result<http::Response<Bytes>, reqwest::Error> {
        let head = request.method() == Method::HEAD;
        exchange.sent = Instant::now();
        let mut response = self.client.execute(request).await?;
        exchange.answered = Some(Instant::now());
        let status = response.status();
        exchange.status = Some(status.as_u16());
        let body = if head { Bytes::new() } else { read(&mut response, most, exchange).await? };
        if !status.is_success() {
            let header = response.headers().get("x-ms-error-code");
            let named = header.and_then(|value| value.to_str().ok()).and_then(code);
            exchange.code = named.or_else(|| code_in(&body));
        } else if is_batch(&response) {
            look_into_batch(&body, exchange);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = status;
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Reads the body, noting when it came. Of an error only its beginning is wanted.
async fn read(
    response: &mut Response,
    most: usize,
    exchange: &mut Exchange,
) -> Result<Bytes, reqwest::Error> {
    let bound = most.max(ERROR_BYTES_MAX);
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        let now = Instant::now();
        exchange.first.get_or_insert(now);
        exchange.last = Some(now);
        body.extend_from_slice(&chunk);
        if body.len() > bound {
            if response.status().is_success() {
                exchange.transport = Some(Transport::TooLong);
            }
            break;
        }
    }
    Ok(body.freeze())
}

/// Azure deletes in batches, whose answer holds the answers.
fn is_batch(response: &Response) -> bool {
    let kind = response.headers().get(http::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/mixed"))
}

/// Takes status and code from the one answer of a batch.
fn look_into_batch(body: &[u8], exchange: &mut Exchange) {
    let text = String::from_utf8_lossy(body);
    let status = text.lines().find_map(|line| {
        line.strip_prefix("HTTP/1.1 ")?.split_ascii_whitespace().next()?.parse().ok()
    });
    let named = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-ms-error-code").then(|| code(value)).flatten()
    });
    exchange.status = status.or(exchange.status);
    exchange.code = named;
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string().parse().map_err(|_| failed(None))?;
        let body = body.collect().await?.to_bytes();
        let mut outgoing = Request::new(parts.method, url);
        *outgoing.headers_mut() = parts.headers;
        if !body.is_empty() || outgoing.method() == Method::PUT {
            *outgoing.body_mut() = Some(Body::from(body));
        }

        let most = WATCHED.try_with(|watched| watched.most).unwrap_or(0);
        let mut exchange = Exchange::begin();
        let exchanged = self.exchange(outgoing, most, &mut exchange);
        let answer = match tokio::time::timeout(self.timeout, exchanged).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                exchange.transport = Some(transport(&error));
                None
            }
            Err(_) => {
                exchange.transport = Some(Transport::TimedOut);
                None
            }
        };
        let broken = exchange.transport;
        // Nobody watches who is not measured.
        let _ = WATCHED.try_with(|watched| watched.exchange.set(Some(exchange)));
        match (answer, broken) {
            (Some(answer), None) => Ok(answer.map(Into::into)),
            (_, broken) => Err(failed(broken)),
        }
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// How it broke, by the HTTP client.
fn transport(error: &reqwest::Error) -> Transport {
    if error.is_timeout() {
        return Transport::TimedOut;
    }
    if error.is_connect() {
        return Transport::Unreachable;
    }
    Transport::Interrupted
}

/// An error that is never retried and holds nothing but what broke.
fn failed(transport: Option<Transport>) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, Broken(transport))
}

#[derive(Debug, thiserror::Error)]
#[error("no exchange, or a broken one: {0:?}")]
struct Broken(Option<Transport>);
