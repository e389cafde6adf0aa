//! Records, for anyone to check: a document for each window, served over HTTP.
//!
//! The format is described in `docs/records.md`.

mod check;
pub mod client;
mod digest;
mod document;
mod encoding;
mod server;

pub use check::{Judgement, Proven, Withheld};
pub use digest::content_digest;
pub use document::{DOCUMENT_BYTES_MAX, Document, DocumentError, FORMAT, Figures, PublishedNode};
pub use server::{Index, IndexEntry, Publisher, router};

use crate::key::WindowKey;

/// Where a window's document lies under an oracle's records URL.
pub fn path_of(key: &WindowKey) -> String {
    format!("/v1/records/{}/{}/{}", key.life.sla, key.life.start.0, key.window)
}
