//! The commands, a module each.

pub mod dispute;
pub mod localnet;
pub mod provider;
pub mod shell;
pub mod sla;
pub mod unit;
#[cfg(test)]
pub mod wrong_input;
