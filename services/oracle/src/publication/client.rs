//! Fetching what others publish.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};

use super::document::DOCUMENT_BYTES_MAX;
use super::{digest, path_of};
use crate::key::WindowKey;

/// What fetching may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a document.
    pub bytes: usize,
    /// The most time, from connecting to the last byte.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: DOCUMENT_BYTES_MAX, timeout: Duration::from_secs(30) }
    }
}

/// Why nothing was fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The oracle publishes nowhere, or its URL is none.
    #[error("{0:?} is no http or https URL")]
    UrlInvalid(String),
    /// The server cannot be reached, took too long, or broke off.
    #[error("the server did not answer: {0}")]
    Unanswered(String),
    /// The server says something else than 200.
    #[error("the server answered {0}")]
    Refused(u16),
    /// The answer is larger than a document.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// The answer is not what its own digest tells.
    #[error("the answer is not what its Content-Digest tells")]
    DigestWrong,
    /// There is no client: the system's TLS cannot be set up.
    #[error("no HTTP client: {0}")]
    Client(String),
}

impl FetchError {
    /// Whether the cause may lie on this side, or pass: it says nothing about the oracle before it was seen again.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::Client(_) | Self::Refused(429 | 500..))
    }
}

/// Fetches the document of a window from under an oracle's records URL, as bytes.
///
/// No redirect is followed: an oracle serves its records itself, and sends nobody elsewhere. No proxy is used.
///
/// # Errors
/// [`FetchError`].
pub async fn fetch(
    records_url: &str,
    key: &WindowKey,
    limits: &Limits,
) -> Result<Vec<u8>, FetchError> {
    let invalid = || FetchError::UrlInvalid(records_url.to_owned());
    let url = Url::parse(&format!("{}{}", records_url.trim_end_matches('/'), path_of(key)))
        .map_err(|_| invalid())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid());
    }
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(limits.timeout)
        .no_proxy()
        .build()
        .map_err(|error| FetchError::Client(error.to_string()))?;
    let unanswered =
        |error: reqwest::Error| FetchError::Unanswered(error.without_url().to_string());
    let mut response = client.get(url).send().await.map_err(unanswered)?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Refused(response.status().as_u16()));
    }
    let told = response.headers().get("content-digest").cloned();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
        if body.len().saturating_add(chunk.len()) > limits.bytes {
            return Err(FetchError::TooLarge(limits.bytes));
        }
        body.extend_from_slice(&chunk);
    }
    let told = told.as_ref().map(|value| value.to_str().unwrap_or_default());
    match told {
        Some(header) if !digest::agrees(header, &body) => Err(FetchError::DigestWrong),
        _ => Ok(body),
    }
}
