//! Providers and their data units.

pub mod create_unit;
pub mod register_provider;

pub use create_unit::*;
pub use register_provider::*;
