//! The protocol rules of Flashback as pure functions.
//!
//! Every rule lives here once. The on-chain program stores what these functions return, and the SDK, the
//! command line and the tests call the same functions, so that a quote is the outcome to the atom.
//! Nothing here reads a clock, an account or the network: time and state are arguments, and every
//! function that can fail returns a [`CoreError`].
//!
//! | module | rules of |
//! | --- | --- |
//! | [`units`] | newtypes of every unit and their named roundings |
//! | [`params`] | the parameter table: defaults, hard bounds, reasons |
//! | [`money`] | prices, dues, fees, refunds, penalties |
//! | [`quality`] | thresholds, aggregates, the one shortfall of a submission |
//! | [`committee`] | majorities, covers, the draw |
//! | [`sla`] | the SLA's parts, its state machine and settlement |
//! | [`records`] | an oracle's records, the Merkle-sum tree over them, fraud proofs |
//! | [`stake`] | bonded, covered and unbonding stake |
//! | [`reputation`] | points, scores and their decay |
//! | [`listing`] | how offers compare, and in what order they are listed |
//! | [`seeds`] | the seeds of every program-derived address |
//! | [`hash`] | the hash function as the caller provides it |
//! | [`mod@unit`] | capacity, maintenance, boost, closing of units and providers |
//! | [`admission`] | certificates, and what an SLA needs to be agreed |
//! | [`authority`] | the guardian's pause, lapsed appointments |
//! | [`invariants`] | what accounts must say about each other, for tests and auditors |
//! | [`text`] | fixed-size and bounded texts of accounts |
//! | [`math`] | integer arithmetic with named rounding |
//! | [`error`] | the one list of errors |
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::integer_division,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::float_arithmetic
    )
)]
#![warn(missing_docs)]

#[macro_use]
mod layout;

pub mod admission;
pub mod authority;
pub mod committee;
pub mod error;
pub mod hash;
pub mod invariants;
pub mod listing;
pub mod math;
pub mod money;
pub mod params;
pub mod quality;
pub mod records;
pub mod reputation;
pub mod seeds;
pub mod sla;
pub mod stake;
pub mod text;
pub mod unit;
pub mod units;

pub use error::{CoreError, Result};

#[cfg(test)]
mod tests;
