//! Stake of providers and oracles.

pub mod add_stake;

pub use add_stake::*;
