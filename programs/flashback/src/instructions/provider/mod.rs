//! Providers and their data units.

pub mod announce_maintenance;
pub mod boost_unit;
pub mod close_provider;
pub mod close_unit;
pub mod create_unit;
pub mod refresh_unit;
pub mod register_provider;
pub mod remove_unit;
pub mod update_provider;
pub mod update_unit;

pub use announce_maintenance::*;
pub use boost_unit::*;
pub use close_provider::*;
pub use close_unit::*;
pub use create_unit::*;
pub use refresh_unit::*;
pub use register_provider::*;
pub use remove_unit::*;
pub use update_provider::*;
pub use update_unit::*;
