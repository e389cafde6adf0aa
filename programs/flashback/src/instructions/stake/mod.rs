//! Stake of providers and oracles.

pub mod add_stake;
pub mod unstake;
pub mod withdraw_stake;

pub use add_stake::*;
pub use unstake::*;
pub use withdraw_stake::*;
