//! Oracles: registering, joining the registry, reporting.

pub mod join_registry;
pub mod register_oracle;
pub mod submit_report;

pub use join_registry::*;
pub use register_oracle::*;
pub use submit_report::*;
