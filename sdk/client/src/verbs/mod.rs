//! What a client's key can do, one transaction each: the client's key is the acting party. Reserving, settling what is
//! due and withdrawing everything are composed of several.
//!
//! Every verb's errors are those of [`Flashback::send`] and, where it reads accounts first, of
//! [`Flashback::fetch`].

mod contest;
mod money;
mod redraw;
mod renewal;
mod report;
mod reserve;
mod settle_due;
mod setup;
mod sla;
#[cfg(test)]
mod stored;
mod withdraw_all;

pub use reserve::Reserved;

#[allow(unused_imports, reason = "for the links above")]
use crate::client::Flashback;
