//! Serving documents.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use flashback_core::units::Timestamp;
use serde::{Deserialize, Serialize};
use solana_sdk::pubkey::Pubkey;
use tokio::sync::Semaphore;

use super::digest::content_digest;
use super::document::{Document, FORMAT};
use super::encoding::base58;
use crate::clock::Clock;
use crate::key::{SlaLife, WindowKey};
use crate::store::{Result, Store, StoreError};
use crate::window::Closed;

/// Documents that are kept ready.
const READY_MAX: usize = 32;
/// Documents that are made at the same time; who asks for one more is told to come back.
const MAKING_MAX: usize = 2;
/// Windows on one page of the index.
const PAGE: u32 = 1_000;
/// A document never changes.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// What a store publishes. Cloning is cheap.
#[derive(Clone)]
pub struct Publisher(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Those asked for last, the newest at the back.
    ready: Mutex<VecDeque<(WindowKey, Body)>>,
    making: Semaphore,
}

#[derive(Clone)]
struct Body {
    bytes: Bytes,
    digest: String,
}

impl Body {
    fn of(bytes: Vec<u8>) -> Self {
        Self { digest: content_digest(&bytes), bytes: bytes.into() }
    }
}

/// The windows that are published, by SLA and number: one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// [`FORMAT`], which the documents have.
    pub format: String,
    /// The SLAs.
    pub slas: Vec<IndexEntry>,
    /// What `after` must be for the next page; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One SLA of an [`Index`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// Its address.
    #[serde(with = "base58")]
    pub sla: Pubkey,
    /// When its window 0 begins, in unix seconds.
    pub sla_start: i64,
    /// The windows.
    pub windows: Vec<u16>,
}

#[derive(Deserialize)]
struct Page {
    after: Option<String>,
}

impl Publisher {
    /// Publishes what that store has, by that clock.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            ready: Mutex::default(),
            making: Semaphore::new(MAKING_MAX),
        }))
    }

    /// A window's document; `None` if it is not published: unknown, too early, or rolled up.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn document(&self, key: &WindowKey) -> Result<Option<Document>> {
        let store = &self.0.store;
        let Some(window) = store.window(key).await? else { return Ok(None) };
        let early = self.0.clock.now() < window.opening.report_closes;
        let Some(submission) = window.submission.filter(|_| !early && !window.rolled_up) else {
            return Ok(None);
        };
        let closed = Closed::of(&window.series()?, &store.records(key).await?)?;
        if closed.submission() != submission {
            return Err(StoreError::Damaged("records are not those that were reported"));
        }
        let canaries = store.canaries(&key.life).await?;
        let counting = canaries.iter().filter(|(_, first)| *first <= key.window).count();
        let notes = vec![format!(
            "A canary counts once this oracle has read it right: {counting} had been by the end of this window."
        )];
        Ok(Some(Document::of(&closed.tree, closed.leaves, key, &window.opening, notes)))
    }

    async fn body(&self, key: &WindowKey) -> std::result::Result<Body, Response> {
        if let Some(body) = self.kept(key) {
            return Ok(body);
        }
        let Ok(_permit) = self.0.making.try_acquire() else {
            let later = [(header::RETRY_AFTER, "1")];
            return Err((StatusCode::SERVICE_UNAVAILABLE, later, "busy\n").into_response());
        };
        let missing = || (StatusCode::NOT_FOUND, "no such window is published here\n");
        let document = self.document(key).await.map_err(failed)?;
        let document = document.ok_or_else(|| missing().into_response())?;
        let body = Body::of(document.to_bytes().map_err(failed)?);
        let mut ready = self.0.ready.lock().unwrap_or_else(PoisonError::into_inner);
        while ready.len() >= READY_MAX {
            ready.pop_front();
        }
        ready.push_back((*key, body.clone()));
        Ok(body)
    }

    fn kept(&self, key: &WindowKey) -> Option<Body> {
        let mut ready = self.0.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let place = ready.iter().position(|(kept, _)| kept == key)?;
        let found = ready.remove(place)?;
        ready.push_back(found.clone());
        Some(found.1)
    }

    async fn index(&self, after: Option<&WindowKey>) -> Result<Index> {
        let keys = self.0.store.published(self.0.clock.now(), after, PAGE).await?;
        let full = u32::try_from(keys.len()).is_ok_and(|length| length >= PAGE);
        let next = keys.last().filter(|_| full).map(cursor);
        let mut slas: Vec<IndexEntry> = Vec::new();
        for WindowKey { life, window } in keys {
            match slas.last_mut() {
                Some(entry) if entry.sla == life.sla && entry.sla_start == life.start.0 => {
                    entry.windows.push(window);
                }
                _ => slas.push(IndexEntry {
                    sla: life.sla,
                    sla_start: life.start.0,
                    windows: vec![window],
                }),
            }
        }
        Ok(Index { format: FORMAT.to_owned(), slas, next })
    }
}

/// The routes of a publication, for a listener of the caller's:
///
/// | route | what |
/// | --- | --- |
/// | `GET /v1/records` | [`Index`] of what is published; `?after=` for the next page |
/// | `GET /v1/records/{sla}/{start}/{window}` | the [`Document`] of a window |
///
/// Each answer has a `Content-Digest` and an `ETag`. A document is made once, of one window's records, and kept for the
/// next who ask; only two are made at a time, and whoever asks for another gets 503 and is to try again.
pub fn router(publisher: Publisher) -> Router {
    Router::new()
        .route("/v1/records", get(index))
        .route("/v1/records/{sla}/{start}/{window}", get(document))
        .with_state(publisher)
}

async fn index(
    State(publisher): State<Publisher>,
    Query(page): Query<Page>,
    headers: HeaderMap,
) -> Response {
    let after = match page.after.as_deref().map(parse_cursor) {
        Some(None) => {
            let usage = "after is SLA/START/WINDOW, as `next` of the page before tells\n";
            return (StatusCode::BAD_REQUEST, usage).into_response();
        }
        after => after.flatten(),
    };
    let index = match publisher.index(after.as_ref()).await {
        Ok(index) => index,
        Err(error) => return failed(error),
    };
    match serde_json::to_vec(&index) {
        Ok(bytes) => answer(&headers, &Body::of(bytes), REVALIDATED),
        Err(error) => failed(error),
    }
}

async fn document(
    State(publisher): State<Publisher>,
    Path((sla, start, window)): Path<(String, i64, u16)>,
    headers: HeaderMap,
) -> Response {
    let Ok(sla) = sla.parse() else {
        return (StatusCode::BAD_REQUEST, "the SLA is no address\n").into_response();
    };
    let key = SlaLife { sla, start: Timestamp(start) }.window(window);
    match publisher.body(&key).await {
        Ok(body) => answer(&headers, &body, FOR_GOOD),
        Err(response) => response,
    }
}

fn answer(asked: &HeaderMap, body: &Body, caching: HeaderValue) -> Response {
    let etag = format!("\"{}\"", body.digest);
    let known = asked.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let listed = value.to_str().unwrap_or_default();
        listed
            .split(',')
            .map(str::trim)
            .any(|entry| entry == "*" || entry.strip_prefix("W/").unwrap_or(entry) == etag)
    });
    let caching =
        [(header::ETAG, HeaderValue::try_from(etag)), (header::CACHE_CONTROL, Ok(caching))];
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => body.bytes.clone().into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in caching {
        if let Ok(value) = value {
            headers.insert(name, value);
        }
    }
    if !known {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(digest) = HeaderValue::try_from(&body.digest) {
            headers.insert("content-digest", digest);
        }
    }
    response
}

/// What is wrong here is told to the operator, not to whoever asked.
fn failed(error: impl std::fmt::Display) -> Response {
    tracing::error!(%error, "a publication failed");
    (StatusCode::INTERNAL_SERVER_ERROR, "the store failed\n").into_response()
}

fn cursor(key: &WindowKey) -> String {
    format!("{}/{}/{}", key.life.sla, key.life.start.0, key.window)
}

fn parse_cursor(text: &str) -> Option<WindowKey> {
    let mut parts = text.splitn(3, '/');
    let sla = parts.next()?.parse().ok()?;
    let start = Timestamp(parts.next()?.parse().ok()?);
    Some(SlaLife { sla, start }.window(parts.next()?.parse().ok()?))
}
