//! The commands, a module each.

pub mod admin;
pub mod certifier;
pub mod localnet;
pub mod oracle;
pub mod provider;
pub mod shell;
pub mod sla;
pub mod treasury;
pub mod unit;
