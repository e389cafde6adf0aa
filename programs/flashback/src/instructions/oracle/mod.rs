//! Oracles: registering, joining and leaving the registry, reporting, redrawing seats.

pub mod arm_redraw;
pub mod close_oracle;
pub mod join_registry;
pub mod leave_registry;
pub mod redraw_seats;
pub mod register_oracle;
pub mod submit_many;
pub mod submit_report;
pub mod update_oracle;

pub use arm_redraw::*;
pub use close_oracle::*;
pub use join_registry::*;
pub use leave_registry::*;
pub use redraw_seats::*;
pub use register_oracle::*;
pub use submit_many::*;
pub use submit_report::*;
pub use update_oracle::*;
