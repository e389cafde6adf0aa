//! What a client's key can do, one transaction each: the client's key is the acting party.
//!
//! Every verb's errors are those of [`Flashback::send`] and, where it reads accounts first, of
//! [`Flashback::fetch`].

mod contest;
mod money;
mod renewal;
mod setup;
mod sla;

#[allow(unused_imports, reason = "for the links above")]
use crate::client::Flashback;
