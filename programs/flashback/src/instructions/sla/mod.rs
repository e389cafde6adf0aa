//! The life of an SLA: reserving, seating, settling, ending.

pub mod close_sla;
pub mod expire_sla;
pub mod propose_sla;
pub mod release_sla;
pub mod seat_committee;
pub mod settle;

pub use close_sla::*;
pub use expire_sla::*;
pub use propose_sla::*;
pub use release_sla::*;
pub use seat_committee::*;
pub use settle::*;
