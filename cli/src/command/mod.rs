//! The commands, a module each.

pub mod admin;
pub mod certifier;
pub mod config;
pub mod dispute;
pub mod events;
pub mod localnet;
pub mod nonce;
pub mod oracle;
pub mod provider;
pub mod shell;
mod since;
pub mod sla;
mod stake;
pub mod term;
pub mod transaction;
pub mod treasury;
pub mod unit;
pub mod wallet;
#[cfg(test)]
pub mod wrong_input;
