//! The commands, a module each.

pub mod localnet;
pub mod provider;
pub mod sla;
pub mod unit;
