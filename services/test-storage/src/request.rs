//! What a request asks for, as far as faults and log are concerned.

use http::request::Parts;
use http::{Method, header};

/// A kind of operation on objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// An object is written in one request.
    Put,
    /// An object is read whole.
    Get,
    /// A part of an object is read.
    RangeGet,
    /// An object's metadata are read.
    Head,
    /// An object is deleted.
    Delete,
    /// Objects of a bucket are listed.
    List,
    /// Anything else: buckets, uploads in parts, copies, many deletions in one request, what is no S3 request.
    Other,
}

impl Operation {
    /// Whether it reads one object: what [`serve_only`](crate::Faults::serve_only) decides about.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::RangeGet | Self::Head)
    }
}

/// A request, before anything is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number in the server's life, from 0, in the order in which requests arrived.
    pub serial: u64,
    /// What it asks for.
    pub operation: Operation,
    /// The bucket; empty if none is named.
    pub bucket: String,
    /// The object's key, decoded; empty if none is named.
    pub key: String,
    /// The header `Range` as it was sent, for example `bytes=0-4095`.
    pub range: Option<String>,
}

impl Request {
    /// Reads the head of a path-style request.
    pub(crate) fn read(serial: u64, head: &Parts) -> Self {
        let path = head.uri.path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let range = head
            .headers
            .get(header::RANGE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let operation = operation(head, bucket, key, range.is_some());
        Self { serial, operation, bucket: decoded(bucket), key: decoded(key), range }
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn operation(head: &Parts, bucket: &str, key: &str, ranged: bool) -> Operation {
    let query = head.uri.query().unwrap_or("");
    let names = || {
        query
            .split('&')
            .map(|pair| pair.split('=').next().unwrap_or(""))
            .filter(|name| !name.is_empty())
    };
    if bucket.is_empty() {
        return Operation::Other;
    }
    if key.is_empty() {
        const LISTING: [&str; 8] = [
            "list-type",
            "prefix",
            "delimiter",
            "max-keys",
            "marker",
            "start-after",
            "continuation-token",
            "encoding-type",
        ];
        let lists = head.method == Method::GET
            && names().all(|name| LISTING.contains(&name) || concerns_object(name));
        return if lists { Operation::List } else { Operation::Other };
    }
    if !names().all(concerns_object) || head.headers.contains_key("x-amz-copy-source") {
        return Operation::Other;
    }
    match head.method {
        Method::PUT => Operation::Put,
        Method::GET if ranged => Operation::RangeGet,
        Method::GET => Operation::Get,
        Method::HEAD => Operation::Head,
        Method::DELETE => Operation::Delete,
        _ => Operation::Other,
    }
}

/// Whether a parameter leaves the request one on the object itself, not on something about it.
fn concerns_object(name: &str) -> bool {
    name.starts_with("X-Amz-") || name.starts_with("response-") || name == "x-id"
}
