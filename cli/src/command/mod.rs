//! The commands, a module each.

pub mod admin;
pub mod localnet;
pub mod provider;
pub mod shell;
pub mod sla;
pub mod unit;
