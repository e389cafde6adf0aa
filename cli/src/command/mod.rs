//! The commands, a module each.

pub mod config;
pub mod events;
pub mod localnet;
pub mod nonce;
pub mod provider;
pub mod shell;
pub mod sla;
pub mod transaction;
pub mod unit;
