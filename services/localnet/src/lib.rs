//! A local market: an embedded Solana chain (surfpool) with Flashback deployed, FLASH, and actors.
//!
//! | module | what |
//! | --- | --- |
//! | [`Localnet`] | the embedded chain, with real RPC and a clock that can be moved |
//! | [`elf`] | where the program's ELF is found |
//! | [`Deployment`] | FLASH and an initialized protocol, on any chain where the program is deployed |
//! | [`Market`] | certified, staked actors and a data unit to reserve |
//!
//! Only [`Localnet`] uses cheatcodes. The others send ordinary transactions through the SDK, so they also set
//! up a market on a validator.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod chain;
mod deployment;
pub mod elf;
mod market;

pub use chain::{Localnet, LocalnetConfig, travel};
pub use deployment::{Actor, Deployment, DeploymentConfig};
pub use market::{Market, MarketConfig, default_offer};
